"""Logs above logs: a lower log's checkpoints are records here; ours are records in the upper log.

What we took from lower logs is a projection of our own records. What the upper log gave us, the
proof that our checkpoint stands in it, is a receipt that our certificates carry along.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Select,
    String,
    Table,
    Uuid,
    func,
    insert,
    select,
    text,
    update,
)

from longmai.kernel.clock import Clock
from longmai.ledger.note import Checkpoint, VerifierKey, parse_checkpoint, split_note
from longmai.ledger.record import Act
from longmai.ledger.witness import Submission, check_submission, origin_of
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import Bytes, UtcDateTime
from longmai.store.unit_of_work import UnitOfWork

ANCHORED_KIND = "ledger.log.anchored"

LOWER = Table(
    "ledger_lower",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("origin", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Bytes, nullable=False),
    Index("ix_ledger_lower_origin_size", "origin", "size"),
)

# `chain` is JSON: the proof bundle of the upper log, and those of the logs above it.
ANCHOR = Table(
    "ledger_anchor",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("record_id", Uuid, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("chain", Bytes),
    Column("complete", Boolean, nullable=False),
)

# Any fixed number, the same in every process of this program.
_ANCHOR_LOCK = 6_210_003


def _apply(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "origin": entry.payload["origin"],
            "size": entry.payload["size"],
            "note": entry.payload["checkpoint"].encode(),
        }
        for entry in entries
        if entry.payload is not None
    ]
    if rows:
        connection.execute(insert(LOWER), rows)


LOWER_LOGS = Projection(ANCHORED_KIND, (LOWER,), _apply)


def take(
    work: UnitOfWork, submission: Submission, logs: Sequence[VerifierKey], clock: Clock
) -> UUID:
    """Record a lower log's checkpoint, and return the record's ID; twice the same gives the same.

    Args:
        work: open unit of work.
        submission: as a witness takes it.
        logs: keys of the logs that may anchor here.
        clock: gives the time of the record.

    Raises:
        Malformed, NotFound, Forbidden, WrongOldSize, Inconsistent: see ``ledger.witness``.
    """
    run = work.connection.execute
    if work.connection.dialect.name == "postgresql":
        run(text(f"SELECT pg_advisory_xact_lock({_ANCHOR_LOCK})"))
    newest = run(
        select(LOWER.c.record_id, LOWER.c.note)
        .where(LOWER.c.origin == origin_of(submission))
        .order_by(LOWER.c.size.desc())
        .limit(1)
    ).one_or_none()
    seen = None if newest is None else _claimed(newest.note)
    claimed, key = check_submission(submission, logs, seen)
    if newest is not None and seen is not None and claimed.size == seen.size:
        known: UUID = newest.record_id
        return known
    [record] = work.ledger.append([_act(claimed, key, submission.note, clock.now())])
    return record.id


def _act(claimed: Checkpoint, key: VerifierKey, note: str, at: datetime) -> Act:
    return Act(
        kind=ANCHORED_KIND,
        subjects=[claimed.origin],
        region="",
        actor=claimed.origin,
        occurred_at=at,
        payload={
            "origin": claimed.origin,
            "size": claimed.size,
            "root": claimed.root.hex(),
            "checkpoint": note,
            "verifier_key": str(key),
        },
    )


def _claimed(note: bytes) -> Checkpoint:
    return parse_checkpoint(split_note(note.decode())[0])


@dataclass(frozen=True)
class LowerLog:
    """A log that anchors here: how far, and since which record."""

    origin: str
    size: int
    record_id: UUID


def lower_logs(connection: Connection) -> list[LowerLog]:
    """Return the logs that anchor here, with their newest checkpoint, by origin."""
    newest = select(LOWER.c.origin, func.max(LOWER.c.size).label("size")).group_by(LOWER.c.origin)
    last = newest.subquery()
    query = (
        select(LOWER.c.origin, LOWER.c.size, LOWER.c.record_id)
        .join(last, (last.c.origin == LOWER.c.origin) & (last.c.size == LOWER.c.size))
        .order_by(LOWER.c.origin)
    )
    return [LowerLog(*row) for row in connection.execute(query)]


@dataclass(frozen=True)
class Receipt:
    """What we know of our checkpoint of a size in the upper log.

    Attributes:
        size: of our tree.
        record_id: in the upper log.
        chain: proof bundles, from the log above us up; None until it was fetched.
        complete: the chain reaches a log that stands under no other.
    """

    size: int
    record_id: UUID
    chain: Sequence[Mapping[str, Any]] | None
    complete: bool


def newest_receipt(connection: Connection) -> Receipt | None:
    """Return the receipt of our largest checkpoint that was handed over, or None."""
    return _receipt(connection, select(ANCHOR).order_by(ANCHOR.c.size.desc()))


def receipt_covering(connection: Connection, leaf_index: int) -> Receipt | None:
    """Return the newest proven receipt that covers a leaf, a complete one before others."""
    covering = select(ANCHOR).where(ANCHOR.c.chain.is_not(None), ANCHOR.c.size > leaf_index)
    return _receipt(connection, covering.order_by(ANCHOR.c.complete.desc(), ANCHOR.c.size.desc()))


def _receipt(connection: Connection, query: Select[Any]) -> Receipt | None:
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    chain = None if row.chain is None else json.loads(row.chain)
    return Receipt(row.size, row.record_id, chain, row.complete)


def keep_receipt(connection: Connection, size: int, record_id: UUID, at: datetime) -> None:
    """Remember that the upper log took our checkpoint of this size."""
    if connection.scalar(select(ANCHOR.c.size).where(ANCHOR.c.size == size)) is None:
        values = {"size": size, "record_id": record_id, "sent_at": at, "complete": False}
        connection.execute(insert(ANCHOR).values(values))


def keep_chain(connection: Connection, size: int, chain: Sequence[Mapping[str, Any]]) -> bool:
    """Keep the proof of our checkpoint of this size; return whether it reaches the top."""
    complete = chain[-1].get("upper") is None
    values = {"chain": json.dumps(list(chain), ensure_ascii=False).encode(), "complete": complete}
    connection.execute(update(ANCHOR).where(ANCHOR.c.size == size).values(values))
    return complete
