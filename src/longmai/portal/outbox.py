"""The outbox: messages that were put down with the act they tell of, sent until they have arrived.

A message is due from the moment its act is committed. Of several processes one takes it, for a
while; should that one end on the way, it is due again, with the same key. Who does not take it is
asked again, ever more seldom, and at last given up: then somebody looks at the page.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Table, select, update
from sqlalchemy.exc import SQLAlchemyError

from longmai.kernel.clock import Clock
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.portal.channels import Channel, Letter, channels_of
from longmai.portal.house import House
from longmai.store.database import writing
from longmai.store.unit_of_work import Store

_log = logging.getLogger("longmai.outbox")
_LEASE = timedelta(seconds=60)
PAUSES = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600, 86400))
_AT_ONCE = 100
_INTERVAL_S = 1.0
_ERROR_CHARACTERS = 300


@dataclass(frozen=True)
class Shelf:
    """Where the messages of a part of a domain lie.

    Attributes:
        messages: table of what is to be sent: record_id, channel, recipient, title, body.
        deliveries: table of how far each got: record_id, attempts, due_at, arrived_at, error.
    """

    messages: Table
    deliveries: Table


@dataclass(frozen=True)
class Outbox:
    """Sends what is due.

    Attributes:
        channels: ways out, by name.
    """

    store: Store
    clock: Clock
    channels: Mapping[str, Channel]
    shelf: Shelf

    def send_due(self) -> int:
        """Send what is due; return how many arrived."""
        return sum(self._send(row) for row in self._due() if self._claim(row))

    def _due(self) -> Sequence[Row[Any]]:
        kept, sent = self.shelf.messages, self.shelf.deliveries
        query = (
            select(kept, sent.c.attempts)
            .join(sent, sent.c.record_id == kept.c.record_id)
            .where(sent.c.due_at <= self.clock.now())
            .order_by(sent.c.due_at)
            .limit(_AT_ONCE)
        )
        with self.store.read() as connection:
            return connection.execute(query).all()

    def _claim(self, row: Row[Any]) -> bool:
        sent = self.shelf.deliveries
        mine = (sent.c.record_id == row.record_id, sent.c.attempts == row.attempts)
        lease = {"attempts": row.attempts + 1, "due_at": self.clock.now() + _LEASE}
        waiting = (*mine, sent.c.due_at <= self.clock.now())
        with writing(self.store.engine) as connection:
            return connection.execute(update(sent).where(*waiting).values(lease)).rowcount == 1

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
            sent = self.shelf.deliveries
            here = sent.c.record_id == row.record_id
            connection.execute(update(sent).where(here).values(changes))


class Postman:
    """Works the outbox in a thread, once a second."""

    def __init__(self, house: House, shelf: Shelf) -> None:
        self._outbox = Outbox(house.store, house.clock, channels_of(house.settings), shelf)
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
