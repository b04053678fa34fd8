"""A whole log as files: what everybody may read, and apart from it what only its keeper may.

The folder holds the public tile log (``store.export``) and, under ``archive/``, what makes it
whole: payloads and salts in bundles beside the entries, all checkpoints, the records that still
wait, the receipts of the log above. Everything in it follows from the store alone, so the archive
of an imported archive is the same, byte for byte.
"""

import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from longmai.kernel.errors import Unavailable
from longmai.ledger.merkle import TILE_WIDTH
from longmai.store.anchoring import ANCHOR
from longmai.store.export import export_log
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, WAITING, SqlLog, note_text
from longmai.store.unit_of_work import Store

FORMAT = "longmai-archive/1"
FOLDER = "archive"
# A content: whether it is there, salt, length of the payload; then the payload.
CONTENT = struct.Struct(">?32sI")
ENTRY = struct.Struct(">H")


def archive_log(
    store: Store, folder: Path, progress: Callable[[int], None] = lambda _entries: None
) -> int:
    """Write the whole log into a folder; return its size.

    The private half is written under another name and put in place at the end, so that an archive
    is whole or absent. It is readable by its owner only.

    Raises:
        Conflict: the folder holds a public log that is not this one's.
        Unavailable: a checkpoint waits for its witnesses.
    """
    size = export_log(store, folder, progress)
    with store.read() as connection:
        if SqlLog(connection).size() != size:
            raise Unavailable(
                "some records have their place and no published checkpoint yet",
                code="archive.unpublished",
                mend="try again when the witnesses have answered",
            )
    fresh = folder / f"{FOLDER}.{os.getpid()}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    with store.read() as connection:
        counts = {"size": size, "waiting": 0, "checkpoints": 0, "receipts": 0}
        _write_contents(connection, fresh, size)
        for name, rows in (
            ("waiting", _waiting(connection)),
            ("checkpoints", _checkpoints(connection, size)),
            ("receipts", _receipts(connection)),
        ):
            counts[name] = _write_lines(fresh / f"{name}.jsonl", rows)
    (fresh / "archive.json").write_text(json.dumps({"format": FORMAT, **counts}), "utf-8")
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    fresh.rename(folder / FOLDER)
    return size


def _write_contents(connection: Connection, folder: Path, size: int) -> None:
    for index in range(-(-size // TILE_WIDTH)):
        first = index * TILE_WIDTH
        query = (
            select(RECORD.c.payload, RECORD.c.salt)
            .join(LEAF, LEAF.c.record_id == RECORD.c.id)
            .where(LEAF.c.leaf_index >= first, LEAF.c.leaf_index < min(first + TILE_WIDTH, size))
            .order_by(LEAF.c.leaf_index)
        )
        contents = b"".join(_content(*row) for row in connection.execute(query))
        file = content_file(folder, index)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents)


def content_file(folder: Path, index: int) -> Path:
    """Return the file of the contents that belong to an entry bundle."""
    return folder / "contents" / f"{index // 1000:06d}" / f"{index % 1000:03d}"


def _content(payload: bytes | None, salt: bytes | None) -> bytes:
    if payload is None or salt is None:
        return CONTENT.pack(False, bytes(32), 0)  # noqa: FBT003 - a field of the format
    return CONTENT.pack(True, salt, len(payload)) + payload  # noqa: FBT003 - as above


def _waiting(connection: Connection) -> Iterator[dict[str, Any]]:
    query = select(RECORD).where(RECORD.c.id.in_(select(WAITING.c.record_id)))
    for row in connection.execute(query.order_by(RECORD.c.id)):
        yield {
            "header": row.header.decode(),
            "payload": None if row.payload is None else row.payload.decode(),
            "salt": None if row.salt is None else row.salt.hex(),
        }


def _checkpoints(connection: Connection, size: int) -> Iterator[dict[str, Any]]:
    query = select(CHECKPOINT).where(CHECKPOINT.c.size <= size).order_by(CHECKPOINT.c.size)
    for row in connection.execute(query):
        at = row.published_at.isoformat()
        yield {"size": row.size, "note": note_text(row.note), "published_at": at}


def _receipts(connection: Connection) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(ANCHOR).order_by(ANCHOR.c.size)):
        yield {
            "size": row.size,
            "record_id": str(row.record_id),
            "sent_at": row.sent_at.isoformat(),
            "chain": None if row.chain is None else row.chain.decode(),
            "complete": row.complete,
        }


def _write_lines(file: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count
