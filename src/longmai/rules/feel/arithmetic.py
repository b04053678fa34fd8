"""Arithmetic on numbers, texts, dates and durations. Source: DMN 1.5, tables 46 to 49."""

from collections.abc import Callable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from longmai.rules.feel.temporal import (
    SECONDS_A_DAY,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
)
from longmai.rules.feel.values import ARITHMETIC, MAX_TEXT, Nothing, Value, kind_of

_MIDNIGHT_UTC = Time(0, 0, Decimal(0), 0)


def _later(time: Time, duration: DaysDuration) -> Time:
    seconds = time.local_s + duration.seconds
    days = (seconds / SECONDS_A_DAY).to_integral_value(rounding=ROUND_FLOOR)
    return Time.of_seconds(seconds - days * SECONDS_A_DAY, time)


def _day_later(date: Date, duration: DaysDuration) -> Date:
    return DateTime(date, _MIDNIGHT_UTC).plus_seconds(duration.seconds).date


def _months_later(moment: DateTime, duration: MonthsDuration) -> DateTime:
    return DateTime(moment.date.plus_months(duration.months), moment.time)


def _elapsed(one: Date | DateTime, other: Date | DateTime) -> DaysDuration:
    return DaysDuration(_instant(one, other) - _instant(other, one))


def _instant(value: Date | DateTime, beside: Date | DateTime) -> Decimal:
    # A date is its midnight in UTC, so that a local date and time has no distance from it.
    if _is_local(value) != _is_local(beside):
        raise Nothing("one of them has a zone and the other none", value, beside)
    if isinstance(value, Date):
        return Decimal(value.ordinal * SECONDS_A_DAY)
    return value.instant_s


def _is_local(value: Date | DateTime) -> bool:
    return isinstance(value, DateTime) and value.time.is_local


def _between_times(one: Time, other: Time) -> DaysDuration:
    if one.is_local != other.is_local:
        raise Nothing("one of them has a zone and the other none", one, other)
    return DaysDuration(one.utc_s - other.utc_s)


def _joined(one: str, other: str) -> str:
    if len(one) + len(other) > MAX_TEXT:
        raise Nothing(f"a string has at most {MAX_TEXT} characters")
    return one + other


def _power(base: Decimal, exponent: Decimal) -> Value:
    if not exponent:
        return Decimal(1)  # of zero, too, as IEEE 754 has it
    if not base and exponent < 0:
        raise Nothing("division by zero", base, exponent)
    found = ARITHMETIC.power(base, exponent)
    # Zeros that only show how it was computed: 4 ** 0.5 is 2.
    return found if exponent == exponent.to_integral_value() else found.normalize(ARITHMETIC)


def _months(number: Decimal) -> MonthsDuration:
    return MonthsDuration(int(number))


_DURATIONS = {DaysDuration, MonthsDuration}

Operation = Callable[[Any, Any], Value]
Table = dict[tuple[type, type], Operation]


def _either(table: Table) -> Table:
    """Return a table with each pair in either order."""
    return {(b, a): _turned(run) for (a, b), run in table.items()} | table


def _turned(run: Operation) -> Operation:
    return lambda one, other: run(other, one)


def _negating(run: Operation) -> Operation:
    return lambda one, other: run(one, negated(other))


_ADD: Table = _either(
    {
        (Decimal, Decimal): ARITHMETIC.add,
        (str, str): _joined,
        (DaysDuration, DaysDuration): lambda a, b: DaysDuration(
            ARITHMETIC.add(a.seconds, b.seconds)
        ),
        (MonthsDuration, MonthsDuration): lambda a, b: MonthsDuration(a.months + b.months),
        (Date, MonthsDuration): lambda a, b: a.plus_months(b.months),
        (DateTime, MonthsDuration): _months_later,
        (Date, DaysDuration): _day_later,
        (DateTime, DaysDuration): lambda a, b: a.plus_seconds(b.seconds),
        (Time, DaysDuration): _later,
    }
)
_SUBTRACT: Table = {
    (Decimal, Decimal): ARITHMETIC.subtract,
    **{(a, b): _elapsed for a in (Date, DateTime) for b in (Date, DateTime)},
    (Time, Time): _between_times,
    **{(a, b): _negating(run) for (a, b), run in _ADD.items() if b in _DURATIONS},
}
_MULTIPLY: Table = _either(
    {
        (Decimal, Decimal): ARITHMETIC.multiply,
        (DaysDuration, Decimal): lambda a, b: DaysDuration(ARITHMETIC.multiply(a.seconds, b)),
        (MonthsDuration, Decimal): lambda a, b: _months(ARITHMETIC.multiply(Decimal(a.months), b)),
    }
)
_DIVIDE: Table = {
    (Decimal, Decimal): ARITHMETIC.divide,
    (DaysDuration, Decimal): lambda a, b: DaysDuration(ARITHMETIC.divide(a.seconds, b)),
    (MonthsDuration, Decimal): lambda a, b: _months(ARITHMETIC.divide(Decimal(a.months), b)),
    (DaysDuration, DaysDuration): lambda a, b: ARITHMETIC.divide(a.seconds, b.seconds),
    (MonthsDuration, MonthsDuration): lambda a, b: ARITHMETIC.divide(
        Decimal(a.months), Decimal(b.months)
    ),
}
_POWER: Table = {(Decimal, Decimal): _power}


def negated(value: Value) -> Value:
    """Return with the other sign.

    Raises:
        Nothing: it has none.
    """
    match value:
        case Decimal():
            return ARITHMETIC.minus(value)
        case DaysDuration():
            return DaysDuration(ARITHMETIC.minus(value.seconds))
        case MonthsDuration():
            return MonthsDuration(-value.months)
    raise Nothing(f"{kind_of(value)} cannot be negated", value)


def _operation(operator: str, table: Table) -> Operation:
    find = table.get

    def run(one: Value, other: Value) -> Value:
        found = find((type(one), type(other)))
        if found is None:
            raise Nothing(f"{kind_of(one)} {operator} {kind_of(other)} is not defined", one, other)
        return found(one, other)

    return run


OPERATIONS: Mapping[str, Operation] = {
    operator: _operation(operator, table)
    for operator, table in {
        "+": _ADD,
        "-": _SUBTRACT,
        "*": _MULTIPLY,
        "/": _DIVIDE,
        "**": _POWER,
    }.items()
}
"""By operator: two values to one. ``Nothing`` is raised where the two have no such operation."""
