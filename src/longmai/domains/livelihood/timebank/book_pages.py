"""Pages of the books: what was booked, clearing between banks, reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.livelihood.timebank.booking import take_back
from longmai.domains.livelihood.timebank.books import (
    Bank,
    banks,
    owed,
    rules_on,
)
from longmai.domains.livelihood.timebank.desk import GOVERN, REPORT
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.clearing import Payment, disagreeing, net, payments
from longmai.domains.livelihood.timebank.model.posting import DEEDS
from longmai.domains.livelihood.timebank.queries import (
    EntryRow,
    ReportRow,
    entries,
    report,
)
from longmai.domains.livelihood.timebank.settling import settle
from longmai.domains.livelihood.timebank.showing import (
    HOME,
    SEE_OTHER,
    Governor,
    Keeper,
    Reporter,
    Short,
    Text,
    attempt,
    crumbs_of,
    day_in,
    kept_bank,
    names_of,
    today_of,
)
from longmai.domains.livelihood.timebank.tables import BANK
from longmai.kernel.errors import Invalid
from longmai.portal.accounts.forms import Form
from longmai.portal.export import MAX_ROWS, Format, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)


@dataclass(frozen=True)
class EntriesContext:
    """Variables of ``hours_entries.html``."""

    bank: Bank
    rows: Sequence[EntryRow]
    paging: Paging
    search: str
    deed: str
    deeds: Sequence[tuple[str, str]]
    items: Mapping[str, str]
    form: Form
    clock: Callable[[int], str] = clock_text


@router.get("/banks/{bank_id}/entries")
def entry_list(
    request: Request, visitor: Keeper, bank_id: UUID, q: Short = "", deed: Short = ""
) -> HTMLResponse:
    """List what was booked."""
    return _entries_page(request, visitor, bank_id, (q.strip(), deed))


def _entries_page(
    request: Request, visitor: Visitor, bank_id: UUID, asked: tuple[str, str],
    form: Form | None = None, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    t, (text, deed) = words_of(request), asked
    with house_of(request).store.read() as connection:
        bank = kept_bank(connection, visitor, bank_id)
        total, _ = entries(connection, bank_id, deed, text, Window(size=0))
        paging = paging_of(request, total)
        window = Window(offset=paging.offset, size=paging.size)
        _, rows = entries(connection, bank_id, deed, text, window)
        rules = rules_on(connection, bank_id, today_of(request))
    items = names_of(rules, t.language)
    title = t("hours.entries.title")
    crumbs = crumbs_of(request, (bank.name, f"{HOME}/banks/{bank_id}"), (title, None))
    deeds = (("", t("hours.entries.any")), *((each, t(f"hours.deed.{each}")) for each in DEEDS))
    context = EntriesContext(bank, rows, paging, text, deed, deeds, items, form or Form())
    page = Page(title, crumbs, bank.sample)
    return render(request, "livelihood/hours_entries.html", page, context, status)


@router.get("/banks/{bank_id}/entries.{kind}")
def entry_file(
    request: Request, visitor: Keeper, bank_id: UUID, kind: Format, q: Short = "", deed: Short = ""
) -> Response:
    """Export what was booked."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        kept_bank(connection, visitor, bank_id)
        _, rows = entries(connection, bank_id, deed, q.strip(), Window(size=MAX_ROWS))
    names = ("at", "deed", "name", "code", "moved", "served", "note", "taken_back")
    cells = [
        (row.at, t(f"hours.deed.{row.deed}"), row.name, row.code, row.moved, row.served, row.note,
         t("hours.entries.taken_back") if row.taken_back else "")
        for row in rows
    ]  # fmt: skip
    return table_file(kind, "entries", [t(f"hours.entries.{name}") for name in names], cells)


@router.post("/banks/{bank_id}/entries/{record_id}/take-back")
def taking_back(
    request: Request, visitor: Keeper, bank_id: UUID, record_id: UUID, reason: Text = ""
) -> Response:
    """Book the reverse of an entry."""
    tried = attempt(request, visitor, {}, lambda desk: take_back(desk, record_id, reason))
    if tried.form is not None:
        return _entries_page(request, visitor, bank_id, ("", ""), tried.form, tried.status)
    return RedirectResponse(f"{HOME}/banks/{bank_id}/entries", SEE_OTHER)


# Clearing and reports -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ClearingContext:
    """Variables of ``hours_clearing.html``.

    Attributes:
        rows: (bank, what it owes each other bank, what it owes on the whole).
        payments: that would settle everything: (debtor, creditor, payment).
        wrong: pairs of names whose books do not agree.
    """

    banks: Sequence[Bank]
    rows: Sequence[tuple[Bank, Sequence[int], int]]
    payments: Sequence[tuple[str, str, Payment]]
    wrong: Sequence[tuple[str, str]]
    form: Form
    may_settle: bool
    clock: Callable[[int], str] = clock_text


@router.get("/clearing")
def clearing_page(request: Request, visitor: Reporter) -> HTMLResponse:
    """Show what the banks owe each other, and what would settle it."""
    return _clearing_page(request, visitor, Form())


def _clearing_page(
    request: Request, visitor: Visitor, form: Form, status: int = 200
) -> HTMLResponse:
    t = words_of(request)
    with house_of(request).store.read() as connection:
        known, books = banks(connection), owed(connection)
    name = {bank.id: bank.name for bank in known}
    positions = net(books)
    wrong = disagreeing(books)
    context = ClearingContext(
        banks=known,
        rows=[
            (
                bank,
                [books.get((bank.id, other.id), 0) for other in known],
                positions.get(bank.id, 0),
            )
            for bank in known
        ],
        payments=[] if wrong else [
            (name[each.debtor], name[each.creditor], each) for each in payments(positions)
        ],
        wrong=[(name[one], name[other]) for one, other in wrong],
        form=form,
        may_settle=bool(known) and all(visitor.may(GOVERN, bank.region) for bank in known),
    )  # fmt: skip
    title = t("hours.clearing.title")
    page = Page(title, crumbs_of(request, (title, None)), any(bank.sample for bank in known))
    return render(request, "livelihood/hours_clearing.html", page, context, status)


@router.post("/clearing/settle")
def settling(request: Request, visitor: Governor) -> Response:
    """Settle everything between the banks."""
    tried = attempt(request, visitor, {}, settle)
    if tried.form is not None:
        return _clearing_page(request, visitor, tried.form, tried.status)
    return RedirectResponse(f"{HOME}/clearing", SEE_OTHER)


@dataclass(frozen=True)
class ReportContext:
    """Variables of ``hours_report.html``; ``option`` draws it."""

    rows: Sequence[tuple[str, ReportRow]]
    since: date
    until: date
    problem: str
    option: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[int], str] = clock_text


@router.get("/reports")
def report_page(
    request: Request, visitor: Reporter, since: Short = "", until: Short = ""
) -> HTMLResponse:
    """Show what was served, by bank, month and category."""
    t = words_of(request)
    (start, end), problem = _period(request, since, until)
    rows, sample = _report(request, visitor, start, end)
    context = ReportContext(rows, start, end, problem, _option(rows, t("hours.report.hours")))
    page = Page(
        t("hours.report.title"), crumbs_of(request, (t("hours.report.title"), None)), sample
    )
    return render(request, "livelihood/hours_report.html", page, context)


@router.get("/reports.{kind}")
def report_file(
    request: Request, visitor: Reporter, kind: Format, since: Short = "", until: Short = ""
) -> Response:
    """Export the report."""
    t = words_of(request)
    (start, end), _ = _period(request, since, until)
    rows, _ = _report(request, visitor, start, end)
    names = ("bank", "month", "category", "services", "helpers", "minutes")
    cells = [
        (bank, row.month, row.category, row.services, row.helpers, row.served) for bank, row in rows
    ]
    return table_file(kind, "hours-report", [t(f"hours.report.{name}") for name in names], cells)


def _period(request: Request, since: str, until: str) -> tuple[tuple[date, date], str]:
    today = today_of(request)
    usual = (today - timedelta(days=365)).replace(day=1), today
    try:
        start = day_in(since, "since") if since else usual[0]
        return (start, day_in(until, "until") if until else usual[1]), ""
    except Invalid:
        return usual, words_of(request)("hours.report.unread")


def _report(
    request: Request, visitor: Visitor, since: date, until: date
) -> tuple[list[tuple[str, ReportRow]], bool]:
    with house_of(request).store.read() as connection:
        known = banks(connection, visitor.scope(REPORT).rows(BANK.c.region))
        names = {bank.id: bank.name for bank in known}
        rows = report(connection, list(names), since, until)
    return [(names[row.bank_id], row) for row in rows], any(bank.sample for bank in known)


def _option(rows: Sequence[tuple[str, ReportRow]], label: str) -> Mapping[str, Any]:
    months = sorted({row.month for _, row in rows})
    categories = sorted({row.category for _, row in rows})
    hours = {
        category: [
            round(
                sum(r.served for _, r in rows if (r.month, r.category) == (month, category)) / 60, 1
            )
            for month in months
        ]
        for category in categories
    }
    return {
        "xAxis": {"type": "category", "data": months},
        "yAxis": {"type": "value", "name": label},
        "legend": {"top": 0},
        "grid": {"top": 56},
        "series": [
            {"type": "bar", "stack": "all", "name": name, "data": data}
            for name, data in hours.items()
        ],
    }
