"""Each rule of EPCIS 2.0, broken once: the refusal names the place, and what to write there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.epcis.findings import MAX_FINDINGS
from longmai.kernel.errors import Invalid, InvalidMany

CASES = yaml.safe_load(Path(__file__).with_name("epcis_refusals.yaml").read_text("utf-8"))
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"ex": "https://ns.example.com/epcis/"},
]
WHEN = {"eventTime": "2025-10-01T16:00:00+08:00", "eventTimeZoneOffset": "+08:00"}


def event(changes: dict[str, Any] | None = None, kind: str = "ObjectEvent") -> dict[str, Any]:
    """Return a valid event with some fields changed; None takes a field out."""
    return without_none({"type": kind, **WHEN, **CASES["valid"][kind], **(changes or {})})


def document(*events: Any, **changes: Any) -> dict[str, Any]:
    """Return a valid document around events, with some fields changed."""
    whole = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-01T16:00:00+08:00",
        "epcisBody": {"eventList": list(events)},
    }
    return without_none(whole | changes)


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def findings(value: Any) -> list[Invalid]:
    """Return what is found in a document."""
    with pytest.raises(InvalidMany) as caught:
        parse_document(value if isinstance(value, str | bytes) else json.dumps(value))
    return list(caught.value.findings)


def the_finding(value: Any) -> Invalid:
    """Return what is found where one thing is wrong."""
    (found,) = findings(value)
    return found


def each(section: str) -> pytest.MarkDecorator:
    """Run a test once for each case of a section."""
    cases = CASES[section]
    return pytest.mark.parametrize("case", cases, ids=[case["case"] for case in cases])


@each("event")
def test_fault_in_an_event_is_found_at_its_place(case: dict[str, Any]) -> None:
    """One fault in the second event of a document: one finding, there, with what to write."""
    broken = event(case["with"], case.get("kind", "ObjectEvent"))
    found = the_finding(document(event(), broken))
    assert found.place == f"epcisBody.eventList[1].{case['place']}"
    assert case["said"] in str(found)


@each("event")
def test_fault_in_a_bare_event_is_found_at_its_place(case: dict[str, Any]) -> None:
    """The same without a document around it."""
    broken = event(case["with"], case.get("kind", "ObjectEvent"))
    assert the_finding({"@context": CONTEXT, **broken}).place == case["place"]


@each("document")
def test_fault_in_a_document_is_found_at_its_place(case: dict[str, Any]) -> None:
    """One fault around the events: one finding, there, with what to write."""
    found = the_finding(document(event(), **case["with"]))
    assert found.place == case["place"]
    assert case["said"] in str(found)


@each("master_data")
def test_fault_in_master_data_is_found_at_its_place(case: dict[str, Any]) -> None:
    """One fault in the header's master data: one finding, there."""
    header = {"epcisMasterData": {"vocabularyList": case["list"]}}
    found = the_finding(document(event(), epcisHeader=header))
    assert found.place == "epcisHeader.epcisMasterData.vocabularyList" + case["place"]


@pytest.mark.parametrize("kind", CASES["valid"])
def test_what_the_cases_break_is_valid(kind: str) -> None:
    """The refusals above are of what was changed, not of what it was changed in."""
    assert len(parse_document(json.dumps(document(event(kind=kind)))).events) == 1


@pytest.mark.parametrize("value", [[], "text", 7, None])
def test_json_that_is_no_object_is_refused(value: Any) -> None:
    """A document is an object."""
    found = the_finding(json.dumps(value))
    assert found.place is None
    assert "is a JSON object" in found.what


def test_null_is_not_a_value() -> None:
    """A field without a value is left out, and the message says so."""
    found = the_finding(document(event() | {"bizStep": None}))
    assert found.place == "epcisBody.eventList[0].bizStep"
    assert found.mend == "leave the field out"


def test_fault_in_the_only_event_of_a_body_is_found() -> None:
    """A body may hold one event instead of a list."""
    found = the_finding(document(epcisBody={"event": event({"action": None})}))
    assert found.place == "epcisBody.event.action"


def test_fault_in_the_context_of_an_event_is_found() -> None:
    """An event may declare prefixes of its own."""
    found = the_finding(document(event({"@context": [7]})))
    assert found.place == "epcisBody.eventList[0].@context[0]"


def test_all_faults_are_found_in_one_reading() -> None:
    """Who mends a document sees everything that is wrong with it at once, in its order."""
    broken = document(
        event({"action": "CREATE", "bizStep": "waxing"}), event(), event({"eventTime": "now"})
    )
    assert [found.place for found in findings(broken)] == [
        "epcisBody.eventList[0].action",
        "epcisBody.eventList[0].bizStep",
        "epcisBody.eventList[2].eventTime",
    ]


def test_findings_end_at_a_hundred() -> None:
    """A document that is wrong everywhere is not read to its end."""
    broken = document(*[event({"action": "CREATE"})] * (MAX_FINDINGS + 50))
    assert len(findings(broken)) == MAX_FINDINGS


def test_a_prefix_of_one_event_is_not_declared_in_the_next() -> None:
    """A context inside an event ends with the event."""
    scoped = event({"@context": [{"farm": "https://farm.example/"}], "farm:row": 7})
    found = the_finding(document(scoped, event({"farm:row": 7})))
    assert found.place == "epcisBody.eventList[1].farm:row"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "line 1, column 1", "not JSON"),
        ('{"a": 1,\n "b": }', "line 2, column 7", "not JSON"),
        ("{'a': 1}", "line 1, column 2", "not JSON"),
        ("text", "line 1, column 1", "not JSON"),
        ('{"a": NaN}', None, "NaN"),
        ('{"a": {"b": [1, {"c": 1, "c": 2}]}}', "a.b[1].c", "stands twice"),
        ('{"a": ["\\ud800"]}', "a[0]", "surrogate"),
        ('{"\\udfff": 1}', None, "surrogate"),
        ('{"a": 1e999}', None, "larger than"),
        ('{"a": 9007199254740993}', None, "larger than"),
        ('{"a": ' + "9" * 5000 + "}", None, "larger than"),
        ("[" * 100_000, "line 1", "nested"),
        ('{"a":\n' * 100, "line 65", "nested"),
        (b"\xff\xfe{\x00}\x00", "byte 0", "UTF-8"),
        (b'{"a": "\xe9"}', "byte 7", "UTF-8"),
    ],
)
def test_text_that_is_not_json_is_refused(text: str | bytes, place: str | None, said: str) -> None:
    """The text itself is at fault: where, and why."""
    found = the_finding(text)
    assert found.place == place
    assert said in str(found)


def test_large_document_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound on size is told, with the size that came."""
    monkeypatch.setattr("longmai.domains.brand.model.epcis.json_text.MAX_BYTES", 1024 * 1024)
    assert "larger than 1 MiB" in str(the_finding(b" " * (1024 * 1024 + 1)))


@pytest.mark.parametrize("cut", [lambda text: text[:-1], lambda text: text + "]"])
def test_half_a_document_is_refused(cut: Callable[[str], str]) -> None:
    """A cut transfer is never a smaller document."""
    findings(cut(json.dumps(document(event()))))
