"""The outline of a plot: corners in WGS-84 degrees, its area, its middle, and what lies inside.

A plot is small: the sphere is laid flat around its middle latitude, true to a millionth.
"""

import math
import re
from collections.abc import Sequence

from longmai.kernel.errors import Invalid

Point = tuple[float, float]

MU_M2 = 2000 / 3
"""Square metres of a mu (亩): a fifteenth of a hectare."""
MAX_CORNERS = 500
_LEAST_CORNERS = 3
_EARTH_M = 6_371_008.8
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d+)?")


def corners_of(text: str) -> tuple[Point, ...]:
    """Read corners, longitude before latitude; no corners where nothing is written.

    >>> corners_of("105.7,35.5 105.71,35.5 105.71,35.51")
    ((105.7, 35.5), (105.71, 35.5), (105.71, 35.51))

    Raises:
        Invalid: fewer than three corners, no degrees, or the outline crosses itself.
    """
    numbers = [float(each) for each in _NUMBER.findall(text)]
    corners = list(zip(numbers[::2], numbers[1::2], strict=False))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if not corners and not text.strip():
        return ()
    degrees = all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in corners)  # noqa: PLR2004 - degrees of a circle
    if not _LEAST_CORNERS <= len(corners) <= MAX_CORNERS or len(numbers) % 2 or not degrees:
        raise _wrong("an outline has three corners or more, each longitude,latitude", text)
    if _crosses(corners):
        raise _wrong("the outline crosses itself", text)
    return tuple(corners)


def _wrong(what: str, text: str) -> Invalid:
    return Invalid(
        what,
        code="coop.outline",
        place="outline",
        value=text[:60],
        mend="walk round the plot once more, or leave the outline empty",
    )


def area_mu(corners: Sequence[Point]) -> float:
    """Return the area inside an outline, in mu.

    >>> side = 1000 / 111_195.08
    >>> round(area_mu([(0, 0), (side, 0), (side, side), (0, side)]))
    1500
    """
    flat = _flat(corners)
    twice = sum(x * v - u * y for (x, y), (u, v) in _sides(flat))
    return abs(twice) / 2 / MU_M2


def middle_of(corners: Sequence[Point]) -> Point:
    """Return the mean of the corners."""
    return (
        sum(lon for lon, _ in corners) / len(corners),
        sum(lat for _, lat in corners) / len(corners),
    )


def _flat(corners: Sequence[Point]) -> list[Point]:
    lon, lat = middle_of(corners)
    east = math.radians(1) * _EARTH_M * math.cos(math.radians(lat))
    north = math.radians(1) * _EARTH_M
    return [((x - lon) * east, (y - lat) * north) for x, y in corners]


def _sides(corners: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))


def _crosses(corners: Sequence[Point]) -> bool:
    sides = _sides(corners)
    last = len(sides) - 1
    return any(
        _meet(sides[i], sides[j])
        for i in range(len(sides))
        for j in range(i + 2, len(sides))
        if not (i == 0 and j == last)
    )


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
