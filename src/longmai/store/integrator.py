"""The integrator: a worker that gives committed records their places, at most a second later."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from longmai.kernel.clock import Clock
from longmai.kernel.errors import LongmaiError
from longmai.ledger.log import BATCH, integrate
from longmai.ledger.note import Signer
from longmai.store.database import writing
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store

_log = logging.getLogger("longmai.integrator")
_INTERVAL_S = 1.0
_RETRY_S = 1.0


def integrate_once(store: Store, signer: Signer, clock: Clock, limit: int = BATCH) -> int:
    """Integrate one batch in a transaction of its own; return how many records it placed."""
    with writing(store.engine) as connection:
        log = SqlLog(connection)
        log.lock()
        return integrate(log, signer, clock, limit)


def integrate_all(store: Store, signer: Signer, clock: Clock) -> int:
    """Integrate until nothing waits; return how many records were placed."""
    total = 0
    while placed := integrate_once(store, signer, clock):
        total += placed
    return total


class Integrator:
    """Runs integration in a thread: at once when woken, and each second anyway.

    Several may run, in one process or many: the storage's lock lets one in at a time.
    """

    def __init__(self, store: Store, signer: Signer, clock: Clock) -> None:
        self._store, self._signer, self._clock = store, signer, clock
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="integrator", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Say that something was committed."""
        self._wake.set()

    def stop(self) -> None:
        """Integrate what still waits, then end."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            stopping = self._stop.is_set()
            self._wake.clear()
            try:
                integrate_all(self._store, self._signer, self._clock)
            except (LongmaiError, SQLAlchemyError) as error:
                # The records stay committed and wait; the next round takes them.
                _log.error("integration put off: %s", error)
                self._stop.wait(_RETRY_S)
            if stopping:
                return
            self._wake.wait(_INTERVAL_S)
