"""Polygons of counties and prefectures, WGS-84, rounded to four decimals (about 10 m)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

DECIMALS = 4
_PREFECTURE_TOLERANCE_DEGREES = 0.01
_SLIVER_DEGREES = 0.0005


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

    Shared borders stay shared. Slivers between neighbours that the source left are closed.
    """
    dissolved = [
        shapely.unary_union([part.buffer(_SLIVER_DEGREES, join_style="mitre") for part in parts])
        .buffer(-_SLIVER_DEGREES, join_style="mitre")
        for parts in members.values()
    ]  # fmt: skip
    simple = shapely.coverage_simplify(dissolved, _PREFECTURE_TOLERANCE_DEGREES)
    return {
        code: shapely.make_valid(shapely.transform(outline, lambda xy: xy.round(DECIMALS)))
        for code, outline in zip(members, simple, strict=True)
    }


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
