"""A large table as a join concludes what it does rule by rule, and what the interpreter says."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from tests.rules.columns.differential import assert_table_same
from tests.rules.columns.people import SCHEMA, TEXTS, People

from longmai.rules.columns import lookups
from longmai.rules.columns.backend import Backend
from longmai.rules.columns.many import Run
from longmai.rules.columns.plan import Column, Lookup
from longmai.rules.columns.policies import table_columns
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.results import values_of
from longmai.rules.columns.rule import compile_rule
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.sql import select, walked
from longmai.rules.columns.tables import compile_table as compile_dmn
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.feel.compiler import Environment
from longmai.rules.feel.values import Nothing
from longmai.rules.policy.tables import compile_table

NUMBERS = ("0", "1", "2.5", "17.99", "18", "60", "60.005", "-3", "1000")
DAYS = ("1900-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2000-03-01", "2024-12-31")
QUOTED = tuple('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in TEXTS)
# What a failing example shows is enough.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
SIGNS = ("<", "<=", ">", ">=")


def cells_of(constants: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return tests of an ordered input."""
    one = st.sampled_from(constants)
    ends = st.tuples(st.sampled_from("[("), one, one, st.sampled_from("])"))
    plain = st.one_of(
        one,
        st.tuples(st.sampled_from(SIGNS), one).map(" ".join),
        ends.map(lambda each: f"{each[0]}{each[1]}..{each[2]}{each[3]}"),
    )
    return st.one_of(
        st.just("-"),
        plain,
        st.lists(plain, min_size=2, max_size=3).map(", ".join),
        plain.map(lambda test: f"not({test})"),
    )


TEXT_CELLS = st.one_of(
    st.just("-"),
    st.lists(st.sampled_from(QUOTED), min_size=1, max_size=3).map(", ".join),
    st.sampled_from(QUOTED).map(lambda each: f"not({each})"),
)
CELLS = {
    "age": cells_of(NUMBERS),
    "pay": cells_of(NUMBERS),
    "pay - 10 * age": cells_of(NUMBERS),
    "birth": cells_of(tuple(f'@"{day}"' for day in DAYS)),
    "status": TEXT_CELLS,
    "title": TEXT_CELLS,
    "disabled": st.sampled_from(("-", "true", "false", "not(true)", "null")),
    "count(members)": cells_of(NUMBERS),
}
CONCLUSIONS = {
    "number": st.sampled_from(("1", "2.25", "-300", "null", "10 * 3")),
    "text": st.sampled_from(('"a"', '"乙"', "null")),
    "day": st.sampled_from(('@"2024-02-29"', '@"1960-01-01"', "null")),
}


@st.composite
def tables(draw: Any) -> DecisionTable:
    """Return tables of constants."""
    names = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3, unique=True))
    hit = draw(st.sampled_from(("FIRST", "UNIQUE", "ANY", "COLLECT", "PRIORITY")))
    aggregation = draw(st.sampled_from(("SUM", "MIN", "MAX", "COUNT"))) if hit == "COLLECT" else ""
    many = 1 if aggregation else draw(st.integers(1, 2))
    kinds = [
        "number" if aggregation == "SUM" else draw(st.sampled_from(sorted(CONCLUSIONS)))
        for _ in range(many)
    ]
    rules = [
        Rule([draw(CELLS[name]) for name in names], [draw(CONCLUSIONS[kind]) for kind in kinds])
        for _ in range(draw(st.integers(1, 7)))
    ]
    values = '"乙", "a"' if hit == "PRIORITY" and kinds[0] == "text" else ""
    default = draw(CONCLUSIONS[kinds[0]]) if draw(st.booleans()) else ""
    outputs = [
        Output(f"o{i}", "", values if i == 0 else "", default if i == 0 else "")
        for i in range(many)
    ]
    return DecisionTable([Input(name) for name in names], outputs, rules, hit, aggregation)


def columns_of(table: DecisionTable) -> dict[str, Column]:
    """Compile as a policy's table."""
    return table_columns(table, Scope.of(SCHEMA))


def values(backend: Backend, columns: dict[str, Column]) -> list[dict[str, Any]]:
    """Return what columns come to, in the order of people."""
    found = backend.run(select(columns, "person", backend.dialect, {"id": "id"}))
    named = {name: list(values_of(found.column(name), c.type)) for name, c in columns.items()}
    at = sorted(range(found.num_rows), key=found.column("id").to_pylist().__getitem__)
    return [{name: each[i] for name, each in named.items()} for i in at]


def hold(people: People, backend: Backend, table: DecisionTable) -> None:
    """Hold the join against the interpreter, and against the rules one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookups, "LEAST_RULES", 10**6)
        try:
            by_rule = columns_of(table)
        except (NotCompiled, Refused):
            reject()  # Outputs of several kinds.
        patch.setattr(lookups, "LEAST_RULES", 0)
        joined = lookups.looked_up(table, Scope.of(SCHEMA))
        assert joined is not None
    found = values(backend, joined)
    assert found == values(backend, by_rule), table
    run = compile_table(table)
    for row, got in zip(people.rows, found, strict=True):
        try:
            wanted = run(Environment(dict(row)))
        except Nothing:
            wanted = None
        expected = wanted if isinstance(wanted, dict) else dict.fromkeys(got, wanted)
        assert got == expected, f"{table}\n{row}"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(table=tables())
def test_a_join_is_the_rules_one_by_one(
    people: People, duck: Backend, table: DecisionTable
) -> None:
    """On every row, nulls and thresholds among them."""
    hold(people, duck, table)


HITS = [
    *(("COLLECT", each) for each in ("", "SUM", "MIN", "MAX", "COUNT")),
    *((each, "") for each in ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER")),
]


@st.composite
def dmn_tables(draw: Any) -> DecisionTable:
    """Return tables of constants as DMN has them: every hit policy, types, allowed values."""
    table: DecisionTable = draw(tables())
    hit, aggregation = draw(st.sampled_from(HITS))
    if aggregation:
        conclusions = CONCLUSIONS["number" if aggregation == "SUM" else "day"]
        rules = [Rule(each.tests, [draw(conclusions)]) for each in table.rules]
        return replace(
            table, outputs=[Output("o")], rules=rules, hit_policy=hit, aggregation=aggregation
        )
    lists = hit in {"RULE ORDER", "OUTPUT ORDER", "COLLECT"}
    outputs = [replace(each, default="" if lists else each.default) for each in table.outputs]
    values = draw(CELLS[table.inputs[0].expression]) if draw(st.booleans()) else ""
    inputs = [replace(table.inputs[0], values="" if values == "-" else values), *table.inputs[1:]]
    kinds = dict.fromkeys(("age", "pay"), "number") | {"birth": "date", "status": "string"}
    inputs = [replace(each, type=kinds.get(each.expression, "")) for each in inputs]
    return replace(table, inputs=inputs, outputs=outputs, hit_policy=hit, aggregation="")


def hold_dmn(people: People, backend: Backend, table: DecisionTable) -> None:
    """Hold the join of a table of DMN against its engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookups, "LEAST_RULES", 0)
        joined = lookups.looked_up(table, Scope.of(SCHEMA), lookups.DMN)
    assert joined is not None
    assert_table_same(people, backend, table, joined)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(table=dmn_tables())
def test_a_join_of_dmn_is_what_its_engine_says(
    people: People, duck: Backend, table: DecisionTable
) -> None:
    """Of every hit policy, lists among them."""
    hold_dmn(people, duck, table)


@pytest.mark.parametrize(("hit", "aggregation"), HITS)
def test_a_large_table_of_dmn_is_a_join_of_every_hit_policy(
    people: People, backend: Backend, hit: str, aggregation: str
) -> None:
    """In every database; each row matches several rules where the policy lets it."""
    table = replace(large(80), hit_policy=hit, aggregation=aggregation)
    if hit not in {"UNIQUE", "FIRST"}:
        more = [replace(each, conclusions=["7"]) for each in table.rules[::2]]
        table = replace(table, rules=[*table.rules, *more])
    if hit in {"RULE ORDER", "OUTPUT ORDER"} or hit + aggregation == "COLLECT":
        table = replace(table, outputs=[replace(table.outputs[0], default="")])
    if hit in {"PRIORITY", "OUTPUT ORDER"}:
        table = replace(table, outputs=[replace(table.outputs[0], values="100.50, 7, 10.50")])
    columns = compile_dmn(table, SCHEMA)
    assert all(isinstance(each, Lookup) for each in columns.values())
    assert_table_same(people, backend, table, columns)


def large(rules: int) -> DecisionTable:
    """Return a large table of ages and statuses."""
    steps = [
        Rule([f"[{i}..{i + 1})", QUOTED[i % len(QUOTED)], "< 900"], [f"{i * 10}.50"])
        for i in range(rules)
    ]
    inputs = [Input("age"), Input("title"), Input("pay")]
    return DecisionTable(inputs, [Output("sum", default="1")], steps, "FIRST")


def test_a_large_table_is_a_join_in_every_database(people: People, backend: Backend) -> None:
    """A small one, and one whose cells look at columns, is not."""
    table = large(80)
    (column,) = columns_of(table).values()
    assert isinstance(column, Lookup)
    (small,) = columns_of(large(20)).values()
    assert not any(isinstance(each, Lookup) for each in walked([small]))
    looking = Rule(["> size", "-", "-"], ["1"])
    (other,) = columns_of(replace(table, rules=[*table.rules, looking])).values()
    assert not any(isinstance(each, Lookup) for each in walked([other]))
    hold(people, backend, large(80))


def test_a_join_in_a_rule_is_prepared_once(people: People, duck: Backend, tmp_path: Any) -> None:
    """Amount and state use it; people stay one row each, bounds are looked at."""
    (column,) = columns_of(large(80)).values()
    rule = compile_rule([], column, SCHEMA)
    run = Run.over(duck, {"r": rule, "s": rule}, "person", {"id": "id"})
    counts = run.counts()["r"]
    assert counts.met == len(people.rows)
    assert run.write(tmp_path / "out", {"r": "1", "s": "1"}) == {"r": counts.met, "s": counts.met}


def test_too_many_combinations_stay_rules() -> None:
    """Ten inputs of ten classes each are no relation."""
    names = [f"{name} * {k}" for name in ("age", "pay", "size") for k in range(2, 5)]
    rules = [Rule([f"> {i}" for _ in names], ["1"]) for i in range(70)]
    table = DecisionTable([Input(n) for n in names], [Output("o")], rules, "FIRST")
    assert lookups.looked_up(table, Scope.of(SCHEMA)) is None


def test_parameters_of_one_day_and_place_are_constants() -> None:
    """Their values are in the scope."""
    scope = Scope.of(SCHEMA, constants={"line": Decimal(100)})
    rules = [Rule([f"< line + {i}"], [str(i)]) for i in range(70)]
    table = DecisionTable([Input("pay")], [Output("o")], rules, "FIRST")
    assert lookups.looked_up(table, scope) is not None
