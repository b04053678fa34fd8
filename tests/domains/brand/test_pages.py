"""The pages of the brand domain, as the server sends them."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.house import document, opened_house
from tests.visitor import TestClient, holder

from longmai.domains.brand import pages
from longmai.portal.house import House

GTIN = "09521234543213"
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
ATTRIBUTE = "urn:epcglobal:cbv:mda#"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A browser in English, of somebody who may capture."""
    return holder(house, "enterprise", **{"Accept-Language": "en"})


def observed(lot: str, **more: Any) -> dict[str, Any]:
    """Write an event that observes a lot."""
    return {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2025-10-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "quantityList": [
            {"epcClass": f"https://id.gs1.org/01/{GTIN}/10/{quote(lot, safe='')}", "quantity": 1}
        ],
        **more,
    }


def send(client: TestClient, body: bytes, name: str = "file.json") -> Any:
    """Send a file through the form."""
    return client.post("/brand/capture", files={"file": (name, body)})


def known(client: TestClient, house: House, *events: dict[str, Any], **more: Any) -> None:
    """Capture events and place them in the log."""
    answer = send(client, document(events, **more))
    assert answer.status_code == 200, re.findall(r"epcis[A-Z].*", answer.text)
    house.integrate()


def vocabulary(kind: str, name: str, /, **attributes: str) -> dict[str, Any]:
    """Write the header with one element of master data."""
    told = [{"id": f"{ATTRIBUTE}{key}", "attribute": value} for key, value in attributes.items()]
    element = {"id": name, "attributes": told}
    listed = {"type": f"urn:epcglobal:epcis:vtype:{kind}", "vocabularyElementList": [element]}
    return {"epcisHeader": {"epcisMasterData": {"vocabularyList": [listed]}}}


def test_an_empty_house_says_so(client: TestClient) -> None:
    """The list of batches answers, without a row."""
    answer = client.get("/brand/batches")
    assert answer.status_code == 200
    assert "/10/" not in answer.text


@pytest.mark.parametrize("lot", ["A1", "A/1", "A%1", "a(b)&=?", "-1+1"])
def test_a_lot_is_listed_and_its_link_opens(client: TestClient, house: House, lot: str) -> None:
    """Whatever GS1 allows in a lot number, the list's own link leads to its page."""
    known(client, house, observed(lot))
    listed = client.get("/brand/batches").text
    [link] = set(re.findall(rf'href="(/01/{GTIN}/10/[^"]+)"', listed))
    page = client.get(link.replace("&amp;", "&"))
    assert page.status_code == 200
    assert f"/01/{GTIN}/10/{quote(lot, safe='')}" in page.text


def test_a_wrong_check_digit_is_explained(client: TestClient) -> None:
    """422, in words, in both languages."""
    for language in ("en", "zh"):
        answer = client.get("/01/09521234543214/10/A1", params={"lang": language})
        assert answer.status_code == 422
        assert "Traceback" not in answer.text
        assert "<h1" in answer.text


def test_a_thing_nobody_named_is_not_found(client: TestClient) -> None:
    """404 as a page."""
    answer = client.get(f"/01/{GTIN}/10/NONE")
    assert answer.status_code == 404
    assert "<h1" in answer.text


def test_no_text_of_a_document_becomes_markup(client: TestClient, house: House) -> None:
    """Names, places, identifiers and certificate fields are shown as text."""
    place = "https://id.gs1.org/414/9521234543213"
    header = vocabulary("BusinessLocation", place, name=EVIL, streetAddressOne=EVIL, city=EVIL)
    event = observed(
        "A1",
        eventID="urn:evil:'alert(1)",
        bizLocation={"id": place},
        bizStep="https://evil.example/'alert(1)",
        disposition="https://evil.example/'alert(1)",
        certificationInfo="https://evil.example/'alert(1)",
        **{"lm:commitmentCertificate": {"number": EVIL, "producer": EVIL, "date": EVIL}},
    )
    known(client, house, event, **header)
    for page in (f"/01/{GTIN}/10/A1", "/brand/batches", "/ledger"):
        assert "<script>alert" not in client.get(page).text
        assert "<img src=x" not in client.get(page).text
    assert "alert(1)" in client.get(f"/01/{GTIN}/10/A1").text
    wrong = event | {"eventID": f"urn:{EVIL}", "action": EVIL}
    refused = send(client, document([wrong]), f"{EVIL}.json")
    assert refused.status_code == 422
    assert "<script>alert" not in refused.text
    assert "<script>alert" not in send(client, document([event]), f"{EVIL}.json").text
    assert "<script>alert" not in client.get("/brand/batches", params={"q": EVIL[:90]}).text


def test_no_cell_of_the_export_is_a_formula(client: TestClient, house: House) -> None:
    """A lot number or a product's name that begins like one is quoted."""
    header = vocabulary(
        "EPCClass", f"https://id.gs1.org/01/{GTIN}", descriptionShort="=HYPERLINK(1)"
    )
    known(client, house, observed("+1+1"), observed("=1"), observed("-1"), **header)
    text = client.get("/brand/batches.csv").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row[0] for row in rows[1:]} == {"'+1+1", "'=1", "'-1"}
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]


def test_the_form_takes_a_file_and_says_so(client: TestClient) -> None:
    """The events are listed with links to their records."""
    assert client.get("/brand/capture").status_code == 200
    answer = send(client, document([observed("A1", eventID="urn:a")]))
    assert answer.status_code == 200
    assert "urn:a" in answer.text
    assert "/ledger/records/" in answer.text


def test_the_form_names_each_fault(client: TestClient) -> None:
    """422 with the places of the faults; nothing is taken."""
    answer = send(client, document([observed("A1", action="LOOK"), observed("A2", eventTime="x")]))
    assert answer.status_code == 422
    assert "eventList[0].action" in answer.text
    assert "eventList[1].eventTime" in answer.text
    assert "/10/" not in client.get("/brand/batches").text


@pytest.mark.parametrize("body", [b"", b"{", b"\x00\xff\xd8\xff", b"PK\x03\x04", b"[]"])
def test_the_form_refuses_what_is_no_document(client: TestClient, body: bytes) -> None:
    """Nothing, half a file, a picture, an archive: 422 with the form to try again."""
    answer = send(client, body)
    assert answer.status_code == 422
    assert 'action="/brand/capture"' in answer.text


def test_the_form_refuses_a_known_event(client: TestClient) -> None:
    """409, naming the event's place."""
    body = document([observed("A1", eventID="urn:a")])
    send(client, body)
    answer = send(client, body)
    assert answer.status_code == 409
    assert "eventList[0].eventID" in answer.text


def test_the_form_refuses_a_file_that_is_too_large(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beyond the limit is not read whole."""
    monkeypatch.setattr(pages, "MAX_DOCUMENT_BYTES", 1000)
    assert send(client, b"[" + b" " * 2000).status_code == 422


def test_the_form_without_a_file_is_refused_in_words(client: TestClient) -> None:
    """422 as a page, not as JSON."""
    answer = client.post("/brand/capture")
    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_a_foreign_page_cannot_send_the_form(client: TestClient) -> None:
    """403 for another origin."""
    files = {"file": ("f", document([observed("A1")]))}
    answer = client.post("/brand/capture", files=files, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
