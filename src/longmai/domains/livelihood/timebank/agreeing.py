"""From a need to an agreed service: notices, agreements, their end without a service."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from longmai.domains.livelihood.timebank.booking import require_may_spend
from longmai.domains.livelihood.timebank.books import (
    Member,
    available,
    facts_of,
    is_open,
    member_of,
)
from longmai.domains.livelihood.timebank.desk import Desk, text_of, words
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.notices import DAY_MINUTES, NEED, OFFER, Notice
from longmai.domains.livelihood.timebank.model.rules import BankRules, Item
from longmai.domains.livelihood.timebank.tables import (
    CANCELLED_KIND,
    NOTICE,
    NOTICE_CLOSED,
    NOTICE_CLOSED_KIND,
    NOTICE_KIND,
    PRESENCE,
    SERVICE,
    SERVICE_KIND,
)
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad

WEEKDAYS = "1234567"
RECIPIENT = "recipient"
BANK_PAYS = "bank"


@dataclass(frozen=True)
class NewNotice:
    """A need or an offer that is to be put up; see ``model.notices.Notice``."""

    kind: str
    item: str
    region: str
    weekdays: str
    starts: int
    ends: int
    until: date
    day: date | None = None
    text: str = ""


@dataclass(frozen=True)
class Agreement:
    """A service that two members agree on.

    Attributes:
        planned: minutes; more is not credited.
        insurance: policy that covers a risky item.
    """

    helper_id: UUID
    recipient_id: UUID
    item: str
    planned_at: datetime
    planned: int
    insurance: str = ""


def put_up(desk: Desk, member_id: UUID, wish: NewNotice) -> UUID:
    """Put up a need or an offer; return its ID.

    Raises:
        Forbidden: the member is somebody else.
        Invalid: an item, a place or a time that cannot be.
    """
    member = desk.own(member_id)
    item_of(desk.rules(member.bank_id), wish.item)
    if wish.kind not in {NEED, OFFER}:
        raise Invalid("a need or an offer", code="hours.notice.kind", place="kind", value=wish.kind)
    if not 0 <= wish.starts < wish.ends <= DAY_MINUTES:
        raise Invalid("the time ends after it begins", code="hours.notice.time", place="ends")
    weekdays = "".join(sorted(set(wish.weekdays) & set(WEEKDAYS)))
    if wish.day is None and not weekdays:
        raise Invalid("name a day, or weekdays", code="hours.notice.day", place="weekdays")
    if max(wish.until, wish.day or wish.until) < desk.day:
        raise Invalid("this day is over", code="hours.notice.past", place="until")
    notice_id = new_id()
    told = {
        "id": str(notice_id), "bank": str(member.bank_id), "member": str(member.id),
        "kind": wish.kind, "item": wish.item, "day": text_of(wish.day), "weekdays": weekdays,
        "starts": wish.starts, "ends": wish.ends, "until": text_of(wish.day or wish.until),
        "text": wish.text.strip()[:500],
    }  # fmt: skip
    subjects = [f"hours:notice:{notice_id}", f"hours:member:{member.id}"]
    desk.record(NOTICE_KIND, subjects, pad(wish.region), told)
    return notice_id


def take_down(desk: Desk, notice_id: UUID) -> UUID:
    """Take down a need or an offer.

    Raises:
        NotFound: there is none that stands.
        Forbidden: it is somebody else's.
    """
    found = notice_of(desk, notice_id)
    member = desk.own(found.member_id)
    return desk.record(
        NOTICE_CLOSED_KIND, [f"hours:notice:{notice_id}"], member.region, {"notice": str(notice_id)}
    )


def notice_of(desk: Desk, notice_id: UUID) -> Notice:
    """Return a notice that stands.

    Raises:
        NotFound: there is none.
    """
    closed = select(NOTICE_CLOSED.c.record_id).where(NOTICE_CLOSED.c.notice_id == NOTICE.c.id)
    query = select(NOTICE).where(NOTICE.c.id == notice_id, ~closed.exists())
    row = desk.connection.execute(query).first()
    if row is None:
        raise NotFound("no such notice", code="hours.notice", value=str(notice_id))
    return notice_in(row)


def notice_in(row: Row[Any]) -> Notice:
    """Return the notice of a row."""
    return Notice(
        row.id, row.bank_id, row.member_id, row.kind, row.item, row.region, row.day,
        row.weekdays, row.starts, row.ends, row.until, row.text,
    )  # fmt: skip


def agree(desk: Desk, wish: Agreement) -> UUID:
    """Agree on a service; what the recipient will pay is kept for it. Return its ID.

    Raises:
        Forbidden: the visitor acts for neither; or the rules do not let these two.
        Invalid: an item or a length that cannot be; a risky item without insurance.
        Conflict: the recipient has not as much to spend.
    """
    helper = member_of(desk.connection, wish.helper_id)
    recipient = member_of(desk.connection, wish.recipient_id)
    _require_party(desk, helper, recipient)
    desk.lock([helper.bank_id])
    rules = desk.rules(helper.bank_id)
    item = item_of(rules, wish.item)
    _require_length(rules, wish.planned)
    if item.risky and not wish.insurance.strip():
        raise Invalid(
            "this item is not without risk; name the insurance", code="hours.insurance",
            place="insurance",
        )  # fmt: skip
    facts = facts_of(desk.connection, recipient, desk.day)
    least = rules.number("served_from_age")
    if least is not None and facts.age is not None and facts.age < least:
        raise Forbidden("too young to be served by this bank", code="hours.served_age")
    price = item.earned(wish.planned, rules.number("round_down_minutes") or 1)
    paid_by = BANK_PAYS if rules.bank_pays_for(facts) else RECIPIENT
    if paid_by == RECIPIENT:
        require_may_spend(desk, rules, recipient)
        free = available(desk.connection, recipient, desk.day).free
        if free < price:
            raise Conflict(
                "the recipient has less time to spend", code="hours.member_short",
                place=f"{clock_text(free)} < {clock_text(price)}",
            )  # fmt: skip
    service_id = new_id()
    told = {
        "id": str(service_id), "bank": str(helper.bank_id), "helper": str(helper.id),
        "recipient": str(recipient.id), "item": item.code, "paid_by": paid_by, "price": price,
        "planned_at": text_of(wish.planned_at), "planned": wish.planned,
        "insurance": wish.insurance.strip()[:120],
    }  # fmt: skip
    members = [f"hours:member:{each.id}" for each in (helper, recipient)]
    desk.record(SERVICE_KIND, [f"hours:service:{service_id}", *members], recipient.region, told)
    return service_id


def cancel(desk: Desk, service_id: UUID, reason: str) -> UUID:
    """Cancel a service that has not begun; what was kept for it is free again.

    Raises:
        NotFound: there is none that is open.
        Forbidden: the visitor acts for neither.
        Conflict: it has begun.
    """
    service = open_service(desk, service_id)
    helper, recipient = (
        member_of(desk.connection, each) for each in (service.helper_id, service.recipient_id)
    )
    _require_party(desk, helper, recipient)
    desk.lock([service.bank_id])
    begun = select(PRESENCE.c.record_id).where(PRESENCE.c.service_id == service_id)
    if desk.connection.scalar(begun.limit(1)) is not None:
        raise Conflict("this service has begun", code="hours.begun", mend="sign out")
    told = {"service": str(service_id), "reason": words(reason, "reason")}
    return desk.record(CANCELLED_KIND, [f"hours:service:{service_id}"], recipient.region, told)


def open_service(desk: Desk, service_id: UUID) -> Row[Any]:
    """Return a service that was neither cancelled nor booked.

    Raises:
        NotFound: there is none.
    """
    row = desk.connection.execute(
        select(SERVICE).where(SERVICE.c.id == service_id, is_open())
    ).first()
    if row is None:
        raise NotFound("no such open service", code="hours.service", value=str(service_id))
    return row


def item_of(rules: BankRules, code: str) -> Item:
    """Return a service item of a bank.

    Raises:
        Invalid: it has none of this code.
    """
    if code not in rules.items:
        raise Invalid("the bank has no such item", code="hours.item", place="item", value=code)
    return rules.items[code]


def open_of(member_id: UUID) -> Any:
    """Return the condition on services: a member's, and open."""
    mine = or_(SERVICE.c.helper_id == member_id, SERVICE.c.recipient_id == member_id)
    return mine & is_open()


def _require_party(desk: Desk, helper: Member, recipient: Member) -> None:
    if helper.id == recipient.id or helper.bank_id != recipient.bank_id:
        raise Invalid("two members of one bank", code="hours.parties", place="recipient")
    try:
        desk.own(helper.id)
    except Forbidden:
        desk.own(recipient.id)


def _require_length(rules: BankRules, planned: int) -> None:
    longest = rules.number("longest_service_minutes") or DAY_MINUTES
    if not 0 < planned <= longest:
        raise Invalid(
            "a service is longer than nothing, and no longer than the rules let",
            code="hours.length", place="planned", value=planned,
        )  # fmt: skip
