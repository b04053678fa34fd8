"""A whole what-if: a policy, a reform and a population; what changes, and what it would take."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from longmai.kernel.errors import Invalid
from longmai.rules.columns.backend import Backend
from longmai.rules.policy.model import EVERYWHERE, ParameterValue, Policy
from longmai.rules.simulate.applying import apply_reform
from longmai.rules.simulate.bins import Bin
from longmai.rules.simulate.comparing import Comparison, Line, cost_of
from longmai.rules.simulate.judging import Judgements, judge, register
from longmai.rules.simulate.population import Population
from longmai.rules.simulate.reform import Reform
from longmai.rules.simulate.searching import Search, search
from longmai.rules.simulate.thresholds import Crowding, crowding

_ALWAYS = date(1900, 1, 1)
_FURTHEST = 4
"""So many times today's value is the upper bound of a search, where none is named."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """What a what-if found.

    Attributes:
        before: the policy as it stands, with what is assumed; ``after``: with the reform.
        total: of all; ``regions``: by county; ``groups``: by the column asked for.
        distribution: how many get how much more or less.
        crowding: at each threshold.
        refusals: why a side ran case by case, before and after; empty: as columns.
    """

    before: Policy
    after: Policy
    total: Line
    regions: tuple[Line, ...]
    groups: tuple[Line, ...]
    distribution: tuple[Bin, ...]
    crowding: tuple[Crowding, ...]
    refusals: tuple[str, str]


@dataclass(frozen=True)
class Simulation:
    """A policy and its reform over a population in a database.

    Attributes:
        policy: as it stands.
        reform: what one would change.
        population: whom it is judged on.
        day: by whose law.
        backend: where it runs.
    """

    policy: Policy
    reform: Reform
    population: Population
    day: date
    backend: Backend

    @cached_property
    def before(self) -> Policy:
        """The policy as it stands, with what is assumed of both sides."""
        return apply_reform(self.policy, self.reform, assumed_only=True)

    @cached_property
    def after(self) -> Policy:
        """The policy with the reform."""
        return apply_reform(self.policy, self.reform)

    @cached_property
    def _region(self) -> str:
        return self.policy.regions[0] if self.policy.regions else EVERYWHERE

    @cached_property
    def _judged(self) -> tuple[Judgements, Judgements]:
        register(self.population, self.backend)
        return self._judge(self.before), self._judge(self.after)

    def _judge(self, policy: Policy) -> Judgements:
        return judge(policy, self.population, self.day, self.backend, self._region)

    @cached_property
    def comparison(self) -> Comparison:
        """Before and after, row by row."""
        pays = (self.before.amount is not None, self.after.amount is not None)
        return Comparison(*self._judged, self.population, pays)

    def report(self, group: str = "", progress: Progress = lambda _done, _all: None) -> Report:
        """Run it, and return what changes.

        Args:
            group: heading of a column to group by.
            progress: told how many of how many steps are done.

        Raises:
            InvalidMany: the reform does not fit the policy.
            Invalid: there is no such column to group by.
        """
        old, new = self._judged
        progress(1, 3)
        found = self.comparison
        groups = found.by_group(group) if group else ()
        total, regions, spread = found.total(), found.by_region(), found.distribution()
        progress(2, 3)
        sides = (self.before, self.after)
        close = crowding(*sides, self.population, self.day, self.backend, self._region)
        report = Report(
            *sides, total, regions, groups, spread, tuple(close), (old.refusal, new.refusal)
        )
        progress(3, 3)
        return report

    def cost_at(self, parameter: str, value: Decimal) -> int:
        """Return what the policy after the reform costs with one parameter at a value, in fen."""
        register(self.population, self.backend)
        changed = with_value(self.after, parameter, value)
        return cost_of(self._judge(changed), self.population.design)

    def neutral(
        self,
        parameter: str,
        target_fen: int | None = None,
        *,
        low: Decimal | None = None,
        high: Decimal | None = None,
        step: Decimal = Decimal(1),
    ) -> Search:
        """Return the value of a parameter at which the reform costs a target.

        Args:
            parameter: of the policy, a number.
            target_fen: None: what the policy costs before.
            low: least value; None: 0.
            high: greatest; None: some times the value of now.
            step: between values.

        Raises:
            Invalid: the policy has no such parameter, or pays nothing; bounds that are no range.
        """
        found = self.after.parameters.get(parameter)
        if found is None or found.type != "number" or self.after.amount is None:
            numbers = [e.name for e in self.after.parameters.values() if e.type == "number"]
            raise Invalid(
                "no number of a policy that pays", code="search.parameter", value=parameter,
                mend=f"choose from {', '.join(numbers) or 'none'}",
            )  # fmt: skip
        if target_fen is None:
            target_fen = cost_of(self._judged[0], self.population.design)
        if high is None:
            known = [each.value for each in found.values if isinstance(each.value, Decimal)]
            high = (
                max([_FURTHEST * abs(each) for each in known], default=Decimal(0)) or step * 10000
            )
        bottom = Decimal(0) if low is None else low
        return search(lambda value: self.cost_at(parameter, value), target_fen, bottom, high, step)


def with_value(policy: Policy, parameter: str, value: Decimal) -> Policy:
    """Return a policy with one parameter at a value, at all times and everywhere."""
    found = policy.parameters[parameter]
    row = ParameterValue(_ALWAYS, None, EVERYWHERE, value, confirmed=False)
    changed = replace(found, values=(row,))
    return replace(policy, parameters={**policy.parameters, parameter: changed})
