"""EPCIS in XML: read as the standard writes it, bounded, and the same as its JSON form."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from tests.domains.brand.model.events import EVENTS, document

from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.epcis.read import body_of, check_document
from longmai.domains.brand.model.epcis.xml_write import write_document
from longmai.kernel.errors import InvalidMany

OPENING = '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"'
TIMES = """<eventTime>2025-10-01T08:00:00+08:00</eventTime>
<eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"""
EPC = "<epc>urn:epc:id:sgtin:0614141.107346.2018</epc>"
EVENT = f"<ObjectEvent>{TIMES}<epcList>{EPC}</epcList><action>ADD</action>%s</ObjectEvent>"


def in_document(events: str, more: str = "") -> str:
    """Return a document of events written in XML."""
    opening = f'{OPENING} creationDate="2025-10-01T08:00:00Z" {more}>'
    body = f"<EPCISBody><EventList>{events}</EventList></EPCISBody>"
    return f"{opening}{body}</epcis:EPCISDocument>"


def refusals(text: str | bytes) -> list[tuple[str | None, str]]:
    """Return (place, code) of what is wrong."""
    with pytest.raises(InvalidMany) as caught:
        parse_document(text)
    return [(each.place, each.code) for each in caught.value.findings]


def events(text: str) -> list[Any]:
    """Return the JSON form of the events of a valid text."""
    return [event.body for event in parse_document(text).events]


@settings(max_examples=150)
@given(EVENTS)
def test_json_to_xml_and_back_is_the_same(event: dict[str, Any]) -> None:
    """Whatever the standard defines, and extensions with their types, survive the way."""
    body = document(event)
    check_document(body)
    text = write_document(body)
    parse_document(text)
    [found] = body_of(text)["epcisBody"]["eventList"]
    assert found == event


@settings(max_examples=50)
@given(EVENTS)
def test_urns_and_web_uris_read_alike(event: dict[str, Any]) -> None:
    """The words of CBV mean the same in each notation."""
    forms = {
        json.dumps(body_of(write_document(document(event), words)), sort_keys=True)
        for words in ("Always_URN", "Always_Web_URI", "No_Preference")
    }
    assert len(forms) == 1


def test_fields_of_1_2_stand_in_extensions() -> None:
    """What came after 1.0 is unwrapped; words of 1.2 become bare."""
    text = f"""<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2"
      creationDate="2025-10-01T08:00:00Z" xmlns:cbvmda="urn:epcglobal:cbv:mda">
      <EPCISBody><EventList><ObjectEvent>{TIMES}
      <baseExtension><eventID>urn:uuid:1</eventID></baseExtension><epcList/><action>ADD</action>
      <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
      <extension><quantityList><quantityElement><epcClass>urn:epc:class:lgtin:0614141.107346.L7</epcClass>
      <quantity>2.50</quantity><uom>KGM</uom></quantityElement></quantityList>
      <ilmd><cbvmda:lotNumber>L7</cbvmda:lotNumber></ilmd></extension></ObjectEvent>
      <extension><TransformationEvent>{TIMES}<inputEPCList>{EPC}</inputEPCList>
      <outputEPCList>{EPC.replace("2018", "7")}</outputEPCList></TransformationEvent></extension>
      </EventList></EPCISBody></epcis:EPCISDocument>"""
    first, second = events(text)
    assert first["eventID"] == "urn:uuid:1"
    assert first["bizStep"] == "commissioning"
    assert first["quantityList"][0]["quantity"] == 2.5
    assert first["ilmd"] == {"cbvmda:lotNumber": "L7"}
    assert second["type"] == "TransformationEvent"


def test_the_deprecated_quantity_event_is_what_its_successor_says() -> None:
    """QuantityEvent reads as an observation of a quantity (EPCIS 1.2 §7.4.4)."""
    text = f"""<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.0"
      creationDate="2025-10-01T08:00:00Z"><EPCISBody><EventList><QuantityEvent>{TIMES}
      <epcClass>urn:epc:class:lgtin:0614141.107346.L7</epcClass><quantity>12</quantity>
      </QuantityEvent></EventList></EPCISBody></epcis:EPCISDocument>"""
    [event] = events(text)
    assert (event["type"], event["action"]) == ("ObjectEvent", "OBSERVE")
    assert event["quantityList"] == [
        {"epcClass": "urn:epc:class:lgtin:0614141.107346.L7", "quantity": 12}
    ]


def test_two_namespaces_of_one_prefix_stay_apart() -> None:
    """Each gets a prefix of its own; the prefixes of the standard are never given away."""
    row = '<a:row xmlns:a="urn:one:">1</a:row><a:row xmlns:a="urn:two:">2</a:row>'
    taken = '<gs1:row xmlns:gs1="urn:three:">3</gs1:row>'
    body = body_of(in_document(EVENT % (row + taken)))
    [event] = body["epcisBody"]["eventList"]
    assert (event["a:row"], event["a2:row"], event["gs12:row"]) == ("1", "2", "3")
    assert body["@context"][1] == {"a": "urn:one:", "a2": "urn:two:", "gs12": "urn:three:"}


def test_the_parties_of_the_message_are_the_documents_own_fields() -> None:
    """Sender, receiver and instance identifier go through the UN/CEFACT header and back."""
    event = json.loads(json.dumps(events(in_document(EVENT % ""))[0]))
    parties = {"sender": "urn:a", "receiver": "urn:b", "instanceIdentifier": "7"}
    text = write_document(document(event, **parties))
    assert "StandardBusinessDocumentHeader" in text
    found = body_of(text)
    assert {name: found[name] for name in parties} == parties
    assert "epcisHeader" not in found


def test_master_data_comes_from_the_header() -> None:
    """Vocabulary elements with their attributes, plain and composed, and children."""
    vocabulary = {
        "type": "urn:epcglobal:epcis:vtype:Location",
        "vocabularyElementList": [
            {
                "id": "urn:epc:id:sgln:0614141.07346.0",
                "attributes": [
                    {"id": "urn:epcglobal:cbv:mda#name", "attribute": "冷库"},
                    {"id": "urn:epcglobal:cbv:mda#latitude", "attribute": 35.5},
                    {"id": "urn:example:box", "attribute": {"ex:width": 3}},
                ],
                "children": ["urn:epc:id:sgln:0614141.07346.1"],
            }
        ],
    }
    event = events(in_document(EVENT % ""))[0]
    header = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    body = document(event, epcisHeader=header)
    assert body_of(write_document(body))["epcisHeader"] == header
    assert parse_document(write_document(body)).vocabulary[0].id == "414/0614141073467"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "epcis.xml.entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "epcis.xml.entities"),
        ("<a>&nbsp;</a>", "epcis.xml"),
        ("<a><b></a>", "epcis.xml"),
        ("<a>", "epcis.xml"),
        ("<a " + " ".join(f'b{i}="1"' for i in range(101)) + "/>", "epcis.xml.attributes"),
        ("<a>" * 65 + "</a>" * 65, "epcis.depth"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "epcis.encoding"),
        (b"<a>\xff</a>", "epcis.xml"),
        ("<a:b/>", "epcis.xml"),
    ],
)
def test_what_is_no_xml_or_no_bounded_one_is_refused(text: str | bytes, code: str) -> None:
    """With a code of its own, and where the parser knows it, line and column."""
    [(_, found)] = refusals(text)
    assert found == code


def test_a_fault_is_told_with_its_line() -> None:
    """The place is that of the JSON form, and the line of the text."""
    text = in_document("\n" + EVENT % "\n<bizStep>shiping</bizStep>")
    assert refusals(text) == [("epcisBody.eventList[0].bizStep, line 4", "epcis.cbv")]


def test_the_order_of_the_schema_is_asked_for() -> None:
    """EPCIS in XML is a sequence of elements; extension fields come last."""
    late = EVENT % '<x:row xmlns:x="urn:x:">1</x:row><bizStep>shipping</bizStep>'
    assert [code for _, code in refusals(in_document(late))] == ["epcis.xml.order"]


def test_a_field_that_stands_twice_is_refused() -> None:
    """Neither of the two may be dropped in silence."""
    twice = EVENT % "<bizStep>shipping</bizStep><bizStep>packing</bizStep>"
    assert refusals(in_document(twice)) == [
        ("epcisBody.eventList[0].bizStep, line 2", "epcis.xml.twice")
    ]


def test_the_version_must_be_that_of_the_namespace() -> None:
    """A document of 1.2 in the namespace of 2.0 is none."""
    text = in_document(EVENT % "").replace('schemaVersion="2.0"', 'schemaVersion="1.2"')
    assert [code for _, code in refusals(text)] == ["epcis.xml.version"]


def test_a_thing_that_stands_twice_in_a_list_is_taken_once() -> None:
    """The schema lets it pass, and JSON does not: advice says so."""
    found = parse_document(in_document((EVENT % "").replace(EPC, EPC + EPC)))
    assert len(found.events[0].items) == 1
    assert [each.code for each in found.advice] == ["epcis.twice"]


def test_no_more_than_a_hundred_faults_are_told() -> None:
    """Also where they are faults of the XML itself."""
    found = refusals(in_document((EVENT % "<bizStep>shiping</bizStep>") * 150))
    assert len(found) == 100
    assert len(refusals(in_document((EVENT % "<action>ADD</action>") * 150))) == 100


def test_what_xml_cannot_hold_is_not_written() -> None:
    """A control character, or a field name that is no XML name."""
    event = events(in_document(EVENT % ""))[0]
    for bad in ({"ex:row": "\x01"}, {"ex:1": "x"}):
        with pytest.raises(Exception, match="XML cannot hold"):
            write_document(document({**event, **bad}))


def test_layout_is_no_content_but_kept_space_is() -> None:
    """Space around a value is layout, unless xml:space says it is meant."""
    text = in_document(EVENT % '<x:a xmlns:x="urn:x:"> 1 </x:a>')
    assert events(text)[0]["x:a"] == "1"
    kept = '<x:a xmlns:x="urn:x:" xml:space="preserve"> 1 </x:a>'
    assert events(in_document(EVENT % kept))[0]["x:a"] == " 1 "
