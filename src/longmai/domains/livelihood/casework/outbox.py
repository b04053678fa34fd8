"""The messages of cases: how far each got, and having one sent again that was given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from longmai.domains.livelihood.casework.tables import CASE, DELIVERY, MESSAGE
from longmai.kernel.errors import NotFound
from longmai.portal.outbox import Shelf
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

STATES = ("waiting", "arrived", "given_up")
SHELF = Shelf(MESSAGE, DELIVERY)


@dataclass(frozen=True)
class Sent:
    """A message with how far it got.

    Attributes:
        state: one of ``STATES``.
    """

    id: UUID
    case_id: UUID
    name: str
    region: str
    channel: str
    recipient: str
    title: str
    at: datetime
    state: str
    attempts: int
    due_at: datetime | None
    arrived_at: datetime | None
    error: str | None


def messages(
    connection: Connection, scope: Scope, window: Window, state: str = ""
) -> tuple[int, list[Sent]]:
    """Return how many messages there are within some regions, and a window of them."""
    joined = MESSAGE.join(DELIVERY, DELIVERY.c.record_id == MESSAGE.c.record_id).join(
        CASE, CASE.c.case_id == MESSAGE.c.case_id
    )
    here = [scope.rows(MESSAGE.c.region)]
    arrived, waits = DELIVERY.c.arrived_at.is_not(None), DELIVERY.c.due_at.is_not(None)
    here += {"arrived": [arrived], "waiting": [waits], "given_up": [~arrived, ~waits]}.get(
        state, []
    )
    total = connection.scalar(select(func.count()).select_from(joined).where(*here)) or 0
    columns = (
        MESSAGE, CASE.c.name, DELIVERY.c.attempts, DELIVERY.c.due_at, DELIVERY.c.arrived_at,
        DELIVERY.c.error,
    )  # fmt: skip
    query = window.of(
        select(*columns).select_from(joined).where(*here),
        {"at": MESSAGE.c.at},
        MESSAGE.c.record_id,
    )
    return total, [_sent(row) for row in connection.execute(query)]


def send_again(connection: Connection, message_id: UUID, scope: Scope, now: datetime) -> None:
    """Have a message that was given up sent again, with the same key.

    Raises:
        NotFound: there is none that was given up, within the regions.
    """
    known = select(MESSAGE.c.record_id).where(
        scope.rows(MESSAGE.c.region), MESSAGE.c.record_id == message_id
    )
    given_up = (DELIVERY.c.due_at.is_(None), DELIVERY.c.arrived_at.is_(None))
    changed = connection.execute(
        update(DELIVERY)
        .where(DELIVERY.c.record_id.in_(known), *given_up)
        .values(due_at=now, attempts=0, error=None)
    )
    if changed.rowcount != 1:
        raise NotFound(
            "no message of this ID was given up", code="outbox.message", value=str(message_id)
        )


def _sent(row: Row[Any]) -> Sent:
    state = "given_up"
    if row.arrived_at is not None:
        state = "arrived"
    elif row.due_at is not None:
        state = "waiting"
    return Sent(
        row.record_id, row.case_id, row.name, row.region, row.channel, row.recipient, row.title,
        row.at, state, row.attempts, row.due_at, row.arrived_at, row.error,
    )  # fmt: skip
