"""The brand domain over HTTP: capture, traces, proofs, and who may write."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.house import change_payload, document, opened_house
from tests.visitor import TestClient, holder, token_for, visitor

from longmai.domains.brand import api
from longmai.domains.brand.service import CAPTURE
from longmai.kernel.regions import Region
from longmai.ledger import verifier
from longmai.portal.house import House

BOX = "01/09521234543213/21/BOX7"
EVENT = {
    "type": "ObjectEvent",
    "action": "OBSERVE",
    "eventID": "urn:a",
    "eventTime": "2025-10-01T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": [f"https://id.gs1.org/{BOX}"],
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A client that may capture anywhere in the house's region."""
    return holder(house, "enterprise")


def post(client: TestClient, body: bytes, **headers: str) -> Any:
    """Post a document."""
    return client.post("/api/v1/epcis/capture", content=body, headers=headers)


def place_all(house: House) -> None:
    """Give all records their places, as the server's integrator would within a second."""
    house.integrate()


def test_a_capture_is_accepted_and_read_back(client: TestClient) -> None:
    """202 with a Location that answers what was written."""
    answer = post(client, document([EVENT]))
    assert answer.status_code == 202
    assert [each["event_id"] for each in answer.json()["events"]] == ["urn:a"]
    state = client.get(answer.headers["Location"]).json()
    assert (state["success"], state["events"]) == (True, 1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\x00\xff\xfe", b"null", b"[" * 5000])
def test_what_is_no_document_is_refused(client: TestClient, body: bytes) -> None:
    """422 in the one shape of errors."""
    answer = post(client, body)
    assert answer.status_code == 422
    assert {"code", "what", "place", "value", "mend"} <= answer.json()["error"].keys()


def test_a_fault_is_named_by_its_place(client: TestClient) -> None:
    """Each finding has the path of the fault."""
    answer = post(client, document([EVENT, EVENT | {"eventTime": "yesterday"}]))
    assert answer.status_code == 422
    places = [finding["place"] for finding in answer.json()["error"]["findings"]]
    assert places == ["epcisBody.eventList[1].eventTime"]


def test_the_same_event_again_is_a_conflict(client: TestClient) -> None:
    """409, with the place of the event."""
    post(client, document([EVENT]))
    answer = post(client, document([EVENT]))
    assert answer.status_code == 409
    assert answer.json()["error"]["place"] == "epcisBody.eventList[0].eventID"


def test_a_body_that_is_too_large_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused with the limit in words, before it is read to its end."""
    monkeypatch.setattr(api, "MAX_DOCUMENT_BYTES", 1000)
    answer = post(client, b" " * 1001)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "epcis.size"


def test_another_machine_writes_with_a_token_only(house: House) -> None:
    """Without one, or with one that is wrong or of another permission, it is refused."""
    far = visitor(house, "10.0.0.9")
    right = token_for(house, CAPTURE, "enterprise")
    other = token_for(house, "operation.read", "admin_system", login="other")
    assert post(far, document([EVENT])).status_code == 401
    assert post(far, document([EVENT]), Authorization="Bearer lm_wrong").status_code == 401
    assert post(far, document([EVENT]), Authorization=f"Bearer {other}").status_code == 403
    assert post(far, document([EVENT]), Authorization=f"Bearer {right}").status_code == 202


def test_events_of_another_region_are_refused(house: House) -> None:
    """A post of one county captures nothing that happened in the next; nothing is written."""
    own, other = (house.regions.children(city.code)[0].code for city in cities(house)[:2])
    client = holder(house, "enterprise", region=own, login="of-one-county")
    for region, status in ((own, 202), (other, 403)):
        event = EVENT | {"eventID": f"urn:{region}", "readPoint": {"id": f"urn:place:{region}"}}
        place = {"id": f"urn:place:{region}", "attributes": [region_code(region)]}
        vocabulary = [
            {"type": "urn:epcglobal:epcis:vtype:ReadPoint", "vocabularyElementList": [place]}
        ]
        header = {"epcisMasterData": {"vocabularyList": vocabulary}}
        answer = post(client, document([event], epcisHeader=header))
        assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == "brand.region"


def cities(house: House) -> Sequence[Region]:
    """Return the cities that have counties."""
    found = house.regions.children(house.regions.code)
    return [city for city in found if house.regions.children(city.code)]


def region_code(code: str) -> dict[str, str]:
    """Write the attribute of master data that says where a place lies."""
    return {"id": "https://longmai.example/voc#regionCode", "attribute": code}


def test_a_trace_tells_the_steps(client: TestClient) -> None:
    """The event stands in the trace as it was captured; an unknown thing is 404."""
    post(client, document([EVENT]))
    told = client.get(f"/api/v1/brand/trace/{BOX}").json()
    assert [step["event"]["eventID"] for step in told["steps"]] == ["urn:a"]
    assert client.get("/api/v1/brand/trace/01/09521234543213/21/NONE").status_code == 404
    assert client.get("/api/v1/brand/trace/01/09521234543214/21/NONE").status_code == 422


def test_a_proof_is_verified_by_the_other_program(client: TestClient, house: House) -> None:
    """The verifier, which shares no code with the writer, says that it holds."""
    post(client, document([EVENT]))
    place_all(house)
    bundle = client.get(f"/api/v1/brand/proof/{BOX}").content
    assert verifier.verify(bundle, str(house.signer.verifier_key)).holds


def test_a_changed_payload_is_shown_and_told(client: TestClient, house: House) -> None:
    """The page stays whole; the verifier says that it is the payload that differs."""
    post(client, document([EVENT]))
    place_all(house)
    assert len(change_payload(house.settings.data / "longmai.db", ["urn:a"], "OBS", "XBS")) == 1
    assert client.get(f"/{BOX}").status_code == 200
    verdict = verifier.verify(client.get(f"/api/v1/brand/proof/{BOX}").content)
    assert not verdict.holds
    assert [r.problem.code for r in verdict.records if r.problem] == ["payload"]


def test_a_payload_is_in_the_bundle_byte_for_byte(client: TestClient, house: House) -> None:
    """What was captured is what is proven."""
    post(client, document([EVENT]))
    place_all(house)
    [record] = client.get(f"/api/v1/brand/proof/{BOX}").json()["records"]
    assert json.loads(base64.b64decode(record["payload"]))["event"] == EVENT
