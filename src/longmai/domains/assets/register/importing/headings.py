"""Which column of a sheet is which: the words that counties write over their ledgers.

Headings stand in one line or in two (the funds over their sources), after a title, with blanks,
line breaks, brackets, units, and full-width letters in them.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from longmai.domains.assets.register.importing.grid import Grid, GridRow, text_of

NAMES: Mapping[str, tuple[str, ...]] = {
    column: tuple(words)
    for column, words in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    ).items()
}
"""What a column may be called, blanks, brackets and units left out; by column of the ledger."""

REQUIRED = ("code", "name", "asset_class", "cost_fen")
_LEAST = 4
_DEEPEST = 30
_UNITS = {"万元": 1_000_000, "千元": 100_000, "百元": 10_000, "元": 100, "分": 1}
_BRACKETS = re.compile(r"[(（\[【〔〈《].*?[)）\]】〕〉》]")
_NOISE = re.compile(r"[\s*＊:：、,，/·\-—_☆★\"“”'.。]+")
_KNOWN = {word: column for column, words in NAMES.items() for word in words}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: which one of the ledger it is.

    Attributes:
        index: from 0.
        name: of ``NAMES``.
        heading: as it stands there.
        fen: how many fen its unit is; 0 where the heading names no unit of money.
        source: of the money, where the second line of the heading names it.
    """

    index: int
    name: str
    heading: str
    fen: int = 0
    source: str = ""


@dataclass(frozen=True)
class Headings:
    """The headings of a sheet.

    Attributes:
        columns: that are known.
        first, last: numbers of the lines they stand in.
        unknown: headings that nobody knows.
        twice: headings of columns that stand there more than once.
        fen: unit of money that a line above the table names (``单位：万元``); 0 if none does.
    """

    columns: tuple[Column, ...]
    first: int
    last: int
    unknown: tuple[str, ...]
    twice: tuple[str, ...]
    fen: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the columns that must be there and are not."""
        names = {column.name for column in self.columns}
        return tuple(name for name in REQUIRED if name not in names)


def plain(text: str) -> str:
    r"""Return a heading without what people write around it.

    >>> plain(" 资产\n原值（万元）"), plain("＊Ｇｐｓ 坐标")
    ('资产原值', 'gps坐标')
    """
    folded = unicodedata.normalize("NFKC", text)
    return _NOISE.sub("", _BRACKETS.sub("", folded)).lower()


def fen_of(text: str) -> int:
    """Return how many fen the unit of money in a text is; 0 if it names none.

    >>> fen_of("原值(万元)"), fen_of("单位：元"), fen_of("数量")
    (1000000, 100, 0)
    """
    folded = unicodedata.normalize("NFKC", text)
    found = re.search(r"(万元|千元|百元|元|分)(?![a-z])", folded)
    return _UNITS[found[1]] if found else 0


def find_headings(grid: Grid) -> Headings | None:
    """Return the headings of a sheet; None if it has none."""
    best: Headings | None = None
    for position, row in enumerate(grid.rows[:_DEEPEST]):
        below = grid.rows[position + 1] if position + 1 < len(grid.rows) else None
        for second in (None, below):
            found = _read(row, second, _unit_above(grid.rows[:position]))
            if best is None or _score(found) > _score(best):
                best = found
    return best if best is not None and len(best.columns) >= _LEAST else None


def _score(headings: Headings) -> tuple[int, int]:
    kinds = {(each.name, each.source) for each in headings.columns if each.name != "ignored"}
    known = len(kinds)
    return known, headings.first - headings.last


def _unit_above(rows: Sequence[GridRow]) -> int:
    texts = (text_of(cell) for row in rows for cell in row.cells)
    return next((fen_of(text) for text in texts if "单位" in text and fen_of(text)), 0)


def _read(row: GridRow, second: GridRow | None, fen: int) -> Headings:
    columns: list[Column] = []
    unknown: list[str] = []
    twice: list[str] = []
    for index, cell in enumerate(row.cells):
        upper = text_of(cell)
        lower = text_of(second.cells[index]) if second and index < len(second.cells) else ""
        found = _column(index, upper, "" if lower == upper else lower)
        if found is None:
            unknown += [f"{upper} {lower}".strip()] if upper or lower else []
        elif found.name not in {"ignored", "funding"} and any(
            each.name == found.name for each in columns
        ):
            twice.append(found.heading)
        else:
            columns.append(found)
    last = row.number if second is None else second.number
    return Headings(tuple(columns), row.number, last, tuple(unknown), tuple(twice), fen)


def _column(index: int, upper: str, lower: str) -> Column | None:
    heading = f"{upper} {lower}".strip()
    fen = fen_of(lower) or fen_of(upper)
    for text in filter(None, (plain(upper + lower), plain(lower), plain(upper))):
        name = _KNOWN.get(text)
        if name is not None:
            # Under a heading of funds, the second line names where they come from.
            source = lower if name == "funding" and lower and plain(lower) not in _KNOWN else ""
            return Column(index, name, heading, fen, _BRACKETS.sub("", source).strip())
    return None
