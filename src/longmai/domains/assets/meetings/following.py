"""What comes before and after a decision: 四议两公开, posting, challenge, revocation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from longmai.domains.assets.meetings.convening import RUN
from longmai.domains.assets.meetings.queries import Decided, Meeting, meeting_of
from longmai.domains.assets.meetings.service import VOTE
from longmai.domains.assets.meetings.tables import FOLLOW_KIND
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register.photos import keep_picture, read_picture
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.rules.feel.temporal import Date
from longmai.rules.policy.evaluation import State, evaluate
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.library import Library

BEFORE = ("proposed", "consulted", "reviewed")
"""支部提议, 两委商议, 党员大会审议; then the meeting decides, and two publications follow."""
STEPS = (*BEFORE, "resolved", "posted", "result_posted")
ACTS = (*BEFORE, "posted", "taken_down", "result_posted")
_NOTICE = "assets.public-notice"
_POSTED_LONG_ENOUGH = "张贴满十五天"
_REVOCATION = "assets.decision-revocation"


@dataclass(frozen=True)
class Step:
    """A step of 四议两公开: the day it was done; None: not yet."""

    name: str
    on_day: date | None


@dataclass(frozen=True)
class Window:
    """Until when a decision can be contested.

    Attributes:
        last: the day after which nobody can.
        known_last: the last day for who knew of it on the day it was made.
    """

    last: date
    known_last: date


def follow(
    desk: Desk, meeting_id: UUID, act: str, on: date, note: str, photo: bytes = b"", item: int = 0
) -> UUID:
    """Record a step or a posting; postings come with a photograph.

    Args:
        desk: of the clerk.
        meeting_id: the meeting.
        act: one of ``ACTS``.
        on: its day; not in the future.
        note: who, where.
        photo: JPEG, PNG or WebP.
        item: which it is about; 0: all.

    Raises:
        Conflict: before the step that comes first, or done before.
        Invalid: no such step, a day in the future, a posting without photograph.
    """
    meeting = meeting_of(desk.work.connection, meeting_id)
    desk.visitor.require(RUN, meeting.region)
    if act not in ACTS:
        raise Invalid("no such step", code="assets.follow.act", place="act", value=act)
    if on > desk.today:
        raise Invalid("this day is still to come", code="assets.follow.day", place="on")
    _check_order(meeting, act, on)
    if act in {"posted", "taken_down"} and not photo:
        raise Invalid(
            "a posting is shown by a photograph", code="assets.follow.photo", place="photo"
        )
    told = {"note": note.strip(), "photo": _keep(desk, photo) if photo else ""}
    return _follow(desk, meeting, item, act, on, told)


def _check_order(meeting: Meeting, act: str, on: date) -> None:
    done = {each.act: each.on_day for each in meeting.follows}
    if act in done:
        raise Conflict("this step was recorded before", code="assets.follow.done", value=act)
    if act in BEFORE:
        earlier = BEFORE[: BEFORE.index(act)]
        missing = [each for each in earlier if each not in done or done[each] > on]
        if missing or on > meeting.held_on:
            raise Conflict("a step comes out of its order", code="assets.follow.order", value=act)
    elif meeting.state != "closed":
        raise Conflict("nothing was decided yet", code="assets.follow.undecided", value=act)
    elif act == "taken_down" and ("posted" not in done or done["posted"] > on):
        raise Conflict("it was not posted before", code="assets.follow.unposted", value=act)


def challenge(
    desk: Desk, meeting_id: UUID, item: int, member: UUID, knew_on: date, why: str
) -> UUID:
    """Record that a member asks a court to revoke a decision, if the time has not run out.

    Raises:
        Conflict: the time has run out, with article and days.
    """
    meeting, decided = _decided(desk, meeting_id, item)
    if not desk.visitor.may(RUN, meeting.region):
        desk.visitor.require(VOTE, meeting.region)
    if not why.strip():
        raise Invalid("this must not be empty", code="assets.meeting.text", place="why")
    given = {"决定日期": decided.made_on, "知悉日期": knew_on, "请求日期": desk.today}
    plain = {name: day.isoformat() for name, day in given.items()}
    policy, case = desk.policies.case(_REVOCATION, plain, decided.made_on, meeting.region)
    broken = [
        each for each in explain(evaluate(policy, case)).reasons if each.state is State.NOT_MET
    ]
    if broken:
        said = "；".join(f"{each.clause}：{'，'.join(each.sentences)}" for each in broken)
        raise Conflict("the time has run out", code="assets.follow.late", place=said)
    told = {"member": str(member), "knew_on": knew_on.isoformat(), "why": why.strip()}
    return _follow(desk, meeting, item, "challenged", desk.today, told)


def revoke(desk: Desk, meeting_id: UUID, item: int, on: date, document: str) -> UUID:
    """Record that a court revoked a decision.

    Raises:
        Invalid: no judgment is named.
    """
    meeting, decided = _decided(desk, meeting_id, item)
    desk.visitor.require(RUN, meeting.region)
    if not document.strip():
        raise Invalid("name the judgment", code="assets.meeting.text", place="document")
    if decided.revoked:
        raise Conflict("this step was recorded before", code="assets.follow.done", value="revoked")
    return _follow(desk, meeting, item, "revoked", on, {"document": document.strip()})


def steps_of(meeting: Meeting) -> tuple[Step, ...]:
    """Return the steps of 四议两公开 with their days."""
    days = {each.act: each.on_day for each in meeting.follows}
    if meeting.decisions:
        days["resolved"] = next(iter(meeting.decisions.values())).made_on
    return tuple(Step(name, days.get(name)) for name in STEPS)


def posting_of(library: Library, meeting: Meeting, today: date, language: str) -> Reason | None:
    """Judge how long a decision was posted; None where it was not yet.

    While it hangs, today counts as its last day.
    """
    up, down = meeting.follow("posted"), meeting.follow("taken_down")
    if up is None:
        return None
    given = {
        "张贴日期": up.on_day.isoformat(),
        "撤下日期": (down.on_day if down else today).isoformat(),
    }
    policy, case = library.case(_NOTICE, given, up.on_day, meeting.region)
    reasons = explain(evaluate(policy, case), language).reasons
    named = {each.name: each.id for each in policy.conditions}
    return next(each for each in reasons if each.id == named[_POSTED_LONG_ENOUGH])


def window_of(library: Library, decided: Decided) -> Window:
    """Return until when a decision can be contested."""
    day = decided.made_on.isoformat()
    given = {"决定日期": day, "知悉日期": day}
    policy, case = library.case(_REVOCATION, given, decided.made_on, decided.region)
    values = evaluate(policy, case).values

    def read(name: str) -> date:
        found = values[name]
        if not isinstance(found, Date):
            raise TypeError(f"{name} is no date")
        return date.fromisoformat(str(found))

    return Window(read("最晚截止日"), read("知悉后截止日"))


def _keep(desk: Desk, photo: bytes) -> str:
    picture = read_picture(photo)
    keep_picture(desk, picture)
    return picture.digest


def _decided(desk: Desk, meeting_id: UUID, item: int) -> tuple[Meeting, Decided]:
    meeting = meeting_of(desk.work.connection, meeting_id)
    if item not in meeting.decisions:
        raise NotFound("nothing was decided", code="assets.decision", value=item)
    return meeting, meeting.decisions[item]


def _follow(
    desk: Desk, meeting: Meeting, item: int, act: str, on: date, told: Mapping[str, Any]
) -> UUID:
    content = {
        "meeting": str(meeting.meeting_id), "item": item, "act": act, "on": on.isoformat(),
        "told": dict(told),
    }  # fmt: skip
    return desk.record(FOLLOW_KIND, [f"meeting:{meeting.meeting_id}"], meeting.region, content)
