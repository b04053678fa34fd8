"""The outbox: messages that were put down with the act they tell of, sent until they have arrived.

A message is due from the moment its act is committed. Of several processes one takes it, for a
while; should that one end on the way, it is due again, with the same key. Who does not take it is
asked again, ever more seldom, and at last given up: then somebody looks at the page.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from longmai.domains.livelihood.casework.channels import Channel, Letter, channels_of
from longmai.domains.livelihood.casework.tables import CASE, DELIVERY, MESSAGE
from longmai.kernel.clock import Clock
from longmai.kernel.errors import Invalid, LongmaiError, NotFound
from longmai.portal.house import House
from longmai.portal.rights.model import Scope
from longmai.store.database import writing
from longmai.store.table_window import Window
from longmai.store.unit_of_work import Store

_log = logging.getLogger("longmai.outbox")
_LEASE = timedelta(seconds=60)
PAUSES = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600, 86400))
_AT_ONCE = 100
_INTERVAL_S = 1.0
_ERROR_CHARACTERS = 300
STATES = ("waiting", "arrived", "given_up")


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


@dataclass(frozen=True)
class Outbox:
    """Sends what is due.

    Attributes:
        channels: ways out, by name.
    """

    store: Store
    clock: Clock
    channels: Mapping[str, Channel]

    def send_due(self) -> int:
        """Send what is due; return how many arrived."""
        return sum(self._send(row) for row in self._due() if self._claim(row))

    def _due(self) -> Sequence[Row[Any]]:
        query = (
            select(MESSAGE, DELIVERY.c.attempts)
            .join(DELIVERY, DELIVERY.c.record_id == MESSAGE.c.record_id)
            .where(DELIVERY.c.due_at <= self.clock.now())
            .order_by(DELIVERY.c.due_at)
            .limit(_AT_ONCE)
        )
        with self.store.read() as connection:
            return connection.execute(query).all()

    def _claim(self, row: Row[Any]) -> bool:
        mine = (DELIVERY.c.record_id == row.record_id, DELIVERY.c.attempts == row.attempts)
        lease = {"attempts": row.attempts + 1, "due_at": self.clock.now() + _LEASE}
        waiting = (*mine, DELIVERY.c.due_at <= self.clock.now())
        with writing(self.store.engine) as connection:
            return connection.execute(update(DELIVERY).where(*waiting).values(lease)).rowcount == 1

    def _send(self, row: Row[Any]) -> bool:
        letter = Letter(str(row.record_id), row.recipient, row.title, row.body)
        try:
            channel = self.channels.get(row.channel)
            if channel is None:
                raise Invalid(f"this house has no way out called {row.channel}")  # noqa: TRY301
            channel.send(letter)
        except Invalid as error:
            self._note(row, due_at=None, error=error.what)
            return False
        except LongmaiError as error:
            self._put_off(row, error)
            return False
        self._note(row, due_at=None, arrived_at=self.clock.now(), error=None)
        return True

    def _put_off(self, row: Row[Any], error: LongmaiError) -> None:
        tried = row.attempts
        due = self.clock.now() + PAUSES[tried] if tried < len(PAUSES) else None
        _log.warning("message %s did not arrive: %s", row.record_id, error)
        self._note(row, due_at=due, error=str(error)[:_ERROR_CHARACTERS])

    def _note(self, row: Row[Any], **changes: Any) -> None:
        with writing(self.store.engine) as connection:
            here = DELIVERY.c.record_id == row.record_id
            connection.execute(update(DELIVERY).where(here).values(changes))


class Postman:
    """Works the outbox in a thread, once a second."""

    def __init__(self, house: House) -> None:
        self._outbox = Outbox(house.store, house.clock, channels_of(house.settings))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End; a message on its way is finished first."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._outbox.send_due()
            except (LongmaiError, SQLAlchemyError) as error:
                _log.warning("messages put off: %s", error)
            self._stop.wait(_INTERVAL_S)


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
