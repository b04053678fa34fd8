"""Tracing: where a thing came from and where it went, through packing and transformation.

A thing is followed within a window of time. Inside a container it shares the container's events,
but only between being packed and unpacked: a crate that is used again does not tie the apples of
October to those of March. What is associated with something (a logger on a crate: EPCIS 2.0
§7.4.6) shares its way alike, but may be associated with several things at once, each until that is
undone. What was transformed is followed back to the inputs until that moment, and forward to the
outputs from that moment on.

The walk goes breadth-first with one look-up per level, so that it runs over a database without
loading it; its cost is linear in the events it touches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.lots import lot_of
from longmai.domains.brand.model.way import (
    Direction,
    Events,
    Link,
    LinkKind,
    Node,
    Relation,
    Step,
    StoredEvent,
    Trace,
)

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
DEFAULT_LIMIT = 5_000
# Events by which a thing comes to share the way of its parent, and leaves it again.
_HOLDING: dict[str, LinkKind] = {"AggregationEvent": "packed", "AssociationEvent": "associated"}


@dataclass(frozen=True, slots=True)
class _Presence:
    """A key followed in one direction within a window of time, both ends included.

    ``since`` is when the thing in a container was packed; it shares the container's way only from
    ``begin`` on, when it was itself in there. ``hold`` is the type of event that put it there.
    """

    key: str
    relation: Relation
    direction: Direction
    begin: datetime
    end: datetime
    # How deep it stands does not make it another presence: a circle must end.
    depth: int = field(compare=False)
    since: datetime = BEGINNING
    hold: str = ""


def trace(
    events: Events,
    root: str,
    directions: Sequence[Direction] = ("back", "forward"),
    limit: int = DEFAULT_LIMIT,
) -> Trace:
    """Trace a thing, lot or container back to its sources and forward to where it went.

    Args:
        events: where events are looked up.
        root: canonical key; a lot covers the single things made as part of it.
        directions: ``back``, ``forward`` or both.
        limit: most events to look at; beyond it the result says ``truncated``.
    """
    walk = _Walk(events, root, limit)
    level = [_Presence(root, "self", d, BEGINNING, END, 0) for d in directions]
    while level and not walk.truncated:
        walk.load(level)
        level = [following for presence in level for following in walk.follow(presence)]
    return walk.result()


@dataclass
class _Walk:
    events: Events
    root: str
    limit: int
    truncated: bool = False
    _loaded: dict[str, list[StoredEvent]] = field(default_factory=dict)
    _transformations: dict[str, list[StoredEvent]] = field(default_factory=dict)
    _known: set[UUID] = field(default_factory=set)
    _seen: set[_Presence] = field(default_factory=set)
    _nodes: dict[str, Node] = field(default_factory=dict)
    _links: dict[tuple[str, str, LinkKind, UUID], Link] = field(default_factory=dict)
    _steps: dict[UUID, Step] = field(default_factory=dict)
    _in_error: dict[UUID, StoredEvent] = field(default_factory=dict)
    _roles: dict[UUID, dict[str, set[str]]] = field(default_factory=dict)

    def load(self, level: Sequence[_Presence]) -> None:
        """Look up the events of all keys of a level in one go."""
        wanted = {presence.key for presence in level} - self._loaded.keys()
        for key in wanted:
            self._loaded[key] = []
        if not wanted:
            return
        open_ids: set[str] = set()
        for stored in self.events.touching(wanted):
            self._known.add(stored.record_id)
            roles = self._roles[stored.record_id] = _roles_by_key(stored.event)
            for key in roles.keys() & wanted:
                self._loaded[key].append(stored)
            open_ids |= set(_transformation_id(stored.event)) - self._transformations.keys()
        for key in wanted:
            self._loaded[key].sort(key=_order)
        if open_ids:
            self._transformations |= {each: [] for each in open_ids}
            for stored in self.events.of_transformations(open_ids):
                for each in _transformation_id(stored.event):
                    self._transformations[each].append(stored)
        self.truncated = self.truncated or len(self._known) > self.limit

    def follow(self, presence: _Presence) -> Iterator[_Presence]:
        """Take the events of one presence as steps and yield the presences that follow."""
        if presence in self._seen:
            return
        self._seen.add(presence)
        self._note(presence)
        end = self._end(presence)
        for stored in self._loaded[presence.key]:
            if presence.relation == "container" and stored.event.event_time < presence.begin:
                yield from self._around(stored, presence, end)
            if not presence.begin <= stored.event.event_time <= end:
                continue
            if stored.in_error:
                self._in_error[stored.record_id] = stored
                continue
            yield from self._members(stored, presence)
            roles = self._roles[stored.record_id][presence.key]
            if self._is_step(presence, stored.event, roles):
                self._add_step(stored, presence)
                yield from self._onward(stored, presence, roles)

    def result(self) -> Trace:
        return Trace(
            self.root,
            tuple(self._nodes.values()),
            tuple(self._links.values()),
            tuple(sorted(self._steps.values(), key=lambda s: (s.event.event_time, s.record_id))),
            tuple(sorted(self._in_error.values(), key=_order)),
            self.truncated,
        )

    def _end(self, presence: _Presence) -> datetime:
        # A container that is emptied as a whole lets go of everything in it.
        if presence.relation != "container":
            return presence.end
        return min(
            (
                s.event.event_time
                for s in self._loaded[presence.key]
                if presence.since <= s.event.event_time <= presence.end
                and not s.in_error
                and _empties(s.event, presence.key, presence.hold)
            ),
            default=presence.end,
        )

    @staticmethod
    def _is_step(presence: _Presence, event: Event, roles: set[str]) -> bool:
        if presence.relation == "container":
            # Of a container only what moves it counts, not what else is put into it; a
            # transaction that names nothing but the container is about all of it.
            whole = event.type == "TransactionEvent" and len(event.items) == 1
            return whole or bool(roles & {"epc", "child"})
        # What the thing became is no part of where it came from, and the other way round.
        foreign = "input" if presence.direction == "back" else "output"
        return roles != {foreign}

    def _onward(
        self, stored: StoredEvent, presence: _Presence, roles: set[str]
    ) -> Iterator[_Presence]:
        event = stored.event
        if event.type in _HOLDING:
            if "child" in roles and event.action == "ADD":
                yield from self._into_container(stored, presence)
            if "parent" in roles and presence.relation != "container":
                yield from self._contents(stored, presence)
        elif event.type == "TransformationEvent" and presence.relation != "container":
            wanted = "output" if presence.direction == "back" else "input"
            if wanted in roles:
                yield from self._through(stored, presence)

    def _members(self, stored: StoredEvent, presence: _Presence) -> Iterator[_Presence]:
        # The single things of a lot carry its number only where they are made.
        if presence.direction == "back" or presence.relation == "container":
            return
        for item in stored.event.items:
            if item.key != presence.key and lot_of(item, stored.event) == presence.key:
                begin = stored.event.event_time
                yield _Presence(item.key, "content", "forward", begin, END, presence.depth)

    def _around(
        self, earlier: StoredEvent, presence: _Presence, end: datetime
    ) -> Iterator[_Presence]:
        """Yield what a container already stood in when the thing was put into it."""
        event, parent = earlier.event, _parent(earlier.event)
        packed = event.type in _HOLDING and event.action == "ADD" and not earlier.in_error
        if packed and parent and "child" in self._roles[earlier.record_id][presence.key]:
            until = min(self._leaves(earlier, presence.key, parent), end)
            if until >= presence.begin:
                yield _Presence(
                    parent,
                    "container",
                    presence.direction,
                    presence.begin,
                    until,
                    presence.depth + 1,
                    since=event.event_time,
                    hold=event.type,
                )

    def _into_container(self, stored: StoredEvent, presence: _Presence) -> Iterator[_Presence]:
        parent = _parent(stored.event)
        if parent is None:
            return
        begin = stored.event.event_time
        end = min(self._leaves(stored, presence.key, parent), self._end(presence))
        for item in _items(stored.event, "child", presence.key):
            self._link(item, item.key, parent, _HOLDING[stored.event.type], stored.record_id)
        yield _Presence(
            parent,
            "container",
            presence.direction,
            begin,
            end,
            presence.depth + 1,
            since=begin,
            hold=stored.event.type,
        )

    def _leaves(self, packed: StoredEvent, key: str, parent: str) -> datetime:
        """Return when the thing left this container, as far as its own events say."""
        hold = packed.event.type
        single = hold == "AggregationEvent" and not _is_many(packed.event, key)
        for later in self._loaded[key]:
            event = later.event
            if later.in_error or _order(later) <= _order(packed):
                continue
            if event.type != hold or "child" not in self._roles[later.record_id][key]:
                continue
            holder = _parent(event)
            if event.action == "DELETE" and holder == parent:
                return event.event_time
            # One thing is in one place; a part of a lot may go into several containers.
            if event.action == "ADD" and holder != parent and single:
                return event.event_time
        return END

    def _contents(self, stored: StoredEvent, presence: _Presence) -> Iterator[_Presence]:
        event, depth = stored.event, presence.depth + 1
        if event.action == "ADD" and presence.direction == "back":
            for item in event.items:
                if item.role == "child":
                    kind = _HOLDING[event.type]
                    self._link(item, item.key, presence.key, kind, stored.record_id)
                    end = event.event_time
                    yield _Presence(item.key, "content", "back", BEGINNING, end, depth)
        elif event.action == "DELETE" and presence.direction == "forward":
            for key in self._taken_out(stored, presence.key):
                yield _Presence(key, "content", "forward", event.event_time, END, depth)

    def _taken_out(self, stored: StoredEvent, container: str) -> list[str]:
        hold = stored.event.type
        if not _empties(stored.event, container, hold):
            return [item.key for item in stored.event.items if item.role == "child"]
        inside: dict[str, None] = {}
        for earlier in self._loaded[container]:
            if earlier.record_id == stored.record_id:
                break
            if earlier.in_error or _parent(earlier.event) != container:
                continue
            if earlier.event.type != hold:
                continue
            children = {i.key: None for i in earlier.event.items if i.role == "child"}
            if earlier.event.action == "ADD":
                inside |= children
            elif earlier.event.action == "DELETE":
                inside = {key: None for key in inside if children and key not in children}
        return list(inside)

    def _through(self, stored: StoredEvent, presence: _Presence) -> Iterator[_Presence]:
        back = presence.direction == "back"
        parts = [stored]
        for each in _transformation_id(stored.event):
            parts = [part for part in self._transformations[each] if not part.in_error] or parts
        here, there = ("output", "input") if back else ("input", "output")
        own = [
            i for part in parts for i in part.event.items if _is_about(i, part.event, presence.key)
        ]
        for part in parts:
            for item in (i for i in part.event.items if i.role == there):
                self._add_step(part, presence)
                for mine in {i.key: i for i in own if i.role == here}.values():
                    source, target = (item, mine.key) if back else (mine, item.key)
                    self._link(source, source.key, target, "transformed", part.record_id)
                moment = stored.event.event_time
                yield _Presence(
                    item.key,
                    "source" if back else "product",
                    presence.direction,
                    BEGINNING if back else min(moment, part.event.event_time),
                    max(moment, part.event.event_time) if back else END,
                    presence.depth + 1,
                )

    def _note(self, presence: _Presence) -> None:
        if presence.key not in self._nodes:
            quantity, uom = self._made(presence.key)
            self._nodes[presence.key] = Node(
                presence.key, presence.relation, presence.depth, quantity, uom
            )

    def _made(self, key: str) -> tuple[Decimal | None, str | None]:
        """Return how much of a lot was made, or first reported, in one unit."""
        for role, action in (("output", None), ("epc", "ADD"), ("epc", None)):
            amounts = [
                item
                for stored in self._loaded[key]
                if not stored.in_error and action in {None, stored.event.action}
                for item in stored.event.items
                if item.key == key and item.role == role and item.quantity is not None
            ]
            if amounts and action is None and role == "epc":
                return amounts[0].quantity, amounts[0].uom
            if amounts and len({item.uom for item in amounts}) == 1:
                return sum((i.quantity or Decimal(0) for i in amounts), Decimal(0)), amounts[0].uom
        return None, None

    def _add_step(self, stored: StoredEvent, presence: _Presence) -> None:
        before = self._steps.get(stored.record_id)
        keys = (presence.key,) if before is None else before.keys
        if presence.key not in keys:
            keys = (*keys, presence.key)
        relation = presence.relation if before is None else before.relation
        self._steps[stored.record_id] = Step(stored.record_id, stored.event, relation, keys)

    def _link(self, item: Item, source: str, target: str, kind: LinkKind, record_id: UUID) -> None:
        link = Link(source, target, kind, record_id, item.quantity, item.uom)
        self._links.setdefault((source, target, kind, record_id), link)


def _order(stored: StoredEvent) -> tuple[datetime, UUID]:
    return stored.event.event_time, stored.record_id


def _roles_by_key(event: Event) -> dict[str, set[str]]:
    """Return the roles that each thing plays in an event, and the lots that things belong to."""
    roles: dict[str, set[str]] = {}
    for item in event.items:
        for key in {item.key, lot_of(item, event)} - {None}:
            roles.setdefault(str(key), set()).add(item.role)
    return roles


def _is_about(item: Item, event: Event, key: str) -> bool:
    return key in {item.key, lot_of(item, event)}


def _items(event: Event, role: str, key: str) -> list[Item]:
    return [i for i in event.items if i.role == role and _is_about(i, event, key)]


def _is_many(event: Event, key: str) -> bool:
    return any(item.is_class or item.key != key for item in _items(event, "child", key))


def _parent(event: Event) -> str | None:
    return next((item.key for item in event.items if item.role == "parent"), None)


def _empties(event: Event, key: str, hold: str) -> bool:
    return (
        event.type == hold
        and event.action == "DELETE"
        and _parent(event) == key
        and all(item.role != "child" for item in event.items)
    )


def _transformation_id(event: Event) -> tuple[str, ...]:
    found = event.body.get("transformationID")
    return (found,) if isinstance(found, str) else ()
