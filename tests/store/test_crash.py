"""A writer that is killed at any moment loses nothing that it acknowledged."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest
from tests.store.conftest import opened

from longmai.ledger.audit import audit
from longmai.store.inspection import InspectedLog
from longmai.store.integrator import integrate_all
from longmai.store.ledger import SqlLog

ROUNDS = 8

WRITER = """
import sys
from longmai.kernel.clock import SystemClock
from longmai.ledger.note import Signer
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_once
from longmai.store.unit_of_work import Store
from tests.store.conftest import act
engine = connect(sys.argv[1])
migrate(engine)
signer = Signer.from_text(open(sys.argv[2]).read(), sys.argv[2])
store = Store(engine, (), SystemClock())
number = 0
while True:
    with store.begin() as work:
        records = work.ledger.append([act(number + i) for i in range(20)])
    number += 20
    print("\\n".join(str(record.id) for record in records), flush=True)
    integrate_once(store, signer, store.clock, limit=30)
"""


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_acknowledged(sqlite_url: str, tmp_path: Path) -> None:
    """SIGKILL at random moments, again and again; every acknowledged record is there and proven."""
    log = opened(sqlite_url)
    key_file = tmp_path / "key"
    key_file.write_text(log.signer.to_text(), "utf-8")
    acknowledged: list[UUID] = []
    rng = random.Random(11)
    for _ in range(ROUNDS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, sqlite_url, str(key_file)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert writer.stdout is not None
        acknowledged.append(UUID(writer.stdout.readline().strip()))
        time.sleep(rng.uniform(0.01, 0.4))
        writer.send_signal(signal.SIGKILL)
        # The last line may be torn: only a whole one is an acknowledgement.
        told = writer.stdout.read().split("\n")[:-1]
        acknowledged += [UUID(line) for line in told]
        writer.stdout.close()
        writer.wait()
    integrate_all(log.store, log.signer, log.store.clock)
    with log.store.read() as connection:
        storage = SqlLog(connection)
        assert len(storage.placed(acknowledged)) == len(acknowledged) > 20 * ROUNDS
        assert list(audit(InspectedLog(connection), [log.signer.verifier_key])) == []
    log.engine.dispose()
