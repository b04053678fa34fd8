"""Totals with their uncertainty: textbook formulas, a census, and intervals that hold the truth."""

import random
from math import isclose, sqrt
from statistics import variance

import pyarrow as pa
import pytest

from longmai.rules.simulate.estimating import totals
from longmai.rules.simulate.population import Design


def _draw(values: list[int], count: int, chance: random.Random) -> list[int]:
    return chance.sample(values, count)


def test_a_census_with_weights_of_one_is_exact() -> None:
    """The weighted estimate is the total, and its error is 0."""
    values = {"y": pa.array([3, 0, 12345678901, -7], pa.int64())}
    weighted = totals(values, Design(pa.array([1.0] * 4)))[""]["y"]
    exact = totals(values, Design())[""]["y"]
    assert weighted.value == exact.value == 12345678897
    assert (weighted.error, exact.error) == (0.0, None)


def test_a_simple_sample_has_the_textbook_error() -> None:
    """N² (1 − n/N) s² / n (Cochran 1977, 2.9)."""
    y, whole = [5, 9, 1, 0, 7, 7], 60
    design = Design(pa.array([whole / len(y)] * len(y)))
    found = totals({"y": pa.array(y, pa.int64())}, design)[""]["y"]
    wanted = sqrt(whole**2 * (1 - len(y) / whole) * variance(y) / len(y))
    assert found.value == round(sum(y) * whole / len(y))
    assert found.error is not None
    assert isclose(found.error, wanted)
    assert found.margin == round(1.959963984540054 * wanted)


def test_strata_are_summed() -> None:
    """Σ N_h² (1 − f_h) s_h² / n_h (Cochran 1977, 5.9)."""
    strata = {"a": ([1, 4, 4], 30), "b": ([100, 110, 90, 100], 8)}
    y = [v for values, _ in strata.values() for v in values]
    weights = [whole / len(values) for values, whole in strata.values() for _ in values]
    names = [name for name, (values, _) in strata.items() for _ in values]
    design = Design(pa.array(weights), pa.array(names))
    found = totals({"y": pa.array(y, pa.int64())}, design)[""]["y"]
    wanted = sum(
        whole**2 * (1 - len(v) / whole) * variance(v) / len(v) for v, whole in strata.values()
    )
    assert found.error is not None
    assert isclose(found.error, sqrt(wanted))


def test_households_are_what_was_drawn() -> None:
    """The error of people in drawn households is that of the households' sums."""
    y, homes = [1, 2, 3, 4, 5, 6], ["a", "a", "b", "b", "b", "c"]
    design = Design(pa.array([10.0] * 6), None, pa.array(homes))
    found = totals({"y": pa.array(y, pa.int64())}, design)[""]["y"]
    sums = totals({"y": pa.array([3, 12, 6], pa.int64())}, Design(pa.array([10.0] * 3)))[""]["y"]
    assert found == sums


def test_a_part_is_estimated_with_zeros_outside() -> None:
    """The size of the part is uncertain too."""
    y, part = [5, 9, 1, 7], ["p", "q", "p", "q"]
    design = Design(pa.array([10.0] * 4))
    found = totals({"y": pa.array(y, pa.int64())}, design, pa.array(part))["p"]["y"]
    zeros = totals({"y": pa.array([5, 0, 1, 0], pa.int64())}, design)[""]["y"]
    assert found.value == zeros.value
    assert found.error is not None
    assert zeros.error is not None
    assert isclose(found.error, zeros.error)


def test_a_stratum_of_one_does_not_hide_its_uncertainty() -> None:
    """It is held against the mean of all."""
    design = Design(pa.array([10.0] * 3), pa.array(["a", "a", "b"]))
    found = totals({"y": pa.array([1, 2, 50], pa.int64())}, design)[""]["y"]
    assert found.error is not None
    assert found.error > 100


@pytest.mark.parametrize("by_county", [False, True])
def test_nineteen_intervals_of_twenty_hold_the_truth(by_county: bool) -> None:
    """Over 1,000 samples of one population, with a fixed seed."""
    chance = random.Random(20260101)
    counties = {"a": 400, "b": 1200, "c": 2400}
    whole = {
        name: [round(chance.lognormvariate(6, 0.3) + 200 * i) for _ in range(size)]
        for i, (name, size) in enumerate(counties.items())
    }
    everybody = [v for values in whole.values() for v in values]
    truth, held, runs = sum(everybody), 0, 1000
    for _ in range(runs):
        if by_county:
            drawn = {name: _draw(values, 60, chance) for name, values in whole.items()}
            y = [v for values in drawn.values() for v in values]
            names = [name for name, values in drawn.items() for _ in values]
            design = Design(pa.array([counties[n] / 60 for n in names]), pa.array(names))
        else:
            y = _draw(everybody, 180, chance)
            design = Design(pa.array([len(everybody) / 180] * 180))
        found = totals({"y": pa.array(y, pa.int64())}, design)[""]["y"]
        held += abs(found.value - truth) <= (found.margin or 0)
    assert 0.93 <= held / runs <= 0.97
