"""Auctions against a brute force that tries every price, and the truth told in them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.allocate.auction import (
    FIRST_PRICE,
    SEALED_RULES,
    SECOND_PRICE,
    Hall,
    Raise,
    sealed,
)
from longmai.allocate.sealing import opens, sealing
from longmai.kernel.errors import Conflict, Invalid

AMOUNT = st.integers(1, 12)
BIDS = st.dictionaries(st.sampled_from("abcdef"), AMOUNT, max_size=6)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SALT = st.binary(min_size=32, max_size=32).map(bytes.hex)


def brute_force(bids: dict[str, int], reserve: int, rule: str) -> tuple[set[str], int | None]:
    """Try every price: the highest that one bidder still pays, or that two would still pay."""
    last = {key for key, amount in bids.items() if amount == max(bids.values())}
    wanted = 1 if rule == FIRST_PRICE else 2
    prices = [
        price
        for price in range(reserve, 13)
        if sum(amount >= price for amount in bids.values()) >= wanted
    ]
    if not any(amount >= reserve for amount in bids.values()):
        return set(), None
    return last, max(prices, default=reserve)


@settings(max_examples=60)
@given(BIDS, AMOUNT, st.sampled_from(SEALED_RULES))
def test_sealed_equals_brute_force(bids: dict[str, int], reserve: int, rule: str) -> None:
    """Winner and price are those of the search."""
    found = sealed(bids, reserve, rule, "lot")
    winners, price = brute_force(bids, reserve, rule)
    assert found.price_fen == price
    assert found.winner in winners if winners else found.winner is None
    assert found.drawn == (len(winners) > 1)
    assert {key for key, _ in found.ranking} | set(found.below) == set(bids)
    assert all(left[1] >= right[1] for left, right in pairwise(found.ranking))


@settings(max_examples=20)
@given(st.permutations(list("abcd")), st.text(max_size=4))
def test_order_gains_nothing(order: list[str], label: str) -> None:
    """Equal bids: whoever comes first in the list wins no more for it."""
    bids = dict.fromkeys("abcd", 5)
    wanted = sealed(bids, 1, FIRST_PRICE, label)
    assert sealed({key: bids[key] for key in order}, 1, FIRST_PRICE, label) == wanted
    assert wanted.drawn


def test_luck_is_even() -> None:
    """Over many auctions, each of three equal bidders wins about a third."""
    bids = dict.fromkeys("abc", 5)
    wins = [sealed(bids, 1, FIRST_PRICE, str(number)).winner for number in range(600)]
    assert all(150 < wins.count(key) < 250 for key in "abc")


@settings(max_examples=60)
@given(BIDS, st.integers(1, 12), AMOUNT, AMOUNT, st.text(max_size=2))
def test_truth_is_best_at_the_second_price(
    others: dict[str, int], reserve: int, worth: int, lie: int, label: str
) -> None:
    """Whatever others bid, no lie brings more than bidding what it is worth."""
    others.pop("a", None)

    def gain(bid: int) -> int:
        found = sealed(others | {"a": bid}, reserve, SECOND_PRICE, label)
        return worth - (found.price_fen or 0) if found.winner == "a" else 0

    assert gain(worth) >= gain(lie)
    assert gain(worth) >= 0


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), AMOUNT, st.integers(-2, 14)), max_size=12))
def test_a_hall_follows_its_rules(calls: list[tuple[str, int, int]]) -> None:
    """Only rising bids are heard, of somebody else, while it is open; late ones lengthen it."""
    window, extension = timedelta(minutes=3), timedelta(minutes=4)
    hall = Hall(3, 2, NOON, NOON + timedelta(minutes=8), window, extension)
    end, last, heard = 8, None, []
    for bidder, amount, minute in sorted(calls, key=lambda call: call[2]):
        allowed = (
            0 <= minute < end
            and amount >= (3 if last is None else last[1] + 2)
            and (last is None or last[0] != bidder)
        )
        bid = Raise(bidder, amount, NOON + timedelta(minutes=minute))
        if not allowed:
            with pytest.raises(Conflict):
                hall.heard(bid)
            continue
        hall = hall.heard(bid)
        last = (bidder, amount)
        heard.append(last)
        if end - minute <= 3:
            end = max(end, minute + 4)
        assert hall.ends_at == NOON + timedelta(minutes=end)
    found = hall.outcome()
    assert (found.winner, found.price_fen) == (heard[-1] if heard else (None, None))


@settings(max_examples=30)
@given(AMOUNT, AMOUNT, SALT, SALT)
def test_a_seal_opens_only_to_its_bid(amount: int, other: int, salt: str, other_salt: str) -> None:
    """Another amount, salt, bidder or lot does not open it."""
    made = sealing("lot", "me", amount, salt)
    assert opens(made, "lot", "me", amount, salt)
    assert opens(made, "lot", "me", other, other_salt) == ((amount, salt) == (other, other_salt))
    assert not opens(made, "lot", "you", amount, salt)
    assert not opens(made, "lots", "me", amount, salt)


def test_what_is_wrong_is_refused() -> None:
    """Rules, amounts and salts of another form."""
    for call in (
        lambda: sealed({"a": 1}, 1, "third price", ""),
        lambda: sealed({"a": 0}, 1, FIRST_PRICE, ""),
        lambda: sealing("lot", "me", 0, "0" * 64),
        lambda: sealing("lot", "me", 1, "0" * 63),
    ):
        with pytest.raises(Invalid):
            call()
