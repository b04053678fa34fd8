"""Offering an operating right, taking the offer back, and saying what one looks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from longmai.domains.assets.market import deeds
from longmai.domains.assets.market.judging import LISTING_POLICY, refuse_unmet
from longmai.domains.assets.market.queries import (
    BASES,
    CAUSES,
    METHODS,
    Listing,
    listing_of,
    listings_of,
    need_of,
)
from longmai.domains.assets.meetings.queries import decision_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register import right_queries
from longmai.domains.assets.register.deeds import subject_of
from longmai.domains.assets.register.service import held_for, next_state
from longmai.kernel.clock import to_text
from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.kernel.ids import new_id
from longmai.kernel.money import fen_to_yuan
from longmai.rules.policy.evaluation import Decision, evaluate
from longmai.rules.policy.record import record_of

WAYS = {"first": "密封最高价", "second": "密封第二价", "ascending": "公开增价", "direct": "协议"}
"""Methods as the policy calls them."""
REGISTERED = ("registered", "certified", "handed_over", "disposing")
_PUBLIC_HOLDERS = ("collective", "government", "state")
_MAX_TITLE, _MAX_TEXT, _MAX_NAME = 120, 4_000, 64
_MAX_MONTHS, _MAX_MINUTES, _MAX_DAYS = 600, 1_440, 365


@dataclass(frozen=True)
class NewListing:
    """An operating right to offer.

    Attributes:
        basis: the price is rent a ``year``, or for the ``whole`` term.
        valuation_fen: of the same basis; None: there is none.
        step_fen: of an open auction.
        opens_at, closes_at: of an open auction; sealed bids come until ``closes_at``.
        reveals_until: of sealed bids.
        window_minutes: a bid so close to the end of an open auction is late, and lengthens it so
            that ``extension_minutes`` remain.
        objection_days: for which the result hangs out, by ``objection_basis``.
        cause: of direct negotiation, a key of ``CAUSES``.
        decision_record: of the collective, about this asset.
    """

    asset_id: UUID
    title: str
    text: str
    method: str
    term_months: int
    starts_on: date
    basis: str
    reserve_fen: int
    deposit_fen: int
    objection_days: int
    objection_basis: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    reveals_until: datetime | None = None
    valuation_fen: int | None = None
    step_fen: int = 0
    window_minutes: int = 5
    extension_minutes: int = 5
    members_only: bool = False
    cause: str = "none"
    decision_record: UUID | None = None


def publish(desk: Desk, wanted: NewListing) -> UUID:
    """Offer an operating right; return the listing's ID.

    Raises:
        NotFound: there is no such asset or decision.
        Forbidden: the visitor runs no market there.
        Conflict: the right is offered already, or no public body holds it.
        Invalid: a text, time or amount is missing or wrong.
        InvalidMany: what the rules do not find met, clause by clause.
    """
    [known] = held_for(desk, [wanted.asset_id], deeds.RUN)
    opens_at, closes_at, reveals_until = _times(desk, wanted)
    _check(wanted)
    _refuse_offered(desk, wanted.asset_id)
    holders = right_queries.holdings_of(desk.work.connection, wanted.asset_id, "operation").holdings
    if known.state.stage in REGISTERED and not any(
        each.party.kind in _PUBLIC_HOLDERS for each in holders
    ):
        raise Conflict(
            "the operating right is not with the collective", code="assets.market.holder",
            value="、".join(each.party.name for each in holders),
            mend="let its term end first, or offer another asset",
        )  # fmt: skip
    decision = judged(desk, known, wanted)
    refuse_unmet(decision, "assets.market.listing_unmet")
    listing_id = new_id()
    told = {
        "listing": str(listing_id),
        "asset": str(wanted.asset_id),
        **{
            name: getattr(wanted, name)
            for name in (
                "method", "term_months", "basis", "reserve_fen", "valuation_fen", "step_fen",
                "deposit_fen", "members_only", "window_minutes", "extension_minutes",
                "objection_days", "cause",
            )
        },
        **{name: getattr(wanted, name).strip() for name in ("title", "text", "objection_basis")},
        "starts_on": wanted.starts_on.isoformat(),
        "opens_at": to_text(opens_at),
        "closes_at": to_text(closes_at),
        "reveals_until": to_text(reveals_until),
        "decision_record": str(wanted.decision_record) if wanted.decision_record else None,
        "decision": record_of(decision),
        "told": {},
    }  # fmt: skip
    states = {wanted.asset_id: next_state(known)}
    desk.append([desk.act(deeds.LISTED, known.asset.region, desk.today, states, told)])
    return listing_id


def _times(desk: Desk, wanted: NewListing) -> tuple[datetime, datetime, datetime]:
    if wanted.method not in METHODS:
        raise _wrong("method", wanted.method)
    if wanted.method == "direct":
        return desk.now, desk.now, desk.now
    if wanted.closes_at is None or wanted.closes_at <= desk.now:
        raise Invalid("bids end in the future", code="assets.market.closes", place="closes_at")
    if wanted.method == "ascending":
        if wanted.opens_at is None or not desk.now <= wanted.opens_at < wanted.closes_at:
            raise Invalid(
                "an open auction begins before it ends", code="assets.market.opens",
                place="opens_at",
            )  # fmt: skip
        return wanted.opens_at, wanted.closes_at, wanted.closes_at
    if wanted.reveals_until is None or wanted.reveals_until <= wanted.closes_at:
        raise Invalid(
            "sealed bids are revealed after they were all handed in", code="assets.market.reveals",
            place="reveals_until",
        )  # fmt: skip
    return desk.now, wanted.closes_at, wanted.reveals_until


def _check(wanted: NewListing) -> None:
    if not 0 < len(wanted.title.strip()) <= _MAX_TITLE or len(wanted.text) > _MAX_TEXT:
        raise _wrong("title", wanted.title)
    if not 0 < len(wanted.objection_basis.strip()) <= _MAX_TITLE:
        raise Invalid(
            "say which document sets the days of the notice", code="assets.market.basis",
            place="objection_basis",
        )  # fmt: skip
    bounds = {
        "term_months": (1, _MAX_MONTHS),
        "objection_days": (1, _MAX_DAYS),
        "window_minutes": (0, _MAX_MINUTES),
        "extension_minutes": (0, _MAX_MINUTES),
        "reserve_fen": (1, 10**13),
        "deposit_fen": (0, 10**13),
        "step_fen": (1 if wanted.method == "ascending" else 0, 10**13),
    }
    for name, (least, most) in bounds.items():
        if not least <= getattr(wanted, name) <= most:
            raise _wrong(name, getattr(wanted, name))
    if wanted.valuation_fen is not None and wanted.valuation_fen <= 0:
        raise _wrong("valuation_fen", wanted.valuation_fen)
    if wanted.basis not in BASES or wanted.cause not in CAUSES:
        raise _wrong("basis" if wanted.basis not in BASES else "cause", wanted.basis)


def _wrong(name: str, value: object) -> Invalid:
    return Invalid(
        "this is missing or out of bounds", code="assets.market.value", place=name, value=str(value)
    )


def _refuse_offered(desk: Desk, asset_id: UUID) -> None:
    for row in listings_of(desk.work.connection, asset_id):
        found = listing_of(desk.work.connection, row.listing_id)
        stage = found.stage(desk.now, desk.today)
        if stage not in {"concluded", "failed", "defaulted", "withdrawn"}:
            raise Conflict(
                "it is offered already", code="assets.market.offered", value=row.title,
                mend="end that listing first",
            )  # fmt: skip


def judged(desk: Desk, known: register.Known, wanted: NewListing) -> Decision:
    """Judge a listing by the policy of today."""
    connection, day = desk.work.connection, desk.today
    marked = any(
        each.lifted_on is None and each.mark.stands("operation", day)
        for each in right_queries.marks_of(connection, known.asset_id)
    )
    given = {
        "交易方式": WAYS[wanted.method],
        "已登记": known.state.stage in REGISTERED,
        "正在处置": known.state.stage == "disposing",
        "权利受限": marked,
        "集体已决定": _decided(desk, known, wanted.decision_record),
        "协议事由": CAUSES[wanted.cause],
        "有评估价": wanted.valuation_fen is not None,
        "评估价": fen_to_yuan(wanted.valuation_fen or 0),
        "底价": fen_to_yuan(wanted.reserve_fen),
    }
    policy, case = desk.policies.case(LISTING_POLICY, given, day, known.asset.region)
    return evaluate(policy, case)


def _decided(desk: Desk, known: register.Known, record_id: UUID | None) -> bool:
    """Tell whether the collective decided; a decision of another thing is refused."""
    if record_id is None:
        return False
    found = decision_of(desk.work.connection, record_id)
    if found.region != known.asset.region or found.refers != subject_of(known.asset_id):
        raise Conflict(
            "this decision is about something else", code="assets.market.other_decision",
            place="decision_record", value=found.refers or found.matter,
            mend="call the meeting from the page where the right is offered",
        )  # fmt: skip
    if not found.passed or found.revoked:
        raise Conflict(
            "this decision did not pass, or was revoked", code="assets.market.not_decided",
            place="decision_record",
        )  # fmt: skip
    return True


def withdraw(desk: Desk, listing_id: UUID, why: str) -> None:
    """Take an offer back before its bids are opened; deposits go back.

    Raises:
        NotFound: there is no such listing.
        Forbidden: the visitor runs no market there.
        Conflict: it is opened or ended.
        Invalid: no reason.
    """
    listing = running(desk, listing_id)
    refuse_unless(desk, listing, "registering", "negotiating", "bidding", "revealing", "to_open")
    [known] = held_for(desk, [listing.row.asset_id], deeds.RUN)
    told = {
        "listing": str(listing_id), "about": "", "told": {"why": said(why, "why")},
    }  # fmt: skip
    states = {known.asset_id: next_state(known)}
    desk.append([desk.act(deeds.WITHDRAWN, listing.region, desk.today, states, told)])


def running(desk: Desk, listing_id: UUID) -> Listing:
    """Return a listing that the visitor runs, held against others until the work ends."""
    region = listing_of(desk.work.connection, listing_id).region
    desk.visitor.require(deeds.RUN, region)
    desk.hold([region])
    return listing_of(desk.work.connection, listing_id)


def refuse_unless(desk: Desk, listing: Listing, *allowed: str) -> str:
    """Return where a listing stands, if it is one of some stages.

    Raises:
        Conflict: it is another.
    """
    stage = listing.stage(desk.now, desk.today)
    if stage not in allowed:
        raise Conflict(
            f"the listing stands at {stage}", code=f"assets.market.is_{stage}", value=stage
        )
    return stage


def said(text: str, place: str, most: int = 2_000) -> str:
    """Return a text without blanks around it.

    Raises:
        Invalid: it is empty or too long.
    """
    if not 0 < len(text.strip()) <= most:
        raise Invalid("say it in some words", code="assets.market.text", place=place)
    return text.strip()


def happened(listing: Listing, deed: str, about: str, told: Mapping[str, Any], day: date) -> Any:
    """Return an act (kind, subjects, region, payload) about a listing."""
    payload = {
        "listing": str(listing.listing_id),
        "about": about,
        "on_day": day.isoformat(),
        "told": dict(told),
    }
    return deed, [subject(listing.listing_id)], listing.region, payload


def subject(listing_id: UUID) -> str:
    """Return how records name a listing."""
    return f"listing:{listing_id}"


@dataclass(frozen=True)
class NewNeed:
    """What somebody looks for."""

    region: str
    title: str
    text: str
    name: str
    contact: str
    until: date
    budget_fen: int | None = None
    term_months: int | None = None


def publish_need(desk: Desk, wanted: NewNeed) -> UUID:
    """Say what one looks for; name and contact are for who runs the market.

    Raises:
        SignInNeeded, Forbidden: the visitor may neither bid anywhere nor run the market there.
        Invalid: a text is missing, or the day is past.
    """
    region = desk.regions.get(wanted.region).code
    if not desk.visitor.may(deeds.RUN, region):
        desk.visitor.require(deeds.BID)
    if wanted.until < desk.today:
        raise Invalid("it ends in the past", code="assets.market.until", place="until")
    if (wanted.budget_fen or 1) <= 0 or not 0 < (wanted.term_months or 1) <= _MAX_MONTHS:
        raise _wrong("budget", wanted.budget_fen)
    told = {
        "title": said(wanted.title, "title", _MAX_TITLE),
        "text": said(wanted.text, "text"),
        "name": said(wanted.name, "name", _MAX_NAME),
        "contact": said(wanted.contact, "contact", _MAX_NAME),
        "until": wanted.until.isoformat(),
        "budget_fen": wanted.budget_fen,
        "term_months": wanted.term_months,
        "login": desk.visitor.login,
        "sample": desk.sample,
    }
    return desk.record(deeds.NEEDED, [f"region:{region}"], region, told)


def end_need(desk: Desk, need_id: UUID) -> None:
    """Take down what somebody looks for: they themselves, or who runs the market.

    Raises:
        NotFound, Forbidden: there is none, or it is somebody else's.
    """
    row = need_of(desk.work.connection, need_id)
    own = bool(row.login) and row.login == desk.visitor.login
    if not own and not desk.visitor.may(deeds.RUN, row.region):
        raise Forbidden("it is somebody else's", code="assets.market.not_yours")
    told = {"listing": str(need_id), "about": "", "on_day": desk.today.isoformat(), "told": {}}
    desk.record(deeds.NEED_ENDED, [f"need:{need_id}"], row.region, told)
