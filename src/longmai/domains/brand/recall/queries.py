"""Reads of recalls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, overload
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select, union

from longmai.domains.brand.queries import described
from longmai.domains.brand.recall.tables import DELIVERY, LIFT, NOTICE, ORDER, ROOT, THING
from longmai.domains.brand.tables import EVENT, ITEM
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

_KEYS = (ITEM.c.key, ITEM.c.lot_key)


@dataclass(frozen=True)
class Recall:
    """A recall as it was ordered.

    Attributes:
        record_id: of the order.
        roots: keys it begins with.
        things: how many it reached then; ``digest`` of their keys.
        size: records the log's checkpoint covered then.
        lifted_at: when it was lifted, with ``lifted_note``; None while it holds.
    """

    record_id: UUID
    recall_id: UUID
    region: str
    level: str
    reason: str
    note: str
    by_name: str
    at: datetime
    things: int
    digest: str
    size: int
    checkpoint: str
    beyond: Sequence[str]
    sample: bool
    roots: tuple[str, ...]
    lifted_at: datetime | None
    lifted_note: str


@dataclass(frozen=True)
class Listed:
    """A thing a recall reached when it was ordered, as it stood then."""

    key: str
    state: str
    place: str
    quantity: Decimal | None
    uom: str


@dataclass(frozen=True)
class Notice:
    """A notice to a holder, and how far it got: ``waiting``, ``arrived`` or ``given_up``."""

    name: str
    place: str
    recipient: str
    channel: str
    title: str
    body: str
    state: str
    error: str


def _query() -> Select[Any]:
    lifted = (LIFT.c.at.label("lifted_at"), LIFT.c.note.label("lifted_note"))
    return select(ORDER, *lifted).outerjoin(LIFT, LIFT.c.recall_id == ORDER.c.recall_id)


def recalls(connection: Connection, window: Window) -> tuple[int, list[Recall]]:
    """Return how many recalls there are, and a window of them."""
    query = _query()
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = connection.execute(window.of(query, {"at": ORDER.c.at}, ORDER.c.record_id)).all()
    return total, _recalls(connection, rows)


def recall_of(connection: Connection, recall_id: UUID) -> Recall:
    """Return a recall.

    Raises:
        NotFound: there is none of this ID.
    """
    rows = connection.execute(_query().where(ORDER.c.recall_id == recall_id)).all()
    if not rows:
        raise NotFound("no such recall", code="recall.unknown", value=str(recall_id))
    return _recalls(connection, rows)[0]


@overload
def open_recall_of(connection: Connection, recall_id: UUID) -> Recall: ...
@overload
def open_recall_of(connection: Connection, recall_id: None, root: str) -> Recall | None: ...
def open_recall_of(connection: Connection, recall_id: UUID | None, root: str = "") -> Recall | None:
    """Return a recall that holds, by its ID or by a root.

    Raises:
        NotFound: none of this ID holds.
    """
    if recall_id is not None:
        found = recall_of(connection, recall_id)
        if found.lifted_at is not None:
            raise NotFound("this recall was lifted", code="recall.lifted", value=str(recall_id))
        return found
    return next(iter(open_recalls_from(connection, [root])), None)


def open_recalls_from(connection: Connection, roots: Collection[str]) -> list[Recall]:
    """Return the recalls that hold and begin with one of some things."""
    begun = select(ROOT.c.recall_id).where(ROOT.c.key.in_(list(roots)))
    query = _query().where(LIFT.c.record_id.is_(None), ORDER.c.recall_id.in_(begun))
    return _recalls(connection, connection.execute(query.order_by(ORDER.c.at.desc())).all())


def open_roots(connection: Connection) -> list[str]:
    """Return what the recalls that hold begin with."""
    query = (
        select(ROOT.c.key)
        .outerjoin(LIFT, LIFT.c.recall_id == ROOT.c.recall_id)
        .where(LIFT.c.record_id.is_(None))
    )
    return list(connection.scalars(query.distinct()))


def listed(connection: Connection, recall_id: UUID, window: Window | None = None) -> list[Listed]:
    """Return what a recall reached when it was ordered, by key."""
    query = select(THING).where(THING.c.recall_id == recall_id)
    if window is None:
        query = query.order_by(THING.c.key)
    else:
        query = window.of(query, {"key": THING.c.key}, THING.c.record_id)
    return [
        Listed(row.key, row.state, row.place, row.quantity, row.uom)
        for row in connection.execute(query)
    ]


def notices(connection: Connection, recall_id: UUID, scope: Scope) -> list[Notice]:
    """Return the notices of a recall to holders within some regions."""
    query = (
        select(NOTICE, DELIVERY.c.due_at, DELIVERY.c.arrived_at, DELIVERY.c.error)
        .outerjoin(DELIVERY, DELIVERY.c.record_id == NOTICE.c.record_id)
        .where(NOTICE.c.recall_id == recall_id, scope.rows(NOTICE.c.region))
        .order_by(NOTICE.c.record_id)
    )
    return [_notice(row) for row in connection.execute(query)]


def region_of_things(connection: Connection, keys: Collection[str]) -> str:
    """Return the region where things were first seen; empty where no event says."""
    # Two look-ups, each by an index: SQLite would scan the table for an OR over both.
    named = union(*(select(ITEM.c.record_id).where(c.in_(list(keys))) for c in _KEYS))
    query = (
        select(EVENT.c.region)
        .where(EVENT.c.record_id.in_(named), EVENT.c.region != "")
        .order_by(EVENT.c.event_time)
        .limit(1)
    )
    return connection.scalar(query) or ""


def place_names(connection: Connection, keys: Collection[str], language: str) -> Mapping[str, str]:
    """Return the names of places."""
    return {key: told.name(language) for key, told in described(connection, keys).items()}


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        row.name, row.place, row.recipient, row.channel, row.title, row.body, _state(row),
        row.error or "",
    )  # fmt: skip


def _state(row: Row[Any]) -> str:
    if row.arrived_at is not None:
        return "arrived"
    return "waiting" if row.due_at is not None else "given_up"


def _recalls(connection: Connection, rows: Sequence[Row[Any]]) -> list[Recall]:
    roots: dict[UUID, list[str]] = {}
    wanted = [row.recall_id for row in rows]
    query = select(ROOT.c.recall_id, ROOT.c.key).where(ROOT.c.recall_id.in_(wanted))
    for row in connection.execute(query.order_by(ROOT.c.key)):
        roots.setdefault(row.recall_id, []).append(row.key)
    names = [name for name in Recall.__dataclass_fields__ if name not in {"roots", "lifted_note"}]
    return [
        Recall(
            **{name: getattr(row, name) for name in names},
            roots=tuple(roots.get(row.recall_id, ())),
            lifted_note=row.lifted_note or "",
        )
        for row in rows
    ]
