"""How DuckDB, PostgreSQL and Spark write each operation, as trees of SQLGlot.

Whole numbers are of 64 bits where the bounds allow, else wide; days are dates; texts compare by
their code points.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlglot import exp

from longmai.rules.columns.patterns import for_postgres
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.types import Kind, Type
from longmai.rules.feel.temporal import Date

Sql = exp.Expr
Write = Callable[[Sequence[Sql], Type], Sql]
"""Takes operands, and the type of the result."""

_YEAR_1 = -719_162
_LAST_YEAR = 9999
_EPOCH = "1970-01-01"


def call(name: str, *arguments: Sql) -> Sql:
    """Return the call of a function, as it is named."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def integer(value: int) -> Sql:
    """Return a whole number."""
    literal = exp.Literal.number(abs(value))
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


@lru_cache(256)
def _type_named(name: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(name, dialect=dialect or None)


def type_named(name: str, dialect: str = "") -> exp.DataType:
    """Return a type of SQL."""
    return _type_named(name, dialect).copy()


def cast(value: Sql, type_: str | exp.DataType) -> Sql:
    """Return a value as of a type, without the copies and parsing of SQLGlot's own function."""
    to = type_named(type_) if isinstance(type_, str) else type_
    return value if isinstance(value, exp.Cast) and value.to == to else exp.Cast(this=value, to=to)


def _epoch() -> Sql:
    return cast(exp.Literal.string(_EPOCH), "date")


def _int(value: Sql) -> Sql:
    return cast(value, "int")


def _big(value: Sql) -> Sql:
    return cast(value, "bigint")


def infix(kind: type[Any]) -> Write:
    """Return how an operator between two operands is written."""
    return lambda operands, _type: exp.Paren(this=kind(this=operands[0], expression=operands[1]))


def _chain(kind: type[Any]) -> Write:
    def write(operands: Sequence[Sql], _type: Type) -> Sql:
        found = operands[0]
        for each in operands[1:]:
            found = kind(this=found, expression=each)
        return exp.Paren(this=found)

    return write


def called(name: str) -> Write:
    """Return how a function of the same arguments is written."""
    return lambda operands, _type: call(name, *operands)


def _unary(kind: type[Any]) -> Write:
    return lambda operands, _type: exp.Paren(this=kind(this=operands[0]))


def _is_null(operands: Sequence[Sql], _type: Type) -> Sql:
    return exp.Paren(this=exp.Is(this=operands[0], expression=exp.Null()))


def _substring(operands: Sequence[Sql], _type: Type) -> Sql:
    text, begin, count = operands
    length = call("GREATEST", _int(count), integer(0))
    return call("SUBSTRING", text, _int(begin), length)


def _part(name: str) -> Write:
    return lambda operands, _type: _big(call(name, operands[0]))


_SHARED: Mapping[str, Write] = {
    "and": _chain(exp.And),
    "or": _chain(exp.Or),
    "not": _unary(exp.Not),
    "is null": _is_null,
    "=": infix(exp.EQ),
    "!=": infix(exp.NEQ),
    "<": infix(exp.LT),
    "<=": infix(exp.LTE),
    ">": infix(exp.GT),
    ">=": infix(exp.GTE),
    "same": infix(exp.NullSafeEQ),
    "coalesce": called("COALESCE"),
    "+": infix(exp.Add),
    "-": infix(exp.Sub),
    "*": infix(exp.Mul),
    "mod": infix(exp.Mod),
    "negative": _unary(exp.Neg),
    "abs": called("ABS"),
    "least": called("LEAST"),
    "greatest": called("GREATEST"),
    "nullif zero": lambda operands, _type: call("NULLIF", operands[0], integer(0)),
    "concat": infix(exp.DPipe),
    "length": lambda operands, _type: _big(call("LENGTH", operands[0])),
    "substring": _substring,
    "contains": called("CONTAINS"),
    "replace": called("REPLACE"),
    "translate": called("TRANSLATE"),
    "text": lambda operands, _type: cast(operands[0], "text"),
    "position": lambda operands, _type: _big(call("STRPOS", *operands)),
    "month": _part("MONTH"),
    "day": _part("DAY"),
    "day of year": _part("DAYOFYEAR"),
    "week": _part("WEEKOFYEAR"),
    "year": _part("YEAR"),
    "add days": lambda operands, _type: exp.Paren(
        this=exp.Add(this=operands[0], expression=_int(operands[1]))
    ),
    "day of number": lambda operands, _type: exp.Paren(
        this=exp.Add(this=_epoch(), expression=_int(operands[0]))
    ),
    "days between": lambda operands, _type: _big(
        exp.Paren(this=exp.Sub(this=operands[0], expression=operands[1]))
    ),
    "number of day": lambda operands, _type: _big(
        exp.Paren(this=exp.Sub(this=operands[0], expression=_epoch()))
    ),
    "make day": lambda operands, _type: call("MAKE_DATE", *map(_int, operands)),
}


def _add_months_duckdb(operands: Sequence[Sql], _type: Type) -> Sql:
    months = call("TO_MONTHS", _int(operands[1]))
    return cast(exp.Paren(this=exp.Add(this=operands[0], expression=months)), "date")


_DUCKDB: Mapping[str, Write] = {
    "div": infix(exp.IntDiv),
    "matches": called("REGEXP_MATCHES"),
    "starts with": called("STARTS_WITH"),
    "ends with": called("SUFFIX"),
    "weekday": _part("ISODOW"),
    "add months": _add_months_duckdb,
    "microseconds": lambda operands, _type: call("EPOCH_US", operands[0]),
}


def _extract(part: str, value: Sql) -> Sql:
    return exp.Extract(this=exp.var(part), expression=value)


def _extracted(part: str) -> Write:
    return lambda operands, _type: _big(_extract(part, operands[0]))


def _div_postgres(operands: Sequence[Sql], type_: Type) -> Sql:
    if type_.is_wide:
        return call("DIV", *operands)
    divided = exp.Div(this=operands[0], expression=operands[1], typed=True, safe=False)
    return exp.Paren(this=divided)


def _add_months_postgres(operands: Sequence[Sql], _type: Type) -> Sql:
    months = call("MAKE_INTERVAL", integer(0), _int(operands[1]))
    return cast(exp.Paren(this=exp.Add(this=operands[0], expression=months)), "date")


def _year_postgres(operands: Sequence[Sql], type_: Type) -> Sql:
    year = _big(_extract("YEAR", operands[0]))
    if type_.low >= 1:
        return year
    # PostgreSQL has no year 0: it calls it -1.
    before = exp.Add(this=year.copy(), expression=integer(1))
    return exp.Case(
        ifs=[exp.If(this=exp.LT(this=year.copy(), expression=integer(0)), true=before)],
        default=year,
    )


def _ends_with_postgres(operands: Sequence[Sql], _type: Type) -> Sql:
    text, match = operands
    tail = call("RIGHT", text, call("LENGTH", match))
    return exp.Paren(this=exp.EQ(this=tail, expression=match.copy()))


def _contains_postgres(operands: Sequence[Sql], _type: Type) -> Sql:
    return exp.Paren(this=exp.GT(this=call("STRPOS", *operands), expression=integer(0)))


def _matches_postgres(operands: Sequence[Sql], _type: Type) -> Sql:
    text, pattern = operands
    own = exp.Literal.string(for_postgres(pattern.this))
    return exp.Paren(this=exp.RegexpLike(this=text, expression=own))


def _microseconds_postgres(operands: Sequence[Sql], _type: Type) -> Sql:
    seconds = _extract("EPOCH", operands[0])
    return _big(exp.Paren(this=exp.Mul(this=seconds, expression=integer(1_000_000))))


_POSTGRES: Mapping[str, Write] = {
    "div": _div_postgres,
    "matches": _matches_postgres,
    "contains": _contains_postgres,
    "starts with": called("STARTS_WITH"),
    "ends with": _ends_with_postgres,
    "year": _year_postgres,
    "month": _extracted("MONTH"),
    "day": _extracted("DAY"),
    "weekday": _extracted("ISODOW"),
    "day of year": _extracted("DOY"),
    "week": _extracted("WEEK"),
    "add months": _add_months_postgres,
    "microseconds": _microseconds_postgres,
}


def _div_spark(operands: Sequence[Sql], type_: Type) -> Sql:
    if type_.is_wide:
        raise Refused("Spark divides whole numbers of at most 64 bits")
    return exp.Paren(this=exp.IntDiv(this=operands[0], expression=operands[1]))


def _weekday_spark(operands: Sequence[Sql], _type: Type) -> Sql:
    return _big(exp.Paren(this=exp.Add(this=call("WEEKDAY", operands[0]), expression=integer(1))))


_SPARK: Mapping[str, Write] = {
    "div": _div_spark,
    "matches": called("REGEXP_LIKE"),
    "starts with": called("STARTSWITH"),
    "ends with": called("ENDSWITH"),
    "position": lambda operands, _type: _big(call("INSTR", *operands)),
    "weekday": _weekday_spark,
    "add months": lambda operands, _type: call("ADD_MONTHS", operands[0], _int(operands[1])),
    "add days": lambda operands, _type: call("DATE_ADD", operands[0], _int(operands[1])),
    "day of number": lambda operands, _type: call("DATE_FROM_UNIX_DATE", _int(operands[0])),
    "number of day": lambda operands, _type: _big(call("UNIX_DATE", operands[0])),
    "days between": lambda operands, _type: _big(call("DATEDIFF", *operands)),
    "microseconds": lambda operands, _type: call("UNIX_MICROS", cast(operands[0], "timestamp")),
}


@dataclass(frozen=True)
class Dialect:
    """A kind of database: how it writes operations and types.

    Attributes:
        name: as SQLGlot knows it.
        wide: type of whole numbers over 64 bits.
        collation: that compares texts by code points; empty: the usual one does.
    """

    name: str
    wide: str
    collation: str = ""
    own: Mapping[str, Write] = field(default_factory=dict, repr=False)

    def write(self, name: str, operands: Sequence[Sql], type_: Type) -> Sql:
        """Return an operation.

        Raises:
            Refused: this kind of database cannot do it exactly.
        """
        return (self.own.get(name) or _SHARED[name])(operands, type_)

    def whole_type(self, size: str) -> exp.DataType:
        """Return the type of whole numbers of a size: ``int``, ``bigint`` or ``wide``."""
        return type_named(self.wide if size == "wide" else size, dialect=self.name)

    def type_of(self, type_: Type) -> exp.DataType:
        """Return the type that stores values of a type."""
        plain = {
            Kind.BOOLEAN: "boolean",
            Kind.STRING: "text",
            Kind.DATE: "date",
            Kind.NOTHING: "boolean",
        }.get(type_.kind)
        if plain is None:
            return self.whole_type("wide" if type_.is_wide else "bigint")
        return type_named(plain)

    def list_of(self, type_: Type) -> exp.DataType:
        """Return the type of lists of values of a type."""
        array = exp.DataType.Type.ARRAY
        return exp.DataType(this=array, expressions=[self.type_of(type_)], nested=True)

    def joined(self, lists: Sequence[Sql]) -> Sql:
        """Return lists as one."""
        if self.name == "spark":
            return call("CONCAT", *lists)
        return _chain(exp.DPipe)(lists, Type(Kind.NOTHING))

    def day(self, number: int) -> Sql:
        """Return a day as a literal."""
        if number < _YEAR_1:
            return self.write("day of number", [integer(number)], Type(Kind.DATE))
        day = Date.of_ordinal(number)
        if day.year > _LAST_YEAR:
            return self.write("day of number", [integer(number)], Type(Kind.DATE))
        return cast(exp.Literal.string(str(day)), "date")


DUCKDB = Dialect("duckdb", "hugeint", own=_DUCKDB)
POSTGRES = Dialect("postgres", "numeric(38, 0)", collation="C", own=_POSTGRES)
SPARK = Dialect("spark", "decimal(38, 0)", own=_SPARK)
DIALECTS: Mapping[str, Dialect] = {each.name: each for each in (DUCKDB, POSTGRES, SPARK)}
