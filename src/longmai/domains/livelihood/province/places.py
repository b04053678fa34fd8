"""Where the people of a sample province live: so many in each county, by its towns and villages.

Published are the totals of prefectures. Within one, people are spread over the lowest divisions:
communities of towns weigh more than villages, as the published share of townspeople says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longmai.domains.livelihood.province.people import County
from longmai.domains.livelihood.province.statistics import FILE, Statistics
from longmai.kernel.errors import Invalid
from longmai.kernel.region_codes import prefix
from longmai.kernel.regions import RegionPack

_VILLAGE = re.compile(r"村民?委|村$")
_STEPS = 60


@dataclass(frozen=True)
class _Units:
    """The lowest divisions of a county."""

    code: str
    villages: tuple[str, ...]
    names: tuple[str, ...]
    urban: NDArray[np.bool_]

    def weight(self, town: float) -> float:
        return float((~self.urban).sum() + town * self.urban.sum())


def counties_of(pack: RegionPack, statistics: Statistics, people: int) -> list[County]:
    """Return counties with their numbers of people, which add up to the number wanted."""
    units = {code: _units_of(pack, code) for code in statistics.people}
    town = _town_weight(units, statistics)
    totals = divided(people, list(statistics.people.values()))
    found: list[County] = []
    for (code, some), total in zip(units.items(), totals, strict=True):
        if not some:
            raise Invalid(
                "a region with people has no county",
                code="statistics.people",
                place=FILE,
                value=code,
                mend="give the totals of prefectures",
            )
        parts = divided(total, [each.weight(town) for each in some])
        found += [
            County(each.code, count, each.villages, each.names, each.urban, _weights(each, town))
            for each, count in zip(some, parts, strict=True)
            if count
        ]
    return found


def other_codes(pack: RegionPack) -> dict[str, str]:
    """Return another list's code of a township (9 digits), by ours, where they differ."""
    return {
        prefix(each.old_code): prefix(each.new_code)
        for each in pack.crosswalk
        if each.old_code and each.new_code and each.old_code != each.new_code
    }


def divided(total: int, weights: Sequence[float]) -> list[int]:
    """Divide by the largest remainder.

    >>> divided(10, [1, 1, 1])
    [4, 3, 3]
    """
    exact = np.array(weights, float) * total / float(sum(weights))
    numbers = np.floor(exact).astype(np.int64)
    left = total - int(numbers.sum())
    numbers[np.argsort(-(exact - numbers), kind="stable")[:left]] += 1
    return [int(each) for each in numbers]


def _weights(units: _Units, town: float) -> NDArray[np.float64]:
    found = np.where(units.urban, town, 1.0)
    weights: NDArray[np.float64] = found / found.sum()
    return weights


def _units_of(pack: RegionPack, prefecture: str) -> list[_Units]:
    found = []
    for county in pack.children(prefecture):
        below = [
            (village.code, township.name + village.name, not _VILLAGE.search(village.name))
            for township in pack.children(county.code)
            for village in pack.children(township.code)
        ]
        if below:
            codes, names, urban = zip(*sorted(below), strict=True)
            found.append(_Units(prefix(county.code), codes, names, np.array(urban)))
    return found


def _town_weight(units: Mapping[str, Sequence[_Units]], statistics: Statistics) -> float:
    """Return how many villages a community weighs, for the published share of townspeople."""
    whole = sum(statistics.people.values())
    wanted = sum(
        count * statistics.share("urban", code) for code, count in statistics.people.items()
    )

    def townspeople(town: float) -> float:
        found = 0.0
        for code, some in units.items():
            total = sum(each.weight(town) for each in some)
            inside = sum(town * float(each.urban.sum()) for each in some)
            found += statistics.people[code] * inside / max(total, 1e-9)
        return found

    low, high = 1e-3, float(whole)
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if townspeople(middle) < wanted else (low, middle)
    return low
