"""Checks of amounts: where one yuan more loses more than one yuan.

A *cliff* is a threshold at which the smallest step more loses more than a yuan. A *marginal rate*
above 100 % loses it bit by bit, yuan after yuan. Both are looked for along each sum of money that
an amount hangs on, everything else staying as it is: the rule is asked about somebody and about
the same person with one yuan more. Sums by the month and by the year are made comparable.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import z3

from longmai.kernel.money import fen_to_yuan
from longmai.rules.checks import terms
from longmai.rules.checks.finding import Finding, spot_of, value_in_words
from longmai.rules.checks.formulas import Formulas
from longmai.rules.checks.logic import all_of, any_of, chosen, compared, minus
from longmai.rules.checks.natural import times_a_year, yuan_of
from longmai.rules.checks.people import Variable
from longmai.rules.checks.solver import Questions
from longmai.rules.checks.subject import Subject
from longmai.rules.checks.terms import Untranslatable
from longmai.rules.policy.evaluation import Case, Decision, State, evaluate
from longmai.rules.policy.model import Policy

_FEN = 100
# A rate shows on a long way, where rounding to the fen counts little; where it holds on a short
# one only, there.
_WAYS = {"cliff": (0,), "marginal": (100, 1)}
_HUNDRED = 100


@dataclass(frozen=True)
class _Line:
    """A sum of money along which an amount is followed.

    Attributes:
        step_fen: what one step of the datum is worth, by the amount's period.
        step_yuan: the same in yuan, by its own period.
        yuan: the way along it that is looked at; 0: one step.
    """

    variable: Variable
    step_fen: Fraction
    step_yuan: Fraction
    yuan: int = 0

    @property
    def steps(self) -> int:
        """Steps of the datum on the way."""
        return max(1, int(self.yuan / self.step_yuan))

    @property
    def allowed_fen(self) -> Fraction:
        """What the amount may lose on the way: as much as it is, and a yuan at a single step."""
        return self.step_fen * max(self.steps, int(1 / self.step_yuan))


def check_cliffs(subject: Subject) -> Iterator[Finding]:
    """Yield cliffs and marginal rates above 100 %, one of each for every datum."""
    if subject.policy.amount is None or yuan_of(subject.policy.amount.unit) is None:
        return
    told: set[tuple[str, str]] = set()
    for formulas, questions in subject.somebody():
        try:
            follower = _Follower(subject.policy, formulas, questions)
        except Untranslatable as beyond:
            subject.beyond.setdefault("金额", str(beyond))
            return
        for line in follower.lines():
            for code in ("cliff", "marginal"):
                key = code, line.variable.datum.name
                finding = None if key in told else follower.finding(code, line)
                if finding is not None:
                    told.add(key)
                    yield finding


class _Follower:
    def __init__(self, policy: Policy, formulas: Formulas, questions: Questions) -> None:
        self._policy, self._formulas, self._questions = policy, formulas, questions
        amount = formulas.amount()
        met = formulas.all_met()
        self._due = all_of(met, amount.known)
        refused = terms.false(terms.Term("boolean", formulas.none_refused()))
        self._settled = any_of(self._due, refused)
        self._paid = chosen(self._due, amount.quantity, Fraction(0))

    def lines(self) -> Iterator[_Line]:
        """Yield the sums of money among the data."""
        unit = self._policy.amount.unit if self._policy.amount else ""
        seen = set()
        for variable in self._formulas.person.numbers():
            yuan = yuan_of(variable.datum.unit)
            name = variable.datum.name
            if yuan is None or name in seen:
                continue
            seen.add(name)
            own, paid = times_a_year(variable.datum.unit), times_a_year(unit)
            factor = Fraction(own, paid) if own and paid else Fraction(1)
            step = variable.step * yuan
            yield _Line(variable, step * factor * _FEN / (yuan_of(unit) or 1), step)

    def finding(self, code: str, line: _Line) -> Finding | None:
        """Return a cliff, or a rate above 100 %, along a sum; None where none was found."""
        for yuan in _WAYS[code]:
            way = replace(line, yuan=yuan)
            near = self._formulas.person.within
            model = self._questions.find(*self._wanted(code, way), near=near)
            found = (
                None if model is None else self._confirmed(code, way, self._formulas.case(model))
            )
            if found is not None:
                return found
        return None

    def _wanted(self, code: str, line: _Line) -> list[Any]:
        here, there, further = (self._at(line, n * line.steps) for n in range(3))
        allowed = line.allowed_fen / _FEN
        loss = minus(here[1], there[1])
        if code == "cliff":
            return [self._due, there[0], compared(">", loss, allowed)]
        again = minus(there[1], further[1])
        even = compared("=", loss, again)
        return [self._due, there[2], further[2], compared(">", loss, allowed), even]

    def _at(self, line: _Line, steps: int) -> tuple[Any, Any, Any]:
        """Return whether it is settled, what is paid and whether it is due, so many steps on."""
        parts = (self._settled, self._paid, self._due)
        if not steps:
            return parts
        pair = line.variable.moved(steps)
        moved = [z3.substitute(each, pair) if z3.is_expr(each) else each for each in parts]
        return moved[0], moved[1], moved[2]

    def _confirmed(self, code: str, line: _Line, case: Case) -> Finding | None:
        one, other = (self._judged(line, case, n) for n in (0, line.steps))
        lost = _paid_fen(one) - _paid_fen(other)
        if one.state is not State.MET or one.amount_fen is None or not _is_settled(other):
            return None
        if lost <= line.allowed_fen:
            return None
        return self._finding(code, line, (one, other), lost)

    def _judged(self, line: _Line, case: Case, steps: int) -> Decision:
        return evaluate(self._policy, moved_case(self._policy, case, line.variable, steps))

    def _finding(
        self, code: str, line: _Line, pair: tuple[Decision, Decision], lost: int
    ) -> Finding:
        policy, variable = self._policy, line.variable
        amount = policy.amount
        per_cent = Fraction(lost) / (line.step_fen * line.steps) * _HUNDRED
        more = _decimal(variable.step * line.steps)
        datum = variable.datum
        values = {
            "name": datum.name,
            "name_en": datum.en or datum.name,
            "at": value_in_words(value_of(policy, pair[0].case, variable), "zh"),
            "more": value_in_words(more, "zh"),
            "unit": datum.unit,
            "lost": f"{fen_to_yuan(lost):,}",
            "paid_unit": amount.unit if amount else "",
            "rate": int(per_cent),
        }
        ids = [each.clause for each in policy.rules.values()] if code == "cliff" else []
        clauses = [amount.clause if amount else "", *ids]
        found = tuple(dict.fromkeys(each for each in clauses if each))
        spot = spot_of(policy, "金额" if "金额:" in policy.text else "amount")
        return Finding(code, spot, (policy.id,), found, values, pair)


def _is_settled(decision: Decision) -> bool:
    if decision.state is State.MET:
        return decision.amount_fen is not None
    return decision.state is State.NOT_MET


def _paid_fen(decision: Decision) -> int:
    return (decision.amount_fen or 0) if decision.state is State.MET else 0


def value_of(policy: Policy, case: Case, variable: Variable) -> Any:
    """Return a datum of a case."""
    if variable.member is None:
        return case.values[variable.datum.name]
    rows: Any = case.values[policy.members_name]
    return rows[variable.member][variable.datum.name]


def with_value(policy: Policy, case: Case, variable: Variable, value: Any) -> Case:
    """Return a case with another value of a datum."""
    if variable.member is None:
        return replace(case, values={**case.values, variable.datum.name: value})
    rows: Any = case.values[policy.members_name]
    changed = [dict(row) for row in rows]
    changed[variable.member][variable.datum.name] = value
    return replace(case, values={**case.values, policy.members_name: changed})


def moved_case(policy: Policy, case: Case, variable: Variable, steps: int) -> Case:
    """Return a case with a number so many steps larger."""
    now = Fraction(value_of(policy, case, variable)) + variable.step * steps
    return with_value(policy, case, variable, _decimal(now))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
