"""Built-in functions on dates, times and durations.

Source: DMN 1.5, 10.3.4.1, 10.3.4.7 and 10.3.4.9. ``now`` and ``today`` ask the clock that the
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
from longmai.rules.feel.values import Nothing, Value

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
        raise Nothing("this must be a whole number", number)
    return int(number)
