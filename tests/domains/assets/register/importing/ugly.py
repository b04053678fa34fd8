"""Ledgers as accountants bring them: named cases, each a small workbook made here.

Each case says which rows come in (by code) and which are refused (by number and code of the fault).
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Protection

HEAD = ("资产编码", "资产名称", "资产类别", "资产原值（元）", "建成日期")
_MIDNIGHT = datetime(2020, 3, 5)  # noqa: DTZ001 - as a spreadsheet keeps it
ROW = ("A-1", "冷库", "经营性", 1000, "2020-03-05")


@dataclass(frozen=True)
class Ugly:
    """A case.

    Attributes:
        data: of the file.
        good: codes of the rows that come in, in order.
        bad: code of the first fault, by number of the row.
        notes: codes of what is said of sheets.
        expect: columns of the first good row, by name.
        unit_fen: chosen by who sends it.
        refused: code of the error that refuses the whole file.
    """

    data: bytes
    good: Sequence[str] = ()
    bad: Mapping[int, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)
    unit_fen: int = 0
    refused: str = ""


def book(*rows: Sequence[Any], more: Callable[[Workbook], None] | None = None) -> bytes:
    """Write rows into the first sheet of a workbook."""
    made = Workbook()
    for row in rows:
        made.active.append(list(row))
    if more is not None:
        more(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _sheet(change: Callable[[Any], object]) -> Callable[[Workbook], None]:
    def run(made: Workbook) -> None:
        change(made.active)

    return run


def _set(**cells: Any) -> Callable[[Workbook], None]:
    def change(sheet: Any) -> None:
        for place, value in cells.items():
            sheet[place] = value

    return _sheet(change)


def cases(  # noqa: PLR0915 - one case after the other
    village: str, village_name: str, township_name: str, old_code: str
) -> Iterator[tuple[str, Ugly]]:
    """Yield the cases by name, for the place that the ledger is of.

    Args:
        village: its 12-digit code.
        village_name: as the pack has it.
        township_name: of the township above.
        old_code: a code of the other list for a township of the county.
    """
    yield "title above", Ugly(book(["示例县资产台账"], HEAD, ROW), ["A-1"])
    yield (
        "title merged over all columns",
        Ugly(
            book(["示例县资产台账"], HEAD, ROW, more=_sheet(lambda s: s.merge_cells("A1:E1"))),
            ["A-1"],
        ),
    )
    yield (
        "unit above the table",
        Ugly(
            book(
                ["", "", "", "单位：万元"],
                ("编码", "名称", "类别", "原值"),
                ("A-1", "冷库", "经营性", 1.5),
            ),
            ["A-1"],
            expect={"cost_fen": 1_500_000},
        ),
    )
    yield (
        "ten thousand beside yuan",
        Ugly(
            book(
                ("编码", "名称", "类别", "原值（万元）", "净值(元)"),
                ("A-1", "冷库", "经营性", 1.5, 9000),
            ),
            ["A-1"],
            expect={"cost_fen": 1_500_000, "net_fen": 900_000},
        ),
    )
    yield (
        "unit in the cell",
        Ugly(
            book(("编码", "名称", "类别", "原值"), ("A-1", "冷库", "经营性", "1.5万元")),
            ["A-1"],
            expect={"cost_fen": 1_500_000},
        ),
    )
    yield (
        "no unit anywhere",
        Ugly(
            book(("编码", "名称", "类别", "原值"), ("A-1", "冷库", "经营性", 15)),
            bad={2: "ledgerbook.money_unit"},
        ),
    )
    yield (
        "no unit, but chosen",
        Ugly(
            book(("编码", "名称", "类别", "原值"), ("A-1", "冷库", "经营性", 15)),
            ["A-1"],
            expect={"cost_fen": 1500},
            unit_fen=100,
        ),
    )
    two = (
        ("编码", "名称", "类别", "原值（元）", "资金来源及金额（万元）", ""),
        ("", "", "", "", "中央", "省级"),
    )
    yield (
        "headings in two lines, merged",
        Ugly(
            book(
                *two,
                ("A-1", "冷库", "经营性", 100, 1, 2),
                more=_sheet(
                    lambda s: [
                        s.merge_cells(a) for a in ("E1:F1", "A1:A2", "B1:B2", "C1:C2", "D1:D2")
                    ]
                ),
            ),
            ["A-1"],
            expect={"funding": (("中央", 1_000_000), ("省级", 2_000_000))},
        ),
    )
    yield (
        "headings with blanks and line breaks",
        Ugly(
            book(
                ("资产\n编码", " 资产 名称 ", "＊资产类别", "资产原值\n（元）"),
                ("A-1", "冷库", "经营性", 100),
            ),
            ["A-1"],
        ),
    )
    yield (
        "headings in another order",
        Ugly(
            book(("备注", "原值(元)", "类别", "名称", "编号"), ("", 100, "公益性", "村道", "A-1")),
            ["A-1"],
        ),
    )
    yield (
        "an unknown column",
        Ugly(book((*HEAD, "领导批示"), (*ROW, "同意")), ["A-1"], notes=["unknown"]),
    )
    yield "a heading twice", Ugly(book((*HEAD, "资产原值（元）"), (*ROW, 5)), notes=["twice"])
    yield (
        "a heading missing",
        Ugly(
            book(("编码", "名称", "类别", "建成日期"), ("A-1", "冷库", "经营性", "2020-1-1")),
            notes=["missing"],
        ),
    )
    for said, way in (
        ("2020.3.5", "with dots"),
        ("2020年3月5日", "in words"),
        ("20200305", "of eight digits"),
        ("2020/3/5", "with slashes"),
        (43895, "as a serial"),
        ("43895", "as a serial in text"),
        (_MIDNIGHT, "as a date"),
        ("２０２０．３．５", "in full width"),
        ("二〇二〇年三月五日", "in Chinese numerals"),
        ("2020-03-05 ", "with a blank"),
    ):
        yield (
            f"a day {way}",
            Ugly(book(HEAD, (*ROW[:4], said)), ["A-1"], expect={"built_on": date(2020, 3, 5)}),
        )
    yield (
        "a month",
        Ugly(book(HEAD, (*ROW[:4], "2020年3月")), ["A-1"], expect={"built_on": date(2020, 3, 1)}),
    )
    yield (
        "only a year where a day is asked for",
        Ugly(book(HEAD, (*ROW[:4], "2020年")), bad={2: "ledgerbook.day_year_only"}),
    )
    yield (
        "no day of the calendar",
        Ugly(book(HEAD, (*ROW[:4], "2020-02-30")), bad={2: "ledgerbook.day"}),
    )
    yield "a day to come", Ugly(book(HEAD, (*ROW[:4], "2199-01-01")), bad={2: "asset.day"})
    yield (
        "blank rows between",
        Ugly(book(HEAD, ROW, [], ["", None, " "], ("A-2", *ROW[1:])), ["A-1", "A-2"]),
    )
    yield (
        "subtotals and a total",
        Ugly(
            book(HEAD, ROW, ["小计", "", "", 1000], ("A-2", *ROW[1:]), ["", "合　计", "", 2000]),
            ["A-1", "A-2"],
        ),
    )
    yield (
        "notes under the table",
        Ugly(
            book(HEAD, ROW, [], ["填表人：王示例", "", "审核人：李示例"], ["注：原值按发票填写。"]),
            ["A-1"],
        ),
    )
    yield (
        "headings again on the next page",
        Ugly(book(HEAD, ROW, HEAD, ("A-2", *ROW[1:])), ["A-1", "A-2"]),
    )
    yield (
        "a serial column, and its numbers",
        Ugly(book(("序号", *HEAD), (1, *ROW), (2, "A-2", *ROW[1:])), ["A-1", "A-2"]),
    )
    yield (
        "digits in full width",
        Ugly(
            book(HEAD, ("Ａ－１", "冷库", "经营性", "１，０００．５０", "2020-3-5")),
            ["A-1"],
            expect={"cost_fen": 100_050},
        ),
    )
    yield (
        "amounts as text, with commas and a sign",
        Ugly(
            book(HEAD, ("A-1", "冷库", "经营性", "￥1,234.50元", "2020-3-5")),
            ["A-1"],
            expect={"cost_fen": 123_450},
        ),
    )
    yield (
        "an amount that is none",
        Ugly(book(HEAD, ("A-1", "冷库", "经营性", "约三万", "")), bad={2: "ledgerbook.amount"}),
    )
    yield (
        "a part of a fen",
        Ugly(book(HEAD, ("A-1", "冷库", "经营性", "0.001", "")), bad={2: "ledgerbook.part_of_fen"}),
    )
    yield (
        "float noise of a spreadsheet",
        Ugly(
            book(HEAD, ("A-1", "冷库", "经营性", 0.1 + 0.2, "")), ["A-1"], expect={"cost_fen": 30}
        ),
    )
    yield (
        "a negative cost",
        Ugly(book(HEAD, ("A-1", "冷库", "经营性", -5, "")), bad={2: "asset.cost"}),
    )
    yield (
        "net above cost",
        Ugly(
            book(("编码", "名称", "类别", "原值(元)", "净值(元)"), ("A-1", "冷库", "经营性", 5, 6)),
            bad={2: "asset.net"},
        ),
    )
    yield (
        "a code that the spreadsheet rounded",
        Ugly(book(HEAD, (6.2e17, *ROW[1:])), bad={2: "ledgerbook.code_rounded"}),
    )
    yield (
        "a code in powers of ten",
        Ugly(book(HEAD, ("6.2E+17", *ROW[1:])), bad={2: "ledgerbook.code_rounded"}),
    )
    yield "a number as code", Ugly(book(HEAD, (620001.0, *ROW[1:])), ["620001"])
    yield (
        "a code twice",
        Ugly(book(HEAD, ROW, ("A-2", *ROW[1:]), ROW), ["A-1", "A-2"], {4: "ledgerbook.code_again"}),
    )
    yield "no code", Ugly(book(HEAD, ("", *ROW[1:])), bad={2: "ledgerbook.empty_cell"})
    yield "no name", Ugly(book(HEAD, ("A-1", " ", *ROW[2:])), bad={2: "ledgerbook.empty_cell"})
    yield (
        "an unknown class",
        Ugly(book(HEAD, ("A-1", "冷库", "扶贫性", *ROW[3:])), bad={2: "ledgerbook.class"}),
    )
    yield (
        "dashes for nothing",
        Ugly(
            book((*HEAD, "经度", "联农户数"), (*ROW[:4], "—", "/", "无")),
            ["A-1"],
            expect={"built_on": None},
        ),
    )
    yield (
        "a formula nobody computed",
        Ugly(book(HEAD, ("A-1", "冷库", "经营性", "=1000*2", "")), bad={2: "ledgerbook.formula"}),
    )
    yield (
        "an error of the spreadsheet",
        Ugly(book(HEAD, ("A-1", "冷库", "经营性", "#REF!", "")), bad={2: "ledgerbook.broken"}),
    )

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True

    yield (
        "a hidden row",
        Ugly(
            book(HEAD, ROW, ("A-2", *ROW[1:]), more=_sheet(hide)),
            ["A-2"],
            {2: "ledgerbook.hidden_row"},
        ),
    )

    def second(made: Workbook) -> None:
        other = made.create_sheet("二组")
        for row in (HEAD, ("B-1", *ROW[1:])):
            other.append(row)
        made.create_sheet("说明").append(["本表由各组填写"])

    yield (
        "several sheets, one of them a note",
        Ugly(book(HEAD, ROW, more=second), ["A-1", "B-1"], notes=["no_headings"]),
    )

    def unseen(made: Workbook) -> None:
        other = made.create_sheet("旧表")
        other.append(HEAD)
        other.sheet_state = "hidden"

    yield "a hidden sheet", Ugly(book(HEAD, ROW, more=unseen), ["A-1"], notes=["hidden_sheet"])
    yield (
        "a project merged over rows",
        Ugly(
            book(
                (*HEAD, "项目名称"),
                (*ROW, "冷链项目"),
                ("A-2", *ROW[1:], None),
                more=_sheet(lambda s: s.merge_cells("F2:F3")),
            ),
            ["A-1", "A-2"],
            expect={"project": "冷链项目"},
        ),
    )
    place = ("编码", "名称", "类别", "原值（元）", "行政区划代码")
    yield (
        "the village's code",
        Ugly(
            book(place, ("A-1", "冷库", "经营性", 1, village)), ["A-1"], expect={"region": village}
        ),
    )
    yield (
        "the village's code as a number",
        Ugly(
            book(place, ("A-1", "冷库", "经营性", 1, int(village))),
            ["A-1"],
            expect={"region": village},
        ),
    )
    named = ("编码", "名称", "类别", "原值（元）", "乡镇", "所在村")
    yield (
        "the village's name",
        Ugly(
            book(named, ("A-1", "冷库", "经营性", 1, township_name, village_name)),
            ["A-1"],
            expect={"region": village},
        ),
    )
    yield (
        "township and village in one cell",
        Ugly(
            book(
                ("编码", "名称", "类别", "原值（元）", "所在村"),
                ("A-1", "冷库", "经营性", 1, township_name + village_name),
            ),
            ["A-1"],
            expect={"region": village},
        ),
    )
    yield (
        "an old code of the county",
        Ugly(book((*place, "资产级别"), ("A-1", "冷库", "经营性", 1, old_code, "乡级")), ["A-1"]),
    )
    yield (
        "a code of no place",
        Ugly(
            book(place, ("A-1", "冷库", "经营性", 1, "999999999999")),
            bad={2: "ledgerbook.place_code"},
        ),
    )
    yield (
        "a village that is not there",
        Ugly(
            book(named, ("A-1", "冷库", "经营性", 1, township_name, "没有这个村")),
            bad={2: "ledgerbook.place_unknown"},
        ),
    )
    yield (
        "coordinates in one cell",
        Ugly(
            book((*HEAD, "经纬度"), (*ROW, "35.21，106.65")),
            ["A-1"],
            expect={"lon": 106.65, "lat": 35.21},
        ),
    )
    yield (
        "degrees, minutes, seconds",
        Ugly(
            book((*HEAD, "经度", "纬度"), (*ROW, "106°39′00″", "35°12′36″")),
            ["A-1"],
            expect={"lon": 106.65, "lat": 35.21},
        ),
    )
    yield (
        "a longitude without latitude",
        Ugly(book((*HEAD, "经度"), (*ROW, 106.65)), bad={2: "asset.point"}),
    )
    yield (
        "a quantity with its unit",
        Ugly(book((*HEAD, "数量"), (*ROW, "3座")), ["A-1"], expect={"unit": "座"}),
    )
    yield (
        "a term in one cell",
        Ugly(
            book((*HEAD, "合同期限", "年租金（万元）"), (*ROW, "2021年1月1日至2025年12月31日", 2)),
            ["A-1"],
        ),
    )
    yield (
        "a term that ends before it starts",
        Ugly(book((*HEAD, "合同期限"), (*ROW, "2025.12.31-2021.1.1")), bad={2: "asset.lease"}),
    )
    yield (
        "a text longer than a column",
        Ugly(book((*HEAD, "备注"), (*ROW, "长" * 500)), bad={2: "asset.long"}),
    )
    yield (
        "controls and hidden characters",
        Ugly(book(HEAD, ("\u200bA-1\u00a0", "冷\u3000库", "经营性\u200b", 5, "")), ["A-1"]),
    )
    yield (
        "a protected sheet",
        Ugly(
            book(
                HEAD,
                ROW,
                more=_sheet(lambda s: setattr(s["A1"], "protection", Protection(locked=True))),
            ),
            ["A-1"],
        ),
    )
    yield (
        "rows far below",
        Ugly(
            book(HEAD, ROW, more=_set(A400="A-2", B400="机井", C400="公益性", D400=9)),
            ["A-1", "A-2"],
        ),
    )
    csv_text = "资产编码,资产名称,资产类别,资产原值（元）\r\nA-1,冷库,经营性,10\r\n"
    yield "a CSV file in GB 18030", Ugly(csv_text.encode("gb18030"), ["A-1"])
    yield "a CSV file in UTF-8 with a mark", Ugly(csv_text.encode("utf-8-sig"), ["A-1"])
    yield "tabs between", Ugly(csv_text.replace(",", "\t").encode(), ["A-1"])
    yield "an old Excel file", Ugly(b"\xd0\xcf\x11\xe0" + b"\0" * 600, refused="ledgerbook.xls")
    yield "an empty file", Ugly(b" ", refused="ledgerbook.empty")
    yield (
        "no ledger at all",
        Ugly(book(["会议签到表"], ["姓名", "电话"]), refused="ledgerbook.headings"),
    )
    yield (
        "a picture called xlsx",
        Ugly(b"\xff\xd8\xff\xe0 no sheet \x81", refused="ledgerbook.headings"),
    )
