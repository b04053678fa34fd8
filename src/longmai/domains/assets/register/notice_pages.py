"""Pages of public notices and objections: the board, a phone, and the township's desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.assets.register import notice_queries, queries, right_queries
from longmai.domains.assets.register.action_pages import SEE_OTHER
from longmai.domains.assets.register.actions import Sent, kept_photos, posting_of
from longmai.domains.assets.register.deeds import DECIDE, OBJECT
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.rights import RIGHTS
from longmai.domains.assets.register.model.workflow import Timer
from longmai.domains.assets.register.photos import MAX_BYTES
from longmai.domains.assets.register.shown import Line, line, sees_all, shares
from longmai.domains.assets.register.steps import (
    MOST_ON_A_NOTICE,
    Complaint,
    Required,
    decide_objection,
    file_objection,
    post_notice,
    register,
    required_days,
    timers_of,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets", include_in_schema=False)
_MOST_TICKETS = 200


@dataclass(frozen=True)
class NoticesContext:
    """Variables of ``assets/register-notices.html``; ``waiting``: assets that may be noticed."""

    notices: Sequence[notice_queries.Posted]
    paging: Paging
    may_post: bool


@dataclass(frozen=True)
class Posted:
    """An asset on a notice: who is found to hold its rights, and how its timer runs."""

    line: Line
    rights: Sequence[tuple[str, str]]
    timer: Timer
    current: bool


@dataclass(frozen=True)
class NoticeContext:
    """Variables of ``assets/register-notice.html``."""

    notice: notice_queries.Posted
    assets: Sequence[Posted]
    tickets: Sequence[notice_queries.Ticket]
    names: dict[UUID, str]
    chosen: str
    findings: Sequence[Worded]
    told: dict[str, str]
    may_object: bool
    may_decide: bool
    filed: bool
    ready: int


@router.get("/notices", dependencies=[OPEN])
def notice_list(
    request: Request, region: Annotated[str, Query(max_length=12)] = ""
) -> HTMLResponse:
    """List the public notices, newest first."""
    house, t = house_of(request), words_of(request)
    code = house.regions.get(region).code if region else ""
    with house.store.read() as connection:
        total, _ = notice_queries.notices(connection, code, Window(size=0))
        paging = paging_of(request, total)
        _, found = notice_queries.notices(connection, code, Window("", paging.offset, paging.size))
    may = visitor_of(request).may(DECIDE)
    title = t("register.notices.title")
    crumbs = ((t("nav.home"), "/"), (t("field.assets"), "/assets/register"), (title, None))
    page = Page(title, crumbs, sample=any(each.sample for each in found))
    return render(request, "assets/register-notices.html", page, NoticesContext(found, paging, may))


@router.get("/notices/{notice_id}", dependencies=[OPEN])
def notice_page(
    request: Request,
    notice_id: UUID,
    asset: Annotated[str, Query(max_length=40)] = "",
    filed: Annotated[str, Query(max_length=1)] = "",
) -> HTMLResponse:
    """Show a notice: what is found, until when it hangs, and how to object."""
    return _notice(request, notice_id, {"asset": asset}, filed=bool(filed))


def _notice(
    request: Request,
    notice_id: UUID,
    told: dict[str, str],
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
    *,
    filed: bool = False,
) -> HTMLResponse:
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    today = beijing_day(house.clock.now())
    with house.store.read() as connection:
        notice = notice_queries.notice_of(connection, notice_id)
        ids = notice_queries.assets_noticed(connection, notice_id)
        known = queries.known(connection, ids)
        rights = right_queries.rights_of(connection, ids)
        tickets = notice_queries.objections_to(connection, [notice_id])
        newest = notice_queries.newest_notices(connection, ids)
    timers = timers_of(dict.fromkeys(ids, notice), tickets, today)
    whole = sees_all(visitor, notice.region)
    posted = [
        Posted(
            line(each),
            [
                (
                    right,
                    "、".join(
                        f"{s.name} {s.share}"
                        for s in shares(rights[each.asset_id][right].holdings, whole=whole)
                    ),
                )
                for right in RIGHTS
            ],
            timers[each.asset_id],
            each.state.stage == "noticed" and newest[each.asset_id].notice_id == notice_id,
        )
        for each in known
    ]
    decides = visitor.may(DECIDE, notice.region)
    context = NoticeContext(
        notice=notice,
        assets=posted,
        tickets=tickets if decides else [each for each in tickets if each.actor == visitor.actor],
        names={each.asset_id: each.asset.name for each in known},
        chosen=told.get("asset", ""),
        findings=[] if error is None else [worded(t, error)],
        told=told,
        may_object=visitor.may(OBJECT, notice.region) and any(each.current for each in posted),
        may_decide=decides,
        filed=filed,
        ready=sum(each.current and each.timer.over for each in posted),
    )
    title = t("register.notice.title")
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (t("register.notices.title"), "/assets/notices"),
        (title, None),
    )
    page = Page(title, crumbs, sample=notice.sample)
    status = 200 if error is None else error.status
    return render(request, "assets/register-notice.html", page, context, status)


@router.post("/notices/{notice_id}/objections")
def object_to(  # noqa: PLR0913, PLR0917 - the fields of a form
    request: Request,
    notice_id: UUID,
    visitor: Annotated[Visitor, needs(OBJECT)],
    asset: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    contact: Annotated[str, Form()] = "",
    photo: UploadFile | None = None,
) -> Response:
    """File an objection; the notice of that asset stops."""
    told = {"asset": asset, "reason": reason, "name": name, "contact": contact}
    body = photo.file.read(MAX_BYTES + 1) if photo is not None and photo.filename else b""
    house = house_of(request)
    try:
        asset_id = Sent(told).identity("asset")
        with house.store.begin() as work:
            desk = Desk.of(house, work, visitor)
            kept = kept_photos(desk, Sent(told, [body]))
            complaint = Complaint(reason, name, contact, kept[0] if kept else "")
            file_objection(desk, notice_id, asset_id, complaint)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _notice(request, notice_id, told, error)
    return RedirectResponse(f"/assets/notices/{notice_id}?filed=1#objections", SEE_OTHER)


@router.post("/notices/{notice_id}/register")
def register_all(
    request: Request, notice_id: UUID, visitor: Annotated[Visitor, needs(DECIDE)]
) -> Response:
    """Register all assets of a notice whose days are over and which nobody objects to."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            desk = Desk.of(house, work, visitor)
            ids = notice_queries.assets_noticed(work.connection, notice_id)
            notice = notice_queries.notice_of(work.connection, notice_id)
            tickets = notice_queries.objections_to(work.connection, [notice_id])
            timers = timers_of(dict.fromkeys(ids, notice), tickets, desk.today)
            known = queries.known(work.connection, ids)
            ready = [
                each.asset_id
                for each in known
                if each.state.stage == "noticed" and timers[each.asset_id].over
            ]
            register(desk, ready)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _notice(request, notice_id, {}, error)
    return RedirectResponse(f"/assets/notices/{notice_id}", SEE_OTHER)


@router.post("/objections/{objection_id}/decide")
def decide(
    request: Request,
    objection_id: UUID,
    visitor: Annotated[Visitor, needs(DECIDE)],
    outcome: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Uphold or reject an objection."""
    house = house_of(request)
    with house.store.read() as connection:
        ticket = notice_queries.objection_of(connection, objection_id)
    try:
        with house.store.begin() as work:
            decide_objection(Desk.of(house, work, visitor), objection_id, outcome, reason)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _notice(request, ticket.notice_id, {}, error)
    return RedirectResponse(f"/assets/notices/{ticket.notice_id}#objections", SEE_OTHER)


@dataclass(frozen=True)
class NewNoticeContext:
    """Variables of ``assets/register-notice-new.html``.

    Attributes:
        waiting: assets that are determined, of one village.
        doors: (code, number) of villages with such assets.
        required: days by the rules; None where nobody confirmed them.
    """

    waiting: Sequence[Line]
    doors: Sequence[tuple[str, int]]
    region: str
    required: Required | None
    findings: Sequence[Worded]
    told: dict[str, str]


@router.get("/notices-new")
def new_notice(
    request: Request,
    visitor: Annotated[Visitor, needs(DECIDE)],
    region: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    """Choose the assets of a village that a notice is about."""
    return _new_notice(request, visitor, region, {})


def _new_notice(
    request: Request,
    visitor: Visitor,
    region: str,
    told: dict[str, str],
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    code = house.regions.get(region).code if region else ""
    filters = queries.Filters(stage="determined", region=code, scope=visitor.scope(DECIDE))
    with house.store.begin() as work:
        desk = Desk.of(house, work, visitor)
        window = Window("code", size=MOST_ON_A_NOTICE, descending=False)
        waiting = (
            [line(each) for each in queries.page(work.connection, filters, window)] if code else []
        )
        doors = [] if code else queries.sums_below(work.connection, filters, 12)
        required = required_days(desk, code, desk.today) if code else None
    context = NewNoticeContext(
        waiting, doors, code, required, [] if error is None else [worded(t, error)], told
    )
    title = t("register.notice.new")
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (t("register.notices.title"), "/assets/notices"),
        (title, None),
    )
    status = 200 if error is None else error.status
    return render(request, "assets/register-notice-new.html", Page(title, crumbs), context, status)


@router.post("/notices-new")
def post(  # noqa: PLR0913, PLR0917 - the fields of a form
    request: Request,
    visitor: Annotated[Visitor, needs(DECIDE)],
    region: Annotated[str, Form(max_length=12)] = "",
    asset: Annotated[list[UUID] | None, Form()] = None,
    place: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
    basis: Annotated[str, Form()] = "",
    photo: UploadFile | None = None,
) -> Response:
    """Post a notice about the chosen assets."""
    house, told = house_of(request), {"place": place, "days": days, "basis": basis}
    body = photo.file.read(MAX_BYTES + 1) if photo is not None and photo.filename else b""
    try:
        with house.store.begin() as work:
            desk = Desk.of(house, work, visitor)
            posting = posting_of(desk, Sent(told, [body]))
            notice_id = post_notice(desk, asset or [], posting)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _new_notice(request, visitor, region, told, error)
    return RedirectResponse(f"/assets/notices/{notice_id}", SEE_OTHER)


@dataclass(frozen=True)
class TicketsContext:
    """Variables of ``assets/register-objections.html``."""

    tickets: Sequence[notice_queries.Ticket]


@router.get("/objections")
def tickets(request: Request, visitor: Annotated[Visitor, needs(DECIDE)]) -> HTMLResponse:
    """List the objections that wait for a decision."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        found = notice_queries.open_objections(connection, visitor.scope(DECIDE), _MOST_TICKETS)
    title = t("register.objections.title")
    crumbs = ((t("nav.home"), "/"), (t("field.assets"), "/assets/register"), (title, None))
    return render(
        request, "assets/register-objections.html", Page(title, crumbs), TicketsContext(found)
    )
