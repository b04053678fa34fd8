"""Tables of recalls: orders, what each reached when it was given, notices, and their end."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    insert,
)

from longmai.domains.brand.recall.kinds import LIFTED, LISTED, NOTICED, ORDERED
from longmai.kernel.clock import from_text
from longmai.portal.outbox import Shelf
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import ExactDecimal, UtcDateTime

ORDER = Table(
    "brand_recall",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("recall_id", Uuid, nullable=False, unique=True),
    Column("region", String(12), nullable=False),
    Column("level", String(2), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("note", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("things", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("checkpoint", String, nullable=False),
    Column("beyond", JSON, nullable=False),
    Column("sample", Boolean, nullable=False),
)

ROOT = Table(
    "brand_recall_root",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("key", String, primary_key=True, index=True),
    Column("recall_id", Uuid, nullable=False, index=True),
)

THING = Table(
    "brand_recall_thing",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("recall_id", Uuid, nullable=False),
    Column("key", String, nullable=False),
    Column("state", String(8), nullable=False),
    Column("place", String, nullable=False),
    Column("quantity", ExactDecimal),
    Column("uom", String(8), nullable=False),
    Index("ix_brand_recall_thing_recall_id_key", "recall_id", "key"),
)

NOTICE = Table(
    "brand_recall_notice",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("recall_id", Uuid, nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("place", String, nullable=False),
    Column("name", String, nullable=False),
    Column("things", Integer, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("recipient", String, nullable=False),
    Column("title", String, nullable=False),
    Column("body", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# How far each notice got; no record, so not rebuilt.
DELIVERY = Table(
    "brand_recall_delivery",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("arrived_at", UtcDateTime),
    Column("error", String),
)

LIFT = Table(
    "brand_recall_lifted",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    # Two who lift one at once: the second is told so by this.
    Column("recall_id", Uuid, nullable=False, unique=True),
    Column("note", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

TABLES = (ORDER, ROOT, THING, NOTICE, DELIVERY, LIFT)
SHELF = Shelf(NOTICE, DELIVERY)
_Told = Mapping[str, Any]


def _order_rows(entry: Entry, told: _Told) -> list[dict[str, Any]]:
    same = {column.name for column in ORDER.columns} & told.keys()
    row = {name: told[name] for name in sorted(same)}
    return [{**_head(entry, told), **row, "region": entry.header["region"], "at": _at(entry)}]


def _root_rows(entry: Entry, told: _Told) -> list[dict[str, Any]]:
    return [{**_head(entry, told), "key": key} for key in told["roots"]]


def _thing_rows(entry: Entry, told: _Told) -> list[dict[str, Any]]:
    return [
        {
            **_head(entry, told),
            "position": position,
            "key": key,
            "state": state,
            "place": place,
            "quantity": None if quantity is None else Decimal(quantity),
            "uom": uom,
        }
        for position, (key, state, place, quantity, uom) in enumerate(told["listed"])
    ]


def _notice_rows(entry: Entry, told: _Told) -> list[dict[str, Any]]:
    kept = ("place", "name", "things", "channel", "recipient", "title", "body")
    row = {name: told[name] for name in kept}
    return [{**_head(entry, told), **row, "region": entry.header["region"], "at": _at(entry)}]


def _lift_rows(entry: Entry, told: _Told) -> list[dict[str, Any]]:
    row = {name: told[name] for name in ("note", "by_name")}
    return [{**_head(entry, told), **row, "at": _at(entry)}]


def _head(entry: Entry, told: _Told) -> dict[str, Any]:
    return {"record_id": entry.record_id, "recall_id": UUID(told["recall"])}


def _at(entry: Entry) -> Any:
    return from_text(entry.header["occurred_at"])


_Rows = Callable[[Entry, _Told], list[dict[str, Any]]]


def _projection(kind: str, *fill: tuple[Table, _Rows]) -> Projection:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        for table, rows_of in fill:
            rows = [row for e in entries if e.payload is not None for row in rows_of(e, e.payload)]
            if rows:
                connection.execute(insert(table), rows)

    return Projection(kind, tuple(table for table, _ in fill), apply)


PROJECTIONS = (
    _projection(ORDERED, (ORDER, _order_rows), (ROOT, _root_rows)),
    _projection(LISTED, (THING, _thing_rows)),
    _projection(NOTICED, (NOTICE, _notice_rows)),
    _projection(LIFTED, (LIFT, _lift_rows)),
)
