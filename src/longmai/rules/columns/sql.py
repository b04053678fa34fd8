"""From columns to a query: one select over a table, with the rows of others grouped and joined.

What is used more than once is computed once, in a select below; every operation of a plan is
total, so computing it early cannot fail.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import sqlglot
from sqlglot import exp

from longmai.rules.columns.dialects import Dialect, Sql, call, cast, integer, type_named
from longmai.rules.columns.plan import (
    Aggregate,
    Case,
    Column,
    Constant,
    Field,
    Listed,
    Lookup,
    Operation,
    parts_of,
)
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.types import WHOLE, Kind, Type

_ARITHMETIC = frozenset(
    ("+", "-", "*", "div", "mod", "negative", "abs", "nullif zero", "least", "greatest", "coalesce")
)
# A negative number has one more than a positive one, which we do not use.
SIZES = (("int", 2**31), ("bigint", 2**63))
WIDE = "wide"
_ORDERING = frozenset(("<", "<=", ">", ">=", "least", "greatest"))


def walked(
    roots: Iterable[Column], parts: Callable[[Column], tuple[Column, ...]] = parts_of
) -> Iterator[Column]:
    """Yield every column of a plan once, operands first."""
    seen: set[int] = set()
    waiting: list[tuple[Column, bool]] = [(root, False) for root in reversed(list(roots))]
    while waiting:
        column, done = waiting.pop()
        if done:
            yield column
        elif id(column) not in seen:
            seen.add(id(column))
            waiting.append((column, True))
            waiting.extend((each, False) for each in reversed(parts(column)))


@lru_cache(1024)
def _parsed(text: str) -> Sql:
    return sqlglot.parse_one(text)


def parsed(text: str) -> Sql:
    """Return an expression of SQL."""
    return _parsed(text).copy()


@dataclass
class Writer:
    """Writes columns as SQL of one dialect.

    Attributes:
        names: of columns that a select below computes, by identity.
    """

    dialect: Dialect
    names: dict[int, str] = field(default_factory=dict)

    def write(self, column: Column) -> Sql:
        """Return a column as SQL."""
        name = self.names.get(id(column))
        return self.write_whole(column) if name is None else exp.column(name)

    def write_whole(self, column: Column) -> Sql:
        """Return a column as SQL, whether or not a select below computes it."""
        match column:
            case Field():
                return parsed(column.column)
            case Constant():
                return self._constant(column)
            case Operation():
                return self._operation(column)
            case Case():
                ifs = [
                    exp.If(this=self.write(condition), true=self.write(value))
                    for condition, value in column.branches
                ]
                return exp.Case(ifs=ifs, default=self.write(column.otherwise))
            case Listed():
                return self._listed(column)
        raise AssertionError("an aggregate, or what is looked up, is a column of a join")

    def _constant(self, column: Constant) -> Sql:
        value, kind = column.value, column.type.kind
        if value is None:
            return cast(exp.Null(), self.dialect.type_of(column.type))
        if kind is Kind.BOOLEAN:
            return exp.Boolean(this=value)
        if kind is Kind.STRING:
            return exp.Literal.string(value)
        return self.dialect.day(value) if kind is Kind.DATE else integer(value)

    def _operation(self, column: Operation) -> Sql:
        operands = [self.write(each) for each in column.operands]
        name = column.name
        if name == "units":
            product = exp.Paren(this=exp.Mul(this=operands[0], expression=operands[1]))
            return cast(product, self.dialect.type_of(column.type))
        first = column.operands[0].type
        if name in _ARITHMETIC and first.kind in WHOLE:
            size = size_of(column)
            pairs = zip(operands, column.operands, strict=True)
            operands = [self.sized(sql, each, size) for sql, each in pairs]
        if name in _ORDERING and first.kind is Kind.STRING and self.dialect.collation:
            collation = exp.to_identifier(self.dialect.collation, quoted=True)
            operands = [exp.Collate(this=each, expression=collation) for each in operands]
        return self.dialect.write(name, operands, _sized_type(column))

    def sized(self, sql: Sql, column: Column, size: str) -> Sql:
        """Return an operand with as many bits as an operation needs."""
        plain = isinstance(column, Constant) and size != WIDE
        if plain or (_is_arithmetic(column) and size_of(column) == size):
            return sql
        return cast(sql, self.dialect.whole_type(size))

    def stored(self, like: Constant, value: object) -> Sql:
        """Return a stored value, or a list of them, as SQL."""
        if not isinstance(value, tuple):
            return self.write(replace(like, value=value))
        items = [self.write(replace(like, value=each)) for each in value]
        return cast(exp.Array(expressions=items), self.dialect.list_of(like.type))

    def _listed(self, column: Listed) -> Sql:
        type_ = self.dialect.list_of(column.type)
        empty = cast(exp.Array(), type_)
        parts: list[Sql] = [empty.copy()]
        for condition, value in column.items:
            one = cast(exp.Array(expressions=[self.write(value)]), type_)
            parts.append(
                exp.Case(ifs=[exp.If(this=self.write(condition), true=one)], default=empty.copy())
            )
        whole = self.dialect.joined(parts)
        null = cast(exp.Null(), type_)
        return exp.Case(ifs=[exp.If(this=self.write(column.absent), true=null)], default=whole)


def _sized_type(column: Operation) -> Type:
    """Return the type of a result, wide where an operand is."""
    for each in column.operands:
        if each.type.is_wide:
            return each.type
    return column.type


def _is_arithmetic(column: Column) -> bool:
    return isinstance(column, Operation) and column.name in _ARITHMETIC


def size_of(column: Column) -> str:
    """Return the size of whole numbers that an operation is done in: all that it meets fits."""
    most = max(each.type.greatest for each in (column, *parts_of(column)))
    return next((name for name, limit in SIZES if most < limit), WIDE)


Made = Callable[[str, exp.Select], None]
"""Keeps what a query yields as a table of a name."""


@dataclass
class _Joins:
    """The groupings of other tables' rows that a query joins."""

    dialect: Dialect
    groups: dict[tuple[str, str, str], dict[str, Sql]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def add(self, aggregates: Sequence[Aggregate]) -> None:
        by_source: dict[tuple[str, str, str], list[Aggregate]] = {}
        for each in aggregates:
            by_source.setdefault((each.table, each.key, each.parent), []).append(each)
        for number, (source, found) in enumerate(by_source.items()):
            writer = Writer(self.dialect)
            columns = self.groups.setdefault(source, {})
            known: dict[str, str] = {}
            for each in found:
                sql = self._summary(writer, each)
                text = sql.sql(self.dialect.name)
                name = known.setdefault(text, f"_a{number}_{len(known)}")
                columns[name] = sql
                self.names[id(each)] = name

    def _summary(self, writer: Writer, column: Aggregate) -> Sql:
        condition = None if column.condition is None else writer.write(column.condition)
        if column.function == "count":
            if condition is None:
                return call("COUNT", exp.Star())
            # Measured: DuckDB sums a case much faster than it counts with a filter.
            one = exp.Case(ifs=[exp.If(this=condition, true=integer(1))], default=integer(0))
            return cast(call("SUM", one), "bigint")
        if column.value is None:
            raise AssertionError("an aggregate other than a count has a value")
        value = writer.write(column.value)
        if column.type.kind in WHOLE:
            value = writer.sized(
                value, column.value, WIDE if column.value.type.is_wide else "bigint"
            )
        if column.type.kind is Kind.STRING and self.dialect.collation:
            collation = exp.to_identifier(self.dialect.collation, quoted=True)
            value = exp.Collate(this=value, expression=collation)
        if condition is not None:
            value = exp.Case(ifs=[exp.If(this=condition, true=value)])
        found = call(column.function.upper(), value)
        return cast(found, self.dialect.type_of(column.type))

    def joined(self, query: exp.Select, made: Made | None) -> exp.Select:
        for number, ((source, key, parent), columns) in enumerate(self.groups.items()):
            below = f"_g{number}"
            inner = exp.select(
                exp.alias_(parsed(key), f"_k{number}"),
                *(exp.alias_(sql, name) for name, sql in columns.items()),
            )
            inner = inner.from_(named_table(source)).group_by(parsed(key))
            own = parsed(parent)
            on = exp.EQ(this=exp.column(f"_k{number}", below), expression=own)
            other: exp.Subquery | exp.Table = inner.subquery(below)
            if made is not None:
                made(below, inner)
                other = exp.table_(below)
            query = query.join(other, on=on, join_type="left")
        return query


def select(
    columns: Mapping[str, Column],
    table: str,
    dialect: Dialect,
    keep: Mapping[str, str] | None = None,
    sizes: Mapping[str, str] | None = None,
    made: Made | None = None,
) -> exp.Select:
    """Return the query of columns over a table.

    Args:
        columns: by the name each gets; whole numbers come out as stored units.
        table: its name, perhaps behind that of its schema.
        dialect: of the database.
        keep: expressions of the table to pass through, by the name each gets.
        sizes: types of whole numbers in the result, by name; without one it is ``bigint``, or a
            decimal of 38 digits.
        made: keeps each grouping of another table's rows first; None: it is part of the query.

    Raises:
        NotCompiled: this kind of database cannot do a part of it exactly.
    """
    try:
        return _selected(columns, table, dialect, keep or {}, sizes or {}, made)
    except Refused as reason:
        raise NotCompiled(str(reason), dialect.name) from None


def _selected(
    columns: Mapping[str, Column],
    table: str,
    dialect: Dialect,
    keep: Mapping[str, str],
    sizes: Mapping[str, str],
    made: Made | None,
) -> exp.Select:
    order = list(walked(columns.values()))
    joins = _Joins(dialect)
    joins.add([each for each in order if isinstance(each, Aggregate)])
    query = joins.joined(exp.select("*").from_(named_table(table)), made)
    writer = Writer(dialect, {})
    counts = {id(each) for each in order if isinstance(each, Aggregate) and not each.type.nullable}
    if joins.names:
        # The joined columns get their final names: a count of no rows is 0.
        done: dict[str, Sql] = {}
        for identity, name in joins.names.items():
            found: Sql = exp.column(name)
            if identity in counts:
                found = call("COALESCE", found, integer(0))
            done[f"{name}_"] = found
            writer.names[identity] = f"{name}_"
        query = _over(query, done)
    for number, level in enumerate(_shared_levels(columns.values())):
        lookups = [each for each in level if isinstance(each, Lookup)]
        others = [each for each in level if not isinstance(each, Lookup)]
        layer = {f"_s{number}_{i}": writer.write_whole(each) for i, each in enumerate(others)}
        query = _with_lookups(_over(query, layer) if layer else query, lookups, writer, number)
        for name, each in zip(layer, others, strict=True):
            writer.names[id(each)] = name
    final = {name: parsed(text) for name, text in keep.items()}
    final |= {
        name: _result(writer, each, sizes.get(name, "bigint")) for name, each in columns.items()
    }
    listed = [exp.alias_(sql, name, quoted=True, copy=False) for name, sql in final.items()]
    if query.find(exp.Subquery) is None and query.expressions == [exp.Star()]:
        return query.select(*listed, append=False, copy=False)
    return _from(listed, query)


def named_table(name: str) -> exp.Table:
    """Return a table by its name, which may begin with that of a schema and a dot."""
    *schema, own = name.split(".")
    return exp.table_(own, db=schema[-1] if schema else None, quoted=True)


def _over(query: exp.Select, more: Mapping[str, Sql]) -> exp.Select:
    added = [exp.alias_(sql, name, copy=False) for name, sql in more.items()]
    return _from([exp.Star(), *added], query)


def _with_lookups(
    query: exp.Select, lookups: Sequence[Lookup], writer: Writer, level: int
) -> exp.Select:
    """Join the relations that are looked up; each has a key once, so that rows stay one."""
    keys = [writer.write(each.key) for each in lookups]
    if lookups:
        query = _from([exp.Star()], query)
    for i, (each, key) in enumerate(zip(lookups, keys, strict=True)):
        names = (f"_k{level}_{i}", f"_v{level}_{i}")
        own = Constant(None, each.key.type), Constant(None, each.type)
        rows = [exp.Tuple(expressions=list(map(writer.stored, own, row))) for row in each.rows]
        columns = [exp.to_identifier(name) for name in names]
        alias = exp.TableAlias(this=exp.to_identifier(f"_l{level}_{i}"), columns=columns)
        values = exp.Values(expressions=rows, alias=alias)
        on = exp.EQ(this=exp.column(names[0]), expression=key)
        query = query.join(values, on=on, join_type="left", copy=False)
        writer.names[id(each)] = names[1]
    return query


def _from(listed: Sequence[Sql], below: exp.Select) -> exp.Select:
    found = exp.Select(expressions=list(listed))
    return found.from_(below.subquery("_b", copy=False), copy=False)


def _shared_levels(roots: Iterable[Column]) -> list[list[Column]]:
    """Return the operations that are used more than once, those that others need first."""
    order = list(walked(roots, _eager_parts))
    uses: dict[int, int] = {}
    for column in order:
        for part in _eager_parts(column):
            uses[id(part)] = uses.get(id(part), 0) + 1
    depth: dict[int, int] = {}
    levels: dict[int, list[Column]] = {}
    for column in order:
        below = max((depth[id(part)] for part in _eager_parts(column)), default=0)
        shared = uses.get(id(column), 0) > 1 and isinstance(column, Operation | Case)
        if isinstance(column, Lookup) or (shared and _is_worth_it(column)):
            below += 1
            levels.setdefault(below, []).append(column)
        depth[id(column)] = below
    return [levels[each] for each in sorted(levels)]


def _eager_parts(column: Column) -> tuple[Column, ...]:
    """Return what is computed on every row: of a lazy case its first condition, unless large."""
    if isinstance(column, Case) and column.is_lazy and _may_be_lazy(column):
        return tuple(condition for condition, _ in column.branches[:1])
    return parts_of(column)


_LAZY_SIZE = 1000
"""So many operations may be written out where they are reached, though some are written twice."""


def _may_be_lazy(column: Case) -> bool:
    if any(isinstance(each, Lookup) for each in walked([column])):
        return False
    return _written_size(column) <= _LAZY_SIZE


def _written_size(column: Column) -> int:
    sizes: dict[int, int] = {}
    for each in walked([column]):
        sizes[id(each)] = 1 + sum(sizes[id(part)] for part in parts_of(each))
    return sizes[id(column)]


def _is_worth_it(column: Column) -> bool:
    """Tell whether computing a column twice costs more than keeping it."""
    return any(isinstance(part, Operation | Case) for part in parts_of(column))


def _result(writer: Writer, column: Column, size: str) -> Sql:
    sql = writer.write(column)
    is_list = isinstance(column, Listed) or (isinstance(column, Lookup) and column.is_list)
    if is_list or column.type.kind not in WHOLE:
        return sql
    if not column.type.is_wide:
        return cast(sql, size)
    return cast(sql, type_named("decimal(38, 0)"))
