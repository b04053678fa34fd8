"""Duty: of several server processes over one data folder, one does the work behind the requests.

Who holds a lock on a file is on duty. The system takes the lock back when its process ends, however
it ends, and the next process goes on.
"""

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

_ASK_EVERY_S = 1.0


class Duty:
    """Begins work once this process is on duty, which is at once where there is one process.

    Args:
        file: to lock; made if it is not there.
        begin: begins the work, and returns what ends it.
    """

    def __init__(self, file: Path, begin: Callable[[], Callable[[], None]]) -> None:
        self._file, self._begin = file, begin
        self._held: IO[bytes] | None = None
        self._end: Callable[[], None] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="duty", daemon=True)

    @property
    def held(self) -> bool:
        """Tell whether this process is on duty."""
        return self._held is not None

    def start(self) -> None:
        """Go on duty, now or as soon as nobody else is."""
        if not self._take():
            self._thread.start()

    def stop(self) -> None:
        """End the work, and let another process take over."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._end is not None:
            self._end()
        if self._held is not None:
            self._held.close()
            self._held = None

    def _wait(self) -> None:
        while not self._ending.wait(_ASK_EVERY_S) and not self._take():
            pass

    def _take(self) -> bool:
        opened = self._file.open("ab")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            return False
        self._held, self._end = opened, self._begin()
        return True
