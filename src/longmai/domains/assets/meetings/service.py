"""Use-cases of meetings: open, take part, vote, count, close. They never commit."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from longmai.domains.assets.meetings.convening import RUN, electors_of
from longmai.domains.assets.meetings.counting import CHOICES
from longmai.domains.assets.meetings.law import (
    Figures,
    figures_of,
    judge,
    refuse_if_broken,
)
from longmai.domains.assets.meetings.queries import Meeting, meeting_of
from longmai.domains.assets.meetings.tables import (
    BOX,
    DECISION_KIND,
    DEED_KIND,
    PAPER_KIND,
    STRUCK_KIND,
    TICKET_KIND,
    VOTE_KIND,
)
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.members.service import Desk
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.rules.policy.evaluation import Decision, State
from longmai.rules.policy.record import record_of

VOTE = "assets.vote"


@dataclass(frozen=True)
class Closing:
    """What is said at the end of a meeting."""

    chair: str
    recorder: str
    counters: str
    discussion: str = ""


def cancel(desk: Desk, meeting_id: UUID, why: str) -> UUID:
    """Call a meeting off; one that was opened can be called off, too, with its votes."""
    meeting = _running(desk, meeting_id, "called", "open")
    return _deed(desk, meeting, "cancelled", {"why": _said(why, "why")})


def open_meeting(desk: Desk, meeting_id: UUID) -> UUID:
    """Open a meeting on its day: who may vote stands from now on.

    Raises:
        Conflict: it is not its day, or the law refuses it by the roll of the day.
    """
    meeting = _running(desk, meeting_id, "called")
    if desk.today != meeting.held_on:
        raise Conflict(
            "a meeting is opened on its day", code="assets.meeting.day",
            value=meeting.held_on.isoformat(), mend="call a new one if the day was missed",
        )  # fmt: skip
    roll = roll_of(desk.work.connection, meeting.region, meeting.held_on)
    electors = electors_of(roll, meeting.organ)
    for item in meeting.items:
        figures = figures_of(roll, meeting.organ, item.matter, meeting.noticed_on)
        decision = judge(desk.policies, meeting.organ, figures, meeting.region)
        refuse_if_broken(decision, item.matter, meeting.organ)
    barred = set(meeting.interested).union(*map(roll.kin_of, meeting.interested))
    told = {
        "electors": [[str(one), str(home)] for one, home in electors.items()],
        "recused": sorted(str(each) for each in barred & set(electors)),
        "figures": _plain(figures),
    }
    return _deed(desk, meeting, "opened", told)


def figures_now(meeting: Meeting, item: int, agree: int | None = None) -> Figures:
    """Return the figures of an open meeting on an item, as far as they are known."""
    told = dict(meeting.figures)
    told["noticed_on"], told["held_on"] = meeting.noticed_on, meeting.held_on
    found = Figures(**told)
    return replace(
        found,
        matter=meeting.items[item - 1].matter.kind,
        present=len(meeting.tickets),
        agree=agree,
        # Votes of who is recused are never counted.
        unrecused=False,
    )


def _plain(figures: Figures) -> dict[str, Any]:
    left_out = ("noticed_on", "held_on", "present", "agree", "unrecused")
    return {name: value for name, value in vars(figures).items() if name not in left_out}


def check_in(
    desk: Desk,
    meeting_id: UUID,
    voter: UUID,
    *,
    holder: UUID | None = None,
    note: str = "",
) -> UUID:
    """Let somebody in, or their written proxy; of a secret vote they are given a ballot.

    Args:
        desk: of the clerk.
        meeting_id: the meeting.
        voter: who takes part, in person or by proxy.
        holder: who brings the written proxy; None: the person came.
        note: number or place of the proxy's paper.

    Raises:
        Conflict: the person takes part already, in whatever way.
        Forbidden: not entitled, or the law or the household does not allow the proxy.
    """
    meeting = _running(desk, meeting_id, "open")
    _entitled(meeting, voter)
    if holder is not None:
        _check_proxy(meeting, voter, holder, note)
    taken = meeting.tickets.get(voter)
    if taken is not None:
        raise Conflict(
            "this person takes part already", code=f"assets.meeting.twice_{taken.channel}",
            value=taken.channel,
        )  # fmt: skip
    channel = "paper" if holder is None else "proxy"
    return _ticket(desk, meeting, voter, channel, holder, note)


def vote_named(
    desk: Desk, meeting_id: UUID, voter: UUID, choices: Mapping[int, str], channel: str = "paper"
) -> None:
    """Enter what somebody chose in an open ballot; a later one is kept as a duplicate.

    Raises:
        Conflict: the ballot is secret, or the person is not there.
        Invalid: a choice is missing or unknown.
    """
    meeting = _running(desk, meeting_id, "open")
    if meeting.secret:
        raise Conflict("the ballot is secret: enter counts", code="assets.meeting.secret")
    _entitled(meeting, voter)
    _check_choices(meeting, choices)
    ticket = meeting.tickets.get(voter)
    if ticket is None:
        raise Conflict("this person was not let in yet", code="assets.meeting.not_in")
    if channel == "paper" and ticket.channel == "proxy":
        channel = "proxy"
    _votes(desk, meeting, voter, choices, channel)


def vote_online(desk: Desk, meeting_id: UUID, voter: UUID, choices: Mapping[int, str]) -> str:
    """Vote from a phone, for oneself; return the receipt of a secret ballot, else nothing.

    Raises:
        Forbidden: not entitled, recused, or this body does not vote online.
        Conflict: the person takes part already.
    """
    meeting = meeting_of(desk.work.connection, meeting_id)
    desk.visitor.require(VOTE, meeting.region)
    _refuse_unless(meeting, "open")
    if "online" not in meeting.organ.channels:
        raise Forbidden(
            "the law of this body does not know online votes", code="assets.meeting.online",
            value=meeting.organ.key, mend="come to the meeting",
        )  # fmt: skip
    _entitled(meeting, voter)
    if voter in meeting.recused:
        raise Forbidden("you have an interest, or your kin has", code="assets.meeting.recused")
    _check_choices(meeting, choices)
    if voter in meeting.tickets:
        raise Conflict("you take part already", code="assets.meeting.voted")
    _ticket(desk, meeting, voter, "online", None, "")
    if not meeting.secret:
        _votes(desk, meeting, voter, choices, "online")
        return ""
    receipt = secrets.token_hex(8)
    row = {"receipt": receipt, "meeting_id": meeting_id}
    told = {str(number): choice for number, choice in choices.items()}
    desk.work.connection.execute(insert(BOX).values(choices=told, **row))
    return receipt


def strike(desk: Desk, meeting_id: UUID, vote_id: UUID, why: str) -> UUID:
    """Strike out a vote that was entered wrongly; the record stays, and the reason."""
    meeting = _running(desk, meeting_id, "open")
    if vote_id not in {each.record_id for each in meeting.votes}:
        raise NotFound("no such vote", code="assets.meeting.vote", value=str(vote_id))
    told = {"vote": str(vote_id), "why": _said(why, "why")}
    return desk.record(STRUCK_KIND, [f"meeting:{meeting_id}"], meeting.region, told)


def count_paper(desk: Desk, meeting_id: UUID, item: int, counts: Mapping[str, int]) -> UUID:
    """Enter the count of the paper box of a secret vote; a new count replaces the last.

    Raises:
        Invalid: negative, or more than were given out, with the arithmetic.
    """
    meeting = _running(desk, meeting_id, "open")
    if not meeting.secret:
        raise Conflict("the ballot is open: enter votes", code="assets.meeting.open_ballot")
    if not 1 <= item <= len(meeting.items):
        raise NotFound("no such item", code="assets.meeting.item", value=item)
    names = (*CHOICES, "spoiled")
    found = {name: counts.get(name, 0) for name in names}
    if min(found.values()) < 0 or sum(found.values()) > meeting.papers_out:
        raise Invalid(
            "more ballots than were given out, or fewer than none",
            code="assets.meeting.papers",
            place=f"{' + '.join(str(each) for each in found.values())} = {sum(found.values())}"
            f" > {meeting.papers_out}",
            mend="count again",
        )
    before = meeting.papers.get(item)
    told = {
        "meeting": str(meeting_id), "item": item, "version": before.version + 1 if before else 1,
    }  # fmt: skip
    return desk.record(PAPER_KIND, [f"meeting:{meeting_id}"], meeting.region, told | found)


def close(desk: Desk, meeting_id: UUID, closing: Closing) -> list[UUID]:
    """End the voting, count, and record each decision; return their records.

    Raises:
        Conflict: the paper box of a secret vote was not counted.
    """
    meeting = _running(desk, meeting_id, "open")
    for name in ("chair", "recorder", "counters"):
        _said(getattr(closing, name), name)
    if meeting.secret and meeting.papers_out:
        missing = [each.number for each in meeting.items if each.number not in meeting.papers]
        if missing:
            raise Conflict(
                "the paper ballots were not counted yet", code="assets.meeting.uncounted",
                value=missing,
            )  # fmt: skip
    box = _emptied(desk, meeting)
    told = {**vars(closing), "box": box, "channels": meeting.by_channel}
    _deed(desk, meeting, "closed", told)
    choices = [each["choices"] for each in box]
    return desk.record_all(
        [_decision_act(desk, meeting, each.number, choices) for each in meeting.items]
    )


def decide(desk: Desk, meeting: Meeting, item: int, box: Sequence[Mapping[str, str]]) -> Decision:
    """Judge an item by what was counted."""
    figures = figures_now(meeting, item, meeting.tally(item, box)["agree"])
    return judge(desk.policies, meeting.organ, figures, meeting.region)


def _decision_act(
    desk: Desk, meeting: Meeting, number: int, box: Sequence[Mapping[str, str]]
) -> tuple[str, Sequence[str], str, dict[str, Any]]:
    item = meeting.items[number - 1]
    decision = decide(desk, meeting, number, box)
    paper = meeting.papers.get(number)
    tallies = {
        **meeting.tally(number, box),
        "spoiled": paper.spoiled if paper else 0,
        "present": len(meeting.tickets),
        "electors": len(meeting.electors),
        "duplicates": 0 if meeting.secret else len(meeting.counted(number).duplicates),
        "recused": len(meeting.recused),
    }
    told = {
        "meeting": str(meeting.meeting_id),
        "item": number,
        "title": item.title,
        "organ": meeting.organ.key,
        "matter": item.matter.key,
        "article": item.matter.article,
        "refers": item.refers,
        "passed": decision.state is State.MET,
        "made_on": desk.today.isoformat(),
        "tallies": tallies,
        "decision": record_of(decision),
    }
    subjects = [f"meeting:{meeting.meeting_id}", *filter(None, [item.refers])]
    return DECISION_KIND, subjects, meeting.region, told


def _emptied(desk: Desk, meeting: Meeting) -> list[dict[str, Any]]:
    """Empty the box into the closing record, sorted by receipts, so that no order is left.

    Raises:
        Conflict: it holds not as many ballots as people voted online.
    """
    if not meeting.secret:
        return []
    run = desk.work.connection.execute
    here = BOX.c.meeting_id == meeting.meeting_id
    found = [
        {"receipt": row.receipt, "choices": row.choices}
        for row in run(select(BOX).where(here).order_by(BOX.c.receipt))
    ]
    if len(found) != meeting.by_channel["online"]:
        raise Conflict(
            "the box does not hold as many ballots as people voted online",
            code="assets.meeting.box",
            value=f"{len(found)} ≠ {meeting.by_channel['online']}",
            mend="stop, and have the audit look at the database",
        )
    run(delete(BOX).where(here))
    return found


def _check_choices(meeting: Meeting, choices: Mapping[int, str]) -> None:
    for each in meeting.items:
        if choices.get(each.number) not in CHOICES:
            raise Invalid(
                "choose one for each item", code="assets.meeting.choice",
                place=f"item {each.number}", value=choices.get(each.number),
            )  # fmt: skip


def _entitled(meeting: Meeting, voter: UUID) -> None:
    if voter not in meeting.electors:
        raise Forbidden(
            "this person does not vote in this body", code="assets.meeting.no_elector",
            value=str(voter), mend="the roll of the day of the meeting counts",
        )  # fmt: skip


def _check_proxy(meeting: Meeting, voter: UUID, holder: UUID, note: str) -> None:
    if "proxy" not in meeting.organ.channels:
        raise Forbidden(
            "the law of this body does not know proxies", code="assets.meeting.proxy",
            value=meeting.organ.key, mend="the person comes, or does not vote",
        )  # fmt: skip
    if holder == voter or meeting.electors.get(holder) != meeting.electors[voter]:
        raise Forbidden(
            "a proxy is a member with full capacity of the same household",
            code="assets.meeting.proxy_household", value=str(holder),
        )  # fmt: skip
    if not note.strip():
        raise Invalid("a proxy is written: say where it lies", code="assets.meeting.proxy_written",
                      place="note")  # fmt: skip


def _ticket(
    desk: Desk, meeting: Meeting, voter: UUID, channel: str, holder: UUID | None, note: str
) -> UUID:
    told = {
        "meeting": str(meeting.meeting_id),
        "voter": str(voter),
        "channel": channel,
        "holder": str(holder) if holder else None,
        "note": note,
    }
    return desk.record(TICKET_KIND, [f"meeting:{meeting.meeting_id}"], meeting.region, told)


def _votes(
    desk: Desk, meeting: Meeting, voter: UUID, choices: Mapping[int, str], channel: str
) -> None:
    own = {"meeting": str(meeting.meeting_id), "voter": str(voter), "channel": channel}
    subjects = [f"meeting:{meeting.meeting_id}"]
    desk.record_all(
        [
            (VOTE_KIND, subjects, meeting.region, own | {"item": number, "choice": choice})
            for number, choice in sorted(choices.items())
        ]
    )


def _deed(desk: Desk, meeting: Meeting, deed: str, told: Mapping[str, Any]) -> UUID:
    content = {"meeting": str(meeting.meeting_id), "deed": deed, "told": dict(told)}
    return desk.record(DEED_KIND, [f"meeting:{meeting.meeting_id}"], meeting.region, content)


def _running(desk: Desk, meeting_id: UUID, *states: str) -> Meeting:
    meeting = meeting_of(desk.work.connection, meeting_id)
    desk.visitor.require(RUN, meeting.region)
    _refuse_unless(meeting, *states)
    return meeting


def _refuse_unless(meeting: Meeting, *states: str) -> None:
    if meeting.state not in states:
        raise Conflict(
            f"the meeting is {meeting.state}", code=f"assets.meeting.is_{meeting.state}",
            value=meeting.state,
        )  # fmt: skip


def _said(text: str, place: str) -> str:
    if not text.strip():
        raise Invalid("this must not be empty", code="assets.meeting.text", place=place)
    return text.strip()
