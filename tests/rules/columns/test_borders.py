"""People on a border of a rule: a unit to either side, and nobody else."""

import pyarrow as pa
import pytest

from longmai.rules.columns.borders import near_a_border
from longmai.rules.columns.rule import Clause, compile_rule
from longmai.rules.columns.schema import Given, Schema
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import date, number, string
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.temporal import Date
from longmai.store.columns.duckdb import DuckDB

SCHEMA = Schema(
    {
        "age": Given(number(0, 120)),
        "pay": Given(number(0, 10_000, scale=2), "pay_fen"),
        "size": Given(number(1, 9, nullable=False)),
        "born": Given(date(Date(1900, 1, 1), Date(2100, 1, 1))),
        "name": Given(string()),
    }
)
PEOPLE = pa.table(
    {
        "id": [0, 1, 2, 3, 4, 5],
        "age": pa.array([58, 59, 60, 61, 62, None], pa.int64()),
        "pay_fen": pa.array([99_998, 99_999, 100_000, 100_001, 100_002, None], pa.int64()),
        "size": pa.array([1, 1, 1, 1, 1, 1], pa.int64()),
        "born": pa.array([-2, -1, 0, 1, 2, None], pa.int32()).cast(pa.date32()),
        "name": ["a", "b", "c", "d", "e", None],
    }
)


@pytest.mark.parametrize(
    ("condition", "amount", "near"),
    [
        ("age >= 60", "100", [1, 2, 3]),
        ("age < 60", "100", [1, 2, 3]),
        ("pay / size < 1000", "100", [1, 2, 3]),
        ('born <= @"1970-01-01"', "100", [1, 2, 3]),
        ("pay > 10 * age + 400", "100", [2]),
        ('name = "c"', "100", []),
        ("size >= 1", "min(pay, 1000)", [0, 1, 2, 3, 4, 5]),
        ("age in [61..90]", "100", [2, 3, 4]),
    ],
)
def test_a_unit_to_either_side(condition: str, amount: str, near: list[int]) -> None:
    """A fen, a day, a year; texts have no border, and the amount's being due is none."""
    nodes = [parse_expression(text, list(SCHEMA.fields)) for text in (condition, amount)]
    rule = compile_rule([Clause("c", nodes[0])], nodes[1], SCHEMA)
    with DuckDB(memory_mb=200) as duck:
        duck.register("people", PEOPLE)
        query = select({"near": near_a_border(rule)}, "people", duck.dialect, {"id": "id"})
        rows = duck.run(query).to_pylist()
    assert sorted(row["id"] for row in rows if row["near"]) == near
