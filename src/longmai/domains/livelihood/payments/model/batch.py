"""A batch of payments: its steps, who may take which, and what a decision pays in a period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from longmai.kernel.errors import Conflict, Forbidden, Invalid

ONCE = "once"
_KINDS: Mapping[str, str] = {"月": "month", "年": "year", "month": "month", "year": "year"}


class Step(StrEnum):
    """A step of a batch."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPORTED = "exported"
    RETURNED = "returned"
    SETTLED = "settled"


_S = Step
NEXT: Mapping[Step, frozenset[Step]] = {
    _S.DRAFTED: frozenset({_S.APPROVED, _S.REJECTED}),
    _S.APPROVED: frozenset({_S.EXPORTED}),
    _S.REJECTED: frozenset(),
    # The file may be fetched again; what comes back comes in as many parts as the bank sends.
    _S.EXPORTED: frozenset({_S.EXPORTED, _S.RETURNED, _S.SETTLED}),
    _S.RETURNED: frozenset({_S.RETURNED, _S.SETTLED}),
    # A bank may find a dead account days after it said that all was well.
    _S.SETTLED: frozenset({_S.RETURNED}),
}


@dataclass(frozen=True)
class Line:
    """What one person gets.

    Attributes:
        item: ID of the payment, by which the bank names it.
        period: ``2026-09``, ``2026`` or ``once``.
        reissue_of: item that came back, in whose place this is paid; empty: the first time.
    """

    item: str
    case: str
    person: str
    name: str
    account: str
    bank: str
    period: str
    amount_fen: int
    reissue_of: str = ""


def period_kind(unit: str) -> str:
    """Return how often an amount is paid: ``month``, ``year`` or ``once``.

    >>> period_kind("元/月"), period_kind("元/年"), period_kind("元")
    ('month', 'year', 'once')
    """
    return _KINDS.get(unit.rpartition("/")[2], ONCE) if "/" in unit else ONCE


def period_in(month: str, kind: str) -> str:
    """Return the period of a kind that a month lies in.

    >>> [period_in("2026-09", kind) for kind in ("month", "year", "once")]
    ['2026-09', '2026', 'once']
    """
    return {"month": month, "year": month.partition("-")[0]}.get(kind, ONCE)


def check_period(kind: str, period: str) -> None:
    """Refuse a period that an amount is not paid for.

    Raises:
        Invalid: it is not of the kind.
    """
    year, _, month = period.partition("-")
    is_year = len(year) == 4 and year.isascii() and year.isdigit()  # noqa: PLR2004 - digits of a year
    fits = {
        "month": is_year and month in {f"{n:02}" for n in range(1, 13)},
        "year": is_year and not month and "-" not in period,
        ONCE: period == ONCE,
    }[kind]
    if not fits:
        raise Invalid(
            "this policy is not paid for such a period",
            code="pay.period",
            place="period",
            value=period,
            mend={"month": "write 2026-09", "year": "write 2026", ONCE: "write once"}[kind],
        )


class Pays(Protocol):
    """A decision that says what is due in a month: a case."""

    def due_fen(self, month: str) -> int:
        """Return what is due in a month, in fen."""
        ...


def due_fen(decision: Pays, kind: str, period: str, now: str) -> int:
    """Return what a decision pays in a period.

    Args:
        decision: the case.
        kind: how often it is paid.
        period: of that kind.
        now: the present month; what is paid once is due from then on.
    """
    if kind == "month":
        return decision.due_fen(period)
    if kind == ONCE:
        return decision.due_fen(now)
    # Of a year: what the first month of it says in which anything is due.
    months = (f"{period}-{n:02}" for n in range(1, 13))
    return next((due for month in months if (due := decision.due_fen(month))), 0)


def take(steps: Sequence[tuple[Step, str]], step: Step, actor: str) -> None:
    """Refuse a step that cannot follow.

    Args:
        steps: so far, each with who took it.
        step: to take.
        actor: who takes it.

    Raises:
        Conflict: the batch does not stand where it can follow.
        Forbidden: who drafted a batch does not approve it.
    """
    if not steps:
        if step is not Step.DRAFTED:
            raise Conflict("there is no such batch", code="pay.order", value=step)
        return
    if step not in NEXT[steps[-1][0]]:
        raise Conflict(
            "this cannot follow now",
            code="pay.order",
            place=step,
            value=steps[-1][0],
            mend="look at the batch again",
        )
    if step is Step.APPROVED and actor in {by for taken, by in steps if taken is Step.DRAFTED}:
        raise Forbidden(
            "who made a batch does not approve it",
            code="pay.second",
            mend="a second person looks at it, with an account of their own",
        )


@dataclass(frozen=True)
class Sums:
    """How the money of some items adds up, in fen.

    Attributes:
        approved: of all items of approved batches.
        returned: came back; ``reissued`` of it is in a later item.
        paid: settled and not returned; ``open``: on its way.
    """

    approved: int = 0
    returned: int = 0
    reissued: int = 0
    paid: int = 0
    open: int = 0

    @property
    def agree(self) -> bool:
        """Whether every fen that was approved is paid, came back, or is on its way."""
        return self.approved == self.paid + self.returned + self.open

    @property
    def owed(self) -> int:
        """Return what came back and was not paid again."""
        return self.returned - self.reissued


@dataclass(frozen=True)
class Item:
    """An approved payment, and what became of it."""

    amount_fen: int
    settled: bool
    returned: bool
    reissued: bool


def sums_of(items: Iterable[Item]) -> Sums:
    """Add up items.

    >>> sums_of([Item(5, True, False, False), Item(3, True, True, True)])
    Sums(approved=8, returned=3, reissued=3, paid=5, open=0)
    """
    found = Sums()
    for each in items:
        fen = each.amount_fen
        found = Sums(
            found.approved + fen,
            found.returned + (fen if each.returned else 0),
            found.reissued + (fen if each.returned and each.reissued else 0),
            found.paid + (fen if each.settled and not each.returned else 0),
            found.open + (fen if not each.settled and not each.returned else 0),
        )
    return found
