"""Open pages of the time bank: the banks, one of them, its rules in words, needs and offers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from longmai.domains.livelihood.timebank.books import Bank, Totals, bank_of, banks, rules_on, totals
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.notices import NEED, OFFER, Notice
from longmai.domains.livelihood.timebank.model.rules import (
    NONE,
    UNCONFIRMED,
    BankRules,
    Declared,
)
from longmai.domains.livelihood.timebank.queries import (
    Cover,
    NoticeSearch,
    ReportRow,
    cover,
    member_count,
    notices,
    report,
)
from longmai.domains.livelihood.timebank.showing import (
    Short,
    crumbs_of,
    day_in,
    item_name,
    today_of,
)
from longmai.kernel.errors import Invalid
from longmai.portal.accounts.service import known_region
from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.store.table_window import Window

router = APIRouter(prefix="/livelihood/hours", include_in_schema=False, dependencies=[OPEN])

# This month and the two before.
_SHOWN = timedelta(days=60)


@dataclass(frozen=True)
class BankRow:
    """A bank with its figures of today."""

    bank: Bank
    members: int
    totals: Totals
    served_this_month: int


@dataclass(frozen=True)
class BanksContext:
    """Variables of ``hours_banks.html``."""

    rows: Sequence[BankRow]
    clock: Callable[[int], str]


@dataclass(frozen=True)
class BankContext:
    """Variables of ``hours_bank.html``."""

    row: BankRow
    cover: Cover
    months: Sequence[ReportRow]
    rules_title: str
    clock: Callable[[int], str]


@dataclass(frozen=True)
class RuleRow:
    """A rule as a page tells it."""

    name: str
    said: str
    declared: Declared
    source: str


@dataclass(frozen=True)
class RulesContext:
    """Variables of ``hours_rules.html``."""

    bank: Bank
    title: str
    rows: Sequence[RuleRow]
    rules: BankRules
    clock: Callable[[int], str]


@dataclass(frozen=True)
class NoticeRow:
    """A notice as everybody sees it: without a name."""

    notice: Notice
    bank: str
    item: str
    when: str


@dataclass(frozen=True)
class NoticesContext:
    """Variables of ``hours_notices.html``."""

    rows: Sequence[NoticeRow]
    paging: Paging
    kinds: Sequence[str]
    items: Sequence[tuple[str, str]]
    asked: Mapping[str, str]
    problem: str


@router.get("")
def bank_list(request: Request) -> HTMLResponse:
    """Show the banks and how they stand."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        rows = [_row(request, connection, bank) for bank in banks(connection)]
    page = Page(t("hours.title"), ((t("nav.home"), "/"), (t("hours.title"), None)))
    page = Page(page.title, page.breadcrumbs, any(row.bank.sample for row in rows))
    return render(request, "livelihood/hours_banks.html", page, BanksContext(rows, clock_text))


def _row(request: Request, connection: Connection, bank: Bank) -> BankRow:
    day = today_of(request)
    month = report(connection, [bank.id], day.replace(day=1), day)
    found = totals(connection, bank.id)
    return BankRow(bank, member_count(connection, bank.id), found, sum(row.served for row in month))


@router.get("/banks/{bank_id}")
def bank_page(request: Request, bank_id: UUID) -> HTMLResponse:
    """Show one bank: its figures, what covers its hours, what was served."""
    day = today_of(request)
    with house_of(request).store.read() as connection:
        bank = bank_of(connection, bank_id)
        context = BankContext(
            _row(request, connection, bank),
            cover(connection, bank_id, day),
            report(connection, [bank_id], (day - _SHOWN).replace(day=1), day),
            rules_on(connection, bank_id, day).title,
            clock_text,
        )
    page = Page(bank.name, crumbs_of(request, (bank.name, None)), bank.sample)
    return render(request, "livelihood/hours_bank.html", page, context)


@router.get("/banks/{bank_id}/rules")
def bank_rules(request: Request, bank_id: UUID) -> HTMLResponse:
    """Tell the rules of a bank in words, each with its source and status."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        bank = bank_of(connection, bank_id)
        rules = rules_on(connection, bank_id, today_of(request))
    rows = [_rule(t, rules, name, told) for name, told in rules.declared.items()]
    title = t("hours.rules.title", bank=bank.name)
    crumbs = crumbs_of(request, (bank.name, f"/livelihood/hours/banks/{bank_id}"), (title, None))
    context = RulesContext(bank, rules.title, rows, rules, clock_text)
    return render(request, "livelihood/hours_rules.html", Page(title, crumbs, bank.sample), context)


def _rule(t: Words, rules: BankRules, name: str, told: Declared) -> RuleRow:
    sources: Mapping[str, Mapping[str, Any]] = rules.raw.get("sources", {})
    return RuleRow(
        name, _said(t, name, told.value), told, str(sources.get(told.source, {}).get("title", ""))
    )


def _said(t: Words, name: str, value: Any) -> str:
    if value is None:
        return UNCONFIRMED
    if value == NONE and name != "gift":
        return t("hours.rule.absent" if "fen" in name else "hours.rule.none")
    if isinstance(value, list):
        return t("hours.and").join(t(f"hours.relation.{each}") for each in value)
    if isinstance(value, int):
        shown = (
            clock_text(value)
            if name.endswith("_minutes")
            else f"{value / 100:.2f}"
            if "fen" in name
            else value
        )
        return t(f"hours.unit.{_unit(name)}", n=shown)
    return (
        t(f"hours.rule.{name}.{value}")
        if t.house.catalogue.has(f"hours.rule.{name}.{value}")
        else str(value)
    )


def _unit(name: str) -> str:
    ends = {"_minutes": "hours", "_age": "age", "_months": "months", "_services": "services"}
    return next((unit for end, unit in ends.items() if name.endswith(end)), "yuan")


@router.get("/notices")
def notice_list(
    request: Request, kind: Short = "", item: Short = "", region: Short = "", day: Short = ""
) -> HTMLResponse:
    """Search needs and offers by item, place and day."""
    t, language, today = words_of(request), language_of(request), today_of(request)
    asked = {"kind": kind, "item": item, "region": region, "day": day}
    search, problem = _search(request, asked)
    with house_of(request).store.read() as connection:
        known = {bank.id: bank for bank in banks(connection)}
        items = {
            code: item_name(each, code, language)
            for bank_id in known
            for code, each in rules_on(connection, bank_id, today).items.items()
        }
        total, _ = notices(connection, search, today, Window(size=0))
        paging = paging_of(request, total)
        window = Window(offset=paging.offset, size=paging.size)
        _, found = notices(connection, search, today, window)
    rows = [
        NoticeRow(each, known[each.bank_id].name, items.get(each.item, each.item), when_of(t, each))
        for each in found
    ]
    page = Page(t("hours.notices.title"), crumbs_of(request, (t("hours.notices.title"), None)),
                any(bank.sample for bank in known.values()))  # fmt: skip
    choices = (("", t("hours.notices.any_item")), *sorted(items.items()))
    context = NoticesContext(rows, paging, (NEED, OFFER), choices, asked, problem)
    return render(request, "livelihood/hours_notices.html", page, context)


def _search(request: Request, asked: Mapping[str, str]) -> tuple[NoticeSearch, str]:
    t, place = words_of(request), asked["region"].strip()
    try:
        region = known_region(place, house_of(request).regions) if place else ""
        day = day_in(asked["day"], "day") if asked["day"] else None
    except Invalid:
        return NoticeSearch(kind=asked["kind"], item=asked["item"]), t("hours.notices.unread")
    return NoticeSearch(asked["kind"], asked["item"], region, day), ""


def when_of(t: Words, notice: Notice) -> str:
    """Return when a notice is for, in words."""
    hours = f"{clock_text(notice.starts)}–{clock_text(notice.ends)}"
    if notice.day is not None:
        return f"{notice.day.isoformat()} {hours}"
    days = "".join(_days(t, notice.weekdays))
    return f"{t('hours.weekly', days=days)} {hours}"


def _days(t: Words, weekdays: str) -> Iterator[str]:
    yield from (t(f"hours.weekday.{day}") for day in weekdays)
