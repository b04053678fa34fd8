"""Reads of the market: what is offered and needed, one listing with all that happened to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from longmai.allocate.auction import FIRST_PRICE, SECOND_PRICE, Hall, Raise
from longmai.domains.assets.market.tables import BID, BIDDER, DEED, DEPOSIT, LISTING, NEED
from longmai.domains.assets.register.model.rights import Party
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

METHODS = ("first", "second", "ascending", "direct")
RULE_OF = {"first": FIRST_PRICE, "second": SECOND_PRICE}
"""Rule of price of the sealed methods."""
BASES = ("year", "whole")
"""A price is rent a year, or for the whole term."""
CAUSES = {
    "none": "无",
    "unsold": "公开交易两次没有成交",
    "public": "公益用途",
    "renewal": "续租",
    "other": "其他",
}
"""Causes of direct negotiation, as the policy calls them."""


@dataclass(frozen=True)
class Bidder:
    """Who bids.

    Attributes:
        number: by which the public knows the bidder.
        admitted: None: somebody has to look into it first.
        why: of the review, or of the refusal; empty if there was none.
    """

    record_id: UUID
    bidder_id: UUID
    number: int
    party: Party
    representative: str
    contact: str
    login: str
    admitted: bool | None
    decision: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True)
class Bid:
    """A seal, a bid revealed, or a bid raised."""

    record_id: UUID
    bidder_id: UUID
    act: str
    position: int
    seal: str
    salt: str
    amount_fen: int | None
    at: datetime


@dataclass(frozen=True)
class Deposit:
    """Money of a bidder that came, went back, was kept, or became rent."""

    record_id: UUID
    bidder_id: UUID
    act: str
    amount_fen: int
    on_day: date
    note: str


@dataclass(frozen=True)
class Deed:
    """What happened once to a listing, a bidder or an objection."""

    record_id: UUID
    deed: str
    about: str
    on_day: date
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """What is offered, with all that happened to it.

    Attributes:
        basis: one of ``BASES``, of which ``reserve_fen`` and all bids are.
        opens_at: from when open bids are heard; ``closes_at``: until when bids come, if no late one
            lengthens an open hall; ``reveals_until``: until when sealed ones are revealed.
        bids: in the order of records.
    """

    row: Row[Any]
    bidders: tuple[Bidder, ...]
    bids: tuple[Bid, ...]
    deposits: tuple[Deposit, ...]
    deeds: tuple[Deed, ...]

    @property
    def listing_id(self) -> UUID:
        """Return its ID."""
        return UUID(str(self.row.listing_id))

    @property
    def region(self) -> str:
        """Return the village."""
        return str(self.row.region)

    @property
    def method(self) -> str:
        """Return one of ``METHODS``."""
        return str(self.row.method)

    @property
    def sealed(self) -> bool:
        """Tell whether bids are sealed."""
        return self.method in RULE_OF

    def deed(self, name: str, about: str = "") -> Deed | None:
        """Return what happened, if it did."""
        found = (each for each in self.deeds if each.deed == name and each.about == about)
        return next(found, None)

    def bidder(self, bidder_id: UUID) -> Bidder:
        """Return a bidder.

        Raises:
            NotFound: nobody of this listing.
        """
        for each in self.bidders:
            if each.bidder_id == bidder_id:
                return each
        raise NotFound("no such bidder", code="assets.market.bidder", value=str(bidder_id))

    def bidder_of(self, login: str) -> Bidder | None:
        """Return the bidder that signs in with an account."""
        return next((each for each in self.bidders if login and each.login == login), None)

    def seal_of(self, bidder_id: UUID) -> Bid | None:
        """Return the seal that counts: the last one."""
        found = [each for each in self.bids if each.act == "sealed" and each.bidder_id == bidder_id]
        return found[-1] if found else None

    def revealed_of(self, bidder_id: UUID) -> Bid | None:
        """Return the bid that a bidder revealed."""
        found = (e for e in self.bids if e.act == "revealed" and e.bidder_id == bidder_id)
        return next(found, None)

    def deposit_of(self, bidder_id: UUID) -> Mapping[str, Deposit]:
        """Return what happened to a bidder's deposit, by act."""
        return {each.act: each for each in self.deposits if each.bidder_id == bidder_id}

    @cached_property
    def hall(self) -> Hall:
        """Return the open auction as it stands."""
        row = self.row
        raises = tuple(
            Raise(str(each.bidder_id), each.amount_fen or 0, each.at)
            for each in self.bids
            if each.act == "raised"
        )
        return Hall(
            row.reserve_fen, row.step_fen, row.opens_at, row.closes_at,
            timedelta(minutes=row.window_minutes), timedelta(minutes=row.extension_minutes), raises,
        )  # fmt: skip

    @property
    def ends_at(self) -> datetime:
        """Return until when bids come, as things stand."""
        found: datetime = self.row.closes_at
        return self.hall.ends_at if self.method == "ascending" else found

    @property
    def outcome(self) -> Mapping[str, Any]:
        """Return what the opening found; empty before."""
        found = self.deed("opened")
        return found.told if found else {}

    @property
    def winner(self) -> Bidder | None:
        """Return who won."""
        number = self.outcome.get("winner")
        return next((each for each in self.bidders if each.number == number), None)

    @property
    def objections(self) -> Sequence[tuple[Deed, Deed | None]]:
        """Return each objection to the result with its answer."""
        return [
            (each, self.deed("answered", str(each.record_id)))
            for each in self.deeds
            if each.deed == "objected"
        ]

    @property
    def objections_until(self) -> date | None:
        """Return the last day on which anybody may object to the result."""
        found = self.outcome.get("objections_until")
        return date.fromisoformat(found) if found else None

    def stage(self, now: datetime, today: date) -> str:
        """Return where it stands, one of ``STAGES``."""
        for name in ("withdrawn", "concluded", "defaulted"):
            if self.deed(name):
                return name
        return self._after(today) if self.outcome else self._before(now)

    def _before(self, now: datetime) -> str:
        if self.method == "direct":
            return "negotiating"
        if self.method == "ascending" and now < self.row.opens_at:
            return "registering"
        if now < self.ends_at:
            return "bidding"
        return "revealing" if self.sealed and now < self.row.reveals_until else "to_open"

    def _after(self, today: date) -> str:
        until = self.objections_until
        upheld = any(each and each.told["outcome"] == "upheld" for _, each in self.objections)
        if self.winner is None or until is None or upheld:
            return "failed"
        waits = today <= until or any(each is None for _, each in self.objections)
        return "noticed" if waits else "awaiting"


STAGES = (
    "registering", "negotiating", "bidding", "revealing", "to_open", "noticed", "awaiting",
    "concluded", "failed", "defaulted", "withdrawn",
)  # fmt: skip

SORTS: Mapping[str, ColumnElement[Any]] = {
    "closes": LISTING.c.closes_at.expression,
    "reserve": LISTING.c.reserve_fen.expression,
    "title": LISTING.c.title.expression,
}


def listings(
    connection: Connection, text: str, window: Window, region: str = "", state: str = ""
) -> tuple[int, list[Row[Any]]]:
    """Return how many listings are found, and a window of them.

    Args:
        connection: to read from.
        text: part of a title or its initials.
        window: sorted by ``SORTS``.
        region: first digits; empty: everywhere.
        state: ``open``: not ended; ``ended``: concluded, failed or withdrawn; empty: all.
    """
    query = select(LISTING)
    if region:
        query = query.where(LISTING.c.region.startswith(region))
    if text:
        query = query.where(_named(LISTING.c.title, LISTING.c.initials, text))
    if state:
        ended = LISTING.c.listing_id.in_(
            select(DEED.c.listing_id).where(DEED.c.deed.in_(("opened", "withdrawn")))
        )
        query = query.where(ended if state == "ended" else ~ended)
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    return total, list(connection.execute(window.of(query, SORTS, LISTING.c.record_id)))


def listing_of(connection: Connection, listing_id: UUID) -> Listing:
    """Return a listing.

    Raises:
        NotFound: there is none.
    """
    run = connection.execute
    row = run(select(LISTING).where(LISTING.c.listing_id == listing_id)).one_or_none()
    if row is None:
        raise NotFound("no such listing", code="assets.market", value=str(listing_id))
    return _whole(connection, row)


def stages(
    connection: Connection, rows: Sequence[Row[Any]], now: datetime, today: date
) -> list[tuple[Row[Any], str, int]]:
    """Return rows of ``listings`` with where each stands and how many bid for it."""
    found = [_whole(connection, row) for row in rows]
    return [(each.row, each.stage(now, today), len(each.bidders)) for each in found]


def _whole(connection: Connection, row: Row[Any]) -> Listing:
    run, own = connection.execute, row.listing_id
    deeds = tuple(
        Deed(each.record_id, each.deed, each.about, each.on_day, each.told)
        for each in run(select(DEED).where(DEED.c.listing_id == own).order_by(DEED.c.record_id))
    )
    reviews = {each.about: each.told for each in deeds if each.deed == "bidder_reviewed"}
    bidders = select(BIDDER).where(BIDDER.c.listing_id == own).order_by(BIDDER.c.number)
    bids = select(BID).where(BID.c.listing_id == own).order_by(BID.c.at, BID.c.record_id)
    deposits = select(DEPOSIT).where(DEPOSIT.c.listing_id == own).order_by(DEPOSIT.c.record_id)
    return Listing(
        row,
        tuple(_bidder(each, reviews.get(str(each.bidder_id))) for each in run(bidders)),
        tuple(
            Bid(e.record_id, e.bidder_id, e.act, e.position, e.seal, e.salt, e.amount_fen, e.at)
            for e in run(bids)
        ),
        tuple(
            Deposit(e.record_id, e.bidder_id, e.act, e.amount_fen, e.on_day, e.note)
            for e in run(deposits)
        ),
        deeds,
    )


def _bidder(row: Row[Any], review: Mapping[str, Any] | None) -> Bidder:
    return Bidder(
        row.record_id,
        row.bidder_id,
        row.number,
        Party(row.party_kind, row.party_key, row.party_name),
        row.representative,
        row.contact,
        row.login,
        row.admitted if review is None else review["admitted"],
        row.decision,
        "" if review is None else review["why"],
    )


@dataclass(frozen=True)
class Deal:
    """What a contract is made of.

    Attributes:
        deal_id: of the record that concluded it.
        price_fen: rent a year or for the whole term, as ``basis`` says.
    """

    deal_id: UUID
    listing_id: UUID
    asset_id: UUID
    region: str
    winner: Party
    price_fen: int
    basis: str
    term_months: int
    starts_on: date
    deposit_fen: int
    decision_record: UUID | None
    on_day: date


def deal_of(listing: Listing) -> Deal | None:
    """Return the deal of a listing that was concluded."""
    found, winner, row = listing.deed("concluded"), listing.winner, listing.row
    if found is None or winner is None:
        return None
    return Deal(
        found.record_id, listing.listing_id, row.asset_id, row.region, winner.party,
        listing.outcome["price_fen"], row.basis, row.term_months, row.starts_on, row.deposit_fen,
        row.decision_record, found.on_day,
    )  # fmt: skip


def listings_of(connection: Connection, asset_id: UUID) -> list[Row[Any]]:
    """Return the listings of an asset, newest first."""
    query = select(LISTING).where(LISTING.c.asset_id == asset_id)
    return list(connection.execute(query.order_by(LISTING.c.record_id.desc())))


def waiting(connection: Connection, scope: Scope, limit: int) -> list[Listing]:
    """Return the listings of a scope that are not withdrawn or concluded, the next to end first."""
    ended = select(DEED.c.listing_id).where(
        DEED.c.deed.in_(("withdrawn", "concluded", "defaulted"))
    )
    query = select(LISTING).where(scope.rows(LISTING.c.region), LISTING.c.listing_id.not_in(ended))
    rows = connection.execute(query.order_by(LISTING.c.closes_at).limit(limit)).all()
    return [_whole(connection, row) for row in rows]


def bidding_of(connection: Connection, login: str) -> list[Listing]:
    """Return the listings that somebody bids for and that are not opened yet."""
    if not login:
        return []
    ended = select(DEED.c.listing_id).where(DEED.c.deed.in_(("withdrawn", "opened")))
    own = select(BIDDER.c.listing_id).where(BIDDER.c.login == login)
    query = select(LISTING).where(LISTING.c.listing_id.in_(own), LISTING.c.listing_id.not_in(ended))
    rows = connection.execute(query.order_by(LISTING.c.closes_at)).all()
    return [_whole(connection, row) for row in rows]


NEED_SORTS = {"until": NEED.c.until, "title": NEED.c.title}


def needs(
    connection: Connection, text: str, window: Window, today: date, region: str = ""
) -> tuple[int, list[Row[Any]]]:
    """Return how many needs stand, and a window of them."""
    ended = select(DEED.c.listing_id).where(DEED.c.deed == "need_ended")
    query = select(NEED).where(NEED.c.until >= today, NEED.c.record_id.not_in(ended))
    if region:
        query = query.where(NEED.c.region.startswith(region))
    if text:
        query = query.where(_named(NEED.c.title, NEED.c.initials, text))
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    return total, list(connection.execute(window.of(query, NEED_SORTS, NEED.c.record_id)))


def need_of(connection: Connection, need_id: UUID) -> Row[Any]:
    """Return a need.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(select(NEED).where(NEED.c.record_id == need_id)).one_or_none()
    if row is None:
        raise NotFound("no such need", code="assets.market.need", value=str(need_id))
    return row


def _named(
    title: ColumnElement[Any], letters: ColumnElement[Any], text: str
) -> ColumnElement[bool]:
    found = [title.contains(text, autoescape=True)]
    if text.isascii():
        found.append(letters.contains(text.lower(), autoescape=True))
    return or_(*found)
