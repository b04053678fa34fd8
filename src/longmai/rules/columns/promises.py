"""Whether a table keeps the bounds that a schema promised for its columns.

What a rule is compiled to relies on them: a sign that cannot be, a divisor that is never zero.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.rules.columns.backend import Backend
from longmai.rules.columns.dialects import Sql, call, integer
from longmai.rules.columns.plan import Aggregate, Column, Field, Operation, parts_of
from longmai.rules.columns.sql import Writer, named_table, walked
from longmai.rules.columns.types import WHOLE, Kind, value_of


def hold_to_bounds(backend: Backend, table: str, columns: Mapping[str, Column]) -> None:
    """Look at columns of a table once, and at the rows of other tables that they sum up.

    Raises:
        InvalidMany: values lie outside of their bounds, are null where none may be, or have more
            places than promised.
    """
    inner: dict[str, dict[str, Column]] = {}
    for column in columns.values():
        if isinstance(column, Aggregate):
            parts = [each for each in (column.condition, column.value) if each is not None]
            inner.setdefault(column.table, {}).update(leaves_of(parts))
    own = {name: each for name, each in columns.items() if not isinstance(each, Aggregate)}
    findings = list(_findings(backend, table, own))
    for other, leaves in inner.items():
        findings += _findings(backend, other, leaves)
    if findings:
        raise InvalidMany(
            "the table does not keep the bounds of the schema", findings, code="rules.bounds"
        )


def leaves_of(columns: Iterable[Column]) -> dict[str, Column]:
    """Return the columns of a table that plans read, by their SQL expressions."""
    found: dict[str, Column] = {}
    for each in walked(columns):
        if isinstance(each, Operation) and each.name == "units":
            field = parts_of(each)[0]
            found[getattr(field, "column", "")] = each
        elif isinstance(each, Field):
            found.setdefault(each.column, each)
    return found


def _findings(backend: Backend, table: str, columns: Mapping[str, Column]) -> Iterable[Invalid]:
    if not columns:
        return
    writer = Writer(backend.dialect)
    asked = [
        exp.alias_(sql, f"c{i}_{name}")
        for i, column in enumerate(columns.values())
        for name, sql in _asked(writer, column)
    ]
    row = backend.run(exp.select(*asked).from_(named_table(table))).to_pylist()[0]
    for i, (name, column) in enumerate(columns.items()):
        yield from _broken(f"{table}.{name}", column, {k: row[f"c{i}_{k}"] for k in _KEYS})


_KEYS = ("low", "high", "missing", "finer")


def _asked(writer: Writer, column: Column) -> list[tuple[str, Sql]]:
    value = writer.write(column)
    number = value
    if column.type.kind is Kind.DATE:
        number = writer.dialect.write("number of day", [value], column.type)
    bounded = column.type.kind in WHOLE | {Kind.DATE}
    ends = [call(name, number.copy()) if bounded else exp.Null() for name in ("MIN", "MAX")]
    missing = _count(exp.Is(this=value.copy(), expression=exp.Null()))
    return [
        ("low", ends[0]),
        ("high", ends[1]),
        ("missing", missing),
        ("finer", _finer(writer, column)),
    ]


def _finer(writer: Writer, column: Column) -> Sql:
    """Count the values that have more places than their column's whole units."""
    if not (isinstance(column, Operation) and column.name == "units"):
        return integer(0)
    field, factor = (writer.write(each) for each in column.operands)
    exact = exp.Paren(this=exp.Mul(this=field, expression=factor))
    return _count(exp.NEQ(this=exact, expression=writer.write(column)))


def _count(condition: Sql) -> Sql:
    one = exp.Case(ifs=[exp.If(this=condition, true=integer(1))], default=integer(0))
    return call("COALESCE", call("SUM", one), integer(0))


def _broken(place: str, column: Column, row: Mapping[str, Any]) -> Iterable[Invalid]:
    type_ = column.type
    mend = "widen the bounds of the schema, or mend the table"
    for name, wanted in (("low", type_.low), ("high", type_.high)):
        found = row[name]
        if found is not None and (found < wanted if name == "low" else found > wanted):
            told = f"a value is beyond its bound of {value_of(wanted, type_)}"
            value = str(value_of(found, type_))
            yield Invalid(told, code="rules.bounds", place=place, value=value, mend=mend)
    if row["missing"] and not type_.nullable:
        told = f"{row['missing']} values are null, and none may be"
        yield Invalid(told, code="rules.bounds", place=place, mend=mend)
    if row["finer"]:
        told = f"{row['finer']} values have more than {type_.scale} places"
        yield Invalid(told, code="rules.bounds", place=place, mend=mend)
