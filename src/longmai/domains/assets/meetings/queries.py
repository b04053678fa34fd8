"""Reads of meetings: the list, one meeting with all that happened, decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, or_, select

from longmai.domains.assets.meetings.counting import CHOICES, Counted, Vote, counted
from longmai.domains.assets.meetings.law import Matter, Organ, matter_of, organ_of
from longmai.domains.assets.meetings.tables import (
    BOX,
    DECISION,
    DEED,
    FOLLOW,
    MEETING,
    PAPER,
    STRUCK,
    TICKET,
    VOTE,
)
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window


@dataclass(frozen=True)
class Item:
    """Something to decide: ``number`` counts from 1."""

    number: int
    matter: Matter
    title: str
    text: str
    refers: str


@dataclass(frozen=True)
class Decided:
    """What came of an item."""

    record_id: UUID
    meeting_id: UUID
    item: int
    region: str
    matter: str
    refers: str
    passed: bool
    made_on: date
    tallies: Mapping[str, int]
    decision: Mapping[str, Any]
    revoked: bool


@dataclass(frozen=True)
class Follow:
    """A step, a posting, a challenge or a revocation."""

    record_id: UUID
    item: int
    act: str
    on_day: date
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Meeting:
    """A meeting with what happened in it, but no ballots of a secret vote.

    Attributes:
        electors: household of each who may vote, frozen at the opening; empty before.
        recused: of them, who may not, because of an interest of theirs or of kin.
        tickets: who took part, by voter.
        votes: of an open ballot, those struck out left aside.
        papers: the newest count of paper ballots, by item.
        closing: what was said at the end: chair, recorder, counters, discussion, box.
    """

    record_id: UUID
    meeting_id: UUID
    region: str
    organ: Organ
    title: str
    place: str
    noticed_on: date
    held_on: date
    starts: str
    secret: bool
    rule: str
    sample: bool
    items: tuple[Item, ...]
    interested: tuple[UUID, ...]
    electors: Mapping[UUID, UUID]
    recused: frozenset[UUID]
    figures: Mapping[str, Any]
    tickets: Mapping[UUID, Row[Any]]
    votes: tuple[Row[Any], ...]
    papers: Mapping[int, Row[Any]]
    boxed: int
    deeds: Mapping[str, Row[Any]]
    decisions: Mapping[int, Decided]
    follows: tuple[Follow, ...]

    @property
    def state(self) -> str:
        """Return ``called``, ``open``, ``closed`` or ``cancelled``."""
        if "cancelled" in self.deeds:
            return "cancelled"
        if "closed" in self.deeds:
            return "closed"
        return "open" if "opened" in self.deeds else "called"

    @property
    def opened_at(self) -> datetime | None:
        """Return when it was opened."""
        found = self.deeds.get("opened")
        return found.at if found else None

    @property
    def closing(self) -> Mapping[str, Any]:
        """Return what was said at the end."""
        found = self.deeds.get("closed")
        return found.told if found else {}

    @property
    def papers_out(self) -> int:
        """Return how many paper ballots were given out in a secret vote."""
        return sum(
            each.channel != "online" and voter not in self.recused
            for voter, each in self.tickets.items()
        )

    @cached_property
    def by_channel(self) -> dict[str, int]:
        """Return how many took part in which way."""
        found = dict.fromkeys(("paper", "online", "proxy"), 0)
        for each in self.tickets.values():
            found[each.channel] += 1
        return found

    def counted(self, item: int) -> Counted:
        """Count the votes of an open ballot on an item."""
        votes = [
            Vote(row.record_id.int, row.voter, row.channel, row.choice)
            for row in self.votes
            if row.item == item
        ]
        return counted(votes, self.rule, self.electors, self.recused)

    def tally(self, item: int, box: Sequence[Mapping[str, str]] = ()) -> dict[str, int]:
        """Return how many chose what on an item.

        Args:
            item: its number.
            box: the secret online ballots.
        """
        if not self.secret:
            return self.counted(item).tally
        paper = self.papers.get(item)
        return {
            name: (getattr(paper, name) if paper else 0)
            + sum(each.get(str(item)) == name for each in box)
            for name in CHOICES
        }

    def follow(self, act: str, item: int = 0) -> Follow | None:
        """Return the newest step of a kind, of the meeting or of an item."""
        found = [each for each in self.follows if each.act == act and each.item in {0, item}]
        return found[-1] if found else None


SORTS = {"held": MEETING.c.held_on, "title": MEETING.c.title}


def meetings(
    connection: Connection, text: str, window: Window, region: str = ""
) -> tuple[int, list[Row[Any]]]:
    """Return how many meetings are found, and a window of them, for ``state_of``."""
    deeds = (
        select(DEED.c.meeting_id, func.min(DEED.c.deed).label("ended"))
        .group_by(DEED.c.meeting_id)
        .subquery()
    )
    query = select(MEETING, deeds.c.ended).outerjoin(
        deeds, deeds.c.meeting_id == MEETING.c.meeting_id
    )
    if region:
        query = query.where(MEETING.c.region.startswith(region))
    if text:
        query = query.where(
            or_(MEETING.c.title.contains(text, autoescape=True), MEETING.c.region.startswith(text))
        )
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    return total, list(connection.execute(window.of(query, SORTS, MEETING.c.record_id)))


def state_of(deed: str | None) -> str:
    """Return the state of a row of ``meetings``: of its deeds the first in the alphabet's order."""
    return {"opened": "open", "closed": "closed", "cancelled": "cancelled"}.get(
        deed or "", "called"
    )


def meeting_of(connection: Connection, meeting_id: UUID) -> Meeting:
    """Return a meeting.

    Raises:
        NotFound: there is none.
    """
    run = connection.execute
    row = run(select(MEETING).where(MEETING.c.meeting_id == meeting_id)).one_or_none()
    if row is None:
        raise NotFound("no such meeting", code="assets.meeting", value=str(meeting_id))
    deeds = {each.deed: each for each in run(select(DEED).where(DEED.c.meeting_id == meeting_id))}
    opened = deeds["opened"].told if "opened" in deeds else {}
    struck = select(STRUCK.c.vote_id)
    votes = (
        select(VOTE)
        .where(VOTE.c.meeting_id == meeting_id, VOTE.c.record_id.not_in(struck))
        .order_by(VOTE.c.record_id)
    )
    papers = select(PAPER).where(PAPER.c.meeting_id == meeting_id).order_by(PAPER.c.version)
    tickets = select(TICKET).where(TICKET.c.meeting_id == meeting_id).order_by(TICKET.c.record_id)
    boxed = select(func.count()).select_from(BOX).where(BOX.c.meeting_id == meeting_id)
    return Meeting(
        **{
            name: getattr(row, name)
            for name in (
                "record_id", "meeting_id", "region", "title", "place", "noticed_on", "held_on",
                "starts", "secret", "rule", "sample",
            )
        },
        organ=organ_of(row.organ),
        items=tuple(_item(number, told) for number, told in enumerate(row.items, 1)),
        interested=tuple(map(UUID, row.interested)),
        electors={UUID(one): UUID(home) for one, home in opened.get("electors", ())},
        recused=frozenset(map(UUID, opened.get("recused", ()))),
        figures=opened.get("figures", {}),
        tickets={each.voter: each for each in run(tickets)},
        votes=tuple(run(votes)),
        papers={each.item: each for each in run(papers)},
        boxed=connection.scalar(boxed) or 0,
        deeds=deeds,
        decisions={each.item: each for each in decisions(connection, meeting_id)},
        follows=_follows(connection, meeting_id),
    )  # fmt: skip


def _item(number: int, told: Mapping[str, Any]) -> Item:
    return Item(number, matter_of(told["matter"]), told["title"], told["text"], told["refers"])


def _follows(connection: Connection, meeting_id: UUID) -> tuple[Follow, ...]:
    query = select(FOLLOW).where(FOLLOW.c.meeting_id == meeting_id).order_by(FOLLOW.c.record_id)
    return tuple(
        Follow(row.record_id, row.item, row.act, row.on_day, row.told)
        for row in connection.execute(query)
    )


def decisions(connection: Connection, meeting_id: UUID) -> list[Decided]:
    """Return the decisions of a meeting, by item."""
    query = select(DECISION).where(DECISION.c.meeting_id == meeting_id).order_by(DECISION.c.item)
    return [_decided(connection, row) for row in connection.execute(query)]


def decision_of(connection: Connection, record_id: UUID) -> Decided:
    """Return a decision by its record.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(
        select(DECISION).where(DECISION.c.record_id == record_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such decision", code="assets.decision", value=str(record_id))
    return _decided(connection, row)


def decisions_about(connection: Connection, refers: str) -> list[Decided]:
    """Return what was decided about a thing, newest first."""
    query = select(DECISION).where(DECISION.c.refers == refers)
    rows = connection.execute(query.order_by(DECISION.c.record_id.desc()))
    return [_decided(connection, row) for row in rows]


def open_meetings(connection: Connection, regions: Sequence[str]) -> list[Row[Any]]:
    """Return the meetings of villages that are open now."""
    closed = select(DEED.c.meeting_id).where(DEED.c.deed.in_(("closed", "cancelled")))
    opened = select(DEED.c.meeting_id).where(DEED.c.deed == "opened")
    query = select(MEETING).where(
        MEETING.c.region.in_(regions),
        MEETING.c.meeting_id.in_(opened),
        MEETING.c.meeting_id.not_in(closed),
    )
    return list(connection.execute(query.order_by(MEETING.c.held_on)))


def calling(connection: Connection, scope: Scope, since: date) -> list[Row[Any]]:
    """Return the meetings of a scope that were called and not ended, from a day on."""
    ended = select(DEED.c.meeting_id).where(DEED.c.deed.in_(("closed", "cancelled")))
    query = select(MEETING).where(
        scope.rows(MEETING.c.region), MEETING.c.held_on >= since, MEETING.c.meeting_id.not_in(ended)
    )
    return list(connection.execute(query.order_by(MEETING.c.held_on).limit(20)))


def _decided(connection: Connection, row: Row[Any]) -> Decided:
    revoked = select(FOLLOW.c.record_id).where(
        FOLLOW.c.meeting_id == row.meeting_id,
        FOLLOW.c.item == row.item,
        FOLLOW.c.act == "revoked",
    )
    names = (
        "record_id", "meeting_id", "item", "region", "matter", "refers", "passed", "made_on",
        "tallies", "decision",
    )  # fmt: skip
    return Decided(
        **{name: getattr(row, name) for name in names},
        revoked=connection.execute(revoked).first() is not None,
    )
