"""Reads of persons, files and pairs, scoped by rights."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from longmai.domains.livelihood.persons.content import opened
from longmai.domains.livelihood.persons.model.profile import Told, profile
from longmai.domains.livelihood.persons.refreshing import rows_of
from longmai.domains.livelihood.persons.tables import (
    DECISION,
    FILE,
    LINK,
    PAIR,
    PERSON,
    ROW,
    UPLOAD,
    WITHDRAWN,
    is_current,
)
from longmai.kernel.errors import NotFound
from longmai.ledger.record import Record
from longmai.portal.accounts.tables import LOOK
from longmai.portal.rights.model import Scope
from longmai.store.ledger import RECORD, SUBJECT
from longmai.store.table_window import Window

READ = "livelihood.person.read"
LOOKED = "livelihood.person.look"


@dataclass(frozen=True)
class Person:
    """A person in a list."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    id_number: str
    region: str
    household: str
    relation: str
    rows: int
    departments: int
    conflicts: int
    sample: bool


@dataclass(frozen=True)
class ListedFile:
    """A file in the list."""

    id: UUID
    record_id: UUID
    name: str
    department: str
    title: str
    region: str
    as_of: date
    whole: bool
    sample: bool
    rows: int
    at: datetime
    withdrawn: bool


@dataclass(frozen=True)
class OpenPair:
    """Two rows that may be of one person, and wait for a clerk."""

    left_row: UUID
    right_row: UUID
    region: str
    bits: float
    levels: Sequence[int]
    why: str


@dataclass(frozen=True)
class Act:
    """What happened to a person: a record.

    Attributes:
        record_id: of the record.
        kind: of it.
        actor: who did it.
        at: when.
        because: why, in the words of who did it.
        can_be_undone: its rows are where it put them.
    """

    record_id: UUID
    kind: str
    actor: str
    at: str
    because: str
    can_be_undone: bool


def persons(
    connection: Connection, scope: Scope, text: str = "", window: Window | None = None
) -> tuple[int, list[Person]]:
    """Return how many persons match, and one page of them.

    Args:
        connection: to read from.
        scope: regions that may be read.
        text: part of a name, its pinyin initials, a whole ID number or a household; empty: all.
        window: which of them.
    """
    window = window or Window("name", descending=False)
    conditions = [scope.rows(PERSON.c.region), *_matching(text.strip())]
    total = connection.scalar(select(func.count()).select_from(PERSON).where(*conditions)) or 0
    sorts = {
        "name": PERSON.c.name,
        "birth_date": PERSON.c.birth_date,
        "region": PERSON.c.region,
        "departments": PERSON.c.departments,
        "conflicts": PERSON.c.conflicts,
    }
    query = window.of(select(PERSON).where(*conditions), sorts, PERSON.c.id)
    return total, [_person(row) for row in connection.execute(query)]


def _matching(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    ways = [
        PERSON.c.name.contains(text, autoescape=True),
        PERSON.c.id_number == text.upper(),
        PERSON.c.household == text,
    ]
    if text.isascii():
        ways.append(PERSON.c.initials.startswith(text.lower(), autoescape=True))
    return [or_(*ways)]


def _person(row: Row[Any]) -> Person:
    return Person(**{name: getattr(row, name) for name in Person.__dataclass_fields__})


def person(connection: Connection, person_id: UUID, scope: Scope) -> Person:
    """Return a person.

    Raises:
        NotFound: there is none in these regions.
    """
    query = select(PERSON).where(PERSON.c.id == person_id, scope.rows(PERSON.c.region))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such person", code="persons.person", value=str(person_id))
    return _person(row)


def person_region(connection: Connection, person_id: UUID) -> str:
    """Return the region of a person.

    Raises:
        NotFound: there is none with rows.
    """
    region = connection.scalar(select(PERSON.c.region).where(PERSON.c.id == person_id))
    if region is None:
        raise NotFound("no such person", code="persons.person", value=str(person_id))
    return str(region)


def became(connection: Connection, person_id: UUID) -> UUID | None:
    """Return the person that one without rows was merged into; None if there is none."""
    rows = select(LINK.c.row_id).where(LINK.c.person_id == person_id)
    query = select(LINK.c.person_id).where(LINK.c.row_id.in_(rows), is_current()).limit(1)
    found: UUID | None = connection.scalar(query)
    return None if found == person_id else found


def profile_of(connection: Connection, person_id: UUID) -> list[Told]:
    """Return what is said of a person, field by field, with sources."""
    return profile(rows_of(connection, [person_id]).get(person_id, []))


def household_of(connection: Connection, found: Person, scope: Scope) -> list[Person]:
    """Return the others of a person's household, by relation and age."""
    if not found.household:
        return []
    query = (
        select(PERSON)
        .where(PERSON.c.household == found.household, PERSON.c.id != found.id)
        .where(scope.rows(PERSON.c.region))
        .order_by(PERSON.c.birth_date, PERSON.c.id)
        .limit(30)
    )
    return [_person(row) for row in connection.execute(query)]


def looked_since(connection: Connection, actor: str, subject: str, since: datetime) -> bool:
    """Tell whether somebody gave a reason to see a person in full since a moment."""
    here = (LOOK.c.by == actor, LOOK.c.subject == subject, LOOK.c.at >= since)
    return connection.scalar(select(LOOK.c.record_id).where(*here).limit(1)) is not None


def acts_of(connection: Connection, person_id: UUID) -> list[Act]:
    """Return what happened to a person by records that name it, newest first."""
    query = (
        select(RECORD)
        .join(SUBJECT, SUBJECT.c.record_id == RECORD.c.id)
        .where(
            SUBJECT.c.subject == f"person:{person_id}", RECORD.c.kind.like("livelihood.person.%")
        )
        .order_by(RECORD.c.id.desc())
        .limit(100)
    )
    return [_act(connection, row) for row in connection.execute(query)]


def _act(connection: Connection, row: Row[Any]) -> Act:
    header = Record(row.id, row.header, row.payload, row.salt).fields()
    told = json.loads(row.payload or b"{}")
    here = LINK.c.record_id == row.id
    now = LINK.alias()
    still = (
        select(func.count())
        .select_from(LINK.join(now, now.c.row_id == LINK.c.row_id))
        .where(here, is_current(now), now.c.person_id == LINK.c.person_id)
    )
    steps = connection.scalar(select(func.count()).select_from(LINK).where(here))
    return Act(
        row.id,
        row.kind,
        header["actor"],
        header["occurred_at"],
        told.get("because", ""),
        bool(steps) and steps == connection.scalar(still),
    )


def files(
    connection: Connection, scope: Scope, window: Window | None = None
) -> tuple[int, list[ListedFile]]:
    """Return how many files were taken in these regions, and one page, newest first."""
    window = window or Window("at")
    condition = scope.rows(FILE.c.region)
    total = connection.scalar(select(func.count()).select_from(FILE).where(condition)) or 0
    joined = FILE.outerjoin(WITHDRAWN, WITHDRAWN.c.file_id == FILE.c.id)
    query = select(FILE, WITHDRAWN.c.at.label("withdrawn_at")).select_from(joined).where(condition)
    rows = connection.execute(window.of(query, {"at": FILE.c.at}, FILE.c.id))
    return total, [_listed(row) for row in rows]


def file(connection: Connection, file_id: UUID, scope: Scope) -> ListedFile:
    """Return a file that was taken.

    Raises:
        NotFound: there is none in these regions.
    """
    joined = FILE.outerjoin(WITHDRAWN, WITHDRAWN.c.file_id == FILE.c.id)
    query = select(FILE, WITHDRAWN.c.at.label("withdrawn_at")).select_from(joined)
    query = query.where(FILE.c.id == file_id, scope.rows(FILE.c.region))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such file", code="persons.file", value=str(file_id))
    return _listed(row)


def _listed(row: Row[Any]) -> ListedFile:
    told = {
        name: getattr(row, name) for name in ListedFile.__dataclass_fields__ if name != "withdrawn"
    }
    return ListedFile(**told, withdrawn=row.withdrawn_at is not None)


def linked_counts(connection: Connection, file_id: UUID) -> Mapping[str, int]:
    """Return how many rows of a file were linked in which way."""
    query = (
        select(LINK.c.how, func.count())
        .join(ROW, ROW.c.id == LINK.c.row_id)
        .where(ROW.c.file_id == file_id, LINK.c.step == 0)
        .group_by(LINK.c.how)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def uploads(connection: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """Return files that were sent and not taken yet, newest first."""
    columns = [column for column in UPLOAD.c if column.name not in {"data", "faults"}]
    query = select(*columns).where(scope.rows(UPLOAD.c.region)).order_by(UPLOAD.c.id.desc())
    return connection.execute(query.limit(50)).all()


def open_pairs(
    connection: Connection, scope: Scope, *, offset: int = 0, limit: int = 20
) -> tuple[int, list[OpenPair]]:
    """Return how many pairs wait for a clerk in these regions, and some, the likeliest first."""
    conditions = [scope.rows(PAIR.c.region), *_waiting()]
    total = connection.scalar(select(func.count()).select_from(PAIR).where(*conditions)) or 0
    query = (
        select(PAIR)
        .where(*conditions)
        .order_by(PAIR.c.bits.desc(), PAIR.c.left_row, PAIR.c.right_row)
    )
    found = connection.execute(query.offset(offset).limit(limit))
    return total, [
        OpenPair(r.left_row, r.right_row, r.region, r.bits, tuple(r.levels), r.why) for r in found
    ]


def _waiting() -> list[ColumnElement[bool]]:
    left, right = LINK.alias(), LINK.alias()
    # No join in it: it would bring PAIR in anew, and ask of any pair at all.
    apart = (
        select(left.c.row_id)
        .where(left.c.row_id == PAIR.c.left_row, right.c.row_id == PAIR.c.right_row)
        .where(left.c.person_id != right.c.person_id, is_current(left), is_current(right))
        .correlate(PAIR)
    )
    later = DECISION.alias()
    same_pair = (DECISION.c.left_row == PAIR.c.left_row) & (
        DECISION.c.right_row == PAIR.c.right_row
    )
    newer = (
        (later.c.left_row == DECISION.c.left_row)
        & (later.c.right_row == DECISION.c.right_row)
        & (later.c.record_id > DECISION.c.record_id)
    )
    different = select(DECISION.c.record_id).where(
        same_pair,
        DECISION.c.verdict == "different",
        ~select(later.c.record_id).where(newer).exists(),
    )
    # Both sides must count still: a row that a later file ended asks nobody.
    counting = [
        select(ROW.c.id)
        .where(ROW.c.id == side, ROW.c.ended_by.is_(None), ROW.c.content.is_not(None))
        .exists()
        for side in (PAIR.c.left_row, PAIR.c.right_row)
    ]
    return [apart.exists(), ~different.exists(), *counting]


def pair(connection: Connection, left: UUID, right: UUID, scope: Scope) -> OpenPair:
    """Return a pair, also one that was decided.

    Raises:
        NotFound: there is none in these regions.
    """
    here = (PAIR.c.left_row == left, PAIR.c.right_row == right, scope.rows(PAIR.c.region))
    row = connection.execute(select(PAIR).where(*here)).one_or_none()
    if row is None:
        raise NotFound("no such pair", code="persons.pair")
    return OpenPair(row.left_row, row.right_row, row.region, row.bits, tuple(row.levels), row.why)


@dataclass(frozen=True)
class ShownRow:
    """A row as a page shows it: what it says, and where it stands."""

    id: UUID
    person_id: UUID
    who: Mapping[str, str]
    facts: Mapping[str, str]
    department: str
    title: str
    as_of: date
    number: int


def shown_rows(connection: Connection, row_ids: Sequence[UUID]) -> dict[UUID, ShownRow]:
    """Return rows with the persons that they are with; one that was erased is left out."""
    query = (
        select(LINK.c.person_id, ROW.c.id, ROW.c.content, ROW.c.number, FILE)
        .join(ROW, ROW.c.id == LINK.c.row_id)
        .join(FILE, FILE.c.id == ROW.c.file_id)
        .where(ROW.c.id.in_(row_ids), is_current(), ROW.c.content.is_not(None))
    )
    found = {}
    for row in connection.execute(query):
        who, facts = opened(row.content)
        found[row.id] = ShownRow(
            row.id, row.person_id, who, facts, row.department, row.title, row.as_of, row.number
        )
    return found
