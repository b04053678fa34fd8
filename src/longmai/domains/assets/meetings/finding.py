"""What the portal's search and work list show of meetings."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from longmai.domains.assets.meetings.convening import RUN
from longmai.domains.assets.meetings.queries import calling, meeting_of, meetings, open_meetings
from longmai.domains.assets.meetings.service import VOTE
from longmai.domains.assets.members.queries import seats_of
from longmai.kernel.clock import beijing_day
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_FOUND = 10
_BACK = timedelta(days=7)


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find meetings by what they are called; they are public."""
    del visitor, language
    _, rows = meetings(connection, text, Window("held", size=_FOUND))
    for row in rows:
        yield Found(
            "meeting", row.title, row.held_on.isoformat(), f"/assets/meetings/{row.meeting_id}"
        )


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which meeting waits for a clerk, and which ballot for a villager."""
    scope, today = visitor.scope(RUN), beijing_day(now)
    if scope:
        for row in calling(connection, scope, today - _BACK):
            href = f"/assets/meetings/{row.meeting_id}/desk"
            yield Waiting("meeting_desk", row.title, href, row.held_on)
    seats = seats_of(connection, visitor.login)
    here = [each for each in seats if visitor.may(VOTE, each.region)]
    members = {each.member_id for each in here}
    for row in open_meetings(connection, [each.region for each in here]):
        meeting = meeting_of(connection, row.meeting_id)
        may = members & (set(meeting.electors) - set(meeting.tickets) - meeting.recused)
        if may and "online" in meeting.organ.channels:
            yield Waiting(
                "meeting_vote", row.title, f"/assets/meetings/{row.meeting_id}/vote", row.held_on
            )
