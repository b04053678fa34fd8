"""Databases: one migration history, from empty, on both kinds."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import longmai.app
import longmai.store.witnessing  # noqa: F401 - with a witness's own, all tables stand in the metadata
from longmai.kernel.errors import Invalid, Unavailable
from longmai.store.database import connect, metadata, migrate, reading, writing


def test_a_text_that_cannot_be_kept_is_refused_in_words(database_url: str) -> None:
    """PostgreSQL takes no NUL; what asks for one is told so, and no other error comes."""
    engine = connect(database_url)
    asked = text("SELECT :value").bindparams(value="a\x00b")
    for opened in (reading, writing):
        try:
            with opened(engine) as connection:
                assert connection.scalar(asked)
        except Invalid as error:
            assert error.code == "store.data"  # noqa: PT017 - SQLite takes it
    engine.dispose()


def test_the_history_ends_at_the_tables_of_the_code(database_url: str) -> None:
    """From empty, the migrations make what the tables say, and nothing else."""
    engine = connect(database_url)
    migrate(engine)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    """A second start finds its tables and keeps its data."""
    engine = connect(database_url)
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO ledger_tile VALUES (0, 0, '')"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger_tile")) == 1
    engine.dispose()


def test_a_database_of_a_newer_program_is_refused(database_url: str) -> None:
    """An old program does not touch what a newer one wrote."""
    engine = connect(database_url)
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Invalid, match="newer Longmai"):
        migrate(engine)
    engine.dispose()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://a/b", "oracle://x"])
def test_a_url_of_no_use_is_refused(url: str) -> None:
    """The message shows how a good one looks."""
    with pytest.raises(Invalid, match="postgresql://"):
        connect(url)


def test_a_refused_url_keeps_its_password(tmp_path: Path) -> None:  # noqa: ARG001 - no database is made
    """What stands before the @ is never shown."""
    with pytest.raises(Invalid) as refusal:
        connect("mysql://user:secret@host/name")
    assert "secret" not in str(refusal.value)


def test_an_error_rolls_everything_back(database_url: str) -> None:
    """Nothing of a failed block is left."""
    engine = connect(database_url)
    migrate(engine)
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        connection.execute(text("INSERT INTO ledger_tile VALUES (0, 0, '')"))
        _ = 1 / 0
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger_tile")) == 0
    engine.dispose()


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A folder that does not exist gives a sentence, not a trace."""
    engine = connect(f"sqlite:///{tmp_path}/nowhere/longmai.db")
    with pytest.raises(Unavailable):
        migrate(engine)
