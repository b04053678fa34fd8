"""What a valid EPCIS document is taken for: events, items with canonical keys, master data."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from longmai.domains.brand.model.epcis import (
    Event,
    Item,
    parse_document,
    read_event,
    read_vocabulary_element,
)
from longmai.domains.brand.model.epcis.check import instant
from longmai.domains.brand.model.epcis.findings import MAX_FINDINGS
from longmai.kernel.errors import InvalidMany

ACCEPTED = yaml.safe_load(Path(__file__).with_name("epcis_accepted.yaml").read_text("utf-8"))
REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "epcis.md"
STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
BOX = "urn:epc:id:sgtin:0614141.107346.2018"
BOX_KEY = "01/10614141073464/21/2018"
PALLET = "https://example.com/00/106141412345678908"
PALLET_KEY = "00/106141412345678908"
LOT = "urn:epc:class:lgtin:0614141.107346.L1"
LOT_KEY = "01/10614141073464/10/L1"


def body(kind: str = "ObjectEvent", **fields: Any) -> dict[str, Any]:
    """Return the JSON of an event."""
    when = {"eventTime": "2025-10-01T16:00:00+08:00", "eventTimeZoneOffset": "+08:00"}
    return {"type": kind, **when, **fields}


def observed(**fields: Any) -> dict[str, Any]:
    """Return the JSON of an observation of one box."""
    return body(action="OBSERVE", epcList=[BOX], **fields)


def document(*events: dict[str, Any], context: Any = STANDARD, **fields: Any) -> str:
    """Return the text of a document around events."""
    whole = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-01T16:00:00+08:00",
        "epcisBody": {"eventList": list(events)},
    }
    return json.dumps(whole | fields)


def only_event(*args: Any, **fields: Any) -> Event:
    """Read a document of one event."""
    (event,) = parse_document(document(*args, **fields)).events
    return event


def test_event_says_what_when_where_and_why() -> None:
    """Every dimension of an event is a value of its own, and the body is kept as captured."""
    captured = observed(
        eventID="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        bizStep="https://ref.gs1.org/cbv/BizStep-shipping",
        disposition="https://example.com/dispositions/ripe",
        readPoint={"id": "urn:epc:id:sgln:0614141.12345.400"},
        bizLocation={"id": "https://id.gs1.org/414/0614141123452"},
    )
    assert only_event(captured) == Event(
        event_id="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        type="ObjectEvent",
        action="OBSERVE",
        event_time=datetime(2025, 10, 1, 8, tzinfo=UTC),
        offset="+08:00",
        biz_step="shipping",
        disposition="https://example.com/dispositions/ripe",
        read_point="414/0614141123452/254/400",
        biz_location="414/0614141123452",
        items=(Item("epc", BOX_KEY),),
        body=captured,
    )


def test_aggregation_names_parent_and_children() -> None:
    """Children may be single things and quantities of a kind."""
    event = body(
        "AggregationEvent",
        action="ADD",
        parentID=PALLET,
        childEPCs=[BOX],
        childQuantityList=[{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}],
    )
    assert only_event(event).items == (
        Item("parent", PALLET_KEY),
        Item("child", BOX_KEY),
        Item("child", LOT_KEY, Decimal("12.5"), "KGM", is_class=True),
    )


def test_transformation_names_inputs_and_outputs() -> None:
    """A count without a unit, an amount not stated, and single things stand beside each other."""
    event = body(
        "TransformationEvent",
        inputQuantityList=[{"epcClass": LOT, "quantity": 40}, {"epcClass": "urn:x:water"}],
        outputEPCList=[BOX],
    )
    assert only_event(event).items == (
        Item("input", LOT_KEY, Decimal(40), None, is_class=True),
        Item("input", "urn:x:water", is_class=True),
        Item("output", BOX_KEY),
    )
    assert only_event(event).action is None


def test_transaction_may_name_a_parent() -> None:
    """A transaction links things, and what stands for them, to a business document."""
    event = body(
        "TransactionEvent",
        action="ADD",
        parentID=PALLET,
        epcList=[BOX],
        bizTransactionList=[{"bizTransaction": "urn:uuid:1"}],
    )
    assert only_event(event).items == (Item("parent", PALLET_KEY), Item("epc", BOX_KEY))


def test_one_event_needs_no_document() -> None:
    """An event by itself carries its own context."""
    read = parse_document(json.dumps({"@context": [STANDARD], **observed()}))
    assert [event.type for event in read.events] == ["ObjectEvent"]
    assert read.context == [STANDARD]


def test_a_body_may_hold_one_event() -> None:
    """``event`` stands for an ``eventList`` of one."""
    assert len(parse_document(document(epcisBody={"event": observed()})).events) == 1


def test_a_document_may_be_empty() -> None:
    """A list of no events is a list."""
    assert parse_document(document()).events == ()


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    """What a Windows editor saves is UTF-8 too."""
    text = document(observed(**{"gs1:netContent": "5 kg · Äpfel"}))
    assert parse_document(b"\xef\xbb\xbf" + text.encode()) == parse_document("\ufeff" + text)


def test_master_data_is_read_by_attribute() -> None:
    """An attribute that stands twice has both values; the ID is a canonical key."""
    element = {
        "id": "urn:epc:id:sgln:0614141.12345.0",
        "attributes": [
            {"id": "urn:epcglobal:cbv:mda#name", "attribute": "Orchard 7"},
            {"id": "urn:epcglobal:cbv:mda#tree", "attribute": "Fuji"},
            {"id": "urn:epcglobal:cbv:mda#tree", "attribute": "Gala"},
            {"id": "urn:epcglobal:cbv:mda#area", "attribute": 3.5},
        ],
        "children": ["urn:epc:id:sgln:0614141.12345.1"],
    }
    kind = "urn:epcglobal:epcis:vtype:Location"
    vocabulary = [{"type": kind, "vocabularyElementList": [element]}, {"type": "urn:x:y"}]
    text = document(epcisHeader={"epcisMasterData": {"vocabularyList": vocabulary}})
    (found,) = parse_document(text).vocabulary
    assert (found.type, found.id, found.body) == (kind, "414/0614141123452", element)
    assert read_vocabulary_element(kind, element) == found
    assert found.attributes == {
        "urn:epcglobal:cbv:mda#name": "Orchard 7",
        "urn:epcglobal:cbv:mda#tree": ["Fuji", "Gala"],
        "urn:epcglobal:cbv:mda#area": 3.5,
    }


# Extension points: whatever prefix is declared, at each place the standard leaves open.
OPEN_PLACES: list[tuple[str, dict[str, Any]]] = [
    ("event", observed(**{"ex:row": 7})),
    ("event, nested", observed(**{"ex:row": {"bare": [{"names": 1}], "ex:n": None}})),
    ("event, by URI", observed(**{"https://ns.example.com/row": 7, "urn:x:row": 7})),
    ("event, standard prefix", observed(**{"cbvmda:lotNumber": "A", "rdfs:comment": "b"})),
    ("read point", observed(readPoint={"id": "urn:x:y", "ex:row": 7})),
    ("location", observed(bizLocation={"id": "urn:x:y", "ex:row": 7})),
    ("master data of a lot", body(action="ADD", epcList=[BOX], ilmd={"ex:harvest": "2025"})),
    (
        "error declaration",
        observed(errorDeclaration={"declarationTime": "2025-10-01T16:00:00Z", "ex:by": "me"}),
    ),
    (
        "sensor data",
        observed(
            sensorElementList=[
                {
                    "ex:a": 1,
                    "sensorMetadata": {"ex:b": 1, "bizRules": "https://example.com/rules"},
                    "sensorReport": [{"type": "ex:sweetness", "ex:c": 1}],
                }
            ]
        ),
    ),
]


@pytest.mark.parametrize(
    "event", [case[1] for case in OPEN_PLACES], ids=[case[0] for case in OPEN_PLACES]
)
def test_extension_fields_are_taken_where_the_standard_is_open(event: dict[str, Any]) -> None:
    """A field of a declared namespace may stand at each extension point."""
    context = [STANDARD, {"ex": "https://ns.example.com/epcis/"}]
    assert only_event(event, context=context).body == event


@pytest.mark.parametrize(
    "context",
    [
        {"row": "https://ns.example.com/row"},
        {"row": {"@id": "https://ns.example.com/row", "@type": "@id"}},
        {"@vocab": "https://ns.example.com/"},
    ],
)
def test_bare_extension_field_is_taken_where_the_context_defines_it(context: Any) -> None:
    """A term of the document's own context is as good as a prefix."""
    assert only_event(observed(row=7), context=[STANDARD, context]).body["row"] == 7


def test_prefix_of_a_context_elsewhere_is_taken() -> None:
    """A context we cannot see may declare the prefix, so it is no fault of the document."""
    event = observed(**{"farm:row": 7})
    assert only_event(event, context=[STANDARD, "https://farm.example/context"]).body == event


@pytest.mark.parametrize("case", ACCEPTED, ids=[case["case"] for case in ACCEPTED])
def test_what_the_standard_bears_is_taken(case: dict[str, Any]) -> None:
    """Edges of the rules, on their valid side, without advice."""
    event = body(**{"action": "OBSERVE", **case["event"]})
    if event["action"] is None:
        del event["action"]
    read = parse_document(document(event))
    assert [found.body for found in read.events] == [event]
    assert read.advice == ()


@pytest.mark.parametrize("case", ACCEPTED, ids=[case["case"] for case in ACCEPTED])
def test_recorded_event_reads_as_it_was_captured(case: dict[str, Any]) -> None:
    """What the ledger keeps, canonical JSON, gives the same event again."""
    event = body(**{"action": "OBSERVE", **case["event"]})
    captured = only_event({name: value for name, value in event.items() if value is not None})
    recorded = json.loads(rfc8785.dumps(dict(captured.body)))
    assert read_event(recorded) == captured
    assert repr(read_event(recorded).items) == repr(captured.items)


def test_event_type_of_an_own_vocabulary_may_use_any_standard_field() -> None:
    """An extension's event names things in the standard's fields, and adds its own."""
    event = only_event(
        body(
            "ex:Tasting", epcList=[BOX], inputQuantityList=[{"epcClass": LOT}], **{"ex:sweet": 14}
        ),
        context=[STANDARD, {"ex": "https://ns.example.com/epcis/"}],
    )
    assert event.type == "ex:Tasting"
    assert event.items == (Item("epc", BOX_KEY), Item("input", LOT_KEY, is_class=True))


def test_creation_date_may_lack_an_offset() -> None:
    """The EPCIS context types it xsd:dateTime, where times of events are xsd:dateTimeStamp."""
    assert parse_document(document(creationDate="2025-10-01T16:00:00")).events == ()


def test_wrong_check_digit_is_advice_and_the_identifier_stays_as_sent() -> None:
    """EPCIS takes any URI as an identifier; that no such GS1 key exists is for the sender."""
    sent = "https://id.gs1.org/01/09521141012346/21/7"
    read = parse_document(document(observed() | {"epcList": [sent]}))
    assert [item.key for item in read.events[0].items] == [sent]
    (advice,) = read.advice
    assert advice.place == "epcisBody.eventList[0].epcList[0]"
    assert "6 should be 5" in advice.what


def test_advice_ends_at_a_hundred() -> None:
    """A sender of wrong check digits throughout hears of the first ones."""
    sent = [f"https://id.gs1.org/01/09521141012346/21/{i}" for i in range(MAX_FINDINGS + 50)]
    assert len(parse_document(document(observed() | {"epcList": sent})).advice) == MAX_FINDINGS


def test_unknown_measurement_is_advice() -> None:
    """GS1's list of measurements grows between releases of CBV."""
    report = [{"type": "Humidity", "value": 3}]
    event = observed(sensorElementList=[{"sensorReport": report}])
    (advice,) = parse_document(document(event)).advice
    assert advice.place == "epcisBody.eventList[0].sensorElementList[0].sensorReport[0].type"
    assert "AbsoluteHumidity" in str(advice) or "RelativeHumidity" in str(advice)


@given(st.datetimes(), st.sampled_from(["+08:00", "-06:30", "+14:00", "+00:00"]))
def test_instant_of_a_written_time_is_that_time(local: datetime, offset: str) -> None:
    """Reading a time gives the instant that was written, whatever its offset."""
    aware = datetime.fromisoformat(local.isoformat() + offset)
    try:
        expected = aware.astimezone(UTC)
    except OverflowError:
        expected = None
    assert instant(local.isoformat() + offset) == expected


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(sorted({*observed(), "bizStep", "readPoint", "sensorElementList", "ilmd",
    "quantityList", "certificationInfo", "errorDeclaration", "persistentDisposition", "@context",
    "bizTransactionList", "sourceList", "epcisBody", "epcisHeader", "schemaVersion", "creationDate",
    "inputQuantityList", "parentID", "childEPCs", "ex:row"}))  # fmt: skip


def refused_or_read(source: str | bytes) -> None:
    """Read, and let nothing but the one refusal pass."""
    try:
        parse_document(source)
    except InvalidMany as error:
        refusal = error
    else:
        return
    assert refusal.findings
    assert str(refusal)
    assert json.dumps(refusal.as_dict())


@given(st.binary())
@example(b'"' + b'\\"' * 200_000)
@example(b"{" * 200_000)
@example(b'{"type": ["' + b"\xed\xa0\x80" + b'"]}')
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    """No bytes get another answer than a document or a refusal, and none hang the reader."""
    refused_or_read(source)


@given(st.text())
@example('{"a": -0, "b": 1e-400}')
@example('{"@context": {"' + "a" * 5_000_000 + '": 1}, "type": "' + "b" * 5_000_000 + '"}')
@example(
    '{"@context": "a:b", "type": "ObjectEvent", "'
    + "a" * 5_000_000
    + '": 1, "bizStep": "'
    + "b" * 5_000_000
    + '"}'
)
def test_any_text_is_read_or_refused(source: str) -> None:
    """No text gets another answer than a document or a refusal."""
    refused_or_read(source)


@given(st.dictionaries(NAMES, JSON_VALUES), st.booleans())
def test_any_values_in_the_fields_are_read_or_refused(fields: dict[str, Any], bare: bool) -> None:
    """No value in any field gets another answer than a document or a refusal."""
    event = {"@context": [STANDARD], **observed(), **fields}
    refused_or_read(json.dumps(event) if bare else document(event, **fields))


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in inner:
        found.append((*path, key))
        if isinstance(item, dict | list):
            found += paths_in(item, (*path, key))
    return found


@given(st.data())
def test_any_change_to_a_valid_event_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever stands at whatever place of an event, the answer is a document or a refusal."""
    event = json.loads(json.dumps(data.draw(st.sampled_from(ACCEPTED))["event"]))
    path = data.draw(st.sampled_from(paths_in(event)))
    inside = event
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = data.draw(JSON_VALUES)
    refused_or_read(document(body(**{"action": "OBSERVE", **event})))


def test_reference_page_shows_what_the_reader_says() -> None:
    """The messages in docs/reference/epcis.md are the reader's own."""
    events = [
        body(action="ADD", epcList=[BOX], bizStep="transforming"),
        body(action="ADD", quantityList=[{"epcClass": LOT, "quantity": "twenty"}]),
        body(action="ADD", epcList=[BOX], ilmd={"variety": "Fuji"}),
    ]
    with pytest.raises(InvalidMany) as caught:
        parse_document(document(*events))
    assert str(caught.value) in REFERENCE.read_text("utf-8")
    sent = body(action="ADD", epcList=["https://id.gs1.org/01/09521141012346"])
    (advice,) = parse_document(document(sent)).advice
    assert str(advice) in REFERENCE.read_text("utf-8")
