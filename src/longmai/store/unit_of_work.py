"""The unit of work: a ledger append and the tables it changes are committed together or not at all.

Services take a ``UnitOfWork`` and never commit; whoever opened it does, by leaving the block.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from longmai.kernel.clock import Clock
from longmai.store.database import reading, writing
from longmai.store.ledger import LedgerWriter
from longmai.store.projection import Projection


@dataclass(frozen=True)
class UnitOfWork:
    """One open transaction: ``connection`` for tables, ``ledger`` for appending acts."""

    connection: Connection
    ledger: LedgerWriter


@dataclass
class Store:
    """A database and the projections its ledger feeds.

    Args:
        engine: from ``store.database.connect``, already migrated.
        projections: those of all domains, from the registry.
        clock: gives ``recorded_at``.
        second_hash: name of a second hash that headers commit with; empty: none.
    """

    engine: Engine
    projections: Sequence[Projection]
    clock: Clock
    second_hash: str = ""
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Open a unit of work; commit at the end of the block, roll back on any error."""
        with writing(self.engine) as connection:
            work = UnitOfWork(
                connection, LedgerWriter(connection, self.clock, self.projections, self.second_hash)
            )
            yield work
        for tell in self.after_commit:
            tell()

    def read(self) -> AbstractContextManager[Connection]:
        """Open a connection for reading."""
        return reading(self.engine)
