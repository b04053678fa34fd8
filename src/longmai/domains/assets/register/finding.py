"""What the portal's search and work list show of the register."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from longmai.domains.assets.register import notice_queries, queries
from longmai.domains.assets.register.deeds import DECIDE
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20
# By our own judgement; no rule that we know sets one.
_ANSWER_DUE = timedelta(days=5)


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find assets by code, name or initials: all are public."""
    del visitor, language
    window = Window("code", size=_MOST, descending=False)
    for each in queries.page(connection, queries.Filters(text=text), window):
        yield Found("asset", each.asset.name, each.asset.code, f"/assets/a/{each.asset_id}")


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which objections wait, to who decides them."""
    del now
    scope = visitor.scope(DECIDE)
    if not scope:
        return
    for ticket in notice_queries.open_objections(connection, scope, _MOST):
        href = f"/assets/notices/{ticket.notice_id}#objections"
        yield Waiting("objection", ticket.reason[:60], href, ticket.filed_on + _ANSWER_DUE)
