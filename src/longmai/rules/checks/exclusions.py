"""Checks of policies that exclude each other: who counts, for somebody who meets several.

All pairs are looked at in which one names the other. A datum of the same name and type is the same
datum for both policies. Most pairs are settled without the solver: somebody who meets one policy is
simply judged by the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from longmai.rules.checks.crowd import Crowd
from longmai.rules.checks.finding import Finding, spot_of
from longmai.rules.checks.solver import Budget
from longmai.rules.policy.evaluation import Decision, State
from longmai.rules.policy.library import stacked
from longmai.rules.policy.model import Policy

_LONGEST_CIRCLE = 5


@dataclass
class Exclusions:
    """The checks of policies against each other.

    Attributes:
        policies: one version of each, by id.
        budget: time for all of it.
    """

    policies: Mapping[str, Policy]
    budget: Budget

    def __post_init__(self) -> None:
        self._crowd = Crowd(self.policies, self.budget)

    def findings(self) -> Iterator[Finding]:
        """Yield exclusions that go in a circle, contradict each other, or leave nothing."""
        told: set[frozenset[str]] = set()
        for circle in self._circles():
            finding = self._circle(circle)
            if finding is not None:
                told.add(frozenset(circle))
                yield finding
        for own, other in self._pairs:
            pair = frozenset((own, other))
            if pair not in told and own != other:
                told.add(pair)
                yield from self._pair(self.policies[own], self.policies[other])

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        return [
            (own.id, other)
            for own in self.policies.values()
            for other in (own.stacking.exclusive if own.stacking else ())
            if other in self.policies
        ]

    # Who gives way to whom.

    @cached_property
    def _gives_way(self) -> Mapping[str, set[str]]:
        """For each policy, those to which it gives way by somebody's word."""
        found: dict[str, set[str]] = {each: set() for each in self.policies}
        for own, other in self._pairs:
            stacking = self.policies[own].stacking
            choice = stacking.choice if stacking else ""
            if choice == "the other" or own == other:
                found[own].add(other)
            elif choice == "this one":
                found[other].add(own)
        return found

    def _circles(self) -> Iterator[tuple[str, ...]]:
        """Yield circles of giving way, each once, the short ones first."""
        for length in range(1, _LONGEST_CIRCLE + 1):
            for start in self._gives_way:
                yield from _from(self._gives_way, (start,), length)

    def _circle(self, circle: Sequence[str]) -> Finding | None:
        policies = [self.policies[each] for each in circle]
        decisions = self._crowd.who_meets(policies)
        if not decisions or (len(policies) > 1 and len(_winners(decisions)) == 1):
            return None
        code = "exclusion-self" if len(circle) == 1 else "exclusion-circle"
        return _finding(code, policies, decisions)

    # Two by two.

    def _pair(self, own: Policy, other: Policy) -> Iterator[Finding]:
        if self._crowd.is_met_together([own, other]):
            yield from self._swallowed(own, other)
            return
        alone = self._crowd.who_meets([own])
        if alone and self._crowd.can_be([own, other], []) is False:
            judged = self._crowd.judge(other, alone[0].case)
            if judged.state is not State.MET:
                yield _finding("exclusion-idle", [own, other], [*alone, judged])

    def _swallowed(self, own: Policy, other: Policy) -> Iterator[Finding]:
        """Yield that a policy gives way to one that whoever meets it meets, too."""
        for loser, winner in ((own, other), (other, own)):
            gives_way = winner.id in self._gives_way[loser.id]
            if not gives_way or self._crowd.has_other(loser, winner):
                continue
            if self._crowd.can_be([loser], [winner]) is False:
                pair = [loser, winner]
                yield _finding("exclusion-swallows", pair, self._crowd.who_meets(pair))


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
