"""Reading an EPCIS document, JSON or XML: text to values, or every fault with its place."""

from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from longmai.domains.brand.model.epcis import fields
from longmai.domains.brand.model.epcis.check import (
    Check,
    Reading,
    Shape,
    anything,
    local_time,
    text,
    version,
)
from longmai.domains.brand.model.epcis.check import uri as check_uri
from longmai.domains.brand.model.epcis.context import read_context
from longmai.domains.brand.model.epcis.document import Document
from longmai.domains.brand.model.epcis.findings import TooMany, refusal
from longmai.domains.brand.model.epcis.json_text import check_size, read_json
from longmai.domains.brand.model.epcis.rules import check_event_rules
from longmai.domains.brand.model.epcis.values import Extraction
from longmai.domains.brand.model.epcis.xml_read import read_document
from longmai.domains.brand.model.epcis.xml_text import is_xml, read_xml
from longmai.kernel.errors import Invalid

DOCUMENT_TYPE = "EPCISDocument"
QUERY_DOCUMENT_TYPE = "EPCISQueryDocument"
_LONGEST_TYPE = 64  # of an overlong type, this much is compared
_CONTEXT_MEND = (
    'add "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"] at the top'
)


def parse_document(source: str | bytes) -> Document:
    """Read one EPCIS capture document, or one event by itself: JSON-LD (2.0), XML (1.2 or 2.0).

    Args:
        source: the text; bytes of JSON are UTF-8. At most 32 MiB, nested at most 64 deep.

    Returns:
        the document's events and master data; it is taken whole or not at all.

    Raises:
        InvalidMany: one finding per fault, each with its JSON path (in XML with its line too), the
            value and how to mend it; at most 100.

    Source: EPCIS Standard 2.0 §7, §10 and CBV 2.0 §7, §8.
    """
    body, reading, lines = _read(source)
    return check_document(body, reading, lines)


def check_document(
    body: Any, reading: Reading | None = None, lines: Mapping[str, int] | None = None
) -> Document:
    """Check the JSON form of a document, and turn it into values.

    Args:
        body: the document or bare event.
        reading: with what was found wrong before.
        lines: line of each place in the text it was read from.

    Raises:
        InvalidMany: one finding per fault.
    """
    reading = reading or Reading()
    try:
        events = _check(reading, body)
    except TooMany:
        events = []
    if lines:
        reading.findings.tell_lines(lines)
    reading.findings.raise_if_any()
    extraction = Extraction(reading.advice)
    return Document(
        events=tuple(extraction.event(event, place) for event, place in events),
        vocabulary=tuple(extraction.vocabulary(body)),
        context=body["@context"],
        advice=tuple(reading.advice.given),
    )


def parse_query_document(source: str | bytes) -> Document:
    """Read the answer to a query (EPCISQueryDocument), JSON-LD or XML.

    Raises:
        InvalidMany: one finding per fault.
    """
    body, reading, lines = _read(source)
    with suppress(TooMany):
        events = _check_query_document(reading, body)
    if lines:
        reading.findings.tell_lines(lines)
    reading.findings.raise_if_any()
    extraction = Extraction(reading.advice)
    told = tuple(extraction.event(event, place) for event, place in events)
    return Document(told, (), body["@context"], tuple(reading.advice.given))


def _check_query_document(reading: Reading, body: Any) -> list[tuple[dict[str, Any], str]]:
    if not isinstance(body, dict) or body.get("type") != QUERY_DOCUMENT_TYPE:
        kind = body.get("type") if isinstance(body, dict) else None
        _unknown_type(reading, kind, "type", [QUERY_DOCUMENT_TYPE])
        return []
    context = body.get("@context", [])
    reading.context = read_context(context, "@context", reading.context, reading.findings)
    outer = reading.context
    QUERY_DOCUMENT(reading, body, "")
    results = (body.get("epcisBody") or {}).get("queryResults") or {}
    found = []
    for i, event in enumerate((results.get("resultsBody") or {}).get("eventList") or ()):
        place = f"epcisBody.queryResults.resultsBody.eventList[{i}]"
        reading.context = outer
        check_one_event(reading, event, place)
        found.append((event, place))
    return found


def _read(source: str | bytes) -> tuple[Any, Reading, Mapping[str, int]]:
    """Return the JSON form of a text, what is wrong with its XML, and where things stand."""
    try:
        if not is_xml(source):
            return read_json(source), Reading(), {}
        check_size(source)
        found = read_document(*read_xml(source))
        return found.body, Reading(found.findings, advice=found.advice), found.lines
    except Invalid as fault:
        raise refusal([fault]) from None
    except TooMany as many:
        raise refusal(many.faults) from None
    except (RecursionError, ValueError):
        raise refusal([Invalid("this is not JSON", code="epcis.json")]) from None


def body_of(source: str | bytes) -> Any:
    """Return the JSON form of a text without checking what it says.

    Raises:
        InvalidMany: it is neither JSON nor XML.
    """
    return _read(source)[0]


def _check(reading: Reading, body: Any) -> list[tuple[dict[str, Any], str]]:
    """Check a document or a bare event; return its events with their places."""
    if not isinstance(body, dict):
        reading.findings.add(
            "", "an EPCIS document is a JSON object", code="type", mend='write {"@context": …'
        )
        return []
    if "@context" in body:
        reading.context = read_context(
            body["@context"], "@context", reading.context, reading.findings
        )
    else:
        reading.findings.add(
            "@context", "the document has no @context", code="missing", mend=_CONTEXT_MEND
        )
    kind = body.get("type")
    if kind == DOCUMENT_TYPE:
        return _check_document(reading, body)
    if kind == QUERY_DOCUMENT_TYPE:
        reading.findings.add(
            "type",
            "this is the answer to a query, not a document to capture",
            code="type.query",
            value=kind,
            mend=f"put its eventList into the epcisBody of an {DOCUMENT_TYPE}",
        )
        return []
    if "epcisBody" in body:
        _unknown_type(reading, kind, "type", [DOCUMENT_TYPE])
        return _check_document(reading, body)
    check_one_event(reading, body, "")
    return [(body, "")]


def _check_document(reading: Reading, body: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    outer = reading.context
    DOCUMENT(reading, body, "")
    epcis_body = body.get("epcisBody")
    if not isinstance(epcis_body, dict):
        return []
    if not epcis_body.keys() & {"eventList", "event"}:
        reading.findings.add(
            "epcisBody.eventList", "the body has no events", code="missing", mend="add eventList"
        )
    found = []
    for event, place in _events_of(epcis_body):
        reading.context = outer
        check_one_event(reading, event, place)
        found.append((event, place))
    return found


def _events_of(epcis_body: Mapping[str, Any]) -> list[tuple[Any, str]]:
    events = epcis_body.get("eventList")
    found = []
    if isinstance(events, list):
        found = [(event, f"epcisBody.eventList[{i}]") for i, event in enumerate(events)]
    if "event" in epcis_body:
        found.append((epcis_body["event"], "epcisBody.event"))
    return found


def check_one_event(reading: Reading, event: Any, place: str) -> None:
    """Check one event; ``place`` is empty for an event that is the whole document."""
    if not isinstance(event, dict):
        reading.findings.add(
            place, "an event is an object", code="type", value=event, mend="write {…}"
        )
        return
    prefix = f"{place}." if place else ""
    if place and "@context" in event:
        reading.context = read_context(
            event["@context"], f"{prefix}@context", reading.context, reading.findings
        )
    shape = _shape_of(reading, event, f"{prefix}type", [] if place else [DOCUMENT_TYPE])
    if shape:
        shape(reading, event, place)
        check_event_rules(reading, event, place)


def _shape_of(
    reading: Reading, event: Mapping[str, Any], place: str, also: list[str]
) -> Shape | None:
    kind = event.get("type")
    if isinstance(kind, str):
        if kind in fields.EVENTS:
            return fields.EVENTS[kind]
        if ":" in kind:
            check_uri(reading, kind, place)
            return fields.EXTENDED_EVENT
        if reading.context.knows_term(kind):
            return fields.EXTENDED_EVENT
    _unknown_type(reading, kind, place, [*fields.EVENTS, *also])
    return None


def _unknown_type(reading: Reading, kind: Any, place: str, known: list[str]) -> None:
    near = get_close_matches(kind[:_LONGEST_TYPE], known, n=1) if isinstance(kind, str) else []
    reading.findings.add(
        place,
        "there is no type" if kind is None else "EPCIS 2.0 has no such type",
        code="type.missing" if kind is None else "type.unknown",
        value=kind,
        mend="write " + " or ".join(near or known),
    )


def _event_list(reading: Reading, value: Any, place: str) -> None:
    if not isinstance(value, list):
        reading.findings.add(
            place, "the events are a list", code="type", value=value, mend="write [ ] around them"
        )


_DOCUMENT_FIELDS: Mapping[str, Check] = {
    "@context": anything,  # read first
    "id": check_uri,
    "type": anything,  # chose this table
    "schemaVersion": version,
    "creationDate": local_time,
    "instanceIdentifier": text,
    "sender": text,
    "receiver": text,
    "epcisHeader": fields.HEADER,
    "epcisBody": Shape("the body", {"eventList": _event_list, "event": anything}),
}
_RESULTS = Shape(
    "the results",
    {
        "queryName": text,
        "subscriptionID": text,
        "resultsBody": Shape("the body", {"eventList": _event_list}, required=("eventList",)),
    },
    # Other repositories leave queryName out, which the schema of XML asks for; it is not missed.
    required=("resultsBody",),
)
QUERY_DOCUMENT = Shape(
    "the answer to a query",
    {
        **_DOCUMENT_FIELDS,
        "epcisBody": Shape("the body", {"queryResults": _RESULTS}, required=("queryResults",)),
    },
    required=("@context", "schemaVersion", "creationDate", "epcisBody"),
)
DOCUMENT = Shape(
    "an EPCIS document", _DOCUMENT_FIELDS, required=("schemaVersion", "creationDate", "epcisBody")
)
