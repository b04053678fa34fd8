"""Tables as files: CSV and XLSX, for spreadsheets, with nothing in them that a spreadsheet runs.

A cell that begins like a formula is text all the same: in CSV a quote is put before it (OWASP, CSV
injection), in XLSX its type says so.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal

from fastapi.responses import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from longmai.kernel.clock import BEIJING

Format = Literal["csv", "xlsx"]
Cell = str | int | float | datetime | date | bool | None
MAX_ROWS = 50_000

_CSV = "text/csv; charset=utf-8"
XLSX_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = set("=+-@\t\r")
_WIDTH = 18
# Not allowed in XML 1.0, so not in a spreadsheet.
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def table_file(
    kind: Format, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Response:
    """Return a table as a file to download.

    Args:
        kind: of file.
        name: of the file, in ASCII, without its ending.
        headings: of the columns.
        rows: cells, as many as headings; instants are shown in Beijing time.
    """
    body = csv_of(headings, rows) if kind == "csv" else xlsx_of(headings, rows)
    named = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, media_type=_CSV if kind == "csv" else XLSX_MEDIA, headers=named)


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write CSV in UTF-8 with a mark, as spreadsheets expect.

    >>> csv_of(["name"], [["=1+1"], ["1 kg"]]).decode("utf-8-sig").split()
    ['name', "'=1+1", '1', 'kg']
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a spreadsheet of one sheet, its first row frozen."""
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for index in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTH
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: Cell, *, bold: bool = False) -> WriteOnlyCell:
    if isinstance(value, bool) or not isinstance(value, int | float):
        made = WriteOnlyCell(sheet, _told(value).translate(_CONTROLS))
        made.data_type = "s"  # whatever it looks like
    else:
        made = WriteOnlyCell(sheet, value)
    if bold:
        made.font = Font(bold=True)
    return made


def _csv_cell(cell: Cell) -> str:
    # A number below 0 begins like a formula, and is none.
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return _told(cell) if is_number else _inert(_told(cell))


def _told(value: Cell) -> str:
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)


def _inert(text: str) -> str:
    return f"'{text}" if text[:1] in _FORMULA else text
