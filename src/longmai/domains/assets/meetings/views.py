"""What pages and minutes say of a meeting: the law, clause by clause, with the figures of now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from longmai.domains.assets.meetings.following import Window, posting_of, window_of
from longmai.domains.assets.meetings.law import Figures, figures_of, judge
from longmai.domains.assets.meetings.queries import Decided, Item, Meeting
from longmai.domains.assets.meetings.service import figures_now
from longmai.domains.assets.members.queries import roll_of
from longmai.kernel.clock import beijing_day
from longmai.portal.house import House
from longmai.portal.policies.issuing import library_of
from longmai.rules.policy.evaluation import Decision, case_of, evaluate
from longmai.rules.policy.explanation import Explanation, Reason, explain
from longmai.rules.policy.literals import read_date


@dataclass(frozen=True)
class ItemView:
    """An item with what the law says of it now."""

    item: Item
    told: Explanation
    decided: Decided | None
    window: Window | None


@dataclass(frozen=True)
class MeetingView:
    """A meeting as pages show it.

    Attributes:
        electors: how many may vote.
        present: how many take part.
        posting: whether it hung long enough; None before it was posted.
    """

    meeting: Meeting
    items: Sequence[ItemView]
    electors: int
    present: int
    posting: Reason | None


def view_of(house: House, connection: Connection, meeting: Meeting, language: str) -> MeetingView:
    """Return a meeting with the law's word on each item."""
    items, electors = [], len(meeting.electors)
    before = None if meeting.electors else _before(connection, meeting)
    for item in meeting.items:
        decided = meeting.decisions.get(item.number)
        if decided is not None:
            decision = _again(house, connection, decided)
        else:
            figures = before[item.number - 1] if before else figures_now(meeting, item.number)
            electors = figures.electors
            decision = judge(house.policies, meeting.organ, figures, meeting.region)
        window = window_of(house.policies, decided) if decided else None
        items.append(ItemView(item, explain(decision, language), decided, window))
    today = beijing_day(house.clock.now())
    posting = posting_of(house.policies, meeting, today, language)
    return MeetingView(meeting, items, electors, len(meeting.tickets), posting)


def _before(connection: Connection, meeting: Meeting) -> list[Figures]:
    roll = roll_of(connection, meeting.region, meeting.held_on)
    return [
        figures_of(roll, meeting.organ, item.matter, meeting.noticed_on) for item in meeting.items
    ]


def _again(house: House, connection: Connection, decided: Decided) -> Decision:
    """Judge again what was recorded, by the same version of the same policy."""
    told = decided.decision
    policy = library_of(connection, house.policies, told["digest"]).by_digest(told["digest"])
    day = read_date(told["day"])
    if day is None:
        raise TypeError("a recorded decision has a day")
    return evaluate(policy, case_of(policy, told["given"], day, told["region"]))
