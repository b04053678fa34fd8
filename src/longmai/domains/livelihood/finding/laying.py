"""The people laid out once more, for what a night's run does not ask: who is near.

One pass reads the files and keeps what the rules look at; all other questions go to what was kept.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from longmai.rules.columns.many import prepare
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.types import Kind, Type, string
from longmai.rules.policy.household import NAMES
from longmai.rules.policy.model import Condition, Input, Parameter, Policy
from longmai.rules.policy.scope import used_names
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.people import People, bounded, text_literal

MARGINS = Path(__file__).with_name("margins.toml")
LAID = "_laid"


@cache
def margins() -> Mapping[str, int]:
    """Return how near is near, in per cent by unit."""
    found: Mapping[str, int] = tomllib.loads(MARGINS.read_text("utf-8"))["per_cent"]
    return found


@dataclass(frozen=True)
class Shift:
    """A policy judged as if one number were another.

    Attributes:
        fact: the number.
        per_cent: by how much it is more.
    """

    policy: str
    fact: str
    per_cent: int


@dataclass(frozen=True)
class Laid:
    """People laid out in a table: key, county, and what the rules look at.

    Attributes:
        rules: of the policies that were compiled, by id.
        shifted: the same with one number moved.
        refused: ids of policies that are judged row by row.
    """

    duck: DuckDB
    people: People
    population: Population
    policies: Sequence[Policy]
    day: date
    rules: Mapping[str, RuleColumns]
    shifted: Mapping[Shift, RuleColumns]
    refused: Sequence[str]


def region_of(people: People) -> Given:
    """Return the column of the regions, as rules see it."""
    return Given(string(nullable=False), people.region_text)


def place_of(policy: Policy, region: str) -> str:
    """Return SQL that is the same where a policy's regions and parameters are."""
    codes = {each for each in policy.regions if each}
    codes |= {v.region for p in policy.parameters.values() for v in p.values if v.region}
    whens = " ".join(
        f"WHEN STARTS_WITH({region}, {text_literal(each)}) THEN {text_literal(each)}"
        for each in sorted(codes, key=lambda code: (-len(code), code))
    )
    return f"CASE {whens} ELSE '' END" if whens else "''"


def lay(duck: DuckDB, people: People, policies: Sequence[Policy], day: date) -> Laid:
    """Read the people's files, and keep what the rules look at."""
    people.register(duck)
    population = bounded(duck, people.population(), policies)
    region, refused = region_of(people), []
    rules: dict[str, RuleColumns] = {}
    shifted: dict[Shift, RuleColumns] = {}
    for policy in policies:
        schema = population.schema(policy)
        try:
            rules[policy.id] = compile_policy(policy, schema, day, region, only_where_it_holds=True)
            for shift in _shifts(policy, population):
                moved = _moved(schema, shift, policy)
                shifted[shift] = compile_policy(
                    policy, moved, day, region, only_where_it_holds=True
                )
        except NotCompiled:
            refused.append(policy.id)
    named = {f"b {own}": rule for own, rule in rules.items()}
    named |= {f"s {i}": rule for i, rule in enumerate(shifted.values())}
    keep = {"key": quoted(people.key), "county": people.county}
    ready = prepare(named, "person", duck.dialect, keep)
    duck.create(LAID, ready.query)
    return Laid(
        duck,
        people,
        population,
        policies,
        day,
        {own: ready.rules[f"b {own}"] for own in rules},
        {shift: ready.rules[f"s {i}"] for i, shift in enumerate(shifted)},
        refused,
    )


def asked_by_conditions(policy: Policy) -> set[str]:
    """Return the names that the conditions of a policy look at, those behind its steps too."""
    return _asked([*policy.conditions, *policy.exclusions], policy)


def _asked(conditions: Iterable[Condition], policy: Policy) -> set[str]:
    if policy.files or any(each.table is not None for each in policy.steps.values()):
        return {*policy.inputs, *policy.members, *policy.parameters, policy.members_name} - {""}
    parts = [part for each in conditions for part in each.walk()]
    waiting = [each.rule.node for each in parts if each.rule is not None]
    found: set[str] = set()
    while waiting:
        for used in used_names(waiting.pop()):
            if used.name not in found:
                found.add(used.name)
                step = policy.steps.get(used.name)
                if step is not None and step.rule is not None:
                    waiting.append(step.rule.node)
    if policy.members and found & {policy.members_name, *NAMES}:
        found |= {policy.members_name, *policy.members}
    return found


def waits_for(policy: Policy, clause: str, day: date) -> dict[str, list[dict[str, str]]]:
    """Return what a clause may be unknown for: data with their holders, values of the policy.

    A value counts where it is to be confirmed somewhere, or none holds on the day.
    """
    names = _asked([policy.rules[clause]], policy) if clause in policy.rules else set()
    data = {**policy.inputs, **policy.members}
    return {
        "data": [
            {"name": own, "holder": each.holder} for own, each in data.items() if own in names
        ],
        "values": [
            {"name": own}
            for own, each in policy.parameters.items()
            if own in names and not _is_known(each, day)
        ],
    }


def _is_known(parameter: Parameter, day: date) -> bool:
    holding = [v for v in parameter.values if v.start <= day and (v.end is None or day <= v.end)]
    return bool(holding) and all(each.value is not None for each in holding)


def _shifts(policy: Policy, population: Population) -> Iterator[Shift]:
    asked = asked_by_conditions(policy)
    inputs: Mapping[str, Input] = {**policy.inputs, **policy.members}
    for name, each in inputs.items():
        per_cent = margins().get(each.unit, 0)
        if each.type == "number" and name in asked and per_cent:
            columns = population.people if name in policy.inputs else population.members
            if columns is not None and name in columns.types:
                yield Shift(policy.id, name, per_cent)
                yield Shift(policy.id, name, -per_cent)


def _moved(schema: Schema, shift: Shift, policy: Policy) -> Schema:
    fields = dict(schema.fields)
    if shift.fact in policy.inputs:
        given = fields[shift.fact]
        if isinstance(given, Given):
            fields[shift.fact] = _times(given, shift.per_cent)
        return Schema(fields)
    rows = fields[policy.members_name]
    if isinstance(rows, Rows):
        within = dict(rows.fields)
        within[shift.fact] = _times(within[shift.fact], shift.per_cent)
        fields[policy.members_name] = replace(rows, fields=within)
    return Schema(fields)


def _times(given: Given, per_cent: int) -> Given:
    """Return a column moved by so much per cent, down at the last place."""
    type_, whole = given.type, 100 + per_cent
    ends = [bound * whole // 100 + step for bound in (type_.low, type_.high) for step in (-1, 1)]
    moved = Type(Kind.NUMBER, type_.nullable, min(ends), max(ends), type_.scale)
    units = (
        f"CAST({given.column} * {10**type_.scale} AS BIGINT)" if given.is_decimal else given.column
    )
    return Given(moved, f"CAST(FLOOR({units} * {whole} / 100) AS BIGINT)")
