"""Events as answers: with the time they were recorded, in documents of EPCIS 2.0."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from longmai.domains.brand.epcis.wire import Epcs
from longmai.domains.brand.model.epcis.xml_read import CONTEXT
from longmai.domains.brand.model.gs1_forms import CompanyPrefixes, digital_link_of, urn_of
from longmai.domains.brand.tables import EVENT
from longmai.kernel.clock import to_text
from longmai.store.ledger import RECORD

_CHUNK = 500
Convert = Callable[[str], str]


def told_events(connection: Connection, record_ids: Sequence[UUID]) -> Iterator[dict[str, Any]]:
    """Yield the events of records in the order asked: body, ``recordTime``, own ``@context``."""
    for start in range(0, len(record_ids), _CHUNK):
        chunk = record_ids[start : start + _CHUNK]
        query = (
            select(EVENT.c.record_id, EVENT.c.recorded_at, RECORD.c.payload)
            .join(RECORD, RECORD.c.id == EVENT.c.record_id)
            .where(EVENT.c.record_id.in_(chunk))
        )
        rows = {row.record_id: row for row in connection.execute(query)}
        for record_id in chunk:
            row = rows.get(record_id)
            if row is not None and row.payload is not None:
                payload = json.loads(row.payload)
                event = {**payload["event"], "recordTime": to_text(row.recorded_at)}
                own = _own_context(payload.get("context"), event.get("@context"))
                yield {"@context": own, **_without_context(event)}


def _without_context(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "@context"}


def _own_context(*contexts: Any) -> list[Any]:
    """Return what a document declares beside the standard's context."""
    found: list[Any] = []
    for context in contexts:
        for entry in context if isinstance(context, list) else [context]:
            standard = isinstance(entry, str) and entry.endswith("epcis-context.jsonld")
            if entry and not standard and entry not in found:
                found.append(entry)
    return found


def query_document(
    events: Iterable[dict[str, Any]],
    at: datetime,
    name: str = "SimpleEventQuery",
    subscription: UUID | None = None,
) -> dict[str, Any]:
    """Return the answer to a query as an EPCISQueryDocument."""
    told = list(events)
    shared, listed = _shared(told)
    results: dict[str, Any] = {"queryName": name}
    if subscription is not None:
        results["subscriptionID"] = str(subscription)
    results["resultsBody"] = {"eventList": listed}
    return {
        "@context": [CONTEXT, *shared],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": to_text(at),
        "epcisBody": {"queryResults": results},
    }


def event_document(event: dict[str, Any]) -> dict[str, Any]:
    """Return one event as a document of its own."""
    return {**event, "@context": [CONTEXT, *event["@context"]]}


def _shared(events: list[dict[str, Any]]) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the context all events share, and the events; who disagrees keeps a context."""
    names: dict[str, Any] = {}
    elsewhere: list[Any] = []
    listed = []
    for event in events:
        own = event["@context"]
        meanings = {k: v for each in own if isinstance(each, Mapping) for k, v in each.items()}
        if all(names.get(name, meaning) == meaning for name, meaning in meanings.items()):
            names |= meanings
            elsewhere += [e for e in own if not isinstance(e, Mapping) and e not in elsewhere]
            listed.append(_without_context(event))
        else:
            listed.append({"@context": own, **_without_context(event)})
    return [*elsewhere, names] if names else elsewhere, listed


# Notations ----------------------------------------------------------------------------------------


def converter(epcs: Epcs, prefixes: CompanyPrefixes) -> Convert | None:
    """Return what writes identifiers as wanted; None: they stay as they are."""
    if epcs == "Always_GS1_Digital_Link":
        return digital_link_of
    if epcs == "Always_EPC_URN":
        return lambda uri: urn_of(uri, prefixes)
    return None


def converted(event: dict[str, Any], convert: Convert | None) -> dict[str, Any]:
    """Return an event with its identifiers in another notation."""
    if convert is None:
        return event
    return {
        name: _CONVERTERS[name](convert, value) if name in _CONVERTERS else value
        for name, value in event.items()
    }


def _each(item: str) -> Callable[[Convert, Any], Any]:
    return lambda convert, value: [{**each, item: convert(each[item])} for each in value]


_CONVERTERS: Mapping[str, Callable[[Convert, Any], Any]] = {
    **dict.fromkeys(("parentID", "transformationID"), lambda convert, value: convert(value)),
    **dict.fromkeys(
        ("epcList", "childEPCs", "inputEPCList", "outputEPCList"),
        lambda convert, value: [convert(each) for each in value],
    ),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
        _each("epcClass"),
    ),
    **dict.fromkeys(
        ("readPoint", "bizLocation"), lambda convert, value: {**value, "id": convert(value["id"])}
    ),
    "bizTransactionList": _each("bizTransaction"),
    "sourceList": _each("source"),
    "destinationList": _each("destination"),
}
