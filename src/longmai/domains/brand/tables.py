"""Tables of the brand domain: projections of captured events and master data.

Rows depend on their record alone, never on the order of commits, so that rebuilding them from
the ledger gives the same tables bit for bit. What changes with time (where a box is, what a batch
has left) is computed by queries.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    insert,
)

from longmai.domains.brand.model.epcis import (
    Event,
    VocabularyElement,
    read_event,
    read_vocabulary_element,
)
from longmai.domains.brand.model.lots import lot_of
from longmai.domains.brand.model.query.facts import canonical, facts_of
from longmai.domains.brand.model.vocabulary import describe
from longmai.domains.brand.trace.tables import EDGE, VOID, edge_rows, void_rows
from longmai.kernel.clock import from_text
from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import ExactDecimal, UtcDateTime

EVENT_KIND = "brand.epcis.event"
VOCABULARY_KIND = "brand.epcis.vocabulary"
CERTIFICATE_FIELD = "lm:commitmentCertificate"
# How sample data says that it is sample data, in events and in master data.
SAMPLE_FIELD = "lm:sample"
SAMPLE_ATTRIBUTE = "https://longmai.example/voc#sample"

EVENT = Table(
    "brand_event",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("document_id", Uuid, nullable=False, index=True),
    Column("event_id", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("action", String(16)),
    Column("event_time", UtcDateTime, nullable=False, index=True),
    Column("time_offset", String(6), nullable=False),
    Column("biz_step", String),
    Column("disposition", String),
    Column("read_point", String),
    Column("biz_location", String),
    Column("transformation_id", String, index=True),
    Column("declares_error", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("actor", String, nullable=False),
    # In the order of records, so that a page of many alike is read, not sorted.
    *(
        Index(None, name, "record_id")
        for name in ("biz_step", "disposition", "read_point", "biz_location")
    ),
)

ITEM = Table(
    "brand_event_item",
    metadata,
    Column("record_id", Uuid, ForeignKey("brand_event.record_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("role", String(8), nullable=False),
    Column("key", String, nullable=False, index=True),
    Column("lot_key", String, index=True),
    Column("quantity", ExactDecimal),
    Column("uom", String(8)),
    Column("is_class", Boolean, nullable=False),
)

VOCABULARY = Table(
    "brand_vocabulary",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("document_id", Uuid, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("key", String, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("sample", Boolean, nullable=False),
    Index("ix_brand_vocabulary_key_type", "key", "type"),
)

# Which place lies in which (EPCIS 2.0 §6.5: children of a vocabulary element).
CHILD = Table(
    "brand_vocabulary_child",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("child", String, primary_key=True),
    Column("parent", String, nullable=False, index=True),
)

# What events tell beside their main fields (model.query.facts), for queries.
FACT = Table(
    "brand_event_fact",
    metadata,
    Column("record_id", Uuid, ForeignKey("brand_event.record_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("family", String(24), nullable=False),
    Column("name", String(240), nullable=False),
    Column("key", String(240), nullable=False),
    Column("text", String(240)),
    Column("number", Float),
    Column("instant", UtcDateTime),
    Index("ix_brand_event_fact_name_text", "name", "text"),
)

NAME = Table(
    "brand_name",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("code", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("initials", String(64), nullable=False, index=True),
)

_OF_EVENTS = (EVENT, ITEM, FACT, NAME, EDGE, VOID)
TABLES = (*_OF_EVENTS, VOCABULARY, CHILD)
# What a key of master data names, by its first application identifier.
_KINDS = {"01": "product", "414": "place", "417": "party"}


def _project_events(connection: Connection, entries: Sequence[Entry]) -> None:
    rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in _OF_EVENTS}
    for entry in entries:
        if entry.payload is None:
            continue
        event, record_id = read_event(entry.payload["event"]), entry.record_id
        rows[FACT].extend(_fact_rows(record_id, event, entry.payload.get("context")))
        rows[EVENT].append(_event_row(entry, entry.payload, event))
        rows[ITEM].extend(_item_rows(record_id, event))
        rows[NAME].extend(_certificate_rows(record_id, event))
        rows[EDGE].extend(edge_rows(record_id, event))
        rows[VOID].extend(void_rows(record_id, event))
    for table, own in rows.items():
        if own:
            connection.execute(insert(table), own)


def _event_row(entry: Entry, payload: Mapping[str, Any], event: Event) -> dict[str, Any]:
    return {
        "record_id": entry.record_id,
        "document_id": UUID(payload["document"]),
        "event_id": event.event_id,
        "type": event.type,
        "action": event.action,
        "event_time": event.event_time,
        "time_offset": event.offset,
        "biz_step": event.biz_step,
        "disposition": event.disposition,
        "read_point": event.read_point,
        "biz_location": event.biz_location,
        "transformation_id": event.body.get("transformationID"),
        "declares_error": "errorDeclaration" in event.body,
        "sample": event.body.get(SAMPLE_FIELD) is True,
        "recorded_at": from_text(entry.header["recorded_at"]),
        "region": entry.header["region"],
        "actor": entry.header["actor"],
    }


def _fact_rows(record_id: UUID, event: Event, context: Any) -> Iterator[dict[str, Any]]:
    for position, fact in enumerate(facts_of(event.body, context)):
        yield {
            "record_id": record_id,
            "position": position,
            "family": fact.family,
            "name": fact.name,
            "key": fact.key,
            "text": fact.text,
            "number": fact.number,
            "instant": fact.instant,
        }


def _item_rows(record_id: UUID, event: Event) -> Iterator[dict[str, Any]]:
    for position, item in enumerate(event.items):
        yield {
            "record_id": record_id,
            "position": position,
            "role": item.role,
            "key": item.key,
            "lot_key": lot_of(item, event),
            "quantity": item.quantity,
            "uom": item.uom,
            "is_class": item.is_class,
        }


def _certificate_rows(record_id: UUID, event: Event) -> Iterator[dict[str, Any]]:
    told = event.body.get(CERTIFICATE_FIELD)
    number = told.get("lm:number") if isinstance(told, Mapping) else None
    if isinstance(number, str) and number:
        product = str(told.get("lm:product", number)) if isinstance(told, Mapping) else number
        yield _name_row(record_id, "", "certificate", number, product)


def _name_row(record_id: UUID, language: str, kind: str, code: str, name: str) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "language": language,
        "kind": kind,
        "code": code,
        "name": name,
        "initials": initials(name),
    }


def _vocabulary_names(record_id: UUID, element: VocabularyElement) -> Iterator[dict[str, Any]]:
    kind = _KINDS.get(element.id.partition("/")[0], "thing")
    for language, name in describe(element.id, element.attributes).names.items():
        yield _name_row(record_id, language, kind, element.id, name)


def _child_rows(record_id: UUID, element: VocabularyElement) -> Iterator[dict[str, Any]]:
    for child in dict.fromkeys(canonical(each) for each in element.body.get("children", ())):
        yield {"record_id": record_id, "child": child, "parent": element.id}


def _project_vocabulary(connection: Connection, entries: Sequence[Entry]) -> None:
    rows: list[dict[str, Any]] = []
    children: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    for entry in entries:
        if entry.payload is None:
            continue
        element = read_vocabulary_element(entry.payload["type"], entry.payload["element"])
        rows.append(
            {
                "record_id": entry.record_id,
                "document_id": UUID(entry.payload["document"]),
                "type": element.type,
                "key": element.id,
                "attributes": dict(element.attributes),
                "sample": element.attributes.get(SAMPLE_ATTRIBUTE) in {True, "true"},
            }
        )
        names.extend(_vocabulary_names(entry.record_id, element))
        children.extend(_child_rows(entry.record_id, element))
    for table, found in ((VOCABULARY, rows), (CHILD, children), (NAME, names)):
        if found:
            connection.execute(insert(table), found)


PROJECTIONS = (
    Projection(EVENT_KIND, _OF_EVENTS, _project_events),
    Projection(VOCABULARY_KIND, (VOCABULARY, CHILD, NAME), _project_vocabulary),
)
