"""Checks of policies that exclude each other: who counts, for somebody who meets several.

All pairs are looked at in which one names the other. A datum of the same name and type is the same
datum for both policies. Most pairs are settled without the solver: somebody who meets one policy is
simply judged by the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

from longmai.rules.checks.eras import Era
from longmai.rules.checks.finding import Finding, spot_of
from longmai.rules.checks.formulas import Formulas, all_well, texts_of
from longmai.rules.checks.logic import negated
from longmai.rules.checks.solver import Budget, Questions
from longmai.rules.checks.subject import SIZES
from longmai.rules.checks.terms import Symbols, Untranslatable
from longmai.rules.policy.evaluation import Case, Decision, State, evaluate
from longmai.rules.policy.library import stacked
from longmai.rules.policy.model import Policy

_LONGEST_CIRCLE = 5


@dataclass(frozen=True)
class _Pair:
    """A policy and one that it excludes."""

    own: Policy
    other: Policy

    @property
    def key(self) -> frozenset[str]:
        """The pair, whichever way round."""
        return frozenset((self.own.id, self.other.id))


@dataclass
class Exclusions:
    """The checks of policies against each other.

    Attributes:
        policies: one version of each, by id.
        budget: time for all of it.
        undecided: pairs that stayed open.
    """

    policies: Mapping[str, Policy]
    budget: Budget
    undecided: list[tuple[str, str]] = field(default_factory=list)
    _formulas: dict[tuple[str, int], Any] = field(default_factory=dict)
    _people: dict[str, Case | None] = field(default_factory=dict)
    _symbols: Symbols = field(default_factory=Symbols)

    def __post_init__(self) -> None:
        self._texts = sorted({text for each in self.policies.values() for text in texts_of(each)})

    def findings(self) -> Iterator[Finding]:
        """Yield exclusions that go in a circle, contradict each other, or leave nothing."""
        told: set[frozenset[str]] = set()
        for circle in self._circles():
            finding = self._circle(circle)
            if finding is not None:
                told.add(frozenset(circle))
                yield finding
        seen = set()
        for pair in self._pairs():
            if pair.key in seen or pair.key in told:
                continue
            seen.add(pair.key)
            yield from self._pair(pair)

    def _pairs(self) -> Iterator[_Pair]:
        for own in self.policies.values():
            for name in own.stacking.exclusive if own.stacking else ():
                other = self.policies.get(name)
                if other is not None:
                    yield _Pair(own, other)

    # Who gives way to whom.

    def _gives_way(self) -> dict[str, set[str]]:
        """Return, for each policy, those to which it gives way by somebody's word."""
        found: dict[str, set[str]] = {each: set() for each in self.policies}
        for pair in self._pairs():
            choice = pair.own.stacking.choice if pair.own.stacking else ""
            if choice == "the other" or pair.own is pair.other:
                found[pair.own.id].add(pair.other.id)
            elif choice == "this one":
                found[pair.other.id].add(pair.own.id)
        return found

    def _circles(self) -> Iterator[tuple[str, ...]]:
        """Yield circles of giving way, each once, the short ones first."""
        ways = self._gives_way()
        for length in range(1, _LONGEST_CIRCLE + 1):
            for start in ways:
                yield from _from(ways, (start,), length)

    def _circle(self, circle: Sequence[str]) -> Finding | None:
        policies = [self.policies[each] for each in circle]
        for decisions in self._who_meets(policies):
            if len(policies) > 1 and len(_winners(decisions)) < 2:  # noqa: PLR2004 - two outcomes
                continue
            code = "exclusion-self" if len(circle) == 1 else "exclusion-circle"
            return _finding(code, policies, decisions)
        return None

    # Two by two.

    def _pair(self, pair: _Pair) -> Iterator[Finding]:
        if pair.own is pair.other:
            return
        both = next(self._who_meets([pair.own, pair.other]), None)
        if both is None:
            alone = self._never_both(pair)
            if alone is not None:
                yield _finding("exclusion-idle", [pair.own, pair.other], alone)
            return
        yield from self._swallowed(pair, both)

    def _never_both(self, pair: _Pair) -> tuple[Decision, ...] | None:
        """Return somebody who meets one, if nobody can meet both."""
        if self._can_be([pair.own, pair.other], ()) is not False:
            return None
        for decisions in self._who_meets([pair.own]):
            judged = self._judge(pair.other, decisions[0].case, {})
            if judged.state is not State.MET:
                return decisions[0], judged
        return None

    def _swallowed(self, pair: _Pair, both: tuple[Decision, ...]) -> Iterator[Finding]:
        """Yield that a policy gives way to one that whoever meets it meets, too."""
        for loser, winner in ((pair.own, pair.other), (pair.other, pair.own)):
            if winner.id not in self._gives_way_of(loser):
                continue
            if self._somebody_else(loser, winner) or self._can_be([loser], [winner]) is not False:
                continue
            ordered = tuple(sorted(both, key=lambda each: each.policy.id != loser.id))
            yield _finding("exclusion-swallows", [loser, winner], ordered)

    def _gives_way_of(self, policy: Policy) -> set[str]:
        return self._gives_way()[policy.id]

    def _somebody_else(self, loser: Policy, winner: Policy) -> bool:
        person = self._person(loser)
        if person is None:
            return True
        return self._judge(winner, person, {}).state is State.NOT_MET

    # People.

    def _person(self, policy: Policy) -> Case | None:
        """Return somebody who meets a policy: of its examples, or a solution."""
        if policy.id not in self._people:
            self._people[policy.id] = next(self._met_examples(policy), None) or self._met(policy)
        return self._people[policy.id]

    def _met_examples(self, policy: Policy) -> Iterator[Case]:
        for each in policy.examples:
            values = {**dict.fromkeys(policy.inputs), **each.given}
            case = Case(each.day, each.region, values, all_well(policy))
            if evaluate(policy, case).state is State.MET:
                yield case

    def _met(self, policy: Policy) -> Case | None:
        for formulas, questions in self._asked(policy):
            model = questions.find(formulas.all_met(), near=formulas.person.within)
            if model is not None and formulas.judged(model).state is State.MET:
                return formulas.case(model)
        return None

    def _who_meets(self, policies: Sequence[Policy]) -> Iterator[tuple[Decision, ...]]:
        """Yield what comes of people who meet all of some policies: at most two of them."""
        people = [self._person(each) for each in policies]
        if None not in people:
            shared: dict[str, Any] = {}
            for each in reversed(people):
                shared |= {} if each is None else each.values
            first = people[0]
            found = [self._judge(each, first, shared) for each in policies] if first else []
            if found and all(each.state is State.MET for each in found):
                yield tuple(found)
                return
        solved = self._solved(policies)
        if solved is not None:
            yield solved

    def _judge(self, policy: Policy, case: Case, more: Mapping[str, Any]) -> Decision:
        names = [*policy.inputs, *([policy.members_name] if policy.members else [])]
        values = {name: case.values.get(name, more.get(name)) for name in names}
        return evaluate(policy, replace(case, values=values, confirmed=all_well(policy)))

    def _solved(self, policies: Sequence[Policy]) -> tuple[Decision, ...] | None:
        for size in SIZES if any(each.members for each in policies) else (0,):
            asked = self._together(policies, size)
            if asked is None:
                return None
            formulas, questions = asked
            wanted = [each.all_met() for each in formulas]
            model = questions.find(*wanted, near=formulas[0].person.within)
            if model is None:
                continue
            found = tuple(each.judged(model) for each in formulas)
            if all(each.state is State.MET for each in found):
                return found
        return None

    def _can_be(self, met: Sequence[Policy], missed: Sequence[Policy]) -> bool | None:
        """Tell whether anybody can meet some policies and not others; None: undecided."""
        asked = self._together([*met, *missed], None)
        if asked is None:
            return None
        formulas, questions = asked
        if any(each.translate.loose for each in formulas[len(met) :]):
            return None
        wanted = [each.all_met() for each in formulas[: len(met)]]
        missing = [negated(each.all_met()) for each in formulas[len(met) :]]
        return questions.can_be(*wanted, *missing)

    def _together(
        self, policies: Sequence[Policy], size: int | None
    ) -> tuple[list[Formulas], Questions] | None:
        """Return several policies' formulas over the same data; None where they hold never at once.

        The parameters are those of the latest day on which all of them hold.
        """
        try:
            formulas = [self._one(each, size, policies) for each in policies]
        except (Untranslatable, LookupError):
            return None
        domain = [part for each in formulas for part in each.domain]
        return formulas, Questions(domain, self.budget)

    def _one(self, policy: Policy, size: int | None, policies: Sequence[Policy]) -> Formulas:
        era = _common_era(policy, policies)
        return Formulas(policy, era, size, self._symbols, self._texts)

    def _asked(self, policy: Policy) -> Iterator[tuple[Formulas, Questions]]:
        for size in SIZES if policy.members else (0,):
            asked = self._together([policy], size)
            if asked is not None:
                yield asked[0][0], asked[1]


def _from(
    ways: Mapping[str, set[str]], path: tuple[str, ...], length: int
) -> Iterator[tuple[str, ...]]:
    if len(path) == length:
        if path[0] in ways[path[-1]]:
            yield path
        return
    for following in sorted(ways[path[-1]]):
        if following > path[0] and following not in path:
            yield from _from(ways, (*path, following), length)


def _winners(decisions: Sequence[Decision]) -> set[frozenset[str]]:
    """Return who counts, for each order in which the policies may be asked."""
    return {
        frozenset(each.decision.policy.id for each in stacked(order) if not each.gives_way_to)
        for order in permutations(decisions)
    }


def _common_era(policy: Policy, policies: Sequence[Policy]) -> Era:
    """Return the parameters of a policy on the day from which all of some policies hold.

    Raises:
        LookupError: they never hold at once, or nowhere together.
    """
    rows = [row for each in policies for p in each.parameters.values() for row in p.values]
    day = max([*(each.start for each in policies), *(row.start for row in rows)])
    if not all(each.holds_on(day) for each in policies):
        day = max(each.start for each in policies)
    regions = sorted((r for each in policies for r in each.regions), key=len, reverse=True)
    region = regions[0] if regions else ""
    if not all(each.holds_on(day) and each.holds_in(region) for each in policies):
        raise LookupError(policy.id)
    found = {name: each.at(day, region) for name, each in policy.parameters.items()}
    values = {name: None if row is None else row.value for name, row in found.items()}
    return Era(day, day, region, values)


def _finding(code: str, policies: Sequence[Policy], decisions: Sequence[Decision]) -> Finding:
    first = policies[0]
    stacking = next((each for each in policies if each.stacking), first)
    key = "叠加" if "叠加:" in stacking.text else "stacking"
    clauses = [each.stacking.clause for each in policies if each.stacking]
    values = {
        "names": "”“".join(each.title for each in policies),
        "names_en": "', '".join(each.en or each.title for each in policies),
        "one": policies[0].title,
        "one_en": policies[0].en or policies[0].title,
        "other": policies[-1].title,
        "other_en": policies[-1].en or policies[-1].title,
    }
    return Finding(
        code,
        spot_of(stacking, key),
        tuple(each.id for each in policies),
        tuple(each for each in clauses if each),
        values,
        tuple(decisions),
    )
