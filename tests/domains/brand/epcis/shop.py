"""A house with events of every kind, and clients that may capture and query."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.house import document, opened_house
from tests.visitor import TestClient, holder, visitor

from longmai.portal.house import House

BOX = "https://id.gs1.org/01/09521234543213/21/{}"
LOT = "https://id.gs1.org/01/09521234543213/10/L7"
PALLET = "https://id.gs1.org/00/095212345678901235"
FARM = "https://id.gs1.org/414/9521234567899"
STORE = "https://id.gs1.org/414/9521234567882"
EX = {"GS1-Extensions": "ex=https://ns.example.com/epcis/"}
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"ex": "https://ns.example.com/epcis/"},
]


def event(number: int, **fields: Any) -> dict[str, Any]:
    """Return an event of the n-th hour of a day."""
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:event:{number}",
        "eventTime": f"2025-10-01T{number:02d}:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        **fields,
    }


EVENTS = [
    event(
        1,
        action="ADD",
        bizStep="commissioning",
        disposition="active",
        epcList=[BOX.format(1), BOX.format(2)],
        readPoint={"id": FARM, "ex:row": "7"},
        bizLocation={"id": FARM},
        ilmd={"cbvmda:lotNumber": "L7", "ex:sort": {"ex:colour": "red"}},
    ),
    event(
        2,
        type="AggregationEvent",
        action="ADD",
        bizStep="packing",
        parentID=PALLET,
        childEPCs=[BOX.format(1)],
        readPoint={"id": STORE},
        **{"ex:shift": 3},
    ),
    event(
        3,
        bizStep="shipping",
        disposition="in_transit",
        epcList=["urn:epc:id:sscc:9521234.0567890123"],
        bizTransactionList=[{"type": "po", "bizTransaction": "https://example.com/po/1"}],
        sourceList=[{"type": "owning_party", "source": "https://id.gs1.org/417/9521234567875"}],
        destinationList=[{"type": "location", "destination": STORE}],
        persistentDisposition={"set": ["completeness_verified"]},
        **{"ex:shift": 5, "ex:inner": {"ex:deep": "down"}},
    ),
    event(
        4,
        bizStep="sensor_reporting",
        epcList=[PALLET],
        readPoint={"id": STORE},
        sensorElementList=[
            {
                "sensorMetadata": {"deviceID": "urn:epc:id:giai:9521234.D1"},
                "sensorReport": [{"type": "Temperature", "value": 3.5, "uom": "CEL"}],
                "ex:probe": "A",
            }
        ],
    ),
    event(
        5,
        type="TransformationEvent",
        bizStep="commissioning",
        inputQuantityList=[{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}],
        outputEPCList=[BOX.format(9)],
        transformationID="urn:transformation:1",
    ),
    event(
        6,
        type="TransactionEvent",
        action="ADD",
        epcList=[BOX.format(2)],
        bizTransactionList=[{"type": "inv", "bizTransaction": "https://example.com/inv/1"}],
    ),
    event(7, type="AssociationEvent", action="ADD", parentID=PALLET, childEPCs=[BOX.format(3)]),
    event(
        8,
        eventID="urn:event:6",
        type="TransactionEvent",
        action="ADD",
        epcList=[BOX.format(2)],
        bizTransactionList=[{"type": "inv", "bizTransaction": "https://example.com/inv/1"}],
        errorDeclaration={
            "declarationTime": "2025-10-02T00:00:00Z",
            "reason": "did_not_occur",
            "correctiveEventIDs": ["urn:event:7"],
            "ex:who": "the clerk",
        },
    ),
]
for each in EVENTS:
    if each["type"] == "TransformationEvent":
        del each["action"]
_PLACE = {
    "type": "urn:epcglobal:epcis:vtype:Location",
    "vocabularyElementList": [
        {
            "id": "https://example.com/market",
            "attributes": [{"id": "urn:epcglobal:cbv:mda#name", "attribute": "集市"}],
            "children": [STORE],
        },
        {
            "id": STORE,
            "attributes": [
                {"id": "urn:epcglobal:cbv:mda#name", "attribute": "冷库"},
                {"id": "https://ns.example.com/epcis/cooled", "attribute": "yes"},
            ],
        },
    ],
}
HEADER = {"epcisMasterData": {"vocabularyList": [_PLACE]}}


@contextmanager
def opened(folder: Path, database: str = "") -> Iterator[tuple[House, TestClient]]:
    """Open a house that holds the events, in the log, and a client of a keeper of goods."""
    with opened_house(folder, database=database) as house:
        client = holder(house, "enterprise", Accept="application/json")
        body = document(EVENTS, epcisHeader=HEADER, **{"@context": CONTEXT})
        captured = client.post(
            "/epcis/capture", content=body, headers={"Content-Type": "application/json"}
        )
        assert captured.status_code == 202, captured.text
        house.integrate()
        yield house, client


def found(client: TestClient, query: str, path: str = "/epcis/events", **headers: str) -> list[str]:
    """Return the IDs of the events that a query string finds."""
    answer = client.get(f"{path}?{query}", headers={**EX, **headers})
    assert answer.status_code == 200, answer.text
    return numbers(answer.json())


def numbers(body: dict[str, Any]) -> list[str]:
    """Return the numbers of the events of an answer; a declaration of error is number 8."""
    events = body["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return [
        "8" if "errorDeclaration" in each else each["eventID"].rpartition(":")[2] for each in events
    ]


def pages(client: TestClient, first: str) -> Iterator[dict[str, Any]]:
    """Yield the answers of all pages, following the links."""
    address: str | None = first
    while address is not None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        link = answer.headers.get("Link")
        assert bool(link) == ("GS1-Next-Page-Token-Expires" in answer.headers)
        address = link and link[1 : link.index(">")]
        if address:
            parts = urlsplit(address)
            assert set(parse_qs(parts.query)) == {"perPage", "nextPageToken"}
            address = f"{parts.path}?{parts.query}"


def nobody(house: House) -> TestClient:
    """Return a client that nobody is signed in with."""
    return visitor(house, Accept="application/json")


def told(text: str) -> Any:
    """Read JSON."""
    return json.loads(text)
