"""What time alone changes: the day on which somebody comes to meet a policy, or no longer does.

People of whom a policy's conditions see the same are one case: a birthday, a yes, a place. Each
case is judged by the law and the clock of each of the coming days; that is a few thousand cases
where there are millions of people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longmai.domains.livelihood.finding.clocked import turning_parts
from longmai.domains.livelihood.finding.laying import (
    Laid,
    asked_by_conditions,
    place_of,
    region_of,
)
from longmai.rules.columns.many import small
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.population import Columns, Population, quoted
from longmai.rules.columns.rule import State
from longmai.rules.columns.schema import Given
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import string
from longmai.rules.feel.tree import Node
from longmai.rules.policy.evaluation import State as Outcome
from longmai.rules.policy.evaluation import case_of
from longmai.rules.policy.gaps import change_on, days_that_count
from longmai.rules.policy.model import EVERYWHERE, Condition, Policy, Rule

HORIZON_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("policy", pa.string()),
        ("gain_on", pa.date32()),
        ("lose_on", pa.date32()),
    ]
)
CASES = "_cases"
_DAYS_A_QUERY = 30
_ONE_BY_ONE = 20_000
"""Cases that the interpreter is asked for; more are asked of the columns, day by day."""
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class _Cases:
    """The table of cases, as rules see it.

    Attributes:
        table: its name.
        inputs: columns by which people are told apart.
        grouped: a row stands for all people who are alike; else for one person.
    """

    table: str
    population: Population
    region: Given
    inputs: tuple[str, ...]
    grouped: bool


def changes_ahead(laid: Laid, days: int) -> pa.Table:
    """Return who gains or loses a policy within so many days if nothing but time goes on.

    Columns: key as text, policy, gain_on (first day met, or left to a person), lose_on (first day
    not met, of those who meet it now or wait for a person).
    """
    found = [HORIZON_SCHEMA.empty_table()]
    for policy in laid.policies:
        if policy.id in laid.rules:
            found += _of(laid, policy, days)
    return pa.concat_tables(found)


def _of(laid: Laid, policy: Policy, days: int) -> Iterator[pa.Table]:
    coming = list(days_that_count(policy, laid.day, days))
    ends = policy.end is not None and policy.end < laid.day + timedelta(days=days)
    if not coming and not ends:
        return
    cases = _cases(laid, policy)
    ((_, first),) = _states(laid, policy, cases, [laid.day])
    gain, lose = (np.full(len(first), _NEVER, np.int32) for _ in range(2))
    few = _turning(laid, policy, cases, coming) if coming else np.array([], np.int64)
    if few is not None and len(few) <= _ONE_BY_ONE:
        _one_by_one(laid, policy, (few, first[few]), (gain, lose), days)
    else:
        for start in range(0, len(coming), _DAYS_A_QUERY):
            for day, now in _states(laid, policy, cases, coming[start : start + _DAYS_A_QUERY]):
                _note(gain, _gained(first, now), day)
                _note(lose, _lost(first, now), day)
    if policy.end is not None and ends:
        _note(lose, _lost(first, np.zeros_like(first)), policy.end + timedelta(days=1))
    changed = np.flatnonzero((gain < _NEVER) | (lose < _NEVER))
    if len(changed):
        yield _people(laid, policy, cases, changed, gain[changed], lose[changed])


def _turning(
    laid: Laid, policy: Policy, cases: _Cases, coming: Sequence[date]
) -> NDArray[np.int64] | None:
    """Return the cases of which any part turns in the coming days; None: that is not known."""
    parts = turning_parts(policy) if policy.asks_day else ()
    if parts is None or not cases.grouped:
        return None
    whole = [replace(policy, conditions=(_alone(each),), exclusions=(), amount=None,
                     regions=(EVERYWHERE,)) for each in parts]  # fmt: skip
    # Between two days on which values of the policy change, only the clock turns its parts.
    still = replace(policy, conditions=(), exclusions=(), steps={})
    length = (coming[-1] - laid.day).days
    steps = [
        each - timedelta(days=back)
        for each in days_that_count(still, laid.day, length)
        for back in (1, 0)
    ]
    days = sorted({laid.day, *(each for each in steps if each > laid.day), coming[-1]})
    turned: NDArray[np.bool_] | None = None
    for each in (policy, *whole):
        found = [states for _, states in _states(laid, each, cases, days)]
        for one, other in pairwise(found):
            differs = one != other
            turned = differs if turned is None else turned | differs
    return np.array([], np.int64) if turned is None else np.flatnonzero(turned)


def _alone(part: Node) -> Condition:
    return Condition("c1", "", Rule("", part))


def _one_by_one(
    laid: Laid,
    policy: Policy,
    few: tuple[NDArray[np.int64], NDArray[np.int8]],
    found: tuple[NDArray[np.int32], NDArray[np.int32]],
    days: int,
) -> None:
    """Ask the interpreter for the day of each of a few cases."""
    duck = laid.duck
    duck.register("_few", pa.table({"_case": few[0]}))
    query = f"SELECT * FROM {CASES} WHERE _case IN (SELECT _case FROM _few) ORDER BY _case"
    rows = duck.connection.sql(query).to_arrow_table().to_pylist()
    for row, state in zip(rows, few[1], strict=True):
        given = {name: row[name] for name in policy.inputs if name in row}
        case = case_of(policy, given, laid.day, row["_region"])
        held = state in {State.MET, State.MANUAL}
        if not policy.holds_in(row["_region"]):
            continue
        wanted = {Outcome.NOT_MET} if held else {Outcome.MET, Outcome.MANUAL}
        day = change_on(policy, case, wanted, days)
        if day is not None:
            found[int(held)][row["_case"]] = (day - date(1970, 1, 1)).days


def _gained(first: NDArray[np.int8], now: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Who is not settled today, and is then; who waits for a person waits for no day."""
    open_ = (first == State.NOT_MET) | (first == State.UNKNOWN)
    found: NDArray[np.bool_] = open_ & ((now == State.MET) | (now == State.MANUAL))
    return found


def _lost(first: NDArray[np.int8], now: NDArray[np.int8]) -> NDArray[np.bool_]:
    held = (first == State.MET) | (first == State.MANUAL)
    found: NDArray[np.bool_] = held & (now == State.NOT_MET)
    return found


def _note(days: NDArray[np.int32], hit: NDArray[np.bool_], day: date) -> None:
    days[hit & (days == _NEVER)] = (day - date(1970, 1, 1)).days


def _cases(laid: Laid, policy: Policy) -> _Cases:
    names = asked_by_conditions(policy)
    if policy.members:
        return _Cases("person", laid.population, region_of(laid.people), (), grouped=False)
    columns = laid.population.people
    inputs = tuple(
        sorted(each for each in names if each in policy.inputs and each in columns.types)
    )
    listed = "".join(f", {quoted(each)}" for each in inputs)
    region = laid.people.region_text
    laid.people.register(laid.duck)
    laid.duck.connection.execute(
        f"CREATE OR REPLACE TABLE {CASES} AS SELECT ROW_NUMBER() OVER () - 1 AS _case, *"
        f" FROM (SELECT {place_of(policy, region)} AS _place, MIN({region}) AS _region{listed}"
        f" FROM person GROUP BY _place{listed})"
    )
    types = {each: columns.types[each] for each in inputs}
    seen = replace(laid.population, people=Columns(CASES, types), members=None, absent_unknown=True)
    given = Given(string(nullable=False), '"_region"')
    return _Cases(CASES, seen, given, inputs, grouped=True)


def _states(
    laid: Laid, policy: Policy, cases: _Cases, days: Sequence[date]
) -> Iterator[tuple[date, NDArray[np.int8]]]:
    """Yield the state of each case on each day, in the order of the cases."""
    schema = cases.population.schema(policy)
    asked = {
        f"d{i}": compile_policy(policy, schema, day, cases.region, only_where_it_holds=True).state
        for i, day in enumerate(days)
    }
    key = '"_case"' if cases.grouped else quoted(laid.people.key)
    query = select(
        asked, cases.table, laid.duck.dialect, {"_key": key}, small(asked, laid.duck.dialect)
    )
    found = laid.duck.run(query.order_by('"_key"'))
    for i, day in enumerate(days):
        yield day, found[f"d{i}"].to_numpy().astype(np.int8)


def _people(
    laid: Laid,
    policy: Policy,
    cases: _Cases,
    changed: NDArray[np.int64],
    gain: NDArray[np.int32],
    lose: NDArray[np.int32],
) -> pa.Table:
    """Return the people of cases, with the days."""
    told = pa.table({"_case": changed, "gain_on": _days(gain), "lose_on": _days(lose)})
    laid.duck.register("_changed", told)
    key, region = quoted(laid.people.key), laid.people.region_text
    if cases.grouped:
        people = f"(SELECT *, {place_of(policy, region)} AS _place FROM person)"
        days = f"(SELECT * FROM {CASES} JOIN _changed USING (_case))"
        source = f"{people} AS p JOIN {days} AS c ON {_same(cases.inputs)}"
    else:
        numbered = f"SELECT {key}, ROW_NUMBER() OVER (ORDER BY {key}) - 1 AS _case FROM person"
        source = f"({numbered}) JOIN _changed USING (_case)"
    query = f"SELECT CAST({key} AS VARCHAR) AS key, gain_on, lose_on FROM {source}"
    found = laid.duck.connection.sql(query).to_arrow_table()
    names = pa.array([policy.id] * found.num_rows, pa.string())
    return pa.table(
        [found["key"], names, found["gain_on"], found["lose_on"]], schema=HORIZON_SCHEMA
    )


def _same(inputs: Sequence[str]) -> str:
    sides = ["_place", *map(quoted, inputs)]
    return " AND ".join(f"p.{each} IS NOT DISTINCT FROM c.{each}" for each in sides)


def _days(days: NDArray[np.int32]) -> pa.Array:
    return pa.array(days, mask=days == _NEVER).cast(pa.date32())
