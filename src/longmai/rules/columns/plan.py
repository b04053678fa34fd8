"""The tree that lies between FEEL and SQL: few operations on whole numbers, texts, days, truths.

Its operations have the meaning of SQL: what is null on a side makes the result null, but for
``and``, ``or``, ``is null``, ``same``, ``coalesce``, and ``least`` and ``greatest``, which
leave nulls out. All that FEEL does otherwise is spelt out
by the compiler, so that a dialect has little to get wrong. No operation fails: a divisor of zero
gives null, and the types' bounds leave no room for overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from longmai.rules.columns.types import Type


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A column of the table, or of the rows of another."""

    column: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A stored value; of a date the days since 1970-01-01.

    Attributes:
        had_places: a whole number that was written with places, as 3.0 is.
    """

    value: Any
    type: Type
    had_places: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation; the dialects know how to write each."""

    name: str
    operands: tuple["Column", ...]
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The value of the first condition that is true, else another.

    Attributes:
        is_lazy: what the conditions look at is not computed before they are reached.
    """

    branches: tuple[tuple["Column", "Column"], ...]
    otherwise: "Column"
    type: Type
    is_lazy: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate:
    """One value of the rows of another table that have the same key.

    Attributes:
        table: the other table.
        key: column there.
        parent: column of the own table that it equals.
        function: ``count``, ``sum``, ``min`` or ``max``.
        condition: rows that count; None: all. Where none counts the value is null, the count 0.
        value: of a row; a null is left out, and a count with a value counts what is not null.
    """

    table: str
    key: str
    parent: str
    function: str
    condition: "Column | None"
    value: "Column | None"
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A list: the values whose conditions are true, in order. Only a result, never an operand.

    Attributes:
        items: conditions and values.
        absent: where true the list itself is null.
    """

    items: tuple[tuple["Column", "Column"], ...]
    absent: "Column"
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """The value that a relation has for a key, or null.

    Attributes:
        key: of the own table.
        rows: stored keys, each once, with stored values; those of lists as tuples.
        type: of a value, or of the items of its list.
        is_list: the values are lists: only a result, never an operand.
    """

    key: "Column"
    rows: tuple[tuple[Any, Any], ...]
    type: Type
    is_list: bool = False


Column = Field | Constant | Operation | Case | Aggregate | Listed | Lookup


def parts_of(column: Column) -> tuple[Column, ...]:
    """Return the operands of a column; those within an aggregate belong to another table."""
    match column:
        case Operation():
            return column.operands
        case Case():
            flat = tuple(each for branch in column.branches for each in branch)
            return (*flat, column.otherwise)
        case Listed():
            flat = tuple(each for item in column.items for each in item)
            return (*flat, column.absent)
        case Lookup():
            return (column.key,)
    return ()


def rebuilt(
    column: Column, known: dict[int, Column], leaf: Callable[[Column], "Column | None"]
) -> Column:
    """Return a plan with some of its parts in another form.

    Args:
        column: the plan.
        known: what parts became, by identity; what is shared stays shared.
        leaf: returns what stands for a part; None: its own parts are looked at.
    """
    if id(column) in known:
        return known[id(column)]
    found = leaf(column)
    if found is None:
        found = _with_parts(column, lambda part: rebuilt(part, known, leaf))
    known[id(column)] = found
    return found


def _with_parts(column: Column, change: Callable[[Column], Column]) -> Column:
    match column:
        case Operation():
            return replace(column, operands=tuple(map(change, column.operands)))
        case Case():
            branches = tuple((change(a), change(b)) for a, b in column.branches)
            return replace(column, branches=branches, otherwise=change(column.otherwise))
        case Listed():
            items = tuple((change(a), change(b)) for a, b in column.items)
            return replace(column, items=items, absent=change(column.absent))
        case Lookup():
            return replace(column, key=change(column.key))
    return column
