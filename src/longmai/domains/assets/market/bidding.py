"""Bidding: who may, deposits, sealed bids and their revealing, open bids."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from longmai.allocate.auction import Raise
from longmai.allocate.sealing import is_digest, opens
from longmai.domains.assets.market import deeds
from longmai.domains.assets.market.judging import interest_of, judged_bidder, refuse_unmet
from longmai.domains.assets.market.listing import (
    happened,
    refuse_unless,
    running,
    said,
    subject,
)
from longmai.domains.assets.market.queries import Bidder, Listing, listing_of
from longmai.domains.assets.members.queries import roll_of, seats_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register.model.rights import Party, party_payload
from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.kernel.ids import new_id
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.record import record_of

KINDS = ("person", "enterprise", "cooperative", "collective")
"""Who may bid."""
_MAX_NAME = 64


@dataclass(frozen=True)
class NewBidder:
    """Who wants to bid.

    Attributes:
        kind: one of ``KINDS``.
        key: credit code of an enterprise or cooperative; of a person of the roll the member's ID.
        representative: of an enterprise, its legal representative.
        declares_kin: says to be kin of the board, or to be represented or owned by such.
        clean: declares to have no record of dishonesty.
    """

    kind: str
    name: str
    contact: str
    key: str = ""
    representative: str = ""
    declares_kin: bool = False
    clean: bool = False


def register_bidder(
    desk: Desk, listing_id: UUID, wanted: NewBidder, *, for_other: bool = False
) -> UUID:
    """Enter somebody as bidder after the rules were asked; return the bidder's ID.

    Args:
        desk: of the bidder, or of the clerk.
        listing_id: what is bid for.
        wanted: who bids; of a visitor who is in the village's roll, the roll has the last word.
        for_other: the clerk enters somebody who came in person.

    Raises:
        SignInNeeded, Forbidden: the visitor may not bid, or runs no market there.
        Conflict: too late, or entered already.
        Invalid: a name is missing.
        InvalidMany: the clauses that are not met.
    """
    listing = _held(desk, listing_id)
    if for_other:
        desk.visitor.require(deeds.RUN, listing.region)
    else:
        desk.visitor.require(deeds.BID)
    refuse_unless(desk, listing, "registering", "negotiating", "bidding")
    login = "" if for_other else desk.visitor.login
    party, member_id = _party(desk, listing, wanted, login)
    _refuse_twice(listing, party, login)
    roll = roll_of(desk.work.connection, listing.region, desk.today)
    interest = interest_of(
        roll, member_id, (wanted.name, wanted.representative), declares_kin=wanted.declares_kin
    )
    decision = judged_bidder(
        desk.policies, interest, desk.today, listing.region,
        members_only=listing.row.members_only, clean=wanted.clean,
    )  # fmt: skip
    refuse_unmet(decision, "assets.market.bidder_unmet")
    bidder_id = new_id()
    told = {
        "listing": str(listing_id),
        "bidder": str(bidder_id),
        "number": len(listing.bidders) + 1,
        "party": party_payload(party),
        "representative": wanted.representative.strip()[:_MAX_NAME],
        "contact": said(wanted.contact, "contact", _MAX_NAME),
        "login": login,
        "admitted": True if decision.state is State.MET else None,
        "decision": record_of(decision),
    }
    desk.record(deeds.REGISTERED, [subject(listing_id)], listing.region, told)
    return bidder_id


def _party(
    desk: Desk, listing: Listing, wanted: NewBidder, login: str
) -> tuple[Party, UUID | None]:
    if wanted.kind not in KINDS:
        raise Invalid("no such kind", code="assets.market.value", place="kind", value=wanted.kind)
    name = said(wanted.name, "name", _MAX_NAME)
    seats = seats_of(desk.work.connection, login)
    seat = next((each for each in seats if each.region == listing.region), None)
    if wanted.kind != "person":
        return Party(wanted.kind, wanted.key.strip()[:64], name), None
    roll = roll_of(desk.work.connection, listing.region, desk.today)
    if seat is not None:
        known = roll.people.get(seat.member_id)
        found = known.name if known else name
        return Party("person", str(seat.member_id), found), seat.member_id
    # Whoever came in person is found by name, if just one bears it.
    same = [each.member_id for each in roll.people.values() if each.name == name]
    if not login and len(same) == 1:
        return Party("person", str(same[0]), name), same[0]
    return Party("person", "", name), None


def _refuse_twice(listing: Listing, party: Party, login: str) -> None:
    if listing.bidder_of(login) or any(
        each.party.identity == party.identity for each in listing.bidders
    ):
        raise Conflict("entered already", code="assets.market.twice", value=party.name)


def review(desk: Desk, listing_id: UUID, bidder_id: UUID, why: str, *, admitted: bool) -> None:
    """Say, after looking into it, whether somebody may bid of whom the rules could not tell.

    Raises:
        Conflict: it is clear already, or bids were opened.
        Invalid: no reason.
    """
    listing = running(desk, listing_id)
    refuse_unless(desk, listing, "registering", "negotiating", "bidding")
    if listing.bidder(bidder_id).admitted is not None:
        raise Conflict("it is clear already", code="assets.market.reviewed")
    told = {"admitted": admitted, "why": said(why, "why")}
    act = happened(listing, deeds.REVIEWED, str(bidder_id), told, desk.today)
    desk.record_all([act])


def take_deposit(desk: Desk, listing_id: UUID, bidder_id: UUID, note: str) -> None:
    """Record that a bidder's deposit came in, in full.

    Args:
        desk: of the clerk.
        listing_id: what is bid for.
        bidder_id: who paid.
        note: number of the receipt or of the bank's slip.

    Raises:
        Conflict: none is asked for, it came already, or it is too late.
        Invalid: no note.
    """
    listing = running(desk, listing_id)
    refuse_unless(desk, listing, "registering", "bidding", "negotiating")
    bidder = listing.bidder(bidder_id)
    if not listing.row.deposit_fen or listing.deposit_of(bidder_id) or bidder.admitted is False:
        raise Conflict("no deposit is due from this bidder", code="assets.market.deposit_not_due")
    desk.record_all([moved(desk, listing, bidder_id, "received", said(note, "note", 200))])


def moved(desk: Desk, listing: Listing, bidder_id: UUID, act: str, note: str) -> Any:
    """Return the act (kind, subjects, region, payload) of moving a deposit, whole as it came."""
    payload = {
        "listing": str(listing.listing_id),
        "bidder": str(bidder_id),
        "act": act,
        "amount_fen": listing.row.deposit_fen,
        "on_day": desk.today.isoformat(),
        "note": note,
    }
    return deeds.DEPOSITED, [subject(listing.listing_id)], listing.region, payload


def due_back(listing: Listing, stage: str) -> list[Bidder]:
    """Return whose deposit goes back now: of all if nothing came of it, else of who did not win."""
    if stage not in {"withdrawn", "failed", "noticed", "awaiting", "concluded", "defaulted"}:
        return []
    winner = listing.winner if stage in {"noticed", "awaiting", "concluded", "defaulted"} else None
    return [
        each
        for each in listing.bidders
        if set(listing.deposit_of(each.bidder_id)) == {"received"} and each != winner
    ]


def return_deposits(desk: Desk, listing_id: UUID, note: str) -> int:
    """Record that all deposits that are due went back; return how many.

    Raises:
        Conflict: none is due.
    """
    listing = running(desk, listing_id)
    due = due_back(listing, listing.stage(desk.now, desk.today))
    if not due:
        raise Conflict("no deposit is to go back now", code="assets.market.nothing_due")
    text = said(note, "note", 200)
    desk.record_all([moved(desk, listing, each.bidder_id, "returned", text) for each in due])
    return len(due)


def seal(desk: Desk, listing_id: UUID, bidder_id: UUID, digest: str) -> None:
    """Hand in a sealed bid; until the end of bidding a new one takes the place of the last.

    Raises:
        Forbidden: somebody else's, not admitted, or no deposit yet.
        Conflict: too late, or bids are not sealed here.
        Invalid: it has not the form of a seal.
    """
    listing, _ = _bidding(desk, listing_id, bidder_id)
    refuse_unless(desk, listing, "bidding")
    if not listing.sealed:
        raise Conflict("bids are open here", code="assets.market.not_sealed")
    digest = digest.strip().lower()
    if not is_digest(digest):
        raise Invalid("this is no seal", code="assets.market.seal", place="seal")
    before = listing.seal_of(bidder_id)
    told = {
        "listing": str(listing_id),
        "bidder": str(bidder_id),
        "position": before.position + 1 if before else 1,
        "seal": digest,
    }
    desk.record(deeds.SEALED, [subject(listing_id)], listing.region, told)


def reveal(desk: Desk, listing_id: UUID, bidder_id: UUID, amount_fen: int, salt: str) -> None:
    """Reveal a sealed bid: amount and salt must be those that were sealed.

    Raises:
        Forbidden: somebody else's.
        Conflict: not the time, nothing was sealed, or it was revealed.
        Invalid: they do not fit the seal.
    """
    listing, _ = _bidding(desk, listing_id, bidder_id)
    refuse_unless(desk, listing, "revealing")
    sealed_bid = listing.seal_of(bidder_id)
    if sealed_bid is None or listing.revealed_of(bidder_id):
        raise Conflict("there is nothing to reveal", code="assets.market.nothing_sealed")
    salt = salt.strip().lower()
    if not opens(sealed_bid.seal, str(listing_id), str(bidder_id), amount_fen, salt):
        raise Invalid(
            "amount and salt are not those that were sealed", code="assets.market.not_the_bid",
            place="amount", mend="take both from the slip of the bid that was handed in last",
        )  # fmt: skip
    told = {
        "listing": str(listing_id),
        "bidder": str(bidder_id),
        "position": 1,
        "seal": sealed_bid.seal,
        "salt": salt,
        "amount_fen": amount_fen,
    }
    desk.record(deeds.REVEALED, [subject(listing_id)], listing.region, told)


def raise_bid(desk: Desk, listing_id: UUID, bidder_id: UUID, amount_fen: int) -> None:
    """Bid openly.

    Raises:
        Forbidden: somebody else's, not admitted, or no deposit yet.
        Conflict: too early, too late, too low, or the bidder leads already.
    """
    listing, bidder = _bidding(desk, listing_id, bidder_id)
    refuse_unless(desk, listing, "bidding")
    if listing.method != "ascending":
        raise Conflict("bids are sealed here", code="assets.market.not_open")
    hall = listing.hall.heard(Raise(str(bidder_id), amount_fen, desk.now))
    told = {
        "listing": str(listing_id),
        "bidder": str(bidder_id),
        "number": bidder.number,
        "position": len(hall.raises),
        "amount_fen": amount_fen,
    }
    desk.record(deeds.RAISED, [subject(listing_id)], listing.region, told)


def _held(desk: Desk, listing_id: UUID) -> Listing:
    listing = listing_of(desk.work.connection, listing_id)
    desk.hold([listing.region])
    return listing_of(desk.work.connection, listing_id)


def _bidding(desk: Desk, listing_id: UUID, bidder_id: UUID) -> tuple[Listing, Bidder]:
    """Return a listing and a bidder that the visitor speaks for and that may bid."""
    listing = _held(desk, listing_id)
    bidder = listing.bidder(bidder_id)
    own = bool(bidder.login) and bidder.login == desk.visitor.login
    if own:
        desk.visitor.require(deeds.BID)
    elif not desk.visitor.may(deeds.RUN, listing.region):
        raise Forbidden("this is somebody else's bid", code="assets.market.not_yours")
    if bidder.admitted is not True:
        raise Forbidden(
            "this bidder is not admitted", code="assets.market.not_admitted", value=bidder.why
        )
    if listing.row.deposit_fen and "received" not in listing.deposit_of(bidder_id):
        raise Forbidden(
            "the deposit has not come in", code="assets.market.no_deposit",
            mend="pay it, and have the clerk enter the receipt",
        )  # fmt: skip
    return listing, bidder
