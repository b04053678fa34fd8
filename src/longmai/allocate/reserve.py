"""How large an emergency reserve must be: losses of a year, simulated, less what insurance pays.

Each exposure may be struck once a year by each peril, and loses a share of its value; a peril that
strikes a whole area at once (hail, flood) strikes all of its exposures in the same years. The
reserve is the value at risk or the expected shortfall of what the owner has to bear.

VaR is the empirical quantile, the least loss that the wanted part of the years does not exceed.
ES is the mean of the worst years beyond it (Acerbi and Tasche, 2002), which counts the year at
the quantile with the weight that is missing. So ES is never below VaR, and shares add up as they
should.

>>> hail = Peril("hail", probability=0.1, mean_share=0.5)
>>> found = simulate([Exposure("a", 1_000, ("hail",))], [hail], trials=20_000, seed=1)
>>> found.var_fen(0.95) <= found.es_fen(0.95)
True
>>> abs(found.mean_fen - 50) < 5
True
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longmai.kernel.errors import Invalid

MOST_TRIALS = 1_000_000


@dataclass(frozen=True)
class Peril:
    """What may strike.

    Attributes:
        probability: that it strikes in a year, 0 to 1.
        mean_share: of the value that is lost when it does, above 0 and up to 1.
        spread: of that share: 0: always the mean; else the share is Beta-distributed with variance
            ``spread · mean · (1 − mean)``, 0 < spread < 1.
        common: it strikes all exposures in the same years.
    """

    name: str
    probability: float
    mean_share: float
    spread: float = 0.0
    common: bool = False


@dataclass(frozen=True)
class Exposure:
    """What may be lost.

    Attributes:
        value_fen: not negative.
        perils: names of what may strike it.
        covered_permille: of a loss that insurance pays, above the deductible and up to the limit.
        deductible_fen: of each loss that the owner bears first.
        limit_fen: at most this is paid of a loss; None: no limit.
    """

    key: str
    value_fen: int
    perils: tuple[str, ...]
    covered_permille: int = 0
    deductible_fen: int = 0
    limit_fen: int | None = None


@dataclass(frozen=True)
class Losses:
    """Losses of many simulated years, in fen, sorted; ``gross_fen`` before insurance."""

    borne_fen: NDArray[np.int64]
    gross_fen: NDArray[np.int64]
    seed: int

    @property
    def trials(self) -> int:
        """Return how many years were simulated."""
        return int(self.borne_fen.size)

    @property
    def mean_fen(self) -> float:
        """Return what is borne in a year on average."""
        return float(self.borne_fen.mean())

    def var_fen(self, level: float) -> int:
        """Return the value at risk: the least loss that this part of the years does not exceed.

        Raises:
            Invalid: the level is not between 0 and 1.
        """
        return int(self.borne_fen[self._place(level)])

    def es_fen(self, level: float) -> int:
        """Return the expected shortfall: the mean of the worst years, rounded up to a fen.

        Raises:
            Invalid: the level is not between 0 and 1.
        """
        place = self._place(level)
        tail = self.trials * (1 - level)
        beyond = self.borne_fen[place + 1 :]
        # The year at the quantile counts with the weight that the whole years beyond it leave.
        rest = max(tail - beyond.size, 0.0) * float(self.borne_fen[place])
        mean = (float(beyond.sum(dtype=np.float64)) + rest) / tail
        return max(math.ceil(mean - 1e-6), self.var_fen(level))

    def histogram(self, bins: int = 20) -> list[tuple[int, int]]:
        """Return (upper edge in fen, number of years) of equal steps from nothing to the worst."""
        top = max(int(self.borne_fen[-1]), 1)
        counts, edges = np.histogram(self.borne_fen, bins=bins, range=(0, top))
        return [(round(edge), int(n)) for edge, n in zip(edges[1:], counts, strict=True)]

    def _place(self, level: float) -> int:
        if not 0 < level < 1:
            raise Invalid("a level is between 0 and 1", code="reserve.level", value=level)
        return max(math.ceil(level * self.trials - 1e-9) - 1, 0)


def simulate(
    exposures: Sequence[Exposure], perils: Sequence[Peril], trials: int, seed: int
) -> Losses:
    """Simulate the losses of a year many times.

    Args:
        exposures: what may be lost.
        perils: what may strike; each exposure names its own.
        trials: number of years, up to ``MOST_TRIALS``.
        seed: the same seed gives the same years.

    Raises:
        Invalid: a number is out of its bounds, or an exposure names a peril that is not there.
    """
    known = {each.name: each for each in perils}
    _check(exposures, known, trials)
    borne = np.zeros(trials, dtype=np.int64)
    gross = np.zeros(trials, dtype=np.int64)
    chance = np.random.Generator(np.random.PCG64(seed))
    for peril in perils:
        struck = [each for each in exposures if peril.name in each.perils and each.value_fen]
        together = chance.random(trials) < peril.probability if peril.common else None
        for each in struck:
            hit = chance.random(trials) < peril.probability if together is None else together
            years = np.flatnonzero(hit)
            loss = _shares(peril, years.size, chance) * each.value_fen
            whole = np.minimum(np.rint(loss), each.value_fen).astype(np.int64)
            gross[years] += whole
            borne[years] += whole - _paid(each, whole)
    return Losses(np.sort(borne), np.sort(gross), seed)


def _shares(peril: Peril, number: int, chance: np.random.Generator) -> NDArray[np.float64]:
    if peril.spread == 0 or peril.mean_share == 1:
        return np.full(number, peril.mean_share)
    weight = 1 / peril.spread - 1
    return chance.beta(peril.mean_share * weight, (1 - peril.mean_share) * weight, number)


def _paid(exposure: Exposure, loss: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what insurance pays of losses, rounded down to a fen."""
    above = np.maximum(loss - exposure.deductible_fen, 0) * exposure.covered_permille // 1000
    return above if exposure.limit_fen is None else np.minimum(above, exposure.limit_fen)


def _check(exposures: Sequence[Exposure], known: Mapping[str, Peril], trials: int) -> None:
    if not 1 <= trials <= MOST_TRIALS:
        raise Invalid(f"1 to {MOST_TRIALS} years", code="reserve.trials", value=trials)
    for peril in known.values():
        inside = 0 <= peril.probability <= 1 and 0 < peril.mean_share <= 1
        if not inside or not 0 <= peril.spread < 1:
            raise Invalid("probabilities and shares are 0 to 1", code="reserve.peril",
                          place=peril.name)  # fmt: skip
    for each in exposures:
        missing = [name for name in each.perils if name not in known]
        if missing:
            raise Invalid("no such peril", code="reserve.unknown", place=each.key, value=missing)
        if each.value_fen < 0 or each.deductible_fen < 0 or not 0 <= each.covered_permille <= 1000:  # noqa: PLR2004 - permille
            raise Invalid("values are not negative", code="reserve.value", place=each.key)
