"""The reporter: runs subscriptions when they are due, and sends what is to be sent."""

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from longmai.domains.brand.epcis.delivery import Sender
from longmai.domains.brand.epcis.subscriptions import run_due
from longmai.kernel.errors import LongmaiError
from longmai.portal.house import House

_log = logging.getLogger("longmai.epcis")
_INTERVAL_S = 1.0
_SWEEP_EVERY_S = 3600.0


class Reporter:
    """Works in a thread of its own, once a second."""

    def __init__(self, house: House, sender: Sender | None = None) -> None:
        self._house = house
        self._sender = sender or Sender.of(house)
        self._stop = threading.Event()
        self._swept = float("-inf")
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End; a message on its way is finished first."""
        self._stop.set()
        self._thread.join()
        self._sender.close()

    def round(self) -> int:
        """Do what is due; return how many messages arrived."""
        run_due(self._house)
        if time.monotonic() - self._swept > _SWEEP_EVERY_S:
            self._sender.sweep()
            self._swept = time.monotonic()
        return self._sender.send_due()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.round()
            except (LongmaiError, SQLAlchemyError) as error:
                _log.warning("subscriptions put off: %s", error)
            self._stop.wait(_INTERVAL_S)
