"""What the portal's search and work list show of bought services."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, and_, select

from longmai.domains.livelihood.services.queries import named, requests
from longmai.domains.livelihood.services.service import APPROVE, BUY
from longmai.domains.livelihood.services.showing import HOME, yuan
from longmai.domains.livelihood.services.tables import CONTRACT, DECISION, ORG, PAID, REQUEST
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor

_MOST = 20


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find non-profits and contracts: both are public."""
    del visitor, language
    for row in connection.execute(select(ORG).where(named(ORG, text)).limit(_MOST)):
        yield Found("bought_org", row.name, row.uscc, f"{HOME}/orgs/{row.id}")
    like = CONTRACT.c.number.icontains(text, autoescape=True)
    for row in connection.execute(select(CONTRACT).where(like).limit(_MOST)):
        yield Found("bought_contract", row.buyer, row.number, f"{HOME}/contracts/{row.id}")


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which payments wait for a second person, and which approved ones to be paid."""
    del now
    # `requests` joins decisions and payments: what has none has a row of nothing.
    mine = select(CONTRACT.c.id).where(visitor.scope(APPROVE).rows(CONTRACT.c.region))
    waits = and_(DECISION.c.record_id.is_(None), REQUEST.c.by != visitor.actor)
    for row, contract in requests(connection, REQUEST.c.contract_id.in_(mine) & waits)[:_MOST]:
        yield Waiting("bought_decide", yuan(row.amount_fen), f"{HOME}/contracts/{contract}")
    mine = select(CONTRACT.c.id).where(visitor.scope(BUY).rows(CONTRACT.c.region))
    due = and_(DECISION.c.approved, PAID.c.record_id.is_(None))
    for row, contract in requests(connection, REQUEST.c.contract_id.in_(mine) & due)[:_MOST]:
        yield Waiting("bought_pay", yuan(row.amount_fen), f"{HOME}/contracts/{contract}")
