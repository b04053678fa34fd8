"""Spreadsheets that people send: CSV and XLSX, read row by row within bounds.

A small file can unpack to a huge one (a zip bomb): what a spreadsheet says it unpacks to is checked
before anything is, and rows are counted while they are read.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openpyxl import load_workbook

from longmai.kernel.errors import Invalid, TooLarge

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 32 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 50
_ZIP = b"PK\x03\x04"


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
    rows = _xlsx_rows(data) if data.startswith(_ZIP) else _csv_rows(data)
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
        raise _unreadable("the text is neither UTF-8 nor GB 18030")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield row[:MAX_COLUMNS]
    except csv.Error as error:
        raise _unreadable(str(error)) from None


def _xlsx_rows(data: bytes) -> Iterator[list[str]]:
    try:
        _refuse_bomb(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        rows = book.worksheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS)
        for row in rows:
            yield ["" if cell is None else str(cell) for cell in row]
    except TooLarge:
        raise
    # openpyxl lets whatever its parsers raise pass: KeyError, ValueError, ParseError, OSError, …
    except Exception as error:
        raise _unreadable(type(error).__name__) from error


def _refuse_bomb(data: bytes) -> None:
    # What says less than it unpacks to is cut off there by zipfile, and then fails its checksum.
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(each.file_size for each in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise TooLarge(
            "the sheet unpacks to more than we take",
            code="sheet.unpacked",
            value=unpacked,
            mend="send it in parts",
        )


def _unreadable(why: str) -> Invalid:
    return Invalid(
        "the file cannot be read as a sheet",
        code="sheet.unreadable",
        value=why,
        mend="save it as XLSX, or as CSV in UTF-8",
    )
