"""What is not compiled runs through the interpreter, in batches of rows over Arrow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from longmai.kernel.errors import Invalid
from longmai.rules.columns.backend import Backend
from longmai.rules.columns.plan import Column
from longmai.rules.columns.results import values_of
from longmai.rules.columns.rule import Clause, State
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.scope import field_of
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import INT64
from longmai.rules.feel.compiler import Environment, Run, compile_node
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import ARITHMETIC, Value

BATCH_ROWS = 20_000
_FEN_A_YUAN = Decimal(100)


Judge = Callable[[Callable[[Run], Value]], State]
"""Judges a clause, given what runs its conditions on a row."""


@dataclass(frozen=True)
class Interpreter:
    """Evaluates trees on the rows of a table of a database.

    Attributes:
        schema: what names stand for.
        constants: names whose values are the same on every row.
        now: the present instant.
    """

    schema: Schema
    constants: Mapping[str, Value] = field(default_factory=dict)
    now: DateTime | None = None

    def rows(
        self, backend: Backend, table: str, keep: Mapping[str, str], batch_rows: int = BATCH_ROWS
    ) -> Iterator[tuple[pa.Table, list[dict[str, Value]]]]:
        """Yield batches: the columns to keep, and each row as FEEL sees it."""
        columns = dict(_scalars(self.schema))
        lists = dict(_lists(self.schema))
        own = {f"_k{i}": rows.parent for i, rows in enumerate(lists.values())}
        query = select(columns, table, backend.dialect, {**keep, **own})
        for batch in backend.batches(query, batch_rows):
            found = pa.Table.from_batches([batch])
            values = {
                name: list(values_of(found.column(name), column.type))
                for name, column in columns.items()
            }
            for (name, rows), key in zip(lists.items(), own, strict=True):
                values[name] = _listed(backend, rows, found.column(key).to_pylist())
            yield found.select(list(keep)), _nested(values, found.num_rows, self.constants)

    def expression(
        self, node: Node, backend: Backend, table: str, keep: Mapping[str, str]
    ) -> Iterator[tuple[pa.Table, list[Value]]]:
        """Yield batches: the columns to keep, and the value of an expression on each row."""
        run = compile_node(node)
        for kept, rows in self.rows(backend, table, keep):
            yield kept, [self._value(run, row) for row in rows]

    def rule(
        self,
        clauses: Sequence[Clause],
        amount: Node | None,
        backend: Backend,
        table: str,
        keep: Mapping[str, str],
    ) -> Iterator[pa.Table]:
        """Yield batches of a rule's outcome: the columns to keep, state, clause, amount_fen.

        Raises:
            Invalid: an amount is no number of whole fen.
        """
        runs = [_judge(each) for each in clauses]
        pays = None if amount is None else compile_node(amount)
        for kept, rows in self.rows(backend, table, keep):
            found = [self._outcome(runs, pays, row) for row in rows]
            states, deciding, amounts = zip(*found, strict=True) if found else ((), (), ())
            more = {
                "state": pa.array(states, pa.int64()),
                "clause": pa.array(deciding, pa.int64()),
                "amount_fen": pa.array(amounts, pa.int64()),
            }
            columns = dict(zip(kept.column_names, kept.columns, strict=True))
            yield pa.table(columns | more)

    def _value(self, run: Run, row: dict[str, Value]) -> Value:
        return run(Environment(row, now=self.now))

    def _outcome(
        self, judges: Sequence[Judge], pays: Run | None, row: dict[str, Value]
    ) -> tuple[int, int, int | None]:
        states = [judge(lambda run: self._value(run, row)) for judge in judges]
        for state in (State.NOT_MET, State.UNKNOWN, State.MANUAL):
            if state in states:
                break
        else:
            state = State.MET
        clause = states.index(state) + 1 if state is not State.MET else 0
        if pays is None or state in {State.NOT_MET, State.UNKNOWN}:
            return state, clause, None
        return state, clause, _fen(self._value(pays, row))


def _judge(clause: Clause) -> Judge:
    """Return what judges a clause, given what runs its conditions on a row."""
    if clause.parts:
        return _group(clause)
    by_hand = State.MANUAL if clause.manual or clause.condition is None else State.MET
    if clause.condition is None:
        return lambda _value: by_hand
    if not isinstance(clause.condition, Node):
        raise TypeError(f"the clause {clause.id} is compiled already")
    run, right = compile_node(clause.condition), not clause.excludes

    def judged(value: Callable[[Run], Value]) -> State:
        found = value(run)
        if found is right:
            return by_hand
        return State.NOT_MET if isinstance(found, bool) else State.UNKNOWN

    return judged


_ALL = (State.NOT_MET, State.UNKNOWN, State.MANUAL, State.MET)
_ANY = (State.MET, State.MANUAL, State.UNKNOWN, State.NOT_MET)


def _group(clause: Clause) -> Judge:
    parts = [_judge(each) for each in clause.parts]
    order = _ANY if clause.any_part != clause.excludes else _ALL

    def judged(value: Callable[[Run], Value]) -> State:
        states = [part(value) for part in parts]
        return next(state for state in order if state in states)

    return judged


def _fen(amount: Value) -> int | None:
    if amount is None:
        return None
    if not isinstance(amount, Decimal):
        raise Invalid("an amount is a number", code="rules.amount", value=amount)
    fen = ARITHMETIC.multiply(amount, _FEN_A_YUAN)
    if fen != fen.to_integral_value() or abs(fen) > INT64:
        raise Invalid(
            "an amount is of whole fen, of at most 64 bits",
            code="rules.amount",
            value=amount,
            mend="round it, as in decimal(amount, 2)",
        )
    return int(fen)


def _scalars(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Column]]:
    for name, each in schema.fields.items():
        if isinstance(each, Given):
            yield prefix + name, field_of(name, each)
        elif isinstance(each, Schema):
            yield from _scalars(each, f"{prefix}{name}\n")


def _lists(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Rows]]:
    for name, each in schema.fields.items():
        if isinstance(each, Rows):
            yield prefix + name, each
        elif isinstance(each, Schema):
            yield from _lists(each, f"{prefix}{name}\n")


def _listed(backend: Backend, rows: Rows, keys: Sequence[Any]) -> list[list[dict[str, Value]]]:
    """Return for each key the rows of another table."""
    columns = {name: field_of(name, each) for name, each in rows.fields.items()}
    query = select(columns, rows.table, backend.dialect, {"_k": rows.key})
    wanted = sorted({key for key in keys if key is not None})
    if not wanted:
        return [[] for _ in keys]
    literals = [exp.convert(key) for key in wanted]
    query = query.where(exp.In(this=sqlglot.parse_one(rows.key), expressions=literals))
    found = backend.run(query)
    values = {
        name: list(values_of(found.column(name), each.type)) for name, each in columns.items()
    }
    of_key: dict[Any, list[dict[str, Value]]] = {}
    for i, key in enumerate(found.column("_k").to_pylist()):
        of_key.setdefault(key, []).append({name: each[i] for name, each in values.items()})
    return [of_key.get(key, []) for key in keys]


def _nested(
    values: Mapping[str, Sequence[Value]], count: int, constants: Mapping[str, Value]
) -> list[dict[str, Value]]:
    """Return rows, with the names of a context within put into it."""
    rows: list[dict[str, Value]] = []
    for i in range(count):
        row: dict[str, Value] = dict(constants)
        for name, each in values.items():
            *path, last = name.split("\n")
            inner = row
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = each[i]
        rows.append(row)
    return rows
