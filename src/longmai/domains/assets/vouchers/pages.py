"""Pages of the journal: its lines, the sums by account, the file for the bookkeeping program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Row

from longmai.domains.assets.vouchers.model import DEBIT, standing
from longmai.domains.assets.vouchers.queries import (
    SORTS,
    Balance,
    JournalFilters,
    journal,
    journal_size,
    trial_balance,
)
from longmai.domains.assets.vouchers.service import READ
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.portal.export import Cell, Format, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/vouchers", include_in_schema=False)

Reader = Annotated[Visitor, needs(READ)]
EXPORTED = 50_000
COLUMNS = ("day", "number", "village", "text", "code", "account", "debit", "credit")


@dataclass(frozen=True)
class JournalContext:
    """Variables of ``assets/vouchers.html``."""

    rows: Sequence[Row[Any]]
    balances: Sequence[Balance]
    debit_fen: int
    credit_fen: int
    paging: Paging
    filters: JournalFilters
    sort: str
    descending: bool
    links: Mapping[str, str]
    codes_status: str


# Where what a voucher is about is shown.
LINKS = {"dividend": "/assets/dividends/", "contract": "/assets/contracts/"}


def journal_filters(request: Request, visitor: Visitor) -> JournalFilters:
    """Read what a journal is narrowed to."""
    told = request.query_params
    region = told.get("region", "")
    try:
        code = house_of(request).regions.get(region).code if region else ""
    except (Invalid, NotFound):
        code = ""
    account = told.get("code", "")
    return JournalFilters(
        region=code,
        since=_day(told.get("since", "")),
        until=_day(told.get("until", "")),
        code=account if account.isascii() and account.isdigit() else "",
        text=told.get("q", "").strip()[:60],
        scope=visitor.scope(READ),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@router.get("")
def journal_page(
    request: Request,
    visitor: Reader,
    sort: Annotated[str, Query(max_length=10)] = "day",
    order: Annotated[str, Query(max_length=4)] = "desc",
) -> HTMLResponse:
    """Show the journal with the sums by account."""
    t, filters = words_of(request), journal_filters(request, visitor)
    chosen, descending = sort if sort in SORTS else "day", order != "asc"
    with house_of(request).store.read() as connection:
        paging = paging_of(request, journal_size(connection, filters))
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        rows = journal(connection, filters, window)
        balances = trial_balance(connection, filters)
    context = JournalContext(
        rows=rows,
        balances=balances,
        debit_fen=sum(each.debit_fen for each in balances),
        credit_fen=sum(each.credit_fen for each in balances),
        paging=paging,
        filters=filters,
        sort=chosen,
        descending=descending,
        links=LINKS,
        codes_status=standing(),
    )
    crumbs = ((t("nav.home"), "/"), (t("field.assets"), "/assets/register"))
    title = t("vouchers.title")
    page = Page(title, (*crumbs, (title, None)), any(row.sample for row in rows))
    return render(request, "assets/vouchers.html", page, context)


@router.get(".{kind}")
def journal_file(request: Request, visitor: Reader, kind: Format) -> Response:
    """Export the journal as it is narrowed, oldest first."""
    t, filters = words_of(request), journal_filters(request, visitor)
    with house_of(request).store.read() as connection:
        rows = journal(connection, filters, Window("day", size=EXPORTED, descending=False))
    headings = [t(f"vouchers.{name}") for name in COLUMNS]
    return table_file(kind, "vouchers", headings, [cells_of(row, t) for row in rows])


def cells_of(row: Row[Any], t: Words) -> Sequence[Cell]:
    """Return a line as a row of the exported journal."""
    amount = str(fen_to_yuan(row.amount_fen))
    return (
        row.on_day,
        row.sequence,
        t.house.regions.path_name(row.region, t.language),
        row.text,
        row.code,
        row.account,
        amount if row.side == DEBIT else "",
        "" if row.side == DEBIT else amount,
    )
