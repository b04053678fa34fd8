"""Departments' files: sent, their columns chosen, checked row by row, taken whole or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, insert, select, update

from longmai.domains.livelihood.persons.content import digest_of, sealed
from longmai.domains.livelihood.persons.model.checking import (
    Checked,
    Fault,
    checked,
    require_usable,
)
from longmai.domains.livelihood.persons.model.fields import guessed, shape_of, title_of
from longmai.domains.livelihood.persons.reading import DepartmentFile
from longmai.domains.livelihood.persons.regions import RegionFinder
from longmai.domains.livelihood.persons.tables import (
    FILE,
    FILE_TAKEN,
    FILE_WITHDRAWN,
    MAPPING,
    ROW,
    UPLOAD,
    WITHDRAWN,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad, prefix
from longmai.kernel.regions import RegionPack
from longmai.ledger.record import Act
from longmai.match.linkage.chinese import sounds
from longmai.portal.rights.visitor import Visitor
from longmai.store.reading import chunks
from longmai.store.unit_of_work import UnitOfWork

IMPORT = "livelihood.person.import"
MAX_FAULTS = 5_000
"""So many faults are kept for the report; all are counted."""
_CHUNK = 1_000
# So long a file waits that somebody sent and did not have taken.
_KEPT = timedelta(days=14)
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Desk:
    """Who works on persons, in which house, and when."""

    visitor: Visitor
    regions: RegionPack
    now: datetime

    @property
    def actor(self) -> str:
        """Who, as records name them."""
        return self.visitor.actor


@dataclass(frozen=True)
class Sent:
    """What is said of a file that is sent.

    Attributes:
        department: whose list it is.
        region: code of the region that it is of.
        as_of: the day that it is of.
        title: of the list; empty: as the file is called.
        whole: it lists everybody; who is missing is no longer on the list.
        sample: the people are made up.
    """

    department: str
    region: str
    as_of: date
    title: str = ""
    whole: bool = True
    sample: bool = False


def send(work: UnitOfWork, desk: Desk, file: DepartmentFile, sent: Sent) -> UUID:
    """Keep a file that somebody sends until it is taken; return its ID.

    Its columns are those kept for its department and shape, or guessed.

    Raises:
        Forbidden: the region is not the sender's.
        Invalid: the file has no headings, the day is to come, or there is no such region.
    """
    region = desk.regions.get(sent.region).code
    desk.visitor.require(IMPORT, region)
    if not sent.department.strip():
        raise Invalid("say whose list it is", code="persons.department", place="department")
    if sent.as_of > beijing_day(desk.now):
        raise Invalid("the day of the list is to come", code="persons.as_of", place="as_of")
    headings = file.headings()
    kept = mapping_of(work.connection, sent.department, headings)
    upload_id = new_id()
    forgotten = UPLOAD.c.sent_at < desk.now - _KEPT
    work.connection.execute(delete(UPLOAD).where(forgotten))
    work.connection.execute(
        insert(UPLOAD).values(
            id=upload_id,
            name=file.name[:200],
            data=file.data,
            headings=headings,
            department=sent.department.strip(),
            title=(sent.title.strip() or (kept.title if kept else title_of(file.name)))[:80],
            region=region,
            as_of=sent.as_of,
            whole=sent.whole,
            sample=sent.sample,
            columns=dict(kept.columns) if kept else guessed(headings),
            state="columns",
            faults=[],
            fault_count=0,
            sent_by=desk.actor,
            sent_at=desk.now,
        )
    )
    return upload_id


@dataclass(frozen=True)
class KeptColumns:
    """What columns mean, as it was kept."""

    columns: Mapping[str, str]
    title: str


def mapping_of(
    connection: Connection, department: str, headings: Sequence[str]
) -> KeptColumns | None:
    """Return what the columns of a department's file of this shape mean; None if nobody said."""
    query = select(MAPPING).where(
        MAPPING.c.department == department.strip(), MAPPING.c.shape == shape_of(headings)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else KeptColumns(row.columns, row.title)


def choose(
    work: UnitOfWork, desk: Desk, upload_id: UUID, columns: Mapping[str, str], title: str
) -> None:
    """Say what the columns of a sent file mean; it is kept for files of the same shape.

    Raises:
        NotFound: there is no such file of the sender's.
        Invalid: nobody could be found by these columns, or a field is given twice.
    """
    found = upload(work.connection, desk.visitor, upload_id)
    told = {each: columns.get(each, found.columns[each]) for each in found.headings}
    require_usable(told)
    named = title.strip()[:80] or found.title
    changes = {"columns": told, "title": named, "state": "checking"}
    work.connection.execute(update(UPLOAD).where(UPLOAD.c.id == upload_id).values(changes))
    here = and_(
        MAPPING.c.department == found.department, MAPPING.c.shape == shape_of(found.headings)
    )
    work.connection.execute(delete(MAPPING).where(here))
    work.connection.execute(
        insert(MAPPING).values(
            department=found.department,
            shape=shape_of(found.headings),
            columns=told,
            title=named,
            by=desk.actor,
            at=desk.now,
        )
    )


def upload(connection: Connection, visitor: Visitor, upload_id: UUID) -> Any:
    """Return a file that was sent, for who may import where it is of.

    Raises:
        NotFound: there is none, or not for this visitor.
    """
    scope = visitor.scope(IMPORT)
    query = select(UPLOAD).where(UPLOAD.c.id == upload_id, scope.rows(UPLOAD.c.region))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such file", code="persons.upload", value=str(upload_id))
    return row


@dataclass
class Outcome:
    """What came of checking a file.

    Attributes:
        rows: that were read.
        faults: the first ``MAX_FAULTS``.
        fault_count: how many there are.
        stopped: rows that cannot be taken.
        file_id: of the file, once it was taken.
    """

    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    stopped: int = 0
    file_id: UUID | None = None

    def note(self, row: Checked) -> None:
        """Count a row, and keep what is wrong with it."""
        self.rows += 1
        self.stopped += not row.sound
        self.fault_count += len(row.faults)
        self.faults += islice(row.faults, max(0, MAX_FAULTS - len(self.faults)))


def check(sent: Any, desk: Desk, progress: Progress = lambda _done, _total: None) -> Outcome:
    """Check a sent file row by row; nothing is written.

    Args:
        sent: as ``upload`` returns it.
        desk: whose regions and day count.
        progress: is told how many rows are done, of how many where that is known.
    """
    found = Outcome()
    for row in _checked(sent, desk, progress):
        found.note(row)
    return found


def take(
    work: UnitOfWork,
    desk: Desk,
    sent: Any,
    *,
    leave_faulty: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Outcome:
    """Take a sent file, whole or not at all; what it says anew ends what was said before.

    Args:
        work: one transaction.
        desk: who takes it.
        sent: as ``upload`` returns it.
        leave_faulty: rows that cannot be taken are left out, and told.
        progress: as for ``check``.

    Raises:
        InvalidMany: a row cannot be taken.
        Invalid: no row can.
    """
    found = Outcome(file_id=new_id())
    commitments: list[bytes] = []
    keys: list[str] = []
    chunk: list[dict[str, Any]] = []
    for row in _checked(sent, desk, progress):
        found.note(row)
        if not row.sound:
            continue
        values = _row_values(sent, found.file_id, row)
        commitments.append(values["commitment"])
        keys.append(values["record_key"])
        chunk.append(values)
        if len(chunk) == _CHUNK:
            work.connection.execute(insert(ROW), chunk)
            chunk = []
    if chunk:
        work.connection.execute(insert(ROW), chunk)
    _require_takeable(found, leave_faulty=leave_faulty, taken=len(keys))
    _end_earlier(work.connection, sent, found.file_id, keys)
    work.ledger.append([_taken_act(sent, desk, found, digest_of(commitments), len(keys))])
    work.connection.execute(delete(UPLOAD).where(UPLOAD.c.id == sent.id))
    return found


def _require_takeable(found: Outcome, *, leave_faulty: bool, taken: int) -> None:
    if found.stopped and not leave_faulty:
        raise InvalidMany(
            f"{found.stopped} rows cannot be taken; nothing was written",
            [_as_error(each) for each in found.faults if each.stops][:20],
            code="persons.rows_wrong",
        )
    if not taken:
        raise Invalid(
            "no row of the file can be taken", code="persons.no_rows", mend="see the report"
        )


def _as_error(fault: Fault) -> Invalid:
    place = f"row {fault.row}" + (f", column {fault.column}" if fault.column else "")
    return Invalid(fault.code, code=f"persons.fault.{fault.code}", place=place, value=fault.value)


def keep_faults(work: UnitOfWork, upload_id: UUID, found: Outcome) -> None:
    """Keep what is wrong with a sent file, for its report."""
    told = [[each.row, each.column, each.value, each.code, each.stops] for each in found.faults]
    changes = {
        "state": "faulty", "rows": found.rows, "faults": told, "fault_count": found.fault_count,
    }  # fmt: skip
    work.connection.execute(update(UPLOAD).where(UPLOAD.c.id == upload_id).values(changes))


def drop(work: UnitOfWork, visitor: Visitor, upload_id: UUID) -> None:
    """Throw a sent file away that was not taken.

    Raises:
        NotFound: there is none.
    """
    found = upload(work.connection, visitor, upload_id)
    work.connection.execute(delete(UPLOAD).where(UPLOAD.c.id == found.id))


def withdraw(work: UnitOfWork, desk: Desk, file_id: UUID) -> list[UUID]:
    """Take a file back: its rows count no longer, those that it ended count again.

    Returns the rows whose persons must be worked out anew.

    Raises:
        NotFound: there is no such file in the visitor's regions.
        Conflict: it was taken back before, or a later file of the list builds on it.
    """
    connection = work.connection
    file = connection.execute(select(FILE).where(FILE.c.id == file_id)).one_or_none()
    if file is None or not desk.visitor.may(IMPORT, file.region):
        raise NotFound("no such file", code="persons.file", value=str(file_id))
    if connection.scalar(select(WITHDRAWN.c.file_id).where(WITHDRAWN.c.file_id == file_id)):
        raise Conflict("the file was taken back before", code="persons.withdrawn")
    own = ROW.c.file_id == file_id
    later = select(ROW.c.ended_by).where(own, ROW.c.ended_by.is_not(None)).limit(1)
    if connection.scalar(later):
        raise Conflict(
            "a later file of the same list builds on this one",
            code="persons.later_file",
            mend="take the later one back first",
        )
    told = list(connection.scalars(select(ROW.c.id).where(own | (ROW.c.ended_by == file_id))))
    connection.execute(update(ROW).where(ROW.c.ended_by == file_id).values(ended_by=None))
    connection.execute(update(ROW).where(own).values(ended_by=file_id))
    act = Act(
        kind=FILE_WITHDRAWN,
        subjects=[f"file:{file_id}"],
        region=file.region,
        actor=desk.actor,
        occurred_at=desk.now,
        payload={"file": str(file_id)},
    )
    work.ledger.append([act])
    return told


def _checked(sent: Any, desk: Desk, progress: Progress) -> Iterator[Checked]:
    file = DepartmentFile(sent.name, sent.data)
    columns = {heading: sent.columns[heading] for heading in sent.headings}
    total = file.count()
    rows = checked(
        file.rows(),
        columns,
        RegionFinder(desk.regions, sent.region),
        today=beijing_day(desk.now),
        within=sent.region,
        sample=sent.sample,
    )
    for done, row in enumerate(rows, 1):
        progress(done, total)
        yield row


def _row_values(sent: Any, file_id: UUID | None, row: Checked) -> dict[str, Any]:
    content, salt, commitment = sealed(row.who, row.facts)
    who = row.who
    own_key = who.get("id_number") or "\x1f".join(
        who.get(each, "") for each in ("name", "birth_date", "phone")
    )
    return {
        "id": new_id(),
        "file_id": file_id,
        "number": row.number,
        "series": series_of(sent.department, sent.title),
        "record_key": who.get("record_key", own_key)[:80],
        "region": who.get("region", sent.region),
        "content": content,
        "salt": salt,
        "commitment": commitment,
        "id_number": who.get("id_number"),
        "name": who.get("name", "")[:80] or None,
        "sound": " ".join(sorted(sounds(who.get("name", ""))))[:160] or None,
        "birth_date": who.get("birth_date"),
        "phone": who.get("phone"),
    }


def series_of(department: str, title: str) -> str:
    """Return what names a department's list over its files."""
    return f"{department}\x1f{title}"


def _end_earlier(
    connection: Connection, sent: Any, file_id: UUID | None, keys: Sequence[str]
) -> None:
    of_list = and_(
        ROW.c.series == series_of(sent.department, sent.title),
        ROW.c.ended_by.is_(None),
        ROW.c.file_id != file_id,
    )
    if sent.whole:
        inside = select(FILE.c.id).where(FILE.c.region.startswith(prefix(sent.region)))
        condition = and_(of_list, ROW.c.file_id.in_(inside))
        connection.execute(update(ROW).where(condition).values(ended_by=file_id))
    for chunk in chunks(keys):
        condition = and_(of_list, ROW.c.record_key.in_(chunk))
        connection.execute(update(ROW).where(condition).values(ended_by=file_id))


def _taken_act(sent: Any, desk: Desk, found: Outcome, digest: str, taken: int) -> Act:
    return Act(
        kind=FILE_TAKEN,
        subjects=[f"file:{found.file_id}"],
        region=pad(sent.region),
        actor=desk.actor,
        occurred_at=desk.now,
        payload={
            "file": str(found.file_id),
            "name": sent.name,
            "department": sent.department,
            "title": sent.title,
            "as_of": sent.as_of.isoformat(),
            "whole": sent.whole,
            "sample": sent.sample,
            "columns": sent.columns,
            "rows": taken,
            "left_out": found.stopped,
            "digest": digest,
        },
    )
