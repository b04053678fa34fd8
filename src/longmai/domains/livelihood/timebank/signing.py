"""Sign-in and sign-out: two phones, either way round, or the coordinator with a reason.

The second phone's sign-out books the hours, in the same transaction: a service is never half.
"""

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from longmai.domains.livelihood.timebank.agreeing import BANK_PAYS, item_of, open_service
from longmai.domains.livelihood.timebank.booking import credit_lines, credit_of
from longmai.domains.livelihood.timebank.books import (
    Member,
    is_open,
    member_of,
    stands,
)
from longmai.domains.livelihood.timebank.desk import KEEP, Desk, Draft, words
from longmai.domains.livelihood.timebank.model.accounts import ISSUE
from longmai.domains.livelihood.timebank.model.posting import Line, out
from longmai.domains.livelihood.timebank.model.rules import BankRules
from longmai.domains.livelihood.timebank.model.sign import HOLDS, SignCode, read_code
from longmai.domains.livelihood.timebank.tables import (
    ENTRY,
    POSTING,
    PRESENCE,
    PRESENCE_KIND,
    SERVICE,
)
from longmai.kernel.clock import BEIJING, beijing_day, to_text
from longmai.kernel.errors import Conflict, Forbidden, Invalid

KEY_FILE = "hours.key"
_KEY_BYTES = 32
_MINUTE_S = 60


def sign_key(folder: Path) -> bytes:
    """Return the key that codes are signed with; made at its first use.

    Whoever loses it loses nothing but the codes of the last two minutes.
    """
    file = folder / KEY_FILE
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(made, "wb") as opened:
        opened.write(os.urandom(_KEY_BYTES))
    return file.read_bytes()


@dataclass(frozen=True)
class Signed:
    """What a sign-in or sign-out wrote; ``entry_id`` is the booking of a sign-out."""

    presence_id: UUID
    entry_id: UUID | None = None


def new_code(desk: Desk, service_id: UUID, member_id: UUID) -> SignCode:
    """Return the code that a member's phone shows now: for the end that is due.

    Raises:
        NotFound: no such open service.
        Forbidden: the member is no party to it, or somebody else.
    """
    service = open_service(desk, service_id)
    member = desk.own(member_id)
    if member.id not in {service.helper_id, service.recipient_id}:
        raise Forbidden("no party to this service", code="hours.party")
    # The same code for a whole minute, so that it stands still while it is scanned.
    until = desk.now.replace(second=0, microsecond=0) + HOLDS
    return SignCode(service_id, member.id, end_due(desk, service_id), until)


def sign(desk: Desk, text: str, key: bytes) -> Signed:
    """Sign in or out by the code that the other party's phone shows.

    Raises:
        Invalid: no code of this house.
        Forbidden: its time is over; or who scanned it is not the other party.
        NotFound: the service is not open any more.
        Conflict: this end was signed before, or the day's limit is reached.
    """
    code = read_code(text, key, desk.now)
    service = open_service(desk, code.service_id)
    other_id = service.helper_id if code.shown_by == service.recipient_id else service.recipient_id
    other = member_of(desk.connection, other_id)
    if not desk.visitor.known or other.account_id != desk.visitor.account_id:
        raise Forbidden(
            "only the other party of this service signs with this code",
            code="hours.sign.who",
            mend="let the other one scan it, or ask the coordinator",
        )
    return _present(desk, service, Presence(code.end, desk.now, "qr"))


@dataclass(frozen=True)
class Presence:
    """One end of a service: when, how, and why by hand."""

    end: str
    moment: datetime
    method: str
    reason: str = ""


def sign_by_hand(desk: Desk, service_id: UUID, end: str, moment: datetime, reason: str) -> Signed:
    """Sign in or out for both, as the coordinator, with the time and the reason.

    Raises:
        Forbidden: the visitor does not keep this bank.
        Invalid: no reason, or a time that cannot be.
        Conflict: this end was signed before, or the day's limit is reached.
    """
    service = open_service(desk, service_id)
    desk.bank(service.bank_id, KEEP)
    if moment > desk.now:
        raise Invalid("this time has not come", code="hours.sign.future", place="moment")
    return _present(desk, service, Presence(end, moment, "hand", words(reason, "reason")))


def end_due(desk: Desk, service_id: UUID) -> str:
    """Return which end of a service is due: ``in`` or ``out``."""
    return "out" if _moment(desk, service_id, "in") else "in"


def _present(desk: Desk, service: Row[Any], presence: Presence) -> Signed:
    desk.lock([service.bank_id])
    open_service(desk, service.id)
    if presence.end != end_due(desk, service.id):
        raise Conflict("sign in first, then out", code="hours.sign.order", place=presence.end)
    helper = member_of(desk.connection, service.helper_id)
    rules = desk.rules(service.bank_id)
    began = _moment(desk, service.id, "in")
    if began is None:
        _require_day(desk, rules, helper, beijing_day(presence.moment))
    elif presence.moment < began:
        raise Invalid("out comes after in", code="hours.sign.before", place="moment")
    told = {
        "service": str(service.id), "end": presence.end, "moment": to_text(presence.moment),
        "method": presence.method, "reason": presence.reason,
    }  # fmt: skip
    subjects = [f"hours:service:{service.id}", f"hours:member:{helper.id}"]
    record_id = desk.record(PRESENCE_KIND, subjects, desk.bank(service.bank_id).region, told)
    if began is None:
        return Signed(record_id)
    served = int((presence.moment - began).total_seconds()) // _MINUTE_S
    return Signed(record_id, _book(desk, service, helper, (served, beijing_day(began))))


def _moment(desk: Desk, service_id: UUID, end: str) -> datetime | None:
    found = PRESENCE.c
    query = select(found.moment).where(found.service_id == service_id, found.end == end)
    return desk.connection.scalar(query)


def _book(desk: Desk, service: Row[Any], helper: Member, done: tuple[int, date]) -> UUID:
    """Book a service that has ended: as long as it was, and no more than was agreed."""
    (served, day), rules = done, desk.rules(service.bank_id)
    item = item_of(rules, service.item)
    recipient = member_of(desk.connection, service.recipient_id)
    counted = min(served, service.planned, rules.number("longest_service_minutes") or served)
    wanted = min(item.earned(counted, rules.number("round_down_minutes") or 1), service.price)
    if not counted:
        wanted = 0
    earned = min(wanted, _left_today(desk, rules, helper, day))
    divided = credit_of(desk, rules, helper, earned)
    moved = divided.own + divided.above
    payer = Line(ISSUE, -moved) if service.paid_by == BANK_PAYS else out(recipient.account, moved)
    lines = (payer, *credit_lines(desk, rules, helper, divided)) if moved else ()
    draft = Draft(
        "service", lines, helper.id, item.code, item.category, served, wanted - moved,
        service_id=service.id, day=day,
    )  # fmt: skip
    return desk.book(service.bank_id, draft)


def _require_day(desk: Desk, rules: BankRules, helper: Member, day: date) -> None:
    limit = rules.number("daily_services")
    if limit is None:
        return
    began = PRESENCE.c.moment >= datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    until = PRESENCE.c.moment < datetime(day.year, day.month, day.day, tzinfo=BEIJING) + timedelta(
        days=1
    )
    running = (
        select(func.count())
        .select_from(SERVICE.join(PRESENCE, PRESENCE.c.service_id == SERVICE.c.id))
        .where(SERVICE.c.helper_id == helper.id, is_open(), PRESENCE.c.end == "in", began, until)
    )
    booked = select(func.count()).select_from(ENTRY).where(*_of_day(helper, day))
    count = (desk.connection.scalar(running) or 0) + (desk.connection.scalar(booked) or 0)
    if count >= limit:
        raise Conflict(
            "the day's number of services is reached",
            code="hours.daily",
            place=f"{count} / {limit}",
        )


def _left_today(desk: Desk, rules: BankRules, helper: Member, day: date) -> int:
    limit = rules.number("daily_minutes")
    if limit is None:
        return 24 * 60
    mine = (POSTING.c.minutes > 0, POSTING.c.account != ISSUE)
    query = (
        select(func.coalesce(func.sum(POSTING.c.minutes), 0))
        .select_from(POSTING.join(ENTRY, ENTRY.c.record_id == POSTING.c.record_id))
        .where(*_of_day(helper, day), *mine)
    )
    return max(0, limit - int(desk.connection.scalar(query) or 0))


def _of_day(helper: Member, day: date) -> tuple[Any, ...]:
    # What was taken back does not count any more.
    return (ENTRY.c.deed == "service", ENTRY.c.member_id == helper.id, ENTRY.c.day == day, stands())
