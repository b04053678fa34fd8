"""Reads of the register: lists within a scope, sums and places of them, one asset."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select
from sqlalchemy.sql.selectable import Subquery

from longmai.domains.assets.register.model.asset import Asset, of_payload
from longmai.domains.assets.register.model.workflow import State
from longmai.domains.assets.register.tables import (
    ENTRY,
    LIFE,
)
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import EVERYWHERE, Scope
from longmai.store.reading import chunks
from longmai.store.table_window import Window

_LATER = ENTRY.alias("later")
NOW = ~(
    select(_LATER.c.record_id)
    .where(_LATER.c.asset_id == ENTRY.c.asset_id, _LATER.c.version > ENTRY.c.version)
    .exists()
)
"""The condition on ``ENTRY`` that no later version of the asset is there."""


@dataclass(frozen=True)
class Known:
    """An asset as it stands.

    Attributes:
        asset: its columns.
        state: where it stands; its version is that of the newest record about it.
        entry_id: record of the columns.
        sample: made up.
    """

    asset_id: UUID
    asset: Asset
    state: State
    entry_id: UUID
    sample: bool


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; what is empty does not narrow.

    Attributes:
        text: part of a code or name, or pinyin initials.
        region: code of a division.
        asset_class: one of the classes; ``level``, ``stage``, ``condition`` likewise.
        year: of the project.
        scope: the regions that may be seen.
    """

    text: str = ""
    region: str = ""
    asset_class: str = ""
    level: str = ""
    stage: str = ""
    condition: str = ""
    year: int | None = None
    scope: Scope = EVERYWHERE


_SORTS: Mapping[str, ColumnElement[Any]] = {
    "code": ENTRY.c.code.expression,
    "name": ENTRY.c.name.expression,
    "cost": ENTRY.c.cost_fen.expression,
    "year": ENTRY.c.year.expression,
    "region": ENTRY.c.region.expression,
}
SORTS = tuple(_SORTS)


def _states() -> Subquery:
    # The newest row of each timeline, found by its index alone.
    newest = select(LIFE.c.asset_id, func.max(LIFE.c.version).label("version"))
    grouped = newest.group_by(LIFE.c.asset_id).subquery("newest")
    return (
        select(LIFE.c.asset_id, LIFE.c.stage, LIFE.c.condition)
        .join(
            grouped,
            and_(LIFE.c.asset_id == grouped.c.asset_id, LIFE.c.version == grouped.c.version),
        )
        .subquery("state")
    )


def _narrowed(query: Select[Any], filters: Filters) -> Select[Any]:
    query = query.where(filters.scope.rows(ENTRY.c.region.expression), NOW)
    if filters.region:
        query = query.where(_within(filters.region))
    for name in ("asset_class", "level", "year"):
        if wanted := getattr(filters, name):
            query = query.where(ENTRY.c[name] == wanted)
    if words := filters.text.strip():
        found = [ENTRY.c[each].contains(words, autoescape=True) for each in ("code", "name")]
        if words.isascii():
            found.append(ENTRY.c.initials.contains(words.lower(), autoescape=True))
        query = query.where(or_(*found))
    if filters.stage or filters.condition:
        state = _states()
        query = query.join(state, state.c.asset_id == ENTRY.c.asset_id)
        for name in ("stage", "condition"):
            if wanted := getattr(filters, name):
                query = query.where(state.c[name] == wanted)
    return query


def _within(region: str) -> ColumnElement[bool]:
    # A range of the index, which LIKE would not use.
    start = region.rstrip("0") if len(region) < 12 else significant(region)  # noqa: PLR2004 - digits
    end = str(int(start) + 1)
    return and_(ENTRY.c.region >= start, ENTRY.c.region < end)


def significant(region: str) -> str:
    """Return the digits of a code that say something: of a province 2, of a village all."""
    for length in (2, 4, 6, 9):
        if not int(region[length:]):
            return region[:length]
    return region


def assets(
    connection: Connection, filters: Filters, window: Window | None = None
) -> tuple[int, list[Known]]:
    """Return how many assets match within a scope, and one window of them."""
    total = connection.scalar(_narrowed(select(func.count()).select_from(ENTRY), filters)) or 0
    return total, page(connection, filters, window)


def page(connection: Connection, filters: Filters, window: Window | None = None) -> list[Known]:
    """Return one window of the assets that match within a scope."""
    cut = (window or Window(SORTS[0], descending=False)).of(
        _narrowed(select(ENTRY), filters), _SORTS, ENTRY.c.asset_id
    )
    rows = connection.execute(cut).all()
    states = states_of(connection, [row.asset_id for row in rows])
    return [_known(row, states[row.asset_id]) for row in rows]


def states_of(connection: Connection, asset_ids: Collection[UUID]) -> dict[UUID, State]:
    """Return where assets stand, by ID."""
    found: dict[UUID, State] = {}
    for chunk in chunks(asset_ids):
        query = select(LIFE.c.asset_id, LIFE.c.version, LIFE.c.stage, LIFE.c.condition).where(
            LIFE.c.asset_id.in_(chunk)
        )
        for row in connection.execute(query.order_by(LIFE.c.version)):
            found[row.asset_id] = State(row.version, row.stage, row.condition)
    return found


def known(connection: Connection, asset_ids: Sequence[UUID]) -> list[Known]:
    """Return assets as they stand, in the order asked.

    Raises:
        NotFound: there is no such asset.
    """
    states = states_of(connection, asset_ids)
    rows: dict[UUID, Row[Any]] = {}
    for chunk in chunks(asset_ids):
        query = select(ENTRY).where(ENTRY.c.asset_id.in_(chunk))
        for row in connection.execute(query.order_by(ENTRY.c.version)):
            rows[row.asset_id] = row
    missing = [each for each in asset_ids if each not in rows]
    if missing:
        raise NotFound("no such asset", code="asset", value=str(missing[0]))
    return [_known(rows[each], states[each]) for each in asset_ids]


def asset_of(connection: Connection, asset_id: UUID) -> Known:
    """Return an asset as it stands.

    Raises:
        NotFound: there is none of this ID.
    """
    return known(connection, [asset_id])[0]


def ids_by_code(connection: Connection, county: str, codes: Collection[str]) -> dict[str, UUID]:
    """Return the assets of a county that bear one of these codes now, by code."""
    found: dict[str, UUID] = {}
    for chunk in chunks(codes):
        query = select(ENTRY.c.code, ENTRY.c.asset_id).where(
            ENTRY.c.county == county, ENTRY.c.code.in_(chunk), NOW
        )
        found |= {row.code: row.asset_id for row in connection.execute(query)}
    return found


def asset_by_code(connection: Connection, county: str, code: str) -> Known:
    """Return the asset with a code in a county (six digits).

    Raises:
        NotFound: there is none.
    """
    found = ids_by_code(connection, county, [code])
    if code not in found:
        raise NotFound("no asset has this code", code="asset", value=code)
    return asset_of(connection, found[code])


def _known(row: Row[Any], state: State) -> Known:
    told = {name: getattr(row, name) for name in _COLUMNS}
    lease, funding = row.stated["lease"], row.funding
    shape = of_payload({"lease": lease, "funding": funding, **_BLANK})
    asset = Asset(
        **told,
        **{name: row.stated[name] for name in ("owner", "operator", "beneficiary")},
        lease=shape.lease,
        funding=shape.funding,
        condition=state.condition,
    )
    return Known(row.asset_id, asset, state, row.record_id, row.sample)


_BLANK = {
    "code": "", "name": "", "asset_class": "", "level": "", "region": "", "cost_fen": 0,
}  # fmt: skip
_COLUMNS = (
    "code", "name", "asset_class", "level", "region", "cost_fen", "project", "year", "net_fen",
    "built_on", "handed_on", "place", "lon", "lat", "quantity", "unit", "spec", "caretaker",
    "regulator", "certificate", "households", "counted_on", "life_months", "residual_permille",
    "depreciation_basis", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Sum:
    """How many assets of a kind there are, and what they cost."""

    key: str
    count: int
    cost_fen: int


def sums_by(connection: Connection, filters: Filters, name: str) -> list[Sum]:
    """Return number and cost of assets by class, level, stage, condition, or year."""
    if name in {"stage", "condition"}:
        state = _states()
        joined = select(state.c[name], func.count(), func.sum(ENTRY.c.cost_fen)).join(
            ENTRY, ENTRY.c.asset_id == state.c.asset_id
        )
        query = _narrowed(joined, filters).group_by(state.c[name])
    else:
        column = ENTRY.c[name]
        counted = select(column, func.count(), func.sum(ENTRY.c.cost_fen))
        query = _narrowed(counted, filters).group_by(column)
    return [Sum(str(key), count, int(cost)) for key, count, cost in connection.execute(query)]


def sums_below(connection: Connection, filters: Filters, digits: int) -> list[tuple[str, int]]:
    """Return the number of assets by the first so many digits of their region."""
    part = func.substr(ENTRY.c.region, 1, digits).label("part")
    query = _narrowed(select(part, func.count()), filters).group_by(part).order_by(part)
    return [(key, count) for key, count in connection.execute(query)]


@dataclass(frozen=True)
class Spot:
    """Assets that stand together on a map.

    Attributes:
        key: first digits of their region; of one asset its ID.
        name: of the asset; empty of several.
        lon, lat: middle of their points.
        count: how many there are.
    """

    key: str
    name: str
    lon: float
    lat: float
    count: int


def spots(connection: Connection, filters: Filters, digits: int) -> list[Spot]:
    """Return the middle of the assets with a point, by the first so many digits of the region."""
    part = func.substr(ENTRY.c.region, 1, digits).label("part")
    query = _narrowed(
        select(part, func.avg(ENTRY.c.lon), func.avg(ENTRY.c.lat), func.count()), filters
    )
    query = query.where(ENTRY.c.lon.is_not(None)).group_by(part).order_by(part)
    return [Spot(key, "", lon, lat, n) for key, lon, lat, n in connection.execute(query)]


def single_spots(connection: Connection, filters: Filters, limit: int) -> list[Spot]:
    """Return assets with a point, one by one."""
    query = _narrowed(
        select(ENTRY.c.asset_id, ENTRY.c.name, ENTRY.c.lon, ENTRY.c.lat), filters
    ).where(ENTRY.c.lon.is_not(None))
    rows = connection.execute(query.order_by(ENTRY.c.code).limit(limit))
    return [Spot(str(row.asset_id), row.name, row.lon, row.lat, 1) for row in rows]


def has_sample(connection: Connection) -> bool:
    """Tell whether the store holds sample assets."""
    query = select(ENTRY.c.record_id).where(ENTRY.c.sample.is_(True)).limit(1)
    return connection.scalar(query) is not None
