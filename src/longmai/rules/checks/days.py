"""Days as year, month and day: compared, counted and moved by integer arithmetic alone.

What the solver knows of the calendar holds from 1901 to 2099, where every fourth year is a leap
year; days outside are not looked for.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from longmai.rules.checks.logic import (
    Truth,
    all_of,
    any_of,
    chosen,
    compared,
    minus,
    plus,
    times,
    whole_quotient,
)

FIRST_YEAR, LAST_YEAR = 1901, 2099
_MONTHS = 12
_KEY_DAYS = 32


@dataclass(frozen=True)
class Day:
    """A day, its parts Python's or the solver's integers."""

    year: Any
    month: Any
    day: Any

    @classmethod
    def of(cls, day: date) -> "Day":
        """Return a constant day."""
        return cls(day.year, day.month, day.day)

    @property
    def key(self) -> Any:
        """An integer that is in order as days are."""
        months = plus(times(self.year, _MONTHS), self.month)
        return plus(times(months, _KEY_DAYS), self.day)

    @property
    def months(self) -> Any:
        """Months since the year 0."""
        return plus(times(self.year, _MONTHS), minus(self.month, 1))

    @property
    def ordinal(self) -> Any:
        """Days since a day long ago."""
        leap_days = whole_quotient(minus(self.year, 1), 4)
        # As if February had thirty days, and then what it has not.
        months = whole_quotient(minus(times(self.month, 367), 362), 12)
        missing = chosen(is_leap(self.year), 1, 2)
        taken = chosen(compared("<=", self.month, 2), 0, missing)
        return plus(plus(times(self.year, 365), leap_days), plus(minus(months, taken), self.day))

    def plus_months(self, months: int) -> "Day":
        """Return the day so many months on; the last of the month where there is no such day."""
        whole = plus(self.months, months)
        year = whole_quotient(whole, _MONTHS)
        month = plus(minus(whole, times(year, _MONTHS)), 1)
        last = length_of_month(year, month)
        return Day(year, month, chosen(compared(">", self.day, last), last, self.day))


def is_leap(year: Any) -> Truth:
    """Tell whether a year from 1901 to 2099 has 366 days."""
    return compared("=", minus(year, times(whole_quotient(year, 4), 4)), 0)


def length_of_month(year: Any, month: Any) -> Any:
    """Return the days of a month.

    >>> [length_of_month(2024, month) for month in (1, 2, 4, 12)]
    [31, 29, 30, 31]
    """
    february = plus(28, chosen(is_leap(year), 1, 0))
    short = any_of(*(compared("=", month, each) for each in (4, 6, 9, 11)))
    return chosen(compared("=", month, 2), february, chosen(short, 30, 31))


def is_day(day: Day) -> Truth:
    """Tell whether there is such a day, in the years looked at."""
    return all_of(
        compared(">=", day.year, FIRST_YEAR),
        compared("<=", day.year, LAST_YEAR),
        compared(">=", day.month, 1),
        compared("<=", day.month, _MONTHS),
        compared(">=", day.day, 1),
        compared("<=", day.day, length_of_month(day.year, day.month)),
    )


def whole_months(start: Day, end: Day) -> Any:
    """Return the whole months from one day to another, as FEEL counts them: towards zero."""
    between = minus(end.months, start.months)
    late = compared("<", end.day, start.day)
    early = compared(">", end.day, start.day)
    forward = minus(between, chosen(late, 1, 0))
    back = plus(between, chosen(early, 1, 0))
    return chosen(compared("<=", start.key, end.key), forward, back)


def towards_zero(value: Any, divisor: int) -> Any:
    """Divide an integer, rounding towards zero."""
    if isinstance(value, int):
        return abs(value) // divisor * (1 if value >= 0 else -1)
    negative = compared("<", value, 0)
    size = chosen(negative, times(value, -1), value)
    found = whole_quotient(size, divisor)
    return chosen(negative, times(found, -1), found)


def equal(one: Day, other: Day) -> Truth:
    """Tell whether two days are the same."""
    return compared("=", one.key, other.key)
