"""Jobs survive restarts, are run once by one worker, can be followed, cancelled and tried again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from longmai.kernel.clock import SystemClock
from longmai.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from longmai.kernel.ids import new_id
from longmai.store import worker as working
from longmai.store.database import connect, migrate, writing
from longmai.store.jobs import JOB, MAX_ATTEMPTS, SILENT, JobQueue
from longmai.store.worker import Stopped, Task, Worker

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@dataclass
class Ticking:
    """A clock that the test moves."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Return the time."""
        return self.at


@pytest.fixture
def clock() -> Ticking:
    """A clock that stands until it is moved."""
    return Ticking()


@pytest.fixture
def queue(database_url: str, clock: Ticking) -> Iterator[JobQueue]:
    """An empty queue."""
    engine = connect(database_url)
    migrate(engine)
    yield JobQueue(engine, clock)
    engine.dispose()


def add_up(task: Task) -> Mapping[str, Any]:
    """Do some work: add numbers."""
    numbers = task.job.arguments["numbers"]
    for done, _ in enumerate(numbers, 1):
        task.progress(done, len(numbers))
    return {"sum": sum(numbers)}


def test_a_job_is_done_and_its_result_kept(queue: JobQueue) -> None:
    """With its progress, its owner and its times."""
    job_id = queue.enqueue("sum", {"numbers": [1, 2, 3], "名": "静宁"}, "clerk-7")
    waiting = queue.job(job_id)
    assert (waiting.state, waiting.owner, waiting.arguments["名"]) == ("waiting", "clerk-7", "静宁")
    worker = Worker(queue, {"sum": add_up})
    assert worker.run_one()
    done = queue.job(job_id)
    assert (done.state, done.result, done.attempts, done.ended) == ("done", {"sum": 6}, 1, True)
    assert (done.done, done.total, done.percent) == (1, 3, 33)
    assert not worker.run_one()


def test_only_known_kinds_are_taken(queue: JobQueue) -> None:
    """What this process cannot do is left to others."""
    queue.enqueue("other", {}, "x")
    assert queue.claim(["sum"]) is None


def test_jobs_are_taken_in_their_order_and_by_one_worker(queue: JobQueue) -> None:
    """Eight workers at once: each job runs exactly once."""
    ids = [queue.enqueue("sum", {"numbers": [n]}, "x") for n in range(24)]
    first = queue.claim(["sum"])
    assert first is not None
    assert first.id == ids[0]
    ran: list[Any] = []

    def work(task: Task) -> Mapping[str, Any]:
        ran.append(task.job.id)
        return {}

    def drain(_number: int) -> None:
        worker = Worker(queue, {"sum": work})
        while worker.run_one():
            pass

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(drain, range(8)))
    assert sorted(ran) == ids[1:]


def test_a_silent_worker_loses_its_job_and_cannot_end_it(queue: JobQueue, clock: Ticking) -> None:
    """What it says afterwards is passed over."""
    job_id = queue.enqueue("sum", {"numbers": [1]}, "x")
    lost = queue.claim(["sum"])
    assert lost is not None
    assert queue.claim(["sum"]) is None
    clock.at += SILENT + timedelta(seconds=1)
    again = queue.claim(["sum"])
    assert again is not None
    assert (again.id, again.attempts) == (job_id, 2)
    assert not queue.report(lost, 1, 1)
    queue.finish(lost, {"sum": 666})
    assert queue.job(job_id).state == "running"
    assert queue.report(again, 1, 1)
    queue.finish(again, {"sum": 1})
    assert queue.job(job_id).result == {"sum": 1}


def test_a_job_that_kills_its_worker_is_given_up(queue: JobQueue, clock: Ticking) -> None:
    """After three attempts, in words."""
    job_id = queue.enqueue("sum", {}, "x")
    for _ in range(MAX_ATTEMPTS):
        assert queue.claim(["sum"]) is not None
        clock.at += SILENT + timedelta(seconds=1)
    assert queue.claim(["sum"]) is None
    assert queue.job(job_id).state == "failed"
    assert "again and again" in str(queue.job(job_id).error)


@pytest.mark.parametrize(
    ("error", "attempts", "told"),
    [
        (Invalid("the file has no rows"), 1, "the file has no rows"),
        (Unavailable("the disk is full"), 3, "the disk is full"),
        (ZeroDivisionError("secret"), 3, "something went wrong on our side"),
    ],
)
def test_a_failure_is_told_and_tried_again_where_that_may_help(
    queue: JobQueue, clock: Ticking, error: Exception, attempts: int, told: str
) -> None:
    """A wrong input fails at once; what may pass is tried three times, with pauses."""
    job_id = queue.enqueue("break", {}, "x")

    def work(_task: Task) -> Mapping[str, Any]:
        raise error

    worker, ran = Worker(queue, {"break": work}), 0
    for _ in range(10):
        ran += worker.run_one()
        clock.at += timedelta(minutes=2)
    job = queue.job(job_id)
    assert (job.state, job.attempts, ran) == ("failed", attempts, attempts)
    assert told in str(job.error)
    assert "secret" not in str(job.error)


def test_a_job_is_cancelled_waiting_or_running(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, or at its next step; what has ended is not cancelled."""
    monkeypatch.setattr(working, "_TOLD_S", 0.0)
    waiting = queue.enqueue("sum", {"numbers": []}, "x")
    queue.cancel(waiting)
    assert queue.job(waiting).state == "cancelled"
    running = queue.enqueue("sum", {"numbers": [1, 2]}, "x")

    def work(task: Task) -> Mapping[str, Any]:
        task.progress(1, 2)
        queue.cancel(task.job.id)
        task.progress(2, 2)
        raise AssertionError("it went on")

    Worker(queue, {"sum": work}).run_one()
    assert queue.job(running).state == "cancelled"
    with pytest.raises(Conflict, match="has ended"):
        queue.cancel(running)
    with pytest.raises(NotFound):
        queue.cancel(new_id())


def test_a_failed_job_is_tried_again_on_request(queue: JobQueue) -> None:
    """From the start, with new attempts; a done one is not."""
    job_id = queue.enqueue("sum", {"numbers": [2]}, "x")
    queue.cancel(job_id)
    queue.retry(job_id)
    assert Worker(queue, {"sum": add_up}).run_one()
    assert queue.job(job_id).result == {"sum": 2}
    with pytest.raises(Conflict, match="tried again"):
        queue.retry(job_id)


def test_jobs_are_listed_newest_first(queue: JobQueue) -> None:
    """In pages, with the number of all."""
    ids = [queue.enqueue("sum", {}, "x") for _ in range(5)]
    page, total = queue.jobs(offset=1, limit=2)
    assert total == 5
    assert [job.id for job in page] == [ids[3], ids[2]]


def test_a_stopped_server_leaves_its_job_for_the_next(queue: JobQueue, clock: Ticking) -> None:
    """The work ends at its next step and waits."""
    job_id, begun = queue.enqueue("sum", {}, "x"), threading.Event()

    def work(task: Task) -> Mapping[str, Any]:
        begun.set()
        while True:
            task.progress(0, 1)
            time.sleep(0.01)

    worker = Worker(queue, {"sum": work})
    worker.start()
    assert begun.wait(10)
    worker.stop()
    assert queue.job(job_id).state == "waiting"
    clock.at += timedelta(minutes=1)
    assert Worker(queue, {"sum": lambda _task: {"fine": True}}).run_one()
    assert queue.job(job_id).result == {"fine": True}


KILLED = """
import sys, time
from longmai.kernel.clock import SystemClock
from longmai.store.database import connect
from longmai.store.jobs import JobQueue
from longmai.store.worker import Worker
def work(task):
    print("begun", flush=True)
    time.sleep(60)
Worker(JobQueue(connect(sys.argv[1]), SystemClock()), {"slow": work}).run_one()
"""


@pytest.mark.slow
def test_a_killed_process_loses_no_job(database_url: str) -> None:
    """SIGKILL while it works: when it was silent for long enough, another does the job."""
    engine = connect(database_url)
    migrate(engine)
    queue = JobQueue(engine, SystemClock())
    job_id = queue.enqueue("slow", {}, "x")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, database_url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    worker = Worker(queue, {"slow": lambda _task: {"fine": True}})
    assert not worker.run_one()
    with writing(engine) as connection:
        long_ago = SystemClock().now() - SILENT - timedelta(seconds=1)
        connection.execute(update(JOB).values(seen_at=long_ago))
    assert worker.run_one()
    assert queue.job(job_id).result == {"fine": True}
    engine.dispose()


def test_progress_is_told_now_and_then(queue: JobQueue) -> None:
    """A thousand steps are a few writes; a worker that stops ends the work all the same."""
    queue.enqueue("sum", {}, "x")
    job = queue.claim(["sum"])
    assert job is not None
    writes = []

    @dataclass(frozen=True)
    class Counting(JobQueue):
        def report(self, *_given: Any) -> bool:
            writes.append(1)
            return True

    stop = threading.Event()
    task = Task(replace(job), Counting(queue.engine, queue.clock), stop)
    for done in range(1_000):
        task.progress(done)
    assert len(writes) == 1
    stop.set()
    with pytest.raises(Stopped):
        task.progress(1_000)
