"""A member's own pages: the account and its statement, hours given, needs and offers, sign-in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row

from longmai.domains.livelihood.timebank.agreeing import (
    NewNotice,
    cancel,
    open_of,
    put_up,
    take_down,
)
from longmai.domains.livelihood.timebank.bank_pages import when_of
from longmai.domains.livelihood.timebank.booking import donate, gift, redeem, transfer
from longmai.domains.livelihood.timebank.books import (
    Available,
    Bank,
    Member,
    available,
    balances,
    bank_of,
    member_of,
    memberships,
    rules_on,
)
from longmai.domains.livelihood.timebank.certifying import certificate_of, certificate_pdf, certify
from longmai.domains.livelihood.timebank.desk import KEEP, Desk
from longmai.domains.livelihood.timebank.model import accounts
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.notices import NEED, OFFER, Match, Notice, matches
from longmai.domains.livelihood.timebank.model.rules import BankRules
from longmai.domains.livelihood.timebank.model.sign import SignCode, read_code, write_code
from longmai.domains.livelihood.timebank.queries import (
    NoticeSearch,
    ServiceRow,
    StatementRow,
    certificates,
    kin,
    notices,
    services,
    statement,
)
from longmai.domains.livelihood.timebank.showing import (
    HOME,
    SEE_OTHER,
    Anybody,
    Short,
    Text,
    Typed,
    attempt,
    crumbs_of,
    day_in,
    done,
    id_in,
    item_name,
    minute_of_day,
    names_of,
    number_in,
    today_of,
)
from longmai.domains.livelihood.timebank.signing import new_code, sign, sign_key
from longmai.domains.livelihood.timebank.tables import SERVICE
from longmai.kernel.errors import Forbidden, LongmaiError
from longmai.portal.accounts.forms import Form
from longmai.portal.accounts.service import known_region
from longmai.portal.export import MAX_ROWS, Format, table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)

MOST_NOTICES = 50
STANDS = timedelta(days=90)


@dataclass(frozen=True)
class Mine:
    """A member's account as its page shows it."""

    member: Member
    bank: Bank
    rules: BankRules
    available: Available
    honour: int
    services: Sequence[ServiceRow]
    notices: Sequence[tuple[Notice, str, int]]
    kin: Sequence[Row[Any]]
    others: Sequence[Member]
    certificates: Sequence[Row[Any]]


@dataclass(frozen=True)
class MineContext:
    """Variables of ``hours_mine.html``; ``mine`` is None for who is no member."""

    mine: Mine | None
    all: Sequence[tuple[Member, str]]
    rows: Sequence[StatementRow] = ()
    paging: Paging | None = None
    form: Form = field(default_factory=Form)
    names: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[int], str] = clock_text


@router.get("/mine")
def mine_page(request: Request, visitor: Anybody, member: Short = "") -> HTMLResponse:
    """Show the visitor's account of hours."""
    return show_mine(request, visitor, member)


def show_mine(
    request: Request, visitor: Visitor, member: str, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    """Show one of the visitor's accounts of hours; with a form that was refused."""
    t, language = words_of(request), language_of(request)
    title = t("hours.mine.title")
    with house_of(request).store.read() as connection:
        own = memberships(connection, visitor.account_id)
        named = [(each, bank_of(connection, each.bank_id).name) for each in own]
        chosen = next((each for each in own if str(each.id) == member), next(iter(own), None))
        if chosen is None:
            page = Page(title, crumbs_of(request, (title, None)))
            return render(
                request, "livelihood/hours_mine.html", page, MineContext(None, ()), status
            )
        found = mine_of(request, connection, chosen, own)
        total, _ = statement(connection, chosen, Window(size=0))
        paging = paging_of(request, total)
        _, rows = statement(connection, chosen, Window(offset=paging.offset, size=paging.size))
    names = names_of(found.rules, language)
    page = Page(title, crumbs_of(request, (title, None)), chosen.sample)
    context = MineContext(found, named, rows, paging, form or Form(), names)
    return render(request, "livelihood/hours_mine.html", page, context, status)


def mine_of(
    request: Request, connection: Connection, chosen: Member, own: Sequence[Member]
) -> Mine:
    """Return what the page of an account shows beside its statement."""
    day, t = today_of(request), words_of(request)
    honour = accounts.honour(chosen.id)
    search = NoticeSearch(member_id=chosen.id)
    _, posted = notices(connection, search, day, Window(size=MOST_NOTICES))
    return Mine(
        member=chosen,
        bank=bank_of(connection, chosen.bank_id),
        rules=rules_on(connection, chosen.bank_id, day),
        available=available(connection, chosen, day),
        honour=balances(connection, chosen.bank_id, [honour])[honour],
        services=services(connection, open_of(chosen.id)),
        notices=[
            (each, when_of(t, each), len(fitting(request, connection, each))) for each in posted
        ],
        kin=kin(connection, chosen.id),
        others=[each for each in own if each.bank_id != chosen.bank_id],
        certificates=certificates(connection, chosen.id),
    )


def fitting(request: Request, connection: Connection, wanted: Notice) -> list[Match]:
    """Return the notices that fit one."""
    search = NoticeSearch(
        kind=OFFER if wanted.kind == NEED else NEED, item=wanted.item, bank_id=wanted.bank_id
    )
    _, others = notices(connection, search, today_of(request), Window(size=500))
    return matches(wanted, others)


def back_to(member_id: UUID | str) -> RedirectResponse:
    """Lead back to the page of an account."""
    return RedirectResponse(f"{HOME}/mine?member={member_id}", SEE_OTHER)


def _acted(
    request: Request, visitor: Visitor, member: UUID, values: Mapping[str, str],
    act: Callable[[Desk], object],
) -> Response:  # fmt: skip
    tried = attempt(request, visitor, values, act)
    if tried.form is not None:
        return show_mine(request, visitor, str(member), tried.form, tried.status)
    return back_to(member)


@router.post("/members/{member}/gift")
def give(
    request: Request, visitor: Anybody, member: UUID, minutes: Text = "", other: Text = "",
    note: Text = "",
) -> Response:  # fmt: skip
    """Give hours to kin, in the same bank or another."""

    def act(desk: Desk) -> UUID:
        to, count = id_in(other, "other"), number_in(minutes, "minutes")
        if member_of(desk.connection, to).bank_id != member_of(desk.connection, member).bank_id:
            return transfer(desk, member, to, count)
        return gift(desk, member, to, count, note)

    return _acted(request, visitor, member, {"minutes": minutes, "note": note}, act)


@router.post("/members/{member}/donate")
def donation(
    request: Request, visitor: Anybody, member: UUID, minutes: Text = "", note: Text = ""
) -> Response:
    """Give hours to the bank's fund."""
    values = {"minutes": minutes, "note": note}
    return _acted(
        request, visitor, member, values,
        lambda desk: donate(desk, member, number_in(minutes, "minutes"), note),
    )  # fmt: skip


@router.post("/members/{member}/redeem")
def redemption(request: Request, visitor: Anybody, member: UUID, code: Text = "") -> Response:
    """Give hours back for something that the rules name."""
    return _acted(request, visitor, member, {}, lambda desk: redeem(desk, member, code))


class NoticeForm(BaseModel):
    """A need or an offer; all as it was typed."""

    kind: Typed = ""
    item: Typed = ""
    region: Typed = ""
    weekdays: list[str] = Field(default_factory=list, max_length=7)
    starts: Typed = ""
    ends: Typed = ""
    day: Typed = ""
    text: Typed = ""


@router.post("/members/{member}/notices")
def new_notice(
    request: Request, visitor: Anybody, member: UUID, typed: Annotated[NoticeForm, FormField()]
) -> Response:
    """Put up a need or an offer."""

    def act(desk: Desk) -> UUID:
        own, place = member_of(desk.connection, member), typed.region.strip()
        fixed = day_in(typed.day, "day") if typed.day else None
        wish = NewNotice(
            typed.kind,
            typed.item,
            known_region(place, house_of(request).regions) if place else own.region,
            "".join(typed.weekdays),
            minute_of_day(typed.starts, "starts"),
            minute_of_day(typed.ends, "ends"),
            fixed or desk.day + STANDS,
            fixed,
            typed.text,
        )
        return put_up(desk, member, wish)

    values = typed.model_dump(exclude={"weekdays"})
    return _acted(request, visitor, member, values, act)


@router.post("/members/{member}/notices/{notice}/down")
def notice_down(request: Request, visitor: Anybody, member: UUID, notice: UUID) -> Response:
    """Take a notice down."""
    return _acted(request, visitor, member, {}, lambda desk: take_down(desk, notice))


@router.post("/members/{member}/certificates")
def new_certificate(
    request: Request, visitor: Anybody, member: UUID, since: Text = "", until: Text = ""
) -> Response:
    """Issue a certificate of what was served; free."""
    values = {"since": since, "until": until}
    return _acted(
        request, visitor, member, values,
        lambda desk: certify(desk, member, day_in(since, "since"), day_in(until, "until")),
    )  # fmt: skip


@router.get("/certificates/{record_id}.pdf")
def printed(request: Request, visitor: Anybody, record_id: UUID) -> Response:
    """Return a certificate for printing."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = certificate_of(connection, record_id)
        _require_theirs(connection, visitor, member_of(connection, found.row.member_id))
        address = f"{house.settings.public_url}/ledger/records/{record_id}"
        pdf = certificate_pdf(connection, found, t, address)
    named = f'inline; filename="service-{record_id}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": named})


def _require_theirs(connection: Connection, visitor: Visitor, member: Member) -> None:
    own = visitor.known and member.account_id == visitor.account_id
    if not own and not visitor.may(KEEP, bank_of(connection, member.bank_id).region):
        raise Forbidden("this account of hours is somebody else's", code="hours.not_yours")


@router.get("/members/{member}/statement.{kind}")
def statement_file(request: Request, visitor: Anybody, member: UUID, kind: Format) -> Response:
    """Export a statement as CSV or as a spreadsheet."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        found = member_of(connection, member)
        _require_theirs(connection, visitor, found)
        _, rows = statement(connection, found, Window(size=MAX_ROWS))
    names = ("at", "deed", "code", "minutes", "balance", "ends_on", "note")
    cells = [
        (
            row.at,
            t(f"hours.deed.{row.deed}"),
            row.code,
            row.minutes,
            row.balance,
            row.ends_on,
            row.note,
        )
        for row in rows
    ]
    return table_file(kind, "hours", [t(f"hours.statement.{name}") for name in names], cells)


# Sign-in and sign-out -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ServiceContext:
    """Variables of ``hours_service.html``.

    Attributes:
        service: None once it is over.
        end: which end is due.
        qr: the code as SVG; ``address`` what it says, for who cannot scan.
    """

    service: ServiceRow | None
    item: str
    end: str
    qr: str
    address: str
    problem: Worded | None = None
    clock: Callable[[int], str] = clock_text


@router.get("/services/{service_id}")
def service_page(request: Request, visitor: Anybody, service_id: UUID) -> HTMLResponse:
    """Show a service to one of its parties, with the code that the other one scans."""
    return _service_page(request, visitor, service_id)


def _service_page(
    request: Request, visitor: Visitor, service_id: UUID, problem: LongmaiError | None = None
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    title = t("hours.service.title")
    crumbs = crumbs_of(request, (t("hours.mine.title"), f"{HOME}/mine"), (title, None))
    said = None if problem is None else worded(t, problem)
    status = 200 if problem is None else problem.status
    with house.store.read() as connection:
        found = services(connection, SERVICE.c.id == service_id)
        if not found:
            context = ServiceContext(None, "", "", "", "", said)
            return render(
                request, "livelihood/hours_service.html", Page(title, crumbs), context, status
            )
        [service] = found
        own = [each for each in memberships(connection, visitor.account_id)
               if each.id in {service.helper_id, service.recipient_id}]  # fmt: skip
        item = rules_on(connection, service.bank_id, today_of(request)).items.get(service.item)
        sample = bank_of(connection, service.bank_id).sample
    if not own:
        raise Forbidden("no party to this service", code="hours.party")
    code = done(request, visitor, lambda desk: new_code(desk, service_id, own[0].id))
    address = f"{house.settings.public_url}{HOME}/sign/{_written(request, code)}"
    context = ServiceContext(
        service, item_name(item, service.item, t.language), code.end, qr_svg(address), address, said
    )
    return render(
        request, "livelihood/hours_service.html", Page(title, crumbs, sample), context, status
    )


def _written(request: Request, code: SignCode) -> str:
    return write_code(code, sign_key(house_of(request).settings.data))


@router.post("/services/{service_id}/cancel")
def cancelling(request: Request, visitor: Anybody, service_id: UUID, reason: Text = "") -> Response:
    """Cancel a service that has not begun."""
    try:
        done(request, visitor, lambda desk: cancel(desk, service_id, reason))
    except LongmaiError as error:
        return _service_page(request, visitor, service_id, error)
    return RedirectResponse(f"{HOME}/mine", SEE_OTHER)


@dataclass(frozen=True)
class SignContext:
    """Variables of ``hours_sign.html``; ``service`` is None where the code does not hold."""

    service: ServiceRow | None
    item: str
    end: str
    code: str
    problem: Worded | None = None
    booked: int | None = None
    clock: Callable[[int], str] = clock_text


@router.get("/sign/{code}")
def sign_page(request: Request, visitor: Anybody, code: str) -> HTMLResponse:
    """Ask who scanned a code whether they sign in or out with it."""
    del visitor
    return _sign_page(request, code)


def _sign_page(request: Request, code: str, refusal: LongmaiError | None = None) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    service, item, end = None, "", "in"
    try:
        told = read_code(code, sign_key(house.settings.data), house.clock.now())
        end = told.end
        with house.store.read() as connection:
            service = next(iter(services(connection, SERVICE.c.id == told.service_id)), None)
            if service is not None:
                rules = rules_on(connection, service.bank_id, today_of(request))
                item = item_name(rules.items.get(service.item), service.item, t.language)
    except LongmaiError as error:
        refusal = refusal or error
    title = t(f"hours.sign.{end}")
    problem = None if refusal is None else worded(t, refusal)
    status = 200 if refusal is None else refusal.status
    context = SignContext(service, item, end, code, problem)
    page = Page(title, crumbs_of(request, (title, None)))
    return render(request, "livelihood/hours_sign.html", page, context, status)


@router.post("/sign/{code}")
def signing(request: Request, visitor: Anybody, code: str) -> Response:
    """Sign in or out with a code that was scanned."""
    key = sign_key(house_of(request).settings.data)
    try:
        signed = done(request, visitor, lambda desk: sign(desk, code, key))
    except LongmaiError as error:
        return _sign_page(request, code, error)
    ended = "out" if signed.entry_id is not None else "in"
    return RedirectResponse(f"{HOME}/signed?end={ended}", SEE_OTHER)


@dataclass(frozen=True)
class SignedContext:
    """Variables of ``hours_signed.html``."""

    end: str


@router.get("/signed")
def signed_page(
    request: Request, visitor: Anybody, end: Annotated[str, Query(max_length=3)] = "in"
) -> HTMLResponse:
    """Say that the sign-in or sign-out is recorded."""
    del visitor
    kept = "out" if end == "out" else "in"
    title = words_of(request)(f"hours.signed.{kept}")
    page = Page(title, crumbs_of(request, (title, None)))
    return render(request, "livelihood/hours_signed.html", page, SignedContext(kept))
