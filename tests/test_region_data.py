"""The region packs that come with the program hold what they say."""

import json
import tomllib
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from longmai.kernel.region_codes import parent, prefix
from longmai.kernel.regions import RegionPack, find_pack, regions_folder

Ring = list[list[float]]


@pytest.fixture(scope="module")
def pack() -> RegionPack:
    """The first pack, whose counts its published sources fix."""
    return RegionPack.load(find_pack("62"))


@cache
def _polygons(pack_name: str, file: str) -> dict[str, dict[str, Any]]:
    text = (regions_folder() / pack_name / file).read_text(encoding="utf-8")
    return {f["properties"]["code"]: f for f in json.loads(text)["features"]}


def _statistical(pack: RegionPack) -> dict[str, dict[str, str]]:
    """Units of county level that only the statistics list has, by 12-digit code."""
    units = tomllib.loads((pack.folder / "sources.toml").read_text(encoding="utf-8"))["statistical"]
    return {code.ljust(12, "0"): unit for code, unit in units.items()}


def _everything(pack: RegionPack) -> list[Any]:
    found, above = [], [pack.get(pack.code)]
    while above:
        region = above.pop()
        found.append(region)
        above += pack.children(region.code)
    return found


def _inside(point: tuple[float, float], geometry: dict[str, Any]) -> bool:
    """Ray casting, even-odd, so that holes count."""
    polygons = geometry["coordinates"]
    rings = polygons if geometry["type"] == "Polygon" else [r for p in polygons for r in p]
    return sum(_crossings(point, ring) for ring in rings) % 2 == 1


def _crossings(point: tuple[float, float], ring: Ring) -> int:
    x, y = point
    return sum(
        (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        for (x1, y1), (x2, y2) in pairwise(ring)
    )


def test_the_counts_are_those_of_the_statistics_list(pack: RegionPack) -> None:
    """14 prefectures, 86 counties and two statistical units, 1,403 townships, 17,718 villages."""
    assert pack.counts() == {
        "province": 1, "prefecture": 14, "county": 88, "township": 1403, "village": 17718,
    }  # fmt: skip
    counties = [r for r in _everything(pack) if r.level == "county"]
    assert sum(county.status == "current" for county in counties) == 86
    statistical = {county.code for county in counties if county.status == "statistical"}
    assert statistical == set(_statistical(pack))


def test_a_city_without_counties_has_one_unit_that_stands_for_it(pack: RegionPack) -> None:
    """Its statistical code leads to the code of the city, and its name is not said twice."""
    (code, unit), *others = [
        (code, unit) for code, unit in _statistical(pack).items() if "stands_for" in unit
    ]
    assert not others
    assert pack.current_code(code) == unit["stands_for"].ljust(12, "0") == pack.get(code).parent
    assert pack.path_name(code) == pack.path_name(pack.get(code).parent)
    assert pack.pack_code(pack.get(code).parent) == pack.get(code).parent


def test_every_division_lies_in_its_parent(pack: RegionPack) -> None:
    """Walking down from the province reaches every row, each below the parent its code names."""
    everything = _everything(pack)
    assert len(everything) == sum(pack.counts().values())
    assert len({region.code for region in everything}) == len(everything)
    assert all(region.parent == parent(region.code) for region in everything)


def test_every_division_has_a_name_in_both_languages(pack: RegionPack) -> None:
    """No English name is empty or holds Chinese, and initials are letters."""
    for region in _everything(pack):
        assert region.name, region
        assert region.name_en, region
        assert not any("\u3400" <= letter <= "\u9fff" for letter in region.name_en), region
        assert region.initials == region.initials.lower(), region


def test_every_point_lies_in_the_region(pack: RegionPack) -> None:
    """Points are WGS-84 degrees inside the pack's box; lon and lat are not swapped."""
    west, south, east, north = pack.bbox
    for region in _everything(pack):
        if region.point:
            assert west < region.point[0] < east, region
            assert south < region.point[1] < north, region


def test_every_county_point_lies_in_its_own_polygon(pack: RegionPack) -> None:
    """Only a development area without a polygon has no point."""
    polygons = _polygons(pack.folder.name, "boundaries.geojson")
    special = _statistical(pack)
    for county in (r for r in _everything(pack) if r.level == "county"):
        code = special.get(county.code, {}).get("polygon", prefix(county.code)).ljust(12, "0")
        if code in polygons:
            assert county.point, county
            assert _inside(county.point, polygons[code]["geometry"]), county
        else:
            assert county.code in special, county
            assert county.point is None, county


def test_every_gazetteer_point_lies_in_its_county(pack: RegionPack) -> None:
    """A township matched by name stands inside the county it was looked for in."""
    polygons = _polygons(pack.folder.name, "boundaries.geojson")
    matched = [r for r in _everything(pack) if r.point_quality == "gazetteer"]
    assert len(matched) > 450
    for township in matched:
        current = pack.current_code(township.code) or township.code
        codes = [current[:6].ljust(12, "0"), current[:4].ljust(12, "0")]
        polygon = next(polygons[code] for code in codes if code in polygons)
        assert _inside(township.point, polygon["geometry"]), township


def test_boundaries_are_complete_small_and_carry_their_notice(pack: RegionPack) -> None:
    """90 polygons (86 counties, the city without counties, three reserves) and 14 prefectures."""
    counties = _polygons(pack.folder.name, "boundaries.geojson").values()
    kinds = [feature["properties"]["kind"] for feature in counties]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "county": 86, "prefecture": 1, "reserve": 3,
    }  # fmt: skip
    prefectures = _polygons(pack.folder.name, "prefectures.geojson")
    assert set(prefectures) == {region.code for region in pack.children(pack.code)}
    for file, limit in ((pack.boundaries, 700_000), (pack.prefecture_boundaries, 150_000)):
        assert file.stat().st_size < limit
        about = json.loads(file.read_text(encoding="utf-8"))
        assert "审图号" in "".join(about["notice"]["zh"])
        assert about["source"]["package"]


def test_every_prefecture_point_lies_in_its_simplified_polygon(pack: RegionPack) -> None:
    """Simplifying for phones leaves the outline where the prefecture is."""
    polygons = _polygons(pack.folder.name, "prefectures.geojson")
    for prefecture in pack.children(pack.code):
        assert prefecture.point
        assert _inside(prefecture.point, polygons[prefecture.code]["geometry"]), prefecture


def test_the_crosswalk_explains_every_code_that_only_one_list_has(pack: RegionPack) -> None:
    """224 township codes stand only in the statistics list, 172 only in the civil-affairs list."""
    townships = [row for row in pack.crosswalk if (row.old_code or row.new_code)[6:9] != "000"]
    assert sum(row.old_code_in_new_list is False for row in townships) == 224
    assert sum(row.new_code_in_old_list is False for row in townships) == 172


def test_a_shared_code_with_another_name_is_in_the_crosswalk(pack: RegionPack) -> None:
    """The lists give some codes to different townships: translating there and back is exact."""
    reused = [row for row in pack.crosswalk if row.old_code_in_new_list and row.new_code]
    assert len(reused) > 200
    for row in pack.crosswalk:
        if row.old_code and row.new_code and row.kind != "stands_for":
            assert pack.get(row.old_code).name == row.old_name
            assert pack.current_code(row.old_code) == row.new_code
            assert pack.pack_code(row.new_code) == row.old_code


def test_no_two_divisions_share_a_current_code(pack: RegionPack) -> None:
    """1,351 townships of the civil-affairs list, less the two the statistics list has not."""
    current = [
        code
        for region in _everything(pack)
        if region.level == "township" and (code := pack.current_code(region.code))
        and region.status == "current"
    ]  # fmt: skip
    assert len(current) == len(set(current)) == 1349


def test_the_files_are_those_the_description_names(pack: RegionPack) -> None:
    """Each file's digest is in region.toml, and every source gives version, date and licence."""
    pack.verify()
    # Policies and totals of the population are kept by hand and name their own sources.
    kept = {"region.toml", "population.toml", pack.policies.name}
    files = {file.name for file in pack.folder.iterdir()} - kept
    assert files == set(pack.about["files"])
    for source in pack.about["sources"].values():
        assert {"package", "version", "sha256", "publisher", "date", "licence"} <= set(source)
