"""The interpreter and DuckDB agree on random expressions, row by row."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings

from longmai.rules.columns.compiler import compile_expression
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.tables import compile_table
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.tree import Node
from longmai.store.columns.duckdb import DuckDB
from tests.rules.columns.differential import assert_same, assert_table_same
from tests.rules.columns.expressions import expressions
from tests.rules.columns.people import SCHEMA, People
from tests.rules.columns.tables import decision_tables

ROWS = 400


@pytest.fixture(scope="module")
def people() -> People:
    """Make people up."""
    return People(ROWS, seed=4)


@pytest.fixture(scope="module")
def duck(people: People) -> Iterator[DuckDB]:
    """Return a DuckDB that knows the people."""
    with DuckDB(memory_mb=500) as database:
        for name, table in people.tables.items():
            database.register(name, table)
        yield database


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(node=expressions())
def test_columns_are_what_the_interpreter_says(people: People, duck: DuckDB, node: Node) -> None:
    """Every compiled expression has FEEL's value on every row: 10^5 cases and more."""
    try:
        column = compile_expression(node, SCHEMA)
    except NotCompiled:
        assume(False)
        raise
    assert_same(people, duck, [(node, column)])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=decision_tables())
def test_tables_are_what_the_interpreter_says(
    people: People, duck: DuckDB, table: DecisionTable
) -> None:
    """Every compiled table concludes what the interpreter does, under its hit policy."""
    try:
        columns = compile_table(table, SCHEMA)
    except NotCompiled:
        assume(False)
        raise
    assert_table_same(people, duck, table, columns)
