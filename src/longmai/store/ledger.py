"""The ledger in SQL: records, their places, tiles and checkpoints, on SQLite and PostgreSQL."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Uuid,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from longmai.kernel.errors import Conflict, NotFound, Unavailable
from longmai.ledger.erasure import ERASED_KIND
from longmai.ledger.merkle import TILE_WIDTH, MemoryTiles, tiles_on_path
from longmai.ledger.note import VerifierKey
from longmai.ledger.record import Record, commitment
from longmai.ledger.rotation import ROTATED_KIND
from longmai.ledger.tiles import entry_bundle
from longmai.store.database import metadata
from longmai.store.projection import Entry
from longmai.store.types import Bytes, UtcDateTime

RECORD = Table(
    "ledger_record",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String, nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("header", Bytes, nullable=False),
    Column("payload", Bytes),
    Column("salt", Bytes),
)

# Records that no checkpoint covers yet; integration empties it.
WAITING = Table(
    "ledger_waiting",
    metadata,
    Column("record_id", Uuid, ForeignKey("ledger_record.id"), primary_key=True),
)

LEAF = Table(
    "ledger_leaf",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Uuid, nullable=False, unique=True),
)

SUBJECT = Table(
    "ledger_subject",
    metadata,
    Column("subject", String, primary_key=True),
    Column("record_id", Uuid, ForeignKey("ledger_record.id"), primary_key=True, index=True),
)

TILE = Table(
    "ledger_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile_index", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", Bytes, nullable=False),
)

CHECKPOINT = Table(
    "ledger_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Bytes, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)

TABLES = (RECORD, WAITING, LEAF, SUBJECT, TILE, CHECKPOINT)

_CHUNK = 1024
# Any fixed number, the same in every process of this program.
_INTEGRATION_LOCK = 6_210_001


class SqlLog:
    """The log within one transaction: for integration, proofs and audit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Keep other integrators out until the transaction ends (SQLite: the write lock does)."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text(f"SELECT pg_advisory_xact_lock({_INTEGRATION_LOCK})"))

    def size(self) -> int:
        """Return the number of records that have their place."""
        last: int | None = self._connection.scalar(select(func.max(LEAF.c.leaf_index)))
        return 0 if last is None else last + 1

    def published(self) -> str | None:
        """Return the newest published checkpoint, or None before the first."""
        newest = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
        note: bytes | None = self._connection.scalar(newest)
        return None if note is None else note_text(note)

    def published_size(self) -> int | None:
        """Return the size of the newest published checkpoint, or None before the first."""
        size: int | None = self._connection.scalar(select(func.max(CHECKPOINT.c.size)))
        return size

    def rotations(self) -> list[tuple[int, Record]]:
        """Return (leaf index, record) of the key rotations that have their place, oldest first."""
        query = (
            select(RECORD, LEAF.c.leaf_index)
            .join(LEAF, LEAF.c.record_id == RECORD.c.id)
            .where(RECORD.c.kind == ROTATED_KIND)
            .order_by(LEAF.c.leaf_index)
        )
        return [
            (row.leaf_index, Record(row.id, row.header, row.payload, row.salt))
            for row in self._connection.execute(query)
        ]

    def keys(self, now: VerifierKey) -> list[VerifierKey]:
        """Return the log's keys, oldest first, given the one that signs now."""
        told = [json.loads(record.payload or b"{}") for _, record in self.rotations()]
        return [*(VerifierKey.parse(each["from"]) for each in told), now]

    def rotated_to(self) -> str | None:
        """Return the key that the newest placed rotation names, or None if there was none."""
        rotations = self.rotations()
        return str(json.loads(rotations[-1][1].payload or b"{}")["to"]) if rotations else None

    def checkpoint_from(self, size: int) -> tuple[int, str] | None:
        """Return (size, note) of the first published checkpoint of at least this size."""
        query = (
            select(CHECKPOINT.c.size, CHECKPOINT.c.note)
            .where(CHECKPOINT.c.size >= size)
            .order_by(CHECKPOINT.c.size)
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else (row.size, note_text(row.note))

    def record_count(self) -> int:
        """Return how many records there are, those that wait for their place too.

        It grows with every record, and by nothing else: two that are equal saw the same ledger.
        """
        return self.size() + self.waiting_count()

    def waiting_count(self) -> int:
        """Return how many records wait for their place."""
        return self._connection.scalar(select(func.count()).select_from(WAITING)) or 0

    def waiting(self, limit: int) -> Sequence[tuple[UUID, bytes]]:
        """Return (record ID, header) of committed records without a place, oldest first."""
        rows = self._connection.execute(
            select(RECORD.c.id, RECORD.c.header)
            .join(WAITING, WAITING.c.record_id == RECORD.c.id)
            .order_by(RECORD.c.id)
            .limit(limit)
        )
        return [(row.id, row.header) for row in rows]

    def place(self, first_leaf_index: int, record_ids: Sequence[UUID]) -> None:
        """Give records their leaf indexes; they wait no longer."""
        if not record_ids:
            return
        self._connection.execute(
            insert(LEAF),
            [
                {"leaf_index": first_leaf_index + i, "record_id": record_id}
                for i, record_id in enumerate(record_ids)
            ],
        )
        placed = select(LEAF.c.record_id).where(LEAF.c.leaf_index >= first_leaf_index)
        self._connection.execute(delete(WAITING).where(WAITING.c.record_id.in_(placed)))

    def read_tile(self, level: int, index: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        found = self._connection.scalar(
            select(TILE.c.hashes).where(TILE.c.level == level, TILE.c.tile_index == index)
        )
        return found or b""

    def near(self, leaf_indexes: Collection[int], size: int) -> MemoryTiles:
        """Return the tiles for the paths of leaves in the tree of a size, read in one go."""
        places = sorted({place for leaf in leaf_indexes for place in tiles_on_path(leaf, size)})
        found: dict[tuple[int, int], bytes] = {}
        for start in range(0, len(places), _CHUNK):
            # Level by level: SQLite would look through the whole table for pairs in a list.
            by_level = groupby(places[start : start + _CHUNK], key=itemgetter(0))
            wanted = [
                and_(TILE.c.level == level, TILE.c.tile_index.in_([index for _, index in chunk]))
                for level, chunk in by_level
            ]
            for row in self._connection.execute(select(TILE).where(or_(*wanted))):
                found[row.level, row.tile_index] = row.hashes
        return MemoryTiles(behind=self, tiles=found)

    def entry_bundle(self, index: int, width: int) -> bytes:
        """Return the entries of a bundle, or the first ``width`` of them, as tlog-tiles has them.

        Raises:
            NotFound: the log has not so many entries.
        """
        first = index * TILE_WIDTH
        query = (
            select(RECORD.c.header)
            .join(LEAF, LEAF.c.record_id == RECORD.c.id)
            .where(LEAF.c.leaf_index >= first, LEAF.c.leaf_index < first + width)
            .order_by(LEAF.c.leaf_index)
        )
        headers = list(self._connection.scalars(query))
        if len(headers) != width:
            raise NotFound("the log has no such entries", code="ledger.tile", value=index)
        return entry_bundle(headers)

    def write_tile(self, level: int, index: int, hashes: bytes) -> None:
        """Keep a tile, in place of the shorter one before."""
        place = (TILE.c.level == level) & (TILE.c.tile_index == index)
        changed = self._connection.execute(update(TILE).where(place).values(hashes=hashes))
        if not changed.rowcount:
            values = {"level": level, "tile_index": index, "hashes": hashes}
            self._connection.execute(insert(TILE).values(values))

    def publish(self, size: int, checkpoint: str, at: datetime) -> None:
        """Keep a signed checkpoint."""
        values = {"size": size, "note": checkpoint.encode(), "published_at": at}
        self._connection.execute(insert(CHECKPOINT).values(values))

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint.

        Raises:
            Unavailable: none was published yet.
        """
        note = self.published()
        if note is None:
            raise Unavailable(
                "the log has not signed its first checkpoint yet",
                code="ledger.pending",
                mend="try again in a second; is the server running?",
            )
        return note

    def placed(self, record_ids: Sequence[UUID]) -> list[tuple[int, Record]]:
        """Return (leaf index, record) of records, in the order asked.

        Raises:
            NotFound: there is no such record.
            Unavailable: a record has no place in the log yet.
        """
        found: dict[UUID, tuple[int | None, Record]] = {}
        for start in range(0, len(record_ids), _CHUNK):
            ids = record_ids[start : start + _CHUNK]
            query = (
                select(RECORD, LEAF.c.leaf_index)
                .outerjoin(LEAF, LEAF.c.record_id == RECORD.c.id)
                .where(RECORD.c.id.in_(ids))
            )
            for row in self._connection.execute(query):
                found[row.id] = row.leaf_index, Record(row.id, row.header, row.payload, row.salt)
        return [_placed(record_id, found) for record_id in record_ids]

    def record(self, record_id: UUID) -> Record:
        """Return a record, placed or not.

        Raises:
            NotFound: there is no such record.
        """
        row = self._connection.execute(select(RECORD).where(RECORD.c.id == record_id)).one_or_none()
        if row is None:
            raise NotFound("no such record", code="ledger.record", value=str(record_id))
        return Record(row.id, row.header, row.payload, row.salt)

    def erased(self) -> frozenset[str]:
        """Return the records that an erasure names."""
        query = (
            select(SUBJECT.c.subject)
            .join(RECORD, RECORD.c.id == SUBJECT.c.record_id)
            .where(RECORD.c.kind == ERASED_KIND)
        )
        return frozenset(self._connection.scalars(query))

    def erasure_of(self, record_id: UUID) -> Record | None:
        """Return the record of a record's erasure, or None."""
        query = (
            select(RECORD)
            .join(SUBJECT, SUBJECT.c.record_id == RECORD.c.id)
            .where(SUBJECT.c.subject == str(record_id), RECORD.c.kind == ERASED_KIND)
        )
        row = self._connection.execute(query).first()
        return None if row is None else Record(row.id, row.header, row.payload, row.salt)

    def erased_about(self, subject: str) -> list[UUID]:
        """Return the erased records that name a subject, oldest first."""
        query = (
            select(RECORD.c.id)
            .join(SUBJECT, SUBJECT.c.record_id == RECORD.c.id)
            .where(SUBJECT.c.subject == subject, RECORD.c.payload.is_(None))
            .order_by(RECORD.c.id)
        )
        return list(self._connection.scalars(query))

    def records_about(self, subject: str, limit: int = 100) -> list[UUID]:
        """Return the IDs of records that name a subject, newest first."""
        query = (
            select(SUBJECT.c.record_id)
            .where(SUBJECT.c.subject == subject)
            .order_by(SUBJECT.c.record_id.desc())
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def entries(self, kinds: Collection[str]) -> Iterator[Entry]:
        """Yield records as projections see them, waiting ones too, in the order of IDs.

        Args:
            kinds: of the records wanted.

        Raises:
            Conflict: a payload is not the one that was recorded; nothing may be derived from it.
        """
        after: UUID | None = None
        while True:
            query = select(RECORD).where(RECORD.c.kind.in_(kinds))
            query = query.order_by(RECORD.c.id).limit(_CHUNK)
            rows = self._connection.execute(
                query if after is None else query.where(RECORD.c.id > after)
            ).all()
            for row in rows:
                yield _entry(row.id, row.header, row.payload, row.salt)
            if not rows:
                return
            after = rows[-1].id


def note_text(note: bytes) -> str:
    """Return a stored note as text."""
    # A note changed by hand may not be UTF-8 any more; its signature then fails, and says so.
    return note.decode("utf-8", "replace")


def _entry(record_id: UUID, header: bytes, payload: bytes | None, salt: bytes | None) -> Entry:
    fields = json.loads(header)
    if payload is None or salt is None:
        return Entry(record_id, fields, None)
    if commitment(salt, payload).hex() != fields["commitment"]:
        raise Conflict(
            "the payload is not the one that was recorded, so no table can be derived from it",
            code="ledger.damaged",
            place=f"record {record_id}",
            mend="run 'longmai ledger audit' and bring the record back from a backup",
        )
    return Entry(record_id, fields, json.loads(payload))


def _placed(record_id: UUID, found: dict[UUID, tuple[int | None, Record]]) -> tuple[int, Record]:
    if record_id not in found:
        raise NotFound("no such record", code="ledger.record", value=str(record_id))
    leaf_index, record = found[record_id]
    if leaf_index is None:
        raise Unavailable(
            "the record has no place in the log yet",
            code="ledger.pending",
            value=str(record_id),
            mend="try again in a second",
        )
    return leaf_index, record
