"""Tables of co-operatives, their plots and products: projections; the newest row of each counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Connection, Float, String, Table, Uuid, insert

from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import ExactDecimal, UtcDateTime

COOP_KIND = "brand.coop.registered"
PLOT_KIND = "brand.coop.plot"
PRODUCT_KIND = "brand.coop.product"
BUYER_KIND = "brand.coop.buyer"

COOP = Table(
    "brand_coop",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("coop_id", Uuid, nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("uscc", String(18), nullable=False, index=True),
    Column("region", String(12), nullable=False, index=True),
    Column("contact", String(40), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("prefix", String(12), nullable=False),
    Column("keeper", String, nullable=False, index=True),
    Column("sample", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

PLOT = Table(
    "brand_coop_plot",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("plot_id", Uuid, nullable=False, index=True),
    Column("coop_id", Uuid, nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("region", String(12), nullable=False),
    Column("area_mu", ExactDecimal),
    Column("lon", Float),
    Column("lat", Float),
    Column("outline", JSON, nullable=False),
    Column("sample", Boolean, nullable=False),
)

PRODUCT = Table(
    "brand_coop_product",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("product_id", Uuid, nullable=False, index=True),
    Column("coop_id", Uuid, nullable=False, index=True),
    Column("gtin", String(14), nullable=False, index=True),
    Column("internal", Boolean, nullable=False),
    Column("name", String(80), nullable=False),
    Column("category", String(8), nullable=False),
    # Of one packed piece; none: it is traded by mass, as it was harvested.
    Column("net_kg", ExactDecimal),
    Column("sample", Boolean, nullable=False),
)

# To whom a lot was sold, for a recall: never public, and erasable.
BUYER = Table(
    "brand_coop_buyer",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("coop_id", Uuid, nullable=False),
    Column("event_id", String, nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("name", String(80), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("sample", Boolean, nullable=False),
)

TABLES = (COOP, PLOT, PRODUCT, BUYER)

Told = Mapping[str, Any]
Row = dict[str, Any]


def _kept(told: Told, *names: str) -> Row:
    return {name: told[name] for name in names}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _coop(entry: Entry, told: Told) -> Row:
    names = ("name", "kind", "uscc", "contact", "phone", "prefix", "keeper")
    return {
        "coop_id": UUID(told["id"]),
        "region": entry.header["region"],
        "at": from_text(entry.header["recorded_at"]),
        **_kept(told, *names),
    }


def _plot(entry: Entry, told: Told) -> Row:
    return {
        "plot_id": UUID(told["id"]),
        "coop_id": UUID(told["coop"]),
        "region": entry.header["region"],
        "area_mu": _decimal(told["area_mu"]),
        **{name: None if told[name] is None else float(told[name]) for name in ("lon", "lat")},
        "outline": [[float(lon), float(lat)] for lon, lat in told["outline"]],
        **_kept(told, "name"),
    }


def _product(_entry: Entry, told: Told) -> Row:
    return {
        "product_id": UUID(told["id"]),
        "coop_id": UUID(told["coop"]),
        "net_kg": _decimal(told["net_kg"]),
        **_kept(told, "gtin", "internal", "name", "category"),
    }


def _buyer(_entry: Entry, told: Told) -> Row:
    return {
        "coop_id": UUID(told["coop"]),
        "event_id": told["event"],
        **_kept(told, "kind", "name", "phone", "uscc"),
    }


def projection(kind: str, table: Table, row_of: Callable[[Entry, Told], Row]) -> Projection:
    """Return the projection that makes one row of each record."""

    def rows(entries: Sequence[Entry]) -> Iterator[Row]:
        for entry in entries:
            if entry.payload is not None:
                own = {"record_id": entry.record_id, "sample": bool(entry.payload.get("sample"))}
                yield row_of(entry, entry.payload) | own

    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        found = list(rows(entries))
        if found:
            connection.execute(insert(table), found)

    return Projection(kind, (table,), apply)


PROJECTIONS = (
    projection(COOP_KIND, COOP, _coop),
    projection(PLOT_KIND, PLOT, _plot),
    projection(PRODUCT_KIND, PRODUCT, _product),
    projection(BUYER_KIND, BUYER, _buyer),
)
