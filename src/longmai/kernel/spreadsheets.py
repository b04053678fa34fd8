"""Workbooks that people send, opened within bounds.

A small file can unpack to a huge one (a zip bomb): what it says it unpacks to is checked before
anything is. XML entities are refused by openpyxl itself, which uses defusedxml where it is there.
"""

import io
import zipfile
from typing import Any

from openpyxl import load_workbook

from longmai.kernel.errors import Invalid, TooLarge

MAX_UNPACKED_BYTES = 32 * 1024 * 1024
ZIP = b"PK\x03\x04"
"""How a workbook begins."""


def open_workbook(data: bytes, *, formulas: bool = False) -> Any:
    """Open a workbook for reading row by row.

    Args:
        data: of an XLSX file.
        formulas: whether cells give their formulas; else the values last computed.

    Raises:
        TooLarge: it unpacks to more than we take.
        Invalid: it cannot be read.
    """
    try:
        refuse_bomb(data)
        return load_workbook(
            io.BytesIO(data), read_only=True, data_only=not formulas, keep_links=False
        )
    except TooLarge:
        raise
    # openpyxl lets whatever its parsers raise pass: KeyError, ValueError, ParseError, OSError, …
    except Exception as error:
        raise unreadable(type(error).__name__) from error


def refuse_bomb(data: bytes) -> None:
    """Refuse a workbook that unpacks to more than we take.

    Raises:
        TooLarge: it does.
        zipfile.BadZipFile: it is no workbook.
    """
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


def unreadable(why: str) -> Invalid:
    """Return the error of a file that is no sheet."""
    return Invalid(
        "the file cannot be read as a sheet",
        code="sheet.unreadable",
        value=why,
        mend="save it as XLSX, or as CSV in UTF-8",
    )
