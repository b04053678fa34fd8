"""People to judge many policies by: a crowd that grows where nobody in it tells two apart.

Whether somebody can meet two policies at once is mostly settled by judging people one has already.
Each is judged once by each policy, and a pair is a matter of bits. Only where nobody of the crowd
meets both is the solver asked, and whoever it finds joins the crowd.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from longmai.rules.checks.eras import Era, all_well
from longmai.rules.checks.formulas import Formulas, texts_of
from longmai.rules.checks.logic import negated
from longmai.rules.checks.solver import Budget, Questions
from longmai.rules.checks.subject import SIZES
from longmai.rules.checks.terms import Symbols
from longmai.rules.policy.evaluation import Case, Decision, State, evaluate
from longmai.rules.policy.model import Policy

_MOST_PEOPLE = 256
_FIRST = (8, 32)


@dataclass
class _Judged:
    """Whom of the crowd a policy was judged on, and who met it, as bits."""

    count: int = 0
    met: int = 0


class Crowd:
    """People, and what policies say of them.

    Args:
        policies: by id. A datum of the same name is the same datum for all.
        budget: time for all questions.
    """

    def __init__(self, policies: Mapping[str, Policy], budget: Budget) -> None:
        self._policies, self._budget = policies, budget
        self._symbols = Symbols()
        self._texts = sorted({text for each in policies.values() for text in texts_of(each)})
        self._formulas: dict[tuple[str, int | None, date, str], Formulas] = {}
        self._own: dict[str, Case | None] = {}
        self._people: list[Case] = []
        self._judged = {own: _Judged() for own in policies}
        for policy in policies.values():
            person = self._person(policy)
            if person is not None and len(self._people) < _MOST_PEOPLE:
                self._people.append(person)

    def is_met_together(self, policies: Sequence[Policy]) -> bool:
        """Tell whether somebody meets all of some policies; without saying who."""
        return self._who(policies) is not None or bool(self._solved(policies))

    def who_meets(self, policies: Sequence[Policy]) -> tuple[Decision, ...]:
        """Return what comes of somebody who meets all of some policies; nothing: nobody found."""
        person = self._who(policies)
        if person is not None:
            return tuple(self.judge(each, person) for each in policies)
        return self._solved(policies)

    def _who(self, policies: Sequence[Policy]) -> Case | None:
        # A few people settle most pairs; the others are judged only where those do not.
        for most in (*_FIRST, len(self._people)):
            bits = -1
            for each in policies:
                bits &= self._met_by(each, most)
            if bits > 0:
                return self._people[(bits & -bits).bit_length() - 1]
        return None

    def has_other(self, met: Policy, missed: Policy) -> bool:
        """Tell whether somebody of the crowd meets a policy and not another."""
        whole = len(self._people)
        return bool(self._met_by(met, whole) & ~self._met_by(missed, whole))

    def can_be(self, met: Sequence[Policy], missed: Sequence[Policy]) -> bool | None:
        """Tell whether anybody can meet some policies and not others; None: undecided."""
        formulas = self._together([*met, *missed], None)
        if not formulas:
            return None
        wanted = [each.all_met() for each in formulas[: len(met)]]
        missing = [negated(each.all_met()) for each in formulas[len(met) :]]
        if any(each.translate.loose for each in formulas[len(met) :]):
            return None
        return self._questions(formulas).can_be(*wanted, *missing)

    def judge(self, policy: Policy, person: Case) -> Decision:
        """Judge somebody by a policy; data he has not are those of somebody who meets it."""
        own = self._own.get(policy.id)
        more = {} if own is None else own.values
        names = [*policy.inputs, *([policy.members_name] if policy.members else [])]
        values = {name: person.values.get(name, more.get(name)) for name in names}
        return evaluate(policy, Case(person.day, person.region, values, all_well(policy)))

    def _met_by(self, policy: Policy, most: int) -> int:
        """Return who of the first so many, and maybe of some more, meets a policy, as bits."""
        judged, until = self._judged[policy.id], min(most, len(self._people))
        for number in range(judged.count, until):
            if self.judge(policy, self._people[number]).state is State.MET:
                judged.met |= 1 << number
        judged.count = max(judged.count, until)
        return judged.met

    # Somebody new.

    def _person(self, policy: Policy) -> Case | None:
        """Return somebody who meets a policy: of its examples, or a solution."""
        found = next(_met_examples(policy), None)
        if found is None:
            solved = self._solved([policy])
            found = solved[0].case if solved else None
        self._own[policy.id] = found
        return found

    def _solved(self, policies: Sequence[Policy]) -> tuple[Decision, ...]:
        for size in SIZES if any(each.members for each in policies) else (0,):
            formulas = self._together(policies, size)
            if not formulas:
                return ()
            wanted = [each.all_met() for each in formulas]
            near = formulas[0].person.within
            model = self._questions(formulas).find(*wanted, near=near)
            if model is None:
                continue
            found = tuple(each.judged(model) for each in formulas)
            if all(each.state is State.MET for each in found):
                self._join(found)
                return found
        return ()

    def _join(self, found: Sequence[Decision]) -> None:
        if len(self._people) < _MOST_PEOPLE:
            values: dict[str, Any] = {}
            for each in found:
                values |= each.case.values
            case = found[0].case
            self._people.append(Case(case.day, case.region, values))

    def _together(self, policies: Sequence[Policy], size: int | None) -> list[Formulas]:
        """Return policies' formulas over the same data; none where they never hold at once."""
        when = _common(policies)
        return [] if when is None else [self._one(each, size, *when) for each in policies]

    def _one(self, policy: Policy, size: int | None, day: date, region: str) -> Formulas:
        key = policy.id, size, day, region
        if key not in self._formulas:
            rows = {name: each.at(day, region) for name, each in policy.parameters.items()}
            values = {name: None if row is None else row.value for name, row in rows.items()}
            era = Era(day, day, region, values)
            self._formulas[key] = Formulas(policy, era, size, self._symbols, self._texts)
        return self._formulas[key]

    def _questions(self, formulas: Sequence[Formulas]) -> Questions:
        return Questions([part for each in formulas for part in each.domain], self._budget)


def _met_examples(policy: Policy) -> Iterator[Case]:
    for each in policy.examples:
        values = {**dict.fromkeys(policy.inputs), **each.given}
        case = Case(each.day, each.region, values, all_well(policy))
        if evaluate(policy, case).state is State.MET:
            yield case


def _common(policies: Sequence[Policy]) -> tuple[date, str] | None:
    """Return a day and a region in which all of some policies hold; None: there is none.

    The day is that from which the latest of their parameters count, if they hold then.
    """
    rows = [row for each in policies for p in each.parameters.values() for row in p.values]
    start = max(each.start for each in policies)
    day = max([start, *(row.start for row in rows)])
    if not all(each.holds_on(day) for each in policies):
        day = start
    region = max((region for each in policies for region in each.regions), key=len, default="")
    hold = all(each.holds_on(day) and each.holds_in(region) for each in policies)
    return (day, region) if hold else None
