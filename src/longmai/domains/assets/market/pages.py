"""Pages of the market that everybody sees: what is offered and needed, how to bid, results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Row

from longmai.domains.assets.market.bidding import KINDS
from longmai.domains.assets.market.deeds import BID, RUN
from longmai.domains.assets.market.listing import end_need, publish_need
from longmai.domains.assets.market.minutes import minutes_pdf
from longmai.domains.assets.market.queries import (
    NEED_SORTS,
    SORTS,
    Bidder,
    Listing,
    listing_of,
    listings,
    needs,
    stages,
)
from longmai.domains.assets.market.sending import BIDDERS, need_from
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.members.queries import roll_of, seats_of
from longmai.domains.assets.register.deeds import OBJECT
from longmai.domains.assets.register.pages import yuan
from longmai.domains.assets.register.queries import asset_of
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, LongmaiError, NotFound
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.masking import masked
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, SIGNED_IN, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/market", include_in_schema=False)

HOME = "/assets/market"
SEE_OTHER = 303
REFUSALS = (Conflict, Forbidden, Invalid, NotFound)


@dataclass(frozen=True)
class MarketContext:
    """Variables of ``assets/market.html``; rows are (listing, stage, bidders)."""

    rows: Sequence[tuple[Row[Any], str, int]]
    search: str
    state: str
    sort: str
    descending: bool
    paging: Paging
    waiting: int
    yuan: Any = yuan


@dataclass(frozen=True)
class NeedsContext:
    """Variables of ``assets/market-needs.html``; rows: (need, name, contact, mine)."""

    rows: Sequence[tuple[Row[Any], str, str, bool]]
    search: str
    sort: str
    descending: bool
    paging: Paging
    form: Form
    findings: Sequence[Worded]
    yuan: Any = yuan


@dataclass(frozen=True)
class ListingContext:
    """Variables of ``assets/market-listing.html``.

    Attributes:
        listing: with all that happened; the page shows numbers, not names.
        mine: the bidder that the visitor speaks for, or that the clerk has chosen; None for others.
        name: of the visitor, as the roll has it.
        raises: (number, amount, time) of an open auction, newest first.
    """

    listing: Listing
    stage: str
    asset_name: str
    mine: Bidder | None
    deposit: Mapping[str, Any]
    name: str
    raises: Sequence[tuple[int, int, datetime]]
    may_bid: bool
    may_object: bool
    may_run: bool
    form: Form
    findings: Sequence[Worded]
    kinds: Sequence[tuple[str, str]]
    yuan: Any = yuan


@router.get("", dependencies=[OPEN])
def market_list(
    request: Request,
    q: Annotated[str, Query(max_length=40)] = "",
    state: Annotated[str, Query(max_length=8)] = "open",
    sort: Annotated[str, Query(max_length=10)] = "closes",
    order: Annotated[str, Query(max_length=4)] = "asc",
) -> HTMLResponse:
    """List what is offered, the next to end first."""
    t, house = words_of(request), house_of(request)
    chosen, descending = sort if sort in SORTS else "closes", order == "desc"
    state = state if state in {"open", "ended", "all"} else "open"
    wanted, now = "" if state == "all" else state, house.clock.now()
    with house.store.read() as connection:
        total, _ = listings(connection, q.strip(), Window(size=0), state=wanted)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, rows = listings(connection, q.strip(), window, state=wanted)
        shown = stages(connection, rows, now, beijing_day(now))
        waiting, _ = needs(connection, "", Window(size=0), beijing_day(now))
    context = MarketContext(shown, q, state, chosen, descending, paging, waiting)
    page = Page(t("market.title"), crumbs(t, None), any(row.sample for row in rows))
    return render(request, "assets/market.html", page, context)


@router.get("/needs", dependencies=[OPEN])
def need_list(
    request: Request,
    q: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(max_length=10)] = "until",
    order: Annotated[str, Query(max_length=4)] = "asc",
) -> HTMLResponse:
    """List what people look for."""
    return _needs_page(request, Form(_need_values(request)), q.strip(), sort, order)


@router.post("/needs")
async def need_sent(request: Request, visitor: Annotated[Visitor, SIGNED_IN]) -> Response:
    """Say what one looks for."""
    sent, house = await sent_of(request), house_of(request)
    try:
        with house.store.begin() as work:
            publish_need(desk_of(request, work, visitor), need_from(sent))
    except REFUSALS as error:
        form, findings = refusal(words_of(request), error, sent)
        return _needs_page(request, form, findings=findings, status=error.status)
    return RedirectResponse(f"{HOME}/needs", SEE_OTHER)


@router.post("/needs/{need_id}/end")
def need_ended(
    request: Request, need_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]
) -> RedirectResponse:
    """Take down what one looked for."""
    with house_of(request).store.begin() as work:
        end_need(desk_of(request, work, visitor), need_id)
    return RedirectResponse(f"{HOME}/needs", SEE_OTHER)


def _need_values(request: Request) -> dict[str, str]:
    visitor = visitor_of(request)
    with house_of(request).store.read() as connection:
        seats = seats_of(connection, visitor.login)
    return {"name": visitor.name, "region": seats[0].region if seats else ""}


def _needs_page(
    request: Request,
    form: Form,
    q: str = "",
    sort: str = "until",
    order: str = "asc",
    findings: Sequence[Worded] = (),
    status: int = 200,
) -> HTMLResponse:
    t, house, visitor = words_of(request), house_of(request), visitor_of(request)
    chosen, descending = sort if sort in NEED_SORTS else "until", order == "desc"
    today = beijing_day(house.clock.now())
    with house.store.read() as connection:
        total, _ = needs(connection, q, Window(size=0), today)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, rows = needs(connection, q, window, today)
    shown = []
    for row in rows:
        runs = visitor.may(RUN, row.region)
        mine = runs or (bool(row.login) and row.login == visitor.login)
        contact = row.contact if runs else ""
        shown.append((row, row.name if runs else masked(row.name, 1, 0), contact, mine))
    context = NeedsContext(shown, q, chosen, descending, paging, form, findings)
    title = t("market.needs.title")
    page = Page(title, crumbs(t, title), any(row.sample for row in rows))
    return render(request, "assets/market-needs.html", page, context, status)


@router.get("/l/{listing_id}", dependencies=[OPEN])
def listing_page(
    request: Request,
    listing_id: UUID,
    bidder: Annotated[str, Query(max_length=36)] = "",
) -> HTMLResponse:
    """Show what is offered, how to bid, and what came of it."""
    return show_listing(request, listing_id, Form({"chosen": bidder}))


@router.post("/l/{listing_id}/{what}")
async def listing_sent(
    request: Request, listing_id: UUID, what: str, visitor: Annotated[Visitor, SIGNED_IN]
) -> Response:
    """Take what a bidder or neighbour sends."""
    if what not in BIDDERS:
        raise NotFound("no such action", code="http.404", value=what)
    sent, house = await sent_of(request), house_of(request)
    try:
        with house.store.begin() as work:
            BIDDERS[what](desk_of(request, work, visitor), listing_id, sent)
    except REFUSALS as error:
        form, findings = refusal(words_of(request), error, sent)
        return show_listing(request, listing_id, form, findings, error.status)
    back = "/desk" if "for_other" in sent else ""
    return RedirectResponse(f"{HOME}/l/{listing_id}{back}", SEE_OTHER)


def show_listing(
    request: Request,
    listing_id: UUID,
    form: Form,
    findings: Sequence[Worded] = (),
    status: int = 200,
) -> HTMLResponse:
    """Show the page of a listing, with what was wrong in what was sent."""
    t, house, visitor = words_of(request), house_of(request), visitor_of(request)
    now = house.clock.now()
    with house.store.read() as connection:
        listing = listing_of(connection, listing_id)
        asset = asset_of(connection, listing.row.asset_id).asset
        name = _own_name(connection, visitor, listing, beijing_day(now))
    may_run = visitor.may(RUN, listing.region)
    mine = listing.bidder_of(visitor.login)
    chosen = form.value("bidder") or form.value("chosen")
    if may_run and chosen:
        mine = next((each for each in listing.bidders if str(each.bidder_id) == chosen), mine)
    numbers = {each.bidder_id: each.number for each in listing.bidders}
    raises = [
        (numbers[each.bidder_id], each.amount_fen or 0, each.at)
        for each in reversed(listing.bids)
        if each.act == "raised"
    ]
    context = ListingContext(
        listing=listing,
        stage=listing.stage(now, beijing_day(now)),
        asset_name=asset.name,
        mine=mine,
        deposit=listing.deposit_of(mine.bidder_id) if mine else {},
        name=name,
        raises=raises,
        may_bid=visitor.may(BID) and bool(visitor.login),
        may_object=visitor.may(OBJECT, listing.region) or mine is not None,
        may_run=may_run,
        form=form,
        findings=findings,
        kinds=[(each, t(f"register.party.{each}")) for each in KINDS],
    )
    page = Page(listing.row.title, crumbs(t, listing.row.title), listing.row.sample)
    response = render(request, "assets/market-listing.html", page, context, status)
    if mine is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _own_name(connection: Any, visitor: Visitor, listing: Listing, today: date) -> str:
    seats = [e for e in seats_of(connection, visitor.login) if e.region == listing.region]
    if not seats:
        return visitor.name
    person = roll_of(connection, listing.region, today).people.get(seats[0].member_id)
    return person.name if person else visitor.name


@router.get("/l/{listing_id}/minutes.pdf", dependencies=[OPEN])
def minutes(request: Request, listing_id: UUID) -> Response:
    """Return the minutes of the opening."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        listing = listing_of(connection, listing_id)
    if not listing.outcome:
        raise Conflict("bids were not opened", code="assets.market.no_minutes")
    pdf = minutes_pdf(listing, f"{house.settings.public_url}{HOME}/l/{listing_id}", t)
    named = {"Content-Disposition": f'inline; filename="opening-{listing_id}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=named)


async def sent_of(request: Request) -> dict[str, str]:
    """Read the texts of a form."""
    async with request.form(max_files=0, max_fields=60) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def refusal(
    t: Words, error: LongmaiError, sent: Mapping[str, str]
) -> tuple[Form, Sequence[Worded]]:
    """Return a form to show again, and all that was wrong."""
    found = error.findings if isinstance(error, InvalidMany) else [error]
    return refused(t, error, sent, tuple(sent)), [worded(t, each) for each in found]


def crumbs(
    t: Words, title: str | None, href: str | None = None
) -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page of the market."""
    start: tuple[tuple[str, str | None], ...] = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
    )
    if title is None:
        return (*start, (t("market.title"), None))
    return (*start, (t("market.title"), HOME), (title, href))
