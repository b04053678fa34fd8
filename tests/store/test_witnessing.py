"""Witnesses asked over HTTP: a quorum publishes, a fork is refused, nothing is forgotten."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.store.conftest import NOW, Log, opened

from longmai.kernel.clock import FixedClock
from longmai.kernel.errors import Conflict, Unavailable
from longmai.ledger import verifier
from longmai.ledger.note import WITNESS_KEY, Signer, VerifierKey, parse_checkpoint, split_note
from longmai.ledger.policy import parse_policy
from longmai.ledger.witness import Submission
from longmai.portal.witness_app import create_witness_app
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_all
from longmai.store.ledger import SqlLog
from longmai.store.proving import Prover
from longmai.store.witnesses import Witnesses
from longmai.store.witnessing import Witness, claim_memory, witness_key


def made_witness(folder: Path, name: str, *logs: VerifierKey) -> Witness:
    """Open a witness in a folder, as its command does."""
    folder.mkdir(exist_ok=True)
    engine = connect(f"sqlite:///{folder / 'witness.db'}")
    migrate(engine)
    clock = FixedClock(NOW)
    signer = claim_memory(engine, witness_key(folder, name), clock)
    return Witness(engine, signer, logs, clock, folder / "evidence")


@contextmanager
def answering(witness: Witness) -> Iterator[str]:
    """Serve a witness on a free port; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_witness_app(witness), log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        witness._engine.dispose()


@contextmanager
def asked(k: int, *witnesses: tuple[Witness, str]) -> Iterator[Witnesses]:
    """Ask k of these witnesses."""
    lines = [f"witness W{i} {w.verifier_key} {url}" for i, (w, url) in enumerate(witnesses)]
    names = " ".join(f"W{i}" for i in range(len(witnesses)))
    text = "\n".join([*lines, f"group G {k} {names}", "quorum G"])
    made = Witnesses(parse_policy(text), httpx.Client(timeout=2, trust_env=False))
    try:
        yield made
    finally:
        made.close()


def settle(log: Log, k: int, *witnesses: tuple[Witness, str]) -> str:
    """Integrate, publish with the cosignatures of k witnesses, and return the checkpoint."""
    with asked(k, *witnesses) as made:
        integrate_all(log.store, log.signer, log.store.clock, made)
    with log.store.read() as connection:
        return SqlLog(connection).checkpoint()


def size_of(note: str) -> int:
    """Return a checkpoint's size."""
    return parse_checkpoint(split_note(note)[0]).size


def test_a_quorum_publishes_and_is_verified_offline(log: Log, tmp_path: Path) -> None:
    """Two of three answer: the checkpoint carries their lines, and the verifier counts them."""
    keys = (log.signer.verifier_key,)
    with ExitStack() as open_ones:
        made = [made_witness(tmp_path / f"w{i}", f"w{i}.example", *keys) for i in range(3)]
        urls = [open_ones.enter_context(answering(witness)) for witness in made[:2]]
        dead = "http://127.0.0.1:9/"
        three = ((made[0], urls[0]), (made[1], urls[1]), (made[2], dead))
        settle(log, 2, *three)
        [record_id, *_] = log.append(*range(300))
        note = settle(log, 2, *three)
        assert size_of(note) == 300
        with log.store.read() as connection:
            bundle = Prover(connection, log.signer.verifier_key).bundle([record_id])
    made[2]._engine.dispose()
    given = [str(witness.verifier_key) for witness in made]
    verdict = verifier.verify(json.dumps(bundle), str(log.signer.verifier_key), given, 2)
    assert verdict.holds
    assert verdict.witnesses == ("w0.example", "w1.example")
    with pytest.raises(verifier.Refused, match="2 of the witnesses"):
        verifier.verify(json.dumps(bundle), witness_keys=given)
    assert log.audit(*(witness.verifier_key for witness in made)) == []
    assert any("key is not known" in finding.what for finding in log.audit())


def test_below_the_quorum_nothing_is_published(log: Log, tmp_path: Path) -> None:
    """The records are placed and wait; when the witness is back, one checkpoint covers them."""
    one = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    with answering(one) as url:
        settle(log, 1, (one, url))
    [record_id] = log.append(1)
    with pytest.raises(Unavailable, match="too few witnesses"):
        settle(log, 1, (one, "http://127.0.0.1:9/"))
    with log.store.read() as connection:
        assert size_of(SqlLog(connection).checkpoint()) == 0
        with pytest.raises(Unavailable, match="no published checkpoint"):
            Prover(connection, log.signer.verifier_key).bundle([record_id])
    again = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    with answering(again) as url:
        assert size_of(settle(log, 1, (again, url))) == 1


def test_a_split_view_is_refused(log: Log, tmp_path: Path) -> None:
    """Two histories under one key: the witness cosigns the first and keeps proof of the second."""
    other = opened(f"sqlite:///{tmp_path / 'other.db'}")
    forked = Log(other.store, log.signer)
    one = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    with answering(one) as url:
        log.append(*range(5))
        honest = settle(log, 1, (one, url))
        forked.append(*range(7))
        with pytest.raises(Unavailable, match="too few witnesses"):
            settle(forked, 1, (one, url))
        assert len(list((tmp_path / "w" / "evidence").iterdir())) == 1
        # The honest log goes on.
        log.append(6)
        assert size_of(settle(log, 1, (one, url))) == 6
        assert size_of(honest) == 5
    with forked.store.read() as connection:
        assert SqlLog(connection).published() is None
    other.engine.dispose()


def test_a_store_put_back_from_a_backup_is_told(log: Log, tmp_path: Path) -> None:
    """A log that forgot what it published cannot publish again, and the reason is named."""
    one = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    with answering(one) as url:
        log.append(*range(9))
        settle(log, 1, (one, url))
        old = opened(f"sqlite:///{tmp_path / 'old.db'}")
        rolled_back = Log(old.store, log.signer)
        rolled_back.append(1, 2)
        with pytest.raises(Unavailable) as told:
            settle(rolled_back, 1, (one, url))
        assert "old backup" in str(told.value.value) or "old backup" in str(told.value)
        old.engine.dispose()


@pytest.mark.parametrize("told", ["9" * 5_000, "٣", "-1", "", "12345678901234567890"])
def test_a_strange_refusal_does_not_stop_the_log(log: Log, told: str) -> None:
    """Whatever a witness answers, it is told as a refusal, and the integrator goes on."""
    typed = {"Content-Type": "text/x.tlog.size"}
    answer = httpx.MockTransport(
        lambda _request: httpx.Response(409, content=told.encode(), headers=typed)
    )
    key = Signer.generate("w.example", WITNESS_KEY).verifier_key
    policy = parse_policy(f"witness W {key} http://w.example/\nquorum W")
    log.append(1)
    strange = Witnesses(policy, httpx.Client(transport=answer))
    with pytest.raises(Unavailable, match="too few witnesses"):
        integrate_all(log.store, log.signer, log.store.clock, strange)
    strange.close()


def test_a_witness_remembers_over_a_restart(log: Log, tmp_path: Path) -> None:
    """What it cosigned before it was stopped still binds it."""
    one = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    with answering(one) as url:
        log.append(*range(5))
        settle(log, 1, (one, url))
    again = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    assert [(each.origin, each.size) for each in again.seen()] == [("test.example/log", 5)]
    again._engine.dispose()


@pytest.mark.parametrize("lost", ["witness.key", "witness.db"])
def test_a_witness_that_lost_half_of_itself_does_not_start(tmp_path: Path, lost: str) -> None:
    """A key without its memory could cosign a second history."""
    one = made_witness(tmp_path / "w", "w.example")
    one._engine.dispose()
    for file in (tmp_path / "w").glob(f"{lost}*"):
        file.unlink()
    with pytest.raises(Conflict, match="do not belong together"):
        made_witness(tmp_path / "w", "w.example")


def test_the_protocols_answers(log: Log, tmp_path: Path) -> None:
    """Status codes and types, as C2SP tlog-witness gives them."""
    log.append(*range(3))
    log.integrate()
    with log.store.read() as connection:
        note = SqlLog(connection).checkpoint()
    one = made_witness(tmp_path / "w", "w.example", log.signer.verifier_key)
    with answering(one) as url, httpx.Client(trust_env=False) as http:

        def post(body: str) -> httpx.Response:
            return http.post(f"{url}add-checkpoint", content=body)

        fine = post(str(Submission(0, (), note)))
        assert fine.status_code == 200
        assert fine.text.startswith("— w.example ")
        again = post(str(Submission(0, (), note)))
        assert (again.status_code, again.text) == (409, "3\n")
        assert again.headers["content-type"] == "text/x.tlog.size"
        assert post(str(Submission(3, (), note))).status_code == 200
        assert post("nonsense").status_code == 400
        assert post(str(Submission(4, (), note))).status_code == 400
        strange = note.replace("test.example/log", "other.example/log")
        assert post(str(Submission(3, (), strange))).status_code == 404
        assert post(str(Submission(3, (), "\n" + note.partition("\n")[2]))).status_code == 404
        unsigned = note.replace("\n3\n", "\n4\n")
        assert post(str(Submission(3, (), unsigned))).status_code == 403
        assert post("x" * 100_000).status_code == 413
        assert str(one.verifier_key) in http.get(url).text
        assert "test.example/log 3 " in http.get(url).text
