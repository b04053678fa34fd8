"""What the portal's search and work list show of contracts, to who may read or keep them."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection

from longmai.domains.assets.contracts.deeds import KEEP, READ
from longmai.domains.assets.contracts.queries import ContractFilters, contracts
from longmai.kernel.clock import beijing_day
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 10


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find contracts by number, tenant or initials."""
    del language
    scope = visitor.scope(READ)
    if scope:
        filters = ContractFilters(text=text, scope=scope)
        window = Window("number", size=_MOST, descending=False)
        for each in contracts(connection, filters, window, date.min):
            href = f"/assets/contracts/{each.contract_id}"
            yield Found("contract", each.terms.tenant.name, each.terms.number, href)


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say whose rent is overdue, the largest first."""
    scope = visitor.scope(KEEP)
    if not scope:
        return
    today = beijing_day(now)
    filters = ContractFilters(scope=scope)
    for each in contracts(connection, filters, Window("arrears", size=_MOST), today):
        if each.arrears_fen:
            due = min(s.instalment.due_on for s in each.standings if s.late_days(today))
            href = f"/assets/contracts/{each.contract_id}"
            title = f"{each.terms.tenant.name} {each.terms.number}"
            yield Waiting("rent_overdue", title, href, due)
