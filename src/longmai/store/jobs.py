"""Jobs: long work in a queue of the database, which survives restarts and needs no second server.

A job waits, runs, and is done, failed or cancelled. A worker that runs one says so every few
seconds; where it falls silent (its process was killed), another takes the job again. What a job
does must therefore bear being done twice.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    Row,
    String,
    Table,
    Uuid,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from longmai.kernel.clock import Clock
from longmai.kernel.errors import Conflict, NotFound
from longmai.kernel.ids import new_id
from longmai.store.database import metadata, reading, writing
from longmai.store.types import Bytes, UtcDateTime

State = Literal["waiting", "running", "done", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
SILENT = timedelta(seconds=30)
MAX_ATTEMPTS = 3
# Before a second and a third attempt.
_PAUSES = (timedelta(seconds=5), timedelta(seconds=60))
_MAX_ERROR_CHARACTERS = 1_000

JOB = Table(
    "job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String, nullable=False),
    Column("arguments", Bytes, nullable=False),
    Column("owner", String, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("cancel_wanted", Boolean, nullable=False),
    Column("result", Bytes),
    Column("error", String),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index("ix_job_state_due_at", "state", "due_at"),
)


@dataclass(frozen=True)
class Job:
    """A job as it stands.

    Attributes:
        id: UUIDv7.
        kind: dotted name, by which its work is found.
        arguments: what it works on.
        owner: who asked for it.
        state: waiting, running, done, failed or cancelled.
        attempts: how often it was begun.
        done: how much is done, of ``total`` where that is known.
        cancel_wanted: somebody asked to stop it.
        result: what came of it, once done.
        error: why it failed last, in words.
    """

    id: UUID
    kind: str
    arguments: Mapping[str, Any]
    owner: str
    state: State
    attempts: int
    done: int
    total: int | None
    cancel_wanted: bool
    result: Mapping[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED

    @property
    def percent(self) -> int | None:
        """Progress, where the total is known."""
        return None if not self.total else min(100, 100 * self.done // self.total)


@dataclass(frozen=True)
class JobQueue:
    """The queue in the database; any number of processes may share it."""

    engine: Engine
    clock: Clock

    def enqueue(self, kind: str, arguments: Mapping[str, Any], owner: str) -> UUID:
        """Put a job into the queue and return its ID."""
        with writing(self.engine) as connection:
            return self.enqueue_in(connection, kind, arguments, owner)

    def enqueue_in(
        self, connection: Connection, kind: str, arguments: Mapping[str, Any], owner: str
    ) -> UUID:
        """Put a job into the queue as part of a transaction, and return its ID."""
        job_id, now = new_id(), self.clock.now()
        values = {
            "id": job_id,
            "kind": kind,
            "arguments": json.dumps(dict(arguments), ensure_ascii=False).encode(),
            "owner": owner,
            "state": "waiting",
            "attempts": 0,
            "done": 0,
            "cancel_wanted": False,
            "created_at": now,
            "due_at": now,
        }
        connection.execute(insert(JOB).values(values))
        return job_id

    def job(self, job_id: UUID) -> Job:
        """Return a job.

        Raises:
            NotFound: there is none of this ID.
        """
        with reading(self.engine) as connection:
            return _job(_row(connection, job_id))

    def jobs(self, offset: int, limit: int, owner: str | None = None) -> tuple[Sequence[Job], int]:
        """Return jobs, newest first, and the number of all; of one owner where named."""
        here = [] if owner is None else [JOB.c.owner == owner]
        with reading(self.engine) as connection:
            total = connection.scalar(select(func.count()).select_from(JOB).where(*here)) or 0
            query = select(JOB).where(*here).order_by(JOB.c.id.desc()).offset(offset).limit(limit)
            return [_job(row) for row in connection.execute(query)], total

    def failed(self, owner: str, limit: int) -> Sequence[Job]:
        """Return an owner's jobs that failed, newest first."""
        here = (JOB.c.owner == owner, JOB.c.state == "failed")
        with reading(self.engine) as connection:
            query = select(JOB).where(*here).order_by(JOB.c.id.desc()).limit(limit)
            return [_job(row) for row in connection.execute(query)]

    def claim(self, kinds: Sequence[str]) -> Job | None:
        """Take the job that is due longest, or one whose worker fell silent; None if there is none.

        One that fell silent too often is failed: it may be what kills the worker.
        """
        now = self.clock.now()
        due = and_(JOB.c.state == "waiting", JOB.c.due_at <= now)
        silent = and_(JOB.c.state == "running", JOB.c.seen_at < now - SILENT)
        query = (
            select(JOB)
            .where(JOB.c.kind.in_(kinds), or_(due, silent))
            .order_by(JOB.c.due_at, JOB.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with writing(self.engine) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            if row.cancel_wanted:
                _set(connection, row.id, state="cancelled", ended_at=now)
                return None
            if row.attempts >= MAX_ATTEMPTS:
                told = "the process that ran it ended again and again"
                _set(connection, row.id, state="failed", error=told, ended_at=now)
                return None
            started = {"state": "running", "attempts": row.attempts + 1, "started_at": now}
            _set(connection, row.id, **started, seen_at=now, done=0, total=None, error=None)
            return _job(_row(connection, row.id))

    def report(self, job: Job, done: int | None = None, total: int | None = None) -> bool:
        """Say that a job is alive, and how far; return whether it may go on.

        It may not when somebody wants it cancelled, or another worker took it over.
        """
        changes: dict[str, Any] = {"seen_at": self.clock.now()}
        if done is not None:
            changes |= {"done": done, "total": total}
        with writing(self.engine) as connection:
            mine = _mine(job)
            changed = connection.execute(update(JOB).where(mine).values(changes))
            wanted = connection.scalar(select(JOB.c.cancel_wanted).where(mine))
        return changed.rowcount == 1 and not wanted

    def finish(self, job: Job, result: Mapping[str, Any]) -> None:
        """Keep what came of a job; nothing happens if another worker took it over."""
        data = json.dumps(dict(result), ensure_ascii=False).encode()
        self._end(job, state="done", result=data, ended_at=self.clock.now())

    def fail(self, job: Job, error: str, *, for_good: bool) -> None:
        """Keep why a job failed; it is tried again later unless it failed for good."""
        now, told = self.clock.now(), error[:_MAX_ERROR_CHARACTERS]
        if for_good or job.attempts >= MAX_ATTEMPTS:
            self._end(job, state="failed", error=told, ended_at=now)
        else:
            pause = _PAUSES[job.attempts - 1]
            self._end(job, state="waiting", error=told, due_at=now + pause)

    def cancelled(self, job: Job) -> None:
        """Say that a job was stopped as wanted."""
        self._end(job, state="cancelled", ended_at=self.clock.now())

    def cancel(self, job_id: UUID) -> None:
        """Ask that a job be stopped: at once if it waits, else at its next step.

        Raises:
            NotFound: there is none of this ID.
            Conflict: it has ended.
        """
        with writing(self.engine) as connection:
            row = _row(connection, job_id)
            if row.state in ENDED:
                raise Conflict("the job has ended", code="job.ended", value=row.state)
            changes: dict[str, Any] = {"cancel_wanted": True}
            if row.state == "waiting":
                changes |= {"state": "cancelled", "ended_at": self.clock.now()}
            _set(connection, job_id, **changes)

    def retry(self, job_id: UUID) -> None:
        """Put a job that failed or was cancelled into the queue again.

        Raises:
            NotFound: there is none of this ID.
            Conflict: it is done, or has not ended.
        """
        with writing(self.engine) as connection:
            row = _row(connection, job_id)
            if row.state not in {"failed", "cancelled"}:
                raise Conflict("only what failed or was cancelled is tried again", code="job.state")
            fresh = {"state": "waiting", "attempts": 0, "done": 0, "total": None, "error": None}
            now = self.clock.now()
            _set(connection, job_id, **fresh, cancel_wanted=False, due_at=now, ended_at=None)

    def _end(self, job: Job, **changes: Any) -> None:
        with writing(self.engine) as connection:
            connection.execute(update(JOB).where(_mine(job)).values(changes))


def _mine(job: Job) -> Any:
    # Another worker that took the job over began another attempt.
    return and_(JOB.c.id == job.id, JOB.c.state == "running", JOB.c.attempts == job.attempts)


def _set(connection: Connection, job_id: UUID, **changes: Any) -> None:
    connection.execute(update(JOB).where(JOB.c.id == job_id).values(changes))


def _row(connection: Connection, job_id: UUID) -> Row[Any]:
    row = connection.execute(select(JOB).where(JOB.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound("no such job", code="job", value=str(job_id))
    return row


def _job(row: Row[Any]) -> Job:
    told = {name: getattr(row, name) for name in Job.__dataclass_fields__}
    told["arguments"] = json.loads(row.arguments)
    told["result"] = None if row.result is None else json.loads(row.result)
    return Job(**told)
