"""Where a thing is now and what became of it, read from the events that name it or its container.

A thing in a container is where the container is. Of a lot that is no single thing only events know
how much is where: each place that last reported some of it may hold it still.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

STATES = ("held", "sold", "used", "gone")
"""At hand somewhere; sold to a consumer; made into something else; destroyed or taken out."""
_SOLD = frozenset({"retail_sold", "dispensed", "retail_selling", "dispensing"})
_GONE = frozenset({"destroyed", "disposed", "inactive", "destroying", "decommissioning"})
_MOST_NESTED = 8


@dataclass(frozen=True, slots=True)
class Sighting:
    """A key in an event.

    Attributes:
        role: as of an item.
        quantity: how much, with its ``uom``; None: one single thing, or not told.
        place: where, a key; empty on the road.
        word: the business step and the disposition, which say what became of it.
        parent: key of the container, in an event that packs or unpacks.
        empties: it is a container that all is taken out of, without naming it.
    """

    key: str
    role: str
    quantity: Decimal | None
    uom: str | None
    is_class: bool
    time: datetime
    type: str
    action: str | None
    place: str
    words: tuple[str, str]
    parent: str | None
    empties: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a thing stands.

    Attributes:
        state: one of ``STATES``.
        places: where it is, or (of a lot) may be; empty where no event says.
        quantity: what should be left of it, in ``uom`` (empty: pieces); None: not told.
    """

    key: str
    state: str
    places: tuple[str, ...]
    quantity: Decimal | None
    uom: str


@dataclass
class Standings:
    """Reads standings off sightings.

    Args:
        sightings: of the things asked for and of the containers they were in, in any order.
        told_singly: lots whose things are seen one by one: such a lot is where they are.
    """

    sightings: Iterable[Sighting]
    told_singly: Collection[str] = ()
    _by_key: dict[str, list[Sighting]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in sorted(self.sightings, key=lambda seen: seen.time):
            self._by_key.setdefault(each.key, []).append(each)

    def of(self, key: str) -> Standing:
        """Return where a thing stands; held, at no known place, where nothing was seen of it."""
        seen = self._by_key.get(key, [])
        if key in self.told_singly:
            return Standing(key, "used", (), None, "")
        if any(each.is_class for each in seen):
            return self._of_lot(key, seen)
        if any(each.role == "input" for each in seen):
            return Standing(key, "used", (), None, "")
        state, place = self._last(key, seen)
        return Standing(key, state, (place,) if place else (), Decimal(1), "")

    def _of_lot(self, key: str, seen: Sequence[Sighting]) -> Standing:
        left, uom = _left(seen)
        if left is not None and left <= 0:
            return Standing(key, "used", (), left, uom)
        state = _state(seen)
        at = [s.place for s in seen if s.place and s.role in {"epc", "output", "child"}]
        # Where some of it was last, first.
        return Standing(key, state, tuple(dict.fromkeys(reversed(at))), left, uom)

    def _last(self, key: str, seen: Sequence[Sighting]) -> tuple[str, str]:
        told = sorted([*seen, *self._inside(key, seen, 0)], key=lambda each: each.time)
        place = next((each.place for each in reversed(told) if each.place), "")
        return _state(told), place

    def _inside(self, key: str, seen: Sequence[Sighting], depth: int) -> Iterator[Sighting]:
        """Yield what happened to the containers of a thing while it was in them."""
        for begin, end, parent in _stays(seen):
            around = self._by_key.get(parent, [])
            emptied = next((s.time for s in around if s.empties and s.time >= begin), None)
            last = min((each for each in (end, emptied) if each is not None), default=None)
            during = [s for s in around if begin <= s.time and (last is None or s.time <= last)]
            # Of a container only what moves it counts, not what else is put into it.
            yield from (s for s in during if s.role in {"epc", "child"} and s.key != key)
            if depth < _MOST_NESTED:
                yield from self._inside(parent, during, depth + 1)


def _stays(seen: Sequence[Sighting]) -> Iterator[tuple[datetime, datetime | None, str]]:
    begin, parent = None, None
    for each in seen:
        if each.type != "AggregationEvent" or each.role != "child" or each.parent is None:
            continue
        if parent is not None and begin is not None:
            yield begin, each.time, parent
        begin, parent = (each.time, each.parent) if each.action == "ADD" else (None, None)
    if parent is not None and begin is not None:
        yield begin, None, parent


def _state(seen: Sequence[Sighting]) -> str:
    for each in reversed(seen):
        if _GONE.intersection(each.words):
            return "gone"
        if _SOLD.intersection(each.words):
            return "sold"
    return "held"


def _left(seen: Sequence[Sighting]) -> tuple[Decimal | None, str]:
    """Return how much of a lot was made less what was taken of it, where all is in one unit."""
    made = [s for s in seen if s.role == "output"]
    made = made or [s for s in seen if s.role == "epc" and s.action == "ADD"]
    made = made or [s for s in seen if s.role == "epc"][:1]
    taken = [s for s in seen if s.role == "input"]
    units = {s.uom or "" for s in (*made, *taken)}
    if not made or len(units) != 1 or any(s.quantity is None for s in (*made, *taken)):
        return None, ""
    total = sum((s.quantity or Decimal(0) for s in made), Decimal(0))
    return total - sum((s.quantity or Decimal(0) for s in taken), Decimal(0)), units.pop()


def digest_of(keys: Iterable[str]) -> str:
    r"""Return the digest of a set of keys: SHA-256 over them, sorted, each with a newline.

    >>> digest_of(["b", "a"]) == digest_of(["a", "b", "a"])
    True
    """
    return sha256("".join(f"{key}\n" for key in sorted(set(keys))).encode()).hexdigest()


def counted(standings: Iterable[Standing]) -> Mapping[str, int]:
    """Return how many things are in each state."""
    found = dict.fromkeys(STATES, 0)
    for each in standings:
        found[each.state] += 1
    return found
