"""Built-in functions on dates, times, durations and ranges.

Source: DMN 1.5, 10.3.4.1, 10.3.4.7 to 10.3.4.9. ``now`` and ``today`` ask the clock that the
evaluation was given.
"""

from datetime import date as python_date
from decimal import Decimal

from longmai.rules.feel.built_in import built_in
from longmai.rules.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from longmai.rules.feel.values import (
    UNBOUNDED,
    Nothing,
    RangeValue,
    Value,
    contains,
    equal,
    kind_of,
    less,
)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MIDNIGHT = Time(0, 0, Decimal(0))


@built_in("date", "from:string|date|date and time")
def date(value: Value) -> Value:
    """Read a date, or take that of a date and time."""
    if isinstance(value, str):
        return parse_date(value)
    return value.date if isinstance(value, DateTime) else value


@built_in("date", "year:number", "month:number", "day:number")
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    """Make a date."""
    return Date(_whole(year), _whole(month), _whole(day))


@built_in("time", "from:string|time|date and time|date")
def time(value: Value) -> Value:
    """Read a time, or take that of a date and time; that of a date is midnight in UTC."""
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, Date):
        return Time(0, 0, Decimal(0), 0)
    return value.time if isinstance(value, DateTime) else value


@built_in(
    "time", "hour:number", "minute:number", "second:number", "offset:days and time duration|null?"
)
def time_of_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Value:
    """Make a time."""
    east = None if offset is None else int(offset.seconds)
    return Time(_whole(hour), _whole(minute), second, east)


@built_in("date and time", "from:string|date|date and time")
def date_and_time(value: Value) -> Value:
    """Read a date and time."""
    if isinstance(value, str):
        return parse_date_time(value)
    return DateTime(value, _MIDNIGHT) if isinstance(value, Date) else value


@built_in("date and time", "date:date|date and time", "time:time")
def date_and_time_of(day: Value, at: Time) -> Value:
    """Put a date and a time together."""
    return DateTime(day.date if isinstance(day, DateTime) else day, at)


@built_in("duration", "from:string|duration")
def duration(value: Value) -> Value:
    """Read a duration."""
    return parse_duration(value) if isinstance(value, str) else value


@built_in("years and months duration", "from:date|date and time", "to:date|date and time")
def months_between(start: Value, end: Value) -> Value:
    """Return the whole months from one day to another."""
    one, other = (each.date if isinstance(each, DateTime) else each for each in (start, end))
    months = (other.year - one.year) * 12 + other.month - one.month
    if months > 0 and other.day < one.day:
        months -= 1
    elif months < 0 and other.day > one.day:
        months += 1
    return MonthsDuration(months)


@built_in("day of year", "date:date|date and time")
def day_of_year(value: Value) -> Value:
    """Return 1 for the first of January."""
    day = _day(value)
    return Decimal(day.ordinal - Date(day.year, 1, 1).ordinal + 1)


@built_in("day of week", "date:date|date and time")
def day_of_week(value: Value) -> Value:
    """Return the day's English name."""
    return _DAYS[_day(value).weekday - 1]


@built_in("month of year", "date:date|date and time")
def month_of_year(value: Value) -> Value:
    """Return the month's English name."""
    return _MONTHS[_day(value).month - 1]


@built_in("week of year", "date:date|date and time")
def week_of_year(value: Value) -> Value:
    """Return the number of the week (ISO 8601)."""
    day = _day(value)
    # The calendar repeats every 400 years.
    return Decimal(python_date(day.year % 400 + 2000, day.month, day.day).isocalendar().week)


def _day(value: Value) -> Date:
    found: Date = value.date if isinstance(value, DateTime) else value
    return found


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise Nothing("this must be a whole number")
    return int(number)


# Ranges: a point is a range of one. Source: table 78.


def _ends(value: Value) -> tuple[Value, Value, bool, bool]:
    if isinstance(value, RangeValue):
        return value.low, value.high, value.low_closed, value.high_closed
    return value, value, True, True


def _before(one: Value, other: Value) -> bool:
    _, high, _, closed = _ends(one)
    low, _, other_closed, _ = _ends(other)
    return _lt(high, low) or (not (closed and other_closed) and _eq(high, low))


def _lt(one: Value, other: Value) -> bool:
    found = less(one, other)
    if found is None:
        raise Nothing("these are in no order")
    return found


def _eq(one: Value, other: Value) -> bool:
    return equal(one, other) is True


@built_in("before", "point1:any", "point2:any")
def before(one: Value, other: Value) -> Value:
    """Tell whether one ends before the other begins."""
    _need(one, other)
    return _before(one, other)


@built_in("after", "point1:any", "point2:any")
def after(one: Value, other: Value) -> Value:
    """Tell whether one begins after the other ends."""
    _need(one, other)
    return _before(other, one)


def _need(*values: Value) -> None:
    if any(each is None for each in values):
        raise Nothing("a point or range is missing")


@built_in("meets", "range1:range", "range2:range")
def meets(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether one ends where the other begins."""
    return one.high_closed and other.low_closed and _eq(one.high, other.low)


@built_in("met by", "range1:range", "range2:range")
def met_by(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether one begins where the other ends."""
    return meets(other, one)


@built_in("overlaps", "range1:range", "range2:range")
def overlaps(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether two ranges share a point."""
    return not _before(one, other) and not _before(other, one)


def _starts_before(one: RangeValue, other: RangeValue) -> bool:
    return _lt(one.low, other.low) or (
        _eq(one.low, other.low) and one.low_closed and not other.low_closed
    )


def _ends_before(one: RangeValue, other: RangeValue) -> bool:
    return _lt(one.high, other.high) or (
        _eq(one.high, other.high) and not one.high_closed and other.high_closed
    )


@built_in("overlaps before", "range1:range", "range2:range")
def overlaps_before(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether one begins first, shares a point, and ends no later."""
    ends = _ends_before(one, other) or (
        _eq(one.high, other.high) and one.high_closed == other.high_closed
    )
    return _starts_before(one, other) and bool(overlaps(one, other)) and ends


@built_in("overlaps after", "range1:range", "range2:range")
def overlaps_after(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether the other overlaps before one."""
    starts = _starts_before(other, one) or (
        _eq(one.low, other.low) and one.low_closed == other.low_closed
    )
    return starts and bool(overlaps(one, other)) and _ends_before(other, one)


@built_in("includes", "range:range", "point:any")
def includes(one: RangeValue, other: Value) -> Value:
    """Tell whether a range holds a point or another range."""
    _need(other)
    if not isinstance(other, RangeValue):
        return contains(one, other)
    return not _starts_before(other, one) and not _ends_before(one, other)


@built_in("during", "point:any", "range:range")
def during(one: Value, other: RangeValue) -> Value:
    """Tell whether a point or range lies in a range."""
    return includes(other, one)


@built_in("finishes", "point:any", "range:range")
def finishes(one: Value, other: RangeValue) -> Value:
    """Tell whether one ends with the other and lies in it."""
    _need(one)
    if not isinstance(one, RangeValue):
        return other.high_closed and _eq(one, other.high)
    same = one.high_closed == other.high_closed and _eq(one.high, other.high)
    return same and not _starts_before(one, other)


@built_in("finished by", "range:range", "point:any")
def finished_by(one: RangeValue, other: Value) -> Value:
    """Tell whether the other ends with one and lies in it."""
    return finishes(other, one)


@built_in("starts", "point:any", "range:range")
def starts(one: Value, other: RangeValue) -> Value:
    """Tell whether one begins with the other and lies in it."""
    _need(one)
    if not isinstance(one, RangeValue):
        return other.low_closed and _eq(one, other.low)
    same = one.low_closed == other.low_closed and _eq(one.low, other.low)
    return same and not _ends_before(other, one)


@built_in("started by", "range:range", "point:any")
def started_by(one: RangeValue, other: Value) -> Value:
    """Tell whether the other begins with one and lies in it."""
    return starts(other, one)


@built_in("coincides", "point1:any", "point2:any")
def coincides(one: Value, other: Value) -> Value:
    """Tell whether two points or ranges are the same."""
    _need(one, other)
    return equal(one, other)


def open_range(operator: str, end: Value) -> RangeValue:
    """Return the range of a comparison like ``< 5``."""
    if operator in {"<", "<="}:
        return RangeValue(UNBOUNDED, end, low_closed=False, high_closed=operator == "<=")
    return RangeValue(end, UNBOUNDED, low_closed=operator == ">=", high_closed=False)


def ordered_kind(low: Value, high: Value) -> bool:
    """Tell whether two ends are of one ordered kind, or one of them is missing."""
    return low is None or high is None or kind_of(low) == kind_of(high)
