"""Days, instants and durations as columns. Source: DMN 1.5, tables 46 to 49 and 58 to 60."""

from longmai.rules.columns.operations import (
    added,
    all_of,
    case,
    compared,
    floored,
    multiplied,
    operation,
    remainder,
    rescaled,
    retyped,
    subtracted,
    whole,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import units
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.types import MICROSECONDS, Kind
from longmai.rules.feel.temporal import Date

DAY_S = 86_400
_DAY_US = DAY_S * MICROSECONDS
_MONTH_DAYS = 31
_MICRO = 6
# What PostgreSQL's and DuckDB's days and instants all reach.
_FIRST, _LAST = Date(-4700, 1, 1).ordinal, Date(200_000, 1, 1).ordinal


def _bounded(low: int, high: int) -> tuple[int, int]:
    if low < _FIRST or high > _LAST:
        raise Refused("a day may be before the year -4700 or after 200000; give narrower bounds")
    return low, high


def day_of(column: Column) -> Column:
    """Return the day of a date or of a date and time."""
    if column.type.kind is Kind.DATE:
        return column
    number = floored(units(column), whole(_DAY_US))
    bounds = _bounded(number.type.low, number.type.high)
    return operation("day of number", (number,), Kind.DATE, bounds)


def number_of(day: Column) -> Column:
    """Return the days since 1970-01-01."""
    return operation("number of day", (day,), Kind.NUMBER, (day.type.low, day.type.high))


def instant_of(column: Column) -> Column:
    """Return a day's midnight, or a date and time, in microseconds as a whole number."""
    if column.type.kind is Kind.DATE:
        return multiplied(number_of(column), whole(_DAY_US))
    return units(column)


def clock_of(column: Column) -> Column:
    """Return the microseconds since midnight."""
    instant = units(column)
    shifted = instant
    if instant.type.low < 0:
        # A whole number of days makes it positive, so that the remainder is too.
        days = -(instant.type.low // _DAY_US)
        shifted = added(instant, whole(days * _DAY_US))
    return remainder(shifted, whole(_DAY_US))


def months_later(column: Column, months: Column) -> Column:
    """Return a day or instant some months on; the last of the month where it has no such day."""
    day, bounds = day_of(column), months.type
    low = day.type.low + min(bounds.low, 0) * _MONTH_DAYS
    high = day.type.high + max(bounds.high, 0) * _MONTH_DAYS
    moved = operation("add months", (day, months), Kind.DATE, _bounded(low, high))
    if column.type.kind is Kind.DATE:
        return moved
    return _instant(added(instant_of(moved), clock_of(column)))


def _instant(microseconds: Column) -> Column:
    return retyped(microseconds, Kind.DATE_TIME, _MICRO)


def moved_days(day: Column, duration: Column) -> Column:
    """Return the day that a duration after midnight falls on."""
    days = floored(units(duration), whole(DAY_S * 10**duration.type.scale))
    bounds = _bounded(day.type.low + days.type.low, day.type.high + days.type.high)
    return operation("add days", (day, days), Kind.DATE, bounds)


def moved_instant(instant: Column, duration: Column) -> Column:
    """Return the instant a duration on."""
    if duration.type.scale > _MICRO:
        raise Refused("a duration is finer than microseconds")
    return _instant(added(units(instant), units(rescaled(duration, _MICRO))))


def days_between(one: Column, other: Column) -> Column:
    """Return the duration from one day to another."""
    a, b = one.type, other.type
    bounds = (a.low - b.high, a.high - b.low)
    days = operation("days between", (one, other), Kind.NUMBER, bounds)
    return multiplied(days, whole(DAY_S), Kind.DAYS)


def elapsed(one: Column, other: Column) -> Column:
    """Return the duration between two instants; a day counts as its midnight."""
    return retyped(subtracted(instant_of(one), instant_of(other)), Kind.DAYS, _MICRO)


def part_of_day(name: str, day: Column) -> Column:
    """Return the year, month, day, weekday, day of the year or ISO week of a day."""
    bounds = _PARTS.get(name) or (
        Date.of_ordinal(day.type.low).year,
        Date.of_ordinal(day.type.high).year,
    )
    return operation(name, (day,), Kind.NUMBER, bounds)


_PARTS = {
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (1, 7),
    "day of year": (1, 366),
    "week": (1, 53),
}


def part_of_clock(unit_us: int, below: int, column: Column) -> Column:
    """Return hours, minutes or seconds of a date and time."""
    whole_units = floored(clock_of(column), whole(unit_us))
    return remainder(whole_units, whole(below))


def months_between(start: Column, end: Column) -> Column:
    """Return the whole months from one day to another, as a plain number."""
    one, other = day_of(start), day_of(end)
    years = subtracted(part_of_day("year", other), part_of_day("year", one))
    within = subtracted(part_of_day("month", other), part_of_day("month", one))
    months = added(multiplied(years, whole(12)), within)
    late, early = part_of_day("day", other), part_of_day("day", one)
    short = all_of([compared(">", months, whole(0)), compared("<", late, early)])
    over = all_of([compared("<", months, whole(0)), compared(">", late, early)])
    return case([(short, subtracted(months, whole(1))), (over, added(months, whole(1)))], months)
