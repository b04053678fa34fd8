"""What forms send: each action with the services it calls; rights are the services' to check."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from longmai.domains.assets.market import bidding, listing, opening
from longmai.domains.assets.members.desks import day_of
from longmai.domains.assets.members.service import Desk
from longmai.kernel.clock import BEIJING
from longmai.kernel.errors import Invalid
from longmai.kernel.money import yuan_to_fen

Sent = Mapping[str, str]


def fen_of(sent: Sent, name: str) -> int:
    """Read an amount in yuan.

    Raises:
        Invalid: it is none; ``place`` names the field.
    """
    try:
        return yuan_to_fen(sent.get(name, "").strip().replace(",", "").replace("，", ""))
    except Invalid as error:
        error.place = name
        raise


def fen_or_none(sent: Sent, name: str) -> int | None:
    """Read an amount in yuan that may be left out."""
    return fen_of(sent, name) if sent.get(name, "").strip() else None


def number_of(sent: Sent, name: str, otherwise: int | None = None) -> int:
    """Read a whole number.

    Raises:
        Invalid: it is none.
    """
    text = sent.get(name, "").strip()
    if not text and otherwise is not None:
        return otherwise
    if not text.isascii() or not text.isdigit():
        raise Invalid("a whole number", code="assets.market.number", place=name, value=text)
    return int(text)


def instant_of(sent: Sent, name: str) -> datetime | None:
    """Read a time of Beijing as a browser sends it; None: left out.

    Raises:
        Invalid: it is none.
    """
    text = sent.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        raise Invalid("no time", code="assets.market.time", place=name, value=text) from None


def id_of(sent: Sent, name: str) -> UUID:
    """Read an ID.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(sent.get(name, "").strip())
    except ValueError:
        raise Invalid(
            "choose one", code="assets.market.choose", place=name, value=sent.get(name, "")
        ) from None


def listing_from(sent: Sent) -> listing.NewListing:
    """Read the form of a new listing."""
    return listing.NewListing(
        asset_id=id_of(sent, "asset"),
        title=sent.get("title", ""),
        text=sent.get("text", ""),
        method=sent.get("method", ""),
        term_months=number_of(sent, "term_months"),
        starts_on=day_of(sent.get("starts_on", ""), "starts_on"),
        basis=sent.get("basis", ""),
        reserve_fen=fen_of(sent, "reserve"),
        valuation_fen=fen_or_none(sent, "valuation"),
        step_fen=fen_or_none(sent, "step") or 0,
        deposit_fen=fen_or_none(sent, "deposit") or 0,
        objection_days=number_of(sent, "objection_days"),
        objection_basis=sent.get("objection_basis", ""),
        opens_at=instant_of(sent, "opens_at"),
        closes_at=instant_of(sent, "closes_at"),
        reveals_until=instant_of(sent, "reveals_until"),
        window_minutes=number_of(sent, "window_minutes", 0),
        extension_minutes=number_of(sent, "extension_minutes", 0),
        members_only="members_only" in sent,
        cause=sent.get("cause") or "none",
        decision_record=id_of(sent, "decision_record") if sent.get("decision_record") else None,
    )


def need_from(sent: Sent) -> listing.NewNeed:
    """Read the form of a need."""
    until: date = day_of(sent.get("until", ""), "until")
    return listing.NewNeed(
        region=sent.get("region", "").strip(),
        title=sent.get("title", ""),
        text=sent.get("text", ""),
        name=sent.get("name", ""),
        contact=sent.get("contact", ""),
        until=until,
        budget_fen=fen_or_none(sent, "budget"),
        term_months=number_of(sent, "term_months") if sent.get("term_months") else None,
    )


def _register(desk: Desk, own: UUID, sent: Sent) -> None:
    wanted = bidding.NewBidder(
        kind=sent.get("kind", ""),
        name=sent.get("name", ""),
        contact=sent.get("contact", ""),
        key=sent.get("key", ""),
        representative=sent.get("representative", ""),
        declares_kin=sent.get("kin") == "yes",
        clean="clean" in sent,
    )
    bidding.register_bidder(desk, own, wanted, for_other="for_other" in sent)


def _open(desk: Desk, own: UUID, sent: Sent) -> None:
    award = (id_of(sent, "bidder"), fen_of(sent, "price")) if "bidder" in sent else None
    host, witnesses, place, note = (
        sent.get(name, "") for name in ("host", "witnesses", "place", "note")
    )
    opening.open_bids(desk, own, opening.Minutes(host, witnesses, place, note, award))


def _review(desk: Desk, own: UUID, sent: Sent) -> None:
    admitted = sent.get("admitted") == "yes"
    bidding.review(desk, own, id_of(sent, "bidder"), sent.get("why", ""), admitted=admitted)


BIDDERS: Mapping[str, Callable[[Desk, UUID, Sent], object]] = {
    "register": _register,
    "seal": lambda desk, own, sent: bidding.seal(
        desk, own, id_of(sent, "bidder"), sent.get("seal", "")
    ),
    "reveal": lambda desk, own, sent: bidding.reveal(
        desk, own, id_of(sent, "bidder"), fen_of(sent, "amount"), sent.get("salt", "")
    ),
    "raise": lambda desk, own, sent: bidding.raise_bid(
        desk, own, id_of(sent, "bidder"), fen_of(sent, "amount")
    ),
    "object": lambda desk, own, sent: opening.object_to(
        desk, own, sent.get("name", ""), sent.get("reason", "")
    ),
}
"""What a bidder or neighbour sends from the page of a listing."""

CLERKS: Mapping[str, Callable[[Desk, UUID, Sent], object]] = {
    "review": _review,
    "deposit": lambda desk, own, sent: bidding.take_deposit(
        desk, own, id_of(sent, "bidder"), sent.get("note", "")
    ),
    "return": lambda desk, own, sent: bidding.return_deposits(desk, own, sent.get("note", "")),
    "open": _open,
    "answer": lambda desk, own, sent: opening.answer(
        desk, own, id_of(sent, "objection"), sent.get("outcome", ""), sent.get("reason", "")
    ),
    "conclude": lambda desk, own, sent: opening.conclude(desk, own, sent.get("document", "")),
    "default": lambda desk, own, sent: opening.default(desk, own, sent.get("why", "")),
    "withdraw": lambda desk, own, sent: listing.withdraw(desk, own, sent.get("why", "")),
}
"""What the clerk sends from the desk."""
