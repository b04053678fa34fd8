"""Tracing: where a thing came from and where it went, through packing and transformation.

A thing is followed within a window of time. Inside a container it shares the container's events,
but only between being packed and unpacked: a crate that is used again does not tie the apples of
October to those of March. What is associated with something (a logger on a crate: EPCIS 2.0
§7.4.6) shares its way alike, but may be associated with several things at once, each until that is
undone. What was transformed is followed back to the inputs until that moment, and forward to the
outputs from that moment on.

The walk goes breadth-first with one look-up per level, so that it runs over a database without
loading it. Windows of one key that touch are walked as one; the cost grows with the events it
touches, also where a container went round a thousand times.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from longmai.domains.brand.model.balance import Balance, balance
from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.history import (
    BEGINNING,
    END,
    HOLDING,
    History,
    Part,
    Stay,
    order,
    parent_of,
    parts_of,
)
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

DEFAULT_LIMIT = 5_000
_Followed = tuple[str, Relation, Direction, str, datetime | None]


@dataclass(frozen=True, slots=True)
class _Presence:
    """A key followed in one direction within a window of time, both ends included.

    The thing in a container was put there by an event of type ``hold`` at ``since``; it shares the
    container's way only from ``begin`` on, when it was itself in there. ``depth`` is the number of
    transformations and packings from the root.
    """

    key: str
    relation: Relation
    direction: Direction
    begin: datetime
    end: datetime
    depth: int
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
        level = [following for each in walk.merged(level) for following in walk.follow(each)]
    return walk.result()


@dataclass
class _Walk:
    events: Events
    root: str
    limit: int
    truncated: bool = False
    _histories: dict[str, History] = field(default_factory=dict)
    _transformations: dict[str, list[StoredEvent]] = field(default_factory=dict)
    _known: dict[UUID, dict[str, Part]] = field(default_factory=dict)
    _followed: dict[_Followed, tuple[datetime, datetime]] = field(default_factory=dict)
    _nodes: dict[str, Node] = field(default_factory=dict)
    _links: dict[tuple[str, str, LinkKind, UUID], Link] = field(default_factory=dict)
    _steps: dict[UUID, Step] = field(default_factory=dict)
    _in_error: dict[UUID, StoredEvent] = field(default_factory=dict)

    def load(self, level: Sequence[_Presence]) -> None:
        """Look up the events of all keys of a level in one go."""
        wanted = {presence.key for presence in level} - self._histories.keys()
        if not wanted:
            return
        parts: dict[str, list[Part]] = {key: [] for key in wanted}
        open_ids: set[str] = set()
        for stored in self.events.touching(wanted):
            own = self._known.get(stored.record_id) or parts_of(stored)
            self._known[stored.record_id] = own
            for key in own.keys() & wanted:
                parts[key].append(own[key])
            open_ids |= set(_transformation_id(stored.event)) - self._transformations.keys()
        self._histories |= {key: History(key, own) for key, own in parts.items()}
        if open_ids:
            self._transformations |= {each: [] for each in open_ids}
            for stored in self.events.of_transformations(open_ids):
                for each in _transformation_id(stored.event):
                    self._transformations[each].append(stored)
        self.truncated = self.truncated or len(self._known) > self.limit

    def merged(self, level: Iterable[_Presence]) -> Iterator[_Presence]:
        """Yield the presences of a level, those of one kind that touch each other as one."""
        alike: dict[tuple[str, Relation, Direction, str], list[_Presence]] = {}
        for presence in map(self._clipped, level):
            kind = presence.key, presence.relation, presence.direction, presence.hold
            alike.setdefault(kind, []).append(presence)
        for same in alike.values():
            same.sort(key=lambda presence: presence.begin)
            whole = same[0]
            for presence in same[1:]:
                if presence.begin <= whole.end:
                    end, depth = max(whole.end, presence.end), min(whole.depth, presence.depth)
                    whole = replace(whole, end=end, depth=depth)
                else:
                    yield whole
                    whole = presence
            yield whole

    def follow(self, presence: _Presence) -> Iterator[_Presence]:
        """Take the events of one presence as steps and yield the presences that follow."""
        if presence.begin > presence.end or self._was_followed(presence):
            return
        self._note(presence)
        history = self._histories[presence.key]
        if presence.relation == "container":
            # What the container already stood in when the thing was put into it.
            for stay in history.stays_at(presence.begin):
                yield _inside(stay, presence, presence.begin)
        through: set[str] = set()
        for part in history.between(presence.begin, presence.end):
            if part.stored.in_error:
                self._in_error[part.stored.record_id] = part.stored
                continue
            yield from self._members(part, presence)
            if _is_step(part, presence):
                self._add_step(part.stored, presence)
                yield from self._onward(part, presence, through)

    def result(self) -> Trace:
        """Return what was found."""
        steps = sorted(self._steps.values(), key=lambda s: (s.event.event_time, s.record_id))
        return Trace(
            self.root,
            tuple(self._nodes.values()),
            tuple(self._links.values()),
            tuple(steps),
            tuple(sorted(self._in_error.values(), key=order)),
            self.truncated,
            tuple(self._balances(steps)),
        )

    def _balances(self, steps: Iterable[Step]) -> Iterator[Balance]:
        done: set[UUID] = set()
        for step in steps:
            if step.event.type == "TransformationEvent" and step.record_id not in done:
                # All its events count, also those that say nothing of the thing traced.
                told = self._told(StoredEvent(step.record_id, step.event))
                ids = [stored.record_id for stored in told]
                done.update(ids)
                yield balance(ids, (item for stored in told for item in stored.event.items))

    def _told(self, stored: StoredEvent) -> list[StoredEvent]:
        """Return all events, but those in error, that tell the transformation of one of them."""
        told = [stored]
        for each in _transformation_id(stored.event):
            told = [s for s in self._transformations[each] if not s.in_error] or told
        return told

    def _clipped(self, presence: _Presence) -> _Presence:
        # A container that is emptied as a whole lets go of everything in it.
        if presence.relation != "container":
            return presence
        emptied = self._histories[presence.key].emptied(presence.hold, presence.since)
        return replace(presence, end=emptied) if emptied < presence.end else presence

    def _was_followed(self, presence: _Presence) -> bool:
        # How deep it stands does not make it another presence: a circle must end.
        start = presence.begin if presence.relation == "container" else None
        kind = presence.key, presence.relation, presence.direction, presence.hold, start
        begin, end = self._followed.get(kind, (END, BEGINNING))
        self._followed[kind] = min(begin, presence.begin), max(end, presence.end)
        return begin <= presence.begin and presence.end <= end

    def _onward(self, part: Part, presence: _Presence, through: set[str]) -> Iterator[_Presence]:
        event = part.event
        if event.type in HOLDING:
            if "child" in part.roles and event.action == "ADD":
                yield from self._into_container(part, presence)
            if "parent" in part.roles and presence.relation != "container":
                yield from self._contents(part, presence)
        elif event.type == "TransformationEvent" and presence.relation != "container":
            wanted = "output" if presence.direction == "back" else "input"
            if wanted in part.roles:
                yield from self._through(part, presence, through)

    def _members(self, part: Part, presence: _Presence) -> Iterator[_Presence]:
        # The single things of a lot carry its number only where they are made.
        if presence.direction == "back" or presence.relation == "container":
            return
        for item in part.items:
            if item.key != presence.key:
                begin = part.event.event_time
                yield _Presence(item.key, "content", "forward", begin, END, presence.depth)

    def _into_container(self, part: Part, presence: _Presence) -> Iterator[_Presence]:
        parent = parent_of(part.event)
        if parent is None:
            return
        for item in part.items:
            if item.role == "child":
                self._link(item, item.key, parent, HOLDING[part.event.type], part.stored.record_id)
        stay = self._histories[presence.key].stay_begun_by(part.stored.record_id)
        yield _inside(stay, presence, stay.begin)

    def _contents(self, part: Part, presence: _Presence) -> Iterator[_Presence]:
        event, record_id, depth = part.event, part.stored.record_id, presence.depth + 1
        if event.action == "ADD" and presence.direction == "back":
            for item in event.items:
                if item.role == "child":
                    self._link(item, item.key, presence.key, HOLDING[event.type], record_id)
                    end = event.event_time
                    yield _Presence(item.key, "content", "back", BEGINNING, end, depth)
        elif event.action == "DELETE" and presence.direction == "forward":
            for key in self._histories[presence.key].taken_out(record_id):
                yield _Presence(key, "content", "forward", event.event_time, END, depth)

    def _through(self, part: Part, presence: _Presence, through: set[str]) -> Iterator[_Presence]:
        back = presence.direction == "back"
        here, there = ("output", "input") if back else ("input", "output")
        if through.intersection(_transformation_id(part.event)):
            return
        through.update(_transformation_id(part.event))
        told = self._told(part.stored)
        ours = {item.key: item for item in self._items(told, presence.key) if item.role == here}
        moment = self._moment_through(told, presence, here)
        for stored in told:
            for item in (i for i in stored.event.items if i.role == there):
                self._add_step(stored, presence)
                for mine in ours.values():
                    source, target = (item, mine.key) if back else (mine, item.key)
                    self._link(source, source.key, target, "transformed", stored.record_id)
                yield _made_of(item.key, presence, moment, stored.event.event_time)

    def _moment_through(
        self, told: Sequence[StoredEvent], presence: _Presence, role: str
    ) -> datetime:
        """Return when the thing last came out, or first went in, while it was followed."""
        times = [
            stored.event.event_time
            for stored in told
            if presence.begin <= stored.event.event_time <= presence.end
            and any(item.role == role for item in self._items([stored], presence.key))
        ]
        return max(times) if presence.direction == "back" else min(times)

    def _items(self, told: Iterable[StoredEvent], key: str) -> Iterator[Item]:
        for stored in told:
            parts = self._known.get(stored.record_id) or parts_of(stored)
            yield from parts[key].items if key in parts else ()

    def _note(self, presence: _Presence) -> None:
        if presence.key not in self._nodes:
            quantity, uom = _amount_made(presence.key, self._histories[presence.key])
            self._nodes[presence.key] = Node(
                presence.key, presence.relation, presence.depth, quantity, uom
            )

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


def _is_step(part: Part, presence: _Presence) -> bool:
    if presence.relation == "container":
        # Of a container only what moves it counts, not what else is put into it; a transaction
        # that names nothing but the container is about all of it.
        whole = part.event.type == "TransactionEvent" and len(part.event.items) == 1
        return whole or bool(part.roles & {"epc", "child"})
    # What the thing became is no part of where it came from, and the other way round.
    foreign = "input" if presence.direction == "back" else "output"
    return part.roles != {foreign}


def _inside(stay: Stay, presence: _Presence, begin: datetime) -> _Presence:
    """Return the presence of what a thing stays in, as far as the thing is followed."""
    return _Presence(
        stay.parent,
        "container",
        presence.direction,
        begin,
        min(stay.end, presence.end),
        presence.depth + 1,
        since=stay.begin,
        hold=stay.hold,
    )


def _made_of(key: str, presence: _Presence, moment: datetime, told: datetime) -> _Presence:
    """Return what follows through a transformation; it may be told before or after."""
    depth = presence.depth + 1
    if presence.direction == "back":
        return _Presence(key, "source", "back", BEGINNING, max(moment, told), depth)
    return _Presence(key, "product", "forward", min(moment, told), END, depth)


def _amount_made(key: str, history: History) -> tuple[Decimal | None, str | None]:
    """Return how much of a lot was made, or first reported, in one unit."""
    for role, action in (("output", None), ("epc", "ADD"), ("epc", None)):
        amounts = [
            item
            for part in history.standing()
            if action in {None, part.event.action}
            for item in part.items
            if item.key == key and item.role == role and item.quantity is not None
        ]
        if amounts and action is None and role == "epc":
            return amounts[0].quantity, amounts[0].uom
        if amounts and len({item.uom for item in amounts}) == 1:
            return sum((i.quantity or Decimal(0) for i in amounts), Decimal(0)), amounts[0].uom
    return None, None


def _transformation_id(event: Event) -> tuple[str, ...]:
    found = event.body.get("transformationID")
    return (found,) if isinstance(found, str) else ()
