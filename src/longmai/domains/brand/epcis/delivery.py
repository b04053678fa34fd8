"""Sending what lies in the outbox to the subscribers' webhooks, until it has arrived.

Each message goes out at least once, those of a subscription in their order: who does not answer
with 2xx is tried again, ever more seldom. A message is signed with the token the subscriber gave:
``GS1-Signature: sha256=`` and the HMAC of the body, in hexadecimal digits.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import Row, delete, select, update

from longmai.domains.brand.epcis.tables import DELIVERY, SUBSCRIPTION
from longmai.domains.brand.epcis.wire import VERSION
from longmai.kernel.errors import Invalid
from longmai.portal.house import House
from longmai.portal.webhooks import pinned, signature
from longmai.store.database import writing

_log = logging.getLogger("longmai.epcis")
_TIMEOUT_S = 10.0
_LEASE = timedelta(seconds=60)
_KEPT = timedelta(days=7)
_PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600, 21600, 86400, 86400))
_GONE = 410
_AT_ONCE = 100
_ERROR_CHARACTERS = 300


@dataclass(frozen=True)
class Sender:
    """Sends messages.

    Attributes:
        house: whose outbox it is.
        http: the client; it follows no redirects.
    """

    house: House
    http: httpx.Client

    @classmethod
    def of(cls, house: House) -> "Sender":
        """Return a sender with a client of its own."""
        return cls(house, httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False))

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def send_due(self) -> int:
        """Send what is due; return how many messages arrived."""
        arrived = 0
        for row in self._due():
            if self._claim(row):
                arrived += self._send(row)
        return arrived

    def _due(self) -> Iterator[Row[Any]]:
        now = self.house.clock.now()
        waiting = (
            select(DELIVERY.c.id, DELIVERY.c.subscription_id, DELIVERY.c.due_at)
            .where(DELIVERY.c.due_at.is_not(None))
            .order_by(DELIVERY.c.id)
            .limit(10 * _AT_ONCE)
        )
        with self.house.store.read() as connection:
            rows = connection.execute(waiting).all()
        # The oldest of each subscription; what comes after it waits for it.
        first = {row.subscription_id: row for row in reversed(rows)}
        due = [row.id for row in first.values() if row.due_at <= now][:_AT_ONCE]
        query = (
            select(DELIVERY, SUBSCRIPTION.c.destination, SUBSCRIPTION.c.secret)
            .join(SUBSCRIPTION, SUBSCRIPTION.c.id == DELIVERY.c.subscription_id)
            .where(DELIVERY.c.id.in_(due))
        )
        with self.house.store.read() as connection:
            yield from connection.execute(query).all()

    def _claim(self, row: Row[Any]) -> bool:
        # Of several processes one sends it; should it end on the way, it is due again soon.
        mine = (DELIVERY.c.id == row.id, DELIVERY.c.attempts == row.attempts)
        lease = {"attempts": row.attempts + 1, "due_at": self.house.clock.now() + _LEASE}
        with writing(self.house.store.engine) as connection:
            return connection.execute(update(DELIVERY).where(*mine).values(lease)).rowcount == 1

    def _send(self, row: Row[Any]) -> bool:
        try:
            status = self._post(row)
        except (httpx.HTTPError, OSError, Invalid) as error:
            self._failed(row, str(error) or type(error).__name__)
            return False
        if 200 <= status < 300:  # noqa: PLR2004 - the class of answers that say yes
            self._note(row, due_at=None, delivered_at=self.house.clock.now(), error=None)
            return True
        self._failed(row, f"it answered with {status}", for_good=status == _GONE)
        return False

    def _post(self, row: Row[Any]) -> int:
        headers = {
            "Content-Type": "application/json",
            "GS1-EPCIS-Version": VERSION,
            "GS1-Notification-ID": str(row.id),
        }
        if row.secret:
            headers["GS1-Signature"] = signature(row.secret, row.body)
        address, more, extensions = pinned(
            row.destination, inside=self.house.settings.webhooks_inside
        )
        answer = self.http.post(
            address, content=row.body, headers=headers | more, extensions=extensions
        )
        return answer.status_code

    def _failed(self, row: Row[Any], why: str, *, for_good: bool = False) -> None:
        attempts = row.attempts + 1
        given_up = for_good or attempts > len(_PAUSES)
        due = None if given_up else self.house.clock.now() + _PAUSES[attempts - 1]
        _log.warning("a message of subscription %s did not arrive: %s", row.subscription_id, why)
        self._note(row, due_at=due, error=why[:_ERROR_CHARACTERS])

    def _note(self, row: Row[Any], **changes: Any) -> None:
        with writing(self.house.store.engine) as connection:
            connection.execute(update(DELIVERY).where(DELIVERY.c.id == row.id).values(changes))

    def sweep(self) -> None:
        """Forget what arrived, or was given up, more than a week ago."""
        old = self.house.clock.now() - _KEPT
        with writing(self.house.store.engine) as connection:
            here = (DELIVERY.c.due_at.is_(None), DELIVERY.c.created_at < old)
            connection.execute(delete(DELIVERY).where(*here))
