"""Reads of batches, what became of their items, and whether the sums agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from longmai.domains.livelihood.payments.model.batch import Item, Line, Step, Sums, sums_of
from longmai.domains.livelihood.payments.tables import ACCOUNT, BATCH, ITEM, LINE, RETURN, STEP
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window


@dataclass(frozen=True)
class KeptStep:
    """A step of a batch with its record and who took it."""

    record_id: UUID
    number: int
    step: Step
    at: datetime
    by: str
    by_name: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class KeptBatch:
    """A batch as it is kept."""

    batch_id: UUID
    policy_id: str
    region: str
    period: str
    form: str
    lines: int
    total_fen: int
    sample: bool
    steps: Sequence[KeptStep]

    @property
    def stands(self) -> Step:
        """Return the last step."""
        return self.steps[-1].step

    @property
    def taken(self) -> Sequence[tuple[Step, str]]:
        """Return the steps, each with who took it."""
        return [(each.step, each.by) for each in self.steps]


@dataclass(frozen=True)
class KeptLine:
    """A line of a batch, and what became of it: why it came back, if it did."""

    line: Line
    code: str
    reason: str
    returned: bool
    reissued: bool


@dataclass(frozen=True)
class Account:
    """Where a person is paid."""

    person_id: str
    number: int
    holder: str
    account: str
    bank: str
    at: datetime


@dataclass(frozen=True)
class Balance:
    """The sums of a policy's payments for a period."""

    policy_id: str
    period: str
    items: int
    sums: Sums


def batch_of(connection: Connection, batch_id: UUID, scope: Scope) -> KeptBatch:
    """Return a batch.

    Raises:
        NotFound: there is none, or not within the regions.
    """
    query = select(BATCH).where(scope.rows(BATCH.c.region), BATCH.c.batch_id == batch_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such batch", code="pay.unknown", value=str(batch_id))
    return _batch(row, _steps(connection, [batch_id])[batch_id])


def batches(
    connection: Connection, scope: Scope, window: Window, standing: str = ""
) -> tuple[int, list[KeptBatch]]:
    """Return how many batches there are, newest first, and a window of them."""
    here = [scope.rows(BATCH.c.region)]
    if standing:
        here.append(_LAST.c.step == standing)
    joined = BATCH.join(_LAST, and_(_LAST.c.batch_id == BATCH.c.batch_id, _IS_LAST))
    total = connection.scalar(select(func.count()).select_from(joined).where(*here)) or 0
    query = select(BATCH).select_from(joined).where(*here)
    rows = connection.execute(window.of(query, {"new": BATCH.c.record_id}, BATCH.c.batch_id)).all()
    steps = _steps(connection, [row.batch_id for row in rows])
    return total, [_batch(row, steps[row.batch_id]) for row in rows]


def lines_of(connection: Connection, batch_id: UUID) -> list[KeptLine]:
    """Return the lines of a batch in their order, with what became of them."""
    again = ITEM.alias("again")
    query = (
        select(LINE, RETURN.c.code, RETURN.c.reason, again.c.item_id.label("again"))
        .select_from(
            LINE.outerjoin(RETURN, RETURN.c.item_id == LINE.c.item_id).outerjoin(
                again, again.c.reissue_of == LINE.c.item_id
            )
        )
        .where(LINE.c.batch_id == batch_id)
        .order_by(LINE.c.number)
    )
    return [_line(row) for row in connection.execute(query)]


def accounts(connection: Connection, people: Sequence[str]) -> dict[str, Account]:
    """Return the newest account of each person that has one."""
    found: dict[str, Account] = {}
    for start in range(0, len(people), _AT_ONCE):
        query = (
            select(ACCOUNT)
            .where(ACCOUNT.c.person_id.in_(people[start : start + _AT_ONCE]))
            .order_by(ACCOUNT.c.person_id, ACCOUNT.c.number)
        )
        for row in connection.execute(query):
            found[row.person_id] = Account(
                row.person_id, row.number, row.holder, row.account, row.bank, row.at
            )
    return found


def paid_already(connection: Connection, policy: str, period: str) -> set[str]:
    """Return who has a first payment of a policy for a period, or is in a draft of one."""
    items = select(ITEM.c.person_id).where(
        ITEM.c.policy_id == policy, ITEM.c.period == period, ITEM.c.reissue_of.is_(None)
    )
    joined = LINE.join(BATCH, BATCH.c.batch_id == LINE.c.batch_id).join(
        _LAST, and_(_LAST.c.batch_id == BATCH.c.batch_id, _IS_LAST)
    )
    drafted = (
        select(LINE.c.person_id)
        .select_from(joined)
        .where(
            BATCH.c.policy_id == policy,
            LINE.c.period == period,
            LINE.c.reissue_of.is_(None),
            _LAST.c.step == Step.DRAFTED.value,
        )
    )
    return {*connection.scalars(items), *connection.scalars(drafted)}


@dataclass(frozen=True)
class CameBack:
    """A payment that came back and was not paid again."""

    item_id: UUID
    case_id: UUID
    person_id: str
    period: str
    amount_fen: int
    reason: str
    at: datetime


def came_back(connection: Connection, policy: str, region: str) -> list[CameBack]:
    """Return what came back of a policy in a region and waits to be paid again.

    What stands in a draft already does not wait.
    """
    again = ITEM.alias("again")
    drafted = (
        select(LINE.c.reissue_of)
        .select_from(
            LINE.join(BATCH, BATCH.c.batch_id == LINE.c.batch_id).join(
                _LAST, and_(_LAST.c.batch_id == BATCH.c.batch_id, _IS_LAST)
            )
        )
        .where(LINE.c.reissue_of.is_not(None), _LAST.c.step == Step.DRAFTED.value)
    )
    of_batch = BATCH.alias("of_batch")
    query = (
        select(ITEM, RETURN.c.reason, RETURN.c.at)
        .select_from(
            ITEM.join(RETURN, RETURN.c.item_id == ITEM.c.item_id)
            .join(of_batch, of_batch.c.batch_id == ITEM.c.batch_id)
            .outerjoin(again, again.c.reissue_of == ITEM.c.item_id)
        )
        .where(
            ITEM.c.policy_id == policy,
            of_batch.c.region.startswith(region),
            again.c.item_id.is_(None),
            ITEM.c.item_id.not_in(drafted),
        )
        .order_by(ITEM.c.item_id)
    )
    return [
        CameBack(
            row.item_id, row.case_id, row.person_id, row.period, row.amount_fen, row.reason, row.at
        )
        for row in connection.execute(query)
    ]


def was_paid(connection: Connection, case_id: UUID) -> bool:
    """Tell whether anything was approved to be paid on a case."""
    query = select(ITEM.c.item_id).where(ITEM.c.case_id == case_id).limit(1)
    return connection.scalar(query) is not None


def batch_sums(connection: Connection, batch_id: UUID) -> Sums:
    """Add up the items of a batch."""
    return sums_of(map(_item, connection.execute(_items(ITEM.c.batch_id == batch_id))))


def balances(connection: Connection, scope: Scope) -> list[Balance]:
    """Add up the items of each policy and period within some regions, newest period first."""
    found: dict[tuple[str, str], list[Item]] = {}
    for row in connection.execute(_items(scope.rows(BATCH.c.region))):
        found.setdefault((row.period, row.policy_id), []).append(_item(row))
    return [
        Balance(policy, period, len(items), sums_of(items))
        for (period, policy), items in sorted(found.items(), reverse=True)
    ]


_AT_ONCE = 500
_LAST = STEP.alias("last_step")
_OTHER = STEP.alias("other_step")
_IS_LAST = (
    _LAST.c.number
    == select(func.max(_OTHER.c.number))
    .where(_OTHER.c.batch_id == BATCH.c.batch_id)
    .correlate(BATCH)
    .scalar_subquery()
)


def _items(where: ColumnElement[bool]) -> Select[Any]:
    again = ITEM.alias("again")
    settled = (
        select(STEP.c.record_id)
        .where(STEP.c.batch_id == ITEM.c.batch_id, STEP.c.step == Step.SETTLED.value)
        .exists()
    )
    return (
        select(
            ITEM.c.policy_id,
            ITEM.c.period,
            ITEM.c.amount_fen,
            settled.label("settled"),
            RETURN.c.item_id.label("returned"),
            again.c.item_id.label("again"),
        )
        .select_from(
            ITEM.join(BATCH, BATCH.c.batch_id == ITEM.c.batch_id)
            .outerjoin(RETURN, RETURN.c.item_id == ITEM.c.item_id)
            .outerjoin(again, again.c.reissue_of == ITEM.c.item_id)
        )
        .where(where)
    )


def _item(row: Row[Any]) -> Item:
    return Item(
        row.amount_fen,
        settled=bool(row.settled),
        returned=row.returned is not None,
        reissued=row.again is not None,
    )


def _steps(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[KeptStep]]:
    query = select(STEP).where(STEP.c.batch_id.in_(ids)).order_by(STEP.c.batch_id, STEP.c.number)
    found: dict[UUID, list[KeptStep]] = {each: [] for each in ids}
    for row in connection.execute(query):
        found[row.batch_id].append(
            KeptStep(
                row.record_id, row.number, Step(row.step), row.at, row.by, row.by_name, row.data
            )
        )
    return found


def _batch(row: Row[Any], steps: Sequence[KeptStep]) -> KeptBatch:
    return KeptBatch(
        row.batch_id, row.policy_id, row.region, row.period, row.form, row.lines, row.total_fen,
        row.sample, steps,
    )  # fmt: skip


def _line(row: Row[Any]) -> KeptLine:
    line = Line(
        str(row.item_id), str(row.case_id), row.person_id, row.name, row.account, row.bank,
        row.period, row.amount_fen, str(row.reissue_of) if row.reissue_of else "",
    )  # fmt: skip
    return KeptLine(
        line,
        row.code or "",
        row.reason or "",
        returned=row.code is not None,
        reissued=row.again is not None,
    )
