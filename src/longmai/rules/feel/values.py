"""Values of FEEL and how they compare. ``None`` is null; numbers are decimals of 34 digits.

Source: DMN 1.5, 10.3.2.13 and tables 42 to 45: what cannot be compared is null, not false.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, DivisionByZero, InvalidOperation, Overflow
from decimal import Context as DecimalContext
from typing import Any

from longmai.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time

Value = Any
"""None, bool, Decimal, str, temporal values, list, dict, RangeValue or Function."""

# IEEE 754 decimal128, as the standard asks.
ARITHMETIC = DecimalContext(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


class Nothing(Exception):
    """A value is null, and why.

    Args:
        what: one sentence.
        values: that are the reason.
    """

    def __init__(self, what: str, *values: Value) -> None:
        super().__init__(what)
        self.values = values


@dataclass(frozen=True, slots=True)
class RangeValue:
    """All between two ends; an end of None is open to infinity."""

    low: Value
    high: Value
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function: a built-in one, a lambda, a business knowledge model or a decision service.

    Attributes:
        parameters: names, for calls by name.
        run: takes as many values as there are parameters.
        types: of the parameters, None where any will do; checked before the call.
    """

    parameters: tuple[str, ...]
    run: Callable[[Sequence[Value]], Value]


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    RangeValue: "range",
    Function: "function",
}
_ORDERED = frozenset((Decimal, str, Date, Time, DateTime, DaysDuration, MonthsDuration))


def kind_of(value: Value) -> str:
    """Return the kind of a value, as the standard names it.

    >>> kind_of(Decimal(1)), kind_of(None), kind_of([])
    ('number', 'null', 'list')
    """
    return _KINDS.get(type(value)) or "function"


def equal(one: Value, other: Value) -> bool | None:
    """Tell whether two values are equal; None where they cannot be compared.

    >>> equal(Decimal("1.0"), Decimal(1)), equal(None, Decimal(1)), equal("1", Decimal(1))
    (True, False, None)
    """
    if one is None or other is None:
        return one is other
    kind = type(one)
    if kind is not type(other):
        return None
    if kind in _CONTAINERS:
        return _equal_parts(one, other)
    if kind is Time or kind is DateTime:
        return _equal_times(one, other)
    return bool(one == other)


def _equal_parts(one: Value, other: Value) -> bool | None:
    """Compare lists, contexts and ranges, however deep, each pair of parts once."""
    waiting, seen = [(one, other)], set()
    unknown = False
    while waiting:
        pair = waiting.pop()
        kind = type(pair[0])
        if kind is not type(pair[1]) or kind not in _CONTAINERS:
            found = equal(*pair)
            if found is False:
                return False
            unknown = unknown or found is None
            continue
        key = id(pair[0]), id(pair[1])
        if key not in seen:
            seen.add(key)
            parts = _CONTAINERS[kind](*pair)
            if parts is None:
                return False
            waiting.extend(parts)
    return None if unknown else True


Pairs = Sequence[tuple[Value, Value]]


def _parts_of_lists(one: list[Value], other: list[Value]) -> Pairs | None:
    return list(zip(one, other, strict=True)) if len(one) == len(other) else None


def _parts_of_contexts(one: dict[str, Value], other: dict[str, Value]) -> Pairs | None:
    if one.keys() != other.keys():
        return None
    return [(value, other[name]) for name, value in one.items()]


def _parts_of_ranges(one: RangeValue, other: RangeValue) -> Pairs | None:
    if (one.low_closed, one.high_closed) != (other.low_closed, other.high_closed):
        return None
    return [(one.low, other.low), (one.high, other.high)]


def key_of(value: Value) -> Hashable:
    """Return a key that equal values share; values that share it may still differ.

    >>> key_of(Decimal("1.0")) == key_of(Decimal(1)), key_of([Decimal(1)]) == key_of(["1"])
    (True, False)
    """
    kind = type(value)
    if kind is list:
        return "list", len(value), tuple(_flat_key(each) for each in value[:_KEYED])
    if kind is dict:
        names = sorted(value)
        return "context", tuple((name, _flat_key(value[name])) for name in names[:_KEYED])
    return _flat_key(value)


_KEYED = 20


def _flat_key(value: Value) -> Hashable:
    kind = type(value)
    if kind in _CONTAINERS:
        return kind.__name__
    if kind is Time:
        return "time", value.is_local, value.utc_s
    if kind is DateTime:
        return "date and time", value.time.is_local, value.instant_s
    return kind.__name__, value


def less(one: Value, other: Value) -> bool | None:
    """Tell whether a value is before another; None where they are in no order.

    >>> less(Decimal(1), Decimal(2)), less("a", None)
    (True, None)
    """
    kind = type(one)
    if kind is not type(other) or kind not in _ORDERED:
        return None
    if kind is Decimal:
        return bool(one < other)  # by far the commonest
    if kind in _CLOCKS and _is_local(one) != _is_local(other):
        return None  # which is first depends on where the local one is
    return bool(order_key(one) < order_key(other))


_CLOCKS = frozenset((Time, DateTime))


def _is_local(value: Time | DateTime) -> bool:
    return value.time.is_local if isinstance(value, DateTime) else value.is_local


def compare(operator: str, one: Value, other: Value) -> bool | None:
    """Compare by one of ``= != < <= > >=``.

    Raises:
        Nothing: the two cannot be compared.
    """
    if operator in {"=", "!="}:
        found = equal(one, other)
        return found if operator == "=" or found is None else not found
    if operator in {">", "<="}:
        found = less(other, one)
        return found if operator == ">" or found is None else not found
    found = less(one, other)
    return found if operator == "<" or found is None else not found


def order_key(value: Value) -> Any:
    """Return what values of one kind are ordered by."""
    match value:
        case Date():
            return value.ordinal
        case Time():
            return value.utc_s
        case DateTime():
            return value.instant_s
    return value


def contains(range_: RangeValue, point: Value) -> bool | None:
    """Tell whether a point lies in a range; None where it is not of its kind."""
    low = _beyond(range_.low, point, closed=range_.low_closed)
    high = _beyond(point, range_.high, closed=range_.high_closed)
    if low is None or high is None:
        return None
    return low and high


def _beyond(one: Value, other: Value, *, closed: bool) -> bool | None:
    # An end that is missing on a range like (< 5) bounds nothing.
    if one is UNBOUNDED or other is UNBOUNDED:
        return True
    if closed:
        found = less(other, one)
        return None if found is None else not found
    return less(one, other)


def _equal_times(one: Time | DateTime, other: Time | DateTime) -> bool:
    times = [each.time if isinstance(each, DateTime) else each for each in (one, other)]
    if times[0].is_local != times[1].is_local:
        return False
    return bool(order_key(one) == order_key(other))


class _Unbounded:
    """The end that a range like ``< 5`` does not have."""


UNBOUNDED = _Unbounded()

MAX_TEXT = 1_000_000
"""Characters of a string, and of a value that is written as one."""
_SHOWN = 100
# Each piece of a long value takes time, even a short one.
_PIECE = 3


def text_of(value: Value, *, inside: bool = False) -> str:
    """Write a value as the function ``string`` does; ``inside`` another, strings are quoted.

    >>> text_of([Decimal("1.50"), "a", None])
    '[1.50, "a", null]'

    Raises:
        Nothing: the text is too long.
    """
    if isinstance(value, str) and not inside:
        return value
    found, length = [], 0
    for piece in _pieces(value):
        found.append(piece)
        length += len(piece) + _PIECE
        if length > MAX_TEXT:
            raise Nothing(f"a string has at most {MAX_TEXT} characters")
    return "".join(found)


def shown(value: Value) -> str:
    """Write a value for people, the first hundred characters of it.

    >>> shown("a" * 1000)[-4:], shown(None)
    ('aaa…', 'null')
    """
    text = ""
    for piece in _pieces(value[:_SHOWN] if isinstance(value, str) else value):
        text += piece
        if len(text) > _SHOWN:
            return text[:_SHOWN] + "…"
    return text


class _Raw(str):
    """A piece of text that is written as it stands."""

    __slots__ = ()


def _pieces(value: Value) -> Iterator[str]:
    """Yield the text of a value in pieces, however deep it is."""
    waiting: list[Value] = [value]
    while waiting:
        each = waiting.pop()
        parts = _PARTS.get(type(each))
        if parts is not None:
            waiting.extend(reversed(parts(each)))
        else:
            yield _WRITERS.get(type(each), str)(each)


def _number(value: Decimal) -> str:
    if not value:
        return "0"
    return format(value, "f") if abs(value.adjusted()) <= ARITHMETIC.Emax else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _listed(values: Sequence[Value]) -> list[Value]:
    parts = [part for each in values for part in (_Raw(", "), each)]
    return [_Raw("["), *parts[1:], _Raw("]")]


def _entries(context: dict[str, Value]) -> list[Value]:
    parts = [
        part
        for name, each in context.items()
        for part in (_Raw(", "), _Raw(f"{_key(name)}: "), each)
    ]
    return [_Raw("{"), *parts[1:], _Raw("}")]


def _ends(value: RangeValue) -> list[Value]:
    if value.low is UNBOUNDED:
        return [_Raw("(<= " if value.high_closed else "(< "), value.high, _Raw(")")]
    if value.high is UNBOUNDED:
        return [_Raw("(>= " if value.low_closed else "(> "), value.low, _Raw(")")]
    opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return [_Raw(opening), value.low, _Raw(".."), value.high, _Raw(closing)]


def _key(name: str) -> str:
    plain = name.replace("_", "a").replace(" ", "a").isalnum()
    return name if plain else _quoted(name)


_PARTS: Mapping[type, Callable[[Any], list[Value]]] = {
    list: _listed,
    dict: _entries,
    RangeValue: _ends,
}
_WRITERS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _value: "null",
    bool: lambda value: "true" if value else "false",
    Decimal: _number,
    str: _quoted,
    Function: lambda value: f"function({', '.join(value.parameters)})",
}
_CONTAINERS: Mapping[type, Callable[[Any, Any], Pairs | None]] = {
    list: _parts_of_lists,
    dict: _parts_of_contexts,
    RangeValue: _parts_of_ranges,
}
