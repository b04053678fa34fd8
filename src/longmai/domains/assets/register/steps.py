"""Use-cases of the way to a certificate: notice, objections, registration, certificate, handing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from longmai.domains.assets.register import (
    deeds,
    notice_queries,
    paper_queries,
    queries,
    right_queries,
)
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.asset import as_payload
from longmai.domains.assets.register.model.rights import NATURAL, RIGHTS, Holding
from longmai.domains.assets.register.model.workflow import State, Timer, timer
from longmai.domains.assets.register.service import held_for, next_state
from longmai.domains.assets.register.tables import PHOTO_FILE
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.ledger.record import MAX_SUBJECTS
from longmai.portal.masking import masked
from longmai.rules.policy.evaluation import Case

NOTICE_POLICY = "assets.rights-notice"
NOTICE_DAYS = "公示天数"
MOST_ON_A_NOTICE = MAX_SUBJECTS
OUTCOMES = ("upheld", "rejected")
_MAX_TEXT = 2_000
_MAX_NAME = 64


@dataclass(frozen=True)
class Required:
    """How many days a notice runs by the rules; None where nobody has confirmed it."""

    days: int | None
    basis: str


def required_days(desk: Desk, region: str, day: date) -> Required:
    """Return how many days a notice of rights runs, in a region on a day."""
    try:
        policy = desk.policies.holding(NOTICE_POLICY, Case(day, region))
    except NotFound:
        return Required(None, "")
    found = policy.parameters[NOTICE_DAYS].at(day, region)
    days = None if found is None or found.value is None else int(str(found.value))
    return Required(days, policy.title)


@dataclass(frozen=True)
class Posting:
    """A notice as it hangs on the board.

    Attributes:
        place: of the board.
        days: it runs for; None: as the rules have it.
        basis: document that sets the days, where the rules do not.
        photo: digest of the photo of the board.
    """

    place: str
    days: int | None = None
    basis: str = ""
    photo: str = ""


def post_notice(
    desk: Desk, asset_ids: Sequence[UUID], posting: Posting, on: date | None = None
) -> UUID:
    """Post whose rights assets are found to be (公示); return the notice's ID.

    Raises:
        NotFound, Forbidden: an asset is not there, or not in the visitor's regions.
        Conflict: an asset stands elsewhere on its way.
        Invalid: too many assets, of several townships, no place, or too few days.
    """
    day = desk.day(on)
    if not 0 < len(asset_ids) <= MOST_ON_A_NOTICE or len(set(asset_ids)) < len(asset_ids):
        raise Invalid(
            f"a notice is about 1 to {MOST_ON_A_NOTICE} assets, each once",
            code="notice.assets",
            place="assets",
            value=len(asset_ids),
            mend="post one for each village",
        )
    found = held_for(desk, asset_ids)
    regions = {each.asset.region for each in found}
    if len(regions) > 1:
        raise Invalid("a notice hangs in one place", code="notice.region", place="assets")
    if not posting.place.strip():
        raise Invalid("say where it hangs", code="notice.place", place="place")
    _need_photo(desk, posting.photo)
    [region] = regions
    days, basis = _days(required_days(desk, region, day), posting)
    states = {each.asset_id: next_state(each).at("noticed") for each in found}
    told = {
        "days": days,
        "basis": basis,
        "place": posting.place,
        "photo": posting.photo,
        "told": {"days": days},
    }
    [record] = desk.append([desk.act(deeds.NOTICED, region, day, states, told)])
    return record.id


def _days(required: Required, posting: Posting) -> tuple[int, str]:
    if required.days is not None:
        if posting.days is not None and posting.days < required.days:
            raise _too_few(posting.days, required.days)
        return posting.days or required.days, posting.basis or required.basis
    if posting.days is None or not posting.basis.strip():
        raise Invalid(
            "no rule in force here says how many days a notice runs",
            code="notice.days_unknown",
            place="days",
            mend="give the days, and the document that sets them",
        )
    if posting.days < 1:
        raise _too_few(posting.days, 1)
    return posting.days, posting.basis


def _too_few(days: int, least: int) -> Invalid:
    return Invalid(
        f"a notice runs for at least {least} days", code="notice.days", place="days", value=days
    )


def _need_photo(desk: Desk, digest: str) -> None:
    if digest and not desk.work.connection.scalar(
        select(PHOTO_FILE.c.digest).where(PHOTO_FILE.c.digest == digest)
    ):
        raise NotFound("no such photo", code="photo", value=digest)


@dataclass(frozen=True)
class Complaint:
    """What somebody objects to, and how to reach them."""

    reason: str
    name: str
    contact: str = ""
    photo: str = ""


def file_objection(desk: Desk, notice_id: UUID, asset_id: UUID, told: Complaint) -> UUID:
    """Object to what a notice says of an asset; its timer stops. Return the objection's ID.

    Raises:
        SignInNeeded, Forbidden: the visitor may not object there.
        NotFound: there is no such notice, or it is not about this asset.
        Conflict: the notice is over: the asset is registered already, or was noticed anew.
        Invalid: no reason or name.
    """
    notice = notice_queries.notice_of(desk.work.connection, notice_id)
    desk.require(deeds.OBJECT, [notice.region])
    desk.hold([notice.region])
    if asset_id not in notice_queries.assets_noticed(desk.work.connection, notice_id):
        raise NotFound("the notice is not about this asset", code="asset", value=str(asset_id))
    known = queries.asset_of(desk.work.connection, asset_id)
    newest = notice_queries.newest_notices(desk.work.connection, [asset_id])[asset_id]
    if known.state.stage != "noticed" or newest.notice_id != notice_id:
        raise Conflict(
            "the notice is over",
            code="objection.late",
            value=known.state.stage,
            mend="turn to the township: a registration can be corrected by an amendment",
        )
    _check_complaint(desk, told)
    payload = {
        "notice": str(notice_id),
        **{name: getattr(told, name).strip() for name in ("reason", "name", "contact", "photo")},
    }
    states = {asset_id: next_state(known)}
    act = desk.act(deeds.OBJECTED, known.asset.region, desk.today, states, payload)
    [record] = desk.append([act])
    return record.id


def _check_complaint(desk: Desk, told: Complaint) -> None:
    if not 0 < len(told.reason.strip()) <= _MAX_TEXT:
        raise Invalid("say what is wrong", code="objection.reason", place="reason")
    if not 0 < len(told.name.strip()) <= _MAX_NAME:
        raise Invalid("give your name", code="objection.name", place="name")
    if len(told.contact) > _MAX_NAME:
        raise Invalid("too long", code="objection.contact", place="contact")
    _need_photo(desk, told.photo)


def decide_objection(
    desk: Desk, objection_id: UUID, outcome: str, reason: str, on: date | None = None
) -> None:
    """Uphold or reject an objection; upheld, the asset's rights are determined and noticed anew.

    Raises:
        NotFound: there is no such objection.
        Forbidden: the visitor may not decide there, or filed it.
        Conflict: it is decided.
        Invalid: no such outcome, or no reason.
    """
    day = desk.day(on)
    ticket = notice_queries.objection_of(desk.work.connection, objection_id)
    [known] = held_for(desk, [ticket.asset_id])
    ticket = notice_queries.objection_of(desk.work.connection, objection_id)
    if ticket.outcome:
        raise Conflict("it is decided", code="objection.decided", value=ticket.outcome)
    if outcome not in OUTCOMES:
        raise Invalid(
            "upheld or rejected", code="objection.outcome", place="outcome", value=outcome
        )
    if not 0 < len(reason.strip()) <= _MAX_TEXT:
        raise Invalid("say why", code="objection.answer", place="reason")
    if day < ticket.filed_on:
        raise Invalid("not before it was filed", code="objection.order", place="on")
    state = next_state(known)
    if outcome == "upheld":
        state = State(state.version, "surveyed", state.condition)
    told = {
        "objection": str(objection_id),
        "outcome": outcome,
        "reason": reason.strip(),
        "told": {"outcome": outcome},
    }
    states = {ticket.asset_id: state}
    desk.append([desk.act(deeds.DECIDED, known.asset.region, day, states, told)])


def timers_of(
    notices: Mapping[UUID, notice_queries.Posted],
    tickets: Sequence[notice_queries.Ticket],
    today: date,
) -> dict[UUID, Timer]:
    """Return how the newest notice of each asset runs; an objection stops its own asset alone."""
    return {
        asset_id: timer(
            notice.starts_on,
            notice.days,
            [
                each.timed
                for each in tickets
                if each.asset_id == asset_id and each.notice_id == notice.notice_id
            ],
            today,
        )
        for asset_id, notice in notices.items()
    }


def register(desk: Desk, asset_ids: Sequence[UUID], on: date | None = None) -> None:
    """Register assets whose notice has run its days without an open objection (登记).

    Raises:
        NotFound, Forbidden: as ``post_notice``.
        Conflict: an asset is not noticed, its notice still runs, or an objection is open.
    """
    day = desk.day(on)
    found = held_for(desk, asset_ids)
    notices = notice_queries.newest_notices(desk.work.connection, asset_ids)
    tickets = notice_queries.objections_to(
        desk.work.connection, {each.notice_id for each in notices.values()}
    )
    timers = timers_of(notices, tickets, day)
    acts = []
    for known in found:
        state = next_state(known).at("registered")
        _refuse_running(known, timers[known.asset_id])
        told = {"notice": str(notices[known.asset_id].notice_id)}
        acts.append(
            desk.act(deeds.REGISTERED, known.asset.region, day, {known.asset_id: state}, told)
        )
    desk.append(acts)


def _refuse_running(known: queries.Known, clock: Timer) -> None:
    if clock.open:
        raise Conflict(
            "an objection is open",
            code="notice.objection",
            place=known.asset.code,
            value=clock.open,
            mend="decide it first",
        )
    if not clock.over:
        raise Conflict(
            f"the notice has run for {clock.run} of {clock.days} days",
            code="notice.running",
            place=known.asset.code,
            value=clock.ends_on.isoformat() if clock.ends_on else None,
            mend="wait until it is over",
        )


def certify(desk: Desk, asset_ids: Sequence[UUID], on: date | None = None) -> list[UUID]:
    """Issue a certificate for each of the assets (颁证); return their IDs.

    What it says is public: of holders who are people, it shows their name masked.

    Raises:
        NotFound, Forbidden: as ``post_notice``.
        Conflict: an asset is not registered, or has a certificate that is valid.
    """
    day = desk.day(on)
    found = held_for(desk, asset_ids)
    older = paper_queries.certificates_of(desk.work.connection, asset_ids)
    rights = right_queries.rights_of(desk.work.connection, asset_ids)
    acts = []
    for known in found:
        before = older[known.asset_id]
        valid = [each for each in before if each.revoked_on is None]
        if valid:
            raise Conflict(
                "it has a valid certificate",
                code="certificate.valid",
                place=known.asset.code,
                value=valid[0].number,
                mend="revoke that one first",
            )
        moved = next_state(known).at("certified")
        handed = known.state.stage == "handed_over"
        state = next_state(known) if handed else moved
        number = f"{known.asset.county}-{known.asset.code}-{len(before) + 1}"
        told = {
            "number": number,
            "asset": _printed(known),
            "rights": {
                right: [_holder(each) for each in rights[known.asset_id][right].holdings]
                for right in RIGHTS
            },
            "replaces": str(before[-1].certificate_id) if before else None,
            "told": {"number": number},
        }
        acts.append(
            desk.act(deeds.CERTIFIED, known.asset.region, day, {known.asset_id: state}, told)
        )
    return [record.id for record in desk.append(acts)]


_PRINTED = (
    "code", "name", "asset_class", "level", "region", "project", "year", "cost_fen", "built_on",
    "place", "quantity", "unit", "spec",
)  # fmt: skip


def _printed(known: queries.Known) -> dict[str, Any]:
    told = as_payload(known.asset)
    return {name: told[name] for name in _PRINTED if name in told}


def _holder(holding: Holding) -> dict[str, str]:
    name = holding.party.name
    if holding.party.kind in NATURAL:
        name = masked(name, 1, 0)
    return {"kind": holding.party.kind, "name": name, "share": str(holding.share)}


def revoke(desk: Desk, certificate_id: UUID, reason: str, on: date | None = None) -> None:
    """Revoke a certificate; another may then be issued.

    Raises:
        NotFound, Forbidden: as ``post_notice``.
        Conflict: it was revoked.
        Invalid: no reason.
    """
    day = desk.day(on)
    found = paper_queries.certificate_of(desk.work.connection, certificate_id)
    [known] = held_for(desk, [found.asset_id])
    found = paper_queries.certificate_of(desk.work.connection, certificate_id)
    if found.revoked_on is not None:
        raise Conflict("it was revoked", code="certificate.revoked", value=found.number)
    if not 0 < len(reason.strip()) <= _MAX_TEXT:
        raise Invalid("say why", code="certificate.reason", place="reason")
    state = next_state(known)
    if state.stage == "certified":
        state = State(state.version, "registered", state.condition)
    told = {
        "certificate": str(certificate_id),
        "reason": reason.strip(),
        "told": {"number": found.number},
    }
    states = {known.asset_id: state}
    desk.append([desk.act(deeds.REVOKED, known.asset.region, day, states, told)])


def hand_over(desk: Desk, asset_ids: Sequence[UUID], receiver: str, on: date | None = None) -> None:
    """Hand assets over, for the receiver's accounts (移交).

    Raises:
        NotFound, Forbidden: as ``post_notice``.
        Conflict: an asset has no certificate yet.
        Invalid: no receiver.
    """
    day = desk.day(on)
    if not 0 < len(receiver.strip()) <= 120:  # noqa: PLR2004 - characters
        raise Invalid("say who takes it over", code="handover.receiver", place="receiver")
    acts = []
    for known in held_for(desk, asset_ids):
        state = next_state(known).at("handed_over")
        told = {"receiver": receiver.strip(), "told": {"receiver": receiver.strip()}}
        acts.append(
            desk.act(deeds.HANDED_OVER, known.asset.region, day, {known.asset_id: state}, told)
        )
    desk.append(acts)
