"""Money divides exactly and is written without loss."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid
from longmai.kernel.money import divide_fen, fen_to_yuan, yuan_to_fen

FEN = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**6) | st.fractions(0, 1000), min_size=1, max_size=12)


@given(FEN)
def test_fen_and_yuan_are_the_same_money(amount_fen: int) -> None:
    """There and back again, by number and by text."""
    assert yuan_to_fen(fen_to_yuan(amount_fen)) == amount_fen
    assert yuan_to_fen(str(fen_to_yuan(amount_fen))) == amount_fen


@given(FEN, WEIGHTS)
def test_parts_add_up_and_are_fair(total_fen: int, weights: list[int | Fraction]) -> None:
    """The sum is exact, each part is within a fen of its share, no weight gets no money."""
    assume(any(weights))
    parts = divide_fen(total_fen, weights)
    assert sum(parts) == total_fen
    for part, weight in zip(parts, weights, strict=True):
        share = Fraction(total_fen) * Fraction(weight) / sum(map(Fraction, weights))
        assert abs(part - share) < 1
        assert weight or part == 0


@given(st.integers(0, 10**12), WEIGHTS)
def test_a_negative_total_is_the_mirror_image(total_fen: int, weights: list[int]) -> None:
    """What is taken back is divided as what was given."""
    assume(any(weights))
    assert divide_fen(-total_fen, weights) == [-part for part in divide_fen(total_fen, weights)]


@given(st.integers(0, 10**12), st.integers(1, 20))
def test_equal_remainders_go_to_the_earlier_part(total_fen: int, number: int) -> None:
    """Among equals the first get the odd fen."""
    parts = divide_fen(total_fen, [1] * number)
    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    """None, all zero, or a negative one."""
    with pytest.raises(Invalid) as refused:
        divide_fen(100, weights)
    assert refused.value.code == "money.weights"


@pytest.mark.parametrize("text", ["", "12.345", "NaN", "Infinity", "one"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Rounding is a decision that is not taken here."""
    with pytest.raises(Invalid):
        yuan_to_fen(text)
