"""Pages of meetings that everybody sees, the villager's ballot, and calling a meeting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Row
from starlette.datastructures import FormData

from longmai.domains.assets.meetings.convening import RUN, NewItem, NewMeeting, convene
from longmai.domains.assets.meetings.counting import CHOICES, RULES
from longmai.domains.assets.meetings.following import challenge, steps_of
from longmai.domains.assets.meetings.law import matters, organs
from longmai.domains.assets.meetings.minutes import minutes_pdf
from longmai.domains.assets.meetings.queries import (
    SORTS,
    Meeting,
    meeting_of,
    meetings,
    state_of,
)
from longmai.domains.assets.meetings.service import VOTE, vote_online
from longmai.domains.assets.meetings.views import MeetingView, view_of
from longmai.domains.assets.members.desks import day_of, desk_of
from longmai.domains.assets.members.queries import (
    Seat,
    organisation_of,
    roll_of,
    seat_in,
    seats_of,
)
from longmai.domains.assets.register.photos import picture_file
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError, NotFound
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/meetings", include_in_schema=False)

Clerk = Annotated[Visitor, needs(RUN)]
Voter = Annotated[Visitor, needs(VOTE)]
MAX_ITEMS = 5


@dataclass(frozen=True)
class MeetingsContext:
    """Variables of ``assets/meetings.html``."""

    rows: Sequence[tuple[Row[Any], str]]
    search: str
    sort: str
    descending: bool
    paging: Paging


@dataclass(frozen=True)
class MeetingContext:
    """Variables of ``assets/meeting.html``.

    Attributes:
        seat: of the visitor in this village; None for others.
        voted: whether the visitor takes part already.
        may_run: whether the visitor runs meetings here.
    """

    view: MeetingView
    meeting: Meeting
    organisation: str
    steps: Sequence[Any]
    show_steps: bool
    seat: Seat | None
    may_vote: bool
    voted: bool
    may_run: bool
    form: Form
    box: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class NewContext:
    """Variables of ``assets/meeting_new.html``."""

    form: Form
    organs: Sequence[tuple[str, str]]
    matters: Sequence[tuple[str, str]]
    rules: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class VoteContext:
    """Variables of ``assets/vote.html``.

    Attributes:
        receipt: of a secret ballot, shown this once.
        done: the vote was taken just now.
    """

    meeting: Meeting
    name: str
    form: Form
    why_not: str
    done: bool
    receipt: str
    choices: Sequence[str] = CHOICES


@router.get("", dependencies=[OPEN])
def meeting_list(
    request: Request,
    q: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    sort: Annotated[str, Query(max_length=10)] = "held",
    order: Annotated[str, Query(max_length=4)] = "desc",
) -> HTMLResponse:
    """List meetings, the newest first."""
    t = words_of(request)
    chosen, descending = sort if sort in SORTS else "held", order != "asc"
    with house_of(request).store.read() as connection:
        total, _ = meetings(connection, q.strip(), Window(size=0), region)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, rows = meetings(connection, q.strip(), window, region)
    context = MeetingsContext(
        [(row, state_of(row.ended)) for row in rows], q, chosen, descending, paging
    )
    page = Page(t("meetings.title"), crumbs(t, None), any(row.sample for row in rows))
    return render(request, "assets/meetings.html", page, context)


@router.get("/new")
def new_form(
    request: Request,
    visitor: Clerk,
    refers: Annotated[str, Query(max_length=80)] = "",
    region: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    """Show the form to call a meeting; a plan of distribution brings its name along."""
    values = {"region": region or _own_village(visitor), "starts": "09:00", "refers": refers}
    if refers.startswith("dividend:"):
        values |= {"organ": "collective_assembly", "matter_1": "distribution"}
    return _new_page(request, Form(values))


@router.post("/new")
async def new_called(request: Request, visitor: Clerk) -> Response:
    """Call a meeting."""
    typed = await request.form(max_files=0, max_fields=100)
    values = {name: str(value) for name, value in typed.multi_items() if isinstance(value, str)}
    house, t = house_of(request), words_of(request)
    try:
        region = house.regions.get(values.get("region", "").strip()).code
        wanted = _wanted(region, values)
        with house.store.begin() as work:
            meeting_id = convene(desk_of(request, work, visitor), wanted)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        form = refused(t, error, values, ("region", "organ", "title", "place", "held_on", "starts"))
        return _new_page(request, form, error.status)
    return RedirectResponse(f"/assets/meetings/{meeting_id}", 303)


def _wanted(region: str, values: Mapping[str, str]) -> NewMeeting:
    items = [
        NewItem(
            values[f"matter_{number}"],
            values.get(f"title_{number}", ""),
            values.get(f"text_{number}", ""),
            values.get("refers", "") if number == 1 else "",
        )
        for number in range(1, MAX_ITEMS + 1)
        if values.get(f"matter_{number}")
    ]
    return NewMeeting(
        region=region,
        organ=values.get("organ", ""),
        title=values.get("title", ""),
        place=values.get("place", ""),
        held_on=day_of(values.get("held_on", ""), "held_on"),
        starts=values.get("starts", ""),
        items=items,
        secret="secret" in values,
        rule=values.get("rule") or "first",
    )


@router.get("/photos/{digest}", dependencies=[OPEN])
def photo(request: Request, digest: str) -> Response:
    """Return a photograph of a posting."""
    with house_of(request).store.read() as connection:
        media, data = picture_file(connection, digest, small=True)
    return Response(data, media_type=media, headers={"Cache-Control": "public, max-age=31536000"})


@router.get("/{meeting_id}", dependencies=[OPEN])
def meeting_page(request: Request, meeting_id: UUID) -> HTMLResponse:
    """Show a meeting: what is decided, by which law, how far it is, what came of it."""
    return _meeting_page(request, meeting_id, Form())


@router.get("/{meeting_id}/minutes.pdf", dependencies=[OPEN])
def minutes(request: Request, meeting_id: UUID) -> Response:
    """Return the minutes of a meeting that was closed."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        meeting = meeting_of(connection, meeting_id)
        if meeting.state != "closed":
            raise Conflict(
                "minutes are written when it is closed", code="assets.meeting.no_minutes"
            )
        view = view_of(house, connection, meeting, t.language)
        name = organisation_of(connection, meeting.region).name
    address = f"{house.settings.public_url}/assets/meetings/{meeting_id}"
    pdf = minutes_pdf(view, name, address, t)
    named = {"Content-Disposition": f'inline; filename="minutes-{meeting_id}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=named)


@router.get("/{meeting_id}/vote")
def ballot(request: Request, meeting_id: UUID, visitor: Voter) -> HTMLResponse:
    """Show a villager's ballot."""
    return _vote_page(request, meeting_id, visitor, Form())


@router.post("/{meeting_id}/vote")
async def voted(request: Request, meeting_id: UUID, visitor: Voter) -> HTMLResponse:
    """Take a villager's vote."""
    typed = await request.form(max_files=0, max_fields=50)
    return _voted(request, meeting_id, visitor, typed)


def _voted(request: Request, meeting_id: UUID, visitor: Visitor, typed: FormData) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    values = {name: str(value) for name, value in typed.multi_items()}
    choices = {
        number: values.get(f"choice_{number}", "")
        for number in range(1, MAX_ITEMS + 1)
        if f"choice_{number}" in values
    }
    try:
        with house.store.begin() as work:
            meeting = meeting_of(work.connection, meeting_id)
            seat = seat_in(work.connection, visitor.login, meeting.region)
            receipt = vote_online(
                desk_of(request, work, visitor), meeting_id, seat.member_id, choices
            )
    except (Conflict, Forbidden, Invalid) as error:
        return _vote_page(request, meeting_id, visitor, refused(t, error, values), error.status)
    return _vote_page(request, meeting_id, visitor, Form(), done=True, receipt=receipt)


@router.post("/{meeting_id}/challenge")
async def challenged(request: Request, meeting_id: UUID, visitor: Voter) -> Response:
    """Record that a member asks a court to revoke a decision."""
    typed = await request.form(max_files=0, max_fields=20)
    values = {name: str(value) for name, value in typed.multi_items()}
    house, t = house_of(request), words_of(request)
    try:
        item = int(values.get("item", "1") or 1)
        knew_on = day_of(values.get("knew_on", ""), "knew_on")
        with house.store.begin() as work:
            meeting = meeting_of(work.connection, meeting_id)
            seat = seat_in(work.connection, visitor.login, meeting.region)
            desk = desk_of(request, work, visitor)
            challenge(desk, meeting_id, item, seat.member_id, knew_on, values.get("why", ""))
    except (LongmaiError, ValueError) as error:
        known = error if isinstance(error, LongmaiError) else Invalid(str(error))
        return _meeting_page(request, meeting_id, refused(t, known, values), known.status)
    return RedirectResponse(f"/assets/meetings/{meeting_id}", 303)


def _meeting_page(
    request: Request, meeting_id: UUID, form: Form, status: int = 200
) -> HTMLResponse:
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    with house.store.read() as connection:
        meeting = meeting_of(connection, meeting_id)
        view = view_of(house, connection, meeting, t.language)
        name = organisation_of(connection, meeting.region).name
        seat = _seat(seats_of(connection, visitor.login), meeting)
    context = MeetingContext(
        view=view,
        meeting=meeting,
        organisation=name,
        steps=steps_of(meeting),
        show_steps=any(item.matter.steps for item in meeting.items),
        seat=seat,
        may_vote=visitor.may(VOTE, meeting.region) and "online" in meeting.organ.channels,
        voted=seat is not None and seat.member_id in meeting.tickets,
        may_run=visitor.may(RUN, meeting.region),
        form=form,
        box=meeting.closing.get("box", ()),
    )
    page = Page(meeting.title, crumbs(t, meeting.title), meeting.sample)
    return render(request, "assets/meeting.html", page, context, status)


def _vote_page(
    request: Request,
    meeting_id: UUID,
    visitor: Visitor,
    form: Form,
    status: int = 200,
    *,
    done: bool = False,
    receipt: str = "",
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        meeting = meeting_of(connection, meeting_id)
        seat = _seat(seats_of(connection, visitor.login), meeting)
        people = roll_of(connection, meeting.region, meeting.held_on).people
    name = people[seat.member_id].name if seat and seat.member_id in people else ""
    why_not = "" if done else _why_not(meeting, seat)
    context = VoteContext(meeting, name, form, why_not, done, receipt)
    title = t("meetings.vote_title")
    trail = (*crumbs(t, meeting.title, f"/assets/meetings/{meeting_id}"), (title, None))
    response = render(
        request, "assets/vote.html", Page(title, trail, meeting.sample), context, status
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _why_not(meeting: Meeting, seat: Seat | None) -> str:
    """Return the word that says why somebody cannot vote; empty if they can."""
    if seat is None:
        return "no_seat"
    if meeting.state != "open":
        return f"is_{meeting.state}"
    if "online" not in meeting.organ.channels:
        return "not_online"
    if seat.member_id not in meeting.electors:
        return "no_elector"
    if seat.member_id in meeting.recused:
        return "recused"
    return "voted" if seat.member_id in meeting.tickets else ""


def _seat(seats: Sequence[Seat], meeting: Meeting) -> Seat | None:
    return next((each for each in seats if each.region == meeting.region), None)


def _new_page(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    t = words_of(request)
    chosen = [
        (each.key, f"{each.name(t.language)}（{each.clause(t.language)}）")
        for each in matters().values()
    ]
    context = NewContext(
        form,
        [(key, f"{t(f'meetings.organs.{key}')} · {t(f'meetings.laws.{each.law}')}")
         for key, each in organs().items()],
        [("", "–"), *chosen],
        [(name, t(f"meetings.rules.{name}")) for name in RULES],
    )  # fmt: skip
    title = t("meetings.new")
    return render(
        request, "assets/meeting_new.html", Page(title, crumbs(t, title)), context, status
    )


def _own_village(visitor: Visitor) -> str:
    regions = sorted(visitor.scope(RUN).regions)
    return regions[0] if len(regions) == 1 else ""


def crumbs(
    t: Words, title: str | None, href: str | None = None
) -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page of meetings."""
    start: tuple[tuple[str, str | None], ...] = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/meetings"),
    )
    if title is None:
        return (*start, (t("meetings.title"), None))
    return (*start, (t("meetings.title"), "/assets/meetings"), (title, href))
