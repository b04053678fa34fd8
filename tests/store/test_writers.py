"""Many writers in threads and processes, several integrators: all is placed, once; limits hold."""

import subprocess
import sys
import threading
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from tests.store.conftest import Log, act

from longmai.kernel.errors import Unavailable
from longmai.store import pressure
from longmai.store.integrator import Integrator
from longmai.store.ledger import LEAF, SqlLog
from longmai.store.pressure import Pressure

WRITER = """
import sys
from longmai.kernel.clock import SystemClock
from longmai.store.database import connect
from longmai.store.unit_of_work import Store
from tests.store.conftest import act
store = Store(connect(sys.argv[1]), (), SystemClock())
for number in range(40):
    with store.begin() as work:
        for record in work.ledger.append([act(number), act(-number)]):
            print(record.id)
"""


@pytest.mark.slow
def test_writers_and_integrators_side_by_side(log: Log) -> None:
    """Three processes and four threads write while two integrators run."""
    url = log.engine.url.render_as_string(hide_password=False)
    integrators = [Integrator(log.store, log.signer, log.store.clock) for _ in range(2)]
    for integrator in integrators:
        integrator.start()
    acknowledged: list[UUID] = []

    def write() -> None:
        for number in range(30):
            acknowledged.extend(log.append(number, number + 1))

    threads = [threading.Thread(target=write) for _ in range(4)]
    command = [sys.executable, "-c", WRITER, url]
    root = Path(__file__).parents[2]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(3)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for process in processes:
        out, _ = process.communicate()
        assert process.returncode == 0
        acknowledged.extend(UUID(line) for line in out.split())
    for integrator in integrators:
        integrator.stop()
    assert len(acknowledged) == 4 * 60 + 3 * 80
    with log.store.read() as connection:
        assert len(SqlLog(connection).placed(acknowledged)) == len(acknowledged)
        assert connection.scalar(select(func.count()).select_from(LEAF)) == len(acknowledged)
    assert log.audit() == []


def test_too_many_waiting_records_refuse_new_ones(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clearly, with nothing half written; and they are taken again once there is room."""
    monkeypatch.setattr(pressure, "_INTERVAL_S", 0.0)
    log.store.pressure = Pressure(limit=10)
    log.append(*range(10))
    log.append(10)
    with pytest.raises(Unavailable, match="more than 10 records wait") as refusal:
        log.append(11)
    assert refusal.value.status == 503
    assert "longmai serve" in str(refusal.value.mend)
    assert log.integrate() == 11
    log.append(12)
    assert log.integrate() == 1


def test_the_look_at_the_table_serves_many_appends(log: Log) -> None:
    """Between two looks an append costs nothing; a limit of 0 never looks."""
    log.store.pressure = Pressure(limit=1)
    log.append(1)
    log.append(2, 3)
    log.append(4)
    log.store.pressure = Pressure()
    log.append(5)
    assert log.integrate() == 5


def test_a_locked_database_says_so(sqlite_log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that holds the write lock is no reason for a trace."""
    monkeypatch.setattr("longmai.store.database._BUSY_TIMEOUT_MS", 50)
    sqlite_log.engine.dispose()
    with sqlite_log.store.begin() as holder:
        holder.ledger.append([act(1)])
        with pytest.raises(Unavailable, match="cannot take this write now"):
            sqlite_log.append(2)
