"""What is asked: which reform of which policy, on whom; and the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pyarrow as pa

from longmai.kernel.errors import Invalid, TooLarge
from longmai.kernel.regions import prefix
from longmai.portal.house import House
from longmai.portal.simulation.models import Answer, Bin, Crowding, Line, Search
from longmai.rules.policy.model import Policy
from longmai.rules.simulate.judging import refusal
from longmai.rules.simulate.population import Population, population_of
from longmai.rules.simulate.reform import Reform
from longmai.rules.simulate.sample import Recipe, sample_population
from longmai.rules.simulate.simulation import Simulation
from longmai.store.columns.duckdb import DuckDB

MOST_HOUSEHOLDS = 200_000
MOST_ROWS = 50_000
_MEMORY_MB = 400
# What is answered while one waits: some seconds of one core.
_MOST_BY_COLUMNS = 20_000
_MOST_BY_CASE = 4_000
_SEARCH_RUNS = 20
_PROBE = 20
_COUNTY = "county"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Whom:
    """On whom: a table that was sent, or made-up people.

    Attributes:
        table: that was sent; None: people are made up.
        households: of made-up people; ``seed``: of their draw.
        stands_for: so many households, or rows of a table; None: the population is whole, or the
            table has weights.
        by_county: the sample was drawn within each county.
    """

    table: pa.Table | None = None
    households: int = 1000
    seed: int = 1
    stands_for: int | None = None
    by_county: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.households <= MOST_HOUSEHOLDS:
            raise TooLarge(
                f"between 1 and {MOST_HOUSEHOLDS} households are made up here",
                code="what_if.households", place="households", value=self.households,
                mend="ask for fewer",
            )  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """A budget to meet with one parameter.

    Attributes:
        target_fen: None: what the policy costs before.
    """

    parameter: str
    target_fen: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    step: Decimal = Decimal(1)


@dataclass(frozen=True)
class Asked:
    """A what-if, with all that it needs.

    Attributes:
        group: heading of a column to group by; empty: none.
    """

    policy: Policy
    reform: Reform
    day: date
    whom: Whom
    group: str = ""
    wish: Wish | None = None


def policy_for(house: House, own: str, version: str, day: date) -> Policy:
    """Return the version asked for; without a wish that of the day, else the newest."""
    if version:
        return house.policies.version(own, version)
    versions = house.policies.versions(own)
    return next((each for each in versions if each.holds_on(day)), versions[0])


def population_for(house: House, asked: Asked) -> Population:
    """Return the people asked for.

    Raises:
        InvalidMany: cells that do not fit the policy.
        TooLarge: more than is answered here.
    """
    whom = asked.whom
    if whom.table is not None:
        found = population_of(asked.policy, whom.table, most_rows=MOST_ROWS)
        if whom.stands_for is not None or not found.design.whole:
            return found.sampled(whom.stands_for, by_county=whom.by_county)
        return found
    recipe = Recipe(whom.households, whom.seed, places=counties(house, asked.policy))
    found = sample_population(asked.policy, recipe, asked.day)
    return found if whom.stands_for is None else found.sampled(whom.stands_for)


def counties(house: House, policy: Policy) -> dict[str, float]:
    """Return the counties that a policy holds in, each with the same weight."""
    pack = house.regions
    found = [
        prefix(county.code)
        for prefecture in pack.children(pack.code)
        for county in (pack.children(prefecture.code) or (prefecture,))
        if county.level == _COUNTY
    ]
    return {code: 1.0 for code in found if policy.holds_in(code)}


def is_long(house: House, asked: Asked) -> bool:
    """Tell whether the answer takes more than some seconds; made-up people are not made for it."""
    if asked.whom.table is not None:
        population = population_for(house, asked)
        rows = population.size
    else:
        few = min(_PROBE, asked.whom.households)
        population = population_for(
            house, replace(asked, whom=replace(asked.whom, households=few, stands_for=None))
        )
        rows = population.size * asked.whom.households // few
    if refusal(asked.policy, population, asked.day):
        return rows * (_SEARCH_RUNS if asked.wish else 2) > _MOST_BY_CASE * 2
    return rows * (2 if asked.wish else 1) > _MOST_BY_COLUMNS


def answer(
    asked: Asked, population: Population, progress: Progress = lambda _done, _all: None
) -> Answer:
    """Run a what-if.

    Raises:
        InvalidMany: the reform does not fit the policy.
        Invalid: no such column to group by, no such parameter to search.
    """
    with DuckDB(memory_mb=_MEMORY_MB) as duck:
        run = Simulation(asked.policy, asked.reform, population, asked.day, duck)
        found = run.report(asked.group, progress)
        search = None
        if asked.wish is not None:
            wish = asked.wish
            neutral = run.neutral(
                wish.parameter, wish.target_fen, low=wish.low, high=wish.high, step=wish.step
            )
            search = Search.of(wish.parameter, neutral)
    policy, amount = asked.policy, found.after.amount or found.before.amount
    return Answer(
        policy=policy.id,
        version=policy.version,
        title=asked.reform.title,
        unit="" if amount is None else amount.unit,
        pays=amount is not None,
        day=asked.day.isoformat(),
        reform=asked.reform.text,
        digest_before=found.before.digest,
        digest_after=found.after.digest,
        rows=population.size,
        exact=population.design.whole,
        made_up=population.made_up,
        seed=asked.whom.seed if population.made_up else None,
        group=asked.group,
        total=Line.of(found.total),
        regions=[Line.of(each) for each in found.regions],
        groups=[Line.of(each) for each in found.groups],
        distribution=[Bin.of(each) for each in found.distribution],
        crowding=[Crowding.of(each) for each in found.crowding],
        search=search,
        refusals=list(dict.fromkeys(each for each in found.refusals if each)),
    )


def whole_number(text: str, place: str, low: int = 0) -> int:
    """Return a whole number that somebody wrote.

    Raises:
        Invalid: it is none, or below a bound.
    """
    plain = text.replace(",", "").strip()
    if not plain.isascii() or not plain.isdigit() or int(plain) < low:
        raise Invalid(
            "this is no whole number", code="what_if.number", place=place, value=text[:40],
            mend=f"write digits, {low} or more",
        )  # fmt: skip
    return int(plain)
