"""What the portal's search and work list show of the market."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from longmai.domains.assets.market.deeds import RUN
from longmai.domains.assets.market.queries import bidding_of, listings, waiting
from longmai.kernel.clock import beijing_day
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20
_FOR_CLERKS = {"negotiating", "to_open", "awaiting"}


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find what is offered by its name; it is public."""
    del visitor, language
    _, rows = listings(connection, text, Window("closes", size=_MOST))
    for row in rows:
        href = f"/assets/market/l/{row.listing_id}"
        yield Found("listing", row.title, row.closes_at.date().isoformat(), href)


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which listing waits for a clerk, and which bid for who made it."""
    scope, today = visitor.scope(RUN), beijing_day(now)
    if scope:
        for each in waiting(connection, scope, _MOST):
            stage = each.stage(now, today)
            objected = any(answer is None for _, answer in each.objections)
            if stage in _FOR_CLERKS or (stage == "noticed" and objected):
                href = f"/assets/market/l/{each.listing_id}/desk"
                yield Waiting("market_desk", each.row.title, href, beijing_day(each.ends_at))
    for each in bidding_of(connection, visitor.login):
        mine = each.bidder_of(visitor.login)
        if mine is None or not mine.admitted:
            continue
        stage, own = each.stage(now, today), mine.bidder_id
        sealed = each.seal_of(own) is not None
        reveals = stage == "revealing" and sealed and each.revealed_of(own) is None
        bids = stage == "bidding" and not sealed
        if reveals or bids:
            due = each.row.reveals_until if reveals else each.ends_at
            href = f"/assets/market/l/{each.listing_id}"
            yield Waiting("market_bid", each.row.title, href, beijing_day(due))
