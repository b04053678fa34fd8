"""The EPCIS suites themselves: they run on the outside data, and notice what is wrong."""

import json
from pathlib import Path

import pytest
from tests.conformance.epcis import suites

from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.epcis.xml_write import write_document

CAPTURE = "epcis/source/2.0/EPCIS/JSON/Capture"
VALID = {
    "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    "type": "ObjectEvent",
    "eventTime": "2025-10-01T16:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "ADD",
    "epcList": ["urn:epc:id:sscc:0614141.1234567890"],
}


def put(data: Path, name: str, text: str) -> None:
    """Write a file of a data folder."""
    file = data / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.conformance
def test_outside_documents_are_read_as_their_sets_say(conformance_data: Path) -> None:
    """Every valid document is captured, every invalid one refused, every key agreed on."""
    results = list(suites(conformance_data))
    assert [result.failures for result in results] == [()] * len(results)


def test_a_folder_without_epcis_has_no_suites(tmp_path: Path) -> None:
    """No set, no line."""
    assert list(suites(tmp_path)) == []


def test_subfolders_of_every_source_are_read(tmp_path: Path) -> None:
    """A set of the same shape is found whoever it is from, and however deep its files lie."""
    put(tmp_path, f"{CAPTURE}/Documents/a/b/c.jsonld", json.dumps(VALID))
    put(tmp_path, f"{CAPTURE.replace('source', 'other')}/Events/d.json", json.dumps(VALID))
    put(tmp_path, f"{CAPTURE}/Invalid/e/f.json", json.dumps(VALID | {"action": "CREATE"}))
    put(tmp_path, f"{CAPTURE}/Documents/README.md", "not a document")
    assert [(result.name, result.passed, result.total) for result in suites(tmp_path)] == [
        ("epcis-valid json", 2, 2),
        ("epcis-invalid json", 1, 1),
    ]


def test_suites_tell_what_is_read_wrongly(tmp_path: Path) -> None:
    """A refused valid document, a captured invalid one and a key of one's own are failures."""
    put(tmp_path, f"{CAPTURE}/Documents/valid.json", json.dumps(VALID | {"action": "CREATE"}))
    put(tmp_path, f"{CAPTURE}/Invalid/invalid.json", json.dumps(VALID))
    put(tmp_path, "epcis/event-hash/keys.jsonld", json.dumps(VALID))
    put(tmp_path, "epcis/event-hash/keys.prehashes", "epc=https://id.gs1.org/00/1")
    put(tmp_path, "epcis/event-hash/broken.jsonld", "{")
    valid, invalid, hashed, keys, again = suites(tmp_path)
    assert "this is not an action" in valid.failures[0]
    assert "it was captured" in invalid.failures[0]
    assert "this is not JSON" in hashed.failures[0]
    assert "00/106141412345678908" in keys.failures[0]
    assert (valid.passed, invalid.passed, hashed.passed, keys.passed) == (0, 0, 1, 0)
    assert "this is not JSON" in again.failures[0]


def test_suites_tell_a_hash_that_is_another(tmp_path: Path) -> None:
    """A hash that differs, events of one file that do, and JSON that is not its XML."""
    folder = "epcis/event-hash"
    body = json.dumps(VALID)
    put(tmp_path, f"{folder}/one.jsonld", body)
    put(tmp_path, f"{folder}/one.hashes", "ni:///sha-256;0?ver=CBV2.0")
    found = parse_document(body).events[0].body
    both = [dict(found), {**found, "action": "OBSERVE"}]
    document = {**VALID, "epcisBody": {"eventList": both}}
    document |= {"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2025-10-01"}
    put(tmp_path, f"{folder}/expected_equal/two.json", json.dumps(document))
    put(tmp_path, f"{folder}/one.xml", write_document(VALID | {"action": "OBSERVE"}))
    failures = {result.name: len(result.failures) for result in suites(tmp_path)}
    assert failures["epcis-hash vectors"] == 2
    assert failures["epcis-hash json is xml"] == 1
    assert failures["epcis-hash expected_equal"] == 1
