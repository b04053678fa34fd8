"""A whole log moves from store to store, byte for byte, or not at all."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.store.conftest import Log, opened

from longmai.kernel.errors import Conflict, LongmaiError, NotFound
from longmai.ledger.note import VerifierKey
from longmai.store.archive import archive_log
from longmai.store.importing import import_log
from longmai.store.ledger import TABLES

SIZE = 600


@pytest.fixture
def full(log: Log) -> Log:
    """A log with several checkpoints, an erased record, and one that waits."""
    for start in range(0, SIZE, 200):
        ids = log.append(*range(start, start + 200))
        log.integrate()
    with log.store.begin() as work:
        work.ledger.erase(ids[7], basis="PIPL art. 47", actor="clerk")
    log.integrate()
    log.append(1)
    return log


def keys(log: Log) -> list[VerifierKey]:
    """Trust a log's own key."""
    return [log.signer.verifier_key]


def files(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def rows(log: Log) -> dict[str, list[Any]]:
    """Return all rows of the ledger's tables, in order."""
    with log.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in TABLES
        }


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Log]:
    """An empty store on SQLite."""
    made = opened(f"sqlite:///{tmp_path / 'copy.db'}")
    yield made
    made.engine.dispose()


def test_an_imported_archive_is_the_same_log(full: Log, copy: Log, tmp_path: Path) -> None:
    """From each kind of database: equal rows, a clean audit, and an archive equal in every byte."""
    archive_log(full.store, tmp_path / "a")
    assert import_log(copy.store, tmp_path / "a", keys(full)) == SIZE + 1
    assert rows(copy) == rows(full)
    moved = Log(copy.store, full.signer)
    assert moved.audit() == []
    archive_log(copy.store, tmp_path / "b")
    assert files(tmp_path / "b") == files(tmp_path / "a")
    assert moved.integrate() == 1
    assert moved.audit() == []


def test_an_archive_goes_into_either_database(log: Log, copy: Log, tmp_path: Path) -> None:
    """From SQLite into PostgreSQL, too."""
    copy.append(*range(300))
    copy.integrate()
    archive_log(copy.store, tmp_path / "a")
    import_log(log.store, tmp_path / "a", keys(copy))
    assert rows(log) == rows(copy)


def test_the_private_half_is_private(full: Log, tmp_path: Path) -> None:
    """Nobody else may enter the folder with the contents; the public half holds none of them."""
    archive_log(full.store, tmp_path / "a")
    assert (tmp_path / "a" / "archive").stat().st_mode & 0o777 == 0o700
    public = b"".join(
        data for name, data in files(tmp_path / "a").items() if not name.startswith("archive/")
    )
    assert "静宁".encode() not in public


def _flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


@pytest.mark.parametrize("damage", [_flip, _cut, Path.unlink])
@pytest.mark.parametrize(
    "name",
    [
        "tile/entries/001",
        "tile/0/000",
        "tile/1/000.p/2",
        "archive/contents/000000/001",
        "archive/checkpoints.jsonl",
        "archive/archive.json",
        "archive/waiting.jsonl",
    ],
)
def test_a_damaged_archive_is_refused_and_nothing_is_written(
    sqlite_log: Log, copy: Log, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    """A flipped bit, a torn end, a missing file: refused in words, and the store stays empty."""
    log = sqlite_log
    log.append(*range(SIZE))
    log.integrate()
    log.append(1)
    archive_log(log.store, tmp_path / "a")
    damage(tmp_path / "a" / name)
    with pytest.raises(LongmaiError):
        import_log(copy.store, tmp_path / "a", keys(log))
    assert all(not found for found in rows(copy).values())


def test_a_full_store_takes_no_archive(full: Log, tmp_path: Path) -> None:
    """Two logs are never mixed."""
    archive_log(full.store, tmp_path / "a")
    with pytest.raises(Conflict, match="has a log already"):
        import_log(full.store, tmp_path / "a", keys(full))


def test_a_torn_archive_is_mended_by_a_new_export(full: Log, copy: Log, tmp_path: Path) -> None:
    """What a killed export leaves is refused, and the next export completes it."""
    folder = tmp_path / "a"
    archive_log(full.store, folder)
    whole = files(folder)
    shutil.rmtree(folder / "archive")
    (folder / "tile" / "0" / "001.new").write_bytes(b"torn")
    (folder / "tile" / "0" / "001").unlink()
    with pytest.raises(NotFound, match=r"archive\.json"):
        import_log(copy.store, folder, keys(full))
    archive_log(full.store, folder)
    assert files(folder) == whole


KILLED = """
import sys, os
from tests.store.conftest import opened
from longmai.ledger.note import VerifierKey
from longmai.store import importing
key = VerifierKey.parse(sys.argv[3])
derive = importing._derive
importing._derive = lambda *rest: os.kill(os.getpid(), 9)
importing.import_log(opened(sys.argv[1]).store, __import__("pathlib").Path(sys.argv[2]),
                     [key])
"""


def test_a_killed_import_leaves_an_empty_store(sqlite_log: Log, tmp_path: Path) -> None:
    """Killed just before it would commit; the second try succeeds."""
    sqlite_log.append(*range(300))
    sqlite_log.integrate()
    archive_log(sqlite_log.store, tmp_path / "a")
    url = f"sqlite:///{tmp_path / 'copy.db'}"
    key = str(sqlite_log.signer.verifier_key)
    command = [sys.executable, "-c", KILLED, url, str(tmp_path / "a"), key]
    died = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert died.returncode == -9
    copy = opened(url)
    assert all(not found for found in rows(copy).values())
    assert import_log(copy.store, tmp_path / "a", keys(sqlite_log)) == 300
    copy.engine.dispose()


def test_the_archive_says_what_it_is(full: Log, tmp_path: Path) -> None:
    """Numbers that a person can check."""
    archive_log(full.store, tmp_path / "a")
    about = json.loads((tmp_path / "a" / "archive" / "archive.json").read_text("utf-8"))
    assert about == {
        "format": "longmai-archive/1",
        "size": SIZE + 1,
        "waiting": 1,
        "checkpoints": 4,
        "receipts": 0,
    }
