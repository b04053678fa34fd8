"""A store with a log, on each kind of database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine

from longmai.kernel.clock import FixedClock
from longmai.ledger.audit import audit
from longmai.ledger.findings import Finding
from longmai.ledger.note import Signer, VerifierKey
from longmai.ledger.record import Act
from longmai.store.database import connect, migrate
from longmai.store.inspection import InspectedLog
from longmai.store.integrator import integrate_all
from longmai.store.unit_of_work import Store

NOW = datetime(2025, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Log:
    """A store and the key of its log."""

    store: Store
    signer: Signer

    @property
    def engine(self) -> Engine:
        """Of the store."""
        return self.store.engine

    def append(self, *numbers: int) -> list[UUID]:
        """Record acts in one unit of work."""
        with self.store.begin() as work:
            return [record.id for record in work.ledger.append([act(n) for n in numbers])]

    def integrate(self) -> int:
        """Place all that waits."""
        return integrate_all(self.store, self.signer, self.store.clock)

    def audit(self, *witnesses: VerifierKey) -> list[Finding]:
        """Audit the whole log."""
        with self.store.read() as connection:
            return list(audit(InspectedLog(connection), [self.signer.verifier_key, *witnesses]))


def act(number: int) -> Act:
    """Make an act with a payload of its own."""
    payload = {"number": number, "text": "静宁"}
    return Act("test.thing.made", [f"urn:{number}", "urn:all"], "", "tester", NOW, payload)


def opened(url: str) -> Log:
    """Open a migrated store with a key of its own."""
    engine = connect(url)
    migrate(engine)
    return Log(Store(engine, (), FixedClock(NOW)), Signer.generate("test.example/log"))


@pytest.fixture
def log(database_url: str) -> Iterator[Log]:
    """An empty log, once on each kind of database."""
    made = opened(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def sqlite_log(sqlite_url: str) -> Iterator[Log]:
    """An empty log on SQLite."""
    made = opened(sqlite_url)
    yield made
    made.engine.dispose()
