"""When a subscription runs (EPCIS 2.0 §8.2.5.3): fields like those of cron, with seconds.

>>> schedule = Schedule.of({"minute": "0,30", "hour": "[8-18]"})
>>> schedule.next(datetime(2025, 10, 1, 18, 30, tzinfo=BEIJING)).isoformat()
'2025-10-02T08:00:00+08:00'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from longmai.kernel.errors import Invalid

BEIJING = timezone(timedelta(hours=8))
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
_PART = re.compile(r"(\d{1,2})|\[(\d{1,2})-(\d{1,2})\]", re.ASCII)
_TIME_OF_DAY = ("second", "minute", "hour")
_YEARS = 8 * 366  # days until every 29th of February has come


@dataclass(frozen=True)
class Schedule:
    """The seconds at which a subscription runs, by the clock of Beijing.

    What is finer than the finest field given happens once: a schedule of hours alone means minute 0
    and second 0. Coarser fields not given may be anything. Monday is day 1 of the week.

    Attributes:
        fields: values that fit, by field.
    """

    fields: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Schedule":
        """Read a schedule.

        Raises:
            Invalid: a field that there is not, or whose value cannot be.
        """
        for name in given.keys() - _BOUNDS.keys():
            raise _wrong(name, name, "write one of " + ", ".join(_BOUNDS))
        fields = {}
        finest = next((name for name in _BOUNDS if name in given), None)
        if finest is None:
            raise _wrong("schedule", "", "give minute, hour, or another field")
        finer = True
        for name, (least, most) in _BOUNDS.items():
            finer = finer and name != finest
            once = finer and name in _TIME_OF_DAY
            whole = frozenset({least}) if once else frozenset(range(least, most + 1))
            fields[name] = _values(name, given[name]) if name in given else whole
        return cls(fields)

    def next(self, after: datetime) -> datetime:
        """Return the first moment after another that fits.

        Raises:
            Invalid: there is none (a 30th of February).
        """
        moment = after.astimezone(BEIJING).replace(microsecond=0) + timedelta(seconds=1)
        for _ in range(_YEARS):
            if self._fits_day(moment):
                found = self._in_day(moment)
                if found is not None:
                    return found
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        raise _wrong("schedule", "", "no day fits it")

    def _fits_day(self, moment: datetime) -> bool:
        return (
            moment.day in self.fields["dayOfMonth"]
            and moment.month in self.fields["month"]
            and moment.isoweekday() in self.fields["dayOfWeek"]
        )

    def _in_day(self, moment: datetime) -> datetime | None:
        now = moment.hour, moment.minute, moment.second
        for hour in sorted(self.fields["hour"]):
            if hour < now[0]:
                continue
            for minute in sorted(self.fields["minute"]):
                if (hour, minute) < now[:2]:
                    continue
                for second in sorted(self.fields["second"]):
                    if (hour, minute, second) >= now:
                        return moment.replace(hour=hour, minute=minute, second=second)
        return None


def _values(name: str, text: str) -> frozenset[int]:
    least, most = _BOUNDS[name]
    if text.strip() == "*":
        return frozenset(range(least, most + 1))
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise _wrong(name, text, "write a number, a range like [1-5], or a list of them")
        first = int(match[1] or match[2])
        found |= set(range(first, int(match[1] or match[3]) + 1))
    if not found or min(found) < least or max(found) > most:
        raise _wrong(name, text, f"the values are from {least} to {most}")
    return frozenset(found)


def _wrong(name: str, value: str, mend: str) -> Invalid:
    return Invalid(
        "the schedule cannot be kept",
        code="epcis.subscription",
        place=name,
        value=value,
        mend=mend,
    )
