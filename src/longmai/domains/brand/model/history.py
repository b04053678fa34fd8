"""What happened to one key, by time, made ready to be asked about spans and moments.

Reusable containers live long: a pallet may stand in thousands of events, of which one trip touches
three. All questions here cost what they answer, not what the container has been through.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate
from uuid import UUID

from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.lots import lot_of
from longmai.domains.brand.model.way import LinkKind, StoredEvent

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)

# Events by which a thing comes to share the way of its parent, and leaves it again.
HOLDING: Mapping[str, LinkKind] = {"AggregationEvent": "packed", "AssociationEvent": "associated"}


@dataclass(frozen=True, slots=True)
class Part:
    """The part a key has in an event: the items that are it, or that are things of its lot."""

    stored: StoredEvent
    items: tuple[Item, ...]
    roles: frozenset[str]

    @property
    def event(self) -> Event:
        """The event."""
        return self.stored.event


@dataclass(frozen=True, slots=True)
class Stay:
    """The time that a thing shares the way of a parent, both ends included."""

    parent: str
    hold: str
    begin: datetime
    end: datetime


class History:
    """The events of one key, by time.

    Args:
        key: the key.
        parts: its parts in events, in any order.
    """

    def __init__(self, key: str, parts: Iterable[Part]) -> None:
        self._key = key
        self._parts = sorted(parts, key=lambda part: order(part.stored))
        self._times = [part.event.event_time for part in self._parts]

    def between(self, begin: datetime, end: datetime) -> Sequence[Part]:
        """Return the parts in events of a span, both ends included."""
        return self._parts[bisect_left(self._times, begin) : bisect_right(self._times, end)]

    def standing(self) -> Iterator[Part]:
        """Yield the parts in events that were not declared in error."""
        return (part for part in self._parts if not part.stored.in_error)

    def stay_begun_by(self, record_id: UUID) -> Stay:
        """Return the stay that an event with action ADD and a parent began."""
        return self._stays[record_id]

    def stays_at(self, moment: datetime) -> Iterator[Stay]:
        """Yield the stays that had begun before a moment and had not ended before it."""
        for stays, begins, latest_ends in self._stays_by_hold:
            at = bisect_left(begins, moment)
            while at > 0 and latest_ends[at - 1] >= moment:
                at -= 1
                if stays[at].end >= moment:
                    yield stays[at]

    def emptied(self, hold: str, since: datetime) -> datetime:
        """Return when the container let go of all it held, first since a moment."""
        times = self._emptied.get(hold, [])
        at = bisect_left(times, since)
        return times[at] if at < len(times) else END

    def taken_out(self, record_id: UUID) -> Sequence[str]:
        """Return what left the container by an event with action DELETE."""
        return self._taken_out[record_id]

    @cached_property
    def _stays(self) -> Mapping[UUID, Stay]:
        leaving: dict[tuple[str, str | None], datetime] = {}
        packing = _NextPacking()
        found: dict[UUID, Stay] = {}
        for part in reversed(self._parts):
            event, parent = part.event, parent_of(part.event)
            if part.stored.in_error or event.type not in HOLDING or "child" not in part.roles:
                continue
            if event.action == "DELETE":
                leaving[event.type, parent] = event.event_time
            elif event.action == "ADD":
                end = leaving.get((event.type, parent), END)
                if event.type == "AggregationEvent":
                    if not self._is_many(part):
                        # One thing is in one place; a part of a lot may go into several.
                        end = min(end, packing.elsewhere(parent))
                    packing.came(parent, event.event_time)
                if parent is not None:
                    found[part.stored.record_id] = Stay(parent, event.type, event.event_time, end)
        return found

    @cached_property
    def _stays_by_hold(self) -> Sequence[tuple[list[Stay], list[datetime], list[datetime]]]:
        told = []
        for hold in HOLDING:
            stays = [stay for stay in self._stays.values() if stay.hold == hold]
            stays.sort(key=lambda stay: stay.begin)
            ends = list(accumulate((stay.end for stay in stays), max))
            told.append((stays, [stay.begin for stay in stays], ends))
        return told

    @cached_property
    def _emptied(self) -> Mapping[str, list[datetime]]:
        times: dict[str, list[datetime]] = {}
        for part in self.standing():
            if self._empties(part):
                times.setdefault(part.event.type, []).append(part.event.event_time)
        return times

    @cached_property
    def _taken_out(self) -> Mapping[UUID, Sequence[str]]:
        inside: dict[str, dict[str, None]] = {hold: {} for hold in HOLDING}
        found: dict[UUID, Sequence[str]] = {}
        for part in self.standing():
            event = part.event
            if event.type not in HOLDING or parent_of(event) != self._key:
                continue
            held = inside[event.type]
            children = {item.key: None for item in event.items if item.role == "child"}
            if event.action == "ADD":
                held |= children
            elif event.action == "DELETE":
                found[part.stored.record_id] = list(children or held)
                for key in list(children or held):
                    held.pop(key, None)
        return found

    def _empties(self, part: Part) -> bool:
        event = part.event
        return (
            event.type in HOLDING
            and event.action == "DELETE"
            and parent_of(event) == self._key
            and all(item.role != "child" for item in event.items)
        )

    def _is_many(self, part: Part) -> bool:
        return any(
            item.is_class or item.key != self._key for item in part.items if item.role == "child"
        )


class _NextPacking:
    """Going back in time: when a thing is packed next, and next into something else than that."""

    def __init__(self) -> None:
        self._parent: str | None = None
        self._time = self._time_elsewhere = END

    def elsewhere(self, parent: str | None) -> datetime:
        """Return when it is packed next into anything else than a parent."""
        return self._time_elsewhere if parent == self._parent else self._time

    def came(self, parent: str | None, time: datetime) -> None:
        """Note an earlier packing."""
        if parent != self._parent:
            self._parent, self._time_elsewhere = parent, self._time
        self._time = time


def parts_of(stored: StoredEvent) -> dict[str, Part]:
    """Return the part that each key has in an event; the lots that things belong to, too."""
    items: dict[str, list[Item]] = {}
    for item in stored.event.items:
        for key in {item.key, lot_of(item, stored.event)}:
            if key is not None:
                items.setdefault(key, []).append(item)
    return {
        key: Part(stored, tuple(own), frozenset(item.role for item in own))
        for key, own in items.items()
    }


def parent_of(event: Event) -> str | None:
    """Return the key of an event's parent, if it names one."""
    return next((item.key for item in event.items if item.role == "parent"), None)


def order(stored: StoredEvent) -> tuple[datetime, UUID]:
    """Return what stored events are put in order by: when they happened, then their records."""
    return stored.event.event_time, stored.record_id
