"""What the portal's search and work list show of the time bank."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from longmai.domains.livelihood.timebank.agreeing import open_of
from longmai.domains.livelihood.timebank.books import memberships
from longmai.domains.livelihood.timebank.desk import KEEP
from longmai.domains.livelihood.timebank.queries import NoticeSearch, named, notices, services
from longmai.domains.livelihood.timebank.showing import HOME
from longmai.domains.livelihood.timebank.tables import BANK, MEMBER, SERVICE
from longmai.kernel.clock import beijing_day
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20
_LATE = timedelta(hours=12)


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find banks, for everybody, and members, for who keeps their bank."""
    del language
    for row in connection.execute(select(BANK).where(named(BANK, text)).limit(_MOST)):
        yield Found("hours_bank", row.name, "", f"{HOME}/banks/{row.id}")
    scope = visitor.scope(KEEP)
    if scope:
        query = select(MEMBER).where(scope.rows(MEMBER.c.region), named(MEMBER, text))
        for row in connection.execute(query.order_by(MEMBER.c.name).limit(_MOST)):
            yield Found("hours_member", row.name, "", f"{HOME}/members/{row.id}")


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say what services wait to be signed, and to the coordinator which needs wait."""
    for member in memberships(connection, visitor.account_id):
        for service in services(connection, open_of(member.id), _MOST):
            due = beijing_day(service.planned_at)
            yield Waiting("hours_sign", service.recipient, f"{HOME}/services/{service.id}", due)
    scope = visitor.scope(KEEP)
    if not scope:
        return
    banks = select(BANK.c.id).where(scope.rows(BANK.c.region))
    late = SERVICE.c.planned_at < now - _LATE
    for service in services(connection, SERVICE.c.bank_id.in_(banks) & late, _MOST):
        href = f"{HOME}/banks/{service.bank_id}/desk"
        yield Waiting(
            "hours_sign",
            f"{service.helper} → {service.recipient}",
            href,
            beijing_day(service.planned_at),
        )
    for bank_id in connection.scalars(banks.limit(_MOST)):
        total, _ = notices(
            connection, NoticeSearch("need", bank_id=bank_id), beijing_day(now), Window(size=0)
        )
        if total:
            yield Waiting("hours_need", str(total), f"{HOME}/banks/{bank_id}/desk")
