"""Pages of contracts: the list with arrears first, one contract, what is done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Row

from longmai.domains.assets.contracts.deeds import KEEP, READ
from longmai.domains.assets.contracts.model.contract import KINDS, WAYS
from longmai.domains.assets.contracts.model.schedule import Standing, earned_in
from longmai.domains.assets.contracts.queries import (
    SORTS,
    STATES,
    Contract,
    ContractFilters,
    Sums,
    contract_of,
    contracts,
    history_of,
    renewals_of,
    sums,
)
from longmai.domains.assets.contracts.receipts import Receipt, cash_in_hand, receipt_of, receipts_of
from longmai.domains.assets.contracts.receiving import NewReceipt, bank, book_income, reverse, take
from longmai.domains.assets.contracts.service import end, file
from longmai.domains.assets.contracts.shown import LIST_COLUMNS, cells_of, month_before, yuan
from longmai.domains.assets.members.desks import day_of, desk_of
from longmai.domains.assets.register.queries import Known, known
from longmai.domains.assets.vouchers.queries import vouchers_of
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError, NotFound
from longmai.kernel.money import fen_to_yuan, yuan_to_fen
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.export import Format, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/contracts", include_in_schema=False)

Keeper = Annotated[Visitor, needs(KEEP)]
Reader = Annotated[Visitor, needs(READ)]
_EXPORTED = 20_000
_CASH = 50


@dataclass(frozen=True)
class ListContext:
    """Variables of ``assets/contracts.html``.

    Attributes:
        cash: received and not paid into the bank; ``month``: the last that is over, as ``2026-10``.
    """

    rows: Sequence[Contract]
    paging: Paging
    filters: ContractFilters
    sort: str
    descending: bool
    sums: Sums
    choices: Mapping[str, Sequence[str]]
    cash: Sequence[Receipt]
    village: str
    month: str
    form: Typed
    booked: str
    may_keep: bool


@dataclass(frozen=True)
class ContractContext:
    """Variables of ``assets/contract.html``.

    Attributes:
        earned_fen: what the present calendar year earns of it.
        history: its versions, oldest first; ``renewals``: (ID, number) of what goes on from it.
    """

    contract: Contract
    assets: Sequence[Known]
    standings: Sequence[Standing]
    years: Sequence[tuple[int, int]]
    receipts: Sequence[Receipt]
    vouchers: Sequence[Row[Any]]
    history: Sequence[Row[Any]]
    renewals: Sequence[tuple[UUID, str]]
    ways: Sequence[str]
    form: Typed
    may_keep: bool


def filters_of(request: Request, visitor: Visitor) -> ContractFilters:
    """Read what a list is narrowed to; what is none of the choices does not narrow."""
    told = request.query_params
    region, kind, state = (told.get(name, "") for name in ("region", "kind", "state"))
    try:
        code = house_of(request).regions.get(region).code if region else ""
    except (Invalid, NotFound):
        code = ""
    return ContractFilters(
        text=told.get("q", "")[:60],
        region=code,
        kind=kind if kind in KINDS else "",
        state=state if state in STATES else "",
        scope=visitor.scope(READ),
    )


@router.get("")
def contract_list(
    request: Request,
    visitor: Reader,
    sort: Annotated[str, Query(max_length=10)] = "arrears",
    order: Annotated[str, Query(max_length=4)] = "desc",
    booked: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """List the contracts of the visitor's villages: who owes most comes first."""
    return _list_page(request, visitor, (sort, order), Typed(), booked)


def _list_page(
    request: Request,
    visitor: Visitor,
    order: tuple[str, str],
    form: Typed,
    booked: str = "",
    status: int = 200,
) -> HTMLResponse:
    t, filters, today = words_of(request), filters_of(request, visitor), today_of(request)
    sort, descending = order[0] if order[0] in SORTS else SORTS[0], order[1] != "asc"
    village = own_village(visitor)
    with house_of(request).store.read() as connection:
        found = sums(connection, filters, today)
        paging = paging_of(request, found.count)
        window = Window(sort, paging.offset, paging.size, descending=descending)
        rows = contracts(connection, filters, window, today)
        cash = cash_in_hand(connection, village) if village else []
    year, month = month_before(today)
    context = ListContext(
        rows=rows,
        paging=paging,
        filters=filters,
        sort=sort,
        descending=descending,
        sums=found,
        choices={"kind": KINDS, "state": STATES},
        cash=cash[:_CASH],
        village=village,
        month=form.value("month") or f"{year}-{month:02}",
        form=form,
        booked=yuan(int(booked)) if booked.isascii() and booked.isdigit() else "",
        may_keep=visitor.may(KEEP),
    )
    page = Page(t("contracts.title"), crumbs(t, None), any(row.sample for row in rows))
    return render(request, "assets/contracts.html", page, context, status)


@router.get(".{kind}")
def contract_file(request: Request, visitor: Reader, kind: Format) -> Response:
    """Export the list as it is narrowed."""
    t, filters, today = words_of(request), filters_of(request, visitor), today_of(request)
    with house_of(request).store.read() as connection:
        rows = contracts(connection, filters, Window("arrears", size=_EXPORTED), today)
    headings = [t(f"contracts.{name}") for name in LIST_COLUMNS]
    return table_file(kind, "contracts", headings, [cells_of(each, t) for each in rows])


@router.post("/do/{deed}")
async def deed_of_village(request: Request, deed: str, visitor: Keeper) -> Response:
    """Book the income of a month, or record that cash was paid into the bank."""
    typed = await request.form(max_files=0, max_fields=200)
    values = {name: str(value) for name, value in typed.multi_items()}
    t, done = words_of(request), 0
    try:
        with house_of(request).store.begin() as work:
            desk = desk_of(request, work, visitor)
            match deed:
                case "income":
                    year, month = _month(values.get("month", ""))
                    done = book_income(desk, values.get("region", "").strip(), year, month)
                case "bank":
                    chosen = [identity(str(each), "receipts") for each in typed.getlist("receipts")]
                    day = day_of(values.get("on", ""), "on")
                    done = bank(desk, chosen, values.get("serial", ""), day)
                case _:
                    raise NotFound("no such thing can be done here", value=deed)
    except LongmaiError as error:
        form = refused(t, error, values, ("month", "region", "serial", "on"))
        return _list_page(request, visitor, ("", ""), form, status=error.status)
    return RedirectResponse(f"/assets/contracts?booked={abs(done)}", 303)


@router.get("/{contract_id}")
def contract_page(request: Request, visitor: Reader, contract_id: UUID) -> HTMLResponse:
    """Show a contract: what is owed, what came, its schedule and history."""
    return _page(request, visitor, contract_id, Typed())


@router.get("/{contract_id}/schedule.{kind}")
def schedule_file(request: Request, visitor: Reader, contract_id: UUID, kind: Format) -> Response:
    """Export the schedule of a contract with what was paid of each instalment."""
    t, today = words_of(request), today_of(request)
    with house_of(request).store.read() as connection:
        found = contract_of(connection, contract_id, today)
    visitor.require(READ, found.terms.region)
    cells = [
        (
            each.instalment.due_on,
            each.instalment.start,
            each.instalment.end,
            str(fen_to_yuan(each.instalment.amount_fen)),
            str(fen_to_yuan(each.paid_fen)),
            each.late_days(today) or None,
        )
        for each in found.standings
    ]
    names = ("due_on", "from_day", "to_day", "amount", "paid", "late")
    return table_file(kind, "schedule", [t(f"contracts.{name}") for name in names], cells)


@router.post("/{contract_id}/do/{deed}")
async def deed_done(request: Request, contract_id: UUID, deed: str, visitor: Keeper) -> Response:
    """Record a receipt or take one back, file the contract, or end it."""
    typed = await request.form(max_files=0, max_fields=40)
    values = {name: str(value) for name, value in typed.multi_items()}
    t = words_of(request)
    try:
        with house_of(request).store.begin() as work:
            _do(desk_of(request, work, visitor), contract_id, deed, values)
    except LongmaiError as error:
        names = ("amount", "on_day", "serial", "way", "reason", "ended_on", "filed", "office")
        form = refused(t, error, {**values, "deed": deed}, names)
        return _page(request, visitor, contract_id, form, error.status)
    return RedirectResponse(f"/assets/contracts/{contract_id}", 303)


def _do(desk: Any, contract_id: UUID, deed: str, values: Mapping[str, str]) -> None:
    match deed:
        case "receive":
            day = day_of(values.get("on_day", ""), "on_day")
            names = ("way", "payer", "serial", "note")
            told = {name: values.get(name, "") for name in names}
            take(desk, NewReceipt(contract_id, day, amount_of(values.get("amount", "")), **told))
        case "reverse":
            receipt_id = identity(values.get("receipt", ""), "receipt")
            if receipt_of(desk.work.connection, receipt_id).contract_id != contract_id:
                raise NotFound("no such receipt", code="contract.receipt", value=str(receipt_id))
            reverse(desk, receipt_id, values.get("reason", ""))
        case "file":
            file(desk, contract_id, values.get("filed", ""), values.get("office", ""))
        case "end":
            day = day_of(values.get("ended_on", ""), "ended_on")
            end(desk, contract_id, values.get("reason", ""), day)
        case _:
            raise NotFound("no such thing can be done here", value=deed)


def _page(
    request: Request, visitor: Visitor, contract_id: UUID, form: Typed, status: int = 200
) -> HTMLResponse:
    t, today = words_of(request), today_of(request)
    with house_of(request).store.read() as connection:
        found = contract_of(connection, contract_id, today)
        visitor.require(READ, found.terms.region)
        assets = known(connection, found.terms.asset_ids)
        receipts = receipts_of(connection, contract_id)
        vouchers = vouchers_of(connection, contract_id)
        history = history_of(connection, contract_id)
        renewals = renewals_of(connection, found)
    terms = found.terms
    years = range(terms.starts_on.year, terms.ends_on.year + 1)
    context = ContractContext(
        contract=found,
        assets=assets,
        standings=found.standings,
        years=[(year, earned_in(terms.instalments, year)) for year in years],
        receipts=receipts,
        vouchers=vouchers,
        history=history,
        renewals=renewals,
        ways=WAYS,
        form=form if form.values else Typed({"on_day": today.isoformat(), **_next(found)}),
        may_keep=visitor.may(KEEP, terms.region),
    )
    title = t("contracts.contract_title", number=terms.number)
    page = Page(title, crumbs(t, title), found.sample)
    return render(request, "assets/contract.html", page, context, status)


def _next(found: Contract) -> dict[str, str]:
    """Return what would be paid next: what is overdue, else the next instalment."""
    if found.arrears_fen:
        return {"amount": str(fen_to_yuan(found.arrears_fen))}
    rests = (each.instalment.amount_fen - each.paid_fen for each in found.standings)
    rest = next((each for each in rests if each), 0)
    return {"amount": str(fen_to_yuan(rest))} if rest else {}


def amount_of(text: str, place: str = "amount") -> int:
    """Read an amount in yuan as fen.

    Raises:
        Invalid: it is none.
    """
    try:
        return yuan_to_fen(text.replace(",", "").removesuffix("元").strip())
    except Invalid:
        raise Invalid("this is no amount", code="contract.money", place=place, value=text) from None


def _month(text: str) -> tuple[int, int]:
    year, _, month = text.strip().partition("-")
    if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        raise Invalid("this is no month", code="income.month", place="month", value=text)
    return int(year), int(month)


def identity(text: str, place: str) -> UUID:
    """Read an ID.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("choose one", code="assets.meeting.who", place=place) from None


def own_village(visitor: Visitor) -> str:
    """Return the village of who keeps the contracts of one alone; else nothing."""
    regions = sorted(visitor.scope(KEEP).regions)
    return regions[0] if len(regions) == 1 and len(regions[0]) == 12 else ""  # noqa: PLR2004 - digits


def place_of(request: Request, visitor: Visitor) -> str:
    """Return the place that is asked for, else the visitor's village, else nothing."""
    region = request.query_params.get("region", "") or own_village(visitor)
    try:
        return house_of(request).regions.get(region).code if region else ""
    except (Invalid, NotFound):
        return ""


def today_of(request: Request) -> date:
    """Return the day in Beijing."""
    return beijing_day(house_of(request).clock.now())


def crumbs(
    t: Words, title: str | None, href: str | None = None
) -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page of contracts."""
    start: tuple[tuple[str, str | None], ...] = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
    )
    if title is None:
        return (*start, (t("contracts.title"), None))
    return (*start, (t("contracts.title"), "/assets/contracts"), (title, href))


REFUSALS = (Conflict, Forbidden, Invalid, NotFound)
