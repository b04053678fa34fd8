"""Puts an archive into an empty store: all of it or nothing, and only what audits clean."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert, select

from longmai.kernel.errors import Conflict, Invalid, InvalidMany
from longmai.ledger.audit import Audit, check_leaf
from longmai.ledger.findings import Finding, StoredLeaf
from longmai.ledger.merkle import TILE_WIDTH
from longmai.ledger.note import VerifierKey
from longmai.store.anchoring import ANCHOR
from longmai.store.archive import FOLDER
from longmai.store.archived import ArchivedLog, leaf_of, torn
from longmai.store.database import writing
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, SUBJECT, TILE, WAITING, SqlLog
from longmai.store.unit_of_work import Store
from longmai.store.writer import project

_ROWS_A_CHUNK = 1_000
_SHOWN_FINDINGS = 20


def import_log(
    store: Store,
    folder: Path,
    keys: Sequence[VerifierKey],
    progress: Callable[[int], None] = lambda _records: None,
) -> int:
    """Import a whole log, audited as it is read, and derive all tables from it; return its size.

    Everything happens in one transaction: a process that is killed leaves the store empty.

    Args:
        store: without records.
        folder: as ``store.archive`` wrote it.
        keys: that may have signed the log's checkpoints: its own of now, and its witnesses'.
        progress: told the number of records read, now and then.

    Raises:
        Conflict: the store has records.
        NotFound: a file of the archive is not there.
        Invalid: a file is torn, or is not one of an archive; names it.
        InvalidMany: the audit found what is not as the log says; nothing was imported.
    """
    with writing(store.engine) as connection:
        _refuse_full(connection)
        log = _StoredOnTheWay(folder, connection)
        audit = Audit(log, [*log.keys(), *keys])
        found = list(islice(audit.findings(progress), _SHOWN_FINDINGS))
        if found:
            raise InvalidMany(
                "the archive is not the log that was signed; nothing was imported",
                [_as_error(finding) for finding in found],
                code="archive.audit",
            )
        _store_rest(log, connection)
        _derive(store, connection)
    return log.size


def _refuse_full(connection: Connection) -> None:
    for table in (RECORD, CHECKPOINT):
        if connection.execute(select(table).limit(1)).first() is not None:
            raise Conflict(
                "this store has a log already",
                code="archive.full",
                mend="import into a new data folder",
            )


@dataclass(frozen=True)
class _StoredOnTheWay(ArchivedLog):
    """An archived log whose records are stored as they pass by."""

    connection: Connection

    def leaves(self, first: int = 0) -> Iterator[StoredLeaf]:
        """Yield the leaves; each chunk is in the store before its first one is yielded."""
        leaves = super().leaves(first)
        while chunk := list(islice(leaves, _ROWS_A_CHUNK)):
            _store_records(self.connection, chunk)
            rows = [{"leaf_index": leaf.leaf_index, "record_id": _id_of(leaf)} for leaf in chunk]
            self.connection.execute(insert(LEAF), rows)
            yield from chunk


def _store_records(connection: Connection, leaves: Sequence[StoredLeaf]) -> None:
    ids = [_id_of(leaf) for leaf in leaves]
    records = [
        {
            "id": record_id,
            "kind": leaf.columns["kind"],
            "region": leaf.columns["region"],
            "header": leaf.header,
            "payload": leaf.payload,
            "salt": leaf.salt,
        }
        for record_id, leaf in zip(ids, leaves, strict=True)
    ]
    subjects = [
        {"subject": subject, "record_id": record_id}
        for record_id, leaf in zip(ids, leaves, strict=True)
        for subject in leaf.subjects
    ]
    connection.execute(insert(RECORD), records)
    if subjects:
        connection.execute(insert(SUBJECT), subjects)


def _id_of(leaf: StoredLeaf) -> UUID:
    try:
        return UUID(leaf.record_id)
    except ValueError:
        raise Invalid(
            "the header of this record is damaged",
            code="archive.header",
            place=f"leaf {leaf.leaf_index}",
            value=leaf.record_id,
        ) from None


def _store_rest(log: ArchivedLog, connection: Connection) -> None:
    tiles = (
        {"level": level, "tile_index": index, "hashes": log.read_tile(level, index)}
        for level, index in log.tile_places()
    )
    for table, rows in (
        (TILE, tiles),
        (CHECKPOINT, log.lines("checkpoints", _checkpoint_row)),
        (ANCHOR, log.lines("receipts", _receipt_row)),
    ):
        _insert(connection, table, rows)
    waiting = list(log.lines("waiting", _waiting_leaf))
    if waiting:
        _check_waiting(log, waiting)
        _store_records(connection, waiting)
        rows = ({"record_id": _id_of(leaf)} for leaf in waiting)
        _insert(connection, WAITING, rows)


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while chunk := list(islice(rows, _ROWS_A_CHUNK)):
        connection.execute(insert(table), chunk)


def _checkpoint_row(told: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(told["published_at"])
    return {"size": int(told["size"]), "note": told["note"].encode(), "published_at": at}


def _receipt_row(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "size": int(told["size"]),
        "record_id": UUID(told["record_id"]),
        "sent_at": datetime.fromisoformat(told["sent_at"]),
        "chain": None if told["chain"] is None else told["chain"].encode(),
        "complete": bool(told["complete"]),
    }


def _waiting_leaf(told: dict[str, Any]) -> StoredLeaf:
    payload = None if told["payload"] is None else told["payload"].encode()
    salt = None if told["salt"] is None else bytes.fromhex(told["salt"])
    return leaf_of(-1, told["header"].encode(), payload, salt, "a waiting record")


def _check_waiting(log: ArchivedLog, waiting: Sequence[StoredLeaf]) -> None:
    erased = log.erased()
    for leaf in waiting:
        for finding in check_leaf(leaf, erased=leaf.record_id in erased):
            raise torn(log.folder / FOLDER / "waiting.jsonl") from ValueError(str(finding))


def _derive(store: Store, connection: Connection) -> None:
    entries = SqlLog(connection).entries({each.kind for each in store.projections})
    while chunk := list(islice(entries, _ROWS_A_CHUNK)):
        project(connection, store.projections, chunk)


def _as_error(finding: Finding) -> Invalid:
    place = finding.place
    if finding.leaf_index is not None:
        place = f"leaf {finding.leaf_index} (entry bundle {finding.leaf_index // TILE_WIDTH})"
    return Invalid(finding.what, code=f"archive.{finding.code}", place=place)
