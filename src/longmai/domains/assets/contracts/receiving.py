"""Use-cases of receipts: rent that came, was taken back, was paid into the bank; income by month.

Each books its voucher in the same unit of work. Services never commit.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from longmai.domains.assets.contracts import deeds
from longmai.domains.assets.contracts.model.contract import MAX_FEN, MAX_NAME, MAX_TEXT, WAYS
from longmai.domains.assets.contracts.model.schedule import earned
from longmai.domains.assets.contracts.model.settling import earn, give_back, receive
from longmai.domains.assets.contracts.queries import (
    Contract,
    ContractFilters,
    contract_of,
    contracts,
)
from longmai.domains.assets.contracts.receipts import receipt_of, serials_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.vouchers.model import entries_of
from longmai.domains.assets.vouchers.service import book
from longmai.kernel.errors import Conflict, Invalid
from longmai.store.table_window import Window

_MOST = 20_000
_INCOME = {"lease": "rent", "trusteeship": "rent", "equity": "investment"}


@dataclass(frozen=True)
class NewReceipt:
    """Money that came on a contract.

    Attributes:
        way: ``bank`` or ``cash``.
        payer: as the bank names it; empty: the tenant.
        serial: of the bank's statement, or of the receipt that was written; once in a village.
    """

    contract_id: UUID
    on_day: date
    amount_fen: int
    way: str = "bank"
    payer: str = ""
    serial: str = ""
    note: str = ""


def take(desk: Desk, told: NewReceipt) -> UUID:
    """Record money that came on a contract, with its voucher; return its ID.

    Raises:
        Forbidden: the contracts of this village are not the visitor's to keep.
        NotFound: there is no such contract.
        Conflict: a receipt of this serial number stands already.
        Invalid: no amount, no such way, no serial number, or a day still to come.
    """
    found = contract_of(desk.work.connection, told.contract_id, desk.today)
    terms = found.terms
    desk.require(deeds.KEEP, [terms.region])
    desk.hold([terms.region])
    _check(desk, told)
    serial = told.serial.strip()
    if serials_of(desk.work.connection, terms.region, [serial]):
        raise Conflict("a receipt has this number", code="receipt.twice", place="serial",
                       value=serial)  # fmt: skip
    found = contract_of(desk.work.connection, told.contract_id, desk.today)
    payer = told.payer.strip() or terms.tenant.name
    content = {
        "contract": str(told.contract_id), "on_day": told.on_day.isoformat(),
        "amount_fen": told.amount_fen, "way": told.way, "payer": payer, "serial": serial,
        "note": told.note.strip(),
    }  # fmt: skip
    receipt_id = _record(desk, deeds.RECEIVED, terms.region, told.contract_id, content)
    text = f"收 {terms.tenant.name} 租金（{terms.number}）"
    entries = receive(text, told.amount_fen, found.balance_fen, told.way, member=found.is_member)
    _book(desk, found, told.on_day, entries)
    return receipt_id


def _check(desk: Desk, told: NewReceipt) -> None:
    if not 0 < told.amount_fen <= MAX_FEN:
        raise Invalid("an amount is above 0", code="receipt.amount", place="amount",
                      value=told.amount_fen)  # fmt: skip
    if told.way not in WAYS:
        raise Invalid("by bank or in cash", code="receipt.way", place="way", value=told.way)
    if not 0 < len(told.serial.strip()) <= MAX_NAME:
        raise Invalid("name the number of the bank's line or of the receipt",
                      code="receipt.serial", place="serial")  # fmt: skip
    if len(told.note) > MAX_TEXT or len(told.payer) > MAX_NAME:
        raise Invalid("too long", code="contract.text", place="note")
    desk.day(told.on_day)


def reverse(desk: Desk, receipt_id: UUID, reason: str, on: date | None = None) -> None:
    """Take a receipt back that was wrong, or came back from the bank; its voucher is turned round.

    Raises:
        Forbidden, NotFound: as ``take``.
        Conflict: it was taken back before.
        Invalid: no reason is given, or it comes before the receipt.
    """
    day = desk.day(on)
    region = receipt_of(desk.work.connection, receipt_id).region
    desk.require(deeds.KEEP, [region])
    desk.hold([region])
    told = receipt_of(desk.work.connection, receipt_id)
    if told.reversed_on is not None:
        raise Conflict("it was taken back before", code="receipt.reversed", value=told.serial)
    if not 0 < len(reason.strip()) <= MAX_TEXT:
        raise Invalid("say why", code="contract.reason", place="reason")
    if day < told.on_day:
        raise Invalid("it comes before the receipt", code="receipt.order", place="on",
                      value=day.isoformat())  # fmt: skip
    found = contract_of(desk.work.connection, told.contract_id, desk.today)
    content = {"receipt": str(receipt_id), "reason": reason.strip(), "on_day": day.isoformat()}
    _record(desk, deeds.REVERSED, region, told.contract_id, content)
    use = "bank" if told.way == "bank" or told.banked_on else "cash"
    text = f"收 {found.terms.tenant.name} 租金（{found.terms.number}）"
    entries = give_back(text, told.amount_fen, found.balance_fen, use, member=found.is_member)
    _book(desk, found, day, entries)


def bank(desk: Desk, receipt_ids: Sequence[UUID], serial: str, on: date | None = None) -> int:
    """Record that cash was paid into the bank's account of the collective; return the sum in fen.

    Raises:
        Forbidden, NotFound: as ``take``.
        Conflict: one of them is no cash in hand, or they are of several villages.
        Invalid: none is named, or no number of the bank's line.
    """
    day = desk.day(on)
    found = [receipt_of(desk.work.connection, each) for each in dict.fromkeys(receipt_ids)]
    regions = {each.region for each in found}
    if len(regions) != 1:
        raise Invalid("name receipts of one village", code="receipt.none", place="receipts")
    region = regions.pop()
    desk.require(deeds.KEEP, [region])
    desk.hold([region])
    if not 0 < len(serial.strip()) <= MAX_NAME:
        raise Invalid("name the number of the bank's line", code="receipt.serial", place="serial")
    for each in found:
        again = receipt_of(desk.work.connection, each.receipt_id)
        if again.way != "cash" or again.banked_on or again.reversed_on:
            raise Conflict("this is no cash in hand", code="receipt.no_cash", value=again.serial)
        if day < again.on_day:
            raise Invalid("it comes before the receipt", code="receipt.order", place="on",
                          value=day.isoformat())  # fmt: skip
    total = sum(each.amount_fen for each in found)
    content = {
        "receipts": [str(each.receipt_id) for each in found], "serial": serial.strip(),
        "on_day": day.isoformat(),
    }  # fmt: skip
    record_id = _record(desk, deeds.BANKED, region, found[0].contract_id, content)
    entries = entries_of([(f"现金存入银行 {serial.strip()}", "bank", "cash", total)])
    book(desk, region, day, entries, "contract", f"banking:{record_id}")
    return total


def book_income(desk: Desk, region: str, year: int, month: int) -> int:
    """Book what the contracts of a village have earned until the end of a month; return the fen.

    What was booked before is taken off, so that asking twice books nothing twice, and terms that
    changed since are caught up with.

    Raises:
        Forbidden: as ``take``.
        Invalid: the month is not over, or there is none such.
    """
    code = desk.regions.get(region).code
    desk.require(deeds.KEEP, [code])
    until = _last_day(desk, year, month)
    desk.hold([code])
    window = Window("number", size=_MOST, descending=False)
    found = contracts(desk.work.connection, ContractFilters(region=code), window, desk.today)
    amounts: dict[UUID, int] = {}
    entries = []
    for each in found:
        if each.booked_until is not None and each.booked_until > until:
            continue
        amount = earned(each.terms.instalments, year, month) - each.booked_fen
        if amount:
            amounts[each.contract_id] = amount
            entries.append((each, amount))
    if not amounts:
        return 0
    content = {
        "until": until.isoformat(), "on_day": until.isoformat(),
        "amounts": {str(own): amount for own, amount in amounts.items()},
    }  # fmt: skip
    _record(desk, deeds.EARNED, code, None, content)
    for each, amount in entries:
        text = f"{year} 年 {month} 月止 {each.terms.tenant.name} 租金收入（{each.terms.number}）"
        income = _INCOME[each.terms.kind]
        lines = earn(text, amount, each.balance_fen, income, member=each.is_member)
        _book(desk, each, until, lines)
    return sum(amounts.values())


def _last_day(desk: Desk, year: int, month: int) -> date:
    try:
        until = date(year, month, monthrange(year, month)[1])
    except ValueError:
        raise Invalid("there is no such month", code="income.month", place="month",
                      value=f"{year}-{month}") from None  # fmt: skip
    if until > desk.today:
        raise Invalid("this month is not over", code="income.month", place="month",
                      value=until.isoformat())  # fmt: skip
    return until


def _record(
    desk: Desk, kind: str, region: str, contract_id: UUID | None, told: dict[str, Any]
) -> UUID:
    subject = deeds.subject_of(contract_id) if contract_id else f"organisation:{region}"
    content = {**told, **({"sample": True} if desk.sample else {})}
    return desk.record(kind, [subject], region, content)


def _book(desk: Desk, found: Contract, on: date, entries: Sequence[Any]) -> None:
    book(desk, found.terms.region, on, entries, "contract", deeds.subject_of(found.contract_id))
