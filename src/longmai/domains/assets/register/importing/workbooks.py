"""Workbooks that go out: the template, the register as a ledger, and the rows to be mended."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from longmai.domains.assets.register.importing.grid import text_of
from longmai.domains.assets.register.importing.reading import Fault
from longmai.domains.assets.register.model.asset import Asset, Funding
from longmai.kernel.money import fen_to_yuan

HEADINGS: Mapping[str, str] = {
    "code": "资产编码",
    "name": "资产名称",
    "asset_class": "资产类别",
    "level": "资产级别",
    "region": "行政区划代码",
    "project": "项目名称",
    "year": "项目年度",
    "funding_source": "资金来源",
    "funding": "资金金额（元）",
    "cost_fen": "资产原值（元）",
    "net_fen": "资产净值（元）",
    "built_on": "建成日期",
    "handed_on": "移交日期",
    "place": "坐落位置",
    "lon": "经度",
    "lat": "纬度",
    "quantity": "数量",
    "unit": "计量单位",
    "spec": "规格型号",
    "owner": "所有权人",
    "operator": "经营主体",
    "beneficiary": "收益权人",
    "caretaker": "管护责任人",
    "regulator": "监管部门",
    "certificate": "确权证号",
    "lease_start": "合同开始日期",
    "lease_end": "合同结束日期",
    "rent_fen": "年租金（元）",
    "due_fen": "应收（元）",
    "received_fen": "实收（元）",
    "condition": "资产状态",
    "households": "联农户数",
    "counted_on": "盘点日期",
    "life_months": "使用年限",
    "residual_permille": "残值率",
    "depreciation_basis": "折旧依据",
    "note": "备注",
}
"""Headings of the template, in order; by column of the ledger."""

CLASS_WORDS = {"operating": "经营性", "public": "公益性", "household": "到户类"}
LEVEL_WORDS = {"county": "县级", "township": "乡级", "village": "村级", "household": "户级"}
CONDITION_WORDS = {
    "good": "良好",
    "normal": "一般",
    "low": "低效",
    "idle": "闲置",
    "damaged": "损毁",
}
PROBLEM, ORIGIN = "问题", "原表行号"
_WIDTH = 16
_WRONG = PatternFill("solid", fgColor="FCE4D6")
_MONEY_COLUMNS = ("cost_fen", "net_fen", "rent_fen", "due_fen", "received_fen")


def ledger_cells(asset: Asset) -> dict[str, Any]:
    """Return what the template's columns say of an asset; reading it back gives the same asset.

    Several sources of money stand in one cell, each with its amount.
    """
    lease = asset.lease
    money = {name: getattr(asset, name, None) for name in ("cost_fen", "net_fen")} | {
        name: getattr(lease, name) for name in ("rent_fen", "due_fen", "received_fen")
    }
    told: dict[str, Any] = {
        **{name: getattr(asset, name) for name in HEADINGS if hasattr(asset, name)},
        **{name: None if v is None else fen_to_yuan(v) for name, v in money.items()},
        "asset_class": CLASS_WORDS.get(asset.asset_class, asset.asset_class),
        "level": LEVEL_WORDS.get(asset.level, asset.level),
        "condition": CONDITION_WORDS.get(asset.condition, asset.condition),
        "funding_source": _sources(asset.funding),
        "funding": fen_to_yuan(asset.funding[0].amount_fen) if len(asset.funding) == 1 else None,
        "lease_start": lease.start,
        "lease_end": lease.end,
        "life_months": f"{asset.life_months}个月" if asset.life_months else None,
        "residual_permille": _percent(asset.residual_permille),
    }
    return {name: told[name] for name in HEADINGS}


def _sources(funding: Sequence[Funding]) -> str:
    if len(funding) == 1:
        return funding[0].source
    return "；".join(f"{each.source} {fen_to_yuan(each.amount_fen)}元" for each in funding)


def _percent(permille: int | None) -> str | None:
    return None if permille is None else f"{Decimal(permille) / 10:f}%"


def template() -> bytes:
    """Return the empty workbook to fill in."""
    return _book(list(HEADINGS.values()), [])


def ledger_workbook(assets: Iterable[Asset]) -> bytes:
    """Return assets as a workbook that can be imported again."""
    return _book(list(HEADINGS.values()), (list(ledger_cells(each).values()) for each in assets))


def faulty_workbook(
    rows: Sequence[tuple[str, int, Mapping[str, Any], Sequence[Fault]]],
    say: Callable[[Fault], str],
) -> bytes:
    """Return the rows that were refused, with what is wrong, to be mended and sent again.

    Args:
        rows: (sheet, number, what stood there by column of the ledger, faults).
        say: puts a fault into words.
    """
    headings = [*HEADINGS.values(), PROBLEM, ORIGIN]
    return _book(headings, _faulty(rows, say))


def _faulty(
    rows: Sequence[tuple[str, int, Mapping[str, Any], Sequence[Fault]]],
    say: Callable[[Fault], str],
) -> Iterator[list[Any]]:
    for sheet, number, said, faults in rows:
        told = [said.get(name) for name in HEADINGS]
        yield [*told, "；".join(say(fault) for fault in faults), f"{sheet} {number}".strip()]


def _book(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("资产台账")
    sheet.freeze_panes = "C2"
    for index, heading in enumerate(headings, 1):
        width = 48 if heading == PROBLEM else _WIDTH
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.append([_written(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append(
            [
                _written(sheet, value, wrong=heading == PROBLEM)
                for heading, value in zip(headings, row, strict=True)
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _written(sheet: Any, value: Any, *, bold: bool = False, wrong: bool = False) -> WriteOnlyCell:
    if isinstance(value, date):
        value = value.isoformat()
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    cell = WriteOnlyCell(sheet, value if number else text_of(value))
    if not number:
        # Whatever it looks like: a formula that somebody typed is text.
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
    if wrong:
        cell.fill = _WRONG
        cell.alignment = Alignment(wrap_text=True)
    return cell
