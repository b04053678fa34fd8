"""Tables of charters and distributions: rows are only added, each by a record."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, insert

from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

CHARTER_KIND = "assets.charter.adopted"
DRAFT_KIND = "assets.dividend.drafted"
DEED_KIND = "assets.dividend.deed"
STATEMENT_KIND = "assets.dividend.statement"

CHARTER = sa.Table(
    "assets_charter",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("region", sa.String(12), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("region", "version"),
)

PLAN = sa.Table(
    "assets_dividend",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("plan_id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("region", sa.String(12), nullable=False, index=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("charter", sa.String(64), nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("available_fen", sa.BigInteger, nullable=False),
    sa.Column("fund_fen", sa.BigInteger, nullable=False),
    sa.Column("kept_fen", sa.BigInteger, nullable=False),
    sa.Column("labour_fen", sa.BigInteger, nullable=False),
    sa.Column("decision", sa.JSON, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.UniqueConstraint("plan_id", "version"),
)

PART = sa.Table(
    "assets_dividend_part",
    metadata,
    sa.Column("record_id", sa.Uuid, sa.ForeignKey("assets_dividend.record_id"), primary_key=True),
    sa.Column("household_id", sa.Uuid, primary_key=True),
    sa.Column("shares", sa.String(64), nullable=False),
    sa.Column("floor_fen", sa.BigInteger, nullable=False),
    sa.Column("dividend_fen", sa.BigInteger, nullable=False),
    sa.Column("labour_fen", sa.BigInteger, nullable=False),
)

# approved, paid: each once; returned: once for each household.
DEED = sa.Table(
    "assets_dividend_deed",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("plan_id", sa.Uuid, nullable=False),
    sa.Column("deed", sa.String(16), nullable=False),
    sa.Column("about", sa.String(36), nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.UniqueConstraint("plan_id", "deed", "about"),
)

STATEMENT = sa.Table(
    "assets_dividend_statement",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("plan_id", sa.Uuid, nullable=False),
    sa.Column("household_id", sa.Uuid, nullable=False, index=True),
    sa.Column("told", sa.JSON, nullable=False),
    sa.UniqueConstraint("plan_id", "household_id"),
)

TABLES = (CHARTER, PLAN, PART, DEED, STATEMENT)


def _told(entries: Sequence[Entry]) -> list[tuple[Entry, Mapping[str, Any]]]:
    return [(entry, entry.payload) for entry in entries if entry.payload is not None]


def _add(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def _charters(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "region": entry.header["region"],
            **{name: told[name] for name in ("version", "digest", "text")},
            "at": from_text(entry.header["occurred_at"]),
        }
        for entry, told in _told(entries)
    ]
    _add(connection, CHARTER, rows)


def _plans(connection: Connection, entries: Sequence[Entry]) -> None:
    plans, parts = [], []
    for entry, told in _told(entries):
        plans.append(
            {
                "record_id": entry.record_id,
                "plan_id": UUID(told["plan"]),
                "region": entry.header["region"],
                "as_of": date.fromisoformat(told["as_of"]),
                **{
                    name: told[name]
                    for name in (
                        "version", "year", "charter", "available_fen", "fund_fen", "kept_fen",
                        "labour_fen", "decision", "sample",
                    )
                },
                "told": {name: told[name] for name in ("lines", "work", "floors")},
            }
        )  # fmt: skip
        parts += [
            {
                "record_id": entry.record_id,
                "household_id": UUID(own),
                "shares": shares,
                "floor_fen": floor,
                "dividend_fen": dividend,
                "labour_fen": labour,
            }
            for own, shares, floor, dividend, labour in told["parts"]
        ]
    _add(connection, PLAN, plans)
    _add(connection, PART, parts)


def _deeds(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "plan_id": UUID(told["plan"]),
            "on_day": date.fromisoformat(told["on"]),
            **{name: told[name] for name in ("deed", "about", "told")},
        }
        for entry, told in _told(entries)
    ]
    _add(connection, DEED, rows)


def _statements(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "plan_id": UUID(told["plan"]),
            "household_id": UUID(told["household"]),
            "told": dict(told),
        }
        for entry, told in _told(entries)
    ]
    _add(connection, STATEMENT, rows)


PROJECTIONS = (
    Projection(CHARTER_KIND, (CHARTER,), _charters),
    Projection(DRAFT_KIND, (PLAN, PART), _plans),
    Projection(DEED_KIND, (DEED,), _deeds),
    Projection(STATEMENT_KIND, (STATEMENT,), _statements),
)
