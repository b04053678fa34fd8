"""Mass balances add up, and what is not told stays unknown."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from longmai.domains.brand.model.balance import PIECES, Balance, balance
from longmai.domains.brand.model.epcis import Item

AMOUNT = st.decimals(Decimal("0.001"), 10**6, places=3)
TINY = Decimal("1e-20")


def by_mass(role: Literal["input", "output"], key: str, kilograms: Decimal | None) -> Item:
    """Return so much of a lot."""
    return Item(role, key, kilograms, "KGM", is_class=True)


def of(*items: Item) -> Balance:
    """Return the balance of items of one event."""
    return balance([UUID(int=1)], items)


@given(st.lists(AMOUNT, min_size=1), st.lists(AMOUNT, min_size=1))
def test_what_went_in_came_out_or_was_lost(taken: list[Decimal], made: list[Decimal]) -> None:
    """Taken = made + difference, exactly; the shares make up the whole."""
    found = of(
        *(by_mass("input", f"in:{i}", kg) for i, kg in enumerate(taken)),
        *(by_mass("output", f"out:{i}", kg) for i, kg in enumerate(made)),
    )
    assert found.uom == "KGM"
    assert sum(taken) == sum(made) + (found.difference or 0)
    assert abs(sum(found.shares.values(), Decimal(-1))) < TINY
    assert len(found.shares) == len(taken)


def test_a_lot_taken_twice_has_one_share() -> None:
    """Two portions of a lot are one input: 30 and 30 of 80."""
    found = of(
        *(by_mass("input", key, Decimal(kg)) for key, kg in (("a", 30), ("b", 20), ("a", 30)))
    )
    assert found.shares == {"a": Decimal("0.75"), "b": Decimal("0.25")}


def test_kilograms_and_boxes_are_not_subtracted() -> None:
    """Boxes made of kilograms: both sums are told, a difference would be made up."""
    boxes = (Item("output", f"box:{number}") for number in range(3))
    found = of(by_mass("input", "a", Decimal(31)), *boxes)
    assert (found.taken, found.made) == ({"KGM": Decimal(31)}, {PIECES: Decimal(3)})
    assert (found.uom, found.difference) == (None, None)
    assert found.shares == {"a": Decimal(1)}


def test_an_amount_not_told_is_not_guessed() -> None:
    """One unknown input leaves difference and shares unknown; the known sum stays."""
    found = of(
        by_mass("input", "a", Decimal(30)),
        by_mass("input", "b", None),
        by_mass("output", "c", Decimal(50)),
    )
    assert (found.taken, found.difference, found.shares) == ({"KGM": Decimal(30)}, None, {})


def test_an_unknown_output_hides_the_loss_only() -> None:
    """Whose part the inputs are is known all the same."""
    found = of(by_mass("input", "a", Decimal(30)), by_mass("output", "c", None))
    assert (found.difference, found.shares) == (None, {"a": Decimal(1)})


def test_nothing_taken_has_no_shares() -> None:
    """Zero kilograms are nobody's part."""
    assert of(by_mass("input", "a", Decimal(0)), by_mass("output", "b", Decimal(0))).shares == {}
