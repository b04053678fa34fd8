"""What a name stands for while an expression is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from longmai.rules.columns.operations import constant_of
from longmai.rules.columns.plan import Column, Constant, Field, Operation
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.types import Kind, Type, value_of
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import UNBOUNDED, RangeValue, Value


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list whose items are all written out."""

    items: tuple["Part", ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowList:
    """A list of rows of another table, or of one value of each.

    Attributes:
        condition: rows that are in the list; None: all.
        value: None: the rows themselves, as contexts.
        absent: of the own table: where true the list is null; None: it never is.
    """

    rows: Rows
    condition: Column | None = None
    value: "Column | Ratio | None" = None
    absent: Column | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """A range; an end of None does not bound it."""

    low: "Column | Ratio | None"
    high: "Column | Ratio | None"
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A context: its entries by name."""

    entries: Mapping[str, "Part"]


Part = Column | Ratio | Items | RowList | Interval | Record
"""What a part of an expression is compiled to."""


@dataclass(frozen=True)
class Scope:
    """Names and what they stand for.

    Attributes:
        parts: by name.
        constants: values that are the same on every row, by name.
        now: the present instant; None: there is none.
        outside: names that belong to the table around, and cannot be reached from here.
        lists: names of data that are a list of each row, and have no column.
        known: what nodes were compiled to here: one that stands there twice is computed once.
    """

    parts: Mapping[str, Part]
    constants: Mapping[str, Value] = field(default_factory=dict)
    now: DateTime | None = None
    outside: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    known: dict[Node, Part] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        schema: Schema,
        constants: Mapping[str, Value] | None = None,
        now: DateTime | None = None,
    ) -> "Scope":
        """Return the scope of a schema."""
        return cls(record_of(schema).entries, dict(constants or {}), now)

    @property
    def values(self) -> dict[str, Value]:
        """Return what is the same on every row, by name: constants, and parts that came to one."""
        found = {
            name: value_of(part.value, part.type)
            for name, part in self.parts.items()
            if isinstance(part, Constant)
        }
        return found | dict(self.constants)

    def with_parts(self, parts: Mapping[str, Part]) -> "Scope":
        """Return a scope with more names over these."""
        constants = {name: v for name, v in self.constants.items() if name not in parts}
        outside = self.outside - parts.keys()
        return Scope({**self.parts, **parts}, constants, self.now, outside, self.lists)

    def within(self, parts: Mapping[str, Part]) -> "Scope":
        """Return the scope of a row of another table: names of the own table are out of reach."""
        outside = self.outside | self.parts.keys()
        constants = {name: v for name, v in self.constants.items() if name not in parts}
        return Scope(parts, constants, self.now, outside - parts.keys(), self.lists)


def record_of(schema: Schema) -> Record:
    """Return a schema as a context of columns."""
    return Record({name: _part_of(name, each) for name, each in schema.fields.items()})


def _part_of(name: str, given: Given | Rows | Schema) -> Part:
    if isinstance(given, Schema):
        return record_of(given)
    return RowList(given) if isinstance(given, Rows) else field_of(name, given)


def field_of(name: str, given: Given) -> Column:
    """Return the column of a name, in stored units."""
    type_ = given.type
    found = Field(given.column or f'"{name}"', type_)
    if given.is_decimal:
        unit = 10**type_.scale
        factor = Constant(unit, Type(Kind.NUMBER, nullable=False, low=unit, high=unit))
        return Operation("units", (found, factor), type_)
    if type_.kind is Kind.DATE_TIME:
        return Operation("microseconds", (found,), type_)
    return found


def fields_of(rows: Rows) -> dict[str, Part]:
    """Return the columns of a row of another table."""
    entries: dict[str, Part] = {name: field_of(name, each) for name, each in rows.fields.items()}
    return {"item": Record(entries)} | entries


def part_of_value(value: Value) -> Part:
    """Return a value of FEEL as a part: lists, ranges and contexts too.

    Raises:
        NotStored: it holds a value that no column stores.
    """
    if isinstance(value, list):
        return Items(tuple(part_of_value(each) for each in value))
    if isinstance(value, dict):
        return Record({name: part_of_value(each) for name, each in value.items()})
    if isinstance(value, RangeValue):
        ends = [None if end is UNBOUNDED else constant_of(end) for end in (value.low, value.high)]
        return Interval(ends[0], ends[1], value.low_closed, value.high_closed)
    return constant_of(value)
