"""Nights: jobs that are put into the queue by themselves, once each day of Beijing.

Which kind ran on which day is a row of the database, written in one transaction with the job: two
processes cannot both put it there, a crash leaves both or neither, and a server that was down at
the hour catches up when it is back.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, String, Table, Uuid, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from longmai.kernel.clock import BEIJING
from longmai.kernel.errors import LongmaiError
from longmai.store.database import metadata, reading, writing
from longmai.store.jobs import JobQueue

_log = logging.getLogger("longmai.nights")
_INTERVAL_S = 20.0
OWNER = "nightly"
"""Who asks for these jobs."""
OFF = "off"

JOB_DAY = Table(
    "job_day",
    metadata,
    Column("kind", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("job_id", Uuid, nullable=False),
)


@dataclass(frozen=True)
class Night:
    """A kind of job that is done once a day, and when it was last.

    Attributes:
        at: time of day in Beijing; None: it is switched off.
        last_day: day of Beijing on which it was last put into the queue; None: never.
        last_job: the job of that day.
        next_at: when it is due next, aware; None: it is switched off.
    """

    kind: str
    at: time | None
    last_day: date | None
    last_job: UUID | None
    next_at: datetime | None


@dataclass(frozen=True)
class Nights:
    """The jobs of a house that are done once a day.

    Attributes:
        queue: where they go.
        kinds: and whether there is anything to do for a day.
        at: time of day in Beijing, as ``02:30``; ``off``: none is started.
    """

    queue: JobQueue
    kinds: Mapping[str, Callable[[date], bool]]
    at: str

    @property
    def time(self) -> time | None:
        """The time of day; None: switched off."""
        return None if self.at == OFF else time.fromisoformat(self.at)

    def enqueue_due(self) -> list[UUID]:
        """Put into the queue what is due and was not put there today; return the jobs."""
        now, at = self.queue.clock.now().astimezone(BEIJING), self.time
        if at is None or now.time() < at:
            return []
        day = now.date()
        found = (self._enqueue(kind, day) for kind, wanted in self._undone(day) if wanted(day))
        return [each for each in found if each is not None]

    def told(self) -> list[Night]:
        """Return what runs when, and when it last did."""
        with reading(self.queue.engine) as connection:
            query = select(JOB_DAY).order_by(JOB_DAY.c.day)
            last = {row.kind: row for row in connection.execute(query)}
        now = self.queue.clock.now().astimezone(BEIJING)
        return [self._night(kind, last.get(kind), now) for kind in self.kinds]

    def _night(self, kind: str, last: Any, now: datetime) -> Night:
        at = self.time
        if at is None:
            return Night(
                kind, None, getattr(last, "day", None), getattr(last, "job_id", None), None
            )
        day = now.date() if now.time() < at else now.date() + timedelta(days=1)
        coming = datetime.combine(day, at, BEIJING)
        if last is None:
            return Night(kind, at, None, None, coming)
        return Night(kind, at, last.day, last.job_id, coming)

    def _undone(self, day: date) -> Sequence[tuple[str, Callable[[date], bool]]]:
        with reading(self.queue.engine) as connection:
            query = select(JOB_DAY.c.kind).where(JOB_DAY.c.day == day)
            done = set(connection.scalars(query))
        return [(kind, wanted) for kind, wanted in self.kinds.items() if kind not in done]

    def _enqueue(self, kind: str, day: date) -> UUID | None:
        try:
            with writing(self.queue.engine) as connection:
                job_id = self.queue.enqueue_in(connection, kind, {"day": str(day)}, OWNER)
                connection.execute(insert(JOB_DAY).values(kind=kind, day=day, job_id=job_id))
        except IntegrityError:
            # Another process was quicker.
            return None
        return job_id


class Nightwatch:
    """Looks three times a minute whether something is due."""

    def __init__(self, nights: Nights, wake: Callable[[], None] = lambda: None) -> None:
        self._nights, self._wake = nights, wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nights", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_INTERVAL_S):
            try:
                if self._nights.enqueue_due():
                    self._wake()
            except (LongmaiError, SQLAlchemyError, OSError) as error:
                _log.warning("what is due at night cannot be told: %s", error)
