"""Three levels, as three programs with three stores: county, city, province."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from tests.house import document

from longmai.kernel.regions import RegionPack, find_pack
from longmai.ledger import verifier

PACK = RegionPack.load(find_pack(""))
EVENT = {
    "type": "ObjectEvent",
    "action": "OBSERVE",
    "eventTime": "2025-10-01T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["urn:epc:id:sgtin:9521234.054321.1"],
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Log:
    """One level: its folder, its settings, and its server while it runs."""

    folder: Path
    name: str
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the variables it runs under."""
        own = {"LONGMAI_DATA": str(self.folder), "LONGMAI_LOG_ORIGIN": self.name}
        return os.environ | own | {"LONGMAI_PORT": str(self.port)} | self.settings

    def run(self, *words: str) -> str:
        """Run a command of this log and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "longmai", *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [sys.executable, "-m", "longmai", "serve"]
        self.server = subprocess.Popen(command, env=self.environment(), stdout=subprocess.DEVNULL)
        until(lambda: answers(f"{self.url}/tlog/checkpoint"), "the server answers")

    def stop(self) -> None:
        """Stop the server."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(30)
            self.server = None

    @cached_property
    def token(self) -> str:
        """A token of an account that may capture, made as an operator would."""
        self.run("account", "open", "packhouse", "--name", "某企业", "--region", PACK.code)
        self.run("account", "give", "packhouse", "enterprise", PACK.code)
        return self.run("account", "token", "packhouse", "--scope", "brand.capture").strip()

    def certificate(self, record_id: str) -> dict[str, object]:
        """Return the certificate that the server gives out."""
        url = f"{self.url}/api/v1/ledger/records/{record_id}/certificate"
        answer = httpx.get(url, trust_env=False)
        return dict(answer.json()) if answer.status_code == 200 else {}

    def capture(self) -> str:
        """Capture one document over HTTP and return the ID of its first record."""
        url = f"{self.url}/api/v1/epcis/capture"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.post(url, content=document([EVENT]), headers=headers, trust_env=False)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["events"][0]["record_id"])


def answers(url: str) -> bool:
    """Tell whether somebody answers 200 there."""
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.2)


@pytest.fixture
def levels(tmp_path: Path) -> Iterator[tuple[Log, Log, Log]]:
    """County, city and province, each told of its neighbours; none is started."""
    made = [Log(tmp_path / name, f"{name}.example/log") for name in ("county", "city", "province")]
    for lower, upper in pairwise(made):
        policy = tmp_path / f"under-{upper.folder.name}.policy"
        key = lower.run("ledger", "key").strip()
        policy.write_text(f"log {key}\nquorum none\n", "utf-8")
        upper.settings["LONGMAI_LOWER_LOGS"] = str(policy)
        lower.settings["LONGMAI_UPPER_LOG"] = f"{upper.run('ledger', 'key').strip()} {upper.url}"
    with ExitStack() as stack:
        for log in made:
            stack.callback(log.stop)
        county, city, province = made
        yield county, city, province


@pytest.mark.slow
def test_a_certificate_carries_the_chain_from_county_to_province(
    levels: tuple[Log, Log, Log],
) -> None:
    """Levels lose contact and catch up; the province's key alone is enough to verify offline."""
    county, city, province = levels
    county.start()
    record_id = county.capture()
    until(lambda: bool(county.certificate(record_id)), "the county has placed the record")
    alone = county.certificate(record_id)
    assert "anchors" not in alone or not alone["anchors"]
    # The city comes, then the province: what was missed is caught up with.
    city.start()
    until(lambda: len(anchors(county, record_id)) == 1, "the city's proof has come down")
    province.start()
    until(lambda: len(anchors(county, record_id)) == 2, "the province's proof has come down")
    given = county.certificate(record_id)
    for log in levels:
        log.stop()
    key = province.run("ledger", "key").strip()
    verdict = verifier.verify(json.dumps(given), key)
    assert verdict.holds
    names = [level.origin for level in verdict.anchors]
    assert names == ["city.example/log", "province.example/log"]
    told = county.folder / "certificate.json"
    told.write_text(json.dumps(given), "utf-8")
    assert "anchored in province.example/log" in county.run(
        "ledger", "verify", str(told), "--key", key
    )
    for log in levels:
        assert "0 findings" in log.run("ledger", "audit")
        assert "0 differences" in log.run("ledger", "rebuild")
    refuse_broken_chains(given, key)
    name_broken_receipts(county)


def anchors(log: Log, record_id: str) -> list[object]:
    """Return the anchors of a certificate."""
    found = log.certificate(record_id).get("anchors", [])
    return list(found) if isinstance(found, list) else []


def name_broken_receipts(log: Log) -> None:
    """A receipt changed in the store is named by the audit."""
    with sqlite3.connect(log.folder / "longmai.db") as database:
        [(size, chain)] = database.execute(
            "SELECT size, chain FROM ledger_anchor ORDER BY size DESC LIMIT 1"
        ).fetchall()
        spoilt = chain.replace(b'"leaf_index": ', b'"leaf_index": 1', 1)
        database.execute("UPDATE ledger_anchor SET chain = ? WHERE size = ?", (spoilt, size))
    database.close()
    command = [sys.executable, "-m", "longmai", "ledger", "audit"]
    done = subprocess.run(
        command, env=log.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"receipt {size}" in done.stdout


def refuse_broken_chains(given: dict[str, object], key: str) -> None:
    """A chain with a level cut out, swapped or changed is refused."""
    chain = given["anchors"]
    assert isinstance(chain, list)
    for broken in ([chain[1]], [chain[1], chain[0]], [chain[0], chain[0]]):
        with pytest.raises(verifier.Refused):
            verifier.verify(json.dumps(given | {"anchors": broken}), key)
    changed = json.loads(json.dumps(chain))
    changed[0]["records"][0]["leaf_index"] += 1
    with pytest.raises(verifier.Refused, match="does not prove the checkpoint below"):
        verifier.verify(json.dumps(given | {"anchors": changed}), key)
    # Without the chain the province's key says nothing.
    with pytest.raises(verifier.Refused, match="not by the one you trust"):
        verifier.verify(json.dumps(given | {"anchors": []}), key)
