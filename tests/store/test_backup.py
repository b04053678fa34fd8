"""A restored backup is an equal store with a clean audit; a damaged one is refused."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from tests.conftest import missing
from tests.postgres import postgres_programs
from tests.store.conftest import Log
from tests.store.test_archive import rows

from longmai.kernel.clock import SystemClock
from longmai.kernel.errors import Conflict, Invalid, LongmaiError, NotFound
from longmai.ledger.keys import KeyFile
from longmai.store.backup import back_up, checked, refuse_full, restore
from longmai.store.database import connect
from longmai.store.unit_of_work import Store


@pytest.fixture
def data(tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the log's key; the log has records."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "ledger.key").write_text(log.signer.to_text(), "utf-8")
    (folder / "ledger.key").chmod(0o600)
    log.append(*range(300))
    log.integrate()
    log.append(1)
    programs = postgres_programs()
    if log.engine.dialect.name == "postgresql":
        if programs is None or not (programs / "pg_dump").exists():
            missing("SKIPPED LOUDLY: no pg_dump on this machine")
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return folder


@pytest.fixture
def empty_url(log: Log, tmp_path: Path) -> Iterator[str]:
    """An empty database of the same kind."""
    if log.engine.dialect.name == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored' / 'longmai.db'}"
        return
    name = f"test_{uuid4().hex}"
    admin = create_engine(log.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield log.engine.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_a_restored_backup_is_the_same_store(
    log: Log, data: Path, empty_url: str, tmp_path: Path
) -> None:
    """Taken while a writer has a transaction open; rows, key and audit are as they were."""
    if log.engine.dialect.name == "sqlite":
        back_up(log.engine, data / "ledger.key", tmp_path / "b", SystemClock())
    else:
        with log.store.begin() as work:
            work.ledger.append([])
            back_up(log.engine, data / "ledger.key", tmp_path / "b", SystemClock())
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700
    restore(checked(tmp_path / "b"), empty_url, tmp_path / "restored")
    key = KeyFile(tmp_path / "restored" / "ledger.key", log.signer.verifier_key.name)
    assert key.signer.verifier_key == log.signer.verifier_key
    engine = connect(empty_url)
    copy = Log(Store(engine, (), log.store.clock), log.signer)
    assert rows(copy) == rows(log)
    assert copy.integrate() == 1
    assert copy.audit() == []
    with pytest.raises(Conflict, match="data already"):
        refuse_full(engine)
    engine.dispose()


def _flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


@pytest.mark.parametrize("damage", [_flip, Path.unlink])
@pytest.mark.parametrize("name", ["longmai.db", "ledger.key", "backup.json"])
def test_a_damaged_backup_is_refused(
    sqlite_log: Log, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    """Before anything is written."""
    key = KeyFile(tmp_path / "ledger.key", "x.example")
    key.signer  # noqa: B018 - makes the file
    back_up(sqlite_log.engine, key.file, tmp_path / "b", SystemClock())
    damage(tmp_path / "b" / name)
    with pytest.raises(LongmaiError) as refusal:
        checked(tmp_path / "b")
    assert isinstance(refusal.value, NotFound | Invalid)


def test_nothing_is_overwritten(sqlite_log: Log, tmp_path: Path) -> None:
    """Neither a backup nor a house that is in use; nor one kind of database by another."""
    key = KeyFile(tmp_path / "ledger.key", "x.example")
    key.signer  # noqa: B018 - makes the file
    back_up(sqlite_log.engine, key.file, tmp_path / "b", SystemClock())
    with pytest.raises(Conflict, match="not empty"):
        back_up(sqlite_log.engine, key.file, tmp_path / "b", SystemClock())
    made = checked(tmp_path / "b")
    url = f"sqlite:///{tmp_path / 'r' / 'longmai.db'}"
    restore(made, url, tmp_path / "r")
    with pytest.raises(Conflict, match="data already"):
        restore(made, url, tmp_path / "r")
    (tmp_path / "r" / "ledger.key").unlink()
    with pytest.raises(Conflict, match="data already"):
        restore(made, url, tmp_path / "r")
    with pytest.raises(Invalid, match="not of postgresql"):
        restore(made, "postgresql://nobody@127.0.0.1/x", tmp_path / "s")
