"""Reads of the register: lists within a scope, one asset, its rights and what stands on them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select
from sqlalchemy.sql.selectable import Subquery

from longmai.domains.assets.register.model.asset import Asset, of_payload
from longmai.domains.assets.register.model.rights import RIGHTS, Holding, Mark, Party
from longmai.domains.assets.register.model.workflow import Objection, State
from longmai.domains.assets.register.tables import (
    CERTIFICATE,
    CERTIFICATE_REVOKED,
    ENTRY,
    EQUITY,
    LIFE,
    MARK,
    MARK_LIFTED,
    NOTICE,
    NOTICE_ITEM,
    OBJECTION,
    OBJECTION_DECIDED,
    PHOTO,
    RIGHT,
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
    start = region.rstrip("0") if len(region) < 12 else _significant(region)  # noqa: PLR2004 - digits
    end = str(int(start) + 1)
    return and_(ENTRY.c.region >= start, ENTRY.c.region < end)


def _significant(region: str) -> str:
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


@dataclass(frozen=True)
class LifeRow:
    """A step of a timeline; ``told`` is what a line of it needs."""

    record_id: UUID
    version: int
    deed: str
    state: State
    on_day: date
    told: Mapping[str, Any]
    actor: str


def life_of(connection: Connection, asset_id: UUID) -> list[LifeRow]:
    """Return the timeline of an asset, from its first record on."""
    query = select(LIFE).where(LIFE.c.asset_id == asset_id).order_by(LIFE.c.version)
    return [
        LifeRow(
            row.record_id,
            row.version,
            row.deed,
            State(row.version, row.stage, row.condition),
            row.on_day,
            row.told,
            row.actor,
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class Leased:
    """A contract about an asset as its timeline tells it: its ID, number and last day."""

    contract_id: str
    number: str
    until: date


def leases_told(life: Sequence[LifeRow], on: date) -> list[Leased]:
    """Return the contracts that a timeline tells of and that are not over on a day."""
    # Of several rows about one contract the newest counts.
    told = {
        row.told["contract"]: row.told for row in life if {"contract", "until"} <= set(row.told)
    }
    found = [
        Leased(own, each["number"], date.fromisoformat(each["until"])) for own, each in told.items()
    ]
    return [each for each in found if each.until >= on]


@dataclass(frozen=True)
class Held:
    """A right as it is held since a day.

    Attributes:
        holdings: that sum to one; empty before the right was determined.
        version: of the asset when it came to be so.
    """

    right: str
    holdings: tuple[Holding, ...]
    since: date | None = None
    basis: str = ""
    record_id: UUID | None = None
    version: int = 0


def right_history(connection: Connection, asset_id: UUID, right: str) -> list[Held]:
    """Return who held a right of an asset, oldest first."""
    query = (
        select(RIGHT)
        .where(RIGHT.c.asset_id == asset_id, RIGHT.c.right == right)
        .order_by(RIGHT.c.version, RIGHT.c.position)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.version, []).append(row)
    return [_held(right, rows) for rows in found.values()]


def _held(right: str, rows: Sequence[Row[Any]]) -> Held:
    first = rows[0]
    holdings = tuple(
        Holding(Party(row.party_kind, row.party_key, row.party_name), Fraction(row.share))
        for row in rows
    )
    return Held(right, holdings, first.since, first.basis, first.record_id, first.version)


def holdings_of(connection: Connection, asset_id: UUID, right: str, on: date | None = None) -> Held:
    """Return who holds a right of an asset: now, or on a day."""
    history = right_history(connection, asset_id, right)
    on_day = [each for each in history if on is None or (each.since and each.since <= on)]
    return on_day[-1] if on_day else Held(right, ())


def rights_of(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Held]]:
    """Return who holds each right now, by asset and right."""
    rows: dict[tuple[UUID, str, int], list[Row[Any]]] = {}
    for chunk in chunks(asset_ids):
        query = select(RIGHT).where(RIGHT.c.asset_id.in_(chunk))
        for row in connection.execute(query.order_by(RIGHT.c.version, RIGHT.c.position)):
            rows.setdefault((row.asset_id, row.right, row.version), []).append(row)
    found = {each: {right: Held(right, ()) for right in RIGHTS} for each in asset_ids}
    for (asset_id, right, _), held in sorted(rows.items(), key=lambda item: item[0][2]):
        found[asset_id][right] = _held(right, held)
    return found


@dataclass(frozen=True)
class Marked:
    """A mark on an asset's right, and when it was lifted."""

    record_id: UUID
    mark: Mark
    creditor: str
    amount_fen: int | None
    document: str
    lifted_on: date | None


def marks_of(connection: Connection, asset_id: UUID) -> list[Marked]:
    """Return all marks of an asset, oldest first."""
    query = (
        select(MARK, MARK_LIFTED.c.on_day)
        .outerjoin(MARK_LIFTED, MARK_LIFTED.c.mark_id == MARK.c.record_id)
        .where(MARK.c.asset_id == asset_id)
        .order_by(MARK.c.record_id)
    )
    return [
        Marked(
            row.record_id,
            Mark(row.kind, row.right, row.since, row.until),
            row.creditor,
            row.amount_fen,
            row.document,
            row.on_day,
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class Quantified:
    """Equity of an asset in units, by household or member."""

    record_id: UUID
    units: tuple[tuple[Party, int], ...]
    basis: str


def equity_of(connection: Connection, asset_id: UUID) -> Quantified | None:
    """Return how an asset's equity is quantified now; None if it is not."""
    newest = select(func.max(EQUITY.c.version)).where(EQUITY.c.asset_id == asset_id)
    query = (
        select(EQUITY)
        .where(EQUITY.c.asset_id == asset_id, EQUITY.c.version == newest.scalar_subquery())
        .order_by(EQUITY.c.position)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    units = tuple((Party(r.party_kind, r.party_key, r.party_name), r.units) for r in rows)
    return Quantified(rows[0].record_id, units, rows[0].basis)


@dataclass(frozen=True)
class Posted:
    """A public notice."""

    notice_id: UUID
    region: str
    starts_on: date
    days: int
    basis: str
    place: str
    photo: str
    sample: bool


@dataclass(frozen=True)
class Ticket:
    """An objection, and what came of it; ``outcome`` is empty while it is open."""

    objection_id: UUID
    notice_id: UUID
    asset_id: UUID
    region: str
    reason: str
    name: str
    contact: str
    photo: str
    filed_on: date
    actor: str
    outcome: str
    answer: str
    decided_on: date | None

    @property
    def timed(self) -> Objection:
        """Return it as the timer of the notice counts it."""
        return Objection(self.filed_on, self.decided_on)


def notice_of(connection: Connection, notice_id: UUID) -> Posted:
    """Return a public notice.

    Raises:
        NotFound: there is none of this ID.
    """
    row = connection.execute(select(NOTICE).where(NOTICE.c.record_id == notice_id)).one_or_none()
    if row is None:
        raise NotFound("no such notice", code="notice", value=str(notice_id))
    return _posted(row)


def _posted(row: Row[Any]) -> Posted:
    return Posted(
        row.record_id,
        row.region,
        row.starts_on,
        row.days,
        row.basis,
        row.place,
        row.photo,
        row.sample,
    )


def notices(connection: Connection, region: str, window: Window) -> tuple[int, list[Posted]]:
    """Return how many notices a region had, and a window of them, newest first."""
    here = Scope(frozenset({_significant(region)} if region else {""})).rows(
        NOTICE.c.region.expression
    )
    total = connection.scalar(select(func.count()).select_from(NOTICE).where(here)) or 0
    query = select(NOTICE).where(here).order_by(NOTICE.c.record_id.desc())
    rows = connection.execute(query.offset(window.offset).limit(window.size))
    return total, [_posted(row) for row in rows]


def assets_noticed(connection: Connection, notice_id: UUID) -> list[UUID]:
    """Return the assets that a notice is about."""
    query = select(NOTICE_ITEM.c.asset_id).where(NOTICE_ITEM.c.record_id == notice_id)
    return list(connection.scalars(query.order_by(NOTICE_ITEM.c.asset_id)))


def newest_notices(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, Posted]:
    """Return the newest notice of each asset that had one."""
    found: dict[UUID, Posted] = {}
    for chunk in chunks(asset_ids):
        query = (
            select(NOTICE, NOTICE_ITEM.c.asset_id)
            .join(NOTICE_ITEM, NOTICE_ITEM.c.record_id == NOTICE.c.record_id)
            .where(NOTICE_ITEM.c.asset_id.in_(chunk))
            .order_by(NOTICE.c.record_id)
        )
        for row in connection.execute(query):
            found[row.asset_id] = _posted(row)
    return found


def _tickets() -> Select[Any]:
    return select(
        OBJECTION,
        OBJECTION_DECIDED.c.outcome,
        OBJECTION_DECIDED.c.reason.label("answer"),
        OBJECTION_DECIDED.c.decided_on,
    ).outerjoin(OBJECTION_DECIDED, OBJECTION_DECIDED.c.objection_id == OBJECTION.c.record_id)


def _ticket(row: Row[Any]) -> Ticket:
    same = ("notice_id", "asset_id", "region", "reason", "name", "contact", "photo", "filed_on",
            "actor", "decided_on")  # fmt: skip
    return Ticket(
        objection_id=row.record_id,
        outcome=row.outcome or "",
        answer=row.answer or "",
        **{name: getattr(row, name) for name in same},
    )


def objection_of(connection: Connection, objection_id: UUID) -> Ticket:
    """Return an objection.

    Raises:
        NotFound: there is none of this ID.
    """
    query = _tickets().where(OBJECTION.c.record_id == objection_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such objection", code="objection", value=str(objection_id))
    return _ticket(row)


def objections_to(connection: Connection, notice_ids: Collection[UUID]) -> list[Ticket]:
    """Return the objections to notices, oldest first."""
    found: list[Ticket] = []
    for chunk in chunks(notice_ids):
        query = _tickets().where(OBJECTION.c.notice_id.in_(chunk)).order_by(OBJECTION.c.record_id)
        found += [_ticket(row) for row in connection.execute(query)]
    return found


def open_objections(connection: Connection, scope: Scope, limit: int) -> list[Ticket]:
    """Return the objections that wait for a decision within a scope, oldest first."""
    waiting = OBJECTION_DECIDED.c.record_id.is_(None)
    query = _tickets().where(scope.rows(OBJECTION.c.region.expression), waiting)
    rows = connection.execute(query.order_by(OBJECTION.c.record_id).limit(limit))
    return [_ticket(row) for row in rows]


@dataclass(frozen=True)
class Issued:
    """A certificate, and whether it was revoked."""

    certificate_id: UUID
    asset_id: UUID
    number: str
    issued_on: date
    replaces: UUID | None
    revoked_on: date | None
    why_revoked: str


def _certificates() -> Select[Any]:
    return select(
        CERTIFICATE, CERTIFICATE_REVOKED.c.on_day, CERTIFICATE_REVOKED.c.reason
    ).outerjoin(
        CERTIFICATE_REVOKED, CERTIFICATE_REVOKED.c.certificate_id == CERTIFICATE.c.record_id
    )


def _issued(row: Row[Any]) -> Issued:
    return Issued(
        row.record_id,
        row.asset_id,
        row.number,
        row.issued_on,
        row.replaces,
        row.on_day,
        row.reason or "",
    )


def certificates_of(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, list[Issued]]:
    """Return the certificates of assets, oldest first."""
    found: dict[UUID, list[Issued]] = {each: [] for each in asset_ids}
    for chunk in chunks(asset_ids):
        query = _certificates().where(CERTIFICATE.c.asset_id.in_(chunk))
        for row in connection.execute(query.order_by(CERTIFICATE.c.record_id)):
            found[row.asset_id].append(_issued(row))
    return found


def certificate_of(connection: Connection, certificate_id: UUID) -> Issued:
    """Return a certificate.

    Raises:
        NotFound: there is none of this ID.
    """
    query = _certificates().where(CERTIFICATE.c.record_id == certificate_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such certificate", code="certificate", value=str(certificate_id))
    return _issued(row)


@dataclass(frozen=True)
class Photo:
    """A photo of an asset, with where and when the camera says it was taken."""

    record_id: UUID
    digest: str
    caption: str
    taken_at: str
    lon: float | None
    lat: float | None


def photos_of(connection: Connection, asset_id: UUID) -> list[Photo]:
    """Return the photos of an asset, newest first."""
    query = select(PHOTO).where(PHOTO.c.asset_id == asset_id).order_by(PHOTO.c.record_id.desc())
    return [
        Photo(row.record_id, row.digest, row.caption, row.taken_at, row.lon, row.lat)
        for row in connection.execute(query)
    ]


def has_sample(connection: Connection) -> bool:
    """Tell whether the store holds sample assets."""
    query = select(ENTRY.c.record_id).where(ENTRY.c.sample.is_(True)).limit(1)
    return connection.scalar(query) is not None
