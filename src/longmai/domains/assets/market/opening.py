"""Opening the bids: one act with its minutes; then objections, and the deal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from longmai.allocate.auction import Outcome, sealed
from longmai.domains.assets.market import deeds
from longmai.domains.assets.market.bidding import moved
from longmai.domains.assets.market.listing import happened, refuse_unless, running, said
from longmai.domains.assets.market.queries import RULE_OF, Bidder, Listing, listing_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register.deeds import OBJECT
from longmai.domains.assets.register.service import held_for, next_state
from longmai.domains.assets.register.shown import name_of
from longmai.kernel.errors import Conflict, Invalid, NotFound

OUTCOMES = ("upheld", "rejected")


@dataclass(frozen=True)
class Minutes:
    """What is said at an opening.

    Attributes:
        host: who opened.
        witnesses: who watched.
        award: of direct negotiation, the bidder and the price agreed on.
    """

    host: str
    witnesses: str
    place: str
    note: str = ""
    award: tuple[UUID, int] | None = None


def open_bids(desk: Desk, listing_id: UUID, minutes: Minutes) -> UUID:
    """Open the bids and record what came of it, in one act; return its record.

    Deposits of who sealed a bid and did not reveal it are kept, as the listing's rules say.

    Raises:
        Conflict: bids may still come or be revealed; no price was agreed on.
        Invalid: who opened and who watched is not said, or the price is below the reserve.
    """
    listing = running(desk, listing_id)
    stage = refuse_unless(desk, listing, "to_open", "revealing", "negotiating")
    hidden = _hidden(listing)
    if stage == "revealing" and hidden:
        raise Conflict(
            "bids may still be revealed", code="assets.market.is_revealing",
            value=len(hidden), mend="wait until all are revealed, or the time is over",
        )  # fmt: skip
    found = _outcome(listing, minutes)
    told = {
        "minutes": {
            "host": said(minutes.host, "host", 64),
            "witnesses": said(minutes.witnesses, "witnesses", 200),
            "place": said(minutes.place, "place", 120),
            "note": minutes.note.strip()[:2_000],
        },
        **_result(listing, found),
        "unrevealed": [each.number for each in hidden],
        "objections_until": None
        if found.winner is None
        else (desk.today + timedelta(days=listing.row.objection_days)).isoformat(),
    }
    kept = [
        moved(desk, listing, each.bidder_id, "forfeited", "未揭示报价")
        for each in hidden
        if listing.row.deposit_fen
    ]
    return desk.record_all([happened(listing, deeds.OPENED, "", told, desk.today), *kept])[0]


def _hidden(listing: Listing) -> list[Bidder]:
    return [
        each
        for each in listing.bidders
        if listing.seal_of(each.bidder_id) and not listing.revealed_of(each.bidder_id)
    ]


def _outcome(listing: Listing, minutes: Minutes) -> Outcome:
    row = listing.row
    if listing.sealed:
        bids = {
            str(each.bidder_id): each.amount_fen
            for each in listing.bids
            if each.act == "revealed" and each.amount_fen is not None
        }
        return sealed(bids, row.reserve_fen, RULE_OF[listing.method], str(listing.listing_id))
    if listing.method == "ascending":
        return listing.hall.outcome()
    if minutes.award is None:
        raise Invalid("say with whom and at what price", code="assets.market.award", place="award")
    bidder_id, price_fen = minutes.award
    bidder = listing.bidder(bidder_id)
    if bidder.admitted is not True:
        raise Conflict("this bidder is not admitted", code="assets.market.not_admitted")
    if price_fen < row.reserve_fen:
        raise Invalid(
            "the price is below the reserve", code="assets.market.below", place="price",
            value=price_fen,
        )  # fmt: skip
    return Outcome(str(bidder_id), price_fen, ((str(bidder_id), price_fen),))


def _result(listing: Listing, found: Outcome) -> Mapping[str, Any]:
    """Return an outcome as everybody may read it: bidders by number, names of people masked."""
    numbers = {str(each.bidder_id): each.number for each in listing.bidders}
    winner = listing.bidder(UUID(found.winner)) if found.winner else None
    return {
        "method": listing.method,
        "reserve_fen": listing.row.reserve_fen,
        "winner": winner.number if winner else None,
        "winner_name": name_of(winner.party, whole=False) if winner else "",
        "price_fen": found.price_fen,
        "drawn": found.drawn,
        "ranking": [[numbers[key], amount] for key, amount in found.ranking],
        "below": [numbers[key] for key in found.below],
        "bids": [
            {
                "number": numbers[str(each.bidder_id)],
                "bidder": str(each.bidder_id),
                "seal": each.seal,
                "salt": each.salt,
                "amount_fen": each.amount_fen,
            }
            for each in listing.bids
            if each.act == "revealed"
        ],
    }


def object_to(desk: Desk, listing_id: UUID, name: str, reason: str) -> UUID:
    """Object to the result while it hangs out; return the objection's record.

    Raises:
        SignInNeeded, Forbidden: the visitor neither may object there nor bid.
        Conflict: it does not hang out now.
        Invalid: no name or reason.
    """
    listing = listing_of(desk.work.connection, listing_id)
    desk.hold([listing.region])
    listing = listing_of(desk.work.connection, listing_id)
    if listing.bidder_of(desk.visitor.login) is None:
        desk.visitor.require(OBJECT, listing.region)
    refuse_unless(desk, listing, "noticed")
    until = listing.objections_until
    if until is None or desk.today > until:
        raise Conflict("the time to object is over", code="assets.market.objection_late")
    told = {"name": said(name, "name", 64), "reason": said(reason, "reason")}
    # An objection is about itself: any number may come.
    number = str(len(listing.objections) + 1)
    return desk.record_all([happened(listing, deeds.OBJECTED, number, told, desk.today)])[0]


def answer(desk: Desk, listing_id: UUID, objection_id: UUID, outcome: str, reason: str) -> None:
    """Answer an objection; if it is upheld, nothing comes of the listing.

    Raises:
        NotFound: there is no such objection.
        Conflict: it was answered.
        Invalid: no such outcome, or no reason.
    """
    listing = running(desk, listing_id)
    found = {each.record_id: done for each, done in listing.objections}
    if objection_id not in found:
        raise NotFound("no such objection", code="assets.market.objection")
    if found[objection_id] is not None:
        raise Conflict("it was answered", code="assets.market.answered")
    if outcome not in OUTCOMES:
        raise Invalid("upheld or rejected", code="assets.market.value", place="outcome")
    told = {"outcome": outcome, "reason": said(reason, "reason")}
    desk.record_all([happened(listing, deeds.ANSWERED, str(objection_id), told, desk.today)])


def conclude(desk: Desk, listing_id: UUID, document: str) -> UUID:
    """Conclude the deal once nobody objects any more; return its record.

    The winner's deposit becomes rent.

    Args:
        desk: of the clerk.
        listing_id: what was bid for.
        document: name or number of the confirmation both sides signed.

    Raises:
        Conflict: the result hangs out still, or an objection waits.
        Invalid: no document.
    """
    listing = running(desk, listing_id)
    refuse_unless(desk, listing, "awaiting")
    winner = listing.winner
    if winner is None:
        raise Conflict("nobody won", code="assets.market.is_failed")
    [known] = held_for(desk, [listing.row.asset_id], deeds.RUN)
    told = {
        "listing": str(listing_id),
        "about": "",
        "told": {
            "winner": winner.number,
            "winner_name": name_of(winner.party, whole=False),
            "price_fen": listing.outcome["price_fen"],
            "document": said(document, "document", 200),
        },
    }
    states = {known.asset_id: next_state(known)}
    [record] = desk.append([desk.act(deeds.CONCLUDED, listing.region, desk.today, states, told)])
    if set(listing.deposit_of(winner.bidder_id)) == {"received"}:
        desk.record_all([moved(desk, listing, winner.bidder_id, "offset", document.strip())])
    return record.id


def default(desk: Desk, listing_id: UUID, why: str) -> None:
    """Record that the winner will not sign: the deposit is kept, the right may be offered anew.

    Raises:
        Conflict: it is not time to sign.
        Invalid: no reason.
    """
    listing = running(desk, listing_id)
    refuse_unless(desk, listing, "awaiting")
    winner = listing.winner
    acts = [happened(listing, deeds.DEFAULTED, "", {"why": said(why, "why")}, desk.today)]
    if winner and set(listing.deposit_of(winner.bidder_id)) == {"received"}:
        acts.append(moved(desk, listing, winner.bidder_id, "forfeited", why.strip()[:200]))
    desk.record_all(acts)
