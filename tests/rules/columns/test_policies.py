"""The policies that ship judge a table as they judge one case: on their examples, and at random."""

import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import longmai
from longmai.kernel.regions import regions_folder
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import State
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import Type, boolean, number, string
from longmai.rules.columns.types import date as dates
from longmai.rules.feel.temporal import Date
from longmai.rules.policy import evaluation
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Input, Policy
from longmai.store.columns.duckdb import DuckDB

FOLDERS = sorted(
    each
    for root in (Path(longmai.__file__).parent / "domains", regions_folder())
    for each in root.glob("*/policies")
)
POLICIES = sorted(Library.load(FOLDERS).policies, key=lambda each: (each.id, each.version))
TYPES: Mapping[str, Type] = {
    "number": number(-1_000_000, 1_000_000, scale=4),
    "string": string(),
    "boolean": boolean(),
    "date": dates(Date(1900, 1, 1), Date(2100, 1, 1)),
}
ARROW: Mapping[str, pa.DataType] = {
    "number": pa.decimal128(18, 4),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
# What has no place in columns is judged case by case; a policy that gets one fails here.
NOT_COMPILED: Mapping[str, str] = {
    "brand.gi-mark-use": "is a list of one person, which has no column",
}
STATES = {
    evaluation.State.NOT_MET: State.NOT_MET,
    evaluation.State.MET: State.MET,
    evaluation.State.UNKNOWN: State.UNKNOWN,
    evaluation.State.MANUAL: State.MANUAL,
}
CASES = 60


def _given(name: str, asked: Input, number_: int) -> Given:
    return Given(TYPES[asked.type], f"{name}{number_}", is_decimal=asked.type == "number")


def _columns(inputs: Mapping[str, Input], prefix: str) -> dict[str, Given]:
    simple = {name: each for name, each in inputs.items() if each.type in TYPES}
    return {name: _given(prefix, each, i) for i, (name, each) in enumerate(simple.items())}


def _schema(policy: Policy) -> Schema:
    fields: dict[str, Given | Rows | Schema] = dict(_columns(policy.inputs, "i"))
    if policy.members:
        members = _columns(policy.members, "m")
        fields[policy.members_name] = Rows("member", "owner", "id", members, most=100)
    return Schema(fields)


def _thresholds(policy: Policy) -> list[Decimal]:
    rows = [value.value for each in policy.parameters.values() for value in each.values]
    return [each for each in rows if isinstance(each, Decimal)] or [Decimal(1)]


def _drawn(asked: Input, chance: random.Random, near: list[Decimal], day: date) -> Any:
    if chance.random() < 0.06:
        return None
    if asked.values:
        return chance.choice(asked.values)
    match asked.type:
        case "number":
            step = chance.choice(
                [Decimal("0.01"), Decimal(0), Decimal(0), Decimal(-1), Decimal(50)]
            )
            return abs(chance.choice(near) + step).quantize(Decimal("0.0001"))
        case "boolean":
            return chance.random() < 0.6
        case "date":
            return date.fromordinal(day.toordinal() - chance.choice((0, 1, 30, 400, 7000, 25000)))
    return chance.choice(("a", "是", "是的"))


def _cases(policy: Policy, day: date) -> list[dict[str, Any]]:
    chance, near = random.Random(policy.id), _thresholds(policy)
    found = []
    for _ in range(CASES):
        case = {name: _drawn(each, chance, near, day) for name, each in policy.inputs.items()}
        if policy.members:
            case[policy.members_name] = [
                {name: _drawn(each, chance, near, day) for name, each in policy.members.items()}
                for _ in range(chance.choice((0, 1, 2, 4)))
            ]
        found.append(case)
    return found


def _table(
    columns: Mapping[str, Given], inputs: Mapping[str, Input], rows: list[dict[str, Any]]
) -> dict[str, pa.Array]:
    return {
        given.column: pa.array([row.get(name) for row in rows], ARROW[inputs[name].type])
        for name, given in columns.items()
    }


def _fill(duck: DuckDB, policy: Policy, schema: Schema, cases: list[dict[str, Any]]) -> None:
    own = {n: each for n, each in schema.fields.items() if isinstance(each, Given)}
    ids = {"id": pa.array(range(len(cases)), pa.int64())}
    duck.register("subject", pa.table(ids | _table(own, policy.inputs, cases)))
    for rows in schema.fields.values():
        if isinstance(rows, Rows):
            pairs = [(i, m) for i, case in enumerate(cases) for m in case[policy.members_name]]
            owners = {"owner": pa.array([i for i, _ in pairs], pa.int64())}
            members = _table(rows.fields, policy.members, [member for _, member in pairs])
            duck.register("member", pa.table(owners | members))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda each: f"{each.id}-{each.version}")
def test_a_policy_judges_a_table_as_it_judges_a_case(policy: Policy) -> None:
    """State, deciding condition and amount are those of the evaluation of each case."""
    schema = _schema(policy)
    region = policy.regions[0] if policy.regions else ""
    day = max(policy.start, date(2026, 6, 1)) if policy.end is None else policy.end
    cases = _cases(policy, day)
    if policy.id in NOT_COMPILED:
        with pytest.raises(NotCompiled, match=NOT_COMPILED[policy.id]):
            compile_policy(policy, schema, day, region)
        return
    rule = compile_policy(policy, schema, day, region)
    with DuckDB(memory_mb=300) as duck:
        _fill(duck, policy, schema, cases)
        query = select(rule.outcome(), "subject", duck.dialect, {"id": "id"}).order_by("id")
        found = duck.run(query).to_pylist()
    for case, row in zip(cases, found, strict=True):
        decided = evaluation.evaluate(policy, evaluation.case_of(policy, case, day, region))
        states = [each.state for each in decided.judged]
        deciding = states.index(decided.state) + 1 if decided.state in states else 0
        wanted = (
            STATES[decided.state],
            0 if decided.state is evaluation.State.MET else deciding,
            decided.amount_fen,
        )
        assert (row["state"], row["clause"], row["amount_fen"]) == wanted, case


def test_a_region_may_differ_from_row_to_row() -> None:
    """Of parameters the nearest region around a row counts."""
    policy = next(each for each in POLICIES if _regional(each) and each.id not in NOT_COMPILED)
    schema = _schema(policy)
    regions = sorted({value.region for each in policy.parameters.values() for value in each.values})
    day = policy.start
    cases = [case for case in _cases(policy, day) for _ in regions]
    places = [regions[i % len(regions)] + "99" for i in range(len(cases))]
    rule = compile_policy(policy, schema, day, Given(string(), "place"))
    with DuckDB(memory_mb=300) as duck:
        _fill(duck, policy, schema, cases)
        duck.connection.register("places", pa.table({"no": range(len(cases)), "place": places}))
        duck.connection.execute(
            "CREATE TABLE placed AS FROM subject JOIN places ON places.no = subject.id"
        )
        query = select(rule.outcome(), "placed", duck.dialect, {"id": "id"}).order_by("id")
        found = duck.run(query).to_pylist()
    for case, place, row in zip(cases, places, found, strict=True):
        given = evaluation.case_of(policy, case, day, place)
        decided = evaluation.evaluate(policy, given)
        assert (row["state"], row["amount_fen"]) == (STATES[decided.state], decided.amount_fen)


def _regional(policy: Policy) -> bool:
    return any(
        len({value.region for value in each.values}) > 1 for each in policy.parameters.values()
    )
