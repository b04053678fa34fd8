"""Pages of who runs the market: offering a right, and the desk of a listing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.assets.market.bidding import KINDS, due_back
from longmai.domains.assets.market.deeds import RUN
from longmai.domains.assets.market.listing import publish
from longmai.domains.assets.market.pages import (
    HOME,
    REFUSALS,
    SEE_OTHER,
    crumbs,
    refusal,
    sent_of,
)
from longmai.domains.assets.market.queries import (
    BASES,
    CAUSES,
    METHODS,
    Bidder,
    Listing,
    deal_of,
    listing_of,
)
from longmai.domains.assets.market.sending import CLERKS, id_of, listing_from
from longmai.domains.assets.meetings.queries import Decided, decisions_about
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.register.deeds import subject_of
from longmai.domains.assets.register.pages import yuan
from longmai.domains.assets.register.queries import Known, asset_of
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.portal.accounts.forms import Form
from longmai.portal.failures import Worded
from longmai.portal.house import house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix=HOME, include_in_schema=False)

Clerk = Annotated[Visitor, needs(RUN)]


@dataclass(frozen=True)
class NewContext:
    """Variables of ``assets/market-new.html``."""

    form: Form
    findings: Sequence[Worded]
    known: Known
    decisions: Sequence[tuple[str, str]]
    methods: Sequence[tuple[str, str]]
    bases: Sequence[tuple[str, str]]
    causes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class DeskContext:
    """Variables of ``assets/market-desk.html``.

    Attributes:
        due: bidders whose deposit goes back now.
    """

    listing: Listing
    stage: str
    asset_name: str
    due: Sequence[Bidder]
    deal: Any
    form: Form
    findings: Sequence[Worded]
    kinds: Sequence[tuple[str, str]]
    yuan: Any = yuan


@router.get("/new")
def new_form(
    request: Request, visitor: Clerk, asset: Annotated[UUID | None, Query()] = None
) -> Response:
    """Show the form to offer an asset's operating right; without an asset, choose one first."""
    if asset is None:
        return RedirectResponse("/assets/register", SEE_OTHER)
    today = beijing_day(house_of(request).clock.now()).isoformat()
    values = {
        "asset": str(asset), "method": "second", "basis": "year", "cause": "none",
        "window_minutes": "5", "extension_minutes": "5", "starts_on": today,
    }  # fmt: skip
    return _new_page(request, visitor, asset, Form(values))


@router.post("/new")
async def new_sent(request: Request, visitor: Clerk) -> Response:
    """Offer an operating right."""
    sent, house = await sent_of(request), house_of(request)
    asset = id_of(sent, "asset")
    try:
        with house.store.begin() as work:
            own = publish(desk_of(request, work, visitor), listing_from(sent))
    except REFUSALS as error:
        form, findings = refusal(words_of(request), error, sent)
        return _new_page(request, visitor, asset, form, findings, error.status)
    return RedirectResponse(f"{HOME}/l/{own}", SEE_OTHER)


def _new_page(
    request: Request,
    visitor: Visitor,
    asset_id: UUID,
    form: Form,
    findings: Sequence[Worded] = (),
    status: int = 200,
) -> HTMLResponse:
    t = words_of(request)
    with house_of(request).store.read() as connection:
        known = asset_of(connection, asset_id)
        decided = decisions_about(connection, subject_of(asset_id))
    visitor.require(RUN, known.asset.region)
    passed = [each for each in decided if each.passed and not each.revoked]
    context = NewContext(
        form=form,
        findings=findings,
        known=known,
        decisions=[("", t("market.no_decision")), *map(_named, passed)],
        methods=[(each, t(f"market.method.{each}")) for each in METHODS],
        bases=[(each, t(f"market.basis.{each}")) for each in BASES],
        causes=[(each, t(f"market.cause.{each}")) for each in CAUSES],
    )
    title = t("market.new")
    page = Page(title, crumbs(t, title), known.sample)
    return render(request, "assets/market-new.html", page, context, status)


def _named(decided: Decided) -> tuple[str, str]:
    return str(decided.record_id), f"{decided.made_on} {decided.tallies.get('agree', '')}"


@router.get("/l/{listing_id}/desk")
def desk_page(request: Request, listing_id: UUID, visitor: Clerk) -> HTMLResponse:
    """Show the desk of a listing: bidders, deposits, opening, objections, the deal."""
    return _desk_page(request, listing_id, visitor, Form())


@router.post("/l/{listing_id}/desk/{what}")
async def desk_sent(request: Request, listing_id: UUID, what: str, visitor: Clerk) -> Response:
    """Carry out what the clerk sends."""
    if what not in CLERKS:
        raise NotFound("no such action", code="http.404", value=what)
    sent, house = await sent_of(request), house_of(request)
    try:
        with house.store.begin() as work:
            CLERKS[what](desk_of(request, work, visitor), listing_id, sent)
    except REFUSALS as error:
        form, findings = refusal(words_of(request), error, sent)
        return _desk_page(request, listing_id, visitor, form, findings, error.status)
    return RedirectResponse(f"{HOME}/l/{listing_id}/desk", SEE_OTHER)


def _desk_page(
    request: Request,
    listing_id: UUID,
    visitor: Visitor,
    form: Form,
    findings: Sequence[Worded] = (),
    status: int = 200,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    now = house.clock.now()
    with house.store.read() as connection:
        listing = listing_of(connection, listing_id)
        known = asset_of(connection, listing.row.asset_id)
    visitor.require(RUN, listing.region)
    stage = listing.stage(now, beijing_day(now))
    context = DeskContext(
        listing=listing,
        stage=stage,
        asset_name=known.asset.name,
        due=due_back(listing, stage),
        deal=deal_of(listing),
        form=form,
        findings=findings,
        kinds=[(each, t(f"register.party.{each}")) for each in KINDS],
    )
    title = t("market.desk")
    trail = (*crumbs(t, listing.row.title, f"{HOME}/l/{listing_id}"), (title, None))
    page = Page(title, trail, listing.row.sample)
    return render(request, "assets/market-desk.html", page, context, status)
