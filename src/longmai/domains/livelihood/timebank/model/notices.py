"""Needs and offers, and how well one fits the other: item, place, time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.kernel.region_codes import LENGTHS, prefix

NEED = "need"
OFFER = "offer"
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Notice:
    """A need or an offer.

    Attributes:
        region: 12-digit code of the place.
        day: on which; None: on the weekdays.
        weekdays: digits 1 (Monday) to 7.
        starts, ends: minutes of the day.
        until: last day on which it stands.
    """

    id: UUID
    bank_id: UUID
    member_id: UUID
    kind: str
    item: str
    region: str
    day: date | None
    weekdays: str
    starts: int
    ends: int
    until: date
    text: str


@dataclass(frozen=True)
class Match:
    """A notice that fits.

    Attributes:
        level: how many levels of the place are the same: 5 the village, 3 the county.
        minutes: of the day that both have time.
        days: weekdays, or the one day, that both have.
    """

    notice: Notice
    level: int
    minutes: int
    days: str


def matches(wanted: Notice, others: Iterable[Notice], nearest: int = 3) -> list[Match]:
    """Return what fits a notice, best first: nearest place, then the longest common time.

    Args:
        wanted: a need or an offer.
        others: notices; of them count those of the other kind, the same item and bank.
        nearest: least number of levels of the place that must be the same; 3: one county.
    """
    found = []
    for other in others:
        alike = (other.item, other.bank_id) == (wanted.item, wanted.bank_id)
        if not alike or other.kind == wanted.kind or other.member_id == wanted.member_id:
            continue
        level = common_level(wanted.region, other.region)
        minutes = min(wanted.ends, other.ends) - max(wanted.starts, other.starts)
        days = _common_days(wanted, other)
        if level >= nearest and minutes > 0 and days:
            found.append(Match(other, level, minutes, days))
    return sorted(found, key=lambda each: (-each.level, -each.minutes, str(each.notice.id)))


def common_level(one: str, other: str) -> int:
    """Return how many levels, from the province down, two places share.

    >>> common_level("990102003004", "990102003009"), common_level("990102000000", "990102003009")
    (4, 3)
    """
    a, b = prefix(one), prefix(other)
    return sum(len(a) >= n and len(b) >= n and a[:n] == b[:n] for n in LENGTHS)


def _common_days(one: Notice, other: Notice) -> str:
    if one.day and other.day:
        return one.day.isoformat() if one.day == other.day else ""
    if one.day or other.day:
        fixed, weekly = (one, other) if one.day else (other, one)
        day = fixed.day or date.min
        within = day <= weekly.until and str(day.isoweekday()) in weekly.weekdays
        return day.isoformat() if within else ""
    return "".join(sorted(set(one.weekdays) & set(other.weekdays)))
