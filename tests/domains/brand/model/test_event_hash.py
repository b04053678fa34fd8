"""The hash ID of an event: one for all its forms, another for another event."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domains.brand.model.events import CONTEXT, EVENTS, document

from longmai.domains.brand.model.epcis.event_hash import event_hash, ignored_fields, prehash
from longmai.domains.brand.model.epcis.read import body_of
from longmai.domains.brand.model.epcis.xml_write import write_document

EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2025-10-01T08:00:00.000+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "OBSERVE",
    "epcList": ["https://id.gs1.org/01/09521234543213/21/7"],
    "ex:row": {"ex:b": 2, "ex:a": [3, 1]},
}


def hashed(**changes: Any) -> str:
    """Return the hash of the event with other fields."""
    return event_hash({**EVENT, **changes}, CONTEXT)


@settings(max_examples=100)
@given(EVENTS)
def test_json_and_xml_hash_alike(event: dict[str, Any]) -> None:
    """The way through XML changes nothing."""
    found = body_of(write_document(document(event)))
    assert event_hash(found["epcisBody"]["eventList"][0], found["@context"]) == event_hash(
        event, CONTEXT
    )


@given(EVENTS, st.integers())
def test_no_order_counts(event: dict[str, Any], seed: int) -> None:
    """Fields and members of lists in any order give one hash."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = list(value.items())
            rng.shuffle(items)
            return {k: shuffled(v) for k, v in items}
        if isinstance(value, list):
            return rng.sample([shuffled(v) for v in value], len(value))
        return value

    rng = random.Random(seed)
    assert prehash(shuffled(event), CONTEXT) == prehash(event, CONTEXT)


def test_notations_of_one_thing_hash_alike() -> None:
    """URN and Digital Link, word and URI, zones and zeros of a time."""
    assert hashed(epcList=["urn:epc:id:sgtin:9521234.054321.7"]) == hashed()
    assert (
        hashed(epcList=["https://shop.example/01/09521234543213/10/L/21/7?17=261231"]) == hashed()
    )
    assert hashed(eventTime="2025-10-01T00:00:00Z") == hashed()
    assert hashed(bizStep="packing") == hashed(bizStep="urn:epcglobal:cbv:bizstep:packing")
    assert hashed(**{"ex:row": {"ex:a": ["1", 3.0], "ex:b": "2.0"}}) == hashed()


def test_what_only_the_repository_adds_does_not_count() -> None:
    """The ID, the record time, a declaration of error, and fields one asks to ignore."""
    added = {"eventID": "urn:a", "recordTime": EVENT["eventTime"], "errorDeclaration": {}}
    assert hashed(**added) == hashed()
    more = {**EVENT, "ex:captured": "yes"}
    assert event_hash(more, CONTEXT, ["ex:captured"]) == hashed()
    assert event_hash(more, CONTEXT) != hashed()
    query = {"epcisBody": {"queryResults": {"ex:ignoreFields": ["ex:captured"]}}}
    assert ignored_fields(query) == ["ex:captured"]


def test_what_an_event_says_counts() -> None:
    """Any other value gives another hash."""
    different = [
        hashed(),
        hashed(action="ADD"),
        hashed(epcList=["https://id.gs1.org/01/09521234543213/21/8"]),
        hashed(eventTimeZoneOffset="+07:00"),
        hashed(**{"ex:row": {"ex:b": 2, "ex:a": [3, 2]}}),
        hashed(persistentDisposition={"set": ["damaged"]}),
        hashed(persistentDisposition={"unset": ["damaged"]}),
    ]
    assert len(set(different)) == len(different)
