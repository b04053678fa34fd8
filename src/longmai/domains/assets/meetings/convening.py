"""Calling a meeting: what the law already refuses is refused here, with its article."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.domains.assets.meetings.counting import RULES
from longmai.domains.assets.meetings.law import (
    Organ,
    check_regime,
    figures_of,
    judge,
    matter_of,
    organ_of,
    refuse_if_broken,
)
from longmai.domains.assets.meetings.tables import CONVENED_KIND
from longmai.domains.assets.members.model import Roll
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.members.service import Desk
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id

RUN = "assets.meeting.run"


@dataclass(frozen=True)
class NewItem:
    """Something to put to the vote."""

    matter: str
    title: str
    text: str = ""
    refers: str = ""


@dataclass(frozen=True)
class NewMeeting:
    """A meeting to call.

    Attributes:
        region: of the village.
        organ: a key of ``organs.toml``.
        held_on: its day.
        starts: time of the day, like ``09:00``.
        secret: votes are secret.
        rule: which of two votes of one person counts, one of ``counting.RULES``.
        interested: people with an interest in what is decided; they and their kin stay out.
    """

    region: str
    organ: str
    title: str
    place: str
    held_on: date
    starts: str
    items: Sequence[NewItem]
    secret: bool = False
    rule: str = "first"
    interested: Sequence[UUID] = ()


def convene(desk: Desk, wanted: NewMeeting) -> UUID:
    """Call a meeting: today is the day of notice.

    Raises:
        Forbidden: no meetings of this village are called by the visitor.
        Invalid: matters of two laws, or not for this body; a text is missing.
        Conflict: the law refuses it already: too late a notice, a matter that cannot be delegated.
    """
    desk.visitor.require(RUN, wanted.region)
    organ = organ_of(wanted.organ)
    chosen = [matter_of(each.matter) for each in wanted.items]
    check_regime(organ, chosen)
    _check_texts(wanted)
    if wanted.secret and wanted.rule != "first":
        raise Invalid(
            "of secret ballots only the first can count: none can be found again",
            code="assets.meeting.secret_rule", place="rule",
        )  # fmt: skip
    roll = roll_of(desk.work.connection, wanted.region, wanted.held_on)
    electors_of(roll, organ)
    for matter in chosen:
        figures = figures_of(roll, organ, matter, desk.today)
        refuse_if_broken(judge(desk.policies, organ, figures, wanted.region), matter, organ)
    unknown = [each for each in wanted.interested if each not in roll.people]
    if unknown:
        raise NotFound("nobody of the roll", code="assets.member", value=str(unknown[0]))
    meeting_id = new_id()
    told = {
        "meeting": str(meeting_id),
        "organ": organ.key,
        "title": wanted.title,
        "place": wanted.place,
        "noticed_on": desk.today.isoformat(),
        "held_on": wanted.held_on.isoformat(),
        "starts": wanted.starts,
        "secret": wanted.secret,
        "rule": wanted.rule,
        "items": [
            {"matter": each.matter, "title": each.title, "text": each.text, "refers": each.refers}
            for each in wanted.items
        ],
        "interested": [str(each) for each in wanted.interested],
        "sample": desk.sample,
    }
    desk.record(CONVENED_KIND, [f"meeting:{meeting_id}"], wanted.region, told)
    return meeting_id


def _check_texts(wanted: NewMeeting) -> None:
    for name in ("title", "place", "starts"):
        if not getattr(wanted, name).strip():
            raise Invalid("this must not be empty", code="assets.meeting.text", place=name)
    if wanted.rule not in RULES:
        raise Invalid("no such rule", code="assets.meeting.rule", place="rule", value=wanted.rule)
    for each in wanted.items:
        kind = matter_of(each.matter).refers
        if not each.title.strip():
            raise Invalid("this must not be empty", code="assets.meeting.text", place="item_title")
        if kind and not each.refers.startswith(f"{kind}:"):
            raise Invalid(
                "this matter is about a plan that is drafted, and does not name it",
                code=f"assets.meeting.refers_{kind}",
                place="refers",
                value=each.refers,
                mend="call the meeting from the page of the plan",
            )


def electors_of(roll: Roll, organ: Organ) -> dict[UUID, UUID]:
    """Return the household of each who votes in a body.

    Raises:
        Conflict: nobody does.
    """
    found = {each.member_id: each.household_id for each in organ.electors(roll)}
    if not found:
        raise Conflict(
            "nobody in the roll belongs to this body on that day",
            code="assets.meeting.nobody", place="organ", value=organ.key,
            mend="enter them in the roll first",
        )  # fmt: skip
    return found
