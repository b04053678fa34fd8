"""Time as an injected value: services take a ``Clock`` and never read the machine's time.

>>> clock = FixedClock(datetime(2025, 10, 1, 8, 0, tzinfo=UTC))
>>> clock.now().isoformat()
'2025-10-01T08:00:00+00:00'
>>> to_text(clock.now())
'2025-10-01T08:00:00.000000Z'
>>> from_text('2025-10-01T16:00:00+08:00') == clock.now()
True
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

from longmai.kernel.errors import Invalid

BEIJING = timezone(timedelta(hours=8))
"""The time people in China read; stores hold UTC."""


class Clock(Protocol):
    """Anything that tells the time as an aware UTC instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, for tests and replays."""

    instant: datetime

    def now(self) -> datetime:
        """Return the fixed instant in UTC."""
        return self.instant.astimezone(UTC)


def to_text(instant: datetime) -> str:
    """Write an aware instant the one way we write it: UTC, six decimals, ``Z``.

    Raises:
        Invalid: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise Invalid("an instant needs a time zone", code="clock.naive", value=instant.isoformat())
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """Read an ISO 8601 instant with a zone.

    Raises:
        Invalid: not ISO 8601, or without a zone.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            "not a date and time",
            code="clock.format",
            value=text,
            mend="write it like 2025-10-01T08:00:00+08:00",
        ) from None
    if instant.tzinfo is None:
        raise Invalid(
            "the time has no zone",
            code="clock.naive",
            value=text,
            mend="add the offset, for Beijing time +08:00",
        )
    return instant.astimezone(UTC)


def beijing_day(instant: datetime) -> date:
    """Return the day that an instant falls on in Beijing.

    >>> beijing_day(datetime(2025, 10, 1, 18, 30, tzinfo=UTC)).isoformat()
    '2025-10-02'
    """
    return instant.astimezone(BEIJING).date()
