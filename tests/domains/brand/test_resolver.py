"""The resolver: from a scanned link to what there is of the thing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from tests.house import document, opened_house
from tests.pictures import grey_of
from tests.visitor import TestClient, holder, visitor

from longmai.portal.house import House

GTIN = "01/09521234543213"
BOX = f"{GTIN}/21/7"
EVENT = {
    "type": "ObjectEvent",
    "action": "ADD",
    "eventTime": "2025-10-01T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": [f"https://id.gs1.org/{BOX}"],
}
LINKS: list[dict[str, Any]] = [
    {
        "id": "https://gs1.org/voc/pip",
        "attribute": [
            {"href": "https://fruit.example/en", "hreflang": ["en"], "title": "Apple"},
            {"href": "https://fruit.example/zh", "hreflang": ["zh"], "title": "苹果"},
        ],
    },
    {"id": "gs1:recipeInfo", "attribute": "https://fruit.example/recipes?kind=apple"},
    {"id": "gs1:support", "attribute": "javascript:alert(1)"},
    {"id": "urn:epcglobal:cbv:mda#descriptionShort", "attribute": "苹果"},
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with a box, and links in the master data of its product."""
    with opened_house(tmp_path) as opened:
        yield opened


def describe(house: House, links: list[dict[str, Any]]) -> TestClient:
    """Capture the box and the links of its product; return somebody who scans."""
    element = {"id": f"https://id.gs1.org/{GTIN}", "attributes": links}
    vocabulary = [
        {"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [element]}
    ]
    body = document([EVENT], epcisHeader={"epcisMasterData": {"vocabularyList": vocabulary}})
    client = holder(house, "enterprise")
    headers = {"Content-Type": "application/json"}
    answer = client.post("/epcis/capture", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    house.integrate()
    scanning = visitor(house, Accept="text/html")
    scanning.follow_redirects = False
    return scanning


def test_without_a_wish_the_page_is_shown(house: House) -> None:
    """It stands at the address of the code itself."""
    client = describe(house, LINKS)
    assert client.get(f"/{BOX}").status_code == 200


def test_a_default_link_of_ones_own_leads_away(house: House) -> None:
    """With what else the code says."""
    client = describe(
        house, [{"id": "gs1:defaultLink", "attribute": "https://fruit.example/apple"}]
    )
    answer = client.get(f"/{BOX}?17=261231")
    assert answer.status_code == 307
    assert answer.headers["Location"] == "https://fruit.example/apple?17=261231"


@pytest.mark.parametrize(
    ("wish", "language", "place"),
    [
        ("gs1:pip", "zh-CN,zh;q=0.9", "https://fruit.example/zh"),
        ("gs1:pip", "en-GB", "https://fruit.example/en"),
        ("https://gs1.org/voc/pip", "en", "https://fruit.example/en"),
        ("pip", "fr, en;q=0.5", "https://fruit.example/en"),
        ("gs1:recipeInfo&x=1", "en", "https://fruit.example/recipes?kind=apple&x=1"),
        ("gs1:traceability", "en", "http://127.0.0.1:8062/api/v1/brand/trace/" + BOX),
    ],
)
def test_a_wanted_link_leads_there(house: House, wish: str, language: str, place: str) -> None:
    """In the reader's language; the product's links serve its boxes."""
    client = describe(house, LINKS)
    answer = client.get(f"/{BOX}?linkType={wish}", headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["Location"]) == (307, place)


def test_a_link_that_is_not_there_is_not_found(house: House) -> None:
    """Nor one that would run something in the reader's browser."""
    client = describe(house, LINKS)
    assert client.get(f"/{BOX}?linkType=gs1:leaveReview").status_code == 404
    assert client.get(f"/{BOX}?linkType=gs1:support").status_code == 404
    assert client.get(f"/{GTIN}?linkType=gs1:pip").status_code == 307


@pytest.mark.parametrize(
    ("query", "accept"), [("?linkType=all", "*/*"), ("", "application/linkset+json")]
)
def test_all_links_are_a_linkset(house: House, query: str, accept: str) -> None:
    """RFC 9264, for programs anywhere."""
    client = describe(house, LINKS)
    answer = client.get(f"/{BOX}{query}", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/linkset+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    [told] = answer.json()["linkset"]
    assert told["anchor"].endswith(BOX)
    assert told["itemDescription"] == "苹果"
    pips = told["https://gs1.org/voc/pip"]
    assert [pip["href"] for pip in pips[:2]] == [
        "https://fruit.example/en",
        "https://fruit.example/zh",
    ]
    assert "https://gs1.org/voc/epcis" in told
    assert "javascript" not in answer.text


def test_the_resolver_describes_itself(house: House) -> None:
    """At the well-known address."""
    told = visitor(house).get("/.well-known/gs1resolver").json()
    assert {"01", "00", "414"} <= set(told["supportedPrimaryKeys"])
    assert told["resolverRoot"] == house.settings.public_url


@pytest.mark.parametrize(
    "key",
    [
        BOX,
        "urn:epc:id:sgtin:9521234.054321.7",
        "(01)09521234543213(21)7",
        f"https://id.gs1.org/{BOX}",
    ],
)
def test_a_data_matrix_holds_the_element_string(house: House, key: str) -> None:
    """Read back from the picture: a GS1 code with these elements, whatever notation was asked."""
    client = describe(house, LINKS)
    picture = client.get("/brand/datamatrix.png", params={"key": key}).content
    [code] = zxingcpp.read_barcodes(grey_of(picture))
    assert code.content_type == zxingcpp.ContentType.GS1
    assert code.text == "(01)09521234543213(21)7"
    assert code.symbology_identifier == "]d2"
    drawing = client.get("/brand/datamatrix.svg", params={"key": key})
    assert drawing.headers["content-type"] == "image/svg+xml"
    label = client.get("/brand/label.pdf", params={"key": key, "code": "datamatrix"})
    assert label.headers["content-type"] == "application/pdf"
