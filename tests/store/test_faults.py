"""Killed between any two statements, out of disk, torn files: nothing acknowledged is lost."""

import resource
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, text
from tests.store.conftest import Log, opened

from longmai.kernel.errors import Conflict, Unavailable
from longmai.ledger.note import Signer
from longmai.store.export import export_log
from longmai.store.ledger import SqlLog

ROOT = Path(__file__).parents[2]

# Forks once per point: each child works until its n-th statement or commit, and dies there. What it
# printed before was acknowledged. The last child comes through.
KILLER = """
import os, signal, sys
import httpx
from sqlalchemy import event
from longmai.kernel.clock import SystemClock
from longmai.ledger.note import Signer, WITNESS_KEY
from longmai.ledger.policy import parse_policy
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_all
from longmai.store.unit_of_work import Store
from longmai.store.witnesses import Witnesses
from longmai.store.witnessing import Witness
from pathlib import Path
from tests.store.conftest import act

url, key_file, folder, witnessed = sys.argv[1:5]
log_key = Signer.from_text(Path(key_file).read_text(), key_file)
witness_file = Path(folder) / "witness.key"
if not witness_file.exists():
    witness_file.write_text(Signer.generate("w.example", WITNESS_KEY).to_text())
witness_key = Signer.from_text(witness_file.read_text(), "")

def child(point):
    seen = 0
    def step(*_rest):
        nonlocal seen
        seen += 1
        if seen == point:
            os.kill(os.getpid(), signal.SIGKILL)
    engine = connect(url)
    store = Store(engine, (), SystemClock())
    witness_engine = connect(f"sqlite:///{folder}/witness.db")
    if witnessed == "yes":
        migrate(witness_engine)
    witness = Witness(witness_engine, witness_key, [log_key.verifier_key], SystemClock(),
                      Path(folder) / "evidence")
    def answer(request):
        try:
            return httpx.Response(200, text=witness.add_checkpoint(request.content.decode()))
        except Exception as refusal:
            size = getattr(refusal, "size", None)
            if size is None:
                raise
            typed = {"content-type": "text/x.tlog.size"}
            return httpx.Response(409, text=f"{size}\\n", headers=typed)
    policy = parse_policy(f"witness W {witness_key.verifier_key} http://w.example/\\nquorum W\\n")
    asked = Witnesses(policy, httpx.Client(transport=httpx.MockTransport(answer)))
    for each in (engine, witness_engine):
        event.listen(each, "before_cursor_execute", step)
        event.listen(each, "commit", step)
    with store.begin() as work:
        ids = [record.id for record in work.ledger.append([act(i) for i in range(5)])]
    os.write(1, "".join(f"{each}\\n" for each in ids).encode())
    integrate_all(store, log_key, store.clock, asked if witnessed == "yes" else None)
    os._exit(0)

point = 0
while True:
    point += 1
    pid = os.fork()
    if pid == 0:
        child(point)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        os.write(2, f"points {point}\\n".encode())
        sys.exit(os.WEXITSTATUS(status))
"""


@pytest.mark.slow
@pytest.mark.parametrize("witnessed", ["no", "yes"])
def test_killed_at_every_statement(log: Log, tmp_path: Path, witnessed: str) -> None:
    """In the append, in integration, in publication, before and after the witness signed."""
    key_file = tmp_path / "key"
    key_file.write_text(log.signer.to_text(), "utf-8")
    url = log.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLER, url, str(key_file), str(tmp_path), witnessed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.split()[-1]) > 12
    acknowledged = [UUID(line) for line in done.stdout.split()]
    with log.store.read() as connection:
        assert len(SqlLog(connection).placed(acknowledged)) == len(acknowledged)
    assert not (tmp_path / "evidence").exists()
    if witnessed == "no":
        assert log.audit() == []
    else:
        witness = Signer.from_text((tmp_path / "witness.key").read_text("utf-8"), "witness.key")
        assert log.audit(witness.verifier_key) == []


def test_a_full_database_refuses_and_goes_on_when_there_is_room(sqlite_url: str) -> None:
    """SQLITE_FULL in the middle of an append: refused in words, nothing half written."""
    log = opened(sqlite_url)
    kept = log.append(*range(50))
    log.integrate()
    pages = {"limit": 0}

    def limited(connection: object, _record: object, _proxy: object) -> None:
        if pages["limit"]:
            connection.execute(f"PRAGMA max_page_count = {pages['limit']}")  # type: ignore[attr-defined]
        else:
            connection.execute("PRAGMA max_page_count = 1073741823")  # type: ignore[attr-defined]

    event.listen(log.engine, "checkout", limited)
    with log.engine.connect() as connection:
        used = connection.execute(text("PRAGMA page_count")).scalar_one()
    pages["limit"] = used + 3
    with pytest.raises(Unavailable, match="look at the disk") as refusal:
        log.append(*range(2_000))
    assert "full" in str(refusal.value)
    assert log.integrate() == 0
    assert log.audit() == []
    pages["limit"] = 0
    kept += log.append(*range(100))
    assert log.integrate() == 100
    with log.store.read() as connection:
        assert len(SqlLog(connection).placed(kept)) == 150
    assert log.audit() == []
    log.engine.dispose()


FULL = """
import resource, signal, sys
from longmai.kernel.errors import Unavailable
from longmai.store.unit_of_work import Store
from tests.store.conftest import act, opened
log = opened(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    while True:
        for record_id in log.append(*range(40)):
            print(record_id)
except Unavailable as refusal:
    print(refusal, file=sys.stderr)
"""


def test_a_file_system_that_takes_no_more(sqlite_url: str) -> None:
    """The write-ahead log cannot grow: what was acknowledged is there, what was refused is not."""
    log = opened(sqlite_url)
    # Its write-ahead log goes into the database at about 4 MB; it must be full before that.
    written_ahead = Path(sqlite_url.removeprefix("sqlite:///") + "-wal").stat().st_size
    room = written_ahead + 600_000
    command = [sys.executable, "-c", FULL, sqlite_url, str(room)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "cannot take this write now" in done.stderr
    acknowledged = [UUID(line) for line in done.stdout.split()]
    assert acknowledged
    assert log.integrate() == len(acknowledged)
    with log.store.read() as connection:
        assert len(SqlLog(connection).placed(acknowledged)) == len(acknowledged)
    assert log.audit() == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    log.engine.dispose()


def test_a_torn_tile_of_an_export_is_written_again(sqlite_log: Log, tmp_path: Path) -> None:
    """A file cut short is mended by the next export; one with other content is not overwritten."""
    sqlite_log.append(*range(600))
    sqlite_log.integrate()
    export_log(sqlite_log.store, tmp_path)
    tile = tmp_path / "tile" / "0" / "001"
    whole = tile.read_bytes()
    for torn in (b"", whole[:5000]):
        tile.write_bytes(torn)
        export_log(sqlite_log.store, tmp_path)
        assert tile.read_bytes() == whole
    tile.write_bytes(whole[:-1] + b"x")
    with pytest.raises(Conflict, match="tile/0/001"):
        export_log(sqlite_log.store, tmp_path)
