"""A distribution: the charter says how much, the shares say to whom; every fen is accounted for.

>>> Line("出租收入", "三年租金", 300, date(2025, 7, 1), date(2026, 6, 30)).of_year(2025)
151
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from longmai.allocate.sharing import Claim, share_out
from longmai.domains.assets.contracts.model.schedule import year_part
from longmai.domains.assets.dividends.charter import (
    AVAILABLE,
    COMPUTED,
    FLOORS,
    FUND,
    KEPT,
    LABOUR,
    MODE,
    MODES,
)
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.money import fen_to_yuan, yuan_to_fen
from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Decision, State, case_of, evaluate
from longmai.rules.policy.explanation import explain
from longmai.rules.policy.model import Policy


@dataclass(frozen=True)
class Line:
    """An income or a cost.

    Attributes:
        kind: a datum of the charter, such as 出租收入.
        start: first day it is for, where it was received for longer than the year; ``end``: last.
        basis: the contract or voucher behind it.
    """

    kind: str
    title: str
    amount_fen: int
    start: date | None = None
    end: date | None = None
    basis: str = ""

    def of_year(self, year: int) -> int:
        """Return what of it belongs to a year, in fen."""
        if self.start is None or self.end is None:
            return self.amount_fen
        return year_part(self.amount_fen, self.start, self.end, year)


@dataclass(frozen=True)
class Work:
    """Work of somebody of a household that is paid: 按劳取酬."""

    household_id: UUID
    name: str
    what: str
    amount_fen: int


@dataclass(frozen=True)
class Floor:
    """What a contract guarantees a household: 保底分红."""

    household_id: UUID
    contract: str
    amount_fen: int


@dataclass(frozen=True)
class Plan:
    """What a distribution is made from."""

    region: str
    year: int
    as_of: date
    lines: tuple[Line, ...]
    work: tuple[Work, ...] = ()
    floors: tuple[Floor, ...] = ()


@dataclass(frozen=True)
class Part:
    """What a household gets."""

    household_id: UUID
    shares: Fraction
    floor_fen: int
    dividend_fen: int
    labour_fen: int

    @property
    def total_fen(self) -> int:
        """Return what is paid to it."""
        return self.dividend_fen + self.labour_fen


@dataclass(frozen=True)
class Distribution:
    """A plan worked out: ``parts`` add up to ``available_fen`` exactly."""

    decision: Decision
    available_fen: int
    fund_fen: int
    kept_fen: int
    labour_fen: int
    parts: tuple[Part, ...]

    @property
    def floors_fen(self) -> int:
        """Return the sum of the floors."""
        return sum(each.floor_fen for each in self.parts)


def distribute(
    policy: Policy,
    plan: Plan,
    shares: Mapping[UUID, Fraction],
    assumed: Mapping[str, Value] | None = None,
) -> Distribution:
    """Work a plan out.

    Args:
        policy: the charter.
        plan: incomes, costs, work, floors.
        shares: quantified, by household.
        assumed: other numbers for the charter's, for the sake of argument.

    Raises:
        Conflict: the charter's conditions are not met, with the arithmetic and the articles.
        Invalid: a line of a kind the charter does not know; work or a floor of no household.
    """
    _check(policy, plan, shares)
    # A charter that was adopted after the year divides the earnings of the year, too.
    day = max(date(plan.year, 12, 31), policy.start)
    case = case_of(policy, _given(policy, plan), day, plan.region)
    decision = evaluate(policy, replace(case, assumed=assumed or {}))
    _refuse(decision)
    floors, labour = _sums(plan)
    claims = {str(own): Claim(weight, floors.get(own, 0)) for own, weight in sorted(shares.items())}
    mode = MODES[str(decision.values[MODE])]
    available = fen_of(decision, AVAILABLE)
    dealt = share_out(available, claims, mode, label=f"{plan.region}/{plan.year}")
    parts = tuple(
        Part(own, shares[own], floors.get(own, 0), dealt[str(own)], labour.get(own, 0))
        for own in sorted(shares)
    )
    return Distribution(
        decision,
        available,
        fen_of(decision, FUND),
        fen_of(decision, KEPT),
        sum(labour.values()),
        parts,
    )


def fen_of(decision: Decision, name: str) -> int:
    """Return an amount of a decision in fen.

    Raises:
        Invalid: it is unknown, or has more than two decimals.
    """
    value = decision.values[name]
    if not isinstance(value, Decimal | int):
        raise Invalid("this amount is unknown", code="assets.dividend.amount", place=name)
    return yuan_to_fen(Decimal(value))


def _given(policy: Policy, plan: Plan) -> dict[str, Any]:
    """Return what the charter asks for: sums of lines; what has no line is nothing."""
    sums = dict.fromkeys(policy.inputs, 0)
    for line in plan.lines:
        sums[line.kind] += line.of_year(plan.year)
    sums[LABOUR] += sum(each.amount_fen for each in plan.work)
    sums[FLOORS] += sum(each.amount_fen for each in plan.floors)
    return {name: fen_to_yuan(amount) for name, amount in sums.items()}


def _sums(plan: Plan) -> tuple[dict[UUID, int], dict[UUID, int]]:
    floors: dict[UUID, int] = {}
    labour: dict[UUID, int] = {}
    for floor in plan.floors:
        floors[floor.household_id] = floors.get(floor.household_id, 0) + floor.amount_fen
    for each in plan.work:
        labour[each.household_id] = labour.get(each.household_id, 0) + each.amount_fen
    return floors, labour


def _check(policy: Policy, plan: Plan, shares: Mapping[UUID, Fraction]) -> None:
    known = [name for name in policy.inputs if name not in COMPUTED]
    for number, line in enumerate(plan.lines, 1):
        if line.kind not in known:
            raise Invalid(
                "the charter knows no such income or cost", code="assets.dividend.kind",
                place=f"lines[{number}]", value=line.kind, mend="、".join(known),
            )  # fmt: skip
    promised = [(each.household_id, each.amount_fen) for each in plan.work]
    promised += [(each.household_id, each.amount_fen) for each in plan.floors]
    for own, amount_fen in promised:
        if own not in shares:
            raise Invalid(
                "no such household on the day of the shares", code="assets.dividend.household",
                value=str(own),
            )  # fmt: skip
        if amount_fen < 0:
            raise Invalid("an amount is not negative", code="assets.dividend.negative")
    if not any(shares.values()):
        raise Conflict(
            "no shares are quantified on that day", code="assets.dividend.shares",
            mend="enter the shares in the roll first",
        )  # fmt: skip


def _refuse(decision: Decision) -> None:
    if decision.state is State.MET:
        return
    reasons = [each for each in explain(decision).reasons if each.state is not State.MET]
    said = "；".join(f"{each.clause}（{each.name}）{'，'.join(each.sentences)}" for each in reasons)
    raise Conflict(
        "the charter refuses this distribution",
        code="assets.dividend.refused",
        place=said,
        mend="lower what is promised, or wait",
    )
