"""The exchange form: the chain has each link from both its ends, by time; nothing is made up."""

from decimal import Decimal

from tests.domains.brand.world import World

from longmai.domains.brand.model.epcis import Item
from longmai.domains.brand.model.exchange import UNVERIFIED, exchange, moves
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.model.vocabulary import describe

LOT, JUICE = "01/09521234543213/10/L7", "01/09521234543220/10/J1"


def pressed() -> World:
    """A world in which a lot of apples became juice."""
    world = World()
    world.happen("ObjectEvent", [Item("epc", LOT, Decimal(20), "KGM", is_class=True)], "ADD")
    taken = Item("input", LOT, Decimal("12.5"), "KGM", is_class=True)
    made = Item("output", JUICE, Decimal(9), "LTR", is_class=True)
    world.happen("TransformationEvent", [taken, made])
    return world


def test_a_batch_is_told_with_what_went_in_and_out() -> None:
    """From either end, with the amount that went in."""
    world = pressed()
    for root in (LOT, JUICE):
        told = exchange(trace(world, root), {"01/09521234543213": describe("01/…", {})})
        assert told["field_names"] == UNVERIFIED
        assert told["batch"]["lot"] == root.rpartition("/")[2]
        assert [(m["direction"], m["batch"], m["counterpart"]) for m in told["chain"]] == [
            ("in", JUICE, LOT),
            ("out", LOT, JUICE),
        ]
        assert {m["quantity"] for m in told["chain"]} == {"12.5"}
        assert told["complete"]


def test_source_and_destination_are_the_ends_of_the_way() -> None:
    """Where its sources began; where what was made of it was last."""
    world = pressed()
    back = exchange(trace(world, JUICE), {})
    assert [each["record"] for each in back["sources"]] == [str(world.stored[0].record_id)]
    forward = exchange(trace(world, LOT), {})
    assert [each["record"] for each in forward["destinations"]] == [str(world.stored[1].record_id)]


def test_no_links_no_chain() -> None:
    """A thing that only was there has none."""
    assert moves([], {}) == []
