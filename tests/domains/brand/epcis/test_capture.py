"""Capture as EPCIS 2.0 binds it: jobs, errors, large documents, XML."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.domains.brand.epcis.shop import BOX, event, found, nobody
from tests.house import document, opened_house
from tests.visitor import TestClient, holder, token_for, visitor

from longmai.domains.brand import intake
from longmai.domains.brand.capturing import capturer
from longmai.domains.brand.epcis import capture_jobs, capture_routes
from longmai.domains.brand.model.epcis.xml_write import write_document
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.portal.jobs_pages import works_of
from longmai.store.worker import Worker

JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "application/xml"}
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An empty house, once on each kind of database."""
    with opened_house(tmp_path, database=database_url) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A client that may capture and query."""
    return holder(house, "enterprise", Accept="application/json")


def box(number: int, **fields: Any) -> dict[str, Any]:
    """Return an event of a box."""
    return event(1, eventID=f"urn:box:{number}", epcList=[BOX.format(number)], **fields)


def send(client: TestClient, body: Any, **headers: str) -> Any:
    """Send a document to capture."""
    return client.post("/epcis/capture", content=body, headers={**JSON, **headers})


def job(client: TestClient, answer: Any) -> dict[str, Any]:
    """Return the capture job an answer names."""
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = client.get(answer.headers["Location"]).json()
    return told


def work_all(house: House) -> None:
    """Run the jobs that wait."""
    worker = Worker(house.jobs, works_of(house))
    while worker.run_one():
        pass


def test_a_document_is_captured_and_its_job_read(client: TestClient) -> None:
    """202 with the address of a job that is done."""
    told = job(client, send(client, document([box(1), box(2)])))
    assert (told["running"], told["success"], told["errors"]) == (False, True, [])
    assert (told["events"], told["captured"], told["captureErrorBehaviour"]) == (2, 2, "rollback")
    assert told["finishedAt"] >= told["createdAt"]
    assert found(client, "") == ["1", "2"]


def test_xml_is_captured_like_json(client: TestClient) -> None:
    """In any media type of XML; the events are the same in either form."""
    body = write_document(json.loads(document([box(1, bizStep="packing")])))
    assert job(client, send(client, body, **XML))["success"]
    assert found(client, "EQ_bizStep=packing") == ["1"]
    text = client.get("/epcis/events", headers={"Accept": "application/xml"}).text
    assert "EPCISQueryDocument" in text
    assert BOX.format(1) in text


def test_rollback_takes_nothing_of_a_bad_document(client: TestClient) -> None:
    """A small one is answered with its errors, and the job tells them, too."""
    answer = send(client, document([box(1), box(2, action="CREATE")]))
    assert answer.status_code == 400
    assert answer.json()["type"] == "epcisException:ValidationException"
    assert answer.json()["errors"][0]["place"] == "epcisBody.eventList[1].action"
    assert found(client, "") == []
    [told] = client.get("/epcis/capture").json()
    assert (told["success"], told["captured"], len(told["errors"])) == (False, 0, 1)


def test_proceed_takes_the_good_events(client: TestClient) -> None:
    """And tells of each that it did not take: wrong, twice, known."""
    job(client, send(client, document([box(7)])))
    events = [box(1), box(2, action="CREATE"), box(3), box(3), box(7)]
    told = job(client, send(client, document(events), **PROCEED))
    assert (told["success"], told["events"], told["captured"]) == (False, 5, 2)
    places = sorted(error["place"] for error in told["errors"])
    assert places == [
        "epcisBody.eventList[1].action",
        "epcisBody.eventList[3].eventID",
        "epcisBody.eventList[4].eventID",
    ]
    assert sorted(found(client, "")) == ["1", "3", "7"]


def test_a_large_document_waits_in_the_queue(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept in pieces, captured by a job, and then forgotten."""
    monkeypatch.setattr(capture_routes, "INLINE_BYTES", 500)
    monkeypatch.setattr(intake, "_BATCH", 7)
    for number, (form, behaviour) in enumerate([(JSON, {}), (XML, {}), (JSON, PROCEED)]):
        body = document([box(100 * number + i) for i in range(40)])
        text = body if form is JSON else write_document(json.loads(body)).encode()
        pieces = iter([text[i : i + 333] for i in range(0, len(text), 333)])
        answer = client.post("/epcis/capture", content=pieces, headers={**form, **behaviour})
        assert job(client, answer)["running"]
        work_all(house)
        told = job(client, answer)
        assert (told["running"], told["success"], told["captured"]) == (False, True, 40)
    assert len(found(client, "perPage=1000")) == 120
    with house.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM brand_upload").scalar() == 0


def test_a_large_bad_document_tells_its_errors_in_the_job(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is captured; the job of the queue is done, the capture is not a success."""
    monkeypatch.setattr(capture_routes, "INLINE_BYTES", 500)
    for bad in (document([box(i) for i in range(20)] + [box(21, action="X")]), b"{" * 600):
        answer = send(client, bad)
        work_all(house)
        told = job(client, answer)
        assert (told["running"], told["success"], told["captured"]) == (False, False, 0)
        assert told["errors"][0]["type"] == "epcisException:ValidationException"
    assert found(client, "") == []


def test_a_capture_broken_off_is_done_again_without_doubles(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken before the process ended is not taken twice, with or without an ID."""
    monkeypatch.setattr(intake, "_BATCH", 3)
    events = [box(i) for i in range(10)]
    for each in events[::2]:
        del each["eventID"]
    body = document(events)
    by = capturer(house, operator(house))
    capture_id = UUID(int=7)
    calls = 0

    def breaking(_done: int, _total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt

    def run(progress: intake.Progress) -> intake.Intake:
        given = (capture_id, by)
        return intake.take_in(house.store, lambda: [body], given, proceed=True, progress=progress)

    with pytest.raises(KeyboardInterrupt):
        run(breaking)
    again = run(lambda _done, _total: None)
    assert (again.taken, again.faults) == (10, [])
    assert len(client.get("/epcis/epcs?perPage=100").json()["member"]) == 10
    assert len(found(client, "perPage=100")) == 10


def test_all_or_nothing_has_a_limit(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """More events than one transaction may hold are refused; proceed takes them."""
    monkeypatch.setattr(intake, "MAX_WHOLE", 3)
    body = document([box(i) for i in range(4)])
    answer = send(client, body)
    assert answer.status_code == 413
    assert answer.json()["type"] == "epcisException:CaptureLimitExceededException"
    assert job(client, send(client, body, **PROCEED))["captured"] == 4


def test_a_single_event_has_an_address_at_once(client: TestClient) -> None:
    """201 with where it is; the same event again is there already; two are not one."""
    body = {"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", **box(1)}
    answer = client.post("/epcis/events", content=json.dumps(body), headers=JSON)
    assert answer.status_code == 201, answer.text
    assert client.get(answer.headers["Location"]).json()["eventID"] == "urn:box:1"
    again = client.post("/epcis/events", content=json.dumps(body), headers=JSON)
    assert again.json()["type"] == "epcisException:ResourceAlreadyExistsException"
    two = client.post("/epcis/events", content=document([box(2), box(3)]), headers=JSON)
    assert two.status_code == 400
    assert found(client, "") == ["1"]


@pytest.mark.parametrize(
    ("headers", "status", "name"),
    [
        ({"Content-Type": "text/csv"}, 415, "UnsupportedMediaTypeException"),
        ({"GS1-Capture-Error-Behaviour": "ignore"}, 400, "ValidationException"),
        ({"GS1-EPCIS-Min": "2.1"}, 406, "NotAcceptableException"),
        ({"GS1-EPCIS-Version": "1.2"}, 406, "NotAcceptableException"),
        ({"GS1-CBV-Max": "1.2"}, 406, "NotAcceptableException"),
        ({"GS1-EPCIS-Version": "two"}, 400, "ValidationException"),
    ],
)
def test_headers_are_heeded(
    client: TestClient, headers: dict[str, str], status: int, name: str
) -> None:
    """Versions we do not speak, bodies we do not read, behaviours there are not."""
    answer = send(client, document([box(1)]), **headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"epcisException:{name}")


def test_who_may_not_is_refused_with_a_problem(house: House) -> None:
    """Nobody signed in, a citizen, a token for something else."""
    for client, status in (
        (nobody(house), 401),
        (holder(house, "citizen", Accept="application/json"), 403),
    ):
        for answer in (send(client, document([box(1)])), client.get("/epcis/events")):
            assert answer.status_code == status
            assert answer.json()["type"] == "epcisException:SecurityException"
    token = token_for(house, "brand.query", "enterprise")
    program = visitor(house, "10.0.0.9", Authorization=f"Bearer {token}")
    assert program.get("/epcis/events").status_code == 200
    assert send(program, document([box(1)])).status_code == 403


def test_one_sees_the_capture_jobs_of_ones_own(house: House, client: TestClient) -> None:
    """Others' are not there; who keeps the house sees all; pages follow."""
    for number in range(3):
        job(client, send(client, document([box(number)])))
    other = holder(house, "enterprise", login="other", Accept="application/json")
    assert other.get("/epcis/capture").json() == []
    first = client.get("/epcis/capture?perPage=2")
    assert len(first.json()) == 2
    address = first.headers["Link"].partition(";")[0].strip("<>")
    rest = client.get(address[address.index("/epcis") :])
    assert len(rest.json()) == 1
    assert "Link" not in rest.headers
    one = first.json()[0]["captureID"]
    assert other.get(f"/epcis/capture/{one}").status_code == 404
    assert client.get("/epcis/capture/none").status_code == 404
    assert capture_jobs.KIND in works_of(house)
