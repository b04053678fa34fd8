"""Rules of clauses: states, deciding clauses, amounts; many at once, on every database."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from longmai.kernel.errors import Conflict, Invalid, InvalidMany
from longmai.rules.columns.backend import Backend
from longmai.rules.columns.interpreting import Interpreter
from longmai.rules.columns.many import Run
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import Clause, State, compile_rule
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import boolean, number
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.tree import Node
from longmai.store.columns.duckdb import DuckDB

CHILD = {"c_age": Given(number(0, 120))}
SCHEMA = Schema(
    {
        "age": Given(number(0, 120)),
        "pay": Given(number(0, 100_000, scale=2), "pay_fen"),
        "local": Given(boolean()),
        "children": Rows("child", "parent", "id", CHILD),
    }
)
TABLES = {
    "citizen": pa.table(
        {
            "id": pa.array([1, 2, 3, 4, 5], pa.int64()),
            "age": pa.array([70, 70, 30, None, 60], pa.int32()),
            "pay_fen": pa.array([100_050, 200_001, None, 5, None], pa.int64()),
            "local": pa.array([True, None, True, True, True]),
        }
    ),
    "child": pa.table(
        {
            "parent": pa.array([1, 1, 3], pa.int64()),
            "c_age": pa.array([3, None, 17], pa.int32()),
        }
    ),
}
KEEP = {"id": "id"}


def node(text: str) -> Node:
    """Read an expression of citizens."""
    return parse_expression(text, [*SCHEMA.fields, *CHILD])


CLAUSES = [Clause("old", node("age >= 60")), Clause("local", node("local"))]


@pytest.fixture
def citizens(backend: Backend) -> Backend:
    """Return each database in turn, with citizens."""
    for name, table in TABLES.items():
        backend.register(name, table)
    return backend


def test_states_amounts_and_the_clause_that_decides(citizens: Backend) -> None:
    """False outweighs null, null outweighs a person's judgement; the amount is of whole fen."""
    rule = compile_rule(CLAUSES, node("decimal(pay * 0.5, 2)"), SCHEMA)
    found = citizens.run(
        select(rule.outcome(), "citizen", citizens.dialect, KEEP).order_by("id")
    ).to_pylist()
    assert [(row["state"], row["clause"], row["amount_fen"]) for row in found] == [
        (State.MET, 0, 50_025),
        (State.UNKNOWN, 2, None),
        (State.NOT_MET, 1, None),
        (State.UNKNOWN, 1, None),
        (State.MET, 0, None),
    ]


def test_a_manual_clause_waits_for_the_others(citizens: Backend) -> None:
    """What a person must decide is asked only where nothing is false or unknown."""
    clauses = [Clause("judged", None), *CLAUSES]
    rule = compile_rule(clauses, node("100"), SCHEMA)
    found = citizens.run(
        select(rule.outcome(), "citizen", citizens.dialect, KEEP).order_by("id")
    ).to_pylist()
    assert [(row["state"], row["clause"]) for row in found] == [
        (State.MANUAL, 1),
        (State.UNKNOWN, 3),
        (State.NOT_MET, 2),
        (State.UNKNOWN, 2),
        (State.MANUAL, 1),
    ]


def test_many_rules_are_prepared_counted_and_written(citizens: Backend, tmp_path: Path) -> None:
    """The counts, the written tables and the interpreter say the same of every rule."""
    parts = {
        "a": (CLAUSES, node("200")),
        "b": ([Clause("kids", node("count(children[c_age < 18]) >= 1"))], None),
        "c": ([Clause("mean", node("mean(children.c_age) > 5")), Clause("m", None)], node("pay")),
        "d/é": ([Clause("rich", node("pay > 1000.50"), manual=True)], None),
    }
    rules = {key: compile_rule(clauses, amount, SCHEMA) for key, (clauses, amount) in parts.items()}
    run = Run.over(citizens, rules, "citizen", KEEP)
    counts = run.counts()
    written = run.write(tmp_path / "results", dict.fromkeys(rules, "2026/1"))
    assert written == dict.fromkeys(rules, 5)
    for key, (clauses, amount) in parts.items():
        wanted = [
            row
            for batch in Interpreter(SCHEMA).rule(clauses, amount, citizens, "citizen", KEEP)
            for row in batch.to_pylist()
        ]
        name = key.replace("/", "%2F").replace("é", "%C3%A9")
        folder = tmp_path / "results" / f"rule={name}" / "version=2026%2F1"
        files = [pq.read_table(path, partitioning=None) for path in folder.glob("*.parquet")]
        found = pa.concat_tables(files).to_pylist()
        assert sorted(found, key=_by_id) == sorted(wanted, key=_by_id)
        states = [row["state"] for row in wanted]
        own = counts[key]
        assert (own.not_met, own.met, own.unknown, own.manual) == tuple(map(states.count, range(4)))
    with pytest.raises(Conflict, match="already"):
        run.write(tmp_path / "results", dict.fromkeys(rules, "2026/1"))


def _by_id(row: dict[str, int]) -> int:
    return row["id"]


def test_what_is_not_compiled_runs_in_batches(citizens: Backend) -> None:
    """A rule that is refused has the same outcome table, by the interpreter."""
    clauses = [Clause("root", node("sqrt(age) > 8")), *CLAUSES]
    with pytest.raises(NotCompiled) as refused:
        compile_rule(clauses, None, SCHEMA)
    assert refused.value.where == "root: sqrt(age)"
    batches = list(Interpreter(SCHEMA).rule(clauses, node("1.5"), citizens, "citizen", KEEP))
    rows = sorted((row for batch in batches for row in batch.to_pylist()), key=_by_id)
    assert [(row["state"], row["clause"], row["amount_fen"]) for row in rows] == [
        (State.MET, 0, 150),
        (State.UNKNOWN, 3, None),
        (State.NOT_MET, 1, None),
        (State.UNKNOWN, 1, None),
        (State.NOT_MET, 1, None),
    ]


def test_rows_of_contexts_and_lists_reach_the_interpreter(citizens: Backend) -> None:
    """A context within the schema is a context, a list of rows a list of contexts."""
    schema = Schema({"person": Schema({"age": SCHEMA.fields["age"]}), "children": _children()})
    text = "{a: person.age, n: count(children), first: children[1].c_age}"
    tree = parse_expression(text, ["person", "children"])
    values = [
        value
        for _, found in Interpreter(schema).expression(tree, citizens, "citizen", KEEP)
        for value in found
    ]
    assert {"a": 30, "n": 1, "first": 17} in values


def _children() -> Rows:
    found = SCHEMA.fields["children"]
    assert isinstance(found, Rows)
    return found


@pytest.mark.parametrize(
    ("amount", "what"),
    [("pay * 0.333", "rounded to fen"), ("pay / 3", "rounded to fen"), ("local", "is a number")],
)
def test_an_amount_is_of_whole_fen(amount: str, what: str) -> None:
    """An amount that may have parts of a fen is refused: nobody pays them."""
    with pytest.raises(NotCompiled, match=what):
        compile_rule(CLAUSES, node(amount), SCHEMA)


def test_an_amount_of_parts_of_a_fen_is_refused_by_the_interpreter(citizens: Backend) -> None:
    """So it is where the rule is not compiled."""
    rows = Interpreter(SCHEMA).rule(CLAUSES, node("10 / 3"), citizens, "citizen", KEEP)
    with pytest.raises(Invalid, match="whole fen"):
        list(rows)


def test_clauses_have_names_of_their_own() -> None:
    """Two clauses of one name could not be told apart in a result."""
    with pytest.raises(Invalid, match="name"):
        compile_rule([CLAUSES[0], CLAUSES[0]], None, SCHEMA)


@pytest.mark.parametrize(
    ("column", "values", "what"),
    [
        ("age", [70, 121], "beyond its bound of 120"),
        ("pay_fen", [-1, 5], "beyond its bound of 0"),
        ("rate", [Decimal("0.12345"), Decimal(0)], "more than 4 places"),
        ("size", [None, 2], "null, and none may be"),
    ],
)
def test_a_table_is_held_to_its_bounds(column: str, values: list[Any], what: str) -> None:
    """What a rule relies on is looked at before it runs, in the rows of other tables too."""
    given = {
        "age": Given(number(0, 120)),
        "pay": Given(number(0, 100, scale=2), "pay_fen"),
        "rate": Given(number(0, 1, scale=4), is_decimal=True),
        "size": Given(number(1, 9, nullable=False)),
    }
    schema = Schema({**given, "others": Rows("t", "id", "id", given)})
    plain: dict[str, list[Any]] = {
        "id": [1, 2],
        "age": [1, 2],
        "pay_fen": [1, 2],
        "rate": [Decimal("0.5"), None],
        "size": [1, 2],
    }
    rows = pa.table(plain | {column: values})
    name = column.removesuffix("_fen")
    for text in (f"{name} > 0", f"sum(others.{name}) > 0"):
        tree = parse_expression(text, [*given, "others"])
        rules = {"r": compile_rule([Clause("c", tree)], None, schema)}
        with DuckDB() as duck:
            duck.register("t", rows)
            with pytest.raises(InvalidMany, match="bounds") as found:
                Run.over(duck, rules, "t", KEEP)
        assert what in str(found.value)
