"""Files of banks: what stands where, in which bytes; what does not fit is refused."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.livelihood.payments import banks
from longmai.domains.livelihood.payments.model.batch import Line
from longmai.domains.livelihood.payments.model.forms import (
    Batch,
    Column,
    answers_of,
    lines_read,
    read_form,
    written,
)
from longmai.kernel.errors import Invalid, InvalidMany

FORM = read_form(Path(banks.__file__).parent / "forms" / "sample-bank.toml")
BATCH = Batch("b1", "补助 2026-09")


def line(name: str = "陇甲一", amount_fen: int = 10_001, account: str = "6200000012345678") -> Line:
    """Return a line."""
    return Line("i1", "c1", "p1", name, account, "某村信用社", "2026-09", amount_fen)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 10**11), min_size=1, max_size=20))
def test_the_file_says_what_the_batch_is(amounts: list[int]) -> None:
    """Read back: as many lines, the same fen, and the totals of both."""
    body = written(FORM, [line(amount_fen=each) for each in amounts], BATCH)
    heading, *rows, totals = lines_read(FORM, body)
    assert heading[0] == "序号"
    assert [Decimal(row[5]) * 100 for row in rows] == amounts
    assert totals[:3] == ["合计", str(len(amounts)), f"{Decimal(sum(amounts)) / 100:.2f}"]
    assert body.decode("gbk").endswith("\r\n")
    assert written(FORM, [line(amount_fen=each) for each in amounts], BATCH) == body


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (line(name="㑇" * 2 + "\U00020000"), "pay.character"),
        (line(name="长" * 31), "pay.width"),
        (line(account="62|00"), "pay.delimiter"),
        (line(name="一\n二"), "pay.delimiter"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(wrong: Line, code: str) -> None:
    """A bank would cut it, or read another column."""
    with pytest.raises(InvalidMany) as refused:
        written(FORM, [line(), wrong], BATCH)
    assert [each.code for each in refused.value.findings] == [code]
    assert "line 2" in str(refused.value.findings[0].place)


def test_fixed_widths_count_bytes() -> None:
    """A Chinese character has two in GBK."""
    columns = (Column("户名", "name", 10), Column("分", "amount_fen", 8, right=True, pad="0"))
    form = replace(FORM, fixed=True, columns=columns, totals=(), heading=False, delimiter="")
    assert written(form, [line()], BATCH) == "陇甲一    00010001\r\n".encode("gbk")


def test_an_answer_is_read_by_the_headings_of_the_form() -> None:
    """Good codes are the form's, not the program's."""
    rows = [
        (2, {"流水号": "i1", "处理结果": "0000", "失败原因": ""}),
        (3, {"流水号": "i2", "处理结果": "E12", "失败原因": "账号不存在"}),
    ]
    assert [each.good for each in answers_of(FORM, rows)] == [True, False]


def test_a_broken_form_says_where(tmp_path: Path) -> None:
    """By the name of its file."""
    file = tmp_path / "odd.toml"
    file.write_text("[form]\nname = '缺'\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"odd\.toml"):
        read_form(file)
