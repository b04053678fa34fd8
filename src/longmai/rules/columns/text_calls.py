"""Functions on texts. Source: DMN 1.5, 10.3.4.3.

The programs have other tables of Unicode and other dialects of patterns than the interpreter, so
what they need of them is written out for them: ranges of characters, pairs of letters.
"""

from collections.abc import Sequence
from functools import cache

from longmai.rules.columns.calls import fixed, function, of_kinds, one_value
from longmai.rules.columns.comparing import kind_of
from longmai.rules.columns.operations import (
    NULL,
    added,
    any_null,
    case,
    compared,
    constant_of,
    negation,
    null_like,
    operation,
    unless,
    whole,
)
from longmai.rules.columns.patterns import plain_text, written_for_all
from longmai.rules.columns.plan import Aggregate, Case, Column, Constant, Field, Operation
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Part
from longmai.rules.columns.types import Kind
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.values import Nothing

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


@function("matches")
@of_kinds(Kind.STRING, Kind.STRING, frozenset((Kind.STRING, Kind.NOTHING)))
def _matches(text: Column, pattern: Column, flags: Column | None = None) -> Column:
    if not isinstance(pattern, Constant) or not isinstance(flags, Constant | None):
        raise Refused("a pattern that differs from row to row")
    try:
        written = written_for_all(pattern.value, (flags and flags.value) or "")
    except Nothing:
        return NULL
    return operation("matches", (text, constant_of(written)), Kind.BOOLEAN, (0, 0))


@function("replace")
@of_kinds(Kind.STRING, Kind.STRING, Kind.STRING, frozenset((Kind.STRING, Kind.NOTHING)))
def _replace(
    text: Column, pattern: Column, replacement: Column, flags: Column | None = None
) -> Column:
    if flags is not None or not isinstance(pattern, Constant):
        raise Refused("a replacement by a pattern with flags, or that differs from row to row")
    put = replacement.value if isinstance(replacement, Constant) else None
    if put is None or set(put) & set("$\\") or not plain_text(pattern.value):
        raise Refused("a replacement by a pattern that is more than a text")
    if len(put) > len(pattern.value):
        raise Refused("a replacement by a longer text, which may become too long")
    return operation("replace", (text, pattern, replacement), Kind.STRING, (0, 0))


@cache
def _capitals() -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return small letters and their capitals, and those that become several letters."""
    letters = [chr(n) for n in range(0x110000) if chr(n).upper() != chr(n)]
    several = tuple((each, each.upper()) for each in letters if len(each.upper()) > 1)
    single = [each for each in letters if len(each.upper()) == 1]
    return "".join(single), "".join(each.upper() for each in single), several


@function("upper case")
@of_kinds(Kind.STRING)
def _upper_case(text: Column) -> Column:
    small, capital, several = _capitals()
    found = text
    for letter, letters in several:
        operands = (found, constant_of(letter), constant_of(letters))
        found = operation("replace", operands, Kind.STRING, (0, 0))
    operands = (found, constant_of(small), constant_of(capital))
    return operation("translate", operands, Kind.STRING, (0, 0))


@function("lower case")
@of_kinds(Kind.STRING)
def _lower_case(text: Column) -> Column:  # noqa: ARG001 - whatever it is
    raise Refused("small letters hang on their neighbours (Σ); compare capitals, by 'upper case'")


@function("string")
def _string(parts: Sequence[Part]) -> Part:
    value = one_value(parts[0])
    kind = kind_of(value)
    if kind is Kind.NOTHING:
        return NULL
    if kind is Kind.STRING:
        return value
    if isinstance(value, Column) and kind is Kind.BOOLEAN:
        texts = [(value, constant_of("true")), (negation(value), constant_of("false"))]
        return case(texts, null_like(texts[0][1].type))
    if isinstance(value, Column) and _is_plainly_written(value):
        return operation("text", (value,), Kind.STRING, (0, 0))
    raise Refused("numbers with places, times and durations are not written as texts in columns")


_YEARS = (Date(1, 1, 1).ordinal, Date(9999, 12, 31).ordinal)
_WHOLE = frozenset(("+", "-", "negative", "abs", "coalesce", "least", "greatest"))


def _is_plainly_written(value: Column) -> bool:
    """Tell whether all programs write a value alike: days, and whole numbers that never had places.

    FEEL writes 3.0 as it was written; a column does not know how that was.
    """
    if value.type.kind is Kind.DATE:
        return _YEARS[0] <= value.type.low and value.type.high <= _YEARS[1]
    is_whole = value.type.kind is Kind.NUMBER and not value.type.scale
    return is_whole and _never_had_places(value)


def _never_had_places(value: Column) -> bool:
    found: Sequence[Column] = ()
    match value:
        case Constant():
            return not value.had_places
        case Aggregate(function=name, value=inner):
            found = [inner] if inner is not None and name != "count" else []
        case Case():
            found = [*(each for _, each in value.branches), value.otherwise]
        case Operation(name) if name in _WHOLE:
            found = value.operands
        case Operation(name):
            return name in _OF_DAYS
        case Field():
            return True
        case _:
            return False
    return all(map(_is_plainly_written, found))


_OF_DAYS = frozenset(
    ("year", "month", "day", "weekday", "day of year", "week", "length", "days between")
)
