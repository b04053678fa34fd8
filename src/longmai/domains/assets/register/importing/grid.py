"""A workbook as people fill it: sheets of cells with what lies behind them, within bounds.

Merged cells give their value to each cell they cover; hidden rows and sheets are told; a formula
that was never computed is told, for its value is not there.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from longmai.kernel.errors import Invalid, TooLarge
from longmai.kernel.spreadsheets import ZIP, refuse_bomb, unreadable

MAX_FILE_BYTES = 12 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 80
MAX_SHEETS = 60
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class Formula(str):
    """A formula whose value is not in the file."""

    __slots__ = ()


class Broken(str):
    """An error of the spreadsheet, such as ``#REF!``."""

    __slots__ = ()


Cell = str | int | float | bool | date | Formula | Broken | None


@dataclass(frozen=True)
class GridRow:
    """A row: its number as the spreadsheet counts, its cells, and whether it is hidden."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False

    @property
    def empty(self) -> bool:
        """Tell whether no cell says anything."""
        return not any(text_of(cell) for cell in self.cells)


@dataclass(frozen=True)
class Grid:
    """A sheet."""

    name: str
    rows: tuple[GridRow, ...]
    hidden: bool = False


def text_of(cell: Cell) -> str:
    """Return what a cell shows, without the blanks around it.

    >>> text_of(2020.0), text_of("　冷库 "), text_of(None)
    ('2020', '冷库', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\u00a0", " ").replace("\u3000", " ").strip()


def column_name(index: int) -> str:
    """Return the letters of a column, counted from 0."""
    return str(get_column_letter(index + 1))


def read_grids(data: bytes) -> list[Grid]:
    """Read the sheets of a workbook (XLSX), or a CSV file in UTF-8 or GB 18030 as one sheet.

    Raises:
        TooLarge: the file, what it unpacks to, or its rows are more than we take.
        Invalid: it cannot be read.
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(
            f"a workbook has at most {MAX_FILE_BYTES // 1024 // 1024} MiB",
            code="ledgerbook.size",
            mend="send it by township",
        )
    if data.startswith(_OLD_EXCEL):
        raise Invalid(
            "an old or a locked Excel file",
            code="ledgerbook.xls",
            mend="open it, take off the password, and save it as .xlsx",
        )
    if not data.strip():
        raise Invalid("the file is empty", code="ledgerbook.empty")
    grids = list(_sheets(data) if data.startswith(ZIP) else [_csv(data)])
    if sum(len(grid.rows) for grid in grids) > MAX_ROWS:
        raise TooLarge(
            f"a workbook has at most {MAX_ROWS} rows",
            code="ledgerbook.rows",
            mend="send it by township",
        )
    return grids


def _csv(data: bytes) -> Grid:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise unreadable("the text is neither UTF-8 nor GB 18030")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise unreadable(str(error)) from None
    return Grid("", tuple(GridRow(n, tuple(row[:MAX_COLUMNS])) for n, row in enumerate(rows, 1)))


def _sheets(data: bytes) -> Iterator[Grid]:
    try:
        refuse_bomb(data)
        values = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        _refuse_many(values)
        # Read once more only where there are formulas: to tell one that was never computed.
        formulas = load_workbook(io.BytesIO(data)) if _has_formulas(data) else values
        for shown, behind in zip(values.worksheets, formulas.worksheets, strict=True):
            yield Grid(
                shown.title, tuple(_rows(shown, behind)), hidden=shown.sheet_state != "visible"
            )
    except TooLarge:
        raise
    # openpyxl lets whatever its parsers raise pass: KeyError, ValueError, ParseError, OSError, …
    except Exception as error:
        raise unreadable(type(error).__name__) from error


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = (name for name in archive.namelist() if name.startswith("xl/worksheets/"))
        return any(b"<f" in archive.read(name) for name in sheets)


def _refuse_many(book: Any) -> None:
    if len(book.worksheets) > MAX_SHEETS:
        raise TooLarge(f"at most {MAX_SHEETS} sheets", code="ledgerbook.sheets")
    # Rows that only have a format count for Excel; of those there may be more.
    if any(sheet.max_row > 4 * MAX_ROWS for sheet in book.worksheets):
        raise TooLarge("too many rows", code="ledgerbook.rows", mend="send it by township")


def _rows(shown: Any, behind: Any) -> Iterator[GridRow]:
    merged = _merged(shown)
    width = min(shown.max_column, MAX_COLUMNS)
    formulas = behind.iter_rows(max_col=width)
    for cells, sources in zip(shown.iter_rows(max_col=width), formulas, strict=True):
        number = cells[0].row
        values = [
            merged.get((number, index), _cell(cell.value, source.value))
            for index, (cell, source) in enumerate(zip(cells, sources, strict=True), 1)
        ]
        yield GridRow(number, tuple(values), hidden=shown.row_dimensions[number].hidden)


def _merged(sheet: Any) -> dict[tuple[int, int], Cell]:
    found: dict[tuple[int, int], Cell] = {}
    for area in sheet.merged_cells.ranges:
        value = _cell(sheet.cell(area.min_row, area.min_col).value, None)
        for row in range(area.min_row, min(area.max_row, area.min_row + MAX_ROWS) + 1):
            for column in range(area.min_col, min(area.max_col, MAX_COLUMNS) + 1):
                found[row, column] = value
    return found


def _cell(value: Any, source: Any) -> Cell:
    if value is None:
        # A formula is there, and nobody ever computed it.
        return Formula(source) if isinstance(source, str) and source.startswith("=") else None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "/A")):
        return Broken(value)
    if isinstance(value, str | int | float | bool | date):
        return value
    return str(value)
