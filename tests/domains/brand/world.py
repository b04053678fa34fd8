"""A little world that knows the truth: what really happened to each thing.

Things are made, moved, packed into containers that are used again, unpacked, emptied as a whole,
fitted to machines (associated), taken off again and transformed; each deed emits an EPCIS event,
and the world keeps the true history of every thing: the events that happened to it, or to what it
was in or on at that moment, and for what was made out of others, their histories until then.
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

DEEDS = ("make", "make", "move", "pack", "unpack", "stack", "unstack", "fit", "unfit", "transform")
START = datetime(2025, 10, 1, tzinfo=UTC)


@dataclass
class World:
    """Things, containers and what happened; itself a source of events for a trace."""

    stored: list[StoredEvent] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    fitted: dict[str, str] = field(default_factory=dict)
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
        self._join("AggregationEvent", self.inside, things, container)

    def fit(self, things: list[str], machine: str) -> None:
        """Fit things to a machine, wherever else they are."""
        self._join("AssociationEvent", self.fitted, things, machine)

    def unpack(self, things: list[str], container: str, *, whole: bool) -> None:
        """Take things out of a container; ``whole``: empty it without naming them."""
        self._part("AggregationEvent", self.inside, things, container, whole=whole)

    def unfit(self, things: list[str], machine: str, *, whole: bool) -> None:
        """Take things off a machine; ``whole``: everything, without naming it."""
        self._part("AssociationEvent", self.fitted, things, machine, whole=whole)

    def _join(self, kind: str, held: dict[str, str], things: list[str], parent: str) -> None:
        items = [Item("parent", parent), *(Item("child", thing) for thing in things)]
        self._befall(self._with_contents(things), self.happen(kind, items, "ADD"))
        held |= dict.fromkeys(things, parent)

    def _part(
        self, kind: str, held: dict[str, str], things: list[str], parent: str, *, whole: bool
    ) -> None:
        named = [] if whole else [Item("child", thing) for thing in things]
        record_id = self.happen(kind, [Item("parent", parent), *named], "DELETE")
        if not whole:
            self._befall(self._with_contents(things), record_id)
        for thing in things:
            del held[thing]

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
        direct = [
            thing
            for held in (self.inside, self.fitted)
            for thing, holder in held.items()
            if holder == container
        ]
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
    life = _Life(rng)
    for _ in range(deeds):
        life.do(rng.choice(DEEDS))
    return life.world


class _Life:
    """What can happen by chance; a deed for which nothing is there does not happen."""

    CRATES, PALLETS, MACHINES = ["crate:1", "crate:2"], ["pallet:1", "pallet:2"], ["machine:1"]

    def __init__(self, rng: Random) -> None:
        self.rng, self.world, self.count = rng, World(), 0

    def do(self, deed: str) -> None:
        """Do it."""
        {
            "make": self._make,
            "move": self._move,
            "pack": lambda: self._pack(self._free(), self.CRATES),
            "stack": lambda: self._pack(self._not_in(self.CRATES), self.PALLETS),
            "unpack": lambda: self._unpack(self.CRATES),
            "unstack": lambda: self._unpack(self.PALLETS),
            "fit": self._fit,
            "unfit": self._unfit,
            "transform": self._transform,
        }[deed]()

    def _free(self) -> list[str]:
        return self._not_in(sorted(self.world.history.keys() - self.world.gone))

    def _not_in(self, things: list[str]) -> list[str]:
        return [thing for thing in things if thing not in self.world.inside]

    def _some(self, things: list[str]) -> list[str]:
        return self.rng.sample(things, min(self.rng.randint(1, 3), len(things)))

    def _new(self) -> str:
        self.count += 1
        return f"thing:{self.count}"

    def _make(self) -> None:
        self.world.make(self._new())

    def _move(self) -> None:
        things = [*self._free(), *self.CRATES, *self.PALLETS, *self.MACHINES]
        self.world.move(self.rng.choice(things))

    def _pack(self, things: list[str], containers: list[str]) -> None:
        if things:
            self.world.pack(self._some(things), self.rng.choice(containers))

    def _unpack(self, containers: list[str]) -> None:
        container = self.rng.choice(containers)
        held = sorted(t for t, where in self.world.inside.items() if where == container)
        if held:
            self.world.unpack(held, container, whole=self.rng.random() < 0.4)

    def _fit(self) -> None:
        there = sorted(self.world.history.keys() - self.world.gone)
        loose = [t for t in [*there, *self.CRATES, *self.PALLETS] if t not in self.world.fitted]
        if loose:
            self.world.fit(self._some(loose), self.MACHINES[0])

    def _unfit(self) -> None:
        held = sorted(self.world.fitted)
        if held:
            self.world.unfit(held, self.MACHINES[0], whole=self.rng.random() < 0.4)

    def _transform(self) -> None:
        loose = [thing for thing in self._free() if thing not in self.world.fitted]
        if loose:
            outputs = [self._new() for _ in range(self.rng.randint(1, 2))]
            self.world.transform(self._some(loose), outputs, split=self.rng.random() < 0.3)
