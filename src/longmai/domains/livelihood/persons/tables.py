"""Tables of persons: files and their rows (datasets), links and consents (projections), reading.

A file's rows are a dataset: its record names their digest, and each row keeps a salt, so that one
row can be erased and the digest still be told from the commitments. Which row is of which person
is said by records alone: ``LINK`` has one row a step, and the highest step of a row counts.
``PERSON`` is worked out of both for lists and searches (``refreshing``), and holds nothing else.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    and_,
    insert,
)

from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import Bytes, UtcDateTime

FILE_TAKEN = "livelihood.file.taken"
FILE_WITHDRAWN = "livelihood.file.withdrawn"
LINKED = "livelihood.person.linked"
MERGED = "livelihood.person.merged"
SPLIT = "livelihood.person.split"
UNDONE = "livelihood.person.undone"
PAIR_DECIDED = "livelihood.pair.decided"
CONSENT_GIVEN = "livelihood.consent.given"
CONSENT_WITHDRAWN = "livelihood.consent.withdrawn"
ROWS_ERASED = "livelihood.row.erased"
MOVING = (LINKED, MERGED, SPLIT, UNDONE)

# A file that somebody sent and that is not taken yet; it goes when it is, or after some days.
UPLOAD = Table(
    "livelihood_upload",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("data", Bytes, nullable=False),
    Column("headings", JSON, nullable=False),
    Column("department", String(40), nullable=False),
    Column("title", String(80), nullable=False),
    Column("region", String(12), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("rows", Integer),
    Column("faults", JSON, nullable=False),
    Column("fault_count", Integer, nullable=False),
    Column("sent_by", String, nullable=False, index=True),
    Column("sent_at", UtcDateTime, nullable=False),
)

# Which column means what: kept by department and shape (the headings), and used again.
MAPPING = Table(
    "livelihood_mapping",
    metadata,
    Column("department", String(40), primary_key=True),
    Column("shape", String(64), primary_key=True),
    Column("columns", JSON, nullable=False),
    Column("title", String(80), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

FILE = Table(
    "livelihood_file",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("department", String(40), nullable=False),
    Column("title", String(80), nullable=False),
    Column("region", String(12), nullable=False, index=True),
    Column("as_of", Date, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

WITHDRAWN = Table(
    "livelihood_file_withdrawn",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("file_id", Uuid, nullable=False, unique=True),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# A row of a file; ``content`` and ``salt`` are null once it was erased. ``ended_by``: the later
# file that says the same anew, or the file itself once it was withdrawn.
ROW = Table(
    "livelihood_row",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("series", String(124), nullable=False),
    Column("record_key", String(80), nullable=False),
    Column("region", String(12), nullable=False),
    Column("content", Bytes),
    Column("salt", Bytes),
    Column("commitment", Bytes, nullable=False),
    Column("ended_by", Uuid, index=True),
    Column("id_number", String(32)),
    Column("name", String(80)),
    Column("sound", String(160)),
    Column("birth_date", String(10)),
    Column("phone", String(20)),
    Index("ix_livelihood_row_file_id_number", "file_id", "number"),
    Index("ix_livelihood_row_series_record_key", "series", "record_key"),
    Index("ix_livelihood_row_id_number", "id_number"),
    Index("ix_livelihood_row_birth_date_sound", "birth_date", "sound"),
    Index("ix_livelihood_row_name_phone", "name", "phone"),
)

LINK = Table(
    "livelihood_link",
    metadata,
    Column("row_id", Uuid, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("record_id", Uuid, nullable=False, index=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("how", String(8), nullable=False),
    Column("bits", Float),
    Column("at", UtcDateTime, nullable=False),
)

# Pairs that wait for a clerk, found by a run of linkage; what was decided is a record.
PAIR = Table(
    "livelihood_pair",
    metadata,
    Column("left_row", Uuid, primary_key=True),
    Column("right_row", Uuid, primary_key=True, index=True),
    Column("region", String(12), nullable=False, index=True),
    Column("bits", Float, nullable=False),
    Column("levels", JSON, nullable=False),
    Column("why", String(20), nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
)

DECISION = Table(
    "livelihood_pair_decision",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("left_row", Uuid, nullable=False),
    Column("right_row", Uuid, nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_livelihood_pair_decision_left_row_right_row", "left_row", "right_row"),
)

CONSENT = Table(
    "livelihood_consent",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    # Of whoever is in the population, not only of registered persons.
    Column("person_id", String(64), nullable=False, index=True),
    Column("purpose", String(20), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("given_by", String(12), nullable=False),
    Column("guardian", String(80), nullable=False),
    Column("way", String(12), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

PERSON = Table(
    "livelihood_person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("initials", String(64), nullable=False, index=True),
    Column("sex", String(2), nullable=False),
    Column("birth_date", Date),
    Column("id_number", String(32), nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("household", String(80), nullable=False, index=True),
    Column("relation", String(20), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("departments", Integer, nullable=False),
    Column("conflicts", Integer, nullable=False),
    Column("sample", Boolean, nullable=False),
    Index("ix_livelihood_person_region_name", "region", "name"),
    Index("ix_livelihood_person_name", "name"),
)

TABLES = (
    UPLOAD, MAPPING, FILE, WITHDRAWN, ROW, LINK, PAIR, DECISION, CONSENT, PERSON,
)  # fmt: skip


def is_current(link: Table | Any = LINK) -> ColumnElement[bool]:
    """Return the condition that a step of a row's links is its last."""
    later = LINK.alias()
    return ~(
        later.select().where(and_(later.c.row_id == link.c.row_id, later.c.step == link.c.step + 1))
    ).exists()


def _at(entry: Entry) -> datetime:
    return from_text(entry.header["occurred_at"])


def _project_files(connection: Connection, entries: Sequence[Entry]) -> None:
    kept = ("name", "department", "title", "whole", "sample", "rows", "digest")
    rows = [
        {
            "record_id": entry.record_id,
            "id": UUID(entry.payload["file"]),
            "region": entry.header["region"],
            "as_of": date.fromisoformat(entry.payload["as_of"]),
            **{name: entry.payload[name] for name in kept},
            "by": entry.header["actor"],
            "at": _at(entry),
        }
        for entry in entries
        if entry.payload is not None
    ]
    _insert(connection, FILE, rows)


def _project_withdrawn(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "file_id": UUID(entry.payload["file"]),
            "by": entry.header["actor"],
            "at": _at(entry),
        }
        for entry in entries
        if entry.payload is not None
    ]
    _insert(connection, WITHDRAWN, rows)


def _project_moves(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "row_id": UUID(row),
            "step": step,
            "record_id": entry.record_id,
            "person_id": UUID(person),
            "how": how,
            "bits": bits,
            "at": _at(entry),
        }
        for entry in entries
        if entry.payload is not None
        for row, step, person, how, bits in entry.payload["moves"]
    ]
    _insert(connection, LINK, rows)


def _project_decisions(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "left_row": UUID(entry.payload["left"]),
            "right_row": UUID(entry.payload["right"]),
            "verdict": entry.payload["verdict"],
            "by": entry.header["actor"],
            "at": _at(entry),
        }
        for entry in entries
        if entry.payload is not None
    ]
    _insert(connection, DECISION, rows)


def _project_consents(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "person_id": entry.payload["person"],
            "given": entry.header["kind"] == CONSENT_GIVEN,
            **{name: entry.payload[name] for name in ("purpose", "given_by", "guardian", "way")},
            "by": entry.header["actor"],
            "at": _at(entry),
        }
        for entry in entries
        if entry.payload is not None
    ]
    _insert(connection, CONSENT, rows)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


PROJECTIONS = (
    Projection(FILE_TAKEN, (FILE,), _project_files),
    Projection(FILE_WITHDRAWN, (WITHDRAWN,), _project_withdrawn),
    *(Projection(kind, (LINK,), _project_moves) for kind in MOVING),
    Projection(PAIR_DECIDED, (DECISION,), _project_decisions),
    Projection(CONSENT_GIVEN, (CONSENT,), _project_consents),
    Projection(CONSENT_WITHDRAWN, (CONSENT,), _project_consents),
)
