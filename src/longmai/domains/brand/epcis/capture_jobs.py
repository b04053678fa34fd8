"""Capture jobs: what was sent, what became of it; long documents are captured in the queue."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, insert, select, true, update

from longmai.domains.brand.epcis.problems import told
from longmai.domains.brand.epcis.tables import CAPTURE, UPLOAD
from longmai.domains.brand.intake import Intake, take_in
from longmai.domains.brand.model.epcis.stream import Chunks
from longmai.domains.brand.service import Capturer
from longmai.kernel.clock import to_text
from longmai.kernel.errors import InvalidMany, LongmaiError, NotFound, Unavailable
from longmai.portal.house import House
from longmai.portal.rights.model import Scope
from longmai.store.database import writing
from longmai.store.worker import Task

KIND = "brand.capture"


def begin(house: House, capture_id: UUID, by: Capturer, *, proceed: bool) -> None:
    """Note that a document was sent."""
    values = {
        "id": capture_id,
        "owner": by.actor,
        "regions": sorted(by.within.regions),
        "proceed": proceed,
        "created_at": by.now,
        "success": False,
        "events": 0,
        "taken": 0,
        "errors": [],
    }
    with writing(house.store.engine) as connection:
        connection.execute(insert(CAPTURE).values(values))


def add_piece(house: House, capture_id: UUID, number: int, data: bytes) -> None:
    """Keep a piece of a document that waits to be captured."""
    with writing(house.store.engine) as connection:
        values = {"capture_id": capture_id, "number": number, "data": data}
        connection.execute(insert(UPLOAD).values(values))


def drop(house: House, capture_id: UUID) -> None:
    """Forget a document that did not come to its end, and its capture."""
    with writing(house.store.engine) as connection:
        connection.execute(delete(UPLOAD).where(UPLOAD.c.capture_id == capture_id))
        connection.execute(delete(CAPTURE).where(CAPTURE.c.id == capture_id))


def take_now(
    house: House, capture_id: UUID, by: Capturer, chunks: Chunks, *, proceed: bool
) -> Intake:
    """Capture a document at once, and keep what came of it.

    Raises:
        LongmaiError: nothing of it was taken; that is kept, too.
    """
    try:
        found = take_in(house.store, chunks, (capture_id, by), proceed=proceed)
    except LongmaiError as refusal:
        _finish(house, capture_id, Intake(capture_id, faults=_faults(refusal)), success=False)
        raise
    _finish(house, capture_id, found, success=not found.faults)
    return found


def work(house: House, task: Task) -> Mapping[str, Any]:
    """Capture the document of a job, telling its progress."""
    capture_id = UUID(task.job.arguments["capture"])
    row = _row(house, capture_id, true())
    by = Capturer(row.owner, Scope(frozenset(row.regions)), house.regions.code, house.clock.now())

    def progress(done: int, total: int) -> None:
        task.progress(done, total)
        _note(house, capture_id, events=total, taken=done if row.proceed else 0)

    def chunks() -> Iterator[bytes]:
        return _pieces(house, capture_id)

    try:
        found = take_in(
            house.store, chunks, (capture_id, by), proceed=row.proceed, progress=progress
        )
    except Unavailable:
        raise  # tried again later
    except LongmaiError as refusal:
        found = Intake(capture_id, events=row.events, faults=_faults(refusal))
    _finish(house, capture_id, found, success=not found.faults)
    with writing(house.store.engine) as connection:
        connection.execute(delete(UPLOAD).where(UPLOAD.c.capture_id == capture_id))
    return {
        "events": found.events,
        "captured": found.taken,
        "errors": [str(fault) for fault in found.faults],
    }


def _pieces(house: House, capture_id: UUID) -> Iterator[bytes]:
    number = 0
    while True:
        here = (UPLOAD.c.capture_id == capture_id, UPLOAD.c.number == number)
        with house.store.read() as connection:
            piece: bytes | None = connection.scalar(select(UPLOAD.c.data).where(*here))
        if piece is None:
            return
        yield piece
        number += 1


def _faults(refusal: LongmaiError) -> list[LongmaiError]:
    return list(refusal.findings) if isinstance(refusal, InvalidMany) else [refusal]


def _finish(house: House, capture_id: UUID, found: Intake, *, success: bool) -> None:
    _note(
        house,
        capture_id,
        finished_at=house.clock.now(),
        success=success,
        events=found.events,
        taken=found.taken,
        errors=[told(fault) for fault in found.faults],
    )


def _note(house: House, capture_id: UUID, **changes: Any) -> None:
    with writing(house.store.engine) as connection:
        connection.execute(update(CAPTURE).where(CAPTURE.c.id == capture_id).values(changes))


def one(house: House, capture_id: UUID, seen: ColumnElement[bool]) -> dict[str, Any]:
    """Return a capture as the standard tells it.

    Raises:
        NotFound: there is none of this ID that may be seen.
    """
    return _told(_row(house, capture_id, seen))


def newest(
    house: House, seen: ColumnElement[bool], page: int, before: UUID | None
) -> Iterable[dict[str, Any]]:
    """Return captures, newest first, from before a capture on; one more than a page."""
    query = select(CAPTURE).where(seen).order_by(CAPTURE.c.id.desc()).limit(page + 1)
    with house.store.read() as connection:
        rows = connection.execute(query if before is None else query.where(CAPTURE.c.id < before))
        return [_told(row) for row in rows]


def _row(house: House, capture_id: UUID, seen: ColumnElement[bool]) -> Row[Any]:
    with house.store.read() as connection:
        query = select(CAPTURE).where(CAPTURE.c.id == capture_id, seen)
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such capture", code="epcis.capture", value=str(capture_id))
    return row


def _told(row: Row[Any]) -> dict[str, Any]:
    told_job: dict[str, Any] = {
        "captureID": str(row.id),
        "createdAt": to_text(row.created_at),
        "running": row.finished_at is None,
        "success": row.success,
        "captureErrorBehaviour": "proceed" if row.proceed else "rollback",
        "errors": row.errors,
        "events": row.events,
        "captured": row.taken,
    }
    if row.finished_at is not None:
        told_job["finishedAt"] = to_text(row.finished_at)
    return told_job
