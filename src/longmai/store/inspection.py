"""The ledger as the audit reads it: every stored byte, damaged or not."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, type_coerce
from sqlalchemy.types import NullType

from longmai.kernel.clock import to_text
from longmai.ledger.findings import StoredLeaf
from longmai.store.anchoring import ANCHOR
from longmai.store.ledger import (
    CHECKPOINT,
    LEAF,
    RECORD,
    SUBJECT,
    TILE,
    WAITING,
    SqlLog,
    note_text,
)

_CHUNK = 1024
_HEX_DIGITS = 32
_STORED = tuple(RECORD.c[name] for name in ("kind", "region", "header", "payload", "salt"))


class InspectedLog(SqlLog):
    """The log within one transaction, with everything the audit asks for."""

    def leaves(self, first: int = 0) -> Iterator[StoredLeaf]:
        """Yield the leaves from an index on, with everything stored beside them."""
        after = first - 1
        while chunk := self._leaf_chunk(after):
            yield from chunk
            after = chunk[-1].leaf_index

    def _leaf_chunk(self, after: int) -> list[StoredLeaf]:
        query = (
            select(LEAF.c.leaf_index, _stored_id(LEAF.c.record_id), *_STORED)
            .outerjoin(RECORD, RECORD.c.id == LEAF.c.record_id)
            .where(LEAF.c.leaf_index > after)
            .order_by(LEAF.c.leaf_index)
            .limit(_CHUNK)
        )
        rows = self._connection.execute(query).all()
        if not rows:
            return []
        subjects = self._subjects(after, rows[-1].leaf_index)
        return [self._leaf(row, subjects.get(row.record_id, ())) for row in rows]

    @staticmethod
    def _leaf(row: Any, subjects: Sequence[str]) -> StoredLeaf:
        record_id = _as_text(row.record_id)
        columns = {"id": record_id, "kind": row.kind, "region": row.region}
        return StoredLeaf(
            row.leaf_index, record_id, row.header, row.payload, row.salt, columns, subjects
        )

    def _subjects(self, after: int, last: int) -> Mapping[Any, list[str]]:
        query = (
            select(_stored_id(SUBJECT.c.record_id), SUBJECT.c.subject)
            .join(LEAF, LEAF.c.record_id == SUBJECT.c.record_id)
            .where(LEAF.c.leaf_index > after, LEAF.c.leaf_index <= last)
        )
        found: dict[Any, list[str]] = {}
        for record_id, subject in self._connection.execute(query):
            found.setdefault(record_id, []).append(subject)
        return found

    def tile_places(self) -> Iterator[tuple[int, int]]:
        """Yield (level, index) of all stored tiles."""
        for row in self._connection.execute(select(TILE.c.level, TILE.c.tile_index)):
            yield row.level, row.tile_index

    def checkpoints(self) -> Iterator[tuple[int, str, str]]:
        """Yield (size, signed note, time it is kept as published at) by size."""
        # The time as it is stored: a damaged one must reach the audit.
        kept = type_coerce(CHECKPOINT.c.published_at, NullType()).label("kept")
        query = select(CHECKPOINT.c.size, CHECKPOINT.c.note, kept).order_by(CHECKPOINT.c.size)
        for row in self._connection.execute(query):
            at = to_text(row.kept) if isinstance(row.kept, datetime) else str(row.kept)
            yield row.size, note_text(row.note), at

    def receipts(self) -> Iterator[tuple[int, str, bytes]]:
        """Yield (size, our checkpoint of it, JSON of its proof in the logs above) by size."""
        query = (
            select(ANCHOR.c.size, CHECKPOINT.c.note, ANCHOR.c.chain)
            .outerjoin(CHECKPOINT, CHECKPOINT.c.size == ANCHOR.c.size)
            .where(ANCHOR.c.chain.is_not(None))
            .order_by(ANCHOR.c.size)
        )
        for row in self._connection.execute(query):
            yield row.size, note_text(row.note or b""), row.chain

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield records that neither stand in the log nor wait rightly, and why."""
        placed = select(LEAF.c.record_id)
        waiting = select(WAITING.c.record_id)
        whole = select(RECORD.c.id)
        lost = whole.where(RECORD.c.id.not_in(placed), RECORD.c.id.not_in(waiting))
        for why, query in (
            ("the record neither stands in the log nor waits for its place", lost),
            (
                "the record stands in the log and waits for a place, too",
                waiting.where(WAITING.c.record_id.in_(placed)),
            ),
            (
                "the record waits for its place but is gone",
                waiting.where(WAITING.c.record_id.not_in(whole)),
            ),
            (
                "a subject is indexed under a record that is not there",
                select(SUBJECT.c.record_id).where(SUBJECT.c.record_id.not_in(whole)),
            ),
        ):
            stored = query.with_only_columns(_stored_id(query.selected_columns[0]))
            for value in self._connection.scalars(stored):
                yield _as_text(value), why


def _stored_id(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # The ID as it is stored: one changed by hand must reach the audit.
    return type_coerce(column, NullType()).label(column.key or "id")


def _as_text(value: Any) -> str:
    # SQLite keeps an ID as 32 digits.
    text = str(value)
    if len(text) != _HEX_DIGITS:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
