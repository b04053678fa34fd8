"""The worker: runs jobs of the queue in a thread, one after the other."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from longmai.kernel.errors import LongmaiError, Unavailable
from longmai.store.jobs import Job, JobQueue

_log = logging.getLogger("longmai.worker")
_INTERVAL_S = 1.0
_ALIVE_S = 5.0
_TOLD_S = 0.5


class Stopped(Exception):
    """Somebody wants the job cancelled, or the worker stops; the work ends where it is."""


@dataclass
class Task:
    """What the work of a job is given: its arguments, and a way to tell how far it is."""

    job: Job
    queue: JobQueue
    stop: threading.Event
    _told_at: float = float("-inf")

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how much is done; costs nothing when it is called often.

        Raises:
            Stopped: the work must end.
        """
        if time.monotonic() - self._told_at < _TOLD_S and not self.stop.is_set():
            return
        self._told_at = time.monotonic()
        if self.stop.is_set() or not self.queue.report(self.job, done, total):
            raise Stopped


Work = Callable[[Task], Mapping[str, Any]]


class Worker:
    """Takes jobs from the queue while it runs.

    Args:
        queue: shared by all workers.
        works: what to do, by kind of job; its result is kept as JSON.
    """

    def __init__(self, queue: JobQueue, works: Mapping[str, Work]) -> None:
        self._queue, self._works = queue, works
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Say that a job was put into the queue."""
        self._wake.set()

    def stop(self) -> None:
        """Stop: the job that runs ends at its next step, and waits for the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                busy = self.run_one()
            except (LongmaiError, SQLAlchemyError) as error:
                _log.error("the queue of jobs cannot be read: %s", error)
                busy = False
            if not busy:
                self._wake.wait(_INTERVAL_S)

    def run_one(self) -> bool:
        """Run the job that is due, if there is one; return whether there was."""
        job = self._queue.claim(list(self._works))
        if job is None:
            return False
        ended = threading.Event()
        alive = threading.Thread(target=self._keep_alive, args=[job, ended], daemon=True)
        alive.start()
        try:
            self._work(job)
        finally:
            ended.set()
            alive.join()
        return True

    def _keep_alive(self, job: Job, ended: threading.Event) -> None:
        # Work that says nothing for a while is not taken for dead.
        while not ended.wait(_ALIVE_S):
            try:
                self._queue.report(job)
            except (LongmaiError, SQLAlchemyError) as error:
                _log.warning("the job %s could not be kept alive: %s", job.id, error)

    def _work(self, job: Job) -> None:
        try:
            result = self._works[job.kind](Task(job, self._queue, self._stop))
        except Stopped:
            if self._stop.is_set():
                self._queue.fail(job, "the server was stopped", for_good=False)
            else:
                self._queue.cancelled(job)
        except LongmaiError as error:
            # What was missing a moment ago may be there later; a wrong input stays wrong.
            self._queue.fail(job, str(error), for_good=not isinstance(error, Unavailable))
        except Exception:  # noqa: BLE001 - whatever it is, the job must be told
            _log.exception("the job %s of kind %s broke", job.id, job.kind)
            self._queue.fail(job, "something went wrong on our side", for_good=False)
        else:
            self._queue.finish(job, result)
