"""The database: SQLite (WAL) by default, PostgreSQL by URL, one migration history for both."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, NoSuchModuleError, OperationalError

from longmai.kernel.errors import Invalid, Unavailable

# Constraint names are fixed, so that both databases and the migrations agree on them.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BUSY_TIMEOUT_MS = 15_000
_WRITES = "longmai_writes"


def connect(url: str) -> Engine:
    """Open an engine for a database URL.

    SQLite runs in WAL mode with ``synchronous=FULL``: what was committed survives a power cut.

    Raises:
        Invalid: not a database URL, or a database we do not support.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise NoSuchModuleError  # noqa: TRY301 - one message for all unusable URLs
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() == "postgresql")
    except (ArgumentError, NoSuchModuleError):
        raise Invalid(
            "not a database URL that Longmai can use",
            code="store.url",
            value=url.rsplit("@", maxsplit=1)[-1],
            mend="write sqlite:///path/file.db or postgresql://user:password@host/name",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection for reading; one consistent snapshot on SQLite.

    Raises:
        Invalid: a value that is looked for cannot be in this database.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except DataError as error:
        raise _unstorable(error) from error


@contextmanager
def inspecting(engine: Engine) -> Iterator[Connection]:
    """Open a connection for reading what may be damaged: text that is no UTF-8 does not stop it."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        driver: Any = connection.connection.dbapi_connection
        driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            yield connection
        finally:
            driver.text_factory = str


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction for writing: committed at the end, rolled back on any error.

    On SQLite the write lock is taken at once (``BEGIN IMMEDIATE``), so that two writers queue
    instead of failing half-way.

    Raises:
        Unavailable: the database stayed locked, or cannot be reached.
        Invalid: a value cannot be kept in this database.
    """
    try:
        with engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})  # noqa: PLW2901 - same connection, marked
            with connection.begin():
                yield connection
    except DataError as error:
        raise _unstorable(error) from error
    except OperationalError as error:
        raise Unavailable(
            "the database cannot take this write now",
            code="store.busy",
            value=str(error.orig),
            mend="try again in a moment; if it stays, look at the disk and at the database's log",
        ) from error


def _unstorable(error: DataError) -> Invalid:
    # PostgreSQL keeps no NUL in texts; SQLite does.
    return Invalid(
        "a text holds a character, or a number is of a size, that the database cannot keep",
        code="store.data",
        value=str(error.orig).splitlines()[0],
        mend="leave it out; a control character is often copied in unseen",
    )


def drop_traces(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, which still holds what was just erased."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def migrate(engine: Engine) -> None:
    """Bring the database to the newest migration; does nothing when it is there.

    Raises:
        Unavailable: the database cannot be reached or written.
        Invalid: the database is newer than this program.
    """
    with writing(engine) as connection:
        config = _alembic_config()
        config.attributes |= {"connection": connection, "metadata": metadata}
        _refuse_newer(connection, config)
        command.upgrade(config, "head")


def _refuse_newer(connection: Connection, config: Config) -> None:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - slow import, set-up only

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in known:
        raise Invalid(
            "this database was written by a newer Longmai",
            code="store.newer",
            value=found,
            mend="update the program, or use another data folder",
        )


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("longmai") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # We begin transactions ourselves (_begin_sqlite); the driver must not.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # What is erased by law is overwritten in the file, not only unlinked.
        "secure_delete = ON",
        "cache_size = -65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
