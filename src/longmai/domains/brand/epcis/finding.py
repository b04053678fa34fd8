"""Events that fulfil a query: found, ordered, and turned page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from longmai.domains.brand.epcis.conditions import Reach, conditions_of
from longmai.domains.brand.model.query.parameters import EventQuery, QueryFault
from longmai.domains.brand.tables import EVENT, FACT
from longmai.kernel.clock import from_text, to_text
from longmai.store.ledger import LEAF

_COLUMNS = {"eventTime": EVENT.c.event_time, "recordTime": EVENT.c.recorded_at}


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins.

    Attributes:
        after: the order value and the record of the last event given, where the order is kept in a
            column; None: at the beginning.
        given: how many events the pages before gave.
    """

    after: tuple[str, str] | None = None
    given: int = 0

    def told(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"after": self.after, "given": self.given}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Cursor":
        """Read it back."""
        after = told["after"]
        return cls(None if after is None else (after[0], after[1]), told["given"])


@dataclass(frozen=True)
class Found:
    """A page of records of events, and where the next one begins; None: this is the last."""

    record_ids: Sequence[UUID]
    next: Cursor | None


@dataclass(frozen=True)
class Leaves:
    """A stretch of the log, by leaf index: from ``first`` until before ``end``."""

    first: int
    end: int
    since: datetime | None = None

    def rows(self) -> ColumnElement[bool]:
        """Return the condition on events."""
        here = LEAF.c.leaf_index.between(self.first, self.end - 1)
        within = EVENT.c.record_id.in_(select(LEAF.c.record_id).where(here))
        return within if self.since is None else and_(within, EVENT.c.recorded_at >= self.since)


def find(
    connection: Connection,
    query: EventQuery,
    reach: Reach,
    *,
    page: int,
    cursor: Cursor | None = None,
    leaves: Leaves | None = None,
) -> Found:
    """Return one page of the events that fulfil a query.

    Args:
        connection: to read from.
        query: what is asked.
        reach: whose events the reader sees.
        page: most events of a page.
        cursor: where the page begins.
        leaves: only what stands in this stretch of the log.

    Raises:
        QueryFault: more events fulfil the query than it allows.
    """
    here = [reach.rows(), *conditions_of(connection, query.conditions)]
    if leaves is not None:
        here.append(leaves.rows())
    cursor = cursor or Cursor()
    if query.max_count is not None and not cursor.given:
        _refuse_too_many(connection, here, query.max_count)
    left = page if query.count_limit is None else min(page, query.count_limit - cursor.given)
    if query.order_by and query.order_by not in _COLUMNS:
        return _by_field(connection, query, here, cursor, left)
    return _by_column(connection, query, here, cursor, left)


def _refuse_too_many(
    connection: Connection, here: Sequence[ColumnElement[bool]], most: int
) -> None:
    some = select(EVENT.c.record_id).where(*here).limit(most + 1).subquery()
    if (connection.scalar(select(func.count()).select_from(some)) or 0) > most:
        raise QueryFault(
            f"more than {most} events fulfil the query",
            code="epcis.query.large",
            place="maxEventCount",
            value=most,
            mend="narrow the query",
        )


def _by_column(
    connection: Connection,
    query: EventQuery,
    here: Sequence[ColumnElement[bool]],
    cursor: Cursor,
    left: int,
) -> Found:
    column = _COLUMNS.get(query.order_by)
    down = query.descending and column is not None
    record = EVENT.c.record_id
    order = [] if column is None else [column.desc() if down else column.asc()]
    selected = [record] if column is None else [record, column]
    statement = select(*selected).where(*here).order_by(*order, record.desc() if down else record)
    if cursor.after is not None:
        statement = statement.where(_beyond(column, cursor.after, down=down))
    rows = connection.execute(statement.limit(left + 1)).all()
    if len(rows) <= left:
        return Found([row.record_id for row in rows], None)
    last = rows[left - 1]
    value = "" if column is None else to_text(last[1])
    given = cursor.given + left
    if query.count_limit is not None and given >= query.count_limit:
        return Found([row.record_id for row in rows[:left]], None)
    after = Cursor((value, str(last.record_id)), given)
    return Found([row.record_id for row in rows[:left]], after)


def _beyond(
    column: ColumnElement[Any] | None, after: tuple[str, str], *, down: bool
) -> ColumnElement[bool]:
    record, last = EVENT.c.record_id, UUID(after[1])
    if column is None:
        return record > last
    value = from_text(after[0])
    past = column < value if down else column > value
    return or_(past, and_(column == value, record < last if down else record > last))


def _by_field(
    connection: Connection,
    query: EventQuery,
    here: Sequence[ColumnElement[bool]],
    cursor: Cursor,
    left: int,
) -> Found:
    """Order by an extension field, as numbers, then times, then texts; what lacks it comes last."""
    field = and_(
        FACT.c.record_id == EVENT.c.record_id,
        FACT.c.family == "field",
        FACT.c.name == query.order_by,
    )
    keys = []
    for column in (FACT.c.number, FACT.c.instant, FACT.c.text):
        value = select(func.min(column)).where(field).scalar_subquery()
        keys += [value.is_(None), value.desc() if query.descending else value.asc()]
    statement = select(EVENT.c.record_id).where(*here).order_by(*keys, EVENT.c.record_id)
    rows = connection.scalars(statement.offset(cursor.given).limit(left + 1)).all()
    given = cursor.given + left
    ended = len(rows) <= left or (query.count_limit is not None and given >= query.count_limit)
    return Found(rows[:left], None if ended else replace(cursor, given=given))
