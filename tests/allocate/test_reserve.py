"""The reserve against closed forms; VaR never above ES; insurance never makes it worse."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.allocate.reserve import Exposure, Losses, Peril, simulate
from longmai.kernel.errors import Invalid

TRIALS = 40_000


def test_one_risk_in_closed_form() -> None:
    """Lost whole with p = 0.03: VaR 95 % is nothing, ES 95 % is p / 0.05 of it."""
    peril = Peril("fire", probability=0.03, mean_share=1)
    found = simulate([Exposure("a", 1_000_000, ("fire",))], [peril], 400_000, seed=7)
    assert found.var_fen(0.95) == 0
    assert found.es_fen(0.95) == pytest.approx(600_000, rel=0.02)
    assert found.var_fen(0.98) == 1_000_000 == found.es_fen(0.98)


def test_many_equal_risks_are_binomial() -> None:
    """Of a hundred equal barns the number lost is Binomial(100, 0.05); quantiles by its sums."""
    peril = Peril("fire", probability=0.05, mean_share=1)
    barns = [Exposure(str(n), 100, ("fire",)) for n in range(100)]
    found = simulate(barns, [peril], TRIALS, seed=3)
    pmf, below, quantile = 0.95**100, 0.0, 0
    for lost in range(101):
        below += pmf
        quantile = lost
        if below >= 0.95:
            break
        pmf *= (100 - lost) / (lost + 1) * 0.05 / 0.95
    assert quantile == 9
    assert found.var_fen(0.95) == 100 * quantile
    assert found.mean_fen == pytest.approx(500, rel=0.02)
    apart = found.borne_fen.std()
    together = simulate(barns, [Peril("fire", 0.05, 1, common=True)], TRIALS, seed=3)
    assert apart == pytest.approx(100 * (100 * 0.05 * 0.95) ** 0.5, rel=0.03)
    assert together.es_fen(0.95) == pytest.approx(10_000, rel=0.1)
    assert found.es_fen(0.95) < 1_200


def test_quantiles_of_the_normal() -> None:
    """Of a normal law they are μ + σ·z and μ + σ·φ(z)/(1 − α)."""
    law = NormalDist(1_000_000, 100_000)
    sample = np.sort(np.rint(np.array(law.samples(200_000, seed=5))).astype(np.int64))
    found = Losses(sample, sample, 5)
    z = NormalDist().inv_cdf(0.99)
    assert found.var_fen(0.99) == pytest.approx(law.inv_cdf(0.99), rel=0.003)
    assert found.es_fen(0.99) == pytest.approx(
        1_000_000 + 100_000 * NormalDist().pdf(z) / 0.01, rel=0.003
    )


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=200),
    st.floats(0.01, 0.999),
    st.floats(0.01, 0.999),
)
@settings(max_examples=100, deadline=None)
def test_the_shortfall_is_never_below_the_quantile(
    losses: list[int], one: float, other: float
) -> None:
    """VaR ≤ ES ≤ the worst, and both grow with the level."""
    sample = np.sort(np.array(losses, dtype=np.int64))
    found = Losses(sample, sample, 0)
    low, high = sorted((one, other))
    assert found.var_fen(low) <= found.es_fen(low) <= max(losses)
    assert found.var_fen(low) <= found.var_fen(high)
    assert found.es_fen(low) <= found.es_fen(high)


@given(st.integers(0, 1000), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_insurance_never_makes_it_worse(
    covered: int, deductible: int, limit: int, seed: int
) -> None:
    """The same years with cover are borne no worse, and never for less than nothing."""
    perils = [Peril("flood", 0.3, 0.4, spread=0.2, common=True), Peril("fire", 0.1, 0.9)]
    bare = [Exposure(str(n), 10**6, ("flood", "fire")) for n in range(3)]
    insured = [
        Exposure(each.key, each.value_fen, each.perils, covered, deductible, limit) for each in bare
    ]
    without, having = (simulate(each, perils, 500, seed) for each in (bare, insured))
    assert (without.gross_fen == having.gross_fen).all()
    assert (having.borne_fen <= without.borne_fen).all()
    assert having.borne_fen[0] >= 0
    again = simulate(insured, perils, 500, seed)
    assert (again.borne_fen == having.borne_fen).all()
    assert sum(n for _, n in having.histogram()) == 500


def test_numbers_out_of_bounds_are_refused() -> None:
    """No such probability, peril, level, or number of years."""
    barn = Exposure("a", 100, ("fire",))
    for perils, exposures, trials in (
        ([Peril("fire", 1.1, 0.5)], [barn], 10),
        ([Peril("hail", 0.1, 0.5)], [barn], 10),
        ([Peril("fire", 0.1, 0.5)], [Exposure("a", -1, ("fire",))], 10),
        ([Peril("fire", 0.1, 0.5)], [barn], 0),
    ):
        with pytest.raises(Invalid):
            simulate(exposures, perils, trials, 1)
    with pytest.raises(Invalid):
        simulate([barn], [Peril("fire", 0.1, 0.5)], 10, 1).var_fen(1)
