"""HTTP as EPCIS wants it: discovery, versions, media types, notations, tokens, visibility."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.domains.brand.epcis.shop import BOX, PALLET, event, found, nobody, numbers, opened
from tests.house import document, opened_house
from tests.visitor import TestClient, holder

from longmai.domains.brand.epcis.discovery import PATHS, PREFIX
from longmai.domains.brand.epcis.page_tokens import HOLDS
from longmai.domains.brand.model.epcis.read import body_of
from longmai.kernel.clock import FixedClock
from longmai.portal.house import House


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[House, TestClient]]:
    """A house that holds the events, and a client that may capture and query."""
    with opened(tmp_path) as made:
        yield made


def test_every_path_says_what_it_allows(shop: tuple[House, TestClient]) -> None:
    """63 operations on 29 paths: OPTIONS tells methods, versions and preferences to anybody."""
    house, _ = shop
    client = nobody(house)
    assert len(PATHS) == 29
    assert sum(len(allowed.split(", ")) if allowed else 0 for allowed in PATHS.values()) == 34
    for path, allowed in PATHS.items():
        filled = path.replace(":path", "").replace("{", "").replace("}", "")
        answer = client.options(PREFIX + filled)
        assert answer.status_code == 204, path
        methods = {each.strip() for each in answer.headers["Allow"].split(",")}
        assert methods == {*filter(None, allowed.split(", ")), "OPTIONS"}
        assert answer.headers["GS1-EPCIS-Min"] == answer.headers["GS1-EPCIS-Max"] == "2.0.0"
        assert "proceed" in answer.headers["GS1-Capture-Error-Behaviour"]
        assert int(answer.headers["GS1-EPCIS-Capture-Limit"]) > 0


def test_every_answer_names_the_version(shop: tuple[House, TestClient]) -> None:
    """Good ones, and problems."""
    _, client = shop
    for path in ("/epcis/events", "/epcis/events/urn:none", "/epcis/bizSteps", "/epcis/capture"):
        answer = client.get(path)
        assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
        assert answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert client.get("/epcis/events", headers={"GS1-EPCIS-Min": "2.0"}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/xml", "application/xml"),
        ("text/xml, application/json;q=0.5", "text/xml"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/xml"),
    ],
)
def test_the_wanted_form_is_given(shop: tuple[House, TestClient], accept: str, media: str) -> None:
    """By the asker's preference."""
    _, client = shop
    answer = client.get("/epcis/events", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == media
    assert len(numbers(body_of(answer.content))) == 8


def test_a_form_that_is_not_made_is_told(shop: tuple[House, TestClient]) -> None:
    """406: HTML, PDF; XML where there is JSON only."""
    _, client = shop
    for path, accept in (
        ("/epcis/events", "text/html"),
        ("/epcis/events", "application/json;q=0"),
        ("/epcis/bizSteps", "application/xml"),
    ):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.status_code == 406
        assert answer.json()["type"] == "epcisException:NotAcceptableException"


def test_words_and_identifiers_are_written_as_wanted(shop: tuple[House, TestClient]) -> None:
    """URNs or web URIs; Digital Links, or EPC URNs where the company prefix is known."""
    house, client = shop
    xml = {"Accept": "application/xml"}
    urn = client.get("/epcis/events", headers={**xml, "GS1-CBV-XML-Format": "Always_URN"}).text
    assert "urn:epcglobal:cbv:bizstep:packing" in urn
    web = client.get("/epcis/events", headers={**xml, "GS1-CBV-XML-Format": "Always_Web_URI"}).text
    assert "https://ref.gs1.org/cbv/BizStep-packing" in web
    link = client.get("/epcis/events", headers={"GS1-EPC-Format": "Always_GS1_Digital_Link"}).text
    assert "urn:epc:id:sscc" not in link
    assert PALLET in link
    unknown = client.get("/epcis/events", headers={"GS1-EPC-Format": "Always_EPC_URN"}).text
    assert BOX.format(1) in unknown
    prefixes = '{"GCPPrefixFormatList": {"entry": [{"prefix": "952", "gcpLength": 7}]}}'
    (house.settings.data / "gcpprefixformatlist.json").write_text(prefixes, "utf-8")
    told = client.get("/epcis/events", headers={"GS1-EPC-Format": "Always_EPC_URN"}).text
    assert "urn:epc:id:sgtin:9521234.054321.1" in told
    assert client.get("/epcis/events", headers={"GS1-EPC-Format": "Any"}).status_code == 400


def test_a_page_token_is_of_one_reader_one_resource_one_hour(
    shop: tuple[House, TestClient],
) -> None:
    """Elsewhere, for another, after an hour, or once deleted it is worthless."""
    house, client = shop

    def token() -> str:
        link = client.get("/epcis/events?perPage=1").headers["Link"]
        return str(link).partition("nextPageToken=")[2].partition(">")[0]

    def status(who: TestClient, path: str, text: str) -> int:
        return int(who.get(f"{path}?perPage=1&nextPageToken={text}").status_code)

    given = token()
    other = holder(house, "enterprise", login="other", Accept="application/json")
    assert status(client, "/epcis/events", given) == 200
    assert status(other, "/epcis/events", given) == 400
    assert status(client, "/epcis/bizSteps", given) == 400
    assert other.delete(f"/epcis/nextPageToken/{given}").status_code == 404
    assert client.delete(f"/epcis/nextPageToken/{given}").status_code == 204
    assert status(client, "/epcis/events", given) == 400
    given = token()
    object.__setattr__(house, "clock", FixedClock(house.clock.now() + HOLDS * 1.1))
    assert status(client, "/epcis/events", given) == 400


def place(code: str) -> dict[str, Any]:
    """Return master data of a place in a region."""
    attribute = {"id": "https://longmai.example/voc#regionCode", "attribute": code}
    return {"id": f"urn:place:{code}", "attributes": [attribute]}


def test_one_sees_events_of_ones_regions_and_ones_own(tmp_path: Path) -> None:
    """By post: one county, the other, the whole house; whoever sent an event sees it always."""
    with opened_house(tmp_path) as house:
        cities = house.regions.children(house.regions.code)
        here, there = (house.regions.children(city.code)[0].code for city in cities[:2])
        keeper = holder(house, "official", login="keeper", Accept="application/json")
        kind = "urn:epcglobal:epcis:vtype:Location"
        vocabulary = [{"type": kind, "vocabularyElementList": [place(here), place(there)]}]
        events = [
            event(1, epcList=[BOX.format(1)], readPoint={"id": f"urn:place:{here}"}),
            event(2, epcList=[BOX.format(2)], readPoint={"id": f"urn:place:{there}"}),
            event(3, epcList=[BOX.format(3)]),
        ]
        header = {"epcisMasterData": {"vocabularyList": vocabulary}}
        headers = {"Content-Type": "application/json"}
        body = document(events, epcisHeader=header)
        assert keeper.post("/epcis/capture", content=body, headers=headers).status_code == 202
        local = holder(house, "enterprise", here, login="local", Accept="application/json")
        assert found(local, "") == ["1"]
        assert local.get("/epcis/epcs").json()["member"] == [BOX.format(1)]
        assert local.get("/epcis/events/urn:event:2").status_code == 404
        own = document([event(4, epcList=[BOX.format(4)])])
        assert local.post("/epcis/capture", content=own, headers=headers).status_code == 202
        assert found(local, "") == ["1", "4"]
        assert found(keeper, "") == ["1", "2", "3", "4"]
        assert found(holder(house, "leader", there, login="leader", Accept="*/*"), "") == ["2"]
