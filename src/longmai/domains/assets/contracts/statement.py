"""Bank statements: which line is rent of which contract, or why it cannot be told, row by row.

Banks name their columns each in their own way; ``statement.toml`` knows them. A line that names a
contract is its rent; else one whose payer is the tenant of exactly one contract in force; money of
others is left aside, and said to be.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from longmai.domains.assets.contracts.deeds import KEEP
from longmai.domains.assets.contracts.queries import Contract, ContractFilters, contracts
from longmai.domains.assets.contracts.receipts import serials_of
from longmai.domains.assets.contracts.receiving import NewReceipt, take
from longmai.domains.assets.members.service import Desk
from longmai.kernel.errors import Invalid, InvalidMany, TooLarge
from longmai.kernel.money import yuan_to_fen
from longmai.portal.sheets import MAX_FILE_BYTES, MAX_ROWS, sheet_rows
from longmai.store.table_window import Window

TEMPLATE = ("交易日期", "收入金额", "对方户名", "流水号", "摘要", "合同编号")
_FILE = Path(__file__).with_name("statement.toml")
_TITLES = 15
_MOST = 20_000
_GRACE = timedelta(days=366)
_DAY = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?$")


@dataclass(frozen=True)
class Aside:
    """A line of the statement that is rent of no contract that we know."""

    row: int
    payer: str
    amount_fen: int
    memo: str


@dataclass(frozen=True)
class Taken:
    """What came of a statement.

    Attributes:
        taken: number of receipts recorded; ``amount_fen`` their sum.
        known: lines that were taken before.
        aside: income that is rent of no contract.
    """

    taken: int
    amount_fen: int
    known: int
    aside: tuple[Aside, ...]


@dataclass
class _Draft:
    findings: list[Invalid] = field(default_factory=list)
    receipts: list[NewReceipt] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)

    def wrong(self, row: int, column: str, code: str, value: str, what: str) -> None:
        place = f"第 {row} 行 · {column}"
        self.findings.append(Invalid(what, code=f"statement.{code}", place=place, value=value))


@cache
def _headings() -> Mapping[str, Sequence[str]]:
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return dict(told["headings"])


def import_statement(desk: Desk, region: str, data: bytes) -> Taken:
    """Take a bank's statement: each line of rent becomes a receipt with its voucher.

    Lines whose serial number was taken before change nothing, so a statement may be sent again.

    Args:
        desk: of the accountant.
        region: of the village.
        data: CSV or XLSX with the headings of ``statement.toml``.

    Raises:
        Forbidden: the contracts of this village are not the visitor's to keep.
        InvalidMany: what is wrong, row by row; nothing is taken.
        Invalid, TooLarge: it is no statement, or too long.
    """
    code = desk.regions.get(region).code
    desk.require(KEEP, [code])
    desk.hold([code])
    found = contracts(
        desk.work.connection,
        ContractFilters(region=code),
        Window("number", size=_MOST, descending=False),
        desk.today,
    )
    draft = _read(data, found, desk.today)
    if draft.findings:
        raise InvalidMany(f"{len(draft.findings)} findings", draft.findings, code="statement.rows")
    serials = [each.serial for each in draft.receipts]
    old = serials_of(desk.work.connection, code, serials)
    fresh = [each for each in draft.receipts if each.serial not in old]
    for each in fresh:
        take(desk, each)
    total = sum(each.amount_fen for each in fresh)
    return Taken(len(fresh), total, len(serials) - len(fresh), tuple(draft.aside))


def _read(data: bytes, found: Sequence[Contract], today: date) -> _Draft:
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"a sheet has at most {MAX_FILE_BYTES // 1024 // 1024} MiB",
                       code="sheet.size", mend="send it in parts")  # fmt: skip
    rows = enumerate(sheet_rows(data), 1)
    columns: dict[str, int] = {}
    draft, seen = _Draft(), dict[str, int]()
    for number, row in rows:
        if number > MAX_ROWS:
            raise TooLarge(f"a sheet has at most {MAX_ROWS} rows", code="sheet.rows",
                           mend="send it in parts")  # fmt: skip
        cells = [unicodedata.normalize("NFKC", each).strip() for each in row]
        if not columns:
            columns = _columns(cells)
            if not columns and number >= _TITLES:
                break
        elif any(cells):
            told = {name: cells[i] if i < len(cells) else "" for name, i in columns.items()}
            _read_row(draft, number, told, found, today, seen)
    if not columns:
        raise Invalid("no row has the headings of a statement", code="statement.headings",
                      value="、".join(TEMPLATE), mend="take the template")  # fmt: skip
    return draft


def _columns(cells: Sequence[str]) -> dict[str, int]:
    known = {
        name: [unicodedata.normalize("NFKC", each) for each in names]
        for name, names in _headings().items()
    }
    found = {}
    for name, names in known.items():
        places = [cells.index(each) for each in names if each in cells]
        if places:
            found[name] = places[0]
    return found if {"day", "income", "serial"} <= set(found) else {}


def _read_row(
    draft: _Draft,
    number: int,
    told: Mapping[str, str],
    found: Sequence[Contract],
    today: date,
    seen: dict[str, int],
) -> None:
    before = len(draft.findings)
    amount = _amount(draft, number, told["income"])
    if amount == 0:
        return  # money that went out, or a line of sums
    day = _day(draft, number, told["day"], today)
    payer, memo = told.get("payer", ""), told.get("memo", "")
    contract = _contract(draft, number, told, found, day)
    serial = told["serial"]
    if contract is None:
        if len(draft.findings) == before:
            draft.aside.append(Aside(number, payer, amount, memo))
        return
    if not serial:
        draft.wrong(number, "流水号", "serial", "", "a receipt has a number")
    elif serial in seen:
        draft.wrong(number, "流水号", "twice", serial, f"it stands in row {seen[serial]}, too")
    seen.setdefault(serial, number)
    if len(draft.findings) == before and day is not None:
        draft.receipts.append(
            NewReceipt(contract.contract_id, day, amount, "bank", payer[:120], serial, memo[:400])
        )


def _amount(draft: _Draft, number: int, text: str) -> int:
    plain = text.replace(",", "").replace("¥", "").replace("￥", "").removesuffix("元").strip()
    if plain in {"", "-", "--"}:
        return 0
    try:
        amount = yuan_to_fen(plain)
    except Invalid:
        draft.wrong(number, "收入金额", "money", text, "this is no amount")
        return 0
    return max(amount, 0)


def _day(draft: _Draft, number: int, text: str, today: date) -> date | None:
    match = _DAY.match(text)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or day > today:
        draft.wrong(number, "交易日期", "day", text, "this is no day that has been")
        return None
    return day


def _contract(
    draft: _Draft,
    number: int,
    told: Mapping[str, str],
    found: Sequence[Contract],
    day: date | None,
) -> Contract | None:
    """Return the contract that a line pays for; None: of none, or it was noted why not."""
    if named := told.get("number", ""):
        own = next((each for each in found if each.terms.number == named), None)
        if own is None:
            draft.wrong(number, "合同编号", "number", named, "the village has no such contract")
        return own
    in_memo = [each for each in found if _names(told.get("memo", ""), each.terms.number)]
    if len(in_memo) == 1:
        return in_memo[0]
    payer = told.get("payer", "")
    live = [
        each
        for each in found
        if payer and payer == each.terms.tenant.name
        if day is None or each.terms.starts_on - _GRACE <= day <= each.terms.ends_on + _GRACE
    ]
    if len(live) > 1:
        numbers = "、".join(each.terms.number for each in live)
        draft.wrong(number, "对方户名", "several", f"{payer}：{numbers}",
                    "the payer has several contracts")  # fmt: skip
    return live[0] if len(live) == 1 else None


def _names(memo: str, number: str) -> bool:
    """Tell whether a memo names a contract: 2024-1 is not named by 2024-10.

    >>> _names("付租 2024-1 号", "租 2024-1"), _names("付租 2024-10 号", "租 2024-1")
    (True, False)
    """
    found = number in memo and re.search(
        f"(?<![0-9A-Za-z-]){re.escape(number)}(?![0-9A-Za-z-])", memo
    )
    return bool(found)
