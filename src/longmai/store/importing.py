"""Reads an archive back into an empty store: all of it or nothing, and only what audits clean."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert, select

from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.ledger.audit import Audit, Finding
from longmai.ledger.merkle import HASH_BYTES, TILE_WIDTH
from longmai.ledger.note import VerifierKey
from longmai.ledger.tiles import entries_path, tile_path, tiles_of
from longmai.store.anchoring import ANCHOR
from longmai.store.archive import CONTENT, ENTRY, FOLDER, FORMAT, content_file
from longmai.store.database import writing
from longmai.store.inspection import InspectedLog
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, SUBJECT, TILE, WAITING, SqlLog, project
from longmai.store.unit_of_work import Store

_BUNDLES_A_CHUNK = 16
_ROWS_A_CHUNK = 1_000
_SHOWN_FINDINGS = 20
# What a record's bytes turn into, or fail to.
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)


def import_log(
    store: Store,
    folder: Path,
    keys: Callable[[SqlLog], Sequence[VerifierKey]],
    progress: Callable[[int], None] = lambda _records: None,
) -> int:
    """Import a whole log, audit it, and derive all tables from it; return its size.

    Everything happens in one transaction: a process that is killed leaves the store empty.

    Args:
        store: without records.
        folder: as ``store.archive`` wrote it.
        keys: gives the keys that may have signed the log's checkpoints.
        progress: told the number of records read, now and then.

    Raises:
        Conflict: the store has records.
        NotFound: a file of the archive is not there.
        Invalid: a file is torn, or is not one of an archive; names it.
        InvalidMany: the audit found what is not as the log says; nothing was imported.
    """
    about = _about(folder)
    with writing(store.engine) as connection:
        for table in (RECORD, CHECKPOINT):
            if connection.execute(select(table).limit(1)).first() is not None:
                raise Conflict(
                    "this store has a log already",
                    code="archive.full",
                    mend="import into a new data folder",
                )
        reader = _Reader(folder, connection)
        reader.read(about, progress)
        log = InspectedLog(connection)
        found = list(islice(Audit(log, keys(log)).findings(), _SHOWN_FINDINGS))
        if found:
            raise InvalidMany(
                "the archive is not the log that was signed; nothing was imported",
                [_as_error(finding) for finding in found],
                code="archive.audit",
            )
        _derive(store, log, connection)
    return int(about["size"])


def _about(folder: Path) -> dict[str, Any]:
    file = folder / FOLDER / "archive.json"
    try:
        about = json.loads(_bytes(file))
        if about["format"] != FORMAT or not all(
            isinstance(about[name], int) for name in ("size", "waiting", "checkpoints", "receipts")
        ):
            raise ValueError(FORMAT)
    except _DAMAGE:
        raise _torn(file) from None
    return dict(about)


class _Reader:
    def __init__(self, folder: Path, connection: Connection) -> None:
        self._folder, self._connection = folder, connection

    def read(self, about: dict[str, Any], progress: Callable[[int], None]) -> None:
        size = about["size"]
        for first in range(0, size, TILE_WIDTH * _BUNDLES_A_CHUNK):
            self._read_records(first, min(size, first + TILE_WIDTH * _BUNDLES_A_CHUNK))
            progress(min(size, first + TILE_WIDTH * _BUNDLES_A_CHUNK))
        self._insert(TILE, self._tiles(size))
        for name, table, row in (
            ("checkpoints", CHECKPOINT, _checkpoint_row),
            ("receipts", ANCHOR, _receipt_row),
        ):
            self._insert(table, self._lines(name, about[name], row))
        self._read_waiting(about["waiting"])

    def _read_records(self, first: int, end: int) -> None:
        records, leaves, subjects = [], [], []
        for start in range(first, end, TILE_WIDTH):
            width = min(TILE_WIDTH, end - start)
            index = start // TILE_WIDTH
            entries = self._entries(index, width)
            contents = self._contents(index, width)
            for number, (header, content) in enumerate(zip(entries, contents, strict=True)):
                record, named = self._record(header, *content, place=start + number)
                records.append(record)
                leaves.append({"leaf_index": start + number, "record_id": record["id"]})
                subjects += named
        for table, rows in ((RECORD, records), (LEAF, leaves), (SUBJECT, subjects)):
            self._insert(table, iter(rows))

    def _record(
        self, header: bytes, payload: bytes | None, salt: bytes | None, place: int
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        try:
            fields = json.loads(header)
            record_id = UUID(fields["id"])
            subjects = [str(subject) for subject in dict.fromkeys(fields["subjects"])]
            kind, region = str(fields["kind"]), str(fields["region"])
        except _DAMAGE:
            raise Invalid(
                "the header of this record is damaged",
                code="archive.header",
                place=f"{self._folder}, leaf {place}",
            ) from None
        row = {
            "id": record_id,
            "kind": kind,
            "region": region,
            "header": header,
            "payload": payload,
            "salt": salt,
        }
        return row, [{"subject": subject, "record_id": record_id} for subject in subjects]

    def _entries(self, index: int, width: int) -> Iterator[bytes]:
        file = self._folder / entries_path(index, width)
        data, at = _bytes(file), 0
        for _ in range(width):
            head = data[at : at + ENTRY.size]
            end = at + ENTRY.size + (ENTRY.unpack(head)[0] if len(head) == ENTRY.size else 0)
            if len(head) < ENTRY.size or end > len(data):
                raise _torn(file)
            yield data[at + ENTRY.size : end]
            at = end
        if at != len(data):
            raise _torn(file)

    def _contents(self, index: int, width: int) -> Iterator[tuple[bytes | None, bytes | None]]:
        file = content_file(self._folder / FOLDER, index)
        data, at = _bytes(file), 0
        for _ in range(width):
            if at + CONTENT.size > len(data):
                raise _torn(file)
            there, salt, length = CONTENT.unpack_from(data, at)
            at += CONTENT.size
            if at + length > len(data):
                raise _torn(file)
            yield (data[at : at + length], salt) if there else (None, None)
            at += length
        if at != len(data):
            raise _torn(file)

    def _tiles(self, size: int) -> Iterator[dict[str, Any]]:
        for level, index, width in tiles_of(size):
            file = self._folder / tile_path(level, index, width)
            hashes = _bytes(file)
            if len(hashes) != width * HASH_BYTES:
                raise _torn(file)
            yield {"level": level, "tile_index": index, "hashes": hashes}

    def _lines(
        self, name: str, count: int, row: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        file = self._folder / FOLDER / f"{name}.jsonl"
        lines = _bytes(file).splitlines()
        if len(lines) != count:
            raise _torn(file)
        for line in lines:
            try:
                yield row(json.loads(line))
            except _DAMAGE:
                raise _torn(file) from None

    def _read_waiting(self, count: int) -> None:
        for told in self._lines("waiting", count, _waiting_parts):
            record, subjects = self._record(**told, place=-1)
            self._insert(RECORD, iter([record]))
            self._insert(SUBJECT, iter(subjects))
            self._insert(WAITING, iter([{"record_id": record["id"]}]))

    def _insert(self, table: Table, rows: Iterator[dict[str, Any]]) -> None:
        while chunk := list(islice(rows, _ROWS_A_CHUNK)):
            self._connection.execute(insert(table), chunk)


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


def _waiting_parts(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "header": told["header"].encode(),
        "payload": None if told["payload"] is None else told["payload"].encode(),
        "salt": None if told["salt"] is None else bytes.fromhex(told["salt"]),
    }


def _derive(store: Store, log: SqlLog, connection: Connection) -> None:
    entries = iter(log.entries())
    while chunk := list(islice(entries, _ROWS_A_CHUNK)):
        project(connection, store.projections, chunk)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(
            "a file of the archive cannot be read",
            code="archive.file",
            place=str(file),
            value=error.strerror,
            mend="export the whole log anew: longmai ledger export --whole",
        ) from None


def _torn(file: Path) -> Invalid:
    return Invalid(
        "this file is torn, or is not one of this archive",
        code="archive.file",
        place=str(file),
        mend="export the whole log anew: longmai ledger export --whole",
    )


def _as_error(finding: Finding) -> Invalid:
    place = finding.place
    if finding.leaf_index is not None:
        place = f"leaf {finding.leaf_index} (entry bundle {finding.leaf_index // TILE_WIDTH})"
    return Invalid(finding.what, code=f"archive.{finding.code}", place=place)
