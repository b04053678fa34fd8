"""Walks over the graph of batches: all that comes of things, and all that they come from.

Going forward a thing is followed from the earliest moment it can have been touched; what happened
to it before does not count. So a crate used again does not tie October's apples to March's, and of
what stands in one container only what was itself touched is followed. Going back it is the latest
moment. The walk is breadth-first with one look-up a level, and ends: a moment only ever gets
earlier (going back: later) at the moments of finitely many edges.

An event declared in error says nothing. Those are rare, so the walk goes first and asks then which
of the events it went through are void; with those left out it goes again, until there are none.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from longmai.domains.brand.model.history import BEGINNING, END
from longmai.domains.brand.trace.model.edges import Edge, Kind, moment
from longmai.kernel.errors import TooLarge

FIRST, LAST = moment(BEGINNING), moment(END)
MOST_NODES = 2_000_000
_HOLDS = {Kind.EMPTIED: (Kind.PACKED, Kind.UNPACKED), Kind.STRIPPED: (Kind.FITTED, Kind.UNFITTED)}
_INTO = frozenset({Kind.PACKED, Kind.FITTED})
_OUT = frozenset({Kind.UNPACKED, Kind.UNFITTED})
_Row = tuple[int, int, int, int, int]


class Edges(Protocol):
    """Where edges are looked up; as rows of (source, target, kind, at, via)."""

    def out_of(self, nodes: Collection[int]) -> Iterable[_Row]:
        """Return the edges that lead out of nodes."""
        ...

    def into(self, nodes: Collection[int]) -> Iterable[_Row]:
        """Return the edges that lead into nodes."""
        ...

    def void(self, events: Collection[int]) -> Collection[int]:
        """Return those of some events that were declared in error."""
        ...


@dataclass(frozen=True)
class Reach:
    """What a walk reached.

    Attributes:
        things: lots and single things, with the least number of mixings and unpackings from a
            root; the roots are at 0.
        processes: transformations on the way.
        carriers: containers that held one of them while it was followed, and what they stood in.
        events: that the edges come from.
        looked_up: how many rounds of look-ups it took.
    """

    things: dict[int, int]
    processes: set[int]
    carriers: set[int]
    events: set[int]
    looked_up: int


def forward(edges: Edges, roots: Collection[int]) -> Reach:
    """Return all that comes of things: what they were mixed into, their single things, and so on.

    Args:
        edges: where to look them up.
        roots: nodes; of a container among them, what was ever put into it is a root as well.

    Raises:
        TooLarge: more than two million nodes; nothing is said rather than a part.
    """
    return _without_void(edges, lambda void: _Forward(edges, void).reach(roots))


def back(edges: Edges, roots: Collection[int]) -> Reach:
    """Return all that things come from: what was mixed into them, their lots, and so on.

    Raises:
        TooLarge: as ``forward``.
    """
    return _without_void(edges, lambda void: _Back(edges, void).reach(roots))


def _without_void(edges: Edges, walk: Callable[[frozenset[int]], Reach]) -> Reach:
    void: frozenset[int] = frozenset()
    rounds = 0
    while True:
        found = walk(void)
        rounds += found.looked_up
        more = frozenset(edges.void(found.events)) - void
        if not more:
            return Reach(found.things, found.processes, found.carriers, found.events, rounds)
        void |= more


@dataclass
class _Walk:
    edges: Edges
    void: frozenset[int]
    moments: dict[int, int] = field(default_factory=dict)
    things: dict[int, int] = field(default_factory=dict)
    processes: set[int] = field(default_factory=set)
    carriers: set[int] = field(default_factory=set)
    events: set[int] = field(default_factory=set)
    looked_up: int = 0

    def result(self) -> Reach:
        return Reach(self.things, self.processes, self.carriers, self.events, self.looked_up)

    def rows_out(self, nodes: Collection[int]) -> Iterator[_Row]:
        self.looked_up += 1
        for row in self.edges.out_of(nodes):
            if row[4] not in self.void:
                self.events.add(row[4])
                yield row

    def rows_into(self, nodes: Collection[int]) -> Iterator[_Row]:
        self.looked_up += 1
        for row in self.edges.into(nodes):
            if row[4] not in self.void:
                self.events.add(row[4])
                yield row

    def thing(self, number: int, depth: int) -> None:
        if number not in self.things:
            self.things[number] = depth
            self._bound()

    def process(self, number: int) -> None:
        self.processes.add(number)

    def _bound(self) -> None:
        if len(self.things) > MOST_NODES:
            raise TooLarge(
                f"more than {MOST_NODES} things come of this",
                code="trace.large",
                mend="ask for a later lot, one of those made of it",
            )


class _Forward(_Walk):
    def reach(self, roots: Collection[int]) -> Reach:
        level = self._begun(roots)
        depth = 0
        while level:
            depth += 1
            level = self._next(level, depth)
        self._stand_in()
        return self.result()

    def _begun(self, roots: Collection[int]) -> dict[int, int]:
        begun = dict.fromkeys(roots, FIRST)
        inside = set(roots)
        while inside:
            rows = [row for row in self.rows_into(inside) if row[2] in _INTO]
            inside = {row[0] for row in rows} - begun.keys()
            for source, _, _, at, _ in rows:
                begun[source] = min(begun.get(source, at), at)
        for each in begun:
            self.thing(each, 0)
        self.moments = dict(begun)
        return begun

    def _next(self, level: dict[int, int], depth: int) -> dict[int, int]:
        following: dict[int, int] = {}
        for source, target, kind, at, _ in list(self.rows_out(level)):
            since = level[source]
            if kind == Kind.MADE:
                self._arrive(following, target, min(since, at), depth)
            elif at < since:
                continue
            elif kind == Kind.TAKEN:
                self.process(target)
                self._arrive(following, target, at, None)
            elif kind in _INTO:
                self.carriers.add(target)
            elif kind in _HOLDS:
                for each in self._held(source, kind, at):
                    self._arrive(following, each, at, depth)
            else:
                self._arrive(following, target, at, depth)
        return following

    def _arrive(self, following: dict[int, int], target: int, at: int, depth: int | None) -> None:
        if depth is not None:
            self.thing(target, depth)
        if at < self.moments.get(target, LAST + 1):
            self.moments[target] = at
            following[target] = at

    def _held(self, container: int, kind: int, until: int) -> set[int]:
        """Return what a container held when all was taken out of it at once."""
        into, out = _HOLDS[Kind(kind)]
        came = [(r[3], 0, r[0]) for r in self.rows_into({container}) if r[2] == into]
        went = [
            (r[3], 1, None if r[2] == kind else r[1])
            for r in self.rows_out({container})
            if r[2] in {out, kind} and r[3] < until
        ]
        held: set[int] = set()
        for _, leaves, thing in sorted(
            chain((each for each in came if each[0] <= until), went), key=lambda told: told[:2]
        ):
            if thing is None:
                held.clear()
            elif leaves:
                held.discard(thing)
            else:
                held.add(thing)
        return held

    def _stand_in(self) -> None:
        """Add what the containers stood in themselves: who holds the outer holds the inner."""
        level = set(self.carriers)
        while level:
            level = {row[1] for row in self.rows_out(level) if row[2] in _INTO} - self.carriers
            self.carriers |= level


class _Back(_Walk):
    def reach(self, roots: Collection[int]) -> Reach:
        level = dict.fromkeys(roots, LAST)
        self.moments = dict(level)
        for each in level:
            self.thing(each, 0)
        depth = 0
        while level:
            depth += 1
            level = self._next(level, depth)
        return self.result()

    def _next(self, level: dict[int, int], depth: int) -> dict[int, int]:
        following: dict[int, int] = {}
        for source, target, kind, at, _ in list(self.rows_into(level)):
            until = level[target]
            if kind == Kind.TAKEN:
                self._arrive(following, source, max(until, at), depth)
            elif at > until:
                continue
            elif kind == Kind.MADE:
                self.process(source)
                self._arrive(following, source, at, None)
            elif kind == Kind.MEMBER or kind in _OUT:
                self._arrive(following, source, at, depth)
        return following

    def _arrive(self, following: dict[int, int], source: int, at: int, depth: int | None) -> None:
        if depth is not None:
            self.thing(source, depth)
        if at > self.moments.get(source, FIRST - 1):
            self.moments[source] = at
            following[source] = at


def in_memory(edges: Iterable[Edge], void: Collection[int] = ()) -> Edges:
    """Return edges that are at hand as where they are looked up: for a proof, without a store."""
    return _Kept([(e.source, e.target, int(e.kind), e.at, e.via) for e in edges], frozenset(void))


class _Kept:
    def __init__(self, rows: Iterable[_Row], void: frozenset[int]) -> None:
        self._out: dict[int, list[_Row]] = {}
        self._into: dict[int, list[_Row]] = {}
        self._void = void
        for row in rows:
            self._out.setdefault(row[0], []).append(row)
            self._into.setdefault(row[1], []).append(row)

    def out_of(self, nodes: Collection[int]) -> Iterator[_Row]:
        return (row for each in nodes for row in self._out.get(each, ()))

    def into(self, nodes: Collection[int]) -> Iterator[_Row]:
        return (row for each in nodes for row in self._into.get(each, ()))

    def void(self, events: Collection[int]) -> Collection[int]:
        return self._void.intersection(events)
