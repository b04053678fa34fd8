"""Reads of public notices and of the objections to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from longmai.domains.assets.register.model.workflow import Objection
from longmai.domains.assets.register.queries import significant
from longmai.domains.assets.register.tables import (
    NOTICE,
    NOTICE_ITEM,
    OBJECTION,
    OBJECTION_DECIDED,
)
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.reading import chunks
from longmai.store.table_window import Window


@dataclass(frozen=True)
class Posted:
    """A public notice."""

    notice_id: UUID
    region: str
    starts_on: date
    days: int
    basis: str
    place: str
    photo: str
    sample: bool


@dataclass(frozen=True)
class Ticket:
    """An objection, and what came of it; ``outcome`` is empty while it is open."""

    objection_id: UUID
    notice_id: UUID
    asset_id: UUID
    region: str
    reason: str
    name: str
    contact: str
    photo: str
    filed_on: date
    actor: str
    outcome: str
    answer: str
    decided_on: date | None

    @property
    def timed(self) -> Objection:
        """Return it as the timer of the notice counts it."""
        return Objection(self.filed_on, self.decided_on)


def notice_of(connection: Connection, notice_id: UUID) -> Posted:
    """Return a public notice.

    Raises:
        NotFound: there is none of this ID.
    """
    row = connection.execute(select(NOTICE).where(NOTICE.c.record_id == notice_id)).one_or_none()
    if row is None:
        raise NotFound("no such notice", code="notice", value=str(notice_id))
    return _posted(row)


def _posted(row: Row[Any]) -> Posted:
    return Posted(
        row.record_id,
        row.region,
        row.starts_on,
        row.days,
        row.basis,
        row.place,
        row.photo,
        row.sample,
    )


def notices(connection: Connection, region: str, window: Window) -> tuple[int, list[Posted]]:
    """Return how many notices a region had, and a window of them, newest first."""
    here = Scope(frozenset({significant(region)} if region else {""})).rows(
        NOTICE.c.region.expression
    )
    total = connection.scalar(select(func.count()).select_from(NOTICE).where(here)) or 0
    query = select(NOTICE).where(here).order_by(NOTICE.c.record_id.desc())
    rows = connection.execute(query.offset(window.offset).limit(window.size))
    return total, [_posted(row) for row in rows]


def assets_noticed(connection: Connection, notice_id: UUID) -> list[UUID]:
    """Return the assets that a notice is about."""
    query = select(NOTICE_ITEM.c.asset_id).where(NOTICE_ITEM.c.record_id == notice_id)
    return list(connection.scalars(query.order_by(NOTICE_ITEM.c.asset_id)))


def newest_notices(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, Posted]:
    """Return the newest notice of each asset that had one."""
    found: dict[UUID, Posted] = {}
    for chunk in chunks(asset_ids):
        query = (
            select(NOTICE, NOTICE_ITEM.c.asset_id)
            .join(NOTICE_ITEM, NOTICE_ITEM.c.record_id == NOTICE.c.record_id)
            .where(NOTICE_ITEM.c.asset_id.in_(chunk))
            .order_by(NOTICE.c.record_id)
        )
        for row in connection.execute(query):
            found[row.asset_id] = _posted(row)
    return found


def _tickets() -> Select[Any]:
    return select(
        OBJECTION,
        OBJECTION_DECIDED.c.outcome,
        OBJECTION_DECIDED.c.reason.label("answer"),
        OBJECTION_DECIDED.c.decided_on,
    ).outerjoin(OBJECTION_DECIDED, OBJECTION_DECIDED.c.objection_id == OBJECTION.c.record_id)


def _ticket(row: Row[Any]) -> Ticket:
    same = ("notice_id", "asset_id", "region", "reason", "name", "contact", "photo", "filed_on",
            "actor", "decided_on")  # fmt: skip
    return Ticket(
        objection_id=row.record_id,
        outcome=row.outcome or "",
        answer=row.answer or "",
        **{name: getattr(row, name) for name in same},
    )


def objection_of(connection: Connection, objection_id: UUID) -> Ticket:
    """Return an objection.

    Raises:
        NotFound: there is none of this ID.
    """
    query = _tickets().where(OBJECTION.c.record_id == objection_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such objection", code="objection", value=str(objection_id))
    return _ticket(row)


def objections_to(connection: Connection, notice_ids: Collection[UUID]) -> list[Ticket]:
    """Return the objections to notices, oldest first."""
    found: list[Ticket] = []
    for chunk in chunks(notice_ids):
        query = _tickets().where(OBJECTION.c.notice_id.in_(chunk)).order_by(OBJECTION.c.record_id)
        found += [_ticket(row) for row in connection.execute(query)]
    return found


def open_objections(connection: Connection, scope: Scope, limit: int) -> list[Ticket]:
    """Return the objections that wait for a decision within a scope, oldest first."""
    waiting = OBJECTION_DECIDED.c.record_id.is_(None)
    query = _tickets().where(scope.rows(OBJECTION.c.region.expression), waiting)
    rows = connection.execute(query.order_by(OBJECTION.c.record_id).limit(limit))
    return [_ticket(row) for row in rows]
