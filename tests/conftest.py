"""Fixtures that tests of every room share: databases of both kinds, and the outside data."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import text
from tests import house
from tests.postgres import PostgresServer, postgres_programs

from longmai.store.database import connect

# A loaded CI machine is slow, not wrong.
settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
# No server of a test starts the night's jobs by itself, whatever the hour is.
os.environ.setdefault("LONGMAI_NIGHTLY", "off")


def missing(what: str) -> None:
    """Skip loudly, or fail where everything must run (LONGMAI_REQUIRE_ALL=1, as in CI)."""
    if os.environ.get("LONGMAI_REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and LONGMAI_REQUIRE_ALL=1")
    pytest.skip(what)


@pytest.fixture(scope="session", autouse=True)
def one_sample_house(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let all processes of a run share one house with the sample, of which tests get copies."""
    folder = tmp_path_factory.getbasetemp()
    # Of a run on several processes, each has a folder of its own in that of the run.
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    house.MADE[:] = [(folder if alone else folder.parent) / "sample-house"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own, stopped and removed at the end."""
    programs = postgres_programs()
    if programs is None:
        missing("SKIPPED LOUDLY: no PostgreSQL server binaries on this machine")
        raise AssertionError
    with PostgresServer.running(programs) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"test_{uuid4().hex}"
    admin = connect(postgres_server.url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_server.url(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'longmai.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an empty SQLite database."""
    return f"sqlite:///{tmp_path / 'longmai.db'}"


@pytest.fixture(scope="session")
def conformance_data() -> Path:
    """The folder of outside suites, from CONFORMANCE_DATA."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("CONFORMANCE_DATA", default))
    if not folder.is_dir():
        # Not in the repository and not ours to ship, so its absence is never a failure.
        pytest.skip(f"SKIPPED LOUDLY: no outside suites at {folder}; set CONFORMANCE_DATA")
    return folder
