"""Points of townships: from a gazetteer by name inside the county, else the county's own."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from scripts.build_region.boundaries import DECIMALS
from shapely.geometry.base import BaseGeometry

_CLASSES = ("街道", "镇", "乡")


class Gazetteer:
    """Finds places by Chinese name inside a polygon.

    Args:
        places: with ``alternatenames``, ``longitude`` and ``latitude``, in a fixed order.
    """

    def __init__(self, places: Sequence[Mapping[str, Any]]) -> None:
        self._by_name: dict[str, list[tuple[float, float]]] = {}
        for place in places:
            point = (round(place["longitude"], DECIMALS), round(place["latitude"], DECIMALS))
            for name in dict.fromkeys(place["alternatenames"]):
                self._by_name.setdefault(name, []).append(point)

    def find(self, name: str, county: BaseGeometry) -> tuple[float, float] | None:
        """Return the only place of this name, or of the name without its class, in the county."""
        stem = next((name.removesuffix(c) for c in _CLASSES if name.endswith(c)), name)
        for wanted in (name, stem) if stem[1:] else (name,):
            inside = {
                point
                for point in self._by_name.get(wanted, ())
                if county.contains(shapely.Point(point))
            }
            if inside:
                return inside.pop() if len(inside) == 1 else None
        return None
