"""The databases that columns are tested on, each with the same made-up people."""

import shutil
from collections.abc import Iterator

import pytest
from tests.conftest import missing
from tests.postgres import PostgresServer
from tests.rules.columns.people import People

from longmai.rules.columns.backend import Backend
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.postgres import Postgres
from longmai.store.columns.spark import Spark

ROWS = 400


@pytest.fixture(scope="session")
def people() -> People:
    """Make people up."""
    return People(ROWS, seed=4)


def _filled(backend: Backend, people: People) -> Iterator[Backend]:
    for name, table in people.tables.items():
        backend.register(name, table)
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def duck(people: People) -> Iterator[Backend]:
    """Return a DuckDB that knows the people."""
    yield from _filled(DuckDB(memory_mb=500), people)


@pytest.fixture(scope="session")
def postgres(people: People, postgres_server: PostgresServer) -> Iterator[Backend]:
    """Return a PostgreSQL that knows the people."""
    yield from _filled(Postgres(postgres_server.url("postgres")), people)


@pytest.fixture(scope="session")
def spark(people: People) -> Iterator[Backend]:
    """Return a session of Spark that knows the people."""
    if shutil.which("java") is None:
        missing("SKIPPED LOUDLY: no Java on this machine, which Spark needs")
    yield from _filled(Spark(settings={"spark.sql.shuffle.partitions": "2"}), people)


@pytest.fixture(
    params=[
        "duck",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("spark", marks=pytest.mark.spark),
    ]
)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Return each database in turn."""
    found: Backend = request.getfixturevalue(request.param)
    return found
