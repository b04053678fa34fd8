"""What waits for somebody about distributions."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from longmai.domains.assets.dividends.queries import plan_of, plans
from longmai.domains.assets.dividends.service import KEEP
from longmai.domains.assets.meetings.queries import decisions_about
from longmai.portal.domain import Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which plan was decided and is not paid, or passed a meeting and was not taken over."""
    del now
    scope = visitor.scope(KEEP)
    if not scope:
        return
    _, rows = plans(connection, Window("year", size=_MOST), min(scope.regions))
    for row in rows:
        found = plan_of(connection, row.plan_id)
        if not visitor.may(KEEP, found.plan.region) or found.state == "paid":
            continue
        href = f"/assets/dividends/{row.plan_id}"
        if found.state == "approved":
            yield Waiting("dividend_pay", str(found.plan.year), href)
        elif any(each.passed for each in decisions_about(connection, found.refers)):
            yield Waiting("dividend_approve", str(found.plan.year), href)
