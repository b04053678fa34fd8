"""Polygons of counties and prefectures, WGS-84, rounded to four decimals (about 10 m)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

DECIMALS = 4
_PREFECTURE_TOLERANCE_DEGREES = 0.01


def rounded(feature: Mapping[str, Any]) -> BaseGeometry:
    """Return a feature's geometry with rounded coordinates.

    Neighbours share their vertices in the source, so rounding each keeps the borders shared.

    Raises:
        SystemExit: the polygon is not valid afterwards.
    """
    geometry = shapely.transform(shape(feature["geometry"]), lambda xy: xy.round(DECIMALS))
    if not geometry.is_valid:
        raise SystemExit(f"not a valid polygon once rounded: {feature['properties']}")
    return geometry


def inner_point(geometry: BaseGeometry) -> tuple[float, float]:
    """Return a rounded point inside the geometry.

    Raises:
        SystemExit: rounding moved it outside.
    """
    point = geometry.representative_point()
    lon, lat = round(point.x, DECIMALS), round(point.y, DECIMALS)
    if not geometry.contains(shapely.Point(lon, lat)):
        raise SystemExit(f"no rounded point inside near {lon}, {lat}")
    return lon, lat


def prefecture_outlines(members: Mapping[str, Sequence[BaseGeometry]]) -> dict[str, BaseGeometry]:
    """Dissolve county polygons into prefectures and simplify them together.

    Shared borders stay shared: neither gaps nor overlaps appear between prefectures.

    Raises:
        SystemExit: the counties overlap or their borders do not match.
    """
    if not shapely.coverage_is_valid([part for parts in members.values() for part in parts]):
        raise SystemExit("the county polygons do not share their borders")
    dissolved = [shapely.coverage_union_all(parts) for parts in members.values()]
    simple = shapely.coverage_simplify(dissolved, _PREFECTURE_TOLERANCE_DEGREES)
    rounded_too = shapely.transform(simple, lambda xy: xy.round(DECIMALS))
    if not shapely.coverage_is_valid(rounded_too):
        raise SystemExit("the prefectures do not share their borders once simplified")
    return dict(zip(members, rounded_too, strict=True))


def collection(features: list[tuple[dict[str, Any], BaseGeometry]], about: dict[str, Any]) -> str:
    """Return GeoJSON text, one feature a line; ``about`` stands beside the features."""
    lines = [
        _json({"type": "Feature", "properties": properties, "geometry": _geometry(geometry)})
        for properties, geometry in features
    ]
    head = _json({"type": "FeatureCollection", **about})[:-1]
    return head + ',"features":[\n' + ",\n".join(lines) + "\n]}\n"


def _geometry(geometry: BaseGeometry) -> dict[str, Any]:
    plain = mapping(geometry.normalize())
    return {"type": plain["type"], "coordinates": plain["coordinates"]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
