"""Tracing, held against a world that knows the truth."""

import cProfile
from dataclasses import replace
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.domains.brand.world import World, lived

from longmai.domains.brand.model.epcis import Item
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.model.way import Trace

LOT = "01/09521234543213/10/A1"
BOX = "01/09521234543213/21/7"


def ids(found: Trace) -> set[UUID]:
    """Return the records of a trace's steps."""
    return {step.record_id for step in found.steps}


@given(st.integers(0, 10**9), st.integers(1, 60))
@example(0, 60)
@settings(max_examples=400)
def test_back_is_the_true_history(seed: int, deeds: int) -> None:
    """Going back finds what happened to a thing, its containers and sources, and nothing else."""
    world = lived(Random(seed), deeds)
    for thing, history in world.history.items():
        assert ids(trace(world, thing, ["back"])) >= history - world.future[thing]
        assert ids(trace(world, thing, ["back"])) == history, thing


@given(st.integers(0, 10**9), st.integers(1, 60))
@settings(max_examples=400)
def test_forward_is_the_true_future(seed: int, deeds: int) -> None:
    """Going forward finds what happened to a thing and to all that was made of it."""
    world = lived(Random(seed), deeds)
    for thing, future in world.future.items():
        births = {
            stored.record_id
            for stored in world.stored
            for item in stored.event.items
            if item.key == thing and item.role == "output"
        }
        assert ids(trace(world, thing, ["forward"])) - births == future - births, thing


def test_a_crate_used_again_ties_nothing_together() -> None:
    """October's apples are not found in March's crate."""
    world = World()
    for thing in ("october", "march"):
        world.make(thing)
        world.pack([thing], "crate:1")
        world.move("crate:1")
        world.unpack([thing], "crate:1", whole=True)
    assert ids(trace(world, "october")) == world.history["october"]
    assert ids(trace(world, "march")) == world.history["march"]


def test_a_pallet_leads_to_what_it_carried() -> None:
    """Asked about a container, the trace follows its contents back, and forward once unpacked."""
    world = World()
    world.make("apple")
    world.pack(["apple"], "pallet:1")
    world.unpack(["apple"], "pallet:1", whole=True)
    world.move("apple")
    found = trace(world, "pallet:1")
    assert {node.key: node.relation for node in found.nodes}["apple"] == "content"
    assert ids(found) == {stored.record_id for stored in world.stored}


def test_a_logger_shares_the_way_of_all_it_is_fitted_to() -> None:
    """An association ends neither with a packing nor with another association, but undone."""
    world = World()
    world.make("logger")
    world.fit(["logger"], "crate:1")
    world.pack(["logger"], "pallet:1")
    associated = world.happen(
        "AssociationEvent", [Item("parent", "tag:1"), Item("child", "logger")], "ADD"
    )
    world.happen("AggregationEvent", [Item("parent", "crate:1")], "DELETE")
    moved = world.happen("ObjectEvent", [Item("epc", "crate:1")], "OBSERVE")
    world.unfit(["logger"], "crate:1", whole=False)
    parted = world.happen("ObjectEvent", [Item("epc", "crate:1")], "OBSERVE")
    found = trace(world, "logger")
    assert {(link.target, link.kind) for link in found.links} == {
        ("crate:1", "associated"), ("pallet:1", "packed"), ("tag:1", "associated"),
    }  # fmt: skip
    assert {associated, moved} <= ids(found)
    assert parted not in ids(found)


def test_a_transaction_of_the_pallet_is_one_of_all_on_it() -> None:
    """A bill that names single things on the pallet is no bill of the others."""
    world = World()
    world.make("apple")
    world.make("pear")
    world.pack(["apple", "pear"], "pallet:1")
    pallet = Item("parent", "pallet:1")
    whole = world.happen("TransactionEvent", [pallet], "ADD")
    single = world.happen("TransactionEvent", [pallet, Item("epc", "pear")], "ADD")
    assert ids(trace(world, "apple")) & {whole, single} == {whole}
    assert ids(trace(world, "pear")) >= {whole, single}


def test_a_pallet_emptied_before_is_not_on_the_way() -> None:
    """The crate had left the pallet, unnamed, when the pear was put into the crate."""
    world = World()
    world.pack(["crate:1"], "pallet:1")
    world.unpack(["crate:1"], "pallet:1", whole=True)
    world.make("pear")
    world.pack(["pear"], "crate:1")
    assert [node.key for node in trace(world, "pear").nodes] == ["pear", "crate:1"]


@pytest.mark.parametrize("root", ["pallet:1", "crate:1", "apple"])
def test_the_cost_grows_with_the_events_not_with_their_square(root: str) -> None:
    """Twice the trips of a reused crate on a reused pallet take about twice the calls."""
    few, many = (_calls(_worn(trips), root) for trips in (60, 120))
    assert few < many < 2.5 * few


def _worn(trips: int) -> World:
    world = World()
    for trip in range(trips):
        world.pack(["crate:1"], "pallet:1")
        world.move("pallet:1")
        world.unpack(["crate:1"], "pallet:1", whole=trip % 2 == 0)
    world.make("apple")
    world.pack(["apple"], "crate:1")
    world.move("crate:1")
    return world


def _calls(world: World, root: str) -> int:
    profile = cProfile.Profile()
    profile.runcall(trace, world, root)
    return sum(
        entry.callcount
        for entry in profile.getstats()
        if getattr(entry.code, "co_filename", "").endswith(("trace.py", "history.py"))
    )


def test_events_in_error_are_left_out_and_listed() -> None:
    """A declared error is no step, and is not forgotten either."""
    world = World()
    world.make("apple")
    world.move("apple")
    world.stored[1] = replace(world.stored[1], in_error=True)
    found = trace(world, "apple")
    assert [step.record_id for step in found.steps] == [world.stored[0].record_id]
    assert [stored.record_id for stored in found.in_error] == [world.stored[1].record_id]


def test_quantities_stand_on_nodes_and_links() -> None:
    """Kilograms of the inputs stand on the links, what was made on the node."""
    world = World()
    for name, kg in (("H1", 60), ("H2", 45)):
        key = f"01/09521234543220/10/{name}"
        world.happen("ObjectEvent", [Item("epc", key, Decimal(kg), "KGM", is_class=True)], "ADD")
    inputs = [
        Item("input", f"01/09521234543220/10/{name}", Decimal(kg), "KGM", is_class=True)
        for name, kg in (("H1", 60), ("H2", 40))
    ]
    world.happen(
        "TransformationEvent", [*inputs, Item("output", LOT, Decimal(10), None, is_class=True)]
    )
    found = trace(world, LOT)
    assert {(link.source[-2:], link.quantity, link.uom) for link in found.links} == {
        ("H1", Decimal(60), "KGM"),
        ("H2", Decimal(40), "KGM"),
    }
    made = {node.key[-2:]: (node.quantity, node.uom) for node in found.nodes}
    assert made["A1"] == (Decimal(10), None)
    assert made["H2"] == (Decimal(45), "KGM")


def test_a_transformation_told_in_parts_is_balanced_as_a_whole() -> None:
    """Also the part that says nothing of the thing traced counts: 100 kg in, 97 kg out."""
    world = World()
    for item in (
        Item("input", "a", Decimal(60), "KGM", is_class=True),
        Item("input", "b", Decimal(40), "KGM", is_class=True),
        Item("output", "c", Decimal(90), "KGM", is_class=True),
        Item("output", "d", Decimal(7), "KGM", is_class=True),
    ):
        world.happen("TransformationEvent", [item], transformationID="t")
    (found,) = trace(world, "c", ["back"]).balances
    assert set(found.record_ids) == {stored.record_id for stored in world.stored}
    assert (found.uom, found.difference) == ("KGM", Decimal(3))
    assert found.shares == {"a": Decimal("0.6"), "b": Decimal("0.4")}


def test_a_lot_covers_its_boxes_and_a_box_its_lots_birth() -> None:
    """The number in the instance data ties a serial box to its lot, also long after."""
    world = World()
    ilmd = {"cbvmda:lotNumber": "A1"}
    made = world.happen("TransformationEvent", [Item("input", "x"), Item("output", BOX)], ilmd=ilmd)
    sold = world.happen("ObjectEvent", [Item("epc", BOX)], "OBSERVE")
    assert ids(trace(world, LOT, ["forward"])) >= {sold}
    assert ids(trace(world, LOT)) >= {made, sold}
    assert ids(trace(world, BOX)) >= {made, sold}


def test_a_circle_ends() -> None:
    """What is made of itself (re-work) does not go round for ever."""
    world = World()
    world.happen("TransformationEvent", [Item("input", "a"), Item("output", "b")])
    world.happen("TransformationEvent", [Item("input", "b"), Item("output", "a")])
    assert len(trace(world, "a").steps) == 2
    once = world.stored[0].event.event_time
    world.stored = [replace(s, event=replace(s.event, event_time=once)) for s in world.stored]
    assert len(trace(world, "a").steps) == 2


def test_too_much_is_said_to_be_cut_off() -> None:
    """Beyond the limit the result says that there is more."""
    world = World()
    world.make("apple")
    for _ in range(20):
        world.move("apple")
    assert trace(world, "apple", limit=5).truncated
    assert not trace(world, "apple").truncated


def test_a_thing_nobody_named_has_no_steps() -> None:
    """An unknown key gives an empty trace with itself as the only node."""
    found = trace(World(), "nothing")
    assert (found.steps, [node.key for node in found.nodes]) == ((), ["nothing"])
