"""Back-pressure: when too many records wait for their place, new ones are refused, clearly."""

import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import Connection, literal, select, table

from longmai.kernel.errors import Unavailable

RETRY_S = 2
_INTERVAL_S = 0.5


@dataclass
class Pressure:
    """Watches how many records wait; a look at the table serves all appends of half a second.

    Several processes each look for themselves, so a few more than the limit may come to wait.

    Args:
        limit: how many may wait; 0 for any number.
    """

    limit: int = 0
    _looked_at: float = field(default=float("-inf"), repr=False)
    _too_many: bool = field(default=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def check(self, connection: Connection) -> None:
        """Let an append pass, or refuse it.

        Raises:
            Unavailable: more records wait than the limit allows.
        """
        if not self.limit:
            return
        with self._lock:
            if time.monotonic() - self._looked_at > _INTERVAL_S:
                self._too_many = self._waiting_beyond(connection)
                self._looked_at = time.monotonic()
            too_many = self._too_many
        if too_many:
            raise Unavailable(
                f"more than {self.limit} records wait for their place in the log",
                code="ledger.busy",
                mend=f"try again in {RETRY_S} seconds; if it stays, is 'longmai serve' running, "
                "and are its errors clean? 'longmai ledger checkpoint' places what waits",
            )

    def _waiting_beyond(self, connection: Connection) -> bool:
        # Counts no further than the limit.
        beyond = select(literal(1)).select_from(table("ledger_waiting"))
        return connection.execute(beyond.offset(self.limit).limit(1)).first() is not None
