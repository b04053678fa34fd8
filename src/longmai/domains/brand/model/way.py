"""What a trace is made of: things, links between them, and the events on the way."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from longmai.domains.brand.model.balance import Balance
from longmai.domains.brand.model.epcis import Event

Direction = Literal["back", "forward"]
Relation = Literal["self", "container", "source", "product", "content"]
LinkKind = Literal["transformed", "packed", "associated"]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its record; ``in_error`` when it was declared an error, or declares one."""

    record_id: UUID
    event: Event
    in_error: bool = False


class Events(Protocol):
    """Where events are looked up."""

    def touching(self, keys: Collection[str]) -> Iterable[StoredEvent]:
        """Return the events that name one of the keys, or a thing of a lot among them."""
        ...

    def of_transformations(self, ids: Collection[str]) -> Iterable[StoredEvent]:
        """Return the transformation events that carry one of these transformation IDs."""
        ...


@dataclass(frozen=True, slots=True)
class Node:
    """A thing or lot on the way.

    Attributes:
        key: canonical key.
        relation: what it is to the root.
        depth: number of transformations and packings between.
        quantity: how much of it was made or first seen, where an event says so; with its ``uom``.
    """

    key: str
    relation: Relation
    depth: int
    quantity: Decimal | None
    uom: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """One thing became, or went into, another.

    Attributes:
        source: key of what went in.
        target: key of what came out, or of the container.
        kind: ``transformed``, ``packed`` or ``associated``.
        record_id: of the event that says so.
        quantity: how much of the source went in, where the event says so; with its ``uom``.
    """

    source: str
    target: str
    kind: LinkKind
    record_id: UUID
    quantity: Decimal | None
    uom: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """An event on the way, and the things on the way that it is about."""

    record_id: UUID
    event: Event
    relation: Relation
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """What is known of a thing's way.

    Attributes:
        root: the key asked for.
        nodes: things on the way, the root first.
        links: between them.
        steps: events on the way, by time.
        in_error: events on the way that were declared in error and therefore left out.
        truncated: the limit was reached; there is more.
        balances: of the transformations on the way, by time.
    """

    root: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    steps: tuple[Step, ...]
    in_error: tuple[StoredEvent, ...]
    truncated: bool
    balances: tuple[Balance, ...]
