"""Exports the log as the plain files of a C2SP tile log."""

from collections.abc import Callable
from pathlib import Path

from longmai.kernel.errors import Conflict
from longmai.ledger.merkle import HASH_BYTES
from longmai.ledger.note import parse_checkpoint
from longmai.ledger.tiles import entries_path, tile_path, tiles_of
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store


def export_log(
    store: Store, folder: Path, progress: Callable[[int], None] = lambda _entries: None
) -> int:
    """Write checkpoint, tiles and entry bundles of the log as it stands; return its size.

    The checkpoint is written last: a folder without it is an export that did not finish. An older
    export in the folder is brought up to date; tiles never change, so what is there stays.

    Raises:
        Conflict: a file in the folder is not what this log has at its place.
    """
    with store.read() as connection:
        log = SqlLog(connection)
        note = log.checkpoint()
        size = parse_checkpoint(note).size
        for level, index, width in tiles_of(size):
            hashes = log.read_tile(level, index)[: width * HASH_BYTES]
            _write(folder / tile_path(level, index, width), hashes)
            if level == 0:
                _write(folder / entries_path(index, width), log.entry_bundle(index, width))
                progress(min((index + 1) * width, size))
    _replace(folder / "checkpoint", note.encode())
    return size


def _write(file: Path, data: bytes) -> None:
    if file.is_file():
        there = file.read_bytes()
        # A file cut short by a power failure is written again; a whole one is never overwritten.
        if len(there) < len(data) and data.startswith(there):
            _replace(file, data)
        elif there != data:
            raise Conflict(
                "this file is of another log, or was changed",
                code="ledger.export",
                place=str(file),
                mend="export into an empty folder and compare the two",
            )
        return
    _replace(file, data)


def _replace(file: Path, data: bytes) -> None:
    # Under another name first: whoever reads the folder never sees half a file.
    file.parent.mkdir(parents=True, exist_ok=True)
    torn = file.with_name(f"{file.name}.new")
    torn.write_bytes(data)
    torn.rename(file)
