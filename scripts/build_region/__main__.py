"""Build a region pack: ``python -m scripts.build_region --out regions/NN``.

The folder must hold ``sources.toml`` and ``names.toml``, kept by hand; everything else in it is
written here, the same bytes every time. Needs the packages of the group ``region``, pip and npm.
"""

import argparse
import csv
import hashlib
import io
import json
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from scripts.build_region import sources as read
from scripts.build_region.boundaries import collection, inner_point, prefecture_outlines, rounded
from scripts.build_region.crosswalk import Matching, Pair, crosswalk_rows
from scripts.build_region.names import Names
from scripts.build_region.points import Gazetteer
from shapely.geometry.base import BaseGeometry

from longmai.kernel.region_codes import pad, parent
from longmai.kernel.region_files import CROSSWALK_COLUMNS, DIVISION_COLUMNS, LEVELS

_LEVEL_OF_LENGTH = dict(zip((2, 4, 6, 9, 12), LEVELS, strict=True))
_WRITTEN = (
    "divisions.csv", "villages.csv", "crosswalk.csv", "boundaries.geojson", "prefectures.geojson",
)  # fmt: skip
_MARGIN_DEGREES = 0.1


@dataclass(frozen=True)
class Material:
    """Everything read from the packages; codes as in ``sources.toml`` except where said."""

    about: Mapping[str, Any]
    names: Names
    statistics: Mapping[str, str]
    civil_affairs: Mapping[str, str]
    polygons: Mapping[str, BaseGeometry]
    polygon_names: Mapping[str, str]
    gazetteer: Gazetteer

    @property
    def townships(self) -> dict[str, str]:
        """12-digit code → name in the statistics list."""
        return {pad(code): name for code, name in self.statistics.items() if len(code) == 9}  # noqa: PLR2004 - digits of a township

    @property
    def civil_townships(self) -> dict[str, str]:
        """12-digit code → name in the civil-affairs list."""
        return {c: n for c, n in self.civil_affairs.items() if c[6:9] != "000"}


def gather(folder: Path, downloads: Path) -> Material:
    """Fetch and read the packages that ``sources.toml`` in the folder names."""
    about = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))
    names = tomllib.loads((folder / "names.toml").read_text(encoding="utf-8"))
    archive = {key: read.fetch(source, downloads) for key, source in about["sources"].items()}
    province = about["code"]
    features = read.county_polygons(archive["boundaries"], province)
    polygons = {code: rounded(feature) for code, feature in features.items()}
    bbox = shapely.total_bounds(list(polygons.values()))
    return Material(
        about=about,
        names=Names(names),
        statistics={province: about["name"]} | read.statistics_list(archive["divisions"], province),
        civil_affairs=read.civil_affairs_list(archive["civil_affairs"], province),
        polygons=polygons,
        polygon_names={code: f["properties"]["name"] for code, f in features.items()},
        gazetteer=Gazetteer(read.populated_places(archive["gazetteer"], tuple(bbox))),
    )


def pair_townships(material: Material) -> list[Pair]:
    """Pair the townships of both lists."""
    new = material.civil_townships
    covered = {code[:6] for code in new}
    statistical = frozenset(material.about["statistical"])
    counties = {code[:6] for code in material.townships}
    silent = frozenset(
        code
        for code in counties - covered
        if code not in statistical or "stands_for" in material.about["statistical"][code]
    )
    return Matching(material.townships, new, statistical, silent).run()


def division_rows(material: Material, pairs: Sequence[Pair]) -> Iterable[list[str]]:
    """Yield the rows of ``divisions.csv`` and ``villages.csv``, in order of code."""
    pair_of = {pair.old: pair for pair in pairs if pair.old}
    for code, name in sorted(material.statistics.items(), key=lambda item: pad(item[0])):
        level, full = _LEVEL_OF_LENGTH[len(code)], pad(code)
        point, quality = _point(material, code, name, pair_of.get(full))
        lon, lat = (f"{degrees:.4f}" for degrees in point) if point else ("", "")
        yield [
            full, name, material.names.english(name, level), material.names.initials(name),
            level, parent(full), lon, lat, quality, _status(material, code, pair_of.get(full)),
        ]  # fmt: skip


def _status(material: Material, code: str, pair: Pair | None) -> str:
    if pair:
        kinds = {"old_only": "statistical", "unchecked": "unchecked"}
        return kinds.get(pair.kind, "current")
    if code in material.about["statistical"]:
        return "statistical"
    return (
        "current"
        if pad(code) in material.civil_affairs or len(code) == len(material.about["code"])
        else "unchecked"
    )


def _point(
    material: Material, code: str, name: str, pair: Pair | None
) -> tuple[tuple[float, float] | None, str]:
    if pair is None:
        area = _area(material, code)
        return (inner_point(area), "polygon") if area else (None, "")
    county = _county_area(material, pair)
    if county is None:
        return None, ""
    found = material.gazetteer.find(name, county)
    return (found, "gazetteer") if found else (inner_point(county), "approximate")


def _area(material: Material, code: str) -> BaseGeometry | None:
    special = material.about["statistical"].get(code)
    if special is not None:
        return material.polygons.get(special.get("polygon", ""))
    if len(code) > len("CCCCCC"):
        return None
    parts = [
        polygon
        for polygon_code, polygon in material.polygons.items()
        if polygon_code.startswith(code) and polygon_code not in material.about["reserves"]
    ]
    return shapely.unary_union(parts) if parts else None


def _county_area(material: Material, pair: Pair) -> BaseGeometry | None:
    own = _area(material, pair.old[:6])
    # A development area has no polygon: look where the civil-affairs list puts the township.
    return own or (_area(material, pair.new[:6]) if pair.new else None)


def county_features(material: Material) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return properties and polygon of every county and reserve of the boundary source."""
    features = []
    for code, polygon in material.polygons.items():
        reserve = material.about["reserves"].get(code)
        name = material.polygon_names[code]
        level = "prefecture" if f"{code[:4]}00" == code else "county"
        english = reserve["name_en"] if reserve else material.names.english(name, level)
        kind = "reserve" if reserve else level
        properties = {"code": pad(code), "name": name, "name_en": english, "kind": kind}
        features.append((properties, polygon))
    return features


def prefecture_features(material: Material) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return properties and simplified polygon of every prefecture, reserves counted in."""
    members: dict[str, list[BaseGeometry]] = {}
    for code, polygon in material.polygons.items():
        reserve = material.about["reserves"].get(code)
        members.setdefault(reserve["prefecture"] if reserve else code[:4], []).append(polygon)
    outlines = prefecture_outlines(dict(sorted(members.items())))
    return [
        (
            {
                "code": pad(code),
                "name": material.statistics[code],
                "name_en": material.names.english(material.statistics[code], "prefecture"),
                "kind": "prefecture",
            },
            outline,
        )
        for code, outline in outlines.items()
    ]


def crosswalk(material: Material, pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the rows of ``crosswalk.csv``, statistical units of county level first."""
    units = [
        [
            pad(code), material.statistics[code], pad(new) if new else "",
            material.civil_affairs[pad(new)] if new else "",
            "stands_for" if new else "old_only", "sources.toml", "no", "yes" if new else "",
        ]
        for code, unit in sorted(material.about["statistical"].items())
        for new in [unit.get("stands_for", "")]
    ]  # fmt: skip
    rows = crosswalk_rows(list(pairs), material.townships, material.civil_townships)
    return units + list(rows)


def write(folder: Path, material: Material) -> None:
    """Write every file of the pack."""
    pairs = pair_townships(material)
    rows = list(division_rows(material, pairs))
    villages = [row for row in rows if row[4] == LEVELS[-1]]
    _csv(folder / "divisions.csv", DIVISION_COLUMNS, [r for r in rows if r[4] != LEVELS[-1]])
    _csv(folder / "villages.csv", DIVISION_COLUMNS, villages)
    _csv(folder / "crosswalk.csv", CROSSWALK_COLUMNS, crosswalk(material, pairs))
    about = {
        "notice": material.about["notices"],
        "source": {k: material.about["sources"]["boundaries"][k] for k in (
            "package", "version", "publisher", "date", "licence")},
    }  # fmt: skip
    _text(folder / "boundaries.geojson", collection(county_features(material), about))
    _text(folder / "prefectures.geojson", collection(prefecture_features(material), about))
    _text(folder / "region.toml", _description(folder, material))


def _csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    _text(file, text.getvalue())


def _text(file: Path, text: str) -> None:
    file.write_bytes(text.encode())
    print(f"wrote {file}: {len(text.encode()):,} bytes, {text.count(chr(10)):,} lines")


def _description(folder: Path, material: Material) -> str:
    west, south, east, north = shapely.total_bounds(list(material.polygons.values()))
    bbox = [west - _MARGIN_DEGREES, south - _MARGIN_DEGREES, east + _MARGIN_DEGREES,
            north + _MARGIN_DEGREES]  # fmt: skip
    about = material.about
    lines = ["# Written by scripts/build_region from sources.toml; do not edit.", ""]
    lines += [
        f"{key} = {_value(about[key])}" for key in ("code", "name", "name_en", "sample_village")
    ]
    lines += [f"bbox = {_value([round(degrees, 2) for degrees in bbox])}"]
    lines += ["", "[notices]", *(f"{k} = {_value(v)}" for k, v in about["notices"].items())]
    for name, source in about["sources"].items():
        lines += ["", f"[sources.{name}]", *(f"{k} = {_value(v)}" for k, v in source.items())]
    for name in (*_WRITTEN, "names.toml", "sources.toml"):
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines += ["", f"[files.{_value(name)}]", f"sha256 = {_value(digest)}",
                  f"sources = {_value(_SOURCES.get(name, []))}"]  # fmt: skip
    return "\n".join(lines) + "\n"


_SOURCES = {
    "divisions.csv": ["divisions", "civil_affairs", "boundaries", "gazetteer"],
    "villages.csv": ["divisions"],
    "crosswalk.csv": ["divisions", "civil_affairs"],
    "boundaries.geojson": ["boundaries"],
    "prefectures.geojson": ["boundaries"],
}


def _value(value: Any) -> str:
    # JSON's strings, numbers and lists are also TOML's.
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(prog="python -m scripts.build_region", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the pack's folder")
    parser.add_argument("--downloads", type=Path, help="keep the archives here (default: nowhere)")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        downloads = arguments.downloads or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="region-"))
        )
        write(arguments.out, gather(arguments.out, downloads))


if __name__ == "__main__":
    main()
