"""Spreadsheets that people send: CSV and XLSX, read row by row within bounds.

Rows are counted while they are read; ``kernel.spreadsheets`` bounds what a workbook unpacks to.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from longmai.kernel.errors import Invalid, TooLarge
from longmai.kernel.spreadsheets import ZIP, open_workbook, unreadable

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 50


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet.

    Attributes:
        number: as the spreadsheet counts; the headings are row 1.
        cells: text by heading, stripped.
    """

    number: int
    cells: dict[str, str]


def read_sheet(data: bytes, headings: Sequence[str]) -> list[SheetRow]:
    r"""Read the rows of a sheet that has these headings, in any order; empty rows are left out.

    >>> read_sheet("登录名,姓名\r\nli4,李四\r\n".encode(), ["登录名", "姓名"])
    [SheetRow(number=2, cells={'登录名': 'li4', '姓名': '李四'})]

    Args:
        data: a CSV file in UTF-8 or GB 18030, or an XLSX file; of more sheets the first is read.
        headings: that must be there.

    Raises:
        TooLarge: the file, what it unpacks to, or its rows are more than we take.
        Invalid: it cannot be read, or a heading is missing or stands there twice.
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(
            f"a sheet has at most {MAX_FILE_BYTES // 1024 // 1024} MiB",
            code="sheet.size",
            mend="send it in parts",
        )
    rows = sheet_rows(data)
    first = next(rows, None)
    columns = _columns(first or [], headings)
    found = []
    for number, row in enumerate(rows, 2):
        if number > MAX_ROWS + 1:
            raise TooLarge(
                f"a sheet has at most {MAX_ROWS} rows", code="sheet.rows", mend="send it in parts"
            )
        cells = {name: row[i].strip() if i < len(row) else "" for name, i in columns.items()}
        if any(cells.values()):
            found.append(SheetRow(number, cells))
    return found


def sheet_rows(data: bytes) -> Iterator[list[str]]:
    """Yield the rows of a sheet as texts, the headings first; empty rows too.

    Args:
        data: a CSV file in UTF-8 or GB 18030, or an XLSX file; of more sheets the first is read.

    Raises:
        TooLarge: it unpacks to more than we take.
        Invalid: it cannot be read.
    """
    return _xlsx_rows(data) if data.startswith(ZIP) else _csv_rows(data)


def _columns(first: Sequence[str], headings: Sequence[str]) -> dict[str, int]:
    named = [text.strip() for text in first]
    wrong = [name for name in headings if named.count(name) != 1]
    if wrong:
        raise Invalid(
            "the first row must have each heading once",
            code="sheet.headings",
            place="row 1",
            value=", ".join(wrong),
            mend="take the template, and fill it in",
        )
    return {name: named.index(name) for name in headings}


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise unreadable("the text is neither UTF-8 nor GB 18030")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield row[:MAX_COLUMNS]
    except csv.Error as error:
        raise unreadable(str(error)) from None


def _xlsx_rows(data: bytes) -> Iterator[list[str]]:
    book = open_workbook(data)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS)
        for row in rows:
            yield ["" if cell is None else str(cell) for cell in row]
    # openpyxl lets whatever its parsers raise pass: KeyError, ValueError, ParseError, OSError, …
    except Exception as error:
        raise unreadable(type(error).__name__) from error
