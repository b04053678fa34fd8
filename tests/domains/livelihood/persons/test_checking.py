"""Files row by row: what is wrong is told with row, column, value; what is right is made normal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.domains.livelihood.persons.model.checking import Checked, checked, require_usable
from longmai.domains.livelihood.persons.model.fields import guessed, shape_of, title_of
from longmai.kernel.errors import Invalid

TODAY = date(2026, 9, 1)
COLUMNS = {
    "号": "record_key", "姓名": "name", "身份证号": "id_number", "生日": "birth_date",
    "性别": "sex", "电话": "phone", "区划": "region", "低保": "fact",
}  # fmt: skip


def one(**cells: str) -> Checked:
    """Check one row of these cells."""
    row = [cells.get(heading, "") for heading in COLUMNS]
    return next(checked([(2, row)], COLUMNS, lambda text: text * 2, today=TODAY))


def test_a_row_is_made_normal() -> None:
    """Full-width digits, a date as text, an old number, a phone with its country."""
    row = one(
        姓名=" 王　芳", 身份证号="１１０１０５491231002", 生日="1949年12月31日",
        电话="+86 139 0000 1234", 区划="123456", 低保="是",
    )  # fmt: skip
    assert row.who == {
        "name": "王芳", "id_number": "11010519491231002X", "birth_date": "1949-12-31",
        "phone": "13900001234", "region": "123456123456",
    }  # fmt: skip
    assert row.facts == {"低保": "是"}
    assert row.faults == ()


@pytest.mark.parametrize(
    ("cells", "code", "stops"),
    [
        ({"姓名": "王芳", "生日": "1990-13-01"}, "day", True),
        ({"姓名": "王芳", "生日": "2030-01-01"}, "day_later", True),
        ({"姓名": "王芳", "身份证号": "123"}, "id_length", True),
        ({"姓名": "王芳", "身份证号": "1.10105E+17"}, "id_as_number", True),
        ({"姓名": "王芳", "身份证号": "110105194912310021"}, "id_check", False),
        ({"姓名": "王芳2"}, "name_digits", True),
        ({"姓名": "王芳", "性别": "不明"}, "sex", True),
        ({"姓名": "王芳", "电话": "12"}, "phone", False),
        ({"身份证号": "11010519491231002X", "生日": "1949-12-30"}, "id_birth", False),
        ({"身份证号": "11010519491231002X", "性别": "男"}, "id_sex", False),
        ({"低保": "是"}, "nobody", True),
    ],
)
def test_each_fault_is_told(cells: dict[str, str], code: str, stops: bool) -> None:
    """What stops a row and what is only noted."""
    [fault] = one(**cells).faults
    assert (fault.row, fault.code, fault.stops) == (2, code, stops)
    assert fault.value or code == "nobody"


def test_a_number_of_the_department_stands_once() -> None:
    """The second row is told, not the first; empty rows are nothing."""
    rows = [(2, ["1", "王芳"]), (3, ["", ""]), (4, ["1", "李强"])]
    found = list(checked(rows, COLUMNS, str, today=TODAY))
    assert [(each.number, each.sound) for each in found] == [(2, True), (4, False)]


@given(st.lists(st.text(max_size=30), min_size=8, max_size=8))
def test_no_cell_breaks_the_check(cells: list[str]) -> None:
    """Whatever stands there, the row is told sound or not."""
    for row in checked([(2, cells)], COLUMNS, lambda _text: "", today=TODAY):
        assert row.number == 2


def test_a_mapping_must_find_somebody() -> None:
    """And name no field twice."""
    with pytest.raises(Invalid, match="who a row is about"):
        require_usable({"a": "phone", "b": "fact"})
    with pytest.raises(Invalid, match="one column only"):
        require_usable({"a": "name", "b": "name"})


def test_columns_are_guessed_and_known_again() -> None:
    """By their headings, whatever stands around them; the shape is that of the headings."""
    assert guessed(["姓 名", "证件号码(必填)", "残疾等级"]) == {
        "姓 名": "name", "证件号码(必填)": "id_number", "残疾等级": "fact",
    }  # fmt: skip
    assert shape_of(["姓名：", "电话"]) == shape_of(["姓名", "电话"])
    assert title_of("低保名册2026年8月.csv") == "低保名册"
