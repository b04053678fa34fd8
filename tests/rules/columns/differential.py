"""One expression, two evaluations: the interpreter row by row, and a database in one query."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from tests.rules.columns.people import People

from longmai.rules.columns.backend import Backend
from longmai.rules.columns.kernels import Builder, columns_of, is_held, parted
from longmai.rules.columns.many import named_alike, small
from longmai.rules.columns.plan import Column
from longmai.rules.columns.results import values_of
from longmai.rules.columns.sql import select
from longmai.rules.dmn.model import Decision, DecisionTable, InputData, Model, Variable
from longmai.rules.dmn.running import Engine
from longmai.rules.feel.compiler import Environment, Run, compile_node
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import Value


def interpreted(run: Run, rows: Sequence[Mapping[str, Value]]) -> list[Value]:
    """Evaluate on each row."""
    return [run(Environment(dict(row))) for row in rows]


def assert_table_same(
    people: People, backend: Backend, table: DecisionTable, columns: Mapping[str, Column]
) -> None:
    """Hold a decision table's columns against the interpreter's conclusions."""
    query = select(columns, "person", backend.dialect, {"id": "id"})
    found = backend.run(query)
    engine = _engine(table, list(people.rows[0]))
    wanted = [engine.decide("d", row).value for row in people.rows]
    many = len(table.outputs) > 1
    got = {name: list(values_of(found.column(name), each.type)) for name, each in columns.items()}
    for at, row in enumerate(found.column("id").to_pylist()):
        for name in columns:
            expected = _output(wanted[row], name) if many else wanted[row]
            value = got[name][at]
            said = f"{table}\n{people.rows[row]}\ncolumns: {value!r}\nFEEL: {expected!r}\n"
            assert _same(value, expected), said + query.sql()


def _engine(table: DecisionTable, names: Sequence[str]) -> Engine:
    """Return an engine of one decision, which sees every name."""
    given = [InputData(name, Variable(name)) for name in names]
    decision = Decision("d", Variable("d"), [f"#{name}" for name in names], table)
    return Engine(Model("m", "", elements=[*given, decision], names=frozenset(names)))


def _output(value: Value, name: str) -> Value:
    if isinstance(value, list):
        return [_output(each, name) for each in value]
    return None if value is None else value[name]


def assert_same(people: People, backend: Backend, compiled: Sequence[tuple[Node, Column]]) -> None:
    """Hold a database's columns against the interpreter's values."""
    columns = {f"c{i}": column for i, (_, column) in enumerate(compiled)}
    query = select(columns, "person", backend.dialect, {"id": "id"})
    found = backend.run(query)
    order = found.column("id").to_pylist()
    assert sorted(order) == list(range(len(people.rows)))
    for i, (node, column) in enumerate(compiled):
        wanted = interpreted(compile_node(node), people.rows)
        got = list(values_of(found.column(f"c{i}"), column.type))
        for at, value in zip(order, got, strict=True):
            expected = wanted[at]
            assert _same(value, expected), difference(node, people.rows[at], value, expected, query)

    # Each fourth, by the length of its text, so that the suite stays quick.
    if backend.dialect.name == "duckdb" and len(query.sql()) % 4 == 0:
        _assert_kernels_same(people, backend, compiled, found)


def _assert_kernels_same(
    people: People, backend: Backend, compiled: Sequence[tuple[Node, Column]], found: pa.Table
) -> None:
    """Hold the kernels of columns in memory against the same columns of the database."""
    own = [(i, node, column) for i, (node, column) in enumerate(compiled) if is_held(column.type)]
    roots, leaves = parted([column for _, _, column in own], named_alike(backend.dialect))
    sizes = small(leaves, backend.dialect)
    rows = backend.run(select(leaves, "person", backend.dialect, {"id": "id"}, sizes))
    (batch,) = rows.combine_chunks().to_batches()
    builder = Builder()
    program = builder.program([builder.place(each) for each in roots])
    for (i, node, _), value in zip(own, program.run(columns_of(batch)), strict=True):
        array = pa.repeat(value, len(batch)) if isinstance(value, pa.Scalar) else value
        wanted = found.column(f"c{i}")
        if pa.types.is_date(wanted.type):
            wanted = wanted.cast(pa.int32())
        got = dict(zip(batch.column("id").to_pylist(), array.to_pylist(), strict=True))
        for at, expected in zip(found.column("id").to_pylist(), wanted.to_pylist(), strict=True):
            assert got[at] == expected, (print_node(node), people.rows[at], got[at], expected)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


def difference(node: Node, row: Mapping[str, Any], got: Value, wanted: Value, query: Any) -> str:
    """Say where two evaluations differ."""
    return f"\n{print_node(node)}\nrow: {row}\ncolumns: {got!r}\nFEEL: {wanted!r}\n{query.sql()}"
