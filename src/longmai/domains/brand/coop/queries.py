"""Reads of co-operatives: who they are, their plots and products, their lots and records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Table, func, or_, select

from longmai.domains.brand.coop.model.stock import Line, Lot, stock_of
from longmai.domains.brand.coop.tables import COOP, PLOT, PRODUCT
from longmai.domains.brand.tables import EVENT, ITEM, NAME
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

_MINUS_STEPS = ("shipping", "retail_selling")


@dataclass(frozen=True)
class Coop:
    """A co-operative, a farm or a firm.

    Attributes:
        coop_id: stable ID.
        keeper: account that keeps it, as records name it.
    """

    coop_id: UUID
    name: str
    kind: str
    uscc: str
    region: str
    contact: str
    phone: str
    prefix: str
    keeper: str
    sample: bool
    at: datetime

    @property
    def site(self) -> str:
        """URI of where it packs and sells."""
        return f"urn:uuid:{self.coop_id}"


@dataclass(frozen=True)
class Plot:
    """A plot, with its outline where it was walked round."""

    plot_id: UUID
    coop_id: UUID
    name: str
    region: str
    area_mu: Decimal | None
    lon: float | None
    lat: float | None
    outline: Sequence[tuple[float, float]]

    @property
    def uri(self) -> str:
        """Of it as a place."""
        return f"urn:uuid:{self.plot_id}"


@dataclass(frozen=True)
class Product:
    """A product; ``net_kg`` of one packed piece, None where it is traded by mass."""

    product_id: UUID
    coop_id: UUID
    gtin: str
    internal: bool
    name: str
    category: str
    net_kg: Decimal | None


@dataclass(frozen=True)
class Recorded:
    """An event that a co-operative recorded."""

    record_id: UUID
    event_id: str
    step: str
    at: datetime
    lot: str
    kg: Decimal | None
    undone: bool
    recorded_at: datetime


def _newest(table: Table, identity: str) -> ColumnElement[bool]:
    later = table.alias()
    newer = select(later.c.record_id).where(
        later.c[identity] == table.c[identity], later.c.record_id > table.c.record_id
    )
    return ~newer.exists()


def _undone() -> ColumnElement[bool]:
    declared = EVENT.alias()
    query = select(declared.c.record_id).where(
        declared.c.event_id == EVENT.c.event_id, declared.c.declares_error.is_(True)
    )
    return query.exists()


def _coop(row: Row[Any]) -> Coop:
    return Coop(**{name: getattr(row, name) for name in Coop.__dataclass_fields__})


def coop_of(connection: Connection, coop_id: UUID) -> Coop:
    """Return a co-operative.

    Raises:
        NotFound: there is none of this ID.
    """
    query = select(COOP).where(COOP.c.coop_id == coop_id).order_by(COOP.c.record_id.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        raise NotFound("no such co-operative", code="coop.unknown", value=str(coop_id))
    return _coop(row)


def coops_kept(connection: Connection, keeper: str, scope: Scope) -> list[Coop]:
    """Return the co-operatives that an account keeps; the sample's is anybody's there."""
    own = or_(COOP.c.keeper == keeper, COOP.c.sample.is_(True) & scope.rows(COOP.c.region))
    query = select(COOP).where(_newest(COOP, "coop_id"), own)
    return [_coop(row) for row in connection.execute(query.order_by(COOP.c.record_id))]


def coops(
    connection: Connection, scope: Scope, search: str = "", window: Window | None = None
) -> tuple[int, list[Coop]]:
    """Return the number of co-operatives in some regions, and one page of them by name."""
    window = window or Window("name")
    found = [_newest(COOP, "coop_id"), scope.rows(COOP.c.region)]
    if search.strip():
        ways = (
            column.icontains(search.strip(), autoescape=True)
            for column in (COOP.c.name, COOP.c.uscc)
        )
        found.append(or_(*ways))
    total = connection.scalar(select(func.count()).select_from(COOP).where(*found)) or 0
    query = window.of(select(COOP).where(*found), {"name": COOP.c.name}, COOP.c.record_id)
    return total, [_coop(row) for row in connection.execute(query)]


def coop_by_code(connection: Connection, uscc: str) -> Coop | None:
    """Return the co-operative of a credit code, if there is one."""
    query = select(COOP).where(_newest(COOP, "coop_id"), COOP.c.uscc == uscc)
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _coop(row)


def plots_of(connection: Connection, coop_id: UUID) -> list[Plot]:
    """Return the plots of a co-operative, in the order they were registered."""
    query = select(PLOT).where(_newest(PLOT, "plot_id"), PLOT.c.coop_id == coop_id)
    rows = connection.execute(query.order_by(PLOT.c.plot_id))
    return [
        Plot(**{name: getattr(row, name) for name in Plot.__dataclass_fields__}) for row in rows
    ]


def products_of(connection: Connection, coop_id: UUID) -> list[Product]:
    """Return the products of a co-operative, in the order they were registered."""
    query = select(PRODUCT).where(_newest(PRODUCT, "product_id"), PRODUCT.c.coop_id == coop_id)
    rows = connection.execute(query.order_by(PRODUCT.c.product_id))
    names = Product.__dataclass_fields__
    return [Product(**{name: getattr(row, name) for name in names}) for row in rows]


def holder_of_gtin(connection: Connection, gtin: str) -> UUID | None:
    """Return the product that carries a GTIN, if one does."""
    query = select(PRODUCT.c.product_id).where(
        _newest(PRODUCT, "product_id"), PRODUCT.c.gtin == gtin
    )
    return connection.scalar(query.limit(1))


def count_of_internal(connection: Connection) -> int:
    """Return how many internal numbers were given."""
    query = select(func.count(func.distinct(PRODUCT.c.gtin))).where(PRODUCT.c.internal.is_(True))
    return connection.scalar(query) or 0


def places_of(connection: Connection, coop: Coop) -> list[str]:
    """Return the URIs of a co-operative's places: its site and its plots."""
    own = select(PLOT.c.plot_id).distinct().where(PLOT.c.coop_id == coop.coop_id)
    return [coop.site, *(f"urn:uuid:{each}" for each in connection.scalars(own))]


def lines_of(connection: Connection, coop: Coop) -> list[Line]:
    """Return each lot in each event at a co-operative's places, what was undone left out."""
    certified = (
        select(NAME.c.record_id)
        .where(NAME.c.record_id == EVENT.c.record_id, NAME.c.kind == "certificate")
        .exists()
    )
    query = (
        select(
            EVENT.c.event_id,
            EVENT.c.event_time,
            EVENT.c.biz_step,
            EVENT.c.action,
            ITEM.c.role,
            ITEM.c.lot_key,
            ITEM.c.quantity,
            certified.label("certified"),
        )
        .join(ITEM, ITEM.c.record_id == EVENT.c.record_id)
        .where(
            EVENT.c.read_point.in_(places_of(connection, coop)),
            ITEM.c.lot_key.is_not(None),
            ~_undone(),
        )
        .order_by(EVENT.c.record_id, ITEM.c.position)
    )
    return [
        Line(row.event_id, row.lot_key, row.biz_step or "", row.event_time, change, row.certified)
        for row in connection.execute(query)
        if (change := _change(row))
    ]


def _change(row: Row[Any]) -> Decimal:
    quantity = row.quantity or Decimal(0)
    if row.role == "output" or row.action == "ADD":
        return quantity
    if row.role == "input" or row.biz_step in _MINUS_STEPS:
        return -quantity
    return Decimal(0)


def lots_of(connection: Connection, coop: Coop) -> dict[str, Lot]:
    """Return the lots of a co-operative by key, by time."""
    return stock_of(lines_of(connection, coop))


def records_of(
    connection: Connection, coop: Coop, window: Window | None = None
) -> tuple[int, list[Recorded]]:
    """Return the number of events of a co-operative, and one page of them, newest first."""
    window = window or Window("record")
    own = [EVENT.c.read_point.in_(places_of(connection, coop)), EVENT.c.declares_error.is_(False)]
    total = connection.scalar(select(func.count()).select_from(EVENT).where(*own)) or 0
    query = select(EVENT, _undone().label("undone")).where(*own)
    orders = {"record": EVENT.c.record_id}
    rows = connection.execute(window.of(query, orders, EVENT.c.record_id)).all()
    items = select(ITEM).where(ITEM.c.record_id.in_([row.record_id for row in rows]))
    named: dict[UUID, Any] = {}
    for item in connection.execute(items.order_by(ITEM.c.position)):
        # The lot that came out, where one did; else the first that is named.
        if item.record_id not in named or item.role == "output":
            named[item.record_id] = item
    return total, [_recorded(row, named.get(row.record_id)) for row in rows]


def _recorded(row: Row[Any], item: Any) -> Recorded:
    lot = item.lot_key if item else None
    return Recorded(
        row.record_id,
        row.event_id,
        row.biz_step or "",
        row.event_time,
        lot or "",
        item.quantity if item else None,
        bool(row.undone),
        row.recorded_at,
    )
