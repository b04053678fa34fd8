"""Money is shared to the fen, whoever comes first, and floors are kept or refused."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from longmai.allocate.sharing import AT_LEAST, MODES, ON_TOP, Claim, share_out
from longmai.kernel.errors import Conflict, Invalid

CLAIMS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.builds(Claim, st.fractions(0, 20, max_denominator=12), st.integers(0, 3_000)),
    min_size=1,
    max_size=8,
)
TOTAL = st.integers(0, 100_000)


@settings(max_examples=80)
@given(TOTAL, CLAIMS, st.sampled_from(MODES), st.randoms())
def test_every_fen_is_given_once_and_order_gains_nothing(
    total_fen: int, claims: dict[str, Claim], mode: str, chance: object
) -> None:
    """The sum is exact, floors are kept, and any order of the claims gives the same."""
    floors = sum(claim.floor_fen for claim in claims.values())
    assume(any(claim.weight for claim in claims.values()) or total_fen == floors)
    if floors > total_fen:
        with pytest.raises(Conflict) as refused:
            share_out(total_fen, claims, mode)
        assert str(floors) in str(refused.value)
        assert str(total_fen) in str(refused.value)
        return
    parts = share_out(total_fen, claims, mode, "2025")
    assert sum(parts.values()) == total_fen
    assert all(parts[key] >= claim.floor_fen for key, claim in claims.items())
    names = list(claims)
    chance.shuffle(names)  # type: ignore[attr-defined] # a Random
    assert share_out(total_fen, {key: claims[key] for key in names}, mode, "2025") == parts


@settings(max_examples=80)
@given(TOTAL, CLAIMS)
def test_who_is_above_the_floor_has_the_exact_share_within_a_fen(
    total_fen: int, claims: dict[str, Claim]
) -> None:
    """A second way: the level by bisection, at which max(floor, level × weight) spends it all."""
    floors = sum(claim.floor_fen for claim in claims.values())
    assume(total_fen >= floors and all(claim.weight for claim in claims.values()))
    parts = share_out(total_fen, claims, AT_LEAST)
    low, high = Fraction(0), Fraction(total_fen + 1) / min(each.weight for each in claims.values())
    for _ in range(60):
        level = (low + high) / 2
        spent = sum(max(Fraction(each.floor_fen), level * each.weight) for each in claims.values())
        low, high = (level, high) if spent <= total_fen else (low, level)
    for key, claim in claims.items():
        assert abs(parts[key] - max(Fraction(claim.floor_fen), low * claim.weight)) <= len(claims)


def test_the_odd_fen_goes_round() -> None:
    """Equal claims get it in turn, as the label changes; nobody always."""
    claims = {name: Claim(Fraction(1)) for name in "abc"}
    lucky = {
        max(parts := share_out(100, claims, ON_TOP, str(n)), key=parts.__getitem__)
        for n in range(12)
    }
    assert lucky == set("abc")


def test_the_rest_needs_somebody() -> None:
    """Without weights there is nobody to give the rest to."""
    with pytest.raises(Invalid):
        share_out(100, {"a": Claim(Fraction(0), 40)}, AT_LEAST)
    assert share_out(40, {"a": Claim(Fraction(0), 40)}, AT_LEAST) == {"a": 40}
    with pytest.raises(Invalid):
        share_out(-1, {"a": Claim(Fraction(1))})
    with pytest.raises(Invalid):
        share_out(1, {"a": Claim(Fraction(1))}, "otherwise")
