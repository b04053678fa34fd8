"""Walks over edges, held against a world that knows the truth and against brute force."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.domains.brand.world import World, lived

from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.trace.model import walk
from longmai.domains.brand.trace.model.edges import Edge, Kind, edges_of, event_node, node
from longmai.kernel.errors import TooLarge

LOTS = [f"01/09521234543213/10/L{number}" for number in range(7)]
BOXES = [f"01/09521234543213/21/{number}" for number in range(5)]
START = datetime(2025, 10, 1, tzinfo=UTC)


def edges(events: list[Event]) -> list[Edge]:
    """Return the edges of events."""
    return [edge for event in events for edge in edges_of(event)]


def in_keys(numbers: dict[int, int], keys: list[str]) -> set[str]:
    """Return which of some keys were reached."""
    return {key for key in keys if node(key) in numbers}


@given(st.integers(0, 10**9), st.integers(1, 60))
@example(0, 60)
@settings(max_examples=30)
def test_recall_is_the_true_offspring(seed: int, deeds: int) -> None:
    """What was made of a thing is reached from it, and nothing else: crates are used again."""
    world = lived(Random(seed), deeds)
    kept = walk.in_memory(edges([stored.event for stored in world.stored]))
    things = list(world.history)
    for thing in things:
        offspring = {each for each in things if thing in world.ancestors[each]}
        assert in_keys(walk.forward(kept, {node(thing)}).things, things) == offspring
        assert in_keys(walk.back(kept, {node(thing)}).things, things) == world.ancestors[thing]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw events of lots that are mixed again and again, in circles too, boxes and pallets."""
    times = st.integers(0, 8)
    some = st.lists(st.sampled_from(LOTS + BOXES), min_size=1, max_size=3, unique=True)
    told = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(("mix", "box", "unpack")))
        if kind == "mix":
            roles = [("input", key) for key in draw(some)] + [("output", key) for key in draw(some)]
            told.append(happened(number, "TransformationEvent", draw(times), roles))
        elif kind == "box":
            lot = draw(st.sampled_from(LOTS)).rpartition("/")[2]
            boxes = [("epc", key) for key in BOXES[: draw(st.integers(1, 4))]]
            body = {"ilmd": {"cbvmda:lotNumber": lot}}
            told.append(happened(number, "ObjectEvent", draw(times), boxes, "ADD", body))
        else:
            roles = [("parent", draw(st.sampled_from(BOXES)))]
            roles += [("child", key) for key in draw(some)]
            told.append(happened(number, "AggregationEvent", draw(times), roles, "DELETE"))
    return told


def happened(
    number: int, kind: str, hour: int, roles: list[tuple[Any, str]], action: str | None = None,
    body: dict[str, Any] | None = None,
) -> Event:  # fmt: skip
    """Return an event of things in roles."""
    items = tuple(Item(role, key, is_class="/10/" in key) for role, key in roles)
    return Event(
        f"urn:event:{number}", kind, action, START + timedelta(hours=hour), "+08:00",
        None, None, None, None, items, body or {},
    )  # fmt: skip


def brute(events: list[Event], root: str) -> set[str]:
    """Follow every single way that touches things one after another; no windows, no numbers."""
    hops: list[tuple[str, str, datetime]] = [hop for event in events for hop in hops_of(event)]
    seen, ways = set(), [(root, datetime.min.replace(tzinfo=UTC))]
    while ways:
        way = ways.pop()
        if way not in seen:
            seen.add(way)
            ways += [(there, at) for here, there, at in hops if here == way[0] and at >= way[1]]
    return {key for key, _ in seen}


def hops_of(event: Event) -> Iterator[tuple[str, str, datetime]]:
    """Yield what leads to what by an event."""
    by = {role: [i.key for i in event.items if i.role == role] for role in ("input", "output")}
    yield from ((a, b, event.event_time) for a in by["input"] for b in by["output"])
    parents = [item.key for item in event.items if item.role == "parent"]
    for item in event.items:
        if item.role == "child":
            yield from ((parent, item.key, event.event_time) for parent in parents)
        lot = event.body.get("ilmd", {}).get("cbvmda:lotNumber")
        if item.role in {"epc", "output"} and lot and item.key in BOXES:
            yield f"01/09521234543213/10/{lot}", item.key, event.event_time


@given(histories(), st.integers(0, len(LOTS) - 1))
@settings(max_examples=80)
def test_recall_misses_nothing_and_adds_nothing(events: list[Event], root: int) -> None:
    """The things reached are those that brute force reaches; going back is its converse."""
    kept = walk.in_memory(edges(events))
    keys = LOTS + BOXES
    expected = brute(events, LOTS[root])
    assert in_keys(walk.forward(kept, {node(LOTS[root])}).things, keys) == expected
    for key in keys:
        found = in_keys(walk.back(kept, {node(key)}).things, keys)
        assert (LOTS[root] in found) == (key in expected)


@given(histories(), st.integers(0, 8), st.integers(0, len(LOTS) - 1))
@settings(max_examples=40)
def test_what_was_declared_in_error_leads_nowhere(
    events: list[Event], wrong: int, root: int
) -> None:
    """An event in error counts as if it had never been told."""
    void = f"urn:event:{wrong}"
    kept = walk.in_memory(edges(events), {event_node(void)})
    right = walk.in_memory(edges([event for event in events if event.event_id != void]))
    for way in (walk.forward, walk.back):
        assert way(kept, {node(LOTS[root])}).things == way(right, {node(LOTS[root])}).things


def test_a_container_as_root_stands_for_what_was_put_into_it() -> None:
    """A recalled pallet recalls its boxes, and the boxes in its crates."""
    world = World()
    for thing in ("apple", "pear"):
        world.make(thing)
    world.pack(["apple"], "crate:1")
    world.pack(["crate:1"], "pallet:1")
    world.transform(["pear"], ["juice"], split=True)
    found = walk.forward(
        walk.in_memory(edges([stored.event for stored in world.stored])), {node("pallet:1")}
    )
    assert in_keys(found.things, ["apple", "crate:1", "pear", "juice"]) == {"apple", "crate:1"}


def test_carriers_are_what_a_thing_stood_in() -> None:
    """A pallet that carried a crate with the apple is told, one it came to later is not."""
    world = World()
    world.make("apple")
    world.pack(["apple"], "crate:1")
    world.pack(["crate:1"], "pallet:1")
    found = walk.forward(
        walk.in_memory(edges([stored.event for stored in world.stored])), {node("apple")}
    )
    assert found.carriers == {node("crate:1"), node("pallet:1")}
    assert found.processes == set()


def test_depth_counts_mixings_not_moves() -> None:
    """A lot mixed twice on is two steps away."""
    events = [
        happened(i, "TransformationEvent", i, [("input", LOTS[i]), ("output", LOTS[i + 1])])
        for i in range(3)
    ]
    found = walk.forward(walk.in_memory(edges(events)), {node(LOTS[0])})
    assert [found.things[node(lot)] for lot in LOTS[:4]] == [0, 2, 4, 6]


def test_too_much_is_refused_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recall that names a part of what it should is worse than none."""
    monkeypatch.setattr(walk, "MOST_NODES", 3)
    chain = [Edge(i, i + 1, Kind.MEMBER, i, i) for i in range(9)]
    with pytest.raises(TooLarge):
        walk.forward(walk.in_memory(chain), {0})


def test_edges_of_an_event_are_one_for_each_thing() -> None:
    """A mixing of three into two is five edges; telling it twice in one event adds none."""
    roles = [("input", key) for key in (*LOTS[:3], LOTS[0])] + [
        ("output", key) for key in LOTS[3:5]
    ]
    event = happened(1, "TransformationEvent", 1, roles)
    assert len(list(edges_of(event))) == 5
    assert list(edges_of(replace(event, type="ObjectEvent"))) == []
