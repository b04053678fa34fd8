"""The unit of work: a ledger append and the tables it changes are committed together or not at all.

Services take a ``UnitOfWork`` and never commit; whoever opened it does, by leaving the block.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, Engine

from longmai.kernel.clock import Clock
from longmai.store.database import reading, writing
from longmai.store.group_commit import GroupCommit
from longmai.store.pressure import Pressure
from longmai.store.projection import Projection
from longmai.store.writer import LedgerWriter

Result = TypeVar("Result")


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
        pressure: how many records may wait for their place.
    """

    engine: Engine
    projections: Sequence[Projection]
    clock: Clock
    second_hash: str = ""
    pressure: Pressure = field(default_factory=Pressure)
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._group = GroupCommit(self.begin, lambda work: work.connection.begin_nested())

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Open a unit of work; commit at the end of the block, roll back on any error."""
        with writing(self.engine) as connection:
            writer = LedgerWriter(
                connection, self.clock, self.projections, self.second_hash, self.pressure
            )
            yield UnitOfWork(connection, writer)
        for tell in self.after_commit:
            tell()

    def submit(self, work: Callable[[UnitOfWork], Result]) -> Result:
        """Run small work in a unit that it may share with other threads' work.

        Use it where many callers append a little each; it returns once the work is durable.

        Raises:
            Exception: what the work raised; or Unavailable, if it could not be committed.
        """
        if self.engine.dialect.name == "sqlite":
            return self._group.submit(work)
        with self.begin() as unit:
            return work(unit)

    def read(self) -> AbstractContextManager[Connection]:
        """Open a connection for reading."""
        return reading(self.engine)
