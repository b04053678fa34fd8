"""Sheets in and out: what is read is bounded, what is written is inert."""

import contextlib
import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from longmai.kernel import spreadsheets
from longmai.kernel.errors import Invalid, LongmaiError, TooLarge
from longmai.portal import sheets
from longmai.portal.export import csv_of, xlsx_of
from longmai.portal.sheets import read_sheet

HEADINGS = ["login", "name"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example")']


def xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    """Write a workbook as a spreadsheet program would."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_written_as_text(formula: str) -> None:
    """A spreadsheet that opens the file computes nothing."""
    book = load_workbook(io.BytesIO(xlsx_of(HEADINGS, [[formula, "x"]])))
    cell = book.worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", formula)
    line = csv_of(HEADINGS, [[formula, "x"]]).decode("utf-8-sig").splitlines()[1]
    assert line.lstrip('"').startswith("'")


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_any_text_can_be_written_and_numbers_stay_numbers(rows: list[tuple[str, str]]) -> None:
    """Control characters, quotes, line ends: the file opens."""
    told = [(*row, 12) for row in rows]
    book = load_workbook(io.BytesIO(xlsx_of([*HEADINGS, "n"], told)))
    assert [row[2] for row in book.worksheets[0].iter_rows(values_only=True)][1:] == [12] * len(
        rows
    )
    assert csv_of(HEADINGS, rows)


def test_both_kinds_are_read_alike() -> None:
    """CSV in two encodings, XLSX; blanks around cells and empty rows are dropped."""
    rows: list[list[object]] = [
        ["name", "login", "more"],
        [" 李四 ", "li4", "x"],
        ["", None, ""],
        ["王五", "w5", ""],
    ]
    text = "name,login,more\r\n 李四 ,li4,x\r\n,,\r\n王五,w5,\r\n"
    found = [
        read_sheet(data, HEADINGS)
        for data in (text.encode(), text.encode("utf-8-sig"), text.encode("gb18030"), xlsx(rows))
    ]
    assert found[0] == found[1] == found[2] == found[3]
    assert [(row.number, row.cells) for row in found[0]] == [
        (2, {"login": "li4", "name": "李四"}),
        (4, {"login": "w5", "name": "王五"}),
    ]


def test_a_zip_bomb_is_refused_unpacked() -> None:
    """A kilobyte that says it unpacks to gigabytes, and one that lies about it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (spreadsheets.MAX_UNPACKED_BYTES + 1))
    bomb = out.getvalue()
    assert len(bomb) < sheets.MAX_FILE_BYTES
    with pytest.raises(TooLarge, match="unpacks"):
        read_sheet(bomb, HEADINGS)
    size = (spreadsheets.MAX_UNPACKED_BYTES + 1).to_bytes(4, "little")
    with pytest.raises(Invalid):
        read_sheet(bomb.replace(size, (1000).to_bytes(4, "little")), HEADINGS)


def test_xml_entities_are_refused() -> None:
    """A sheet that defines entities (billion laughs, files of the server) is not read."""
    whole = xlsx([HEADINGS, ["a", "b"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                entity = b'<!DOCTYPE x [<!ENTITY file "login">]>'
                body = entity + body.replace(b">login<", b">&file;<")
            target.writestr(name, body)
    with pytest.raises(Invalid):
        read_sheet(out.getvalue(), HEADINGS)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet.headings"),
        (b"login\r\nx", "sheet.headings"),
        (b"login,name,name\r\nx", "sheet.headings"),
        (b"PK\x03\x04 no archive", "sheet.unreadable"),
        (b"\xff\xff\xff", "sheet.unreadable"),
        (b'login,name\r\n"open', "sheet.unreadable"),
    ],
)
def test_what_is_no_sheet_is_refused(data: bytes, code: str) -> None:
    """In words, never with another error."""
    with pytest.raises(Invalid) as caught:
        read_sheet(data, HEADINGS)
    assert caught.value.code == code


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of bytes and of rows."""
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    assert len(read_sheet(b"login,name\na,b\nc,d\n", HEADINGS)) == 2
    with pytest.raises(TooLarge, match="rows"):
        read_sheet(b"login,name\na,b\nc,d\ne,f\n", HEADINGS)
    with pytest.raises(TooLarge, match="MiB"):
        read_sheet(b"x" * (sheets.MAX_FILE_BYTES + 1), HEADINGS)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_raise_another_error(data: bytes, zipped: bool) -> None:
    """Only ours."""
    with contextlib.suppress(LongmaiError):
        read_sheet(b"PK\x03\x04" + data if zipped else data, HEADINGS)
