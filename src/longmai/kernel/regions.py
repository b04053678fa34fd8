"""Region packs: the divisions of a province, read from the data files of one folder.

A pack holds the divisions from province to village with their 12-digit statistical codes
(2 digits province, 4 prefecture, 6 county, 9 township, 12 village; the rest zeros), a crosswalk
to the civil-affairs list, and boundaries. ``docs/reference/region-pack.md`` describes the files.
Everything is read only; villages are read when first asked for.

>>> prefix("990100000000"), contains("9901", "990102003004"), pad("990102")
('9901', True, '990102000000')
"""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from longmai.kernel.errors import Invalid, InvalidMany, NotFound
from longmai.kernel.region_codes import contains, pad, prefix
from longmai.kernel.region_files import CrosswalkRow, Region, read_crosswalk, read_divisions

__all__ = ["CrosswalkRow", "Region", "RegionPack", "contains", "find_pack", "pad", "prefix",
           "regions_folder"]  # fmt: skip

_DESCRIPTION = "region.toml"


class RegionPack:
    """One province's divisions, by code and by name.

    Codes are accepted with 2, 4, 6, 9 or 12 digits, and returned with 12.

    Attributes:
        folder: where the pack's files are.
        about: what ``region.toml`` says: ``code``, ``name``, ``name_en``, ``bbox`` (west, south,
            east, north in WGS-84 degrees), ``notices``, ``sources``, ``files``.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], upper: Mapping[str, Region]) -> None:
        self.folder = folder
        self.about = about
        self._upper = upper

    @classmethod
    def load(cls, folder: Path) -> "RegionPack":
        """Read a pack: its description and the divisions down to townships.

        Raises:
            NotFound: the folder or one of its files is missing.
            Invalid: a file is malformed; names file, row and column.
        """
        about = _description(folder / _DESCRIPTION)
        upper = {region.code: region for region in read_divisions(folder / "divisions.csv")}
        _every_parent_in(upper, upper, "divisions.csv")
        return cls(folder, MappingProxyType(about), MappingProxyType(upper))

    @property
    def code(self) -> str:
        """The 12-digit code of the whole region."""
        return pad(str(self.about["code"]))

    @property
    def name(self) -> str:
        """The region's name in Chinese."""
        return str(self.about["name"])

    @property
    def name_en(self) -> str:
        """The region's name in English."""
        return str(self.about["name_en"])

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north in WGS-84 degrees."""
        west, south, east, north = map(float, self.about["bbox"])
        return west, south, east, north

    @property
    def boundaries(self) -> Path:
        """GeoJSON of the county polygons."""
        return self.folder / "boundaries.geojson"

    @property
    def prefecture_boundaries(self) -> Path:
        """GeoJSON of the prefecture polygons, small enough for a phone."""
        return self.folder / "prefectures.geojson"

    @property
    def policies(self) -> Path:
        """Folder of the region's policy files, one folder in it per field; it may not exist."""
        return self.folder / "policies"

    @cached_property
    def _villages(self) -> Mapping[str, Region]:
        villages = {region.code: region for region in read_divisions(self.folder / "villages.csv")}
        _every_parent_in(self._upper, villages, "villages.csv")
        return villages

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Region, ...]]:
        named: dict[str, list[Region]] = {}
        for region in chain(self._upper.values(), self._villages.values()):
            for name in {region.name, region.name_en.casefold()}:
                named.setdefault(name, []).append(region)
        return {name: tuple(sorted(found, key=_by_code)) for name, found in named.items()}

    @cached_property
    def _children(self) -> Mapping[str, tuple[Region, ...]]:
        below: dict[str, list[Region]] = {}
        for region in chain(self._upper.values(), self._villages.values()):
            below.setdefault(region.parent, []).append(region)
        return {parent: tuple(sorted(found, key=_by_code)) for parent, found in below.items()}

    @cached_property
    def crosswalk(self) -> tuple[CrosswalkRow, ...]:
        """What differs between this pack's codes and the civil-affairs list.

        Raises:
            NotFound, Invalid: as ``load``.
        """
        return tuple(read_crosswalk(self.folder / "crosswalk.csv"))

    @cached_property
    def _current(self) -> Mapping[str, str]:
        return {row.old_code: row.new_code for row in self.crosswalk if row.old_code}

    @cached_property
    def _old(self) -> Mapping[str, str]:
        return {
            row.new_code: row.old_code
            for row in self.crosswalk
            if row.new_code and row.kind != "stands_for"  # that code is the pack's own, too
        }

    def get(self, code: str) -> Region:
        """Return the division with this code.

        Raises:
            Invalid: not a region code.
            NotFound: the pack has no such division.
        """
        full = pad(code)
        found = self._upper.get(full)
        if found is None and len(prefix(full)) == len(full):
            found = self._villages.get(full)
        if found is None:
            raise NotFound(
                "the region pack has no division with this code",
                code="region.code",
                value=code,
                mend=f"the pack {self.folder.name} knows the codes of its divisions.csv "
                "and villages.csv",
            )
        return found

    def find(
        self, name: str, within: str | None = None, level: str | None = None
    ) -> tuple[Region, ...]:
        """Return the divisions with exactly this name, Chinese or English, in order of code.

        Many townships and villages share a name: pass ``within`` (a code) or ``level``.

        Raises:
            Invalid: ``within`` is not a region code.
        """
        wanted = name.strip()
        found = self._by_name.get(wanted) or self._by_name.get(wanted.casefold(), ())
        return tuple(
            region
            for region in found
            if (within is None or contains(within, region.code))
            and (level is None or region.level == level)
        )

    def children(self, code: str) -> tuple[Region, ...]:
        """Return the divisions directly below this one, in order of code.

        Raises:
            Invalid, NotFound: as ``get``.
        """
        return self._children.get(self.get(code).code, ())

    def ancestors(self, code: str) -> tuple[Region, ...]:
        """Return the divisions above this one, the province first.

        Raises:
            Invalid, NotFound: as ``get``.
        """
        above: list[Region] = []
        region = self.get(code)
        while region.parent:
            region = self._upper[region.parent]
            above.append(region)
        return tuple(reversed(above))

    def path_name(self, code: str, language: str = "zh") -> str:
        """Return the full name: largest first in Chinese, smallest first in English.

        A unit that repeats its parent's name, as the statistics list makes for a city without
        counties, is named once.

        Raises:
            Invalid, NotFound: as ``get``.
        """
        path = (*self.ancestors(code), self.get(code))
        if language == "zh":
            return "".join(dict.fromkeys(region.name for region in path))
        return ", ".join(dict.fromkeys(region.name_en for region in reversed(path)))

    def locate(self, code: str) -> tuple[tuple[float, float], str] | None:
        """Return (lon, lat) of the division or the nearest division above it, and how good it is.

        The quality is ``approximate`` when the point belongs to a division above.

        Raises:
            Invalid, NotFound: as ``get``.
        """
        region = self.get(code)
        if region.point:
            return region.point, region.point_quality
        points = (above.point for above in reversed(self.ancestors(code)) if above.point)
        inherited = next(points, None)
        return (inherited, "approximate") if inherited else None

    def current_code(self, code: str) -> str | None:
        """Return this division's code in the civil-affairs list, or None when it has none there.

        The two lists give some codes to different townships, so never look up a civil-affairs
        code with ``get``: translate it with ``pack_code`` first. That list ends at townships:
        a village has no code there.

        Raises:
            Invalid, NotFound: as ``get``.
        """
        region = self.get(code)
        if region.level == "village":
            return None
        return self._current.get(region.code, region.code) or None

    def pack_code(self, current: str) -> str | None:
        """Return this pack's code for a code of the civil-affairs list, or None when it has none.

        Raises:
            Invalid: not a region code.
        """
        full = pad(current)
        if full in self._old:
            return self._old[full] or None
        return full if full in self._upper and full not in self._current else None

    def counts(self) -> Mapping[str, int]:
        """Return the number of divisions per level."""
        everything = chain(self._upper.values(), self._villages.values())
        return MappingProxyType(dict(Counter(region.level for region in everything)))

    def verify(self) -> None:
        """Compare every file with its SHA-256 digest in ``region.toml``.

        Raises:
            InvalidMany: one finding per file that differs or is missing.
        """
        findings = [
            Invalid(
                "the file is not the one region.toml describes",
                code="region.digest",
                place=str(self.folder / name),
                mend="restore the file, or build the pack anew with scripts/build_region",
            )
            for name, file in self.about["files"].items()
            if _digest(self.folder / name) != file["sha256"]
        ]
        if findings:
            raise InvalidMany(f"{len(findings)} files differ", findings, code="region.digest")


def regions_folder() -> Path:
    """Return the folder of the packs: in the installed package, or in the source tree.

    Raises:
        NotFound: there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_regions", package.parents[1] / "regions"):
        if folder.is_dir():
            return folder
    raise NotFound(
        "no folder of region packs",
        code="region.folder",
        place=str(package / "_regions"),
        mend="reinstall longmai: its packs belong to it",
    )


def find_pack(code: str = "") -> Path:
    """Return the folder of the pack for a region code; empty: the only pack there is.

    Raises:
        Invalid: not a region code, or empty while there are several packs.
        NotFound: no such pack.
    """
    folder = regions_folder()
    packs = sorted(path.parent for path in folder.glob(f"*/{_DESCRIPTION}"))
    wanted = [pack for pack in packs if not code or pack.name == prefix(code)]
    names = ", ".join(pack.name for pack in packs) or "none"
    if not wanted:
        raise NotFound(
            "no such region pack", code="region.pack", value=code, mend=f"there are: {names}"
        )
    if len(wanted) > 1:
        raise Invalid(
            "several region packs: choose one",
            code="region.pack",
            place="LONGMAI_REGION",
            mend=f"set it to one of: {names}",
        )
    return wanted[0]


def _by_code(region: Region) -> str:
    return region.code


def _every_parent_in(
    parents: Mapping[str, Region], regions: Mapping[str, Region], file: str
) -> None:
    for row, region in enumerate(regions.values(), start=2):
        if region.parent and region.parent not in parents:
            raise Invalid(
                "the parent is not among the divisions",
                code="region.parent",
                place=f"{file} row {row}, column parent",
                value=region.parent,
                mend="add the parent's row, or mend the code",
            )


def _description(file: Path) -> dict[str, Any]:
    try:
        about = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound("no region pack here", code="region.pack", place=str(file.parent)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            f"not a TOML file: {error}", code="region.description", place=str(file)
        ) from None
    usable = {
        "code": re.fullmatch(r"\d{2,12}", str(about.get("code"))),
        "name": about.get("name"),
        "name_en": about.get("name_en"),
        "bbox": isinstance(about.get("bbox"), list) and len(about["bbox"]) == len("WSEN"),
        "files": isinstance(about.get("files"), dict),
    }
    for key, holds in usable.items():
        if not holds:
            raise Invalid(
                f"region.toml needs a usable {key}",
                code="region.description",
                place=f"{file} {key}",
                value=about.get(key),
                mend="see docs/reference/region-pack.md",
            )
    return about


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
