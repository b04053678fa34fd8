"""Reads of contracts within a scope: what is owed, what came, who pays late."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select
from sqlalchemy.sql.selectable import Subquery

from longmai.domains.assets.contracts.model.contract import Terms
from longmai.domains.assets.contracts.model.schedule import Instalment, Standing, due, standings
from longmai.domains.assets.contracts.tables import (
    BANKED,
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
SOON = timedelta(days=90)


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
    """What a list is narrowed to; what is empty does not narrow."""

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


def _received(on: date | None = None) -> Subquery:
    """Return the sum received by contract."""
    query = (
        select(RECEIPT.c.contract_id, func.sum(RECEIPT.c.amount_fen).label("fen"))
        .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
        .where(REVERSED.c.record_id.is_(None))
    )
    if on is not None:
        query = query.where(RECEIPT.c.on_day <= on)
    return query.group_by(RECEIPT.c.contract_id).subquery("received")


def _arrears(on: date) -> tuple[Subquery, Subquery, ColumnElement[Any]]:
    """Return the sums due and received, and the expression of what is overdue."""
    fallen = (
        select(INSTALMENT.c.record_id, func.sum(INSTALMENT.c.amount_fen).label("fen"))
        .where(INSTALMENT.c.due_on <= on)
        .group_by(INSTALMENT.c.record_id)
        .subquery("fallen")
    )
    received = _received()
    rest = func.coalesce(fallen.c.fen, 0) - func.coalesce(received.c.fen, 0)
    return fallen, received, case((rest > 0, rest), else_=0)


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
    return {
        "ended": ended,
        "future": and_(standing, CONTRACT.c.starts_on > on),
        "running": and_(standing, CONTRACT.c.starts_on <= on, CONTRACT.c.ends_on >= on),
        "over": and_(standing, CONTRACT.c.ends_on < on),
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
    fallen, received, arrears = _arrears(on)
    query = (
        select(
            func.count(),
            func.coalesce(func.sum(fallen.c.fen), 0),
            func.coalesce(func.sum(received.c.fen), 0),
            func.coalesce(func.sum(arrears), 0),
            func.coalesce(func.sum(case((arrears > 0, 1), else_=0)), 0),
        )
        .select_from(CONTRACT)
        .outerjoin(fallen, fallen.c.record_id == CONTRACT.c.record_id)
        .outerjoin(received, received.c.contract_id == CONTRACT.c.contract_id)
    )
    row = connection.execute(_narrowed(query, filters, on)).one()
    return Sums(*(int(each) for each in row))


def contracts(
    connection: Connection, filters: ContractFilters, window: Window, on: date
) -> list[Contract]:
    """Return one window of the contracts that match; ``SORTS[0]``: who owes most comes first."""
    fallen, received, arrears = _arrears(on)
    query = (
        select(CONTRACT)
        .outerjoin(fallen, fallen.c.record_id == CONTRACT.c.record_id)
        .outerjoin(received, received.c.contract_id == CONTRACT.c.contract_id)
    )
    sorts = {
        "arrears": arrears,
        "number": CONTRACT.c.number,
        "ends_on": CONTRACT.c.ends_on,
        "total": CONTRACT.c.total_fen,
        "tenant": CONTRACT.c.tenant_name,
    }
    ordered = window.of(_narrowed(query, filters, on), sorts, CONTRACT.c.contract_id)
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
    received = _received()
    for chunk in chunks(ids):
        query = select(received).where(received.c.contract_id.in_(chunk))
        found |= {row.contract_id: int(row.fen) for row in connection.execute(query)}
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


@dataclass(frozen=True)
class Receipt:
    """Money that came on a contract.

    Attributes:
        reversed_on: day on which it was taken back; ``why``.
        banked_on: day on which cash was paid into the bank.
    """

    receipt_id: UUID
    contract_id: UUID
    region: str
    on_day: date
    amount_fen: int
    way: str
    payer: str
    serial: str
    note: str
    reversed_on: date | None
    why: str
    banked_on: date | None


def _receipts(connection: Connection, *conditions: ColumnElement[bool]) -> list[Receipt]:
    query = (
        select(
            RECEIPT,
            REVERSED.c.on_day.label("reversed_on"),
            func.coalesce(REVERSED.c.reason, "").label("why"),
            BANKED.c.on_day.label("banked_on"),
        )
        .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
        .outerjoin(BANKED, BANKED.c.receipt_id == RECEIPT.c.record_id)
        .where(*conditions)
        .order_by(RECEIPT.c.on_day.desc(), RECEIPT.c.record_id.desc())
    )
    names = (
        "contract_id", "region", "on_day", "amount_fen", "way", "payer", "serial", "note",
        "reversed_on", "why", "banked_on",
    )  # fmt: skip
    return [
        Receipt(row.record_id, **{name: getattr(row, name) for name in names})
        for row in connection.execute(query)
    ]


def receipts_of(connection: Connection, contract_id: UUID) -> list[Receipt]:
    """Return what came on a contract, newest first, what was taken back too."""
    return _receipts(connection, RECEIPT.c.contract_id == contract_id)


def receipt_of(connection: Connection, receipt_id: UUID) -> Receipt:
    """Return a receipt.

    Raises:
        NotFound: there is none of this ID.
    """
    found = _receipts(connection, RECEIPT.c.record_id == receipt_id)
    if not found:
        raise NotFound("no such receipt", code="contract.receipt", value=str(receipt_id))
    return found[0]


def cash_in_hand(connection: Connection, region: str) -> list[Receipt]:
    """Return the cash of a village that was not paid into the bank, newest first."""
    return _receipts(
        connection,
        RECEIPT.c.region.startswith(prefix(region)),
        RECEIPT.c.way == "cash",
        REVERSED.c.record_id.is_(None),
        BANKED.c.record_id.is_(None),
    )


def serials_of(connection: Connection, region: str, serials: Collection[str]) -> set[str]:
    """Return which of some serial numbers are on receipts that stand."""
    found: set[str] = set()
    for chunk in chunks(serials):
        query = (
            select(RECEIPT.c.serial)
            .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
            .where(
                RECEIPT.c.region == region,
                RECEIPT.c.serial.in_(chunk),
                REVERSED.c.record_id.is_(None),
            )
        )
        found |= set(connection.scalars(query))
    return found


def history_of(connection: Connection, contract_id: UUID) -> list[Row[Any]]:
    """Return the versions of a contract, oldest first."""
    query = select(CONTRACT).where(CONTRACT.c.contract_id == contract_id)
    return list(connection.execute(query.order_by(CONTRACT.c.version)))


def renewals_of(connection: Connection, contract_id: UUID) -> list[tuple[UUID, str]]:
    """Return (ID, number) of the contracts that go on from one."""
    query = select(CONTRACT.c.contract_id, CONTRACT.c.number).where(
        CONTRACT.c.renews == contract_id, NOW
    )
    return [(own, number) for own, number in connection.execute(query)]
