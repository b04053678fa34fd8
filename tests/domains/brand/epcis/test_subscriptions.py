"""Subscriptions: each event once and in order, signed, tried again, over webhooks and sockets."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect
from tests.domains.brand.epcis.shop import BOX, event, numbers
from tests.house import document, opened_house
from tests.visitor import TestClient, account_with, holder, signed_in, visitor

from longmai.domains.brand.epcis import subscriptions
from longmai.domains.brand.epcis.delivery import Sender
from longmai.domains.brand.epcis.reporter import Reporter
from longmai.kernel.clock import FixedClock
from longmai.portal.accounts.first import desk_of_operator
from longmai.portal.accounts.service import end_post
from longmai.portal.house import House
from longmai.portal.rights.model import Grant

START = datetime(2025, 10, 1, 1, 0, tzinfo=UTC)
SHIPPED = {"name": "shipped", "query": {"EQ_bizStep": ["shipping"]}}


@dataclass
class Hook:
    """A subscriber's server: what it got, and what it answers."""

    address: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def told(self) -> list[list[str]]:
        """Return the numbers of the events of each message."""
        return [numbers(json.loads(body)) for _, body in self.got]


@contextmanager
def hook() -> Iterator[Hook]:
    """Run a subscriber's server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((dict(self.headers), body))
            self.send_response(made.answers.pop(0) if made.answers else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made = Hook(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An empty house whose webhooks may stay inside, at a time of our own."""
    with opened_house(tmp_path, database=database_url, webhooks_inside=True) as opened:
        object.__setattr__(opened, "clock", FixedClock(START))
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A client that may capture and query."""
    return holder(house, "enterprise", Accept="application/json")


def later(house: House, **passed: int) -> None:
    """Let time pass."""
    now = house.clock.now() + timedelta(**passed)
    object.__setattr__(house, "clock", FixedClock(now))


def ship(house: House, client: TestClient, *which: int, step: str = "shipping") -> None:
    """Capture events, and give them their places in the log."""
    events = [event(1, eventID=f"urn:e:{n}", bizStep=step, epcList=[BOX.format(n)]) for n in which]
    headers = {"Content-Type": "application/json"}
    answer = client.post("/epcis/capture", content=document(events), headers=headers)
    assert answer.status_code == 202, answer.text
    house.integrate()


def subscribe(client: TestClient, dest: str, **wanted: Any) -> str:
    """Subscribe to the named query, making it first; return the subscription's address."""
    client.post("/epcis/queries", json=SHIPPED)
    body = {"dest": dest, **wanted}
    answer = client.post("/epcis/queries/shipped/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def test_a_stream_tells_each_event_once_and_in_order(house: House, client: TestClient) -> None:
    """From the moment of the subscription on; what does not fulfil the query stays out."""
    reporter = Reporter(house)
    with hook() as server:
        ship(house, client, 0)
        address = subscribe(client, server.address, stream=True, signatureToken="s3cret")
        reporter.round()
        ship(house, client, 1, 2)
        ship(house, client, 3, step="packing")
        reporter.round()
        reporter.round()
        ship(house, client, 4)
        reporter.round()
        assert server.told() == [["1", "2"], ["4"]]
        headers, body = server.got[0]
        signed = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        assert headers["GS1-Signature"] == f"sha256={signed}"
        told = json.loads(body)["epcisBody"]["queryResults"]
        assert told["queryName"] == "shipped"
        assert address.endswith(told["subscriptionID"])
        state = client.get(address).json()
        assert (state["pending"], state["stream"]) == (0, True)
        assert "s3cret" not in json.dumps(state)


def test_what_does_not_arrive_is_tried_again_in_order(house: House, client: TestClient) -> None:
    """Later ones wait; a process that starts anew goes on; nothing is lost, nothing reordered."""
    with hook() as server:
        address = subscribe(client, server.address, stream=True)
        server.answers = [500, 503]
        for number in (1, 2):
            ship(house, client, number)
            Reporter(house).round()
        assert server.told() == [["1"]]
        assert client.get(address).json()["pending"] == 2
        assert "500" in client.get(address).json()["lastError"]
        later(house, seconds=6)
        Reporter(house).round()
        assert server.told() == [["1"], ["1"]]
        later(house, seconds=31)
        Reporter(house).round()
        Reporter(house).round()
        assert server.told() == [["1"], ["1"], ["1"], ["2"]]
        ids = [headers["GS1-Notification-ID"] for headers, _ in server.got]
        assert len(set(ids)) == 2


def test_a_subscriber_that_is_gone_is_left_alone(house: House, client: TestClient) -> None:
    """410 means never again; an unreachable one is given up after many attempts."""
    with hook() as server:
        subscribe(client, server.address, stream=True)
        server.answers = [410]
        ship(house, client, 1)
        Reporter(house).round()
        later(house, days=3)
        Reporter(house).round()
        assert len(server.got) == 1
    subscribe(client, server.address, stream=True)
    ship(house, client, 2)
    for _ in range(12):
        Reporter(house).round()
        later(house, days=2)
    with house.store.read() as connection:
        due = "SELECT count(*) FROM brand_delivery WHERE due_at IS NOT NULL"
        assert connection.exec_driver_sql(due).scalar() == 0


def test_a_schedule_tells_what_came_since(house: House, client: TestClient) -> None:
    """At its times; nothing new is told only where that is asked for."""
    with hook() as server:
        subscribe(client, server.address, schedule={"minute": "0,30"})
        subscribe(client, server.address, schedule={"hour": "10"}, reportIfEmpty=True)
        ship(house, client, 1)
        Reporter(house).round()
        assert server.told() == []
        later(house, minutes=30)
        Reporter(house).round()
        assert server.told() == [["1"]]
        later(house, minutes=29)
        Reporter(house).round()
        assert server.told() == [["1"]]
        later(house, minutes=1)
        Reporter(house).round()
        assert server.told() == [["1"], ["1"]]
        later(house, hours=24)
        Reporter(house).round()
        assert server.told()[2:] == [[]]


def test_an_initial_record_time_reaches_back(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events recorded since then are told, a stretch of the log at a time."""
    monkeypatch.setattr(subscriptions, "STRETCH", 2)
    ship(house, client, *range(5))
    with hook() as server:
        subscribe(client, server.address, stream=True, initialRecordTime="2020-01-01T00:00:00Z")
        subscribe(client, server.address, stream=True, initialRecordTime="2099-01-01T00:00:00Z")
        for _ in range(4):
            Reporter(house).round()
        assert [n for message in server.told() for n in message] == list("01234")


def test_rights_that_were_lost_end_what_is_told(house: House) -> None:
    """A subscription sees what its owner may see now, not what they once might."""
    who = account_with(house, Grant("enterprise", house.regions.code, "own"), login="packer")
    client = signed_in(house, who, Accept="application/json")
    with hook() as server:
        subscribe(client, server.address, stream=True)
        ship(house, client, 1)
        Reporter(house).round()
        with house.store.begin() as work:
            [held] = who.posts
            end_post(desk_of_operator(house, work), held.given_id)
        other = holder(house, "enterprise", login="other")
        ship(house, other, 2)
        Reporter(house).round()
        assert server.told() == [["1"]]


def test_webhooks_stay_outside_unless_allowed(tmp_path: Path) -> None:
    """An address of this machine is not asked: it could be anything here."""
    with opened_house(tmp_path) as house, hook() as server:
        client = holder(house, "enterprise", Accept="application/json")
        address = subscribe(client, server.address, stream=True)
        ship(house, client, 1)
        Reporter(house).round()
        assert server.got == []
        assert "private network" in client.get(address).json()["lastError"]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"dest": "ftp://example.com", "stream": True}, "InvalidURIException"),
        ({"dest": "https://me:pw@example.com", "stream": True}, "InvalidURIException"),
        ({"dest": "https://example.com"}, "SubscriptionControlsException"),
        ({"dest": "https://example.com", "schedule": {}}, "SubscriptionControlsException"),
        (
            {"dest": "https://example.com", "schedule": {"minute": "61"}},
            "SubscriptionControlsException",
        ),
        (
            {"dest": "https://example.com", "stream": True, "initialRecordTime": "soon"},
            "SubscriptionControlsException",
        ),
        ({"dest": "https://example.com", "streem": True}, "ValidationException"),
    ],
)
def test_a_subscription_that_cannot_be(
    client: TestClient, wanted: dict[str, Any], name: str
) -> None:
    """Refused by the name of the standard."""
    client.post("/epcis/queries", json=SHIPPED)
    answer = client.post("/epcis/queries/shipped/subscriptions", json=wanted)
    assert (answer.status_code, answer.json()["type"]) == (400, f"epcisException:{name}")


def test_queries_and_subscriptions_have_owners(house: House, client: TestClient) -> None:
    """Others see the query, not the subscription, and end neither; a query takes its own along."""
    address = subscribe(client, "https://example.com/hook", stream=True)
    taken = client.post("/epcis/queries", json=SHIPPED)
    assert taken.json()["type"] == "epcisException:DuplicateNameException"
    other = holder(house, "enterprise", login="other", Accept="application/json")
    assert other.get("/epcis/queries").json() == [SHIPPED]
    assert other.get("/epcis/queries/shipped/subscriptions").json() == []
    assert other.get(address).status_code == 404
    assert other.delete(address).status_code == 404
    assert other.delete("/epcis/queries/shipped").status_code == 403
    assert len(client.get("/epcis/queries/shipped/subscriptions").json()) == 1
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    address = subscribe(client, "https://example.com/hook", stream=True)
    assert client.delete("/epcis/queries/shipped").status_code == 204
    missing = client.get(address)
    assert missing.status_code == 404
    named = client.get("/epcis/queries/shipped/events")
    assert named.json()["type"] == "epcisException:NoSuchNameException"


def test_a_query_may_have_a_name_in_any_script(client: TestClient) -> None:
    """Its address is percent-encoded."""
    made = client.post("/epcis/queries", json={**SHIPPED, "name": "发货—今天"})
    assert made.status_code == 201
    assert client.get(made.headers["Location"]).json()["name"] == "发货—今天"
    assert client.delete(made.headers["Location"]).status_code == 204


def test_a_named_query_gives_its_events(house: House, client: TestClient) -> None:
    """Page by page, in either form; a query that cannot be is not kept."""
    ship(house, client, 1, 2, 3)
    client.post("/epcis/queries", json=SHIPPED)
    first = client.get("/epcis/queries/shipped/events?perPage=2")
    assert numbers(first.json()) == ["1", "2"]
    assert first.json()["epcisBody"]["queryResults"]["queryName"] == "shipped"
    address = first.headers["Link"].partition(";")[0].strip("<>")
    assert numbers(client.get(address[address.index("/epcis") :]).json()) == ["3"]
    bad = {"name": "bad", "query": {"EQ_bizStp": ["x"]}}
    answer = client.post("/epcis/queries", json=bad)
    assert answer.json()["type"] == "epcisException:QueryParameterException"


def test_a_socket_tells_what_comes(house: House, client: TestClient) -> None:
    """As long as it is open; it is refused to who may not, and to a page elsewhere."""
    client.post("/epcis/queries", json=SHIPPED)
    ship(house, client, 1)
    since = "initialRecordTime=2020-01-01T00:00:00Z"
    for path in ("events", "subscriptions"):
        address = f"/epcis/queries/shipped/{path}?stream=true&{since}"
        with client.websocket_connect(address, headers={"Origin": "http://testserver"}) as socket:
            assert numbers(socket.receive_json()) == ["1"]
    stranger = visitor(house)
    for who, headers in ((stranger, {}), (client, {"Origin": "https://elsewhere.example"})):
        with who.websocket_connect("/epcis/queries/shipped/events", headers=headers) as socket:
            assert socket.receive_json()["type"] == "epcisException:SecurityException"
            with pytest.raises(WebSocketDisconnect):
                socket.receive_json()


def test_old_messages_are_forgotten(house: House, client: TestClient) -> None:
    """A week after they were made; what still waits stays."""
    with hook() as server:
        subscribe(client, server.address, stream=True)
        ship(house, client, 1)
        Reporter(house).round()
        later(house, days=8)
        sender = Sender.of(house)
        sender.sweep()
        sender.close()
        with house.store.read() as connection:
            count = "SELECT count(*) FROM brand_delivery"
            assert connection.exec_driver_sql(count).scalar() == 0
