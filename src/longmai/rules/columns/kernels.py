"""Rules over columns in memory: each operation of a plan is one kernel of Arrow.

A database plans a query and hands small vectors from operation to operation; here each operation
runs over a hundred thousand rows at once, and truths are single bits. What many rules look at is
computed once. Whole numbers of at most 64 bits, days and truths are done here, by the operations
below; what is something else, `parted` leaves to the database as a column of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from longmai.rules.columns.plan import Case, Column, Constant, Field, Operation, parts_of, rebuilt
from longmai.rules.columns.sql import walked
from longmai.rules.columns.types import INT64, WHOLE, Kind, Type
from longmai.rules.columns.whole import (
    coalesce,
    has_null,
    least_or_greatest,
    nullif_zero,
    quotient,
    remainder,
    same,
    surely,
)

Kernel = Callable[..., Any]

_WIDTHS = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
_COMPARED = frozenset(("=", "!=", "<", "<=", ">", ">=", "same"))
_TRUTHS = frozenset(("and", "or", "not", "is null", "is true", "and not"))


def _called(name: str) -> Kernel:
    function = pc.get_function(name)
    return lambda *operands: function.call(list(operands))


def _chained(name: str) -> Kernel:
    plain, kleene = pc.get_function(name), pc.get_function(f"{name}_kleene")

    def run(*operands: Any) -> Any:
        found = operands[0]
        for each in operands[1:]:
            sure = not (has_null(found) or has_null(each))
            found = (plain if sure else kleene).call([found, each])
        return found

    return run


def _case(*operands: Any) -> Any:
    *pairs, found = operands
    for condition, value in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
        found = pc.if_else(surely(condition), value, found)
    return found


def _unchanged(value: Any) -> Any:
    return value


_KERNELS: Mapping[str, Kernel] = {
    "and": _chained("and"),
    "or": _chained("or"),
    "not": _called("invert"),
    "is null": pc.is_null,
    "=": _called("equal"),
    "!=": _called("not_equal"),
    "<": _called("less"),
    "<=": _called("less_equal"),
    ">": _called("greater"),
    ">=": _called("greater_equal"),
    "same": same,
    "coalesce": coalesce,
    "+": _called("add"),
    "-": _called("subtract"),
    "*": _called("multiply"),
    "div": quotient,
    "mod": remainder,
    "negative": _called("negate"),
    "abs": _called("abs"),
    "least": partial(least_or_greatest, np.minimum, pc.min_element_wise),
    "greatest": partial(least_or_greatest, np.maximum, pc.max_element_wise),
    "nullif zero": nullif_zero,
    "number of day": _unchanged,
    "days between": _called("subtract"),
    "add days": _called("add"),
}
"""Of a plan's operations. Days are whole numbers since 1970-01-01. Quotients are cut off towards
zero, and least and greatest leave nulls out, as in SQL."""
_PARTIAL = frozenset(("make day", "add months", "add days", "day of number"))
"""Of these some have no result beyond the calendar's ends; a case that keeps them from there stays
with the database as a whole."""
_OWN: Mapping[str, Kernel] = {
    "is true": surely,
    "and not": _called("and_not"),
    "case": _case,
}


def is_held(type_: Type) -> bool:
    """Tell whether values of a type are held here."""
    if type_.kind in {Kind.BOOLEAN, Kind.DATE, Kind.NOTHING}:
        return True
    return type_.kind in WHOLE and type_.greatest <= INT64


def _is_done(column: Column) -> bool:
    """Tell whether one step of a plan is done here."""
    if not is_held(column.type) or not all(is_held(each.type) for each in parts_of(column)):
        return False
    if isinstance(column, Operation):
        nothing = any(each.type.kind is Kind.NOTHING for each in column.operands)
        return column.name in (_TRUTHS if nothing else _KERNELS)
    return isinstance(column, Field | Constant | Case)


def arrow_type(type_: Type) -> pa.DataType:
    """Return the type that holds values here: of whole numbers the narrowest."""
    if type_.kind in {Kind.BOOLEAN, Kind.NOTHING}:
        return pa.bool_()
    if type_.kind is Kind.DATE:
        return pa.int32()
    return next(each for each in _WIDTHS if type_.greatest < 2 ** (each.bit_width - 1))


def parted(
    roots: Sequence[Column], named: Callable[[Column], str]
) -> tuple[list[Column], dict[str, Column]]:
    """Part plans into what is done here, and the columns that a database computes for it.

    Args:
        roots: the plans.
        named: returns one name for columns that read the same.
    """
    leaves: dict[str, Column] = {}
    known: dict[int, Column] = {}

    partial: dict[int, bool] = {}
    for each in walked(roots):
        partial[id(each)] = (isinstance(each, Operation) and each.name in _PARTIAL) or any(
            partial[id(part)] for part in parts_of(each)
        )

    def leaf(column: Column) -> Column | None:
        guards = isinstance(column, Case) and not column.is_lazy and partial[id(column)]
        if not isinstance(column, Field) and _is_done(column) and not guards:
            return None
        name = named(column)
        leaves.setdefault(name, column)
        return Field(name, column.type)

    return [rebuilt(each, known, leaf) for each in roots], leaves


@dataclass(frozen=True)
class Step:
    """One kernel: where its operands are, and where its result goes."""

    kernel: Kernel
    operands: tuple[int, ...]
    result: int
    done: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """Kernels in order.

    Attributes:
        fields: places of the columns that are read.
        constants: places of constants, and these.
        places: how many there are.
        roots: places of what is asked for.
    """

    fields: Mapping[str, int]
    constants: Mapping[int, Any]
    steps: tuple[Step, ...]
    places: int
    roots: tuple[int, ...]

    def run(self, rows: Mapping[str, pa.Array]) -> list[Any]:
        """Return the roots over rows: arrays, or scalars where they are the same on every row."""
        held: list[Any] = [None] * self.places
        for name, place in self.fields.items():
            held[place] = rows[name]
        for place, constant in self.constants.items():
            held[place] = constant
        for step in self.steps:
            held[step.result] = step.kernel(*[held[each] for each in step.operands])
            for each in step.done:
                held[each] = None
        return [held[each] for each in self.roots]


@dataclass
class Builder:
    """Numbers the values of plans: what reads the same is one place."""

    _places: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _types: dict[int, pa.DataType] = field(default_factory=dict)
    _of: dict[int, int] = field(default_factory=dict)
    _kept: list[Column] = field(default_factory=list)
    _steps: list[tuple[Kernel, tuple[int, ...], int]] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)
    constants: dict[int, Any] = field(default_factory=dict)

    def place(self, column: Column) -> int:
        """Return the place of a plan that `parted` returned."""
        for each in walked([column]):
            if id(each) not in self._of:
                self._of[id(each)] = self._place(each)
                self._kept.append(each)  # An identity may not be used again.
        return self._of[id(column)]

    def step(self, name: str, *operands: int) -> int:
        """Return the place of a truth made of truths."""
        return self._step(name, operands, pa.bool_())

    def constant(self, place: int) -> Any:
        """Return the constant at a place; None: it is none."""
        return self.constants.get(place)

    def program(self, roots: Sequence[int]) -> Program:
        """Return what computes some places; each is let go after its last use."""
        last: dict[int, int] = {}
        wanted = {*roots}
        steps = self._needed(wanted)
        for number, (_, operands, _) in enumerate(steps):
            last |= dict.fromkeys(operands, number)
        kept = {*roots, *self.constants}
        ended: dict[int, list[int]] = {}
        for place, number in last.items():
            if place not in kept:
                ended.setdefault(number, []).append(place)
        return Program(
            {name: place for name, place in self.fields.items() if place in wanted},
            {place: value for place, value in self.constants.items() if place in wanted},
            tuple(
                Step(kernel, operands, result, tuple(ended.get(number, ())))
                for number, (kernel, operands, result) in enumerate(steps)
            ),
            len(self._places),
            tuple(roots),
        )

    def _needed(self, wanted: set[int]) -> list[tuple[Kernel, tuple[int, ...], int]]:
        steps = []
        for each in reversed(self._steps):
            if each[2] in wanted:
                wanted.update(each[1])
                steps.append(each)
        return steps[::-1]

    def _place(self, column: Column) -> int:
        type_ = arrow_type(column.type)
        match column:
            case Field():
                place = self._new(("field", column.column), type_)
                self.fields.setdefault(column.column, place)
                return place
            case Constant():
                return self._constant(column.value, type_)
            case Case():
                flat = [part for branch in column.branches for part in branch]
                operands = [
                    self._of[id(part)] if i % 2 == 0 else self._cast(part, type_)
                    for i, part in enumerate(flat)
                ]
                return self._step("case", (*operands, self._cast(column.otherwise, type_)), type_)
            case Operation():
                return self._operation(column, type_)
        raise AssertionError("what is not done here is a field")

    def _operation(self, column: Operation, type_: pa.DataType) -> int:
        name, parts = column.name, column.operands
        if name in _TRUTHS or parts[0].type.kind in {Kind.BOOLEAN, Kind.NOTHING}:
            return self._step(name, tuple(self._of[id(each)] for each in parts), type_)
        met = [arrow_type(each.type) for each in parts if each.type.kind is not Kind.NOTHING]
        if name not in _COMPARED:
            met.append(type_)
        widest = max(met, key=lambda each: each.bit_width)
        place = self._step(name, tuple(self._cast(each, widest) for each in parts), widest)
        return place if name in _COMPARED else self._casted(place, type_)

    def _cast(self, column: Column, type_: pa.DataType) -> int:
        return self._casted(self._of[id(column)], type_)

    def _casted(self, place: int, type_: pa.DataType) -> int:
        own = self._types[place]
        if place in self.constants:
            return self._constant(self.constants[place].as_py(), type_)
        if own == type_:
            return place
        key = ("cast", place, type_)
        if key in self._places:
            return self._places[key]
        found = self._new(key, type_)
        self._steps.append((lambda value: pc.cast(value, type_, safe=False), (place,), found))
        return found

    def _constant(self, value: Any, type_: pa.DataType) -> int:
        place = self._new(("constant", value, type_), type_)
        self.constants[place] = pa.scalar(value, type_)
        return place

    def _step(self, name: str, operands: tuple[int, ...], type_: pa.DataType) -> int:
        key = (name, operands, type_)
        if key in self._places:
            return self._places[key]
        found = self._new(key, pa.bool_() if name in _COMPARED | _TRUTHS else type_)
        self._steps.append((_OWN.get(name) or _KERNELS[name], operands, found))
        return found

    def _new(self, key: tuple[Any, ...], type_: pa.DataType) -> int:
        place = self._places.setdefault(key, len(self._places))
        self._types.setdefault(place, type_)
        return place


def columns_of(rows: pa.RecordBatch) -> dict[str, pa.Array]:
    """Return rows as a program takes them: by name, days as whole numbers."""
    return {
        name: column.view(pa.int32()) if pa.types.is_date32(column.type) else column
        for name, column in zip(rows.schema.names, rows.columns, strict=True)
    }
