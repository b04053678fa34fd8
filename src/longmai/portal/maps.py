"""Small maps as inline SVG: the region's outline, places in their order, and the legs between.

Drawn by the server, so that a phone needs no map library and a printed page shows the same.
Coordinates are WGS-84 degrees; the picture is an equirectangular projection, true to scale at
the middle latitude of the region.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from longmai.kernel.errors import Invalid

Point = tuple[float, float]
Box = tuple[float, float, float, float]

_WIDTH = 640.0
_HEIGHT = 420.0
_LEAST_SPAN_DEGREES = 2.2
_MARGIN = 0.22
_EDGE = 16.0
_CLOSE = 26.0
# Sizes of dots and labels, as the style sheet draws them.
_DOT = 11.0
_GAP = 17.0
_RISE = 6.0
_LETTER = 20.0
_NARROW = 12.0
_WIDE_FROM = 0x2E80


@dataclass(frozen=True)
class Place:
    """A place to show: its name and (lon, lat)."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Area:
    """A district's outline as an SVG path, with its name where the label fits."""

    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Mark:
    """A place on the picture.

    Attributes:
        number: its order on the way, from 1.
        name: of the place, of several places joined.
        x: of the dot; ``y`` likewise.
        outside: it lies beyond the frame and is drawn at its edge.
        label_x: where the label stands; ``label_y`` likewise; ``anchor`` as in SVG.
    """

    number: int
    name: str
    x: float
    y: float
    outside: bool
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class MapView:
    """What the map component draws; all lengths in SVG units."""

    width: float
    height: float
    areas: tuple[Area, ...]
    route: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class _Frame:
    """The part of the world the picture shows."""

    box: Box
    scale_x: float
    scale_y: float

    @classmethod
    def around(cls, points: Sequence[Point], middle_lat: float, least: float) -> "_Frame":
        lons, lats = [p[0] for p in points], [p[1] for p in points]
        shrink = math.cos(math.radians(middle_lat))
        span_x = max((max(lons) - min(lons)) * shrink, least)
        span_y = max(max(lats) - min(lats), least)
        # One scale for both axes: the narrower side of the picture decides.
        degrees = max(span_x / _WIDTH, span_y / _HEIGHT) * (1 + 2 * _MARGIN)
        half_x, half_y = degrees * _WIDTH / 2 / shrink, degrees * _HEIGHT / 2
        lon, lat = (max(lons) + min(lons)) / 2, (max(lats) + min(lats)) / 2
        box = (lon - half_x, lat - half_y, lon + half_x, lat + half_y)
        return cls(box, shrink / degrees, 1 / degrees)

    def at(self, point: Point) -> Point:
        west, _south, _east, north = self.box
        return (point[0] - west) * self.scale_x, (north - point[1]) * self.scale_y


def map_of(
    boundaries: Path,
    places: Sequence[Place],
    language: str = "zh",
    *,
    least_degrees: float = _LEAST_SPAN_DEGREES,
    way: bool = True,
) -> MapView | None:
    """Lay out a map of places in the order they were visited.

    The frame is fitted to the places inside the region; those outside (a shop in another
    province) stand at the edge, in their direction. Places closer than a label's height share a
    mark. Returns None when no place lies inside the region's box.

    Args:
        boundaries: GeoJSON of the districts to outline (properties ``name``, ``name_en``).
        places: in order; at least one.
        language: of the district labels.
        least_degrees: that the picture spans, however close the places are.
        way: draw the legs between the places.
    """
    outlines = _outlines(boundaries)
    west, south, east, north = _box_of([p for o in outlines for ring in o.rings for p in ring])
    inside = [(p.lon, p.lat) for p in places if west <= p.lon <= east and south <= p.lat <= north]
    if not inside:
        return None
    frame = _Frame.around(inside, (south + north) / 2, least_degrees)
    spots = [_held_in(frame.at((p.lon, p.lat)), frame, inside) for p in places]
    shown = [outline for outline in outlines if _meets(outline, frame)]
    areas = tuple(_area(outline, frame, language) for outline in shown)
    route = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y, _ in spots) if way else ""
    return MapView(
        _WIDTH,
        _HEIGHT,
        areas,
        route,
        tuple(_marks(places, spots, "、" if language == "zh" else ", ")),
    )


@dataclass(frozen=True)
class _Outline:
    names: dict[str, str]
    rings: tuple[tuple[Point, ...], ...]


@cache
def _outlines(file: Path) -> tuple[_Outline, ...]:
    try:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        return tuple(
            _Outline(
                {"zh": f["properties"]["name"], "en": f["properties"]["name_en"]},
                tuple(_rings(f["geometry"])),
            )
            for f in features
        )
    except (KeyError, ValueError) as error:
        raise Invalid("not a boundary file", place=str(file), value=repr(error)) from None


def _rings(geometry: dict[str, Any]) -> Iterator[tuple[Point, ...]]:
    polygons = geometry["coordinates"]
    for polygon in [polygons] if geometry["type"] == "Polygon" else polygons:
        for ring in polygon:
            yield tuple((float(lon), float(lat)) for lon, lat, *_ in ring)


def _box_of(points: Sequence[Point]) -> Box:
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return min(lons), min(lats), max(lons), max(lats)


def _meets(outline: _Outline, frame: _Frame) -> bool:
    west, south, east, north = frame.box
    boxes = (_box_of(ring) for ring in outline.rings)
    return any(w <= east and e >= west and s <= north and n >= south for w, s, e, n in boxes)


def _area(outline: _Outline, frame: _Frame, language: str) -> Area:
    drawn = [[frame.at(point) for point in ring] for ring in outline.rings]
    path = " ".join("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in drawn)
    shown = [
        (min(max(x, 0), _WIDTH), min(max(y, 0), _HEIGHT))
        for x, y in max(drawn, key=len)
        if -_WIDTH < x < 2 * _WIDTH and -_HEIGHT < y < 2 * _HEIGHT
    ] or [(-1.0, -1.0)]
    left, top, right, bottom = _box_of(shown)
    return Area(outline.names[language], path, (left + right) / 2, (top + bottom) / 2)


def _held_in(spot: Point, frame: _Frame, inside: Sequence[Point]) -> tuple[float, float, bool]:
    x, y = spot
    if 0 <= x <= _WIDTH and 0 <= y <= _HEIGHT:
        return x, y, False
    # Pull the spot along the line from the middle of the journey until it meets the frame.
    points = [frame.at(point) for point in inside]
    from_x = sum(p[0] for p in points) / len(points)
    from_y = sum(p[1] for p in points) / len(points)
    reach = min(
        (limit - start) / (end - start)
        for start, end, low, high in (
            (from_x, x, _EDGE, _WIDTH - _EDGE),
            (from_y, y, _EDGE, _HEIGHT - _EDGE),
        )
        if end != start
        for limit in (high if end > start else low,)
    )
    return from_x + (x - from_x) * reach, from_y + (y - from_y) * reach, True


def _marks(
    places: Sequence[Place], spots: Sequence[tuple[float, float, bool]], joint: str
) -> Iterator[Mark]:
    groups: list[list[int]] = []
    for i, (x, y, outside) in enumerate(spots):
        for group in groups:
            gx, gy, g_outside = spots[group[0]]
            if outside == g_outside and math.hypot(x - gx, y - gy) < _CLOSE:
                group.append(i)
                break
        else:
            groups.append([i])
    taken: list[Box] = [_around(*spots[group[0]][:2]) for group in groups]
    for number, group in enumerate(groups, start=1):
        x, y, outside = spots[group[0]]
        name = joint.join(dict.fromkeys(places[i].name for i in group))
        label_x, label_y, anchor, box = _label(x, y, name, taken)
        taken.append(box)
        yield Mark(number, name, round(x, 1), round(y, 1), outside, label_x, label_y, anchor)


def _around(x: float, y: float) -> Box:
    return x - _DOT, y - _DOT, x + _DOT, y + _DOT


def _label(x: float, y: float, name: str, taken: Sequence[Box]) -> tuple[float, float, str, Box]:
    """Place a label right, left, below or above its dot: the first that is free and inside."""
    width = sum(_LETTER if ord(letter) > _WIDE_FROM else _NARROW for letter in name)
    ways = (
        (x + _GAP, y + _RISE, "start", x + _GAP),
        (x - _GAP, y + _RISE, "end", x - _GAP - width),
        (x, y + 2 * _GAP, "middle", x - width / 2),
        (x, y - _GAP, "middle", x - width / 2),
    )
    fallback = None
    for label_x, label_y, anchor, left in ways:
        box = left, label_y - _LETTER, left + width, label_y + _RISE
        inside = box[0] >= 0 and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= _HEIGHT
        found = round(label_x, 1), round(label_y, 1), anchor, box
        if inside and not any(_overlap(box, other) for other in taken):
            return found
        if inside and fallback is None:
            fallback = found
        last = found
    return fallback or last


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
