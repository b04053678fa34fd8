"""The long work on files, in the queue: checked, taken if nothing stops it, linked."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update

from longmai.domains.livelihood.persons.importing import (
    Desk,
    check,
    keep_faults,
    take,
    upload,
)
from longmai.domains.livelihood.persons.linking import Linking, link_file, unlinked_files
from longmai.domains.livelihood.persons.tables import UPLOAD
from longmai.portal.accounts.acts import account_id_of
from longmai.portal.accounts.visiting import Shown, operator, visitor_for
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor
from longmai.store.worker import Task

TAKE = "livelihood.file.take"


def desk_of(house: House, visitor: Visitor) -> Desk:
    """Return the desk of a visitor."""
    return Desk(visitor, house.regions, house.clock.now())


def enqueue_take(
    house: House, visitor: Visitor, upload_id: UUID, *, leave_faulty: bool = False
) -> UUID:
    """Have a sent file checked, taken and linked; return the job.

    Raises:
        NotFound: there is no such file of the visitor's regions.
    """
    with house.store.begin() as work:
        upload(work.connection, visitor, upload_id)
        here = UPLOAD.c.id == upload_id
        work.connection.execute(update(UPLOAD).where(here).values(state="checking"))
    arguments = {"upload": str(upload_id), "leave_faulty": leave_faulty}
    return house.jobs.enqueue(TAKE, arguments, visitor.actor)


def work_take(house: House, task: Task) -> Mapping[str, Any]:
    """Check, take and link the file of a job; what is wrong with it is kept for its report."""
    desk = desk_of(house, _owner(house, task.job.owner))
    upload_id, told = UUID(task.job.arguments["upload"]), task.job.arguments
    if task.job.attempts > 1:
        _finish_linking(house, desk)
    return take_and_link(
        house, desk, upload_id, task.progress, leave_faulty=bool(told["leave_faulty"])
    )


def _finish_linking(house: House, desk: Desk) -> None:
    # The process may have ended after a file was taken, and before it was linked.
    with house.store.read() as connection:
        waiting = list(unlinked_files(connection))
    for file_id in waiting:
        link_file(house.store, desk, file_id)


def take_and_link(
    house: House, desk: Desk, upload_id: UUID, progress: Any, *, leave_faulty: bool = False
) -> Mapping[str, Any]:
    """Check a sent file; take and link it if nothing stops it; say what came of it.

    Raises:
        NotFound: there is no such file of the visitor's regions.
        Invalid: it cannot be read to the end.
    """
    with house.store.read() as connection:
        sent = upload(connection, desk.visitor, upload_id)
    found = check(sent, desk, progress)
    if not found.rows or (found.stopped and (not leave_faulty or found.stopped == found.rows)):
        with house.store.begin() as work:
            keep_faults(work, upload_id, found)
        return {
            "note": "job.note.file_faulty",
            "page": f"/livelihood/persons/uploads/{upload_id}",
            "rows": found.rows,
            "stopped": found.stopped,
            "faults": [],
        }
    with house.store.begin() as work:
        taken = take(work, desk, sent, leave_faulty=leave_faulty)
    if taken.file_id is None:
        raise TypeError("a file that was taken has an ID")
    linked = link_file(house.store, desk, taken.file_id, progress)
    return _told(taken.rows, taken.stopped, taken.file_id, linked)


def _told(rows: int, stopped: int, file_id: UUID, linked: Linking) -> Mapping[str, Any]:
    return {
        "note": "job.note.file_taken",
        "page": f"/livelihood/persons/files/{file_id}",
        "rows": rows,
        "left_out": stopped,
        "persons_known": linked.known,
        "persons_fresh": linked.fresh,
        "doubts": linked.doubts,
    }


def _owner(house: House, owner: str) -> Visitor:
    # The rights that count are those of the moment of the work, not of the wish.
    if not owner.startswith("account:"):
        return operator(house)
    return visitor_for(house, Shown(account_id_of(owner), strong=True))
