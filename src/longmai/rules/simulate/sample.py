"""Made-up people to try a reform on. Nothing about them is official: every share is a parameter.

The same seed gives the same people. Whoever has real data, or a synthetic population fitted to
statistics, uses those instead.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import pyarrow as pa

from longmai.rules.policy.model import Input, Policy
from longmai.rules.simulate.population import Population, population_of

DAYS_A_YEAR = 365.2425
_AGE_NAMES = frozenset(("年龄", "age"))
_BIRTH_NAMES = frozenset(("出生日期", "date of birth"))
_AMOUNT_DIGITS = Decimal("0.01")


@dataclass(frozen=True)
class Share:
    """Yes for a share of people."""

    yes: float


@dataclass(frozen=True)
class Spread:
    """Numbers around a median, by a log-normal distribution; 0 for a share of people.

    Attributes:
        sigma: of the logarithm.
    """

    median: float
    sigma: float = 0.6
    zero: float = 0.0


@dataclass(frozen=True)
class Even:
    """Numbers, or years before the day for dates, evenly between two bounds."""

    low: float
    high: float


Marginal = Share | Spread | Even | Mapping[str, float]
"""How a datum is distributed; a mapping gives the weight of each text."""


@dataclass(frozen=True)
class Recipe:
    """What made-up people are like.

    Attributes:
        households: so many.
        seed: of the draw.
        sizes: weights of households of 1, 2 … members.
        ages: weights of ages 0–14, 15–59, 60–99.
        missing: share of values that are not known.
        marginals: by datum; those left out are ``marginal_of``.
        places: weights of region codes; empty: no regions.
    """

    households: int = 1000
    seed: int = 1
    sizes: Sequence[float] = (20, 30, 25, 15, 10)
    ages: Sequence[float] = (20, 60, 20)
    missing: float = 0.0
    marginals: Mapping[str, Marginal] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)


def sample_population(policy: Policy, recipe: Recipe, day: date) -> Population:
    """Return made-up people as a population of a policy, marked as such."""
    return replace(population_of(policy, sample_table(policy, recipe, day)), made_up=True)


def sample_table(policy: Policy, recipe: Recipe, day: date) -> pa.Table:
    """Return made-up people in the form in which people send their own tables.

    Columns: 户号, 区划 where the recipe has places, and the policy's data by name.
    """
    return _Maker(policy, recipe, day).table()


def marginal_of(policy: Policy, asked: Input) -> Marginal:
    """Return how a datum is distributed where nobody says: around what the policy asks for."""
    if asked.type == "boolean":
        return Share(0.5)
    if asked.type == "date":
        return Even(0, 90)
    if asked.values:
        return dict.fromkeys(asked.values, 1.0)
    if asked.type == "string":
        return {"": 1.0}
    if asked.unit == "%":
        return Even(0, 100)
    found = [
        abs(float(value.value))
        for each in policy.parameters.values()
        if each.unit == asked.unit or not asked.unit
        for value in each.values
        if isinstance(value.value, Decimal) and value.value
    ]
    return Spread(median(found) if found else 1000.0)


class _Maker:
    def __init__(self, policy: Policy, recipe: Recipe, day: date) -> None:
        self._policy, self._recipe, self._day = policy, recipe, day
        # Made-up people need no secret randomness, but the same each time.
        self._chance = random.Random(recipe.seed)  # noqa: S311
        every = (*policy.inputs.values(), *policy.members.values())
        self._marginals = {
            each.name: recipe.marginals.get(each.name, marginal_of(policy, each)) for each in every
        }

    def table(self) -> pa.Table:
        policy = self._policy
        asked = [*policy.inputs.values(), *policy.members.values()]
        asked = [each for each in asked if not each.type.startswith("list")]
        heads = ["户号"] + (["区划"] if self._recipe.places else [])
        rows: dict[str, list[Any]] = {name: [] for name in (*heads, *(e.name for e in asked))}
        places, weights = list(self._recipe.places), list(self._recipe.places.values())
        # Only of people and households a household has members.
        many = policy.applies_to in {"person", "household"}
        for number in range(1, self._recipe.households + 1):
            place = self._chance.choices(places, weights)[0] if places else ""
            own = self._person(policy.inputs) if policy.members else {}
            for _ in range(self._size() if many else 1):
                person = self._person(policy.members) if policy.members else {}
                person = own | person if policy.members else self._person(policy.inputs)
                person |= {"户号": number, "区划": place}
                for name, column in rows.items():
                    column.append(person[name])
        types = {each.name: _ARROW[each.type] for each in asked}
        types |= {"户号": pa.int64(), "区划": pa.string()}
        return pa.table({name: pa.array(column, types[name]) for name, column in rows.items()})

    def _size(self) -> int:
        sizes = self._recipe.sizes
        return self._chance.choices(range(1, len(sizes) + 1), sizes)[0]

    def _person(self, inputs: Mapping[str, Input]) -> dict[str, Any]:
        born = self._born()
        return {
            each.name: self._drawn(each, born)
            for each in inputs.values()
            if not each.type.startswith("list")
        }

    def _born(self) -> date:
        low, high = self._chance.choices(((0, 15), (15, 60), (60, 100)), self._recipe.ages)[0]
        days = self._chance.uniform(low, high) * DAYS_A_YEAR
        return self._day - timedelta(days=int(days))

    def _drawn(self, asked: Input, born: date) -> Any:
        if self._recipe.missing and self._chance.random() < self._recipe.missing:
            return None
        names, set_by_hand = {asked.name, asked.en}, asked.name in self._recipe.marginals
        if asked.type == "date" and names & _BIRTH_NAMES and not set_by_hand:
            return born
        if asked.type == "number" and not set_by_hand and (names & _AGE_NAMES):
            had = (self._day.month, self._day.day) >= (born.month, born.day)
            return Decimal(self._day.year - born.year - (not had))
        return self._by(self._marginals[asked.name], asked.type)

    def _by(self, marginal: Marginal, type_: str) -> Any:
        match marginal:
            case Share(yes):
                return self._chance.random() < yes
            case Spread(middle, sigma, zero):
                found = self._chance.lognormvariate(0, sigma) * middle
                return _amount(0.0 if self._chance.random() < zero else found)
            case Even(low, high):
                found = self._chance.uniform(low, high)
                if type_ == "date":
                    return self._day - timedelta(days=int(found * DAYS_A_YEAR))
                return _amount(found)
        return self._chance.choices(list(marginal), list(marginal.values()))[0] or None


def _amount(found: float) -> Decimal:
    return Decimal(found).quantize(_AMOUNT_DIGITS)


_ARROW: Mapping[str, pa.DataType] = {
    "number": pa.decimal128(18, 2),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
