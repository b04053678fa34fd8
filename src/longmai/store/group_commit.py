"""Group commit: small units of work of many threads share one durable transaction.

On SQLite a commit waits for the disk, and one writer at a time holds the lock. Threads that came
meanwhile are therefore served together: whoever gets the turn runs the work of all who wait, each
in a savepoint of its own, and commits once. Nobody is told before it is on disk. PostgreSQL has
group commit of its own; there each unit is a transaction.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Unit = TypeVar("Unit")
Result = TypeVar("Result")

LIMIT = 256


@dataclass
class _Ticket(Generic[Unit]):
    work: Callable[[Unit], Any]
    done: bool = False
    result: Any = None
    error: BaseException | None = None


@dataclass
class GroupCommit(Generic[Unit]):
    """Runs units of work of many threads in few transactions.

    Args:
        begin: opens a transaction; it is durable when the block is left.
        savepoint: opens a savepoint in a transaction.
        limit: how many units share one at most.
    """

    begin: Callable[[], AbstractContextManager[Unit]]
    savepoint: Callable[[Unit], AbstractContextManager[Any]]
    limit: int = LIMIT
    _queue: deque[_Ticket[Unit]] = field(default_factory=deque)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, work: Callable[[Unit], Result]) -> Result:
        """Run work in a transaction, perhaps a shared one, and return its result once durable.

        Raises:
            Exception: what the work raised (it alone is undone then), or why the transaction
                could not be committed (then none of its units is).
        """
        ticket = _Ticket(work)
        self._queue.append(ticket)
        while not ticket.done:
            # Who waits here is mostly served by the one who has the turn.
            with self._turn:
                if not ticket.done:
                    self._run([self._queue.popleft() for _ in range(self._size())])
        if ticket.error is not None:
            raise ticket.error
        result: Result = ticket.result
        return result

    def _size(self) -> int:
        return min(len(self._queue), self.limit)

    def _run(self, tickets: list[_Ticket[Unit]]) -> None:
        try:
            with self.begin() as unit:
                for ticket in tickets:
                    self._serve(ticket, unit, alone=len(tickets) == 1)
        except BaseException as error:  # noqa: BLE001 - each of those served must learn of it
            for ticket in tickets:
                ticket.error = ticket.error or error
        for ticket in tickets:
            ticket.done = True

    def _serve(self, ticket: _Ticket[Unit], unit: Unit, *, alone: bool) -> None:
        if alone:
            ticket.result = ticket.work(unit)
            return
        try:
            with self.savepoint(unit):
                ticket.result = ticket.work(unit)
        except Exception as error:  # noqa: BLE001 - it belongs to this one; the others go on
            ticket.error = error
