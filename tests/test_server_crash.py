"""A server that is killed at any moment has kept every event it acknowledged."""

import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select
from tests.house import document, opened_house
from tests.visitor import token_for

from longmai.app import build_house
from longmai.domains.brand.service import CAPTURE
from longmai.domains.brand.tables import EVENT
from longmai.kernel.settings import load_settings
from longmai.ledger.audit import audit
from longmai.store.inspection import InspectedLog
from longmai.store.integrator import integrate_all
from longmai.store.ledger import SqlLog
from longmai.store.rebuild import rebuild

ROUNDS = 6
EVENTS_A_DOCUMENT = 5
START_S = 60.0


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def events(capture: str) -> list[dict[str, object]]:
    """Write the events of one document; their IDs say which."""
    return [
        {
            "type": "ObjectEvent",
            "action": "OBSERVE",
            "eventID": f"urn:capture:{capture}:{number}",
            "eventTime": "2025-10-01T08:00:00+08:00",
            "eventTimeZoneOffset": "+08:00",
            "epcList": [f"urn:epc:id:sgtin:9521234.054321.{number}"],
        }
        for number in range(EVENTS_A_DOCUMENT)
    ]


def started(port: int, data: Path) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers."""
    command = [sys.executable, "-m", "longmai", "serve", "--port", str(port), "--data", str(data)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended by itself"
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v1/ledger/key", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return server
    server.kill()
    raise AssertionError("the server did not start")


def post_until_gone(port: int, token: str, acknowledged: list[tuple[str, UUID]]) -> None:
    """Post documents until the server is gone, noting each event that it acknowledged."""
    headers, base = {"Authorization": f"Bearer {token}"}, f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, headers=headers, trust_env=False) as client:
        while True:
            try:
                sent = document(events(uuid4().hex))
                answer = client.post("/api/v1/epcis/capture", content=sent)
            except httpx.TransportError:
                return
            assert answer.status_code == 202, answer.text
            told = answer.json()["events"]
            acknowledged += [(each["event_id"], UUID(each["record_id"])) for each in told]


@pytest.mark.slow
def test_a_killed_server_keeps_all_it_acknowledged(tmp_path: Path) -> None:
    """SIGKILL in the middle of captures, again and again: nothing is lost or half written."""
    acknowledged: list[tuple[str, UUID]] = []
    rng = random.Random(7)
    with opened_house(tmp_path) as prepared:
        token = token_for(prepared, CAPTURE, "enterprise")
    for _ in range(ROUNDS):
        port = free_port()
        server = started(port, tmp_path / "data")
        clients = [
            threading.Thread(target=post_until_gone, args=(port, token, acknowledged))
            for _ in range(2)
        ]
        for client in clients:
            client.start()
        before = len(acknowledged)
        while len(acknowledged) == before:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.05, 0.8))
        server.send_signal(signal.SIGKILL)
        server.wait()
        for client in clients:
            client.join()
    house = build_house(load_settings(data=tmp_path / "data"))
    integrate_all(house.store, house.signer, house.clock)
    with house.store.read() as connection:
        rows = connection.execute(select(EVENT.c.event_id, EVENT.c.record_id))
        stored = {row.event_id: row.record_id for row in rows}
        assert dict(acknowledged).items() <= stored.items()
        counts = select(func.count(EVENT.c.record_id)).group_by(EVENT.c.document_id)
        assert set(connection.scalars(counts)) == {EVENTS_A_DOCUMENT}
        log = SqlLog(connection)
        assert len(log.placed(list(stored.values()))) == len(stored)
        assert list(audit(InspectedLog(connection), [house.signer.verifier_key])) == []
    assert list(rebuild(house.store)) == []
    house.store.engine.dispose()
