"""Histograms of whole numbers, with the uncertainty of each bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

import pyarrow as pa
import pyarrow.compute as pc

from longmai.rules.simulate.estimating import ZERO, Estimate, totals
from longmai.rules.simulate.population import Design


@dataclass(frozen=True)
class Bin:
    """How many are at ``low`` or above, and below ``high``."""

    low: int
    high: int
    count: Estimate


def nice(width: float) -> int:
    """Return the next whole number of the series 1, 2, 5, 10, 20 and so on.

    >>> nice(3), nice(1200), nice(0)
    (5, 2000, 1)
    """
    if width <= 1:
        return 1
    power = 10 ** floor(log10(width))
    return next(int(each * power) for each in (1, 2, 5, 10) if each * power >= width)


def binned(values: pa.Array, edges: Sequence[int], design: Design) -> tuple[Bin, ...]:
    """Return how many values lie between each two edges; nulls, and what is outside, are left out.

    Args:
        values: whole numbers, one a row.
        edges: rising.
        design: how the rows were drawn.
    """
    counts = {}
    for number, (low, high) in enumerate(pairwise(edges)):
        inside = pc.and_(pc.greater_equal(values, low), pc.less(values, high))
        counts[str(number)] = pc.cast(pc.fill_null(inside, fill_value=False), pa.int64())
    found = totals(counts, design).get("", {})
    return tuple(
        Bin(low, high, found.get(str(number), ZERO))
        for number, (low, high) in enumerate(pairwise(edges))
    )


def bins_around_zero(values: pa.Array, design: Design, sides: int = 6) -> tuple[Bin, ...]:
    """Return a histogram of what is not 0, losses and gains apart, with edges of round numbers."""
    changed = pc.if_else(pc.equal(values, 0), pa.scalar(None, pa.int64()), values)
    ends = pc.min_max(changed).as_py()
    if ends["min"] is None:
        return ()
    width = nice(max(abs(ends["min"]), abs(ends["max"])) / sides)
    below = -(-max(0, -ends["min"]) // width)
    above = max(0, ends["max"]) // width + (ends["max"] > 0)
    edges = [width * i for i in range(-below, above + 1)]
    return binned(changed, edges, design)
