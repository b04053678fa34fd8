"""Mistakes in departments' files, as people make them, by declared shares."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from longmai.domains.livelihood.province.people import name_parts
from longmai.kernel.errors import NotFound

FILE = Path(__file__).with_name("errors.toml")
NAME, BIRTH, ADDRESS, REGION = "姓名", "出生日期", "住址", "区划代码"
NUMBERS = ("身份证号", "残疾人证号")
_NUMBER_DIGITS, _BODY = 18, 17
_CENTURY = slice(6, 8)


@cache
def levels() -> Mapping[str, Mapping[str, float]]:
    """Return the shares of mistakes by level."""
    return tomllib.loads(FILE.read_text("utf-8"))


def level(name: str) -> Mapping[str, float]:
    """Return the shares of one level.

    Raises:
        NotFound: there is no such level.
    """
    if name not in levels():
        raise NotFound("no such level of errors", code="generate.errors", value=name,
                       mend=", ".join(levels()))  # fmt: skip
    return levels()[name]


@dataclass(frozen=True)
class Elsewhere:
    """Where people may be said to live by mistake.

    Attributes:
        codes: the code of another list, by ours of a township (9 digits).
        places: (address, code) of other counties.
    """

    codes: Mapping[str, str]
    places: Sequence[tuple[str, str]]


@dataclass
class Mistaken:
    """Rows of a file with mistakes put in.

    Attributes:
        rows: to be written; the first ``len`` ones are those that were given.
        errors: of each row, separated by commas.
        source: row that each row came from.
    """

    rows: pa.Table
    errors: NDArray[np.object_]
    source: NDArray[np.int64]


def mistake(
    rows: pa.Table,
    shares: Mapping[str, float],
    elsewhere: Elsewhere,
    chance: np.random.Generator,
) -> Mistaken:
    """Put mistakes into the rows of a file."""
    twice = np.flatnonzero(chance.random(rows.num_rows) < shares["duplicate"])
    source = np.concatenate([np.arange(rows.num_rows), twice])
    errors = np.full(len(source), "", object)
    errors[rows.num_rows :] = "duplicate"
    maker = _Maker(rows.take(pa.array(source)), errors, elsewhere, chance)
    for kind in ("same_sound", "shape", "swapped", "digit", "old_id", "no_birth", "old_address",
                 "moved", "old_region"):  # fmt: skip
        maker.put(kind, shares[kind])
    return Mistaken(maker.rows, errors, source)


@dataclass
class _Maker:
    rows: pa.Table
    errors: NDArray[np.object_]
    elsewhere: Elsewhere
    chance: np.random.Generator

    def put(self, kind: str, share: float) -> None:
        hit = np.flatnonzero(self.chance.random(self.rows.num_rows) < share)
        for column in self._columns(kind):
            hit = self._changed(kind, column, hit)
        if self._columns(kind):
            told = self.errors[hit]
            self.errors[hit] = [f"{each},{kind}" if each else kind for each in told]

    def _columns(self, kind: str) -> list[str]:
        numbers = [each for each in NUMBERS if each in self.rows.column_names][:1]
        wanted = {
            "same_sound": [NAME],
            "shape": [NAME],
            "swapped": [NAME],
            "digit": numbers,
            "old_id": numbers if NUMBERS[0] in numbers else [],
            "no_birth": [BIRTH],
            "old_address": [ADDRESS],
            "moved": [ADDRESS, REGION],
            "old_region": [REGION],
        }[kind]
        return wanted if all(each in self.rows.column_names for each in wanted) else []

    def _changed(self, kind: str, column: str, hit: NDArray[np.int64]) -> NDArray[np.int64]:
        """Change a column at some rows; return those where something else stands there now."""
        old = self.rows.column(column).take(pa.array(hit))
        if kind == "no_birth":
            new: list[str | None] = [None] * len(hit)
            values = old.to_pylist()
        else:
            values = old.to_pylist()
            lucky = self.chance.integers(0, 1 << 30, len(hit))
            new = [
                None if value is None else self._one(kind, column, value, int(luck))
                for value, luck in zip(values, lucky, strict=True)
            ]
        other = np.array([a != b for a, b in zip(values, new, strict=True)], bool)
        mask = np.zeros(self.rows.num_rows, bool)
        mask[hit] = True
        whole = self.rows.column(column).combine_chunks()
        changed = pc.replace_with_mask(whole, pa.array(mask), pa.array(new, whole.type))
        at = self.rows.column_names.index(column)
        self.rows = self.rows.set_column(at, column, changed)
        at_last: NDArray[np.int64] = hit[other]
        return at_last

    def _one(self, kind: str, column: str, value: str, luck: int) -> str:  # noqa: PLR0911 - one a kind
        match kind:
            case "same_sound" | "shape":
                return _other_character(value, kind, luck)
            case "swapped":
                return _swapped(value)
            case "digit":
                return _wrong_digit(value, luck)
            case "old_id":
                return short_number(value)
            case "moved":
                place = self.elsewhere.places[luck % len(self.elsewhere.places)]
                return place[0] if column == ADDRESS else place[1]
            case "old_region":
                other = self.elsewhere.codes.get(value[:9])
                return value if other is None else other.ljust(len(value), "0")
        return _other_house(value, luck)


@cache
def _others(kind: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for group in name_parts()[kind]:
        for character in group:
            found[character] = group.replace(character, "")
    return found


def _other_character(name: str, kind: str, luck: int) -> str:
    table = _others(kind)
    # A surname is seldom mistaken.
    places = [at for at in range(1, len(name)) if name[at] in table] or [
        at for at in range(len(name)) if name[at] in table
    ]
    if not places:
        return name
    at = places[luck % len(places)]
    others = table[name[at]]
    return name[:at] + others[luck // 7 % len(others)] + name[at + 1 :]


def _swapped(name: str) -> str:
    return name[:-2] + name[-1] + name[-2] if len(name) > 2 else name[::-1]  # noqa: PLR2004 - characters


def _wrong_digit(number: str, luck: int) -> str:
    at = 6 + luck % (min(len(number), _BODY) - 6)
    if luck // 11 % 3 == 0 and at + 1 < min(len(number), _BODY) and number[at] != number[at + 1]:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + str((int(number[at]) + 1 + luck // 11 % 9) % 10) + number[at + 1 :]


def short_number(number: str) -> str:
    """Return a number in its old form of 15 digits, where it had one.

    >>> short_number("110105194912310025"), short_number("110105200112310025")
    ('110105491231002', '110105200112310025')
    """
    if len(number) != _NUMBER_DIGITS or number[_CENTURY] != "19":
        return number
    return number[:6] + number[8:17]


def _other_house(address: str, luck: int) -> str:
    stem = address.rstrip("号0123456789")
    return f"{stem}{1 + luck % 199}号"
