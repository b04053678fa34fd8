"""Workbooks: what is written is read back, native values too, and errors name their cells."""

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from openpyxl import Workbook, load_workbook
from tests.rules.grid.tables import SUBSIDY, tables

from longmai.kernel.errors import Invalid, InvalidMany, TooLarge
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.grid.reading import read_grid
from longmai.rules.grid.sheet_reading import MAX_FILE_BYTES, read_sheet, survey_sheet
from longmai.rules.grid.sheet_writing import write_sheet

TABLE = read_grid(SUBSIDY)


def changed(change: Callable[[Any], None], book: bytes = b"") -> bytes:
    """Change the first sheet of a workbook as a person would."""
    opened = load_workbook(io.BytesIO(book or write_sheet(TABLE)))
    change(opened.worksheets[0])
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def put(cell: str, value: object) -> Callable[[Any], None]:
    """Type a value into a cell."""

    def change(sheet: Any) -> None:
        sheet[cell] = value

    return change


@settings(max_examples=60)
@given(tables())
def test_what_is_written_is_read_back(table: DecisionTable) -> None:
    """Any table, whatever stands in its cells; in both languages."""
    for language in ("zh", "en"):
        found, _ = survey_sheet(write_sheet(table, language))
        assert found == table


def test_a_person_finds_drop_downs_colours_and_help() -> None:
    """Hit policies, kinds, types and allowed values to choose from; headings stay in view."""
    book = load_workbook(io.BytesIO(write_sheet(TABLE)))
    sheet, lists, guide = book["决策表"], book["lists"], book["填写说明"]
    assert sheet["B1"].value == "U 唯一"
    assert sheet["D8"].value == 600
    assert sheet.freeze_panes == "B7"
    assert sheet["B3"].fill.start_color.rgb != sheet["D3"].fill.start_color.rgb
    chosen = {str(each.sqref): each for each in sheet.data_validations.dataValidation}
    assert "C+ 求和" in chosen["B1"].formula1
    assert chosen["B2:E2"].formula1 == '"条件,结论,说明"'
    [values] = [each for place, each in chosen.items() if place.startswith("C7:C")]
    assert values.formula1 == "=lists!$B$1:$B$3"
    assert [lists.cell(i, 2).value for i in (1, 2, 3)] == ['"A"', '"B"', "-"]
    assert lists.sheet_state == "hidden"
    assert guide["B1"].value == "How to fill in this table"


def test_what_looks_like_a_formula_stays_text() -> None:
    """Nothing in a cell is run by a spreadsheet."""
    table = DecisionTable(
        [Input("=1+1")], [Output("a")], [Rule(["=5"], ["-x"], ["@SUM(A1)"])], annotations=["+1"]
    )
    sheet = load_workbook(io.BytesIO(write_sheet(table))).worksheets[0]
    for cell in ("B3", "B7", "C7", "D7", "D3"):
        assert sheet[cell].data_type == "s"
        assert sheet[cell].quotePrefix


@pytest.mark.parametrize(
    ("value", "feel"),
    [
        (3000, "3000"),
        (0.1, "0.1"),
        (1e21, "1000000000000000000000"),
        (True, "true"),
        (date(2026, 1, 31), '@"2026-01-31"'),
        (datetime(2026, 1, 31, 8, 30), '@"2026-01-31T08:30:00"'),  # noqa: DTZ001 - as sheets have it
        (time(8, 30), '@"08:30:00"'),
        (timedelta(hours=30), '@"PT108000S"'),
        ('"一" ', '"一"'),
    ],
)
def test_values_are_typed_as_they_are(value: object, feel: str) -> None:
    """Numbers, truths, days and times of a spreadsheet are FEEL."""
    assert list(read_sheet(changed(put("D7", value))).rules[0].conclusions) == [feel]


def test_columns_may_stand_in_any_order_and_rows_be_left_out() -> None:
    """A column is what its kind says; empty rows and columns are none."""

    def change(sheet: Any) -> None:
        sheet.insert_cols(2)
        sheet["B2"], sheet["B3"], sheet["B7"] = "说明", "依据", "第一条"
        sheet.insert_cols(2)
        sheet.insert_rows(8)
        sheet["A8"] = 9

    table = read_sheet(changed(change))
    assert list(table.annotations) == ["依据", "说明"]
    assert [list(rule.conclusions) for rule in table.rules] == [["800"], ["600"], ["300"]]
    assert list(table.rules[0].annotations) == ["第一条", "第一档"]


@pytest.mark.parametrize(
    ("cell", "value", "place", "what"),
    [
        ("B7", "＜ 3000", "t.xlsx B7 (row 1, ", "full-width"),
        ("C8", '"C"', "t.xlsx C8 ", "none of the allowed"),
        ("D9", "=SUM(D7:D8)", "t.xlsx D9", "formula"),
        ("B1", "X", "t.xlsx B1", "no hit policy"),
        ("B4", "list<", "t.xlsx B4 ", "no type"),
        ("C2", "条款", "t.xlsx C2", "a condition, a conclusion or a note"),
        ("A8", "二", "t.xlsx A8", "its number"),
        ("A8", "默认", "t.xlsx A8", "twice"),
        ("D6", "0)", "t.xlsx D6 (default", "ended"),
    ],
)
def test_errors_name_the_cell(cell: str, value: str, place: str, what: str) -> None:
    """By its address, as the person sees it."""
    with pytest.raises(Invalid) as caught:
        read_sheet(changed(put(cell, value)), "t.xlsx")
    error = caught.value
    found = error.findings if isinstance(error, InvalidMany) else [error]
    assert any(str(each).startswith(place) and what in each.what for each in found)


def test_a_workbook_that_is_no_table_is_refused() -> None:
    """Another sheet, no workbook, and one that is too large."""
    out = io.BytesIO()
    Workbook().save(out)
    with pytest.raises(Invalid, match="not laid out"):
        read_sheet(out.getvalue())
    with pytest.raises(Invalid, match="cannot be read"):
        read_sheet(b"PK\x03\x04 no workbook")
    with pytest.raises(TooLarge):
        read_sheet(b"PK\x03\x04" + b"x" * MAX_FILE_BYTES)


def test_a_text_no_sheet_can_hold_is_refused() -> None:
    """Control characters, and more than a cell has room for."""
    for text in ("\x01", "x" * 40_000):
        with pytest.raises(Invalid, match="cannot hold"):
            write_sheet(DecisionTable([Input("a")], [Output("b")], [Rule([text], ["1"])]))
