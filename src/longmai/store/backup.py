"""Backup and restore: the database and the log's key, with a list that says what they are.

SQLite is copied while it is in use, in one consistent state; PostgreSQL by its own ``pg_dump``.
"""

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, make_url

from longmai.kernel.clock import Clock, to_text
from longmai.kernel.errors import Conflict, Invalid, NotFound, Unavailable

FORMAT = "longmai-backup/1"
LIST = "backup.json"
_SQLITE, _POSTGRES, _KEY = "longmai.db", "longmai.pgdump", "ledger.key"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backed:
    """A backup: its folder and what its list says of each file (name → SHA-256)."""

    folder: Path
    files: Mapping[str, str]


def back_up(engine: Engine, key_file: Path, folder: Path, clock: Clock) -> Backed:
    """Write a backup into an empty folder, readable by its owner only; the list comes last.

    Raises:
        Conflict: the folder is not empty.
        Unavailable: it cannot be written, or pg_dump is missing or failed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if any(folder.iterdir()):
            raise Conflict(
                "the folder is not empty",
                code="backup.folder",
                place=str(folder),
                mend="name another",
            )
        name = _dump(engine, folder)
        shutil.copyfile(key_file, folder / _KEY)
        (folder / _KEY).chmod(0o600)
        files = {each: _digest(folder / each) for each in (name, _KEY)}
        told = {"format": FORMAT, "made_at": to_text(clock.now()), "files": files}
        (folder / LIST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unavailable(
            "the backup cannot be written", place=str(folder), value=error.strerror
        ) from None
    return Backed(folder, files)


def checked(folder: Path) -> Backed:
    """Return a backup whose files are as its list says.

    Raises:
        NotFound: it has no list: it is none, or did not finish.
        Invalid: a file is missing or damaged; names it.
    """
    try:
        told = json.loads((folder / LIST).read_text("utf-8"))
        files = dict(told["files"])
        if told["format"] != FORMAT or not files.keys() <= {_SQLITE, _POSTGRES, _KEY}:
            raise ValueError(FORMAT)  # noqa: TRY301 - one message for all damage
    except OSError:
        raise NotFound(
            "there is no finished backup in this folder", code="backup.list", place=str(folder)
        ) from None
    except (ValueError, KeyError, TypeError):
        raise Invalid("the list of the backup is damaged", place=str(folder / LIST)) from None
    for name, digest in files.items():
        file = folder / name
        if not file.is_file() or _digest(file) != digest:
            raise Invalid(
                "this file of the backup is missing or damaged",
                code="backup.file",
                place=str(file),
                mend="take another backup",
            )
    return Backed(folder, files)


def restore(backed: Backed, url: str, data: Path) -> None:
    """Put a backup into an empty data folder and, for PostgreSQL, an empty database.

    The key comes last: a restore that was stopped has none, and can be done again after the
    remains are removed.

    Raises:
        Conflict: the folder or the database holds data already.
        Invalid: the backup is of the other kind of database.
        Unavailable: pg_restore is missing or failed.
    """
    kind = make_url(url).get_backend_name()
    if (_SQLITE if kind == "sqlite" else _POSTGRES) not in backed.files:
        raise Invalid(
            f"this backup is not of {kind}",
            code="backup.kind",
            mend="to change the database, use 'longmai ledger export --whole' and 'import'",
        )
    data.mkdir(parents=True, exist_ok=True)
    if (data / _KEY).exists():
        raise _full(data / _KEY)
    if kind == "sqlite":
        target = Path(str(make_url(url).database))
        if target.exists():
            raise _full(target)
        fresh = target.with_name(f"{target.name}.restoring")
        shutil.copyfile(backed.folder / _SQLITE, fresh)
        fresh.rename(target)
    else:
        _run(["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner"], url, backed)
    fresh = data / f"{_KEY}.restoring"
    shutil.copyfile(backed.folder / _KEY, fresh)
    fresh.chmod(0o600)
    fresh.rename(data / _KEY)


def refuse_full(engine: Engine) -> None:
    """Refuse a database that has tables.

    Raises:
        Conflict: it has.
    """
    if inspect(engine).get_table_names():
        raise _full(engine.url.render_as_string(hide_password=True))


def _dump(engine: Engine, folder: Path) -> str:
    if engine.dialect.name != "sqlite":
        url = engine.url.render_as_string(hide_password=False)
        _run_to(["pg_dump", "--format=custom", "--no-owner"], url, folder / _POSTGRES)
        return _POSTGRES
    source = engine.raw_connection()
    target = sqlite3.connect(folder / _SQLITE)
    try:
        driver: Any = source.driver_connection
        driver.backup(target)
    finally:
        target.close()
        source.close()
    (folder / _SQLITE).chmod(0o600)
    return _SQLITE


def _run_to(command: list[str], url: str, file: Path) -> None:
    _call([*command, f"--file={file}", f"--dbname={_libpq(url)}"])
    file.chmod(0o600)


def _run(command: list[str], url: str, backed: Backed) -> None:
    _call([*command, f"--dbname={_libpq(url)}", str(backed.folder / _POSTGRES)])


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _call(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own programs
    except FileNotFoundError:
        raise Unavailable(
            f"the program {command[0]} is not on this machine",
            code="backup.program",
            mend="install the client programs of PostgreSQL",
        ) from None
    if done.returncode:
        raise Unavailable(
            f"{command[0]} failed", code="backup.program", value=done.stderr.strip()[:500]
        )


def _full(place: object) -> Conflict:
    return Conflict(
        "there is data already",
        code="backup.full",
        place=str(place),
        mend="restore into a new data folder, or an empty database",
    )


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as data:
        while chunk := data.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
