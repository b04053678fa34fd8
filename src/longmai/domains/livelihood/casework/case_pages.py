"""A case: what the rules found, what was done, and what can be done now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from starlette.datastructures import FormData

from longmai.domains.livelihood.casework.case_forms import data_of, photo_of, text_of
from longmai.domains.livelihood.casework.kinds import (
    PERMISSION_OF,
    READ,
    WORK,
    subject_of,
)
from longmai.domains.livelihood.casework.letters import WRITTEN, letter, notice
from longmai.domains.livelihood.casework.list_pages import SEE_OTHER, place_name
from longmai.domains.livelihood.casework.model.case import Deed
from longmai.domains.livelihood.casework.opening import reach
from longmai.domains.livelihood.casework.queries import KeptAct, KeptCase, case_of
from longmai.domains.livelihood.casework.service import (
    CHANNELS,
    PHONES,
    Desk,
    Message,
    act,
    notify,
    phone_of,
    reverse,
    wish,
)
from longmai.domains.livelihood.papers import paper_pdf
from longmai.domains.livelihood.persons.consents import (
    CONTACT,
    DECIDE,
    PUBLISH,
    SHARE,
    Word,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid, LongmaiError, NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.portal.accounts.looks import look
from longmai.portal.failures import Worded, worded
from longmai.portal.house import House, house_of
from longmai.portal.masking import masked, masked_phone
from longmai.portal.policies.said import title_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.explanation import plain_number
from longmai.rules.policy.model import Policy
from longmai.store.ledger import RECORD

router = APIRouter(include_in_schema=False)

MANNERS = ("came", "phone", "visit", "written", "absent")
"""How somebody was heard; ``absent``: they were asked in writing and did not come."""
WISHES = (SHARE, CONTACT, PUBLISH, DECIDE)
"""Purposes that a visit asks about; the others stand on the person's own page."""
_SHOWN_FIRST = (
    Deed.NOTIFIED, Deed.VISITED, Deed.ASKED, Deed.CONFIRMED, Deed.REFUSED,
    Deed.CUT_PROPOSED, Deed.HEARD, Deed.CUT, Deed.KEPT, Deed.OBJECTED, Deed.UPHELD,
    Deed.OVERTURNED, Deed.CLOSED,
)  # fmt: skip


@dataclass(frozen=True)
class ActView:
    """An act as the page tells it.

    Attributes:
        gone: it was reversed.
    """

    kept: KeptAct
    words: Sequence[str]
    has_letter: bool
    gone: bool


@dataclass(frozen=True)
class CaseContext:
    """Variables of ``livelihood/case.html``."""

    kept: KeptCase
    policy: Policy
    title: str
    place: str
    person: Sequence[tuple[str, str]]
    full: bool
    amount: str
    reasons: Sequence[Mapping[str, Any]]
    acts: Sequence[ActView]
    deeds: Sequence[Deed]
    reversible: KeptAct | None
    clauses: Sequence[str]
    failing: str
    notice_words: tuple[str, str]
    reach: tuple[str, str]
    channels: Sequence[str]
    manners: Sequence[str]
    month: str
    amount_now: str
    failure: Worded | None
    needs_person: bool
    wishes: Sequence[tuple[str, str]]
    may_wish: bool


@router.get("/livelihood/cases/{case_id}")
def case(request: Request, case_id: UUID, visitor: Annotated[Visitor, needs(READ)]) -> HTMLResponse:
    """Show a case; personal fields masked."""
    return _page(request, visitor, case_id)


@router.post("/livelihood/cases/{case_id}/look")
def case_looked(
    request: Request,
    case_id: UUID,
    visitor: Annotated[Visitor, needs(WORK)],
    reason: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """Show the personal fields in full, once; the look is recorded, and the person can read it."""
    house = house_of(request)
    with house.store.read() as connection:
        kept = case_of(connection, case_id, visitor.scope(READ))
    try:
        look(
            house.store, visitor, permission=WORK, subject=subject_of(case_id),
            region=kept.region, fields=("id_number", "phone", "address"), reason=reason,
        )  # fmt: skip
    except Invalid as error:
        return _page(request, visitor, case_id, failure=error)
    return _page(request, visitor, case_id, full=True)


@router.get("/livelihood/cases/{case_id}/letter.pdf")
def case_letter(
    request: Request,
    case_id: UUID,
    visitor: Annotated[Visitor, needs(READ)],
    number: Annotated[int, Query(alias="act", ge=1, le=100_000)] = 1,
) -> Response:
    """Hand out the letter of an act."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        kept = case_of(connection, case_id, visitor.scope(READ))
    chosen = _act(kept, number)
    paper = letter(kept, chosen, _policy(house, kept), t)
    headers = {"Content-Disposition": f'inline; filename="letter-{number}.pdf"'}
    return Response(paper_pdf(paper), media_type="application/pdf", headers=headers)


@router.get("/livelihood/cases/{case_id}/photo")
def case_photo(
    request: Request,
    case_id: UUID,
    visitor: Annotated[Visitor, needs(READ)],
    number: Annotated[int, Query(alias="act", ge=1, le=100_000)] = 1,
) -> Response:
    """Show the photo of a visit, as its record keeps it."""
    with house_of(request).store.read() as connection:
        kept = case_of(connection, case_id, visitor.scope(READ))
        query = select(RECORD.c.payload).where(RECORD.c.id == _act(kept, number).record_id)
        payload = connection.scalar(query)
    body, media = photo_of(json.loads(payload or b"{}").get("data", {}))
    return Response(body, media_type=media)


@router.post("/livelihood/cases/{case_id}/wishes")
async def case_wished(
    request: Request, case_id: UUID, visitor: Annotated[Visitor, needs(WORK)]
) -> Response:
    """Write down what the person agrees to and refuses; what was said before is left."""
    house = house_of(request)
    form = await request.form(max_files=0, max_fields=20)
    by, way, guardian = (text_of(form, name) for name in ("given_by", "way", "guardian"))
    try:
        with house.store.begin() as work:
            desk = Desk(work, visitor, house.clock.now())
            before = case_of(work.connection, case_id, visitor.scope(READ))
            for purpose in WISHES:
                said = text_of(form, purpose)
                if said in {"yes", "no"} and said != _said(before, purpose):
                    word = Word(purpose, by or "self", way or "spoken", guardian)
                    wish(desk, case_id, word, given=said == "yes")
    except (Invalid, Conflict) as error:
        return _page(request, visitor, case_id, failure=error)
    return RedirectResponse(f"/livelihood/cases/{case_id}", SEE_OTHER)


@router.post("/livelihood/cases/{case_id}/{deed}")
async def case_acted(
    request: Request, case_id: UUID, deed: str, visitor: Annotated[Visitor, needs(READ)]
) -> Response:
    """Act on a case; what is refused is said on its page, and nothing is lost of it."""
    house = house_of(request)
    form = await request.form(max_files=1, max_fields=40)
    if deed not in set(Deed) - {Deed.OPENED}:
        raise NotFound("no such act", code="case.deed", value=deed)
    try:
        data = await data_of(Deed(deed), form)
        with house.store.begin() as work:
            desk = Desk(work, visitor, house.clock.now())
            _do(desk, case_id, Deed(deed), data, form)
    except (Invalid, Conflict) as error:
        return _page(request, visitor, case_id, failure=error)
    return RedirectResponse(f"/livelihood/cases/{case_id}", SEE_OTHER)


def _do(desk: Desk, case_id: UUID, deed: Deed, data: Mapping[str, Any], form: FormData) -> None:
    seen = text_of(form, "seen")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0  # noqa: PLR2004 - no case is longer
    if deed is Deed.REVERSED:
        reverse(desk, case_id, text_of(form, "note"), number)
    elif deed is Deed.NOTIFIED:
        channel, recipient, title, body = (
            text_of(form, name) for name in ("channel", "recipient", "title", "body")
        )
        if not recipient and channel in PHONES:
            recipient = phone_of(desk, case_id)
        notify(desk, case_id, Message(channel, recipient, title, body), number)
    else:
        act(desk, case_id, deed, data, number)


def _page(
    request: Request,
    visitor: Visitor,
    case_id: UUID,
    *,
    full: bool = False,
    failure: LongmaiError | None = None,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        kept = case_of(connection, case_id, visitor.scope(READ))
    policy = _policy(house, kept)
    amount = kept.found.get("amount_fen")
    month = f"{beijing_day(house.clock.now()):%Y-%m}"
    context = CaseContext(
        kept,
        policy,
        title_of(policy, t.language),
        place_name(house, kept.region, t),
        tuple(_person(kept, t, full=full)),
        full,
        "" if amount is None else f"{plain_number(fen_to_yuan(amount))} {kept.found['unit']}",
        kept.found.get("reasons", ()),
        _acts(kept, t),
        _deeds(kept, visitor),
        _reversible(kept, visitor),
        list(policy.clauses),
        _failing_clause(kept, policy),
        notice(kept, policy, t),
        reach(house, kept.found),
        CHANNELS,
        MANNERS,
        month,
        "" if amount is None else str(fen_to_yuan(amount)),
        None if failure is None else worded(t, failure),
        kept.case.needs_person,
        [(each, _said(kept, each)) for each in WISHES],
        visitor.may(WORK, kept.region),
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("casework.title"), "/livelihood/cases"),
        (f"{kept.name} · {context.title}", None),
    )
    page = Page(f"{kept.name} · {context.title}", crumbs, sample=kept.sample)
    status = 200 if failure is None else failure.status
    return render(request, "livelihood/case.html", page, context, status=status)


def _said(kept: KeptCase, purpose: str) -> str:
    word = kept.words.get(purpose)
    return "" if word is None else "yes" if word.given else "no"


def _policy(house: House, kept: KeptCase) -> Policy:
    return house.policies.version(kept.policy_id, str(kept.found["version"]))


def _act(kept: KeptCase, number: int) -> KeptAct:
    found = next((each for each in kept.acts if each.act.number == number), None)
    if found is None:
        raise NotFound("the case has no such act", code="case.act", value=number)
    return found


def _deeds(kept: KeptCase, visitor: Visitor) -> tuple[Deed, ...]:
    able = kept.case.may()
    return tuple(
        each
        for each in _SHOWN_FIRST
        if each in able and visitor.may(PERMISSION_OF[each], kept.region)
    )


def _reversible(kept: KeptCase, visitor: Visitor) -> KeptAct | None:
    last = kept.case.reversible()
    if last is None or not visitor.may(PERMISSION_OF[last.deed], kept.region):
        return None
    return _act(kept, last.number)


def _failing_clause(kept: KeptCase, policy: Policy) -> str:
    condition = policy.rules.get(str(kept.found.get("clause", "")))
    return "" if condition is None else condition.clause


def _acts(kept: KeptCase, t: Words) -> tuple[ActView, ...]:
    counting = {each.number for each in kept.case.effective()}
    return tuple(
        ActView(
            each,
            _words(each, t),
            each.act.deed in WRITTEN,
            each.act.deed is not Deed.REVERSED and each.act.number not in counting,
        )
        for each in reversed(kept.acts)
    )


def _words(kept: KeptAct, t: Words) -> tuple[str, ...]:
    data = kept.act.data
    found: list[str] = []
    if data.get("amount_fen") is not None:
        amount = plain_number(fen_to_yuan(data["amount_fen"]))
        found.append(t("casework.told.amount", amount=amount, start=data["start"]))
    if message := data.get("message"):
        way = t(f"casework.channel.{message['channel']}")
        recipient = masked_phone(str(message["recipient"]))
        found.append(t("casework.told.message", way=way, recipient=recipient))
    if "manner" in data:
        found.append(t(f"casework.manner.{data['manner']}"))
    if data.get("clause"):
        found.append(t("casework.told.clause", clause=data["clause"]))
    if data.get("holder"):
        found.append(t("casework.told.asked", holder=data["holder"], datum=data["datum"]))
    if "of" in data:
        found.append(t("casework.told.reversed", number=data["of"]))
    found += [str(data[name]) for name in ("reasons", "note") if data.get(name)]
    if data.get("machine") is True and kept.act.deed is Deed.CONFIRMED:
        found.append(t("casework.told.by_rules"))
    return tuple(found)


def _person(kept: KeptCase, t: Words, *, full: bool) -> list[tuple[str, str]]:
    told = kept.found["person"]
    shown = {
        "sex": str(told.get("sex", "")),
        "birth": str(told.get("birth", "")),
        "id_number": _shown(told.get("id_number", ""), full=full),
        "phone": str(told.get("phone", "")) if full else masked_phone(str(told.get("phone", ""))),
        "address": str(told.get("address", "")) if full else "",
    }
    return [(t(f"casework.person.{name}"), text) for name, text in shown.items() if text]


def _shown(number: object, *, full: bool) -> str:
    return str(number) if full else masked(str(number), 6, 4)
