"""Values of FEEL and how they compare. ``None`` is null; numbers are decimals of 34 digits.

Source: DMN 1.5, 10.3.2.13 and tables 42 to 45: what cannot be compared is null, not false.
"""

from collections.abc import Callable, Mapping, Sequence
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
    """A value is null, and why."""


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
_ORDERED = frozenset(
    (
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    )
)


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
    if type(one) is not type(other):
        return None
    special = _EQUALS.get(type(one))
    return bool(one == other) if special is None else special(one, other)


def _equal_contexts(one: dict[str, Value], other: dict[str, Value]) -> bool | None:
    if one.keys() != other.keys():
        return False
    return _equal_lists(list(one.values()), [other[name] for name in one])


def _equal_ranges(one: RangeValue, other: RangeValue) -> bool | None:
    if (one.low_closed, one.high_closed) != (other.low_closed, other.high_closed):
        return False
    return _equal_lists([one.low, one.high], [other.low, other.high])


def less(one: Value, other: Value) -> bool | None:
    """Tell whether a value is before another; None where they are in no order.

    >>> less(Decimal(1), Decimal(2)), less("a", None)
    (True, None)
    """
    if type(one) is Decimal and type(other) is Decimal:
        return one < other  # by far the commonest
    kind = kind_of(one)
    if kind not in _ORDERED or kind != kind_of(other):
        return None
    return bool(order_key(one) < order_key(other))


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


def _equal_lists(one: Sequence[Value], other: Sequence[Value]) -> bool | None:
    if len(one) != len(other):
        return False
    found = [equal(a, b) for a, b in zip(one, other, strict=True)]
    if False in found:
        return False
    return None if None in found else True


def _equal_times(one: Time | DateTime, other: Time | DateTime) -> bool:
    times = [each.time if isinstance(each, DateTime) else each for each in (one, other)]
    if times[0].is_local != times[1].is_local:
        return False
    return bool(order_key(one) == order_key(other))


class _Unbounded:
    """The end that a range like ``< 5`` does not have."""


UNBOUNDED = _Unbounded()


def text_of(value: Value, *, inside: bool = False) -> str:
    """Write a value as the function ``string`` does; ``inside`` another, strings are quoted.

    >>> text_of([Decimal("1.50"), "a", None])
    '[1.50, "a", null]'
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    return _quoted(value) if inside and isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _listed(values: Sequence[Value]) -> str:
    return "[" + ", ".join(text_of(each, inside=True) for each in values) + "]"


def _entries(context: dict[str, Value]) -> str:
    entries = (f"{_key(name)}: {text_of(each, inside=True)}" for name, each in context.items())
    return "{" + ", ".join(entries) + "}"


def _ends(value: RangeValue) -> str:
    low, high = (text_of(end, inside=True) for end in (value.low, value.high))
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


def _key(name: str) -> str:
    plain = name.replace("_", "a").replace(" ", "a").isalnum()
    return name if plain else _quoted(name)


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _value: "null",
    bool: lambda value: "true" if value else "false",
    Decimal: lambda value: format(value, "f") if value else "0",
    list: _listed,
    dict: _entries,
    RangeValue: _ends,
    Function: lambda value: f"function({', '.join(value.parameters)})",
}
_EQUALS: Mapping[type, Callable[[Any, Any], bool | None]] = {
    list: _equal_lists,
    dict: _equal_contexts,
    RangeValue: _equal_ranges,
    Time: _equal_times,
    DateTime: _equal_times,
}
