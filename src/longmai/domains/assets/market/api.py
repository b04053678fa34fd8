"""The market over HTTP: what is offered, bid, reveal, open."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from longmai.domains.assets.market.bidding import (
    NewBidder,
    raise_bid,
    register_bidder,
    reveal,
    seal,
)
from longmai.domains.assets.market.deeds import BID, RUN
from longmai.domains.assets.market.opening import Minutes, open_bids
from longmai.domains.assets.market.queries import Listing, listing_of, listings, stages
from longmai.domains.assets.members.desks import desk_of
from longmai.kernel.clock import beijing_day
from longmai.portal.house import house_of
from longmai.portal.rights.gates import OPEN, needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/assets/market", tags=["assets"])

Bidding = Annotated[Visitor, needs(BID)]


class ListingItem(BaseModel):
    """An operating right that is offered. `basis`: amounts are a year's, or the whole term's."""

    id: UUID
    title: str
    region: str
    asset_id: UUID
    method: str
    stage: str
    reserve_fen: int
    basis: str
    deposit_fen: int
    closes_at: datetime
    bidders: int


class ListingPage(BaseModel):
    """A page of listings."""

    total: int
    listings: list[ListingItem]


class ListingDetail(ListingItem):
    """A listing. `outcome` is what the opening found, once it was."""

    text: str
    term_months: int
    starts_on: date
    step_fen: int
    members_only: bool
    least_fen: int | None
    reveals_until: datetime
    outcome: dict[str, Any] | None


class BidderWish(BaseModel):
    """Who wants to bid; `declares_kin`: kin of the board; `clean`: no record of dishonesty."""

    kind: str
    name: str = Field(max_length=64)
    contact: str = Field(max_length=64)
    key: str = Field(default="", max_length=64)
    representative: str = Field(default="", max_length=64)
    declares_kin: bool
    clean: bool


class BidderTaken(BaseModel):
    """`admitted` is null where somebody has to look into it first."""

    bidder_id: UUID
    number: int
    admitted: bool | None


class Seal(BaseModel):
    """SHA-256, hexadecimal; `longmai assets market seal` computes one."""

    bidder_id: UUID
    seal: str = Field(max_length=64)


class Revealed(BaseModel):
    """Amount and salt that were sealed."""

    bidder_id: UUID
    amount_fen: int = Field(gt=0)
    salt: str = Field(max_length=64)


class Raised(BaseModel):
    """An open bid."""

    bidder_id: UUID
    amount_fen: int = Field(gt=0)


class Opening(BaseModel):
    """Who opened, who watched, where; `award` of direct negotiation: bidder and price in fen."""

    host: str
    witnesses: str
    place: str
    note: str = ""
    award: tuple[UUID, int] | None = None


@router.get("", dependencies=[OPEN])
def list_offers(
    request: Request,
    q: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    state: Annotated[str, Query(pattern="^(open|ended)?$")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ListingPage:
    """List operating rights that are offered, newest end first."""
    house = house_of(request)
    now = house.clock.now()
    with house.store.read() as connection:
        window = Window("closes", (page - 1) * size, size)
        total, rows = listings(connection, q, window, region, state)
        found = stages(connection, rows, now, beijing_day(now))
    items = [ListingItem(**_row(row), stage=stage, bidders=n) for row, stage, n in found]
    return ListingPage(total=total, listings=items)


@router.get("/{listing_id}", dependencies=[OPEN])
def read_offer(request: Request, listing_id: UUID) -> ListingDetail:
    """Return one listing, with its result once bids were opened."""
    house = house_of(request)
    with house.store.read() as connection:
        return ListingDetail(**detail_of(listing_of(connection, listing_id), house.clock.now()))


@router.post("/{listing_id}/bidders")
def enter_bidder(
    request: Request, listing_id: UUID, wish: BidderWish, visitor: Bidding
) -> BidderTaken:
    """Register to bid, for yourself; refused with the clauses that are not met."""
    with house_of(request).store.begin() as work:
        desk = desk_of(request, work, visitor)
        own = register_bidder(desk, listing_id, NewBidder(**wish.model_dump()))
        bidder = listing_of(work.connection, listing_id).bidder(own)
    return BidderTaken(bidder_id=own, number=bidder.number, admitted=bidder.admitted)


@router.post("/{listing_id}/seals", status_code=204)
def hand_in_seal(request: Request, listing_id: UUID, sent: Seal, visitor: Bidding) -> None:
    """Hand in a sealed bid; the last one before the deadline counts."""
    with house_of(request).store.begin() as work:
        seal(desk_of(request, work, visitor), listing_id, sent.bidder_id, sent.seal)


@router.post("/{listing_id}/reveals", status_code=204)
def reveal_bid(request: Request, listing_id: UUID, sent: Revealed, visitor: Bidding) -> None:
    """Reveal a sealed bid, after the deadline."""
    with house_of(request).store.begin() as work:
        desk = desk_of(request, work, visitor)
        reveal(desk, listing_id, sent.bidder_id, sent.amount_fen, sent.salt)


@router.post("/{listing_id}/raises", status_code=204)
def bid_openly(request: Request, listing_id: UUID, sent: Raised, visitor: Bidding) -> None:
    """Bid in an open auction."""
    with house_of(request).store.begin() as work:
        raise_bid(desk_of(request, work, visitor), listing_id, sent.bidder_id, sent.amount_fen)


@router.post("/{listing_id}/opening")
def open_offer(
    request: Request, listing_id: UUID, sent: Opening, visitor: Annotated[Visitor, needs(RUN)]
) -> ListingDetail:
    """Open the bids: one act with its minutes."""
    house = house_of(request)
    with house.store.begin() as work:
        open_bids(desk_of(request, work, visitor), listing_id, Minutes(**sent.model_dump()))
        found = listing_of(work.connection, listing_id)
    return ListingDetail(**detail_of(found, house.clock.now()))


def detail_of(listing: Listing, now: datetime) -> Mapping[str, Any]:
    """Return a listing as the API and the command line tell it."""
    row, hall = listing.row, listing.hall
    names = ("text", "term_months", "starts_on", "step_fen", "members_only", "reveals_until")
    return {
        **_row(row),
        **{name: getattr(row, name) for name in names},
        "closes_at": listing.ends_at,
        "stage": listing.stage(now, beijing_day(now)),
        "bidders": len(listing.bidders),
        "least_fen": hall.least_fen if listing.method == "ascending" else None,
        "outcome": dict(listing.outcome) or None,
    }


def _row(row: Any) -> dict[str, Any]:
    names = (
        "title", "region", "asset_id", "method", "reserve_fen", "basis", "deposit_fen", "closes_at",
    )  # fmt: skip
    return {"id": row.listing_id} | {name: getattr(row, name) for name in names}
