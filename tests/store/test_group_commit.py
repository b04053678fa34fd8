"""Many threads share a transaction: each gets its own result, and only once it is durable."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from tests.store.conftest import Log, act

from longmai.kernel.errors import Invalid
from longmai.store.group_commit import GroupCommit
from longmai.store.ledger import RECORD
from longmai.store.unit_of_work import UnitOfWork


def test_many_threads_are_served_together_and_each_for_itself(log: Log) -> None:
    """Every fifth fails and leaves nothing; the others are all there, in few commits."""
    commits, refused = [], []
    event.listen(log.engine, "commit", lambda _connection: commits.append(1))

    def enter(number: int) -> UUID | None:
        def work(unit: UnitOfWork) -> UUID:
            [record] = unit.ledger.append([act(number)])
            if number % 5 == 0:
                raise Invalid("no fifth one", value=number)
            return record.id

        try:
            return log.store.submit(work)
        except Invalid as refusal:
            refused.append(refusal.value)
            return None

    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(enter, range(400)))
    ids = {record_id for record_id in made if record_id is not None}
    assert [number for number, each in enumerate(made) if each is None] == list(range(0, 400, 5))
    assert sorted(refused) == list(range(0, 400, 5))
    with log.store.read() as connection:
        assert set(connection.scalars(select(RECORD.c.id))) == ids
    if log.engine.dialect.name == "sqlite":
        assert len(commits) < 320
    assert log.integrate() == 320
    assert log.audit() == []


class Ledger:
    """A transaction that remembers what was committed, and may fail to commit."""

    def __init__(self, *, fails: bool = False) -> None:
        self.committed: list[int] = []
        self.fails = fails
        self.transactions = 0

    @contextmanager
    def begin(self) -> Iterator[list[int]]:
        """Open a transaction: a list that is kept at the end."""
        self.transactions += 1
        open_one: list[int] = []
        yield open_one
        if self.fails:
            raise OSError("the disk is full")
        self.committed += open_one

    @staticmethod
    @contextmanager
    def savepoint(unit: list[int]) -> Iterator[None]:
        """Undo what the block did if it fails."""
        before = list(unit)
        try:
            yield
        except BaseException:
            unit[:] = before
            raise


def test_nobody_is_told_before_the_commit() -> None:
    """While the transaction is open, every caller still waits."""
    ledger, told = Ledger(), []
    group = GroupCommit(ledger.begin, ledger.savepoint)
    holding, waiting = threading.Event(), threading.Event()

    def first(unit: list[int]) -> None:
        holding.set()
        waiting.wait(10)
        unit.append(0)

    def caller(number: int) -> None:
        group.submit(lambda unit: unit.append(number))
        assert number in ledger.committed
        told.append(number)

    leader = threading.Thread(target=lambda: group.submit(first))
    leader.start()
    holding.wait(10)
    others = [threading.Thread(target=caller, args=[number]) for number in range(1, 40)]
    for each in others:
        each.start()
    assert told == []
    waiting.set()
    for each in [leader, *others]:
        each.join()
    assert sorted(told) == list(range(1, 40))
    assert ledger.transactions < 40


def test_all_learn_of_a_commit_that_fails() -> None:
    """Nothing was kept, and nobody believes it was."""
    ledger = Ledger(fails=True)
    group = GroupCommit(ledger.begin, ledger.savepoint)
    failures = []

    def caller(number: int) -> None:
        try:
            group.submit(lambda unit: unit.append(number))
        except OSError as error:
            failures.append(str(error))

    callers = [threading.Thread(target=caller, args=[number]) for number in range(20)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert failures == ["the disk is full"] * 20
    assert ledger.committed == []


@pytest.mark.parametrize("seed", range(5))
def test_more_callers_than_one_transaction_takes(seed: int) -> None:
    """A small limit only makes more transactions."""
    ledger, rng = Ledger(), random.Random(seed)
    group = GroupCommit(ledger.begin, ledger.savepoint, limit=rng.randint(1, 4))
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda n: group.submit(lambda unit: unit.append(n)), range(100)))
    assert sorted(ledger.committed) == list(range(100))


def test_a_unit_alone_needs_no_savepoint(sqlite_log: Log) -> None:
    """The result comes back, and its commit is seen by others at once."""

    def work(unit: UnitOfWork) -> UUID:
        return unit.ledger.append([act(1)])[0].id

    record_id = sqlite_log.store.submit(work)
    with sqlite_log.store.read() as connection:
        assert connection.scalar(select(func.count()).where(RECORD.c.id == record_id)) == 1
