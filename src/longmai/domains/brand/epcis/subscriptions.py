"""Subscriptions: what is sent to whom, and when (EPCIS 2.0 §8.2.5, §12.9).

A subscription follows the log of the ledger: its cursor is the index of the leaf that comes next.
Records get their leaves in one order and keep them, so nothing is missed and nothing told twice,
however many write at once. The same transaction moves the cursor and puts what is to be sent into
the outbox.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from longmai.domains.brand.epcis import named
from longmai.domains.brand.epcis.answers import query_document, told_events
from longmai.domains.brand.epcis.conditions import Reach
from longmai.domains.brand.epcis.finding import Leaves, find
from longmai.domains.brand.epcis.shapes import Wanted
from longmai.domains.brand.epcis.tables import DELIVERY, SUBSCRIPTION
from longmai.domains.brand.epcis.tables import QUERY as QUERIES
from longmai.domains.brand.model.epcis.check import instant
from longmai.domains.brand.model.query.parameters import EventQuery, read_query
from longmai.domains.brand.model.query.schedule import Schedule
from longmai.domains.brand.service import QUERY
from longmai.kernel.clock import to_text
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.house import House
from longmai.portal.rights.model import Scope
from longmai.portal.rights.visitor import Visitor
from longmai.store.database import writing
from longmai.store.ledger import SqlLog

STRETCH = 2_000
"""Leaves looked at for one message: it holds at most as many events."""
_ACCOUNT = "account:"
MAX_SUBSCRIPTIONS = 1_000


@dataclass(frozen=True)
class Timing:
    """When a subscription runs, and from which record time on.

    Attributes:
        schedule: its fields; None: as soon as something is recorded.
        since: only what was recorded from then on.
        report_if_empty: tell also that there was nothing.
    """

    schedule: Mapping[str, str] | None
    since: datetime | None
    report_if_empty: bool

    @classmethod
    def of(cls, wanted: Wanted) -> "Timing":
        """Read it from what is wanted.

        Raises:
            Invalid: neither a stream nor a schedule, or both; a schedule or time that cannot be.
        """
        schedule = None
        if wanted.schedule is not None:
            schedule = wanted.schedule.model_dump(exclude_none=True)
            Schedule.of(schedule)
        if wanted.stream == (schedule is not None):
            raise Invalid(
                "a subscription is either a stream or has a schedule",
                code="epcis.subscription",
                place="schedule",
                mend='write "stream": true, or a schedule',
            )
        return cls(schedule, _time(wanted.initialRecordTime), wanted.reportIfEmpty)

    def next(self, now: datetime) -> datetime:
        """Return when it is due next."""
        return now if self.schedule is None else Schedule.of(self.schedule).next(now)


def _time(given: str | None) -> datetime | None:
    if given is None:
        return None
    moment = instant(given)
    if moment is None:
        raise Invalid(
            "this is not a date and time",
            code="epcis.subscription",
            place="initialRecordTime",
            value=given,
            mend="write it like 2025-10-01T08:00:00+08:00",
        )
    return moment


def subscribe(house: House, visitor: Visitor, name: str, wanted: Wanted) -> UUID:
    """Keep a subscription to a query and return its ID.

    Raises:
        NotFound: there is no such query.
        Invalid: an address or timing that cannot be.
        Conflict: there are too many, or one of this ID.
    """
    named.one(house, name)
    timing, now = Timing.of(wanted), house.clock.now()
    _check_address(wanted.dest)
    subscription_id = _own_id(wanted.subscriptionID)
    with writing(house.store.engine) as connection:
        _refuse(connection, subscription_id)
        values = {
            "id": subscription_id,
            "query": name,
            "owner": visitor.actor,
            "regions": sorted(visitor.scope(QUERY).regions),
            "destination": wanted.dest,
            "secret": wanted.signatureToken,
            "report_if_empty": timing.report_if_empty,
            "schedule": timing.schedule,
            "initial_record_time": timing.since,
            "created_at": now,
            "cursor": SqlLog(connection).size() if timing.since is None else 0,
            "due_at": timing.next(now),
        }
        connection.execute(insert(SUBSCRIPTION).values(values))
    return subscription_id


def _own_id(given: str | None) -> UUID:
    if given is None:
        return new_id()
    try:
        return UUID(given)
    except ValueError:
        raise Invalid(
            "the ID of a subscription is a UUID",
            code="epcis.subscription",
            place="subscriptionID",
            value=given,
            mend="leave it out",
        ) from None


def _refuse(connection: Connection, subscription_id: UUID) -> None:
    here = SUBSCRIPTION.c.id == subscription_id
    if connection.scalar(select(SUBSCRIPTION.c.id).where(here)) is not None:
        raise Conflict("there is a subscription of this ID", value=str(subscription_id))
    count = connection.scalar(select(func.count()).select_from(SUBSCRIPTION)) or 0
    if count >= MAX_SUBSCRIPTIONS:
        raise Conflict("there are as many subscriptions as this house keeps", value=count)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise Invalid(
            "this is no address to send to",
            code="epcis.subscription.uri",
            place="dest",
            value=address,
            mend="write an http or https address, without a name or password in it",
        )


def of_query(house: House, visitor: Visitor, name: str) -> list[dict[str, Any]]:
    """Return one's subscriptions to a query; all of them to who keeps the house.

    Raises:
        NotFound: there is no such query.
    """
    named.one(house, name)
    query = select(SUBSCRIPTION).where(SUBSCRIPTION.c.query == name)
    if not visitor.may(named.MANAGE):
        query = query.where(SUBSCRIPTION.c.owner == visitor.actor)
    with house.store.read() as connection:
        rows = connection.execute(query.order_by(SUBSCRIPTION.c.id)).all()
        return [_told(connection, row) for row in rows]


def one(house: House, visitor: Visitor, name: str, given: str) -> dict[str, Any]:
    """Return a subscription as it stands.

    Raises:
        NotFound: there is none of this ID, or it is somebody else's.
    """
    with house.store.read() as connection:
        return _told(connection, _row(connection, visitor, name, given))


def drop(house: House, visitor: Visitor, name: str, given: str) -> None:
    """Delete a subscription, and what waits to be sent.

    Raises:
        NotFound: there is none of this ID, or it is somebody else's.
    """
    with writing(house.store.engine) as connection:
        row = _row(connection, visitor, name, given)
        connection.execute(delete(DELIVERY).where(DELIVERY.c.subscription_id == row.id))
        connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.id == row.id))


def _row(connection: Connection, visitor: Visitor, name: str, given: str) -> Row[Any]:
    missing = NotFound("there is no such subscription", code="epcis.subscription.id", value=given)
    try:
        here = SUBSCRIPTION.c.id == UUID(given)
    except ValueError:
        raise missing from None
    query = select(SUBSCRIPTION).where(here, SUBSCRIPTION.c.query == name)
    row = connection.execute(query).one_or_none()
    if row is None or (row.owner != visitor.actor and not visitor.may(named.MANAGE)):
        raise missing
    return row


def _told(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    here = DELIVERY.c.subscription_id == row.id
    waiting = select(func.count()).where(here, DELIVERY.c.due_at.is_not(None))
    newest = select(DELIVERY.c.error).where(here, DELIVERY.c.error.is_not(None))
    last = connection.scalar(select(func.max(DELIVERY.c.delivered_at)).where(here))
    told = {
        "subscriptionID": str(row.id),
        "queryName": row.query,
        "dest": row.destination,
        "createdAt": to_text(row.created_at),
        "reportIfEmpty": row.report_if_empty,
        "stream": row.schedule is None,
        "schedule": row.schedule,
        "initialRecordTime": row.initial_record_time and to_text(row.initial_record_time),
        "pending": connection.scalar(waiting) or 0,
        "lastNotifiedAt": last and to_text(last),
        "lastError": connection.scalar(newest.order_by(DELIVERY.c.id.desc()).limit(1)),
    }
    return {name: value for name, value in told.items() if value is not None}


# Running ------------------------------------------------------------------------------------------


def reach_of_owner(house: House, owner: str, regions: Scope) -> Reach | None:
    """Return whose events the owner of a subscription sees now; None: none any more.

    Args:
        house: where they have their posts.
        owner: as records name them.
        regions: what they had when they subscribed; it counts for who has no account.
    """
    within = regions
    if owner.startswith(_ACCOUNT):
        # What rights an account has lost since then it has lost here, too.
        shown = Shown(UUID(owner.removeprefix(_ACCOUNT)), strong=True)
        within = visitor_for(house, shown).scope(QUERY)
    return Reach(owner, within, house.regions.code) if within else None


def messages(
    house: House, connection: Connection, row: Row[Any], end: int
) -> Iterator[dict[str, Any]]:
    """Yield what a subscription has to tell of the leaves until before ``end``."""
    reach = reach_of_owner(house, row.owner, Scope(frozenset(row.regions)))
    stored = connection.scalar(select(QUERIES.c.query).where(QUERIES.c.name == row.query))
    if reach is None or stored is None:
        return
    query = read_query(stored)
    empty = True
    for first in range(row.cursor, end, STRETCH):
        leaves = Leaves(first, min(first + STRETCH, end), row.initial_record_time)
        events = _events(connection, query, reach, leaves)
        if events:
            empty = False
            yield query_document(events, house.clock.now(), row.query, row.id)
    if empty and row.report_if_empty and row.schedule is not None:
        yield query_document([], house.clock.now(), row.query, row.id)


def _events(
    connection: Connection, query: EventQuery, reach: Reach, leaves: Leaves
) -> list[dict[str, Any]]:
    found = find(connection, query, reach, page=STRETCH, leaves=leaves)
    return list(told_events(connection, found.record_ids))


def run_due(house: House) -> int:
    """Put what is due into the outbox; return how many messages that were."""
    now = house.clock.now()
    with house.store.read() as connection:
        due = select(SUBSCRIPTION).where(SUBSCRIPTION.c.due_at <= now)
        rows = connection.execute(due.order_by(SUBSCRIPTION.c.due_at)).all()
        size = SqlLog(connection).size()
    return sum(_run(house, row, size, now) for row in rows)


def _run(house: House, row: Row[Any], size: int, now: datetime) -> int:
    if row.schedule is None and row.cursor >= size:
        return 0
    timing = Timing(row.schedule, row.initial_record_time, row.report_if_empty)
    with house.store.read() as connection:
        told = [json.dumps(each, ensure_ascii=False).encode() for each in
                messages(house, connection, row, size)]  # fmt: skip
    mine = (
        SUBSCRIPTION.c.id == row.id,
        SUBSCRIPTION.c.cursor == row.cursor,
        SUBSCRIPTION.c.due_at == row.due_at,
    )
    with writing(house.store.engine) as connection:
        moved = update(SUBSCRIPTION).where(*mine).values(cursor=size, due_at=timing.next(now))
        if not connection.execute(moved).rowcount:
            return 0  # another process was there first, or it is gone
        for body in told:
            values = {
                "id": new_id(),
                "subscription_id": row.id,
                "body": body,
                "attempts": 0,
                "due_at": now,
                "created_at": now,
            }
            connection.execute(insert(DELIVERY).values(values))
    return len(told)
