"""What the search, the desk and the jobs of the house know of cases."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from longmai.domains.livelihood.casework.kinds import DECIDE, READ, REVIEW, WORK
from longmai.domains.livelihood.casework.list_pages import GROUPS
from longmai.domains.livelihood.casework.model.case import Standing
from longmai.domains.livelihood.casework.queries import ShownCase, cases, lead_counts
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20
_WAITS_FOR: Mapping[Standing, str] = {
    Standing.OPEN: WORK,
    Standing.CUT_PROPOSED: WORK,
    Standing.HEARD: DECIDE,
    Standing.OBJECTED: REVIEW,
}
"""Who a case waits for, by where it stands."""


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which cases wait for the visitor, and which lists of leads have something in them."""
    del now
    if not visitor.may(READ):
        return
    for standing, permission in _WAITS_FOR.items():
        scope = visitor.scope(permission)
        if scope:
            window = Window("due", size=_MOST, descending=False)
            _, found = cases(connection, scope, window, standings=(standing,))
            for each in found:
                href = f"/livelihood/cases/{each.case_id}"
                yield Waiting(f"case_{standing}", each.name, href, each.due)
    if visitor.may(WORK):
        for kind, count in lead_counts(connection, visitor.scope(WORK)).items():
            if count:
                yield Waiting(f"lead_{kind}", str(count), f"/livelihood/cases?list={kind}")


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find cases by the name of the person, for who may see them."""
    del language
    scope = visitor.scope(READ)
    if not scope or not text.strip():
        return
    standings = tuple(each for group in GROUPS.values() for each in group)
    _, found = cases(connection, scope, Window("last", size=_MOST), standings=standings, text=text)
    yield from (_found(each) for each in found)


def _found(case: ShownCase) -> Found:
    return Found("case", case.name, case.policy_id, f"/livelihood/cases/{case.case_id}")
