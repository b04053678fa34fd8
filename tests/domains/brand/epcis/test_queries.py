"""Every parameter of the event query, on both databases, against events that are known."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.domains.brand.epcis.shop import (
    BOX,
    EVENTS,
    FARM,
    LOT,
    PALLET,
    STORE,
    found,
    numbers,
    opened,
    pages,
)
from tests.visitor import TestClient


@pytest.fixture
def client(tmp_path: Path, database_url: str) -> Iterator[TestClient]:
    """A client of a house that holds the events."""
    with opened(tmp_path, database_url) as (_, made):
        yield made


FINDS = [
    ("eventType=ObjectEvent", "1 3 4"),
    ("eventType=TransformationEvent|AggregationEvent", "2 5"),
    ("GE_eventTime=2025-10-01T03:00:00%2B08:00&LT_eventTime=2025-10-01T05:00:00%2B08:00", "3 4"),
    ("GE_recordTime=2099-01-01T00:00:00Z", ""),
    ("LT_recordTime=2099-01-01T00:00:00Z&EQ_action=OBSERVE", "3 4"),
    ("EQ_action=OBSERVE", "3 4"),
    ("EQ_bizStep=shipping", "3"),
    ("EQ_bizStep=https://ref.gs1.org/cbv/BizStep-shipping", "3"),
    ("EQ_bizStep=urn:epcglobal:cbv:bizstep:shipping&EQ_bizStep=packing", "2 3"),
    ("EQ_disposition=in_transit", "3"),
    ("EQ_setPersistentDisposition=completeness_verified", "3"),
    ("EQ_unsetPersistentDisposition=completeness_verified", ""),
    (f"EQ_readPoint={FARM}", "1"),
    ("EQ_readPoint=urn:epc:id:sgln:9521234.56789.0", "1"),
    (f"EQ_bizLocation={FARM}", "1"),
    (f"WD_readPoint={STORE}", "2 4"),
    ("WD_readPoint=https://example.com/market", "2 4"),
    ("WD_bizLocation=https://example.com/market", ""),
    ("EQ_transformationID=urn:transformation:1", "5"),
    ("EQ_eventID=urn:event:3|urn:event:4", "3 4"),
    ("EQ_bizTransaction_po=https://example.com/po/1", "3"),
    ("EQ_bizTransaction_po=https://example.com/inv/1", ""),
    ("EQ_source_owning_party=https://id.gs1.org/417/9521234567875", "3"),
    (f"EQ_destination_urn:epcglobal:cbv:sdt:location={STORE}", "3"),
    (f"MATCH_epc={BOX.format(1)}", "1 2"),
    ("MATCH_epc=urn:epc:id:sgtin:9521234.054321.1", "1 2"),
    ("MATCH_epc=urn:epc:idpat:sgtin:9521234.054321.*", "1 2 6 7 8"),
    ("MATCH_epc=urn:epc:idpat:sscc:9521234.*", "3 4"),
    (f"MATCH_parentID={PALLET}", "2 7"),
    (f"MATCH_inputEPC={BOX.format(9)}", ""),
    (f"MATCH_outputEPC={BOX.format(9)}", "5"),
    (f"MATCH_anyEPC={PALLET}", "2 3 4 7"),
    (f"MATCH_epcClass={LOT}", ""),
    (f"MATCH_inputEPCClass={LOT}", "5"),
    ("MATCH_anyEPCClass=urn:epc:idpat:lgtin:9521234.054321.*", "5"),
    ("EQ_quantity=12.5", "5"),
    ("GT_quantity=12.5", ""),
    ("GE_quantity=12.5&LE_quantity=13", "5"),
    ("EQ_ex:shift=3", "2"),
    ("GT_ex:shift=3", "3"),
    ("GE_https://ns.example.com/epcis/shift=3", "2 3"),
    ("EXISTS_ex:shift=", "2 3"),
    ("EQ_ex:deep=down", ""),
    ("EQ_INNER_ex:deep=down", "3"),
    ("EXISTS_INNER_ex:deep", "3"),
    ("EQ_ILMD_cbvmda:lotNumber=L7", "1"),
    ("EXISTS_ILMD_ex:sort", "1"),
    ("EQ_INNER_ILMD_ex:colour=red|blue", "1"),
    ("EQ_readPoint_ex:row=7", "1"),
    ("EXISTS_errorDeclaration=", "8"),
    ("GE_errorDeclarationTime=2025-10-02T00:00:00Z", "8"),
    ("LT_errorDeclarationTime=2025-10-02T00:00:00Z", ""),
    ("EQ_errorReason=did_not_occur", "8"),
    ("EQ_correctiveEventID=urn:event:7", "8"),
    ("EQ_ERROR_DECLARATION_ex:who=the%20clerk", "8"),
    ("EXISTS_sensorElementList=", "4"),
    ("EQ_type=Temperature", "4"),
    ("EQ_deviceID=https://id.gs1.org/8004/9521234D1", "4"),
    ("EQ_value_CEL=3.5", "4"),
    ("GE_value_KEL=276&LT_value_FAH=40", "4"),
    ("GE_value_CEL=4", ""),
    ("LT_value=4", "4"),
    ("EQ_SENSORELEMENT_ex:probe=A", "4"),
    ("HASATTR_readPoint=https://ns.example.com/epcis/cooled", "2 4"),
    ("EQATTR_readPoint_https://ns.example.com/epcis/cooled=yes", "2 4"),
    ("EQATTR_readPoint_https://ns.example.com/epcis/cooled=no", ""),
    ("HASATTR_destination=ex:cooled", "3"),
    ("EXISTS_ilmd=", "1"),
]


def test_each_parameter_finds_what_it_should(client: TestClient) -> None:
    """One by one, in the order the events were recorded."""
    wrong = {
        query: (got, wanted)
        for query, wanted in FINDS
        if (got := found(client, query)) != wanted.split()
    }
    assert wrong == {}


def test_order_and_limits(client: TestClient) -> None:
    """By event time, record time or a field of one's own; up or down; so many."""
    assert found(client, "orderBy=eventTime") == list("87654321")
    assert found(client, "orderBy=eventTime&orderDirection=ASC&eventCountLimit=2") == ["1", "2"]
    assert sorted(found(client, "orderBy=recordTime")) == list("12345678")
    assert found(client, "orderBy=ex:shift&EXISTS_ex:shift=") == ["3", "2"]
    assert found(client, "orderBy=ex:shift&orderDirection=ASC")[:2] == ["2", "3"]
    assert found(client, "maxEventCount=8") == list("12345678")


@pytest.mark.parametrize("order", ["", "&orderBy=eventTime", "&orderBy=ex:shift"])
def test_pages_give_everything_once(client: TestClient, order: str) -> None:
    """Whatever the order; the links lead from page to page, to the last."""
    client.headers["GS1-Extensions"] = "ex=https://ns.example.com/epcis/"
    whole = found(client, order[1:])
    for size in (1, 3, 8, 100):
        got = [
            n
            for body in pages(client, f"/epcis/events?perPage={size}{order}")
            for n in numbers(body)
        ]
        assert got == whole
    limited = [
        numbers(b) for b in pages(client, f"/epcis/events?perPage=2&eventCountLimit=3{order}")
    ]
    assert [n for page in limited for n in page] == whole[:3]


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ("EQ_bizStp=shipping", 400, "QueryParameterException"),
        ("GE_eventTime=yesterday", 400, "QueryParameterException"),
        ("GE_eventTime=2025-10-01T00:00:00", 400, "QueryParameterException"),
        ("eventType=Harvest", 400, "QueryParameterException"),
        ("EQ_action=CREATE", 400, "QueryParameterException"),
        ("orderDirection=SIDEWAYS", 400, "QueryParameterException"),
        ("orderBy=size", 400, "QueryParameterException"),
        ("eventCountLimit=0", 400, "QueryParameterException"),
        ("eventCountLimit=1&maxEventCount=1", 400, "QueryParameterException"),
        ("GT_quantity=many", 400, "QueryParameterException"),
        ("MATCH_epc=urn:epc:idpat:nothing:1", 400, "QueryParameterException"),
        ("nextPageToken=none", 400, "QueryParameterException"),
        ("maxEventCount=7", 413, "QueryTooLargeException"),
        ("perPage=0", 400, "ValidationException"),
    ],
)
def test_a_query_that_cannot_be_is_a_problem(
    client: TestClient, query: str, status: int, name: str
) -> None:
    """By the name of the standard, as application/problem+json."""
    answer = client.get(f"/epcis/events?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"epcisException:{name}"
    assert answer.json()["status"] == status


def test_resources_lead_to_their_events(client: TestClient) -> None:
    """Types, things, steps, places, dispositions: listed, and each with its events."""
    listed = {
        "eventTypes": ("TransformationEvent", "5"),
        "epcs": (BOX.format(1), "1 2"),
        "bizSteps": ("commissioning", "1 5"),
        "bizLocations": (FARM, "1"),
        "readPoints": (STORE, "2 4"),
        "dispositions": ("active", "1"),
    }
    for kind, (one, wanted) in listed.items():
        body = client.get(f"/epcis/{kind}").json()
        assert body["type"] == "Collection"
        assert one in body["member"], kind
        assert client.get(f"/epcis/{kind}/{quote(one, safe='')}").json()["member"] == ["events"]
        path = f"/epcis/{kind}/{quote(one, safe='')}/events"
        assert found(client, "", path) == wanted.split(), kind
        paged = [m for page in pages(client, f"/epcis/{kind}?perPage=1") for m in page["member"]]
        assert sorted(paged) == sorted(body["member"])
        assert client.get(f"/epcis/{kind}/urn:none").status_code == 404
        again = next(parameter for parameter in (f"{path}?eventType=ObjectEvent",))
        assert client.get(again).status_code in {200, 400}


def test_an_event_is_read_by_its_id(client: TestClient) -> None:
    """With the time it was recorded; of one declared an error, the declaration."""
    body = client.get(f"/epcis/events/{quote('urn:event:3', safe='')}").json()
    assert {k: v for k, v in body.items() if k not in {"@context", "recordTime"}} == EVENTS[2]
    assert "errorDeclaration" in client.get("/epcis/events/urn:event:6").json()
    assert client.get("/epcis/events/urn:event:99").status_code == 404
