"""Jobs that start by themselves: once a day of Beijing, whatever processes and clocks do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from longmai.kernel.clock import FixedClock
from longmai.store.database import connect, migrate
from longmai.store.jobs import JobQueue
from longmai.store.nights import Nights

KIND = "test.count"
HALF_PAST_TWO = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)
"""In Beijing it is the 2nd."""


@dataclass
class At:
    """A house at an instant, and which days its job was asked about."""

    engine: Engine
    asked: list[date]

    def nights(
        self, now: datetime, at: str = "02:30", wanted: Callable[[date], bool] = lambda _day: True
    ) -> Nights:
        """Return the nights as a process sees them at an instant."""

        def ask(day: date) -> bool:
            self.asked.append(day)
            return wanted(day)

        return Nights(JobQueue(self.engine, FixedClock(now)), {KIND: ask}, at)


@pytest.fixture
def at(database_url: str) -> Iterator[At]:
    """An empty database."""
    engine = connect(database_url)
    migrate(engine)
    yield At(engine, [])
    engine.dispose()


def test_it_starts_once_a_day_of_beijing(at: At) -> None:
    """Not a minute before; of two processes one; the next day again, late if it must be."""
    minute = timedelta(minutes=1)
    assert at.nights(HALF_PAST_TWO - minute).enqueue_due() == []
    one, other = at.nights(HALF_PAST_TWO), at.nights(HALF_PAST_TWO)
    [job_id] = one.enqueue_due()
    assert other.enqueue_due() == []
    job = one.queue.job(job_id)
    assert (job.kind, job.owner, job.arguments) == (KIND, "nightly", {"day": "2026-09-02"})
    assert at.nights(HALF_PAST_TWO + timedelta(hours=9)).enqueue_due() == []
    # The server was down at the hour.
    assert len(at.nights(HALF_PAST_TWO + timedelta(hours=30)).enqueue_due()) == 1
    assert at.asked == [date(2026, 9, 2), date(2026, 9, 3)]


def test_two_processes_at_the_same_moment_put_one_job_there(at: At) -> None:
    """Both found that it was not there yet; the row of the day lets one through."""
    one, other = at.nights(HALF_PAST_TWO), at.nights(HALF_PAST_TWO)
    day = date(2026, 9, 2)
    assert one._enqueue(KIND, day) is not None
    assert other._enqueue(KIND, day) is None
    assert one.queue.jobs(0, 10)[1] == 1


def test_what_is_off_or_not_wanted_does_not_start(at: At) -> None:
    """Not wanted: it is asked again a little later; off: nobody is asked."""
    assert at.nights(HALF_PAST_TWO, "off").enqueue_due() == []
    assert at.asked == []
    assert at.nights(HALF_PAST_TWO, wanted=lambda _day: False).enqueue_due() == []
    assert len(at.nights(HALF_PAST_TWO).enqueue_due()) == 1


def test_the_page_is_told_when(at: At) -> None:
    """Before the first, after it, and where it is off."""
    [night] = at.nights(HALF_PAST_TWO - timedelta(hours=1)).told()
    assert (night.last_day, night.next_at) == (None, HALF_PAST_TWO)
    at.nights(HALF_PAST_TWO).enqueue_due()
    [night] = at.nights(HALF_PAST_TWO).told()
    assert (night.last_day, night.next_at) == (date(2026, 9, 2), HALF_PAST_TWO + timedelta(days=1))
    [night] = at.nights(HALF_PAST_TWO, "off").told()
    assert (night.at, night.next_at, night.last_day) == (None, None, date(2026, 9, 2))
