"""The CSV files of a region pack, row by row, every value checked and every fault placed."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.region_codes import LENGTHS, pad, parent, prefix

LEVELS = ("province", "prefecture", "county", "township", "village")
QUALITIES = ("polygon", "gazetteer", "approximate")
STATUSES = ("current", "statistical", "unchecked")
DIVISION_COLUMNS = (
    "code", "name", "name_en", "initials", "level", "parent", "lon", "lat", "point", "status",
)  # fmt: skip
CROSSWALK_COLUMNS = (
    "old_code", "old_name", "new_code", "new_name", "kind", "matched_by",
    "old_code_in_new_list", "new_code_in_old_list",
)  # fmt: skip

_FURTHEST = {"lon": 180.0, "lat": 90.0}
_YES_NO = {"yes": True, "no": False, "": None}
_CODE_OF_LEVEL = dict(zip(LEVELS, LENGTHS, strict=True))


@dataclass(frozen=True, slots=True)
class Region:
    """One division.

    Attributes:
        code: 12 digits, of the statistics list the pack is built from.
        name: in Chinese.
        name_en: in English for provinces to townships, pinyin where there is no generic term.
        initials: first letters of the pinyin, for search boxes.
        level: province, prefecture, county, township or village.
        parent: 12-digit code one level up; empty for the province.
        point: (lon, lat) in WGS-84 degrees, or None where unknown.
        point_quality: ``polygon`` (a point inside the division's own polygon), ``gazetteer``
            (matched by name inside the county), ``approximate`` (the county's point), or empty.
        status: ``current`` (also in the civil-affairs list), ``statistical`` (only the statistics
            list has it), ``unchecked`` (the civil-affairs list does not reach there).
    """

    code: str
    name: str
    name_en: str
    initials: str
    level: str
    parent: str
    point: tuple[float, float] | None
    point_quality: str
    status: str


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """One difference between the statistics list (old) and the civil-affairs list (new).

    Attributes:
        old_code: 12 digits, empty for a division only the new list has.
        old_name: its name there.
        new_code: 12 digits, empty for a division only the old list has.
        new_name: its name there.
        kind: recoded, renamed, moved, stands_for, old_only, new_only, abolished or unchecked.
        matched_by: the rule that paired the two.
        old_code_in_new_list: whether the new list uses the old code, for whichever division.
        new_code_in_old_list: whether the old list uses the new code, for whichever division.
    """

    old_code: str
    old_name: str
    new_code: str
    new_name: str
    kind: str
    matched_by: str
    old_code_in_new_list: bool | None
    new_code_in_old_list: bool | None


def read_divisions(file: Path) -> Iterator[Region]:
    """Yield the divisions of a file, in its order.

    Raises:
        NotFound: no such file.
        Invalid: a malformed file; names file, row and column.
    """
    seen: set[str] = set()
    for place, row in _rows(file, DIVISION_COLUMNS):
        region = _region(place, row)
        if region.code in seen:
            raise _fault(place, "code", "a code stands twice", region.code)
        seen.add(region.code)
        yield region


def read_crosswalk(file: Path) -> Iterator[CrosswalkRow]:
    """Yield the rows of a crosswalk, in its order.

    Raises:
        NotFound: no such file.
        Invalid: a malformed file; names file, row and column.
    """
    for place, row in _rows(file, CROSSWALK_COLUMNS):
        for column in ("old_code", "new_code"):
            if row[column]:
                _code(place, column, row[column])
        old_in_new = _yes_no(place, row, "old_code_in_new_list")
        new_in_old = _yes_no(place, row, "new_code_in_old_list")
        texts = {column: row[column] for column in CROSSWALK_COLUMNS[:-2]}
        yield CrosswalkRow(
            **texts, old_code_in_new_list=old_in_new, new_code_in_old_list=new_in_old
        )


def _region(place: str, row: dict[str, str]) -> Region:
    code, level = _code(place, "code", row["code"]), row["level"]
    for column, allowed in (("level", LEVELS), ("status", STATUSES), ("point", ("", *QUALITIES))):
        if row[column] not in allowed:
            raise _fault(place, column, f"must be one of {', '.join(allowed)}", row[column])
    if not row["name"]:
        raise _fault(place, "name", "a division needs a name", row["name"])
    if len(prefix(code)) != _CODE_OF_LEVEL[level]:
        raise _fault(place, "level", f"the code {code} is not that of a {level}", level)
    if row["parent"] != parent(code):
        raise _fault(place, "parent", f"the code {code} lies in {parent(code)}", row["parent"])
    return Region(
        code, row["name"], row["name_en"], row["initials"], level, row["parent"],
        _point(place, row), row["point"], row["status"],
    )  # fmt: skip


def _point(place: str, row: dict[str, str]) -> tuple[float, float] | None:
    if not (row["lon"] or row["lat"] or row["point"]):
        return None
    if not row["point"]:
        raise _fault(place, "point", "a point needs its quality", row["point"])
    return _degrees(place, row, "lon"), _degrees(place, row, "lat")


def _degrees(place: str, row: dict[str, str], column: str) -> float:
    try:
        degrees = float(row[column])
    except ValueError:
        raise _fault(place, column, "must be decimal degrees", row[column]) from None
    if not isfinite(degrees) or abs(degrees) > _FURTHEST[column]:
        raise _fault(place, column, "lies outside the world", row[column])
    return degrees


def _code(place: str, column: str, text: str) -> str:
    try:
        full = pad(text)
    except Invalid as error:
        raise _fault(place, column, error.what, text) from None
    if full != text:
        raise _fault(place, column, "a code in a pack has 12 digits", text)
    return full


def _yes_no(place: str, row: dict[str, str], column: str) -> bool | None:
    if row[column] not in _YES_NO:
        raise _fault(place, column, "must be yes, no or empty", row[column])
    return _YES_NO[row[column]]


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = tuple(next(reader, ()))
            if header != columns:
                raise _fault(f"{file.name} row 1", "", f"must be {','.join(columns)}", header)
            for values in reader:
                place = f"{file.name} row {reader.line_num}"
                if len(values) != len(columns):
                    raise _fault(place, "", f"needs {len(columns)} values", len(values))
                yield place, dict(zip(columns, values, strict=True))
    except FileNotFoundError:
        raise NotFound("a file of the region pack is missing", place=str(file)) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid(f"not a CSV file: {error}", code="region.file", place=str(file)) from None


def _fault(place: str, column: str, what: str, value: object) -> Invalid:
    return Invalid(
        what,
        code="region.file",
        place=f"{place}, column {column}" if column else place,
        value=value,
        mend="see docs/reference/region-pack.md",
    )
