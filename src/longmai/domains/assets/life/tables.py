"""Tables of an asset's life: inspections, inventories, disposals; projections that only grow."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from longmai.domains.assets.life import deeds
from longmai.domains.assets.register.tables import Row, Told, asset_of, day_of, projection
from longmai.store.database import metadata
from longmai.store.projection import Entry
from longmai.store.types import ExactDecimal

INSPECTION = Table(
    "asset_inspection",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("form_id", Uuid, nullable=False, unique=True),
    Column("condition", String(8), nullable=False),
    Column("found", String, nullable=False),
    Column("photos", JSON, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("on_day", Date, nullable=False),
    Column("actor", String, nullable=False),
)

INVENTORY = Table(
    "asset_inventory",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("region", String(12), nullable=False, index=True),
    Column("title", String(120), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("sample", Boolean, nullable=False),
)

COUNT = Table(
    "asset_inventory_count",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("inventory_id", Uuid, nullable=False),
    # None: found there, and in no book.
    Column("asset_id", Uuid, index=True),
    Column("form_id", Uuid, nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("present", Boolean, nullable=False),
    Column("quantity", ExactDecimal),
    Column("condition", String(8), nullable=False),
    Column("note", String, nullable=False),
    Column("photos", JSON, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("actor", String, nullable=False),
    Index("ix_asset_inventory_count_inventory_id_asset_id", "inventory_id", "asset_id"),
)

INVENTORY_CLOSED = Table(
    "asset_inventory_closed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("inventory_id", Uuid, nullable=False, unique=True),
    Column("on_day", Date, nullable=False),
    Column("book", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("different", Integer, nullable=False),
)

DISPOSAL = Table(
    "asset_disposal",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("way", String(12), nullable=False),
    Column("cause", String(12), nullable=False),
    Column("explained", String, nullable=False),
    Column("valuation_fen", BigInteger, nullable=False),
    Column("net_fen", BigInteger),
    Column("proposed_on", Date, nullable=False),
)

DISPOSAL_RESOLVED = Table(
    "asset_disposal_resolved",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("disposal_id", Uuid, nullable=False, unique=True),
    Column("decision_record", Uuid),
    Column("document", String, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("posted_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("photo", String(64), nullable=False),
)

DISPOSAL_ENDED = Table(
    "asset_disposal_ended",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("disposal_id", Uuid, nullable=False, unique=True),
    Column("completed", Boolean, nullable=False),
    Column("buyer", String, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("proceeds", String(12), nullable=False),
    Column("document", String, nullable=False),
    Column("on_day", Date, nullable=False),
)

TABLES = (
    INSPECTION, INVENTORY, COUNT, INVENTORY_CLOSED, DISPOSAL, DISPOSAL_RESOLVED, DISPOSAL_ENDED,
)  # fmt: skip


def _inspection(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "asset_id": asset_of(entry),
        "form_id": UUID(told["form"]),
        "condition": told["condition"],
        "found": told["found"],
        "photos": told["photos"],
        **{name: None if told[name] is None else float(told[name]) for name in ("lon", "lat")},
        "on_day": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
    }


def _inventory(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "region": entry.header["region"],
        "title": told["title"],
        "opened_on": date.fromisoformat(told["on_day"]),
        "until": date.fromisoformat(told["until"]),
        "sample": bool(told.get("sample")),
    }


def _count(entry: Entry, told: Told) -> Iterator[Row]:
    quantity = told.get("quantity")
    yield {
        "record_id": entry.record_id,
        "inventory_id": UUID(told["inventory"]),
        "asset_id": asset_of(entry) if told["states"] else None,
        "form_id": UUID(told["form"]),
        **{name: told[name] for name in ("name", "present", "condition", "note", "photos")},
        "quantity": None if quantity is None else Decimal(quantity),
        "on_day": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
    }


def _inventory_closed(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "inventory_id": UUID(told["inventory"]),
        "on_day": date.fromisoformat(told["on_day"]),
        **{name: told[name] for name in ("book", "counted", "different")},
    }


def _proposed(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "asset_id": asset_of(entry),
        **{name: told[name] for name in ("way", "cause", "explained", "valuation_fen", "net_fen")},
        "proposed_on": date.fromisoformat(told["on_day"]),
    }


def _resolved(entry: Entry, told: Told) -> Iterator[Row]:
    decision = told.get("decision_record")
    yield {
        "record_id": entry.record_id,
        "disposal_id": UUID(told["disposal"]),
        "decision_record": None if decision is None else UUID(decision),
        **{name: told[name] for name in ("document", "days", "photo")},
        **{name: day_of(told, name) for name in ("decided_on", "posted_on")},
    }


def _ended(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "disposal_id": UUID(told["disposal"]),
        **{
            name: told[name] for name in ("completed", "buyer", "price_fen", "proceeds", "document")
        },
        "on_day": date.fromisoformat(told["on_day"]),
    }


PROJECTIONS = (
    projection(deeds.INSPECTED, (INSPECTION, _inspection)),
    projection(deeds.INVENTORY_OPENED, (INVENTORY, _inventory)),
    projection(deeds.COUNTED, (COUNT, _count)),
    projection(deeds.INVENTORY_CLOSED, (INVENTORY_CLOSED, _inventory_closed)),
    projection(deeds.PROPOSED, (DISPOSAL, _proposed)),
    projection(deeds.RESOLVED, (DISPOSAL_RESOLVED, _resolved)),
    projection(deeds.COMPLETED, (DISPOSAL_ENDED, _ended)),
    projection(deeds.WITHDRAWN, (DISPOSAL_ENDED, _ended)),
)
