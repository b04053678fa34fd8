"""Numbers of identity cards: the standard's own example, old numbers, made-up ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.resident_id import check_character, is_valid_id, normal_id

# GB 11643-1999, annex: the two numbers worked out there.
PUBLISHED = ("11010519491231002X", "440524188001010014")


@pytest.mark.parametrize("number", PUBLISHED)
def test_the_published_examples_hold_their_check(number: str) -> None:
    """As the standard prints them."""
    assert is_valid_id(number)
    assert not is_valid_id(number, sample=True)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body: str, place: int, by: int) -> None:
    """MOD 11-2 finds each single error."""
    wrong = body[:place] + str((int(body[place]) + by) % 10) + body[place + 1 :]
    assert check_character(body) != check_character(wrong)


def test_a_made_up_number_is_refused_by_the_real_check() -> None:
    """So that none can be somebody's."""
    body = PUBLISHED[0][:17]
    assert not is_valid_id(body + check_character(body, sample=True))


def test_an_old_number_becomes_a_new_one() -> None:
    """15 digits, in full width, with a space."""
    assert normal_id("１１０１０５ 491231002") == PUBLISHED[0]
