"""Functions on texts. Source: DMN 1.5, 10.3.4.3.

Those whose result hangs on tables of Unicode (capitals) or on a dialect of patterns are refused:
the programs do not agree on them.
"""

from collections.abc import Sequence

from longmai.rules.columns.calls import fixed, function, of_kinds, one_value
from longmai.rules.columns.comparing import kind_of
from longmai.rules.columns.operations import (
    NULL,
    added,
    any_null,
    case,
    compared,
    constant_of,
    operation,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column, Constant
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Part
from longmai.rules.columns.types import Kind

_LONGEST = 2**30
_EMPTY = constant_of("")


def _length(text: Column) -> Column:
    return operation("length", (text,), Kind.NUMBER, (0, _LONGEST))


@function("string length")
@of_kinds(Kind.STRING)
def _string_length(text: Column) -> Column:
    return _length(text)


def _truth_of(name: str) -> None:
    @function(name)
    @of_kinds(Kind.STRING, Kind.STRING)
    def _compile(text: Column, match: Column) -> Column:
        return operation(name, (text, match), Kind.BOOLEAN, (0, 0))


for _name in ("contains", "starts with", "ends with"):
    _truth_of(_name)


@function("substring")
@of_kinds(Kind.STRING, Kind.NUMBER, Kind.NUMBER)
def _substring(text: Column, start: Column, length: Column | None = None) -> Column:
    first = fixed(start)
    whole_length = None if length is None else fixed(length)
    if not isinstance(start, Constant) or not start.value:
        return NULL
    if isinstance(length, Constant) and length.value < 10**length.type.scale:
        return NULL
    if start.value > 0:
        begin: Column = whole(max(first, 1))
        if not first:
            raise Refused("a position between 0 and 1")
    else:
        back = added(_length(text), whole(first + 1))
        begin = case([(compared("<", back, whole(1)), whole(1))], back)
    count = whole(_LONGEST if whole_length is None else whole_length)
    return operation("substring", (text, begin, count), Kind.STRING, (0, 0))


def _position(text: Column, match: Column) -> Column:
    return operation("position", (text, match), Kind.NUMBER, (0, _LONGEST))


@function("substring before")
@of_kinds(Kind.STRING, Kind.STRING)
def _before(text: Column, match: Column) -> Column:
    at = _position(text, match)
    head = operation("substring", (text, whole(1), added(at, whole(-1))), Kind.STRING, (0, 0))
    return case([(compared(">", at, whole(1)), head)], _no_text(text, match))


def _no_text(*columns: Column) -> Column:
    """Return the empty text; null where a column is null."""
    return unless(any_null(columns), _EMPTY)


@function("substring after")
@of_kinds(Kind.STRING, Kind.STRING)
def _after(text: Column, match: Column) -> Column:
    begin = added(_position(text, match), _length(match))
    tail = operation("substring", (text, begin, whole(_LONGEST)), Kind.STRING, (0, 0))
    empty = compared("=", match, _EMPTY)
    found = compared(">", _position(text, match), whole(0))
    return case([(empty, text), (found, tail)], _no_text(text, match))


@function("string")
def _string(parts: Sequence[Part]) -> Part:
    value = one_value(parts[0])
    if kind_of(value) is Kind.NOTHING:
        return NULL
    if kind_of(value) is Kind.STRING:
        return value
    raise Refused("only texts are written as texts in columns")
