"""Dates, times and durations as FEEL has them: years to a billion, seconds to any fraction.

Source: DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8; XML Schema Datatypes 1.1. Python's own types end at the
year 9999 and at microseconds, so these are values of our own. Days are counted as in the proleptic
Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_YEAR = 999_999_999
MAX_DURATION = 10**24
"""Seconds of a days and time duration, months of a years and months duration."""
SECONDS_A_DAY = 86_400
_MONTHS_A_YEAR = 12
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEAR = r"(-?(?:[1-9]\d{4,8}|\d{4}))"
_DATE = re.compile(rf"{_YEAR}-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(\.\d{1,100})?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z0-9_+\-/]+)?", re.ASCII
)
_WHOLE = r"\d{1,18}"
_DAYS_DURATION = re.compile(
    rf"(-)?P(?=[\dT])(?:({_WHOLE})D)?"
    rf"(?:T(?=\d)(?:({_WHOLE})H)?(?:({_WHOLE})M)?(?:({_WHOLE}(?:\.\d{{0,100}})?)S)?)?",
    re.ASCII,
)
_MONTHS_DURATION = re.compile(rf"(-)?P(?=\d)(?:({_WHOLE})Y)?(?:({_WHOLE})M)?", re.ASCII)
_MAX_OFFSET_S = 14 * 3600
# Zones change their offsets within the years that Python knows; outside, the nearest counts.
_ZONE_YEARS = (1, 9999)


class NotTemporal(ValueError):
    """A text or number is no date, time or duration; says why."""


def days_in_month(year: int, month: int) -> int:
    """Return how many days a month has.

    >>> days_in_month(2024, 2), days_in_month(1900, 2)
    (29, 28)
    """
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)  # noqa: PLR2004 - the calendar
    return _DAYS[month - 1] + leap


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not -MAX_YEAR <= self.year <= MAX_YEAR:
            raise NotTemporal(f"the year {self.year} is out of range")
        if not 1 <= self.month <= _MONTHS_A_YEAR:
            raise NotTemporal(f"there is no month {self.month}")
        if not 1 <= self.day <= days_in_month(self.year, self.month):
            raise NotTemporal(f"the month has no day {self.day}")

    @property
    def ordinal(self) -> int:
        """Return the days since 1970-01-01.

        >>> Date(1970, 1, 2).ordinal, Date(2000, 3, 1).ordinal
        (1, 11017)
        """
        year = self.year - (self.month <= 2)  # noqa: PLR2004 - the calendar
        era, of_era = divmod(year, 400)
        of_year = (153 * ((self.month + 9) % 12) + 2) // 5 + self.day - 1
        return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468

    @classmethod
    def of_ordinal(cls, ordinal: int) -> "Date":
        """Return the day so many days after 1970-01-01.

        >>> str(Date.of_ordinal(11017))
        '2000-03-01'
        """
        era, of_era = divmod(ordinal + 719_468, 146_097)
        year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
        of_year = of_era - (365 * year + year // 4 - year // 100)
        shifted = (5 * of_year + 2) // 153
        day = of_year - (153 * shifted + 2) // 5 + 1
        month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004 - the calendar
        return cls(year + era * 400 + (month <= 2), month, day)  # noqa: PLR2004 - the calendar

    @property
    def weekday(self) -> int:
        """Return 1 for Monday to 7 for Sunday."""
        return (self.ordinal + 3) % 7 + 1

    def plus_months(self, months: int) -> "Date":
        """Return the day so many months on; the last of the month where there is no such day."""
        year, month = divmod(self.year * _MONTHS_A_YEAR + self.month - 1 + months, _MONTHS_A_YEAR)
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04}-{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, local or with an offset or zone.

    Attributes:
        second: with its fraction.
        offset_s: seconds east of UTC; None for local time and for zones.
        zone: IANA name; empty if there is none.
    """

    hour: int
    minute: int
    second: Decimal
    offset_s: int | None = None
    zone: str = ""

    def __post_init__(self) -> None:
        if not (0 <= self.hour < 24 and 0 <= self.minute < 60 and 0 <= self.second < 60):  # noqa: PLR2004 - the clock
            raise NotTemporal("there is no such time of day")
        if self.offset_s is not None and abs(self.offset_s) > _MAX_OFFSET_S:
            raise NotTemporal("an offset is at most 14 hours")

    @property
    def local_s(self) -> Decimal:
        """Return the seconds since midnight, as the clock shows them."""
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def is_local(self) -> bool:
        """Tell whether it has neither offset nor zone."""
        return self.offset_s is None and not self.zone

    def offset_on(self, date: Date) -> int | None:
        """Return its offset on a day, in seconds; None for local time."""
        return zone_offset(self.zone, date, self) if self.zone else self.offset_s

    @property
    def utc_s(self) -> Decimal:
        """Return the seconds since midnight in UTC; a local time counts as UTC."""
        return self.local_s - (self.offset_on(_EPOCH) or 0)

    @classmethod
    def of_seconds(cls, seconds: Decimal, like: "Time | None" = None) -> "Time":
        """Return the time so many seconds after midnight, in the zone of another."""
        whole = int(seconds // 1)
        minutes, second = divmod(whole, 60)
        hour, minute = divmod(minutes, 60)
        fraction = seconds - whole
        offset, zone = (like.offset_s, like.zone) if like else (None, "")
        return cls(hour % 24, minute, second + fraction, offset, zone)

    def __str__(self) -> str:
        whole, fraction = int(self.second), self.second % 1
        text = f"{self.hour:02}:{self.minute:02}:{whole:02}"
        if fraction:
            text += format(fraction.normalize(), "f")[1:]
        return text + self._zone_text()

    def _zone_text(self) -> str:
        if self.zone:
            return f"@{self.zone}"
        if self.offset_s is None:
            return ""
        if self.offset_s == 0:
            return "Z"
        minutes, second = divmod(abs(self.offset_s), 60)
        text = f"{'-' if self.offset_s < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
        return f"{text}:{second:02}" if second else text


@dataclass(frozen=True, slots=True)
class DateTime:
    """A day and a time of it."""

    date: Date
    time: Time

    @property
    def instant_s(self) -> Decimal:
        """Return the seconds since 1970-01-01 in UTC; a local time counts as UTC."""
        offset = self.time.offset_on(self.date) or 0
        return self.date.ordinal * SECONDS_A_DAY + self.time.local_s - offset

    def plus_seconds(self, seconds: Decimal) -> "DateTime":
        """Return the date and time so many seconds on, in the same zone."""
        moved = self.date.ordinal * SECONDS_A_DAY + self.time.local_s + seconds
        if self.time.zone:
            # On the way the clocks may change.
            before = self.time.offset_on(self.date) or 0
            moved += zone_offset_at(self.time.zone, moved - before) - before
        days = int(moved // SECONDS_A_DAY)
        rest = moved - days * SECONDS_A_DAY
        if rest < 0:
            days, rest = days - 1, rest + SECONDS_A_DAY
        return DateTime(Date.of_ordinal(days), Time.of_seconds(rest, self.time))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A days and time duration, in seconds."""

    seconds: Decimal

    def __post_init__(self) -> None:
        if abs(self.seconds) > MAX_DURATION:
            raise NotTemporal("the duration is too long")

    def __str__(self) -> str:
        """Write it as XML Schema does.

        >>> str(DaysDuration(Decimal(90061))), str(DaysDuration(Decimal(0)))
        ('P1DT1H1M1S', 'PT0S')
        """
        left = abs(self.seconds)
        days, left = divmod(left, SECONDS_A_DAY)
        hours, left = divmod(left, 3600)
        minutes, seconds = divmod(left, 60)
        text = f"P{int(days)}D" if days else "P"
        parts = [f"{int(hours)}H" if hours else "", f"{int(minutes)}M" if minutes else ""]
        if seconds:
            parts.append(f"{_plain(seconds)}S")
        timed = "".join(parts)
        text += f"T{timed}" if timed else ""
        sign = "-" if self.seconds < 0 else ""
        return "PT0S" if text == "P" else sign + text


@dataclass(frozen=True, slots=True, order=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > MAX_DURATION:
            raise NotTemporal("the duration is too long")

    def __str__(self) -> str:
        """Write it as XML Schema does.

        >>> str(MonthsDuration(-14)), str(MonthsDuration(0))
        ('-P1Y2M', 'P0M')
        """
        years, months = divmod(abs(self.months), _MONTHS_A_YEAR)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{text}" if text else "P0M"


def parse_date(text: str) -> Date:
    """Read a date.

    Raises:
        NotTemporal: it is none.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise NotTemporal("a date is written like 2026-11-24")
    return Date(int(found[1]), int(found[2]), int(found[3]))


def parse_time(text: str) -> Time:
    """Read a time of day.

    Raises:
        NotTemporal: it is none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise NotTemporal(
            "a time is written like 08:30:00, 08:30:00+08:00 or 08:30:00@Asia/Shanghai"
        )
    second = Decimal(found[3] + (found[4] or ""))
    offset, zone = _offset_of(found[5] or "")
    return Time(int(found[1]), int(found[2]), second, offset, zone)


def parse_date_time(text: str) -> DateTime:
    """Read a date and time; a date alone is its midnight.

    Raises:
        NotTemporal: it is none.
    """
    date, mark, time = text.partition("T")
    if not mark:
        return DateTime(parse_date(date), Time(0, 0, Decimal(0)))
    return DateTime(parse_date(date), parse_time(time))


def parse_duration(text: str) -> DaysDuration | MonthsDuration:
    """Read a duration of either kind.

    Raises:
        NotTemporal: it is none, or mixes months with days.
    """
    months = _MONTHS_DURATION.fullmatch(text)
    if months is not None:
        total = int(months[2] or 0) * _MONTHS_A_YEAR + int(months[3] or 0)
        return MonthsDuration(-total if months[1] else total)
    days = _DAYS_DURATION.fullmatch(text)
    if days is None:
        raise NotTemporal("a duration is written like P1DT2H or P1Y2M")
    whole = int(days[2] or 0) * SECONDS_A_DAY + int(days[3] or 0) * 3600 + int(days[4] or 0) * 60
    seconds = whole + Decimal(days[5] or 0)
    return DaysDuration(-seconds if days[1] else seconds)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        NotTemporal: there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotTemporal(f"there is no time zone {name}") from None


@lru_cache(maxsize=4096)
def zone_offset(name: str, date: Date, time: Time) -> int:
    """Return the offset of a zone at a local date and time, in seconds."""
    year = min(max(date.year, _ZONE_YEARS[0] + 1), _ZONE_YEARS[1] - 1)
    day = min(date.day, days_in_month(year, date.month))
    local = datetime(
        year, date.month, day, time.hour, time.minute, int(time.second), tzinfo=zone_of(name)
    )
    offset = local.utcoffset() or timedelta()
    return int(offset.total_seconds())


@lru_cache(maxsize=4096)
def zone_offset_at(name: str, instant_s: Decimal) -> int:
    """Return the offset of a zone at an instant, in seconds since 1970 in UTC."""
    day = Date.of_ordinal(int(instant_s // SECONDS_A_DAY))
    year = min(max(day.year, _ZONE_YEARS[0] + 1), _ZONE_YEARS[1] - 1)
    midnight = datetime(year, day.month, min(day.day, days_in_month(year, day.month)), tzinfo=UTC)
    moment = midnight + timedelta(seconds=int(instant_s % SECONDS_A_DAY))
    offset = moment.astimezone(zone_of(name)).utcoffset() or timedelta()
    return int(offset.total_seconds())


def of_python(instant: datetime) -> DateTime:
    """Return an aware instant of Python as a date and time."""
    offset = instant.utcoffset()
    seconds = None if offset is None else int(offset.total_seconds())
    fraction = Decimal(instant.microsecond) / 1_000_000
    time = Time(instant.hour, instant.minute, instant.second + fraction, seconds)
    return DateTime(Date(instant.year, instant.month, instant.day), time)


def _offset_of(text: str) -> tuple[int | None, str]:
    if text.startswith("@"):
        zone_of(text[1:])
        return None, text[1:]
    if not text or text == "Z":
        return (0 if text else None), ""
    parts = [int(part) for part in text[1:].split(":")]
    if parts[1] > 59 or (len(parts) > 2 and parts[2] > 59):  # noqa: PLR2004 - the clock
        raise NotTemporal("there is no such offset")
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return (-seconds if text[0] == "-" else seconds), ""


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_EPOCH = Date(1970, 1, 1)
