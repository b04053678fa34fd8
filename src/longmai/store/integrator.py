"""The integrator: a worker that gives committed records their places, at most a second later."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from longmai.kernel.clock import Clock
from longmai.kernel.errors import LongmaiError
from longmai.ledger.keys import KeyRing
from longmai.ledger.log import BATCH, integrate, next_checkpoint
from longmai.store.database import writing
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store
from longmai.store.witnesses import Witnesses

_log = logging.getLogger("longmai.integrator")
_INTERVAL_S = 1.0
_RETRY_S = 1.0


def integrate_once(
    store: Store,
    keys: KeyRing,
    clock: Clock,
    limit: int = BATCH,
    witnesses: Witnesses | None = None,
) -> int:
    """Integrate one batch in a transaction of its own; return how many records it placed.

    Without witnesses the checkpoint is published in the same transaction.
    """
    with writing(store.engine) as connection:
        log = SqlLog(connection)
        log.lock()
        placed = integrate(log, limit)
        if witnesses is None:
            ready = next_checkpoint(log, keys, clock)
            if ready is not None:
                log.publish(ready.size, ready.note, ready.at)
    return placed


def integrate_all(
    store: Store, keys: KeyRing, clock: Clock, witnesses: Witnesses | None = None
) -> int:
    """Integrate until nothing waits, and publish; return how many records were placed.

    Raises:
        Unavailable: too few witnesses answered. The records have their places; the checkpoint
            is asked for again next time.
        Conflict: the key is not this log's.
    """
    total = 0
    while placed := integrate_once(store, keys, clock, witnesses=witnesses):
        total += placed
    if witnesses is not None:
        publish_witnessed(store, keys, clock, witnesses)
    return total


def publish_witnessed(store: Store, keys: KeyRing, clock: Clock, witnesses: Witnesses) -> bool:
    """Publish a checkpoint of all that is placed once enough witnesses cosigned it.

    No transaction that writes is open while they are asked.

    Returns:
        Whether a checkpoint was published: False where the newest one covers everything.

    Raises:
        Unavailable: too few cosigned; says who did not, and why.
        Conflict: the key is not this log's.
    """
    with store.read() as connection:
        log = SqlLog(connection)
        ready = next_checkpoint(log, keys, clock)
        if ready is None:
            return False
        note = witnesses.cosigned(ready.note, log)
    with writing(store.engine) as connection:
        log = SqlLog(connection)
        log.lock()
        # Another process may have published meanwhile: the next round then builds on its.
        if log.published_size() != ready.previous:
            return False
        log.publish(ready.size, note, ready.at)
    return True


class Integrator:
    """Runs integration in a thread: at once when woken, and each second anyway.

    Several may run, in one process or many: the storage's lock lets one in at a time.
    """

    def __init__(
        self, store: Store, keys: KeyRing, clock: Clock, witnesses: Witnesses | None = None
    ) -> None:
        self._store, self._keys, self._clock, self._witnesses = store, keys, clock, witnesses
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
                integrate_all(self._store, self._keys, self._clock, self._witnesses)
            except (LongmaiError, SQLAlchemyError) as error:
                # The records stay committed and wait; the next round takes them.
                _log.error("integration put off: %s", error)
                self._stop.wait(_RETRY_S)
            if stopping:
                return
            self._wake.wait(_INTERVAL_S)
