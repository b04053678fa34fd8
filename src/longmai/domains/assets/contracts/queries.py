"""Reads of contracts within a scope: what is owed, what came, who pays late."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from longmai.domains.assets.contracts.model.contract import Terms
from longmai.domains.assets.contracts.model.schedule import Instalment, Standing, due, standings
from longmai.domains.assets.contracts.tables import (
    CONTRACT,
    CONTRACT_ASSET,
    EARNED,
    FILED,
    INSTALMENT,
    RECEIPT,
    REVERSED,
)
from longmai.domains.assets.register.model.rights import Party
from longmai.kernel.errors import NotFound
from longmai.kernel.region_codes import prefix
from longmai.portal.rights.model import EVERYWHERE, Scope
from longmai.store.reading import chunks
from longmai.store.table_window import Window

STATES = ("future", "running", "over", "ended")
SORTS = ("arrears", "number", "ends_on", "total", "tenant")


@dataclass(frozen=True)
class Contract:
    """A contract as it stands, on the day it was asked for.

    Attributes:
        version: of its terms; ``terms`` are the newest.
        filed: number under which it is filed with the township; empty: it is not (未备案).
        received_fen: what came and was not taken back.
        booked_fen: what was booked as earned so far, until ``booked_until``.
        ended_on: day on which it was ended before its time.
    """

    contract_id: UUID
    record_id: UUID
    version: int
    terms: Terms
    on: date
    received_fen: int
    booked_fen: int
    booked_until: date | None
    filed: str
    filed_on: date | None
    ended_on: date | None
    reason: str
    sample: bool

    @property
    def state(self) -> str:
        """Return one of ``STATES``."""
        if self.ended_on is not None and self.ended_on <= self.on:
            return "ended"
        if self.on < self.terms.starts_on:
            return "future"
        return "over" if self.on > self.terms.ends_on else "running"

    @property
    def in_force(self) -> bool:
        """Tell whether somebody uses the asset under it."""
        return self.state == "running"

    @property
    def due_fen(self) -> int:
        """Return what has fallen due (应收)."""
        return due(self.terms.instalments, self.on)

    @property
    def arrears_fen(self) -> int:
        """Return what is overdue (欠租)."""
        return max(0, self.due_fen - self.received_fen)

    @property
    def ahead_fen(self) -> int:
        """Return what was paid before it fell due."""
        return max(0, self.received_fen - self.due_fen)

    @property
    def balance_fen(self) -> int:
        """Return earned less received, as booked: above 0 the tenant owes it."""
        return self.booked_fen - self.received_fen

    @property
    def is_member(self) -> bool:
        """Tell whether the tenant is of the collective: its account is 内部往来."""
        return self.terms.tenant.kind in {"household", "person"} and bool(self.terms.tenant.key)

    @property
    def standings(self) -> list[Standing]:
        """Return the instalments with what was paid of each."""
        return standings(self.terms.instalments, self.received_fen)

    @property
    def late_days(self) -> int:
        """Return for how many days the oldest unpaid instalment has been overdue."""
        return max((each.late_days(self.on) for each in self.standings), default=0)


@dataclass(frozen=True)
class ContractFilters:
    """What a list is narrowed to; what is empty does not narrow.

    Attributes:
        state: one of ``STATES``, or ``open``: begun, not ended, and neither replaced nor paid up.
    """

    text: str = ""
    region: str = ""
    kind: str = ""
    state: str = ""
    scope: Scope = EVERYWHERE


_LATER = CONTRACT.alias("later_contract")
NOW = ~(
    select(_LATER.c.record_id)
    .where(_LATER.c.contract_id == CONTRACT.c.contract_id, _LATER.c.version > CONTRACT.c.version)
    .exists()
)
"""The condition on ``CONTRACT`` that no later version is there."""


def _arrears(on: date) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """Return what fell due on a contract, what came on it, and what is overdue, as expressions.

    They look at the rows of one contract alone, so that a village's list reads no other's money.
    """
    fallen = select(func.coalesce(func.sum(INSTALMENT.c.amount_fen), 0)).where(
        INSTALMENT.c.record_id == CONTRACT.c.record_id, INSTALMENT.c.due_on <= on
    )
    came = (
        select(func.coalesce(func.sum(RECEIPT.c.amount_fen), 0))
        .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
        .where(RECEIPT.c.contract_id == CONTRACT.c.contract_id, REVERSED.c.record_id.is_(None))
    )
    due_fen, received = (each.correlate(CONTRACT).scalar_subquery() for each in (fallen, came))
    return due_fen, received, case((due_fen > received, due_fen - received), else_=0)


def _narrowed(query: Select[Any], filters: ContractFilters, on: date) -> Select[Any]:
    query = query.where(filters.scope.rows(CONTRACT.c.region), NOW)
    if filters.region:
        query = query.where(CONTRACT.c.region.startswith(prefix(filters.region)))
    if filters.kind:
        query = query.where(CONTRACT.c.kind == filters.kind)
    if words := filters.text.strip():
        found = [
            CONTRACT.c[name].contains(words, autoescape=True) for name in ("number", "tenant_name")
        ]
        if words.isascii():
            found.append(CONTRACT.c.initials.contains(words.lower(), autoescape=True))
        query = query.where(or_(*found))
    if filters.state:
        query = query.where(_in_state(filters.state, on))
    return query


def _in_state(state: str, on: date) -> ColumnElement[bool]:
    ended = and_(CONTRACT.c.ended_on.is_not(None), CONTRACT.c.ended_on <= on)
    standing = ~func.coalesce(ended, False)
    # A contract is renewed in its village, whose contracts an index finds.
    renewed = (
        select(_LATER.c.record_id)
        .where(_LATER.c.region == CONTRACT.c.region, _LATER.c.renews == CONTRACT.c.contract_id)
        .exists()
    )
    return {
        "ended": ended,
        "future": and_(standing, CONTRACT.c.starts_on > on),
        "running": and_(standing, CONTRACT.c.starts_on <= on, CONTRACT.c.ends_on >= on),
        "over": and_(standing, CONTRACT.c.ends_on < on),
        "open": and_(
            standing,
            CONTRACT.c.starts_on <= on,
            or_(CONTRACT.c.ends_on >= on, ~renewed, _arrears(on)[2] > 0),
        ),
    }.get(state, standing)


@dataclass(frozen=True)
class Sums:
    """What the contracts of a list come to, in fen."""

    count: int
    due_fen: int
    received_fen: int
    arrears_fen: int
    behind: int


def sums(connection: Connection, filters: ContractFilters, on: date) -> Sums:
    """Return how many contracts match, and what is due, received and overdue on them."""
    due_fen, received, _ = _arrears(on)
    both = _narrowed(select(due_fen.label("due"), received.label("received")), filters, on)
    each = both.subquery()
    rest = each.c.due - each.c.received
    total = (
        each.c.due,
        each.c.received,
        case((rest > 0, rest), else_=0),
        case((rest > 0, 1), else_=0),
    )
    query = select(func.count(), *(func.coalesce(func.sum(one), 0) for one in total))
    row = connection.execute(query.select_from(each)).one()
    return Sums(*(int(each) for each in row))


def contracts(
    connection: Connection, filters: ContractFilters, window: Window, on: date
) -> list[Contract]:
    """Return one window of the contracts that match; ``SORTS[0]``: who owes most comes first."""
    sorts = {
        "arrears": _arrears(on)[2],
        "number": CONTRACT.c.number,
        "ends_on": CONTRACT.c.ends_on,
        "total": CONTRACT.c.total_fen,
        "tenant": CONTRACT.c.tenant_name,
    }
    ordered = window.of(_narrowed(select(CONTRACT), filters, on), sorts, CONTRACT.c.contract_id)
    return _read(connection, connection.execute(ordered).all(), on)


def contract_of(connection: Connection, contract_id: UUID, on: date) -> Contract:
    """Return a contract as it stands.

    Raises:
        NotFound: there is none of this ID.
    """
    query = select(CONTRACT).where(CONTRACT.c.contract_id == contract_id, NOW)
    found = _read(connection, connection.execute(query).all(), on)
    if not found:
        raise NotFound("no such contract", code="contract", value=str(contract_id))
    return found[0]


def contracts_by_id(
    connection: Connection, contract_ids: Collection[UUID], on: date
) -> dict[UUID, Contract]:
    """Return contracts by ID; those that are not there are left out."""
    rows = [
        row
        for chunk in chunks(contract_ids)
        for row in connection.execute(
            select(CONTRACT).where(CONTRACT.c.contract_id.in_(chunk), NOW)
        )
    ]
    return {each.contract_id: each for each in _read(connection, rows, on)}


def contracts_of_assets(
    connection: Connection, asset_ids: Collection[UUID], on: date
) -> dict[UUID, list[Contract]]:
    """Return the contracts about each of some assets, oldest first."""
    pairs: list[tuple[UUID, UUID]] = []
    for chunk in chunks(asset_ids):
        query = (
            select(CONTRACT_ASSET.c.asset_id, CONTRACT.c.contract_id)
            .join(CONTRACT, CONTRACT.c.record_id == CONTRACT_ASSET.c.record_id)
            .where(CONTRACT_ASSET.c.asset_id.in_(chunk), NOW)
            .order_by(CONTRACT.c.starts_on, CONTRACT.c.contract_id)
        )
        pairs += [(row.asset_id, row.contract_id) for row in connection.execute(query)]
    by_id = contracts_by_id(connection, {contract_id for _, contract_id in pairs}, on)
    found: dict[UUID, list[Contract]] = {}
    for asset_id, contract_id in pairs:
        found.setdefault(asset_id, []).append(by_id[contract_id])
    return found


def contracts_of_asset(connection: Connection, asset_id: UUID, on: date) -> list[Contract]:
    """Return the contracts about an asset, oldest first."""
    return contracts_of_assets(connection, [asset_id], on).get(asset_id, [])


def by_number(connection: Connection, region: str, number: str) -> UUID | None:
    """Return the contract of a village that bears a number."""
    query = select(CONTRACT.c.contract_id).where(
        CONTRACT.c.region == region, CONTRACT.c.number == number, NOW
    )
    return connection.scalar(query)


def _read(connection: Connection, rows: Sequence[Row[Any]], on: date) -> list[Contract]:
    records = [row.record_id for row in rows]
    ids = [row.contract_id for row in rows]
    plans: dict[UUID, list[Instalment]] = {}
    assets: dict[UUID, list[UUID]] = {}
    for chunk in chunks(records):
        wanted = select(INSTALMENT).where(INSTALMENT.c.record_id.in_(chunk))
        for row in connection.execute(
            wanted.order_by(INSTALMENT.c.record_id, INSTALMENT.c.position)
        ):
            each = Instalment(row.due_on, row.start, row.end, row.amount_fen)
            plans.setdefault(row.record_id, []).append(each)
        named = select(CONTRACT_ASSET).where(CONTRACT_ASSET.c.record_id.in_(chunk))
        for row in connection.execute(named.order_by(CONTRACT_ASSET.c.asset_id)):
            assets.setdefault(row.record_id, []).append(row.asset_id)
    received = _sums_received(connection, ids)
    booked = _booked(connection, ids)
    filed = _filings(connection, ids)
    return [
        Contract(
            contract_id=row.contract_id,
            record_id=row.record_id,
            version=row.version,
            terms=_terms(row, plans.get(row.record_id, ()), assets.get(row.record_id, ())),
            on=on,
            received_fen=received.get(row.contract_id, 0),
            booked_fen=booked.get(row.contract_id, (0, None))[0],
            booked_until=booked.get(row.contract_id, (0, None))[1],
            filed=filed[row.contract_id].number if row.contract_id in filed else "",
            filed_on=filed[row.contract_id].on_day if row.contract_id in filed else None,
            ended_on=row.ended_on,
            reason=row.reason,
            sample=row.sample,
        )
        for row in rows
    ]


def _terms(row: Row[Any], plan: Sequence[Instalment], assets: Sequence[UUID]) -> Terms:
    names = (
        "number", "kind", "region", "signed_on", "starts_on", "ends_on", "deposit_fen", "part",
        "representative", "decision", "basis", "renews", "note",
    )  # fmt: skip
    return Terms(
        **{name: getattr(row, name) for name in names},
        asset_ids=tuple(assets),
        lessor=Party(row.lessor_kind, row.lessor_key, row.lessor_name),
        tenant=Party(row.tenant_kind, row.tenant_key, row.tenant_name),
        instalments=tuple(plan),
    )


def _sums_received(connection: Connection, ids: Collection[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for chunk in chunks(ids):
        query = (
            select(RECEIPT.c.contract_id, func.sum(RECEIPT.c.amount_fen))
            .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
            .where(RECEIPT.c.contract_id.in_(chunk), REVERSED.c.record_id.is_(None))
            .group_by(RECEIPT.c.contract_id)
        )
        found |= {own: int(fen) for own, fen in connection.execute(query)}
    return found


def _booked(connection: Connection, ids: Collection[UUID]) -> dict[UUID, tuple[int, date]]:
    found: dict[UUID, tuple[int, date]] = {}
    for chunk in chunks(ids):
        query = (
            select(EARNED.c.contract_id, func.sum(EARNED.c.amount_fen), func.max(EARNED.c.until))
            .where(EARNED.c.contract_id.in_(chunk))
            .group_by(EARNED.c.contract_id)
        )
        found |= {own: (int(fen), until) for own, fen, until in connection.execute(query)}
    return found


def _filings(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    found: dict[UUID, Row[Any]] = {}
    for chunk in chunks(ids):
        query = select(FILED).where(FILED.c.contract_id.in_(chunk))
        found |= {row.contract_id: row for row in connection.execute(query)}
    return found


def history_of(connection: Connection, contract_id: UUID) -> list[Row[Any]]:
    """Return the versions of a contract, oldest first."""
    query = select(CONTRACT).where(CONTRACT.c.contract_id == contract_id)
    return list(connection.execute(query.order_by(CONTRACT.c.version)))


def renewals_of(connection: Connection, contract: Contract) -> list[tuple[UUID, str]]:
    """Return (ID, number) of the contracts that go on from one."""
    query = select(CONTRACT.c.contract_id, CONTRACT.c.number).where(
        CONTRACT.c.region == contract.terms.region, CONTRACT.c.renews == contract.contract_id, NOW
    )
    return [(own, number) for own, number in connection.execute(query)]
