"""Many rules over one table: what they need is put together once, then each is counted or written.

A night's run has three steps: ``prepare`` reads the tables once and keeps the columns that the
rules look at, as narrow as their bounds allow, the households' sums among them; ``counts`` asks for
all rules in one pass; ``outcome`` is one query for each rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
from sqlglot import exp

from longmai.kernel.errors import Conflict
from longmai.rules.columns.backend import Backend
from longmai.rules.columns.dialects import Dialect, Sql, call, integer
from longmai.rules.columns.plan import (
    Aggregate,
    Column,
    Constant,
    Field,
    Lookup,
    Operation,
    parts_of,
    rebuilt,
)
from longmai.rules.columns.promises import hold_to_bounds
from longmai.rules.columns.rule import RuleColumns, State
from longmai.rules.columns.sql import Writer, select
from longmai.rules.columns.types import WHOLE

_BORDER = frozenset(("units", "microseconds"))
_SMALL = (("tinyint", 2**7), ("smallint", 2**15), ("int", 2**31), ("bigint", 2**63))


@dataclass(frozen=True)
class Prepared:
    """Rules over a table that holds what they need and nothing else.

    Attributes:
        query: makes that table.
        rules: the same rules, over it.
        keep: its columns that are passed through.
        columns: of the table before, that it was made from.
    """

    query: exp.Select
    rules: Mapping[str, RuleColumns]
    keep: Sequence[str]
    columns: Mapping[str, Column]


def prepare(
    rules: Mapping[str, RuleColumns], table: str, dialect: Dialect, keep: Mapping[str, str]
) -> Prepared:
    """Return rules over a table of just what they look at.

    Args:
        rules: by identifier.
        table: what they were compiled for.
        dialect: of the database.
        keep: expressions to pass through, by name: the key of a row.
    """
    leaves: dict[str, Column] = {}
    names: dict[int, str] = {}
    known: dict[int, Column] = {}
    texts: dict[tuple[object, ...], str] = {}
    writer = Writer(dialect)

    def leaf(column: Column) -> Column | None:
        if not _is_leaf(column):
            return None
        if id(column) not in names:
            name = texts.setdefault(_identity(column, writer), f"_c{len(leaves)}")
            leaves.setdefault(name, column)
            names[id(column)] = name
        return Field(names[id(column)], column.type)

    moved = {
        key: replace(
            rule,
            state=rebuilt(rule.state, known, leaf),
            clause=rebuilt(rule.clause, known, leaf),
            amount_fen=rebuilt(rule.amount_fen, known, leaf),
            decided=rebuilt(rule.decided, known, leaf),
            verdict=None if rule.verdict is None else rebuilt(rule.verdict, known, leaf),
        )
        for key, rule in rules.items()
    }
    return Prepared(_narrowed(leaves, table, dialect, keep), moved, list(keep), leaves)


def _is_leaf(column: Column) -> bool:
    border = isinstance(column, Operation) and column.name in _BORDER
    # What is looked up is so once, for all rules.
    return border or isinstance(column, Field | Aggregate | Lookup)


def _identity(column: Column, writer: Writer) -> tuple[object, ...]:
    """Return what two columns that read the same have in common."""
    match column:
        case Aggregate():
            parts = (column.condition, column.value)
            texts = [None if each is None else writer.write(each).sql() for each in parts]
            return (column.table, column.key, column.parent, column.function, *texts, column.type)
        case Field():
            return (column.column, column.type)
        case Operation():
            return (
                column.name,
                column.type,
                *(_identity(each, writer) for each in parts_of(column)),
            )
        case Constant():
            return (column.value, column.type)
    return (id(column),)


def named_alike(dialect: Dialect) -> Callable[[Column], str]:
    """Return what gives columns that read the same one name."""
    writer, names = Writer(dialect), dict[tuple[object, ...], str]()
    return lambda column: names.setdefault(_identity(column, writer), f"_t{len(names)}")


def _narrowed(
    leaves: Mapping[str, Column], table: str, dialect: Dialect, keep: Mapping[str, str]
) -> exp.Select:
    return select(leaves, table, dialect, keep, small(leaves, dialect))


def small(columns: Mapping[str, Column], dialect: Dialect) -> dict[str, str]:
    """Return the narrowest whole types that hold columns, by their names."""
    found: dict[str, str] = {}
    for name, column in columns.items():
        for size, limit in _SMALL[dialect.name == "postgres" :]:
            if column.type.kind in WHOLE and column.type.greatest < limit:
                found[name] = size
                break
    return found


def outcome(rule: RuleColumns, table: str, dialect: Dialect, keep: Mapping[str, str]) -> exp.Select:
    """Return the query of a rule's result table: what is kept, state, clause and amount_fen."""
    columns = rule.outcome()
    return select(columns, table, dialect, keep, small(columns, dialect))


@dataclass(frozen=True)
class Counts:
    """How many rows a rule says what of."""

    not_met: int
    met: int
    unknown: int
    manual: int


def counts_query(rules: Mapping[str, RuleColumns], table: str, dialect: Dialect) -> exp.Query:
    """Return the query of the counts of many rules: rule, total, true, unknown.

    Spark plans one very wide projection badly, so there it is a union of narrow ones.
    """
    if dialect.name == "spark":
        parts = [_counted({key: rule}, table, dialect) for key, rule in rules.items()]
        return exp.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    return _counted(rules, table, dialect)


def _counted(rules: Mapping[str, RuleColumns], table: str, dialect: Dialect) -> exp.Select:
    asked = {f"v{i}": rule.verdict or rule.state for i, rule in enumerate(rules.values())}
    below = select(asked, table, dialect)
    sums: list[Sql] = []
    for i, (key, rule) in enumerate(rules.items()):
        if dialect.name == "spark":
            sums.append(exp.alias_(exp.Literal.string(key), "rule"))
        number = "" if dialect.name == "spark" else str(i)
        for name, condition in _asked(exp.column(f"v{i}", quoted=True), rule):
            # Measured: DuckDB sums a case much faster than it counts with a filter.
            one = exp.Case(ifs=[exp.If(this=condition, true=integer(1))], default=integer(0))
            sums.append(exp.alias_(call("SUM", one), f"{name}{number}"))
    sums.append(exp.alias_(call("COUNT", exp.Star()), "total"))
    return exp.select(*sums).from_(below.subquery("_v"))


def _asked(column: Sql, rule: RuleColumns) -> list[tuple[str, Sql]]:
    """Return what is counted: met, unknown, manual. One truth is quicker to count than a state."""
    if rule.verdict is None:
        return [
            (name, exp.EQ(this=column.copy(), expression=integer(state)))
            for name, state in (("t", State.MET), ("u", State.UNKNOWN), ("m", State.MANUAL))
        ]
    true, unknown = column, exp.Is(this=column.copy(), expression=exp.Null())
    never = exp.Boolean(this=False)
    met, manual = (never, true) if rule.is_manual else (true, never)
    return [("t", met), ("u", unknown), ("m", manual)]


def read_counts(found: pa.Table, rules: Mapping[str, RuleColumns]) -> dict[str, Counts]:
    """Return the counts of a query of ``counts_query``."""
    if "rule" in found.column_names:
        rows = {row["rule"]: row for row in found.to_pylist()}
        return {key: _counts(rows[key], "") for key in rules}
    row = found.to_pylist()[0]
    return {key: _counts(row, str(i)) for i, key in enumerate(rules)}


def _counts(row: Mapping[str, int | None], number: str) -> Counts:
    # A sum of no rows is null.
    met, unknown, manual = (int(row[f"{name}{number}"] or 0) for name in "tum")
    return Counts(int(row["total"] or 0) - met - unknown - manual, met, unknown, manual)


@dataclass(frozen=True)
class Run:
    """Many rules over one table of a database, made ready.

    Attributes:
        backend: the database.
        rules: over the prepared table, by identifier.
        keep: names of the columns that each result row begins with.
    """

    backend: Backend
    rules: Mapping[str, RuleColumns]
    keep: Sequence[str]

    @classmethod
    def over(
        cls,
        backend: Backend,
        rules: Mapping[str, RuleColumns],
        table: str,
        keep: Mapping[str, str],
    ) -> "Run":
        """Put together what the rules need; ``keep`` names a row, as ``{"id": "id"}`` does.

        Raises:
            InvalidMany: the table does not keep the bounds of the schema.
        """
        ready = prepare(rules, table, backend.dialect, keep)
        hold_to_bounds(backend, table, ready.columns)
        backend.create(_PREPARED, ready.query)
        return cls(backend, ready.rules, ready.keep)

    def counts(self) -> dict[str, Counts]:
        """Return how many rows each rule says what of."""
        query = counts_query(self.rules, _PREPARED, self.backend.dialect)
        return read_counts(self.backend.run(query), self.rules)

    def write(self, folder: Path, versions: Mapping[str, str]) -> dict[str, int]:
        """Write the results of each rule into ``rule=…/version=…``; return how many rows of each.

        The columns are those kept, state (``State``), clause (number from 1; 0: met) and
        amount_fen. What stands in the folders' names is the same on every row.

        Raises:
            Conflict: results of this rule and version are there already.
        """
        written: dict[str, int] = {}
        for key, rule in self.rules.items():
            query = outcome(rule, _PREPARED, self.backend.dialect, {n: f'"{n}"' for n in self.keep})
            target = folder / f"rule={_named(key)}" / f"version={_named(versions[key])}"
            if target.exists():
                raise Conflict(
                    "results of this rule and version are there already",
                    code="rules.results",
                    place=str(target),
                    mend="name another folder, or remove these",
                )
            written[key] = self.backend.write(query, str(target))
        return written


def _named(text: str) -> str:
    """Return a text as the part of a folder's name, with no way out of it."""
    return quote(text, safe="")


_PREPARED = "_prepared"
