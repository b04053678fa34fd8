"""A little world that knows the truth: what really happened to each thing.

Things are made, moved, packed into containers that are used again, unpacked, emptied as a whole
and transformed; each deed emits an EPCIS event, and the world keeps the true history of every
thing: the events that happened to it, or to the container it was in at that moment, and for what
was made out of others, their histories until then.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.lots import lot_of
from longmai.domains.brand.model.way import StoredEvent

DEEDS = ("make", "make", "move", "pack", "unpack", "stack", "unstack", "transform")
START = datetime(2025, 10, 1, tzinfo=UTC)


@dataclass
class World:
    """Things, containers and what happened; itself a source of events for a trace."""

    stored: list[StoredEvent] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    history: dict[str, set[UUID]] = field(default_factory=dict)
    future: dict[str, set[UUID]] = field(default_factory=dict)
    ancestors: dict[str, set[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    # What a trace asks -------------------------------------------------------------------------

    def touching(self, keys: Collection[str]) -> Iterable[StoredEvent]:
        """Return the events that name one of the keys, or a thing of a lot among them."""
        wanted = set(keys)
        for stored in self.stored:
            named = {item.key for item in stored.event.items}
            named |= {lot_of(item, stored.event) or "" for item in stored.event.items}
            if named & wanted:
                yield stored

    def of_transformations(self, ids: Collection[str]) -> Iterable[StoredEvent]:
        """Return the events that carry one of the transformation IDs."""
        for stored in self.stored:
            if stored.event.body.get("transformationID") in set(ids):
                yield stored

    # What can be done --------------------------------------------------------------------------

    def happen(
        self, kind: str, items: Iterable[Item], action: str | None = None, **body: Any
    ) -> UUID:
        """Note an event, an hour after the last."""
        number = len(self.stored) + 1
        event = Event(
            event_id=f"urn:event:{number}",
            type=kind,
            action=action,
            event_time=START + timedelta(hours=number),
            offset="+08:00",
            biz_step=None,
            disposition=None,
            read_point=None,
            biz_location=None,
            items=tuple(items),
            body=body,
        )
        self.stored.append(StoredEvent(UUID(int=number), event))
        return UUID(int=number)

    def make(self, thing: str) -> None:
        """Bring a thing into the world."""
        self.history[thing], self.future[thing] = set(), set()
        self.ancestors[thing] = {thing}
        self._befall([thing], self.happen("ObjectEvent", [Item("epc", thing)], "ADD"))

    def move(self, thing: str) -> None:
        """Observe a thing or a container: it happens to all that is inside, too."""
        record_id = self.happen("ObjectEvent", [Item("epc", thing)], "OBSERVE")
        self._befall([thing, *self._contents(thing)], record_id)

    def pack(self, things: list[str], container: str) -> None:
        """Put things into a container."""
        items = [Item("parent", container), *(Item("child", thing) for thing in things)]
        record_id = self.happen("AggregationEvent", items, "ADD")
        self._befall(
            [each for thing in things for each in (thing, *self._contents(thing))], record_id
        )
        for thing in things:
            self.inside[thing] = container

    def unpack(self, things: list[str], container: str, *, whole: bool) -> None:
        """Take things out of a container; ``whole``: empty it without naming them."""
        named = [] if whole else [Item("child", thing) for thing in things]
        record_id = self.happen("AggregationEvent", [Item("parent", container), *named], "DELETE")
        if not whole:
            self._befall(self._with_contents(things), record_id)
        for thing in things:
            del self.inside[thing]

    def transform(self, inputs: list[str], outputs: list[str], *, split: bool) -> None:
        """Make new things out of others; ``split``: told by two events of one transformation."""
        taken = [Item("input", thing) for thing in inputs]
        made = [Item("output", thing) for thing in outputs]
        if split:
            name = f"urn:transformation:{len(self.stored)}"
            ids = [
                self.happen("TransformationEvent", taken, transformationID=name),
                self.happen("TransformationEvent", made, transformationID=name),
            ]
        else:
            ids = [self.happen("TransformationEvent", taken + made)]
        for thing in inputs:
            for older in self.ancestors[thing]:
                self.future[older] |= set(ids)
        for thing in outputs:
            self.history[thing] = set(ids).union(*(self.history[each] for each in inputs))
            self.future[thing] = set()
            self.ancestors[thing] = {thing}.union(*(self.ancestors[each] for each in inputs))
        self.gone |= set(inputs)

    def _contents(self, container: str) -> list[str]:
        direct = [thing for thing, holder in self.inside.items() if holder == container]
        return [each for thing in direct for each in (thing, *self._contents(thing))]

    def _with_contents(self, things: Iterable[str]) -> list[str]:
        return [each for thing in things for each in (thing, *self._contents(thing))]

    def _befall(self, things: Iterable[str], record_id: UUID) -> None:
        for thing in things:
            if thing not in self.history:
                continue  # a container by itself has no story that is asked for
            self.history[thing].add(record_id)
            for older in self.ancestors[thing]:
                self.future[older].add(record_id)


def lived(rng: Random, deeds: int) -> World:
    """Let a world live through some random deeds."""
    world, count = World(), 0
    crates, pallets = ["crate:1", "crate:2"], ["pallet:1", "pallet:2"]
    for _ in range(deeds):
        free = sorted(t for t in world.history if t not in world.gone and t not in world.inside)
        deed = rng.choice(
            ["make", "make", "move", "pack", "unpack", "stack", "unstack", "transform"]
        )
        if deed == "make" or not world.history:
            count += 1
            world.make(f"thing:{count}")
        elif deed == "move":
            world.move(rng.choice([*free, *crates, *pallets]))
        elif deed == "pack" and free:
            world.pack(rng.sample(free, rng.randint(1, min(3, len(free)))), rng.choice(crates))
        elif deed == "stack":
            crate = rng.choice(crates)
            if crate not in world.inside:
                world.pack([crate], rng.choice(pallets))
        elif deed in {"unpack", "unstack"}:
            holder = rng.choice(crates if deed == "unpack" else pallets)
            held = sorted(t for t, where in world.inside.items() if where == holder)
            if held:
                world.unpack(held, holder, whole=rng.random() < 0.4)
        elif deed == "transform" and free:
            inputs = rng.sample(free, rng.randint(1, min(3, len(free))))
            outputs = [f"thing:{count + i + 1}" for i in range(rng.randint(1, 2))]
            count += len(outputs)
            world.transform(inputs, outputs, split=rng.random() < 0.3)
    return world
