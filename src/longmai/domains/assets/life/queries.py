"""Reads of an asset's life: inspections, inventories with their differences, disposals, value."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from longmai.domains.assets.life.model.depreciation import Plan
from longmai.domains.assets.life.model.inventory import (
    Booked,
    Counted,
    Difference,
    differences,
)
from longmai.domains.assets.life.tables import (
    COUNT,
    DISPOSAL,
    DISPOSAL_ENDED,
    DISPOSAL_RESOLVED,
    INSPECTION,
    INVENTORY,
    INVENTORY_CLOSED,
)
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register.model.asset import Asset
from longmai.domains.assets.register.tables import LIFE
from longmai.kernel.errors import NotFound
from longmai.kernel.region_codes import contains
from longmai.portal.rights.model import Scope
from longmai.rules.policy.evaluation import Case
from longmai.rules.policy.library import Library
from longmai.store.reading import chunks
from longmai.store.table_window import Window

DEPRECIATION_POLICY = "assets.depreciation"
_LIFE_OF = {"operating": "经营性年限", "public": "公益性年限", "household": "到户类年限"}
_RESIDUAL = "残值率"
_MOST_BOOKED = 20_000


@dataclass(frozen=True)
class Inspected:
    """An inspection."""

    record_id: UUID
    condition: str
    found: str
    photos: tuple[str, ...]
    lon: float | None
    lat: float | None
    on_day: date


def inspections_of(connection: Connection, asset_id: UUID) -> list[Inspected]:
    """Return the inspections of an asset, newest first."""
    query = select(INSPECTION).where(INSPECTION.c.asset_id == asset_id)
    rows = connection.execute(query.order_by(INSPECTION.c.record_id.desc()))
    return [
        Inspected(
            row.record_id, row.condition, row.found, tuple(row.photos), row.lon, row.lat, row.on_day
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Inventory:
    """An inventory; ``closed_on`` is None while it goes on."""

    id: UUID
    region: str
    title: str
    opened_on: date
    until: date
    sample: bool
    closed_on: date | None


def _inventory(row: Row[Any]) -> Inventory:
    return Inventory(
        row.record_id, row.region, row.title, row.opened_on, row.until, row.sample, row.on_day
    )


def _inventories() -> Any:
    return select(INVENTORY, INVENTORY_CLOSED.c.on_day).outerjoin(
        INVENTORY_CLOSED, INVENTORY_CLOSED.c.inventory_id == INVENTORY.c.record_id
    )


def inventory_of(connection: Connection, inventory_id: UUID) -> Inventory:
    """Return an inventory.

    Raises:
        NotFound: there is none of this ID.
    """
    query = _inventories().where(INVENTORY.c.record_id == inventory_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such inventory", code="inventory", value=str(inventory_id))
    return _inventory(row)


def inventories(
    connection: Connection, scope: Scope, window: Window
) -> tuple[int, list[Inventory]]:
    """Return how many inventories there are within a scope, and a window of them, newest first."""
    here = scope.rows(INVENTORY.c.region.expression)
    total = connection.scalar(select(func.count()).select_from(INVENTORY).where(here)) or 0
    query = _inventories().where(here).order_by(INVENTORY.c.record_id.desc())
    rows = connection.execute(query.offset(window.offset).limit(window.size))
    return total, [_inventory(row) for row in rows]


def open_inventories_at(connection: Connection, region: str) -> list[Inventory]:
    """Return the inventories that go on where an asset lies."""
    _, found = inventories(connection, Scope(frozenset({region[:6]})), Window(size=50))
    return [each for each in found if each.closed_on is None and covers(each, region)]


def covers(inventory: Inventory, region: str) -> bool:
    """Tell whether an inventory is of a region."""
    return contains(inventory.region, region)


@dataclass(frozen=True)
class InventoryResult:
    """What came of an inventory so far.

    Attributes:
        book: assets of the ledger there.
        counted: of them that were counted.
    """

    book: int
    counted: int
    differences: tuple[Difference, ...]


def inventory_result(connection: Connection, inventory: Inventory) -> InventoryResult:
    """Return book against count; things disposed of are in no book any more."""
    counted = [_counted(row) for row in _counts(connection, inventory.id)]
    filters = register.Filters(region=inventory.region)
    _, known = register.assets(
        connection, filters, Window("code", size=_MOST_BOOKED, descending=False)
    )
    before = _conditions_before(connection, inventory.id)
    booked = [
        Booked(
            each.asset_id,
            each.asset.code,
            each.asset.name,
            each.asset.cost_fen,
            each.asset.quantity,
            before.get(each.asset_id, each.state.condition),
        )
        for each in known
        if each.state.stage != "disposed"
    ]
    seen = {each.asset_id for each in counted}
    done = sum(each.asset_id in seen for each in booked)
    return InventoryResult(len(booked), done, tuple(differences(booked, counted)))


def last_counts(connection: Connection, asset_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Return what the last inventory that counted each of some assets found."""
    found: dict[UUID, Row[Any]] = {}
    for chunk in chunks(asset_ids):
        query = select(COUNT).where(COUNT.c.asset_id.in_(chunk)).order_by(COUNT.c.record_id)
        found |= {row.asset_id: row for row in connection.execute(query)}
    return found


def _counts(connection: Connection, inventory_id: UUID) -> Sequence[Row[Any]]:
    query = select(COUNT).where(COUNT.c.inventory_id == inventory_id)
    return connection.execute(query.order_by(COUNT.c.record_id)).all()


def _counted(row: Row[Any]) -> Counted:
    return Counted(
        row.record_id, row.asset_id, row.name, row.present, row.quantity, row.condition, row.note
    )


def _conditions_before(connection: Connection, inventory_id: UUID) -> dict[UUID, str]:
    """Return the condition that each counted asset had before its first count."""
    counts = select(COUNT.c.record_id, COUNT.c.asset_id).where(
        COUNT.c.inventory_id == inventory_id, COUNT.c.asset_id.is_not(None)
    )
    first = (
        select(LIFE.c.asset_id, func.min(LIFE.c.version).label("version"))
        .where(LIFE.c.record_id.in_(counts.with_only_columns(COUNT.c.record_id)))
        .group_by(LIFE.c.asset_id)
        .subquery()
    )
    query = select(LIFE.c.asset_id, LIFE.c.condition).join(
        first, (LIFE.c.asset_id == first.c.asset_id) & (LIFE.c.version == first.c.version - 1)
    )
    return {row.asset_id: row.condition for row in connection.execute(query)}


@dataclass(frozen=True)
class Valued:
    """What an asset is worth in the books on a day.

    Attributes:
        plan: how it depreciates; None where life or residual value is not known.
        net_fen: by that plan; None without one.
        stated_fen: what the ledger states.
        basis: of life and residual value.
        missing: names of what is not known, for words.
    """

    plan: Plan | None
    net_fen: int | None
    stated_fen: int | None
    basis: str
    missing: tuple[str, ...] = ()


def valued(policies: Library, asset: Asset, day: date) -> Valued:
    """Return the book value of an asset: by its own resolved life, or by the region's by class."""
    life, residual, basis = asset.life_months, asset.residual_permille, asset.depreciation_basis
    if life is None or residual is None:
        known, title = _by_class(policies, asset, day)
        life = known.get("life") if life is None else life
        residual = known.get("residual") if residual is None else residual
        basis = basis or title
    since = asset.handed_on or asset.built_on
    missing = tuple(
        name
        for name, value in (("life", life), ("residual", residual), ("since", since))
        if value is None
    )
    if life is None or residual is None or since is None:
        return Valued(None, None, asset.net_fen, basis, missing)
    plan = Plan(asset.cost_fen, life, residual, since)
    return Valued(plan, plan.net_fen(day), asset.net_fen, basis)


def _by_class(policies: Library, asset: Asset, day: date) -> tuple[Mapping[str, int], str]:
    try:
        policy = policies.holding(DEPRECIATION_POLICY, Case(day, asset.region))
    except NotFound:
        return {}, ""
    found: dict[str, int] = {}
    for name, parameter in (("life", _LIFE_OF[asset.asset_class]), ("residual", _RESIDUAL)):
        value = policy.parameters[parameter].at(day, asset.region)
        if value is not None and isinstance(value.value, int | Decimal):
            found[name] = int(value.value)
    return found, policy.title


@dataclass(frozen=True)
class Disposal:
    """A disposal on its way.

    Attributes:
        decided_on: by the collective; None before.
        posted_on: since when it hangs on the board, for ``days``.
        ended_on: completed or withdrawn; None before.
    """

    id: UUID
    asset_id: UUID
    way: str
    cause: str
    explained: str
    valuation_fen: int
    net_fen: int | None
    proposed_on: date
    decision_record: UUID | None
    document: str
    decided_on: date | None
    posted_on: date | None
    days: int
    ended_on: date | None
    completed: bool
    buyer: str
    price_fen: int
    proceeds: str


def disposals_of(connection: Connection, asset_id: UUID) -> list[Disposal]:
    """Return the disposals of an asset that were proposed, oldest first."""
    resolved, ended = DISPOSAL_RESOLVED, DISPOSAL_ENDED
    query = (
        select(
            DISPOSAL,
            *(resolved.c[n] for n in ("decision_record", "document", "decided_on", "posted_on")),
            resolved.c.days,
            *(ended.c[n] for n in ("on_day", "completed", "buyer", "price_fen", "proceeds")),
        )
        .outerjoin(resolved, resolved.c.disposal_id == DISPOSAL.c.record_id)
        .outerjoin(ended, ended.c.disposal_id == DISPOSAL.c.record_id)
        .where(DISPOSAL.c.asset_id == asset_id)
        .order_by(DISPOSAL.c.record_id)
    )
    return [_disposal(row) for row in connection.execute(query)]


def _disposal(row: Row[Any]) -> Disposal:
    same = ("asset_id", "way", "cause", "explained", "valuation_fen", "net_fen", "proposed_on",
            "decision_record", "decided_on", "posted_on")  # fmt: skip
    return Disposal(
        id=row.record_id,
        document=row.document or "",
        days=row.days or 0,
        ended_on=row.on_day,
        completed=bool(row.completed),
        buyer=row.buyer or "",
        price_fen=row.price_fen or 0,
        proceeds=row.proceeds or "",
        **{name: getattr(row, name) for name in same},
    )
