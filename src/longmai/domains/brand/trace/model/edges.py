"""Edges of the graph of batches: what one event says became of, or went into, something else.

A node is a number drawn from its key, so that an event's edges follow from that event alone. The
things that a transformation takes lead to it, and it leads to what it makes: a mixing of a hundred
lots into a hundred others is two hundred edges, not ten thousand.

    taken:    thing → transformation        made:     transformation → thing
    member:   lot → single thing of it      packed:   thing → container
    unpacked: container → thing             emptied:  container → itself

What two keys share a number is found when numbers are turned into keys again (``tables``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b

from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.history import BEGINNING, HOLDING, parent_of
from longmai.domains.brand.model.lots import lot_of

_NODE_BYTES = 8
_MICROSECOND = timedelta(microseconds=1)


class Kind(IntEnum):
    """What an edge says; the numbers are stored."""

    TAKEN = 1
    MADE = 2
    MEMBER = 3
    PACKED = 4
    UNPACKED = 5
    EMPTIED = 6
    FITTED = 7
    UNFITTED = 8
    STRIPPED = 9


_HELD = {
    "AggregationEvent": (Kind.PACKED, Kind.UNPACKED, Kind.EMPTIED),
    "AssociationEvent": (Kind.FITTED, Kind.UNFITTED, Kind.STRIPPED),
}


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge; all fields but the kind are numbers of ``node`` and ``moment``.

    Attributes:
        via: node of the event that says so; void once that event is declared an error.
    """

    source: int
    target: int
    kind: Kind
    at: int
    via: int


@lru_cache(maxsize=131_072)
def node(key: str) -> int:
    """Return the node of a key: 63 bits of its BLAKE2b hash.

    >>> node("01/09521234543213/10/A1")
    8946854051115641213
    """
    return int.from_bytes(blake2b(key.encode(), digest_size=_NODE_BYTES).digest(), "big") >> 1


def event_node(event_id: str | None) -> int:
    """Return the node of an event."""
    return node(f"event:{event_id}")


def moment(time: datetime) -> int:
    """Return an instant as microseconds since the year 1, which sort as instants do."""
    return (time - BEGINNING) // _MICROSECOND


def edges_of(event: Event) -> Iterator[Edge]:
    """Yield the edges that an event says."""
    via, at = event_node(event.event_id), moment(event.event_time)
    yield from _memberships(event, via, at)
    if event.type == "TransformationEvent":
        told = event.body.get("transformationID")
        process = node(f"transformation:{told}") if isinstance(told, str) else via
        for key in _keys(event.items, "input"):
            yield Edge(node(key), process, Kind.TAKEN, at, via)
        for key in _keys(event.items, "output"):
            yield Edge(process, node(key), Kind.MADE, at, via)
    elif event.type in HOLDING:
        yield from _holdings(event, via, at)


def _memberships(event: Event, via: int, at: int) -> Iterator[Edge]:
    told = ((lot_of(item, event), item.key) for item in event.items)
    for lot, key in dict.fromkeys(told):
        if lot is not None and lot != key:
            yield Edge(node(lot), node(key), Kind.MEMBER, at, via)


def _holdings(event: Event, via: int, at: int) -> Iterator[Edge]:
    parent = parent_of(event)
    if parent is None or event.action not in {"ADD", "DELETE"}:
        return
    held, children = node(parent), _keys(event.items, "child")
    into, out, emptied = _HELD[event.type]
    if event.action == "ADD":
        for key in children:
            yield Edge(node(key), held, into, at, via)
        return
    for key in children:
        yield Edge(held, node(key), out, at, via)
    if not children:
        yield Edge(held, held, emptied, at, via)


def _keys(items: Iterable[Item], role: str) -> list[str]:
    return list(dict.fromkeys(item.key for item in items if item.role == role))
