"""Meetings over HTTP: read one, vote, let somebody in."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from longmai.domains.assets.meetings.convening import RUN
from longmai.domains.assets.meetings.law import matters
from longmai.domains.assets.meetings.queries import meeting_of, meetings, state_of
from longmai.domains.assets.meetings.service import VOTE, check_in, vote_online
from longmai.domains.assets.meetings.views import view_of
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.members.queries import seat_in
from longmai.portal.house import House, house_of
from longmai.portal.language import language_of
from longmai.portal.rights.gates import OPEN, needs
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.explanation import Reason
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/assets/meetings", tags=["assets"])


class MeetingItem(BaseModel):
    """A meeting in the list; `state` is called, open, closed or cancelled."""

    id: UUID
    title: str
    region: str
    organ: str
    held_on: date
    state: str


class MeetingList(BaseModel):
    """A page of meetings."""

    total: int
    meetings: list[MeetingItem]


class ClauseItem(BaseModel):
    """A clause of the law with what was compared."""

    name: str
    clause: str
    state: str
    sentences: list[str]


class AgendaItem(BaseModel):
    """Something to decide. `tallies` and `decision_record` are there once it was decided."""

    number: int
    matter: str
    article: str
    title: str
    clauses: list[ClauseItem]
    passed: bool | None
    tallies: dict[str, int] | None
    decision_record: UUID | None


class MeetingDetail(MeetingItem):
    """A meeting with its quorum and its items."""

    law: str
    secret: bool
    electors: int
    present: int
    items: list[AgendaItem]


class MatterItem(BaseModel):
    """A kind of matter, its law and article, and who may be asked."""

    key: str
    law: str
    name: str
    article: str
    organs: list[str]
    confirmed: bool


class VoteCast(BaseModel):
    """Choices by the number of the item: agree, against or abstain."""

    choices: dict[int, str]


class VoteTaken(BaseModel):
    """`receipt` names a secret ballot in the list that is published at the end."""

    receipt: str


class Arrival(BaseModel):
    """Who takes part; with `holder`, by written proxy, which `note` says where it lies."""

    voter: UUID
    holder: UUID | None = None
    note: str = Field(default="", max_length=200)


@router.get("", dependencies=[OPEN])
def list_meetings(
    request: Request,
    q: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MeetingList:
    """List meetings, newest first."""
    with house_of(request).store.read() as connection:
        total, rows = meetings(connection, q, Window("held", (page - 1) * size, size), region)
    found = [MeetingItem(**_row(row, state_of(row.ended))) for row in rows]
    return MeetingList(total=total, meetings=found)


@router.get("/matters", dependencies=[OPEN])
def list_matters(request: Request) -> list[MatterItem]:
    """List the matters with the law each falls under."""
    language = language_of(request)
    return [
        MatterItem(
            key=each.key,
            law=each.law,
            name=each.name(language),
            article=each.clause(language),
            organs=list(each.organs),
            confirmed=each.status == "read",
        )
        for each in matters().values()
    ]


@router.get("/{meeting_id}", dependencies=[OPEN])
def read_meeting(request: Request, meeting_id: UUID) -> MeetingDetail:
    """Return a meeting, with the law clause by clause."""
    house = house_of(request)
    with house.store.read() as connection:
        return MeetingDetail(**detail_of(house, connection, meeting_id, language_of(request)))


@router.post("/{meeting_id}/votes")
def cast_vote(
    request: Request, meeting_id: UUID, cast: VoteCast, visitor: Annotated[Visitor, needs(VOTE)]
) -> VoteTaken:
    """Vote online, for yourself, once."""
    with house_of(request).store.begin() as work:
        meeting = meeting_of(work.connection, meeting_id)
        seat = seat_in(work.connection, visitor.login, meeting.region)
        desk = desk_of(request, work, visitor)
        return VoteTaken(receipt=vote_online(desk, meeting_id, seat.member_id, cast.choices))


@router.post("/{meeting_id}/attendance")
def let_in(
    request: Request, meeting_id: UUID, arrival: Arrival, visitor: Annotated[Visitor, needs(RUN)]
) -> dict[str, UUID]:
    """Let somebody in, in person or by written proxy; return the record."""
    with house_of(request).store.begin() as work:
        desk = desk_of(request, work, visitor)
        record = check_in(desk, meeting_id, arrival.voter, holder=arrival.holder, note=arrival.note)
    return {"record_id": record}


def detail_of(
    house: House, connection: Connection, meeting_id: UUID, language: str
) -> Mapping[str, Any]:
    """Return a meeting as the API and the command line tell it."""
    meeting = meeting_of(connection, meeting_id)
    view = view_of(house, connection, meeting, language)
    return {
        "id": meeting.meeting_id,
        "title": meeting.title,
        "region": meeting.region,
        "organ": meeting.organ.key,
        "held_on": meeting.held_on,
        "state": meeting.state,
        "law": meeting.organ.law,
        "secret": meeting.secret,
        "electors": view.electors,
        "present": view.present,
        "items": [
            {
                "number": each.item.number,
                "matter": each.item.matter.key,
                "article": each.item.matter.clause(language),
                "title": each.item.title,
                "clauses": [_clause(reason) for reason in each.told.reasons],
                "passed": each.decided.passed if each.decided else None,
                "tallies": dict(each.decided.tallies) if each.decided else None,
                "decision_record": each.decided.record_id if each.decided else None,
            }
            for each in view.items
        ],
    }


def _clause(reason: Reason) -> dict[str, Any]:
    sentences = [*reason.sentences, *(text for part in reason.parts for text in part.sentences)]
    return {
        "name": reason.name,
        "clause": reason.clause,
        "state": reason.state.value,
        "sentences": sentences,
    }


def _row(row: Any, state: str) -> dict[str, Any]:
    names = ("title", "region", "organ", "held_on")
    return {"id": row.meeting_id, "state": state} | {name: getattr(row, name) for name in names}
