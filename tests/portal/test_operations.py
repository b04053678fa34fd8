"""Alive, ready, figures, log lines, rates and sizes."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from tests.house import opened_house
from tests.visitor import TestClient, holder, token_for, visitor

from longmai.portal import guard, logs
from longmai.portal.house import House
from longmai.portal.rates import MAX_ADDRESSES, Buckets

PEER = "192.0.2.7"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path, requests_a_minute=30) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A visitor from this machine."""
    return visitor(house)


def test_alive_and_ready(client: TestClient) -> None:
    """Both answer without words for people."""
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").json() == {"ready": True}


def test_not_ready_when_the_database_is_gone(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alive all the same; the reason names no secret."""

    def gone() -> object:
        raise OperationalError("SELECT 1", {}, Exception("password=secret"))

    monkeypatch.setattr(type(house.store), "read", lambda _self: gone())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "why": "the database does not answer"}
    assert client.get("/healthz").status_code == 200


def test_figures_for_prometheus(house: House, client: TestClient) -> None:
    """Requests by route, and the ledger's sizes; only with a token."""
    client.get("/ledger")
    client.get("/01/09521234000129")
    client.get("/nowhere/personal-code-17")
    token = token_for(house, "operation.read", "admin_system")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
    assert re.search(
        r'longmai_http_request_seconds_count\{method="GET",route="/ledger",status="200"\} 1\.0',
        text,
    )
    assert 'route="unknown",status="404"' in text
    assert "longmai_ledger_records 0.0" in text
    assert "personal-code" not in text
    assert visitor(house, PEER).get("/metrics").status_code == 401


def test_log_lines_name_routes_and_never_paths_or_addresses(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """One JSON object a line, with the request's ID, which the answer carries, too."""
    caplog.set_level(logging.INFO, "longmai.access")
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.JsonLines())
    logging.getLogger("longmai.access").addHandler(handler)
    try:
        answer = client.get(
            "/ledger/records/0199a000-0000-7000-8000-000000000001?token=secret",
            headers={"X-Request-ID": "given-7"},
        )
        client.get("/", headers={"X-Request-ID": "not\tallowed"})
    finally:
        logging.getLogger("longmai.access").removeHandler(handler)
    first, second = map(json.loads, handler.stream.getvalue().splitlines())
    assert first["route"] == "/ledger/records/{record_id}"
    assert (first["method"], first["status"]) == ("GET", 404)
    assert first["request_id"] == answer.headers["X-Request-ID"] == "given-7"
    assert second["request_id"] not in {"", "given-7", "not\tallowed"}
    told = handler.stream.getvalue()
    assert "secret" not in told
    assert "0199a000" not in told
    assert "127.0.0.1" not in told


def test_an_unexpected_error_is_logged_with_its_request(house: House) -> None:
    """The traceback is in the line; the ID leads to it."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.JsonLines())
    logging.getLogger("longmai").addHandler(handler)
    try:
        client = visitor(house)
        client.app.add_api_route("/api/broken", lambda: 1 / 0)  # type: ignore[attr-defined]
        answer = client.get("/api/broken")
    finally:
        logging.getLogger("longmai").removeHandler(handler)
    assert answer.status_code == 500
    assert "ZeroDivisionError" in handler.stream.getvalue()


def test_an_address_that_asks_too_much_is_refused_for_a_while(house: House) -> None:
    """429 with the seconds to wait, security headers on; this machine and static files are free."""
    far = visitor(house, PEER)
    answers = [far.get("/healthz") for _ in range(40)]
    assert [answer.status_code for answer in answers].count(200) in {30, 31}
    refused = answers[-1]
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert "default-src 'self'" in refused.headers["Content-Security-Policy"]
    assert far.get("/static/base.css").status_code == 200
    assert visitor(house, "192.0.2.8").get("/healthz").status_code == 200
    near = visitor(house)
    assert all(near.get("/healthz").status_code == 200 for _ in range(60))


def test_a_write_costs_more(house: House) -> None:
    """Six writes use up thirty requests."""
    far = visitor(house, PEER)
    codes = [far.post("/api/v1/epcis/capture", content="{}").status_code for _ in range(7)]
    assert codes == [401] * 6 + [429]


@given(
    st.integers(1, 100),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 5)), max_size=300),
)
def test_no_address_gets_more_than_its_share(a_minute: int, steps: list[tuple[float, int]]) -> None:
    """Over any time t, at most a burst and t minutes' worth pass; who waits as told passes."""
    buckets, now, passed = Buckets(a_minute), 0.0, 0
    for pause, cost in steps:
        now += pause
        wait = buckets.take(PEER, now, cost)
        if wait == 0:
            passed += cost
        elif cost <= a_minute:
            assert buckets.take(PEER, now + wait + 1e-6, cost) == 0
            now, passed = now + wait + 1e-6, passed + cost
    assert passed <= a_minute + now * a_minute / 60 + 5 * len(steps) * (a_minute < 5) + 1e-6


def test_addresses_are_forgotten_and_networks_are_one() -> None:
    """Memory is bounded; a subscriber's IPv6 network counts as one address."""
    buckets = Buckets(1)
    for number in range(MAX_ADDRESSES + 10):
        buckets.take(f"peer-{number}", 0.0)
    assert len(buckets._buckets) == MAX_ADDRESSES
    assert buckets.take("2001:db8::1", 0.0) == 0
    assert buckets.take("2001:db8::2", 0.0) > 0
    assert buckets.take("2001:db8:0:1::2", 0.0) == 0


@pytest.mark.parametrize("address", ["/api/v1/epcis/capture", "/brand/capture"])
def test_a_body_that_announces_nothing_is_cut_off(
    house: House, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Chunked, so that no header tells its size: 413 where it becomes too large."""
    monkeypatch.setattr(guard, "MAX_BODY_BYTES", 100_000)
    boundary = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'

    def chunks() -> Iterator[bytes]:
        yield boundary
        for _ in range(50):
            yield b" " * 10_000

    typed = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = holder(house, "enterprise").post(address, content=chunks(), headers=typed)
    assert answer.status_code == 413
