"""The sheet of a plan: incomes, costs, work and floors, one row each, refused row by row."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from longmai.domains.assets.dividends.charter import COMPUTED, FLOORS, LABOUR
from longmai.domains.assets.dividends.model import Floor, Line, Plan, Work
from longmai.domains.assets.members.model import Roll
from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.money import yuan_to_fen
from longmai.portal.sheets import SheetRow, read_sheet
from longmai.rules.policy.model import Policy

HEADINGS = ("类别", "名称", "金额（元）", "开始日期", "结束日期", "凭据", "户号", "姓名")
WORK, FLOOR = "按劳取酬", "保底分红"


def kinds(policy: Policy) -> tuple[str, ...]:
    """Return what a row may be: incomes and costs of the charter, work, floors."""
    own = [name for name in policy.inputs if name not in COMPUTED]
    return (*own, WORK, FLOOR)


def read_plan(data: bytes, policy: Policy, roll: Roll, year: int, as_of: date) -> Plan:
    """Read a plan.

    Args:
        data: CSV or XLSX with ``HEADINGS``.
        policy: the charter: its data are the kinds of rows.
        roll: of the day of the shares; households are named by their numbers.
        year: whose earnings are divided.
        as_of: day of the shares.

    Raises:
        InvalidMany: what is wrong, row by row.
    """
    findings: list[Invalid] = []
    homes = {home.number: home.household_id for home in roll.households}
    lines: list[Line] = []
    work: list[Work] = []
    floors: list[Floor] = []
    for raw in read_sheet(data, HEADINGS):
        row = SheetRow(raw.number, _normal(raw.cells))
        cells = {name: row.cells[name] for name in HEADINGS}
        kind = {LABOUR: WORK, FLOORS: FLOOR}.get(cells["类别"], cells["类别"])
        amount = _amount(row, findings)
        if kind not in kinds(policy):
            _wrong(row, "类别", "kind", "、".join(kinds(policy)), findings)
        elif kind in {WORK, FLOOR}:
            own = _home(row, homes, findings)
            if own is not None and kind == WORK:
                work.append(Work(own, cells["姓名"], cells["名称"], amount))
            elif own is not None:
                floors.append(Floor(own, cells["名称"], amount))
        else:
            start, end = _day(row, "开始日期", findings), _day(row, "结束日期", findings)
            if (start is None) != (end is None) or (start and end and end < start):
                _wrong(row, "结束日期", "span", "开始和结束日期都填，结束不早于开始", findings)
            lines.append(Line(kind, cells["名称"], amount, start, end, cells["凭据"]))
    if findings:
        raise InvalidMany(f"{len(findings)} findings", findings, code="assets.dividend.sheet")
    return Plan(roll.region, year, as_of, tuple(lines), tuple(work), tuple(floors))


def _amount(row: SheetRow, findings: list[Invalid]) -> int:
    text = row.cells["金额（元）"].replace(",", "").replace("¥", "").removesuffix("元").strip()
    try:
        amount = yuan_to_fen(Decimal(text))
    except (Invalid, InvalidOperation):
        amount = -1
    if amount < 0:
        _wrong(row, "金额（元）", "money", "写成 1234.56，不要负数", findings)
        return 0
    return amount


def _home(row: SheetRow, homes: Mapping[str, UUID], findings: list[Invalid]) -> UUID | None:
    found = homes.get(row.cells["户号"].strip())
    if found is None:
        _wrong(row, "户号", "home", "写名册里的户号", findings)
    return found


def _day(row: SheetRow, column: str, findings: list[Invalid]) -> date | None:
    text = row.cells[column].strip()[:10].replace("/", "-").replace(".", "-")
    if not text:
        return None
    try:
        year, month, day = map(int, text.split("-"))
        return date(year, month, day)
    except ValueError:
        _wrong(row, column, "date", "写成 2026-01-31", findings)
        return None


def _wrong(row: SheetRow, column: str, code: str, mend: str, findings: list[Invalid]) -> None:
    findings.append(
        Invalid(
            "this cell cannot be read",
            code=f"assets.dividend.cell_{code}",
            place=f"第 {row.number} 行 · {column}",
            value=row.cells.get(column),
            mend=mend,
        )
    )


def _normal(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: unicodedata.normalize("NFKC", text).strip() for name, text in cells.items()}
