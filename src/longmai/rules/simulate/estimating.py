"""Totals of a population, and how sure they are where it was sampled.

The standard error of a total is that of the ultimate-cluster estimator with a finite population
correction: with z the weighted sum of a drawn unit, ``Σ_h (1 − f_h) n_h/(n_h − 1) Σ (z − z̄_h)²``
over strata h. For one stratum of rows it is the textbook formula of simple random sampling, for
rows in strata that of stratified sampling (Cochran 1977, 2.9 and 5.9; Wolter 2007, 1.4 and 2.4). A
part of the population is estimated with zeros outside of it, so the size of the part is uncertain
too. A stratum with one drawn unit is held against the mean of all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import pyarrow as pa
import pyarrow.compute as pc

from longmai.rules.simulate.population import Design

Z_95 = 1.959963984540054
"""So many standard errors to either side hold the truth 95 times in 100."""


@dataclass(frozen=True)
class Estimate:
    """A total: of people, or of fen.

    Attributes:
        value: rounded to a whole number.
        error: its standard error; None: the population is whole, and the value exact.
    """

    value: int
    error: float | None = None

    @property
    def margin(self) -> int | None:
        """Half the width of the 95 % interval; None where the value is exact."""
        return None if self.error is None else round(Z_95 * self.error)

    def negated(self) -> "Estimate":
        """Return it with the other sign."""
        return Estimate(-self.value, self.error)


ZERO = Estimate(0)


def totals(
    values: Mapping[str, pa.Array], design: Design, by: pa.Array | None = None
) -> dict[str, dict[str, Estimate]]:
    """Return the total of each variable for each group, by group and name.

    Args:
        values: whole numbers, one a row, none null.
        design: how the rows were drawn.
        by: the group of each row, texts; None: one group, the empty text.
    """
    count = len(next(iter(values.values())))
    groups = pa.array([""] * count, pa.string()) if by is None else by
    if design.weights is None:
        return _whole(values, groups)
    return _Sample(values, design, groups).totals()


def _whole(values: Mapping[str, pa.Array], groups: pa.Array) -> dict[str, dict[str, Estimate]]:
    table = pa.table({"g": groups, **values})
    found = table.group_by("g").aggregate([(name, "sum") for name in values])
    return {
        row["g"]: {name: Estimate(row[f"{name}_sum"]) for name in values}
        for row in found.to_pylist()
    }


class _Sample:
    def __init__(self, values: Mapping[str, pa.Array], design: Design, groups: pa.Array) -> None:
        self._names = tuple(values)
        count = len(groups)
        strata = design.strata if design.strata is not None else pa.array([""] * count)
        units = design.clusters if design.clusters is not None else pa.array(range(count))
        weighted = {
            name: pc.multiply(each.cast(pa.float64()), design.weights)
            for name, each in values.items()
        }
        rows = {"h": strata, "u": units, "g": groups, "w": design.weights, **weighted}
        self._table = pa.table(rows)

    def totals(self) -> dict[str, dict[str, Estimate]]:
        names, drawn = self._names, self._drawn()
        units = self._table.group_by(["h", "u", "g"]).aggregate([(n, "sum") for n in names])
        squares = {
            f"{n}²": pc.multiply(units.column(f"{n}_sum"), units.column(f"{n}_sum")) for n in names
        }
        sums = {n: units.column(f"{n}_sum") for n in names}
        both = pa.table({"h": units.column("h"), "g": units.column("g"), **sums, **squares})
        asked = [(n, "sum") for n in (*sums, *squares)]
        rows = both.group_by(["g", "h"]).aggregate(asked).to_pylist()
        of_group: dict[str, list[dict[str, float]]] = {}
        for row in rows:
            of_group.setdefault(row["g"], []).append(row)
        return {
            group: {n: self._estimate(n, parts, drawn) for n in names}
            for group, parts in of_group.items()
        }

    def _drawn(self) -> dict[str, tuple[int, float]]:
        """Return of each stratum how many units were drawn, and which share of it that is."""
        units = self._table.group_by(["h", "u"]).aggregate([("w", "mean")])
        found = units.group_by("h").aggregate([("u", "count"), ("w_mean", "sum")]).to_pylist()
        return {
            row["h"]: (row["u_count"], min(1.0, row["u_count"] / row["w_mean_sum"]))
            for row in found
        }

    @staticmethod
    def _estimate(
        name: str, parts: list[dict[str, float]], drawn: Mapping[str, tuple[int, float]]
    ) -> Estimate:
        total = sum(row[f"{name}_sum"] for row in parts)
        overall = total / sum(count for count, _ in drawn.values())
        variance = 0.0
        for row in parts:
            count, share = drawn[row["h"]]  # type: ignore[index] # a text
            z, squared = row[f"{name}_sum"], row[f"{name}²_sum"]
            if count > 1:
                spread = max(0.0, squared - z * z / count) * count / (count - 1)
            else:
                spread = (z - overall) ** 2
            variance += (1 - share) * spread
        return Estimate(round(total), sqrt(variance))
