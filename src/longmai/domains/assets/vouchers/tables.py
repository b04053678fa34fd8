"""The journal as a table: lines are only added, each by a record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, insert

from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection

BOOKED_KIND = "assets.vouchers.booked"
DIVIDEND_KIND = "assets.dividend.vouchers"
"""Vouchers of distributions until the journal was made; no longer written."""

VOUCHER = sa.Table(
    "asset_voucher",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("region", sa.String(12), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    # The voucher's number in the village's year; None: booked before numbers were given.
    sa.Column("sequence", sa.Integer),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("about", sa.Uuid, nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("code", sa.String(16), nullable=False),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.UniqueConstraint("region", "year", "sequence", "position"),
    sa.Index("ix_asset_voucher_region_on_day", "region", "on_day"),
)
TABLES = (VOUCHER,)

Told = Mapping[str, Any]


def _rows(entry: Entry, told: Told, source: str, about: str) -> Iterator[dict[str, Any]]:
    day, first = date.fromisoformat(told["on"]), told.get("sequence")
    for position, line in enumerate(told["entries"]):
        yield {
            "record_id": entry.record_id,
            "position": position,
            "region": entry.header["region"],
            "year": day.year,
            "sequence": None if first is None else first + line["number"] - 1,
            "source": source,
            "about": UUID(about),
            "on_day": day,
            "sample": bool(told.get("sample")),
            **line,
        }


def _booked(entry: Entry, told: Told) -> Iterator[dict[str, Any]]:
    yield from _rows(entry, told, told["source"], told["about"])


def _of_dividends(entry: Entry, told: Told) -> Iterator[dict[str, Any]]:
    yield from _rows(entry, told, "dividend", told["plan"])


def _filled(
    rows_of: Callable[[Entry, Told], Iterator[dict[str, Any]]],
) -> Callable[[Connection, Sequence[Entry]], None]:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        rows = [row for each in entries if each.payload for row in rows_of(each, each.payload)]
        if rows:
            connection.execute(insert(VOUCHER), rows)

    return apply


PROJECTIONS = (
    Projection(BOOKED_KIND, (VOUCHER,), _filled(_booked)),
    Projection(DIVIDEND_KIND, (VOUCHER,), _filled(_of_dividends)),
)
