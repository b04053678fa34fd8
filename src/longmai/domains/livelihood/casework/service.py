"""Use-cases of cases: open one from a lead, act on it, tell the person. Services never commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from longmai.domains.livelihood.casework.kinds import (
    KIND_OF,
    PERMISSION_OF,
    READ,
    WORK,
    subject_of,
)
from longmai.domains.livelihood.casework.model.case import (
    OVER,
    Case,
    Deed,
    Standing,
    next_act,
)
from longmai.domains.livelihood.casework.queries import case_of, latest
from longmai.domains.livelihood.casework.tables import DELIVERY
from longmai.domains.livelihood.payments.queries import was_paid
from longmai.domains.livelihood.persons.consents import (
    CONTACT,
    Somebody,
    Word,
    refuses,
    say,
)
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad
from longmai.ledger.record import Act as Record
from longmai.portal.pinyin import initials
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

CHANNELS = ("file", "mail", "webhook", "paper")
"""How a message goes out; ``paper`` is printed and carried to the door, not sent."""
PHONES = ("file", "webhook")
"""Those that reach a phone."""
_MOST_CHARACTERS = 4000


@dataclass(frozen=True)
class Desk:
    """Who acts, and when."""

    work: UnitOfWork
    visitor: Visitor
    now: datetime


@dataclass(frozen=True)
class Opening:
    """What a case is opened with.

    Attributes:
        person_id: of the registry.
        region: of the person, up to 12 digits.
        lead: why: one of ``queries.LEADS``.
        due: the day it begins or ends.
        found: what the finding said, and how the person is reached; erased with the record.
    """

    person_id: str
    household: str
    name: str
    region: str
    policy_id: str
    lead: str
    due: date | None
    found: Mapping[str, Any]
    sample: bool = False


@dataclass(frozen=True)
class Message:
    """What the person is told.

    Attributes:
        channel: one of ``CHANNELS``.
        recipient: phone or mail address; empty on paper.
    """

    channel: str
    recipient: str
    title: str
    body: str


def open_case(desk: Desk, opening: Opening) -> UUID:
    """Open a case, or return the one that is open already; who can lose it, has one already.

    Raises:
        Forbidden: the person lives outside the regions of the visitor's posts.
        Conflict: somebody opened it at the same moment.
    """
    region = pad(opening.region)
    desk.visitor.require(PERMISSION_OF[Deed.OPENED], region)
    before = latest(desk.work.connection, opening.person_id, opening.policy_id)
    if before is not None and before.case.standing not in OVER:
        return before.case_id
    case_id = new_id()
    act = next_act(Case(()), Deed.OPENED, desk.visitor.actor, {})
    payload = {
        "case": str(case_id),
        "person": opening.person_id,
        "household": opening.household,
        "name": opening.name,
        "initials": initials(opening.name),
        "policy": opening.policy_id,
        "round": 1 if before is None else before.round + 1,
        "lead": opening.lead,
        "due": None if opening.due is None else opening.due.isoformat(),
        "found": dict(opening.found),
        "sample": opening.sample,
        "number": act.number,
        "standing": Standing.OPEN.value,
        "by_name": desk.visitor.name,
        "data": {},
    }
    _append(desk, Deed.OPENED, region, case_id, payload)
    return case_id


def act(desk: Desk, case_id: UUID, deed: Deed, data: Mapping[str, Any], seen: int = 0) -> UUID:
    """Act on a case; return the ID of the record.

    Args:
        desk: who acts.
        case_id: on which case.
        deed: what is done.
        data: what it says; see ``model.case``.
        seen: number of the last act that the visitor saw; 0: do not compare.

    Raises:
        NotFound: no such case within the visitor's regions.
        Forbidden: the visitor's posts do not allow it there.
        Conflict: it cannot follow, or somebody acted meanwhile.
        Invalid: it does not say what it must.
    """
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    case = kept.case
    if seen and seen != case.acts[-1].number:
        raise _meanwhile(case_id)
    desk.visitor.require(_permission(case, deed), kept.region)
    made = next_act(case, deed, desk.visitor.actor, _bounded(data))
    after = replace(case, acts=(*case.acts, made))
    payload = {
        "case": str(case_id),
        "number": made.number,
        "standing": after.standing.value,
        "by_name": desk.visitor.name,
        "data": dict(made.data),
    }
    return _append(desk, deed, kept.region, case_id, payload)


def notify(desk: Desk, case_id: UUID, message: Message, seen: int = 0) -> UUID:
    """Tell the person: the act and the message to be sent are kept together or not at all.

    Raises:
        Invalid: the message is empty, or says not whom it goes to.
        NotFound, Forbidden, Conflict: as ``act``.
    """
    _check(message)
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    if message.channel != "paper" and refuses(kept.words, CONTACT):
        raise Conflict(
            "this person wants no message",
            code="case.contact",
            place="channel",
            mend="print the notice and carry it there",
        )
    told = {name: getattr(message, name) for name in ("channel", "recipient", "title", "body")}
    record_id = act(desk, case_id, Deed.NOTIFIED, {"message": told}, seen)
    if message.channel != "paper":
        desk.work.connection.execute(
            insert(DELIVERY).values(record_id=record_id, attempts=0, due_at=desk.now)
        )
    return record_id


def phone_of(desk: Desk, case_id: UUID) -> str:
    """Return the phone that the population has of a person; empty where it has none."""
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    return str(kept.found["person"].get("phone", ""))


def wish(desk: Desk, case_id: UUID, word: Word, *, given: bool) -> None:
    """Write down what the person of a case agrees to or refuses.

    Raises:
        NotFound: no such case within the visitor's regions.
        Forbidden: the visitor's posts do not allow it there.
        Invalid, Conflict: as for ``persons.consents.say``.
    """
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    desk.visitor.require(WORK, kept.region)
    born = kept.found["person"].get("birth")
    who = Somebody(kept.person_id, kept.region, date.fromisoformat(born) if born else None)
    say(desk.work, who, word, (desk.visitor.actor, desk.now), given=given)


def reverse(desk: Desk, case_id: UUID, note: str, seen: int = 0) -> UUID:
    """Undo the last act that counts, by an act that reverses it.

    Raises:
        Conflict: there is none, or a benefit was paid on it.
        NotFound, Forbidden, Invalid: as ``act``.
    """
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    last = kept.case.reversible()
    if last is None:
        raise Conflict("there is nothing to reverse", code="case.reversal", value=str(case_id))
    if last.deed is Deed.CONFIRMED and was_paid(desk.work.connection, case_id):
        raise Conflict(
            "money was paid on this decision",
            code="case.paid",
            value=str(case_id),
            mend="propose to end it, and hear the person",
        )
    return act(desk, case_id, Deed.REVERSED, {"of": last.number, "note": note}, seen)


def confirm_found(desk: Desk, case_id: UUID, start: str) -> UUID:
    """Confirm a case by what the rules found, without a person's look at it.

    Raises:
        Conflict: the rules did not find that it is due, or the person wants a decision by a person.
    """
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    amount = kept.found.get("amount_fen")
    if kept.found.get("state") != "eligible" or (amount is None and kept.found.get("unit")):
        raise Conflict(
            "the rules alone do not settle this case",
            code="case.unsettled",
            value=str(case_id),
            mend="open it, and decide it there",
        )
    data = {"amount_fen": amount, "start": start, "until": None, "machine": True, "note": ""}
    return act(desk, case_id, Deed.CONFIRMED, data)


def _permission(case: Case, deed: Deed) -> str:
    if deed is Deed.REVERSED:
        last = case.reversible()
        return PERMISSION_OF[Deed.NOTIFIED if last is None else last.deed]
    return PERMISSION_OF[deed]


def _append(desk: Desk, deed: Deed, region: str, case_id: UUID, payload: Mapping[str, Any]) -> UUID:
    record = Record(
        kind=KIND_OF[deed],
        subjects=[subject_of(case_id)],
        region=region,
        actor=desk.visitor.actor,
        occurred_at=desk.now,
        payload=payload,
    )
    try:
        return desk.work.ledger.append([record])[0].id
    except IntegrityError as error:
        raise _meanwhile(case_id) from error


def _meanwhile(case_id: UUID) -> Conflict:
    return Conflict(
        "somebody acted on this case meanwhile",
        code="case.meanwhile",
        value=str(case_id),
        mend="look at it again",
    )


def _check(message: Message) -> None:
    if message.channel not in CHANNELS:
        raise Invalid("no such channel", code="case.channel", value=message.channel)
    if not message.body.strip():
        raise Invalid("say what the person is told", code="case.body", place="body")
    if message.channel in {"mail", "webhook"} and not message.recipient.strip():
        raise Invalid(
            "say whom it goes to",
            code="case.recipient",
            place="recipient",
            mend="a phone number or mail address; or print it, and carry it to the door",
        )


def _bounded(data: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in data.items():
        if isinstance(value, str) and name != "photo" and len(value) > _MOST_CHARACTERS:
            raise Invalid(f"at most {_MOST_CHARACTERS} characters", code="case.length", place=name)
    return data
