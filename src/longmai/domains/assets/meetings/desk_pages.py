"""The clerk's desk on the day: who comes, whether enough are there, votes, counts, the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from longmai.domains.assets.meetings.convening import RUN
from longmai.domains.assets.meetings.counting import CHOICES
from longmai.domains.assets.meetings.following import (
    ACTS,
    BEFORE,
    follow,
    revoke,
    steps_of,
)
from longmai.domains.assets.meetings.pages import crumbs
from longmai.domains.assets.meetings.queries import Meeting, meeting_of
from longmai.domains.assets.meetings.service import (
    Closing,
    cancel,
    check_in,
    close,
    count_paper,
    open_meeting,
    strike,
    vote_named,
)
from longmai.domains.assets.meetings.views import MeetingView, view_of
from longmai.domains.assets.members.desks import day_of, desk_of
from longmai.domains.assets.members.model import Member, Roll
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.members.service import READ, Desk
from longmai.domains.assets.register.photos import MAX_BYTES
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.export import Format, table_file
from longmai.portal.house import house_of
from longmai.portal.pinyin import initials
from longmai.portal.rendering import Page, local_time, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/meetings/{meeting_id}", include_in_schema=False)

Clerk = Annotated[Visitor, needs(RUN)]
SHOWN = 12


@dataclass(frozen=True)
class PersonRow:
    """An elector at the desk.

    Attributes:
        ticket: how the person takes part; None: not yet.
        proxies: who of the household could bring a proxy.
        votes: of an open ballot, by item.
    """

    person: Member
    number: str
    ticket: Row[Any] | None
    holder: str
    recused: bool
    proxies: Sequence[tuple[str, str]]
    votes: Mapping[int, str]


@dataclass(frozen=True)
class Duplicate:
    """A vote that does not count, because another of the same person does."""

    vote_id: UUID
    name: str
    item: int
    channel: str
    choice: str


@dataclass(frozen=True)
class DeskContext:
    """Variables of ``assets/meeting_desk.html``."""

    view: MeetingView
    meeting: Meeting
    form: Form
    search: str
    people: Sequence[PersonRow]
    found: int
    duplicates: Sequence[Duplicate]
    votes: Sequence[Duplicate]
    tallies: Mapping[int, Mapping[str, int]]
    acts: Sequence[str]
    steps: Sequence[Any]
    today: str
    choices: Sequence[str] = CHOICES


@router.get("/desk")
def desk_page(
    request: Request,
    meeting_id: UUID,
    visitor: Clerk,
    q: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Show the desk."""
    return _page(request, meeting_id, visitor, Form({"q": q}))


@router.get("/count.{kind}")
def sheet(request: Request, meeting_id: UUID, kind: Format, visitor: Clerk) -> Response:
    """Export the counting sheet: who took part, how, and in an open ballot what each chose."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        meeting = meeting_of(connection, meeting_id)
        visitor.require(RUN, meeting.region)
        visitor.require(READ, meeting.region)
        roll = roll_of(connection, meeting.region, meeting.held_on)
    headings = [t(f"meetings.sheet.{name}") for name in ("number", "name", "way", "time", "holder")]
    headings += [f"{each.number}. {each.title}" for each in meeting.items]
    headings.append(t("meetings.sheet.note"))
    return table_file(kind, f"count-{meeting_id}", headings, _sheet_rows(meeting, roll, t))


def _sheet_rows(meeting: Meeting, roll: Roll, t: Callable[[str], str]) -> Iterator[Sequence[str]]:
    counts = {each.number: meeting.counted(each.number) for each in meeting.items}
    for voter in meeting.electors:
        ticket = meeting.tickets.get(voter)
        home = roll.homes.get(meeting.electors[voter])
        chosen = [counts[each.number].votes.get(voter) for each in meeting.items]
        twice = any(vote.voter == voter for each in counts.values() for vote in each.duplicates)
        notes = [t("meetings.duplicate")] if twice else []
        notes += [t("meetings.recused_short")] if voter in meeting.recused else []
        yield (
            home.number if home else "",
            roll.people[voter].name if voter in roll.people else "",
            t(f"meetings.channel.{ticket.channel}") if ticket else "",
            local_time(ticket.at) if ticket else "",
            roll.label(ticket.holder) if ticket and ticket.holder else "",
            *(t(f"meetings.choice.{vote.choice}") if vote else "" for vote in chosen),
            "；".join(notes),
        )


@router.post("/desk/{deed}")
async def desk_deed(request: Request, meeting_id: UUID, deed: str, visitor: Clerk) -> Response:
    """Do one thing at the desk, and come back to it."""
    typed = await request.form(max_files=1, max_fields=60)
    values: dict[str, str] = {}
    photo = b""
    for name, value in typed.multi_items():
        if isinstance(value, UploadFile):
            photo = await value.read(MAX_BYTES + 1)
        else:
            values[name] = value
    return await run_in_threadpool(_done, request, meeting_id, visitor, (deed, values, photo))


def _done(
    request: Request, meeting_id: UUID, visitor: Visitor, sent: tuple[str, dict[str, str], bytes]
) -> Response:
    deed, values, photo = sent
    house, t = house_of(request), words_of(request)
    try:
        with house.store.begin() as work:
            _do(desk_of(request, work, visitor), meeting_id, deed, values, photo)
    except LongmaiError as error:
        return _page(request, meeting_id, visitor, refused(t, error, values), error.status)
    back = f"/assets/meetings/{meeting_id}/desk"
    return RedirectResponse(back if deed != "close" else f"/assets/meetings/{meeting_id}", 303)


def _do(desk: Desk, meeting_id: UUID, deed: str, values: Mapping[str, str], photo: bytes) -> None:
    match deed:
        case "open":
            open_meeting(desk, meeting_id)
        case "cancel":
            cancel(desk, meeting_id, values.get("why", ""))
        case "in":
            holder = values.get("holder", "")
            check_in(
                desk, meeting_id, _id(values, "voter"),
                holder=_id(values, "holder") if holder else None, note=values.get("note", ""),
            )  # fmt: skip
        case "vote":
            vote_named(desk, meeting_id, _id(values, "voter"), _choices(values))
        case "strike":
            strike(desk, meeting_id, _id(values, "vote"), values.get("why", ""))
        case "paper":
            names = (*CHOICES, "spoiled")
            counts = {name: _number(values, name) for name in names}
            count_paper(desk, meeting_id, _number(values, "item"), counts)
        case "close":
            names = ("chair", "recorder", "counters", "discussion")
            close(desk, meeting_id, Closing(*(values.get(name, "") for name in names)))
        case "follow":
            on = day_of(values.get("on", ""), "on")
            follow(desk, meeting_id, values.get("act", ""), on, values.get("note", ""), photo)
        case "revoke":
            on = day_of(values.get("on", ""), "on")
            revoke(desk, meeting_id, _number(values, "item"), on, values.get("document", ""))
        case _:
            raise Invalid("no such thing can be done here", code="assets.meeting.deed", value=deed)


def _page(
    request: Request, meeting_id: UUID, visitor: Visitor, form: Form, status: int = 200
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        meeting = meeting_of(connection, meeting_id)
        visitor.require(RUN, meeting.region)
        view = view_of(house, connection, meeting, t.language)
        roll = roll_of(connection, meeting.region, meeting.held_on)
    found = _found(meeting, roll, form.value("q").strip())
    done = {each.act for each in meeting.follows}
    acts = [each for each in ACTS if each not in done]
    context = DeskContext(
        view=view,
        meeting=meeting,
        form=form,
        search=form.value("q"),
        people=[_row(meeting, roll, each) for each in found[:SHOWN]],
        found=len(found),
        duplicates=list(_left_out(meeting, roll)),
        votes=list(_entered(meeting, roll)),
        tallies={each.number: meeting.tally(each.number) for each in meeting.items},
        acts=[each for each in acts if (each in BEFORE) == (meeting.state in {"called", "open"})],
        steps=steps_of(meeting),
        today=beijing_day(house.clock.now()).isoformat(),
    )
    title = t("meetings.desk")
    trail = (*crumbs(t, meeting.title, f"/assets/meetings/{meeting_id}"), (title, None))
    response = render(
        request, "assets/meeting_desk.html", Page(title, trail, meeting.sample), context, status
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _found(meeting: Meeting, roll: Roll, text: str) -> list[Member]:
    """Return the electors that a text names, those who are not there yet first."""
    people = [roll.people[each] for each in meeting.electors if each in roll.people]
    low = text.lower()
    if text:
        people = [
            each
            for each in people
            if text in each.name
            or text in roll.homes[each.household_id].number
            or initials(each.name).startswith(low)
        ]
    return sorted(people, key=lambda each: each.member_id in meeting.tickets)


def _row(meeting: Meeting, roll: Roll, person: Member) -> PersonRow:
    ticket = meeting.tickets.get(person.member_id)
    home = roll.homes[person.household_id]
    proxies = [
        (str(each.member_id), each.name)
        for each in home.members
        if each.member_id in meeting.electors and each.member_id != person.member_id
    ]
    counts = [(each.number, meeting.counted(each.number).votes) for each in meeting.items]
    return PersonRow(
        person,
        home.number,
        ticket,
        roll.label(ticket.holder) if ticket and ticket.holder else "",
        person.member_id in meeting.recused,
        proxies if "proxy" in meeting.organ.channels else (),
        {
            number: votes[person.member_id].choice
            for number, votes in counts
            if person.member_id in votes
        },
    )


def _left_out(meeting: Meeting, roll: Roll) -> Iterator[Duplicate]:
    for item in meeting.items:
        for vote in meeting.counted(item.number).duplicates:
            name = roll.label(vote.voter)
            yield Duplicate(UUID(int=vote.order), name, item.number, vote.channel, vote.choice)


def _entered(meeting: Meeting, roll: Roll) -> Iterator[Duplicate]:
    for row in reversed(meeting.votes[-SHOWN:]):
        if row.channel != "online":
            yield Duplicate(row.record_id, roll.label(row.voter), row.item, row.channel, row.choice)


def _choices(values: Mapping[str, str]) -> dict[int, str]:
    found = {}
    for name, value in values.items():
        head, _, number = name.partition("_")
        if head == "choice" and number.isdigit():
            found[int(number)] = value
    return found


def _id(values: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(values.get(name, ""))
    except ValueError:
        raise Invalid("choose somebody", code="assets.meeting.who", place=name) from None


def _number(values: Mapping[str, str], name: str) -> int:
    text = values.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit()):
        raise Invalid("this is no number", code="assets.meeting.number", place=name, value=text)
    return int(text or 0)
