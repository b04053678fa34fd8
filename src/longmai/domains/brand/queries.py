"""Reads of the brand domain: batches, master data, captures."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    cast,
    distinct,
    func,
    or_,
    select,
)

from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.vocabulary import Described, describe
from longmai.domains.brand.model.way import StoredEvent
from longmai.domains.brand.tables import EVENT, ITEM, NAME, VOCABULARY
from longmai.kernel.errors import NotFound
from longmai.store.ledger import RECORD
from longmai.store.reading import chunks
from longmai.store.table_window import Window

SORTS = ("last", "first", "lot", "events")


@dataclass(frozen=True)
class Batch:
    """A batch in the list.

    Attributes:
        key: canonical key of the lot.
        gtin: of the product.
        lot: its number.
        events: how many events name it or things of it.
        first_time: of the first event; ``last_time`` of the newest.
        sample: some of its events are sample data.
    """

    key: str
    gtin: str
    lot: str
    events: int
    first_time: datetime
    last_time: datetime
    sample: bool


@dataclass(frozen=True)
class Capture:
    """What one capture wrote."""

    document_id: UUID
    events: int
    vocabulary: int
    recorded_at: datetime | None


def batches(
    connection: Connection, search: str = "", window: Window | None = None
) -> tuple[int, list[Batch]]:
    """Return the number of batches that match, and one page of them.

    Args:
        connection: to read from.
        search: part of a lot number, a GTIN or a product's name; empty: all.
        window: which of them.
    """
    window = window or Window("last")
    found = _matching(connection, search)
    total = connection.scalar(select(func.count(distinct(ITEM.c.lot_key))).where(*found)) or 0
    first, last = func.min(EVENT.c.event_time), func.max(EVENT.c.event_time)
    events = func.count(distinct(ITEM.c.record_id))
    orders: Mapping[str, ColumnElement[Any]] = {
        "last": last,
        "first": first,
        "lot": ITEM.c.lot_key.expression,
        "events": events,
    }
    query = (
        select(ITEM.c.lot_key, events, first, last, func.max(cast(EVENT.c.sample, Integer)))
        .join(EVENT, EVENT.c.record_id == ITEM.c.record_id)
        .where(*found)
        .group_by(ITEM.c.lot_key)
    )
    rows = connection.execute(window.of(query, orders, ITEM.c.lot_key))
    return total, [_batch(*row) for row in rows]


def _batch(key: str, events: int, first: datetime, last: datetime, sample: int) -> Batch:
    parts = gs1.elements(key)
    return Batch(key, parts["01"], parts["10"], events, first, last, bool(sample))


def _matching(connection: Connection, search: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [ITEM.c.lot_key.is_not(None)]
    text = search.strip()
    if text:
        query = select(NAME.c.code).distinct().where(NAME.c.kind == "product", called(text))
        named = connection.scalars(query).all()
        ways = [ITEM.c.lot_key.icontains(text, autoescape=True)]
        ways += [ITEM.c.lot_key.startswith(f"{key}/", autoescape=True) for key in named]
        conditions.append(or_(*ways))
    return conditions


def called(text: str) -> ColumnElement[bool]:
    """Return the condition that a name or code holds a text, or its pinyin initials do."""
    ways = [column.icontains(text, autoescape=True) for column in (NAME.c.name, NAME.c.code)]
    if text.isascii():
        ways.append(NAME.c.initials.contains(text.lower(), autoescape=True))
    return or_(*ways)


def products(connection: Connection) -> dict[str, Described]:
    """Return what master data says of each product (key ``01/<GTIN>``)."""
    query = select(VOCABULARY).where(VOCABULARY.c.key.startswith("01/"))
    return _described(connection, query)


def described(connection: Connection, keys: Iterable[str]) -> dict[str, Described]:
    """Return what master data says of places, products and parties; the newest word counts."""
    wanted = sorted(set(keys))
    found: dict[str, Described] = {}
    for chunk in chunks(wanted):
        found |= _described(connection, select(VOCABULARY).where(VOCABULARY.c.key.in_(chunk)))
    return found


def _described(connection: Connection, query: Select[Any]) -> dict[str, Described]:
    rows = connection.execute(query.order_by(VOCABULARY.c.record_id))
    return {row.key: describe(row.key, row.attributes, sample=row.sample) for row in rows}


def region_of_places(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """Return the 12-digit region code of each place that master data gives one."""
    return {key: place.region for key, place in described(connection, keys).items() if place.region}


def boxes_of_lot(connection: Connection, lot: str, limit: int) -> list[str]:
    """Return the keys of the single things of a lot, by serial number."""
    query = (
        select(ITEM.c.key)
        .distinct()
        .where(ITEM.c.lot_key == lot, ITEM.c.key.contains("/21/", autoescape=True))
        .order_by(ITEM.c.key)
        .limit(limit)
    )
    return list(connection.scalars(query))


def capture_of(connection: Connection, document_id: UUID) -> Capture:
    """Return what a capture wrote.

    Raises:
        NotFound: there was no such capture.
    """
    events, recorded_at = connection.execute(
        select(func.count(), func.min(EVENT.c.recorded_at)).where(
            EVENT.c.document_id == document_id
        )
    ).one()
    described_things = select(func.count()).where(VOCABULARY.c.document_id == document_id)
    vocabulary = connection.scalar(described_things) or 0
    if not events and not vocabulary:
        raise NotFound("no such capture", code="brand.capture", value=str(document_id))
    return Capture(document_id, events, vocabulary, recorded_at)


def has_sample(connection: Connection) -> bool:
    """Tell whether the store holds sample events."""
    query = select(EVENT.c.record_id).where(EVENT.c.sample.is_(True)).limit(1)
    return connection.scalar(query) is not None


def has_events(connection: Connection, keys: Sequence[str]) -> bool:
    """Tell whether any event names one of these keys."""
    query = select(ITEM.c.record_id).where(or_(ITEM.c.key.in_(keys), ITEM.c.lot_key.in_(keys)))
    return connection.scalar(query.limit(1)) is not None


class SqlEvents:
    """Captured events, looked up for a trace (``model.trace.Events``)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def touching(self, keys: Collection[str]) -> Iterator[StoredEvent]:
        """Return the events that name one of the keys, or a thing of a lot among them."""
        found: set[UUID] = set()
        for chunk in chunks(keys):
            # Two look-ups, one an index: SQLite would scan the table for an OR over both.
            for column in (ITEM.c.key, ITEM.c.lot_key):
                query = select(ITEM.c.record_id).where(column.in_(chunk))
                found.update(self._connection.scalars(query))
        yield from self.stored(found)

    def of_transformations(self, ids: Collection[str]) -> Iterator[StoredEvent]:
        """Return the transformation events that carry one of these transformation IDs."""
        for chunk in chunks(ids):
            query = select(EVENT.c.record_id).where(EVENT.c.transformation_id.in_(chunk))
            yield from self.stored(self._connection.scalars(query).all())

    def naming(self, key: str) -> Iterator[StoredEvent]:
        """Return the events that name a key itself, not the things of a lot."""
        query = select(ITEM.c.record_id).where(ITEM.c.key == key)
        yield from self.stored(set(self._connection.scalars(query)))

    def stored(self, record_ids: Collection[UUID]) -> Iterator[StoredEvent]:
        """Return events by their records; what the payload does not hold any more is left out."""
        for chunk in chunks(record_ids):
            items: dict[UUID, list[Item]] = {}
            named = select(ITEM).where(ITEM.c.record_id.in_(chunk)).order_by(ITEM.c.position)
            for row in self._connection.execute(named):
                items.setdefault(row.record_id, []).append(_item(row))
            wanted = (
                select(EVENT, RECORD.c.payload)
                .join(RECORD, RECORD.c.id == EVENT.c.record_id)
                .where(EVENT.c.record_id.in_(chunk))
            )
            rows = self._connection.execute(wanted).all()
            wrong = self._in_error([row.event_id for row in rows])
            for row in rows:
                yield _stored_event(row, items.get(row.record_id, []), row.event_id in wrong)

    def _in_error(self, event_ids: Sequence[str]) -> set[str]:
        query = select(EVENT.c.event_id).where(
            EVENT.c.event_id.in_(event_ids), EVENT.c.declares_error.is_(True)
        )
        return set(self._connection.scalars(query))


def _item(row: Row[Any]) -> Item:
    beside = row.lot_key is not None and not row.is_class
    lot = gs1.elements(row.lot_key)["10"] if beside else None
    return Item(row.role, row.key, row.quantity, row.uom, is_class=row.is_class, lot=lot)


def _stored_event(row: Row[Any], items: Sequence[Item], in_error: bool) -> StoredEvent:
    # The columns are what pages show and what the browser holds against the proven payload.
    return StoredEvent(
        row.record_id,
        Event(
            event_id=row.event_id,
            type=row.type,
            action=row.action,
            event_time=row.event_time,
            offset=row.time_offset,
            biz_step=row.biz_step,
            disposition=row.disposition,
            read_point=row.read_point,
            biz_location=row.biz_location,
            items=tuple(items),
            body=_body(row.payload),
        ),
        in_error,
    )


def _body(payload: bytes | None) -> Mapping[str, Any]:
    # A payload changed by hand may not be JSON any more; the page then shows it red, not broken.
    try:
        body = json.loads(payload or b"{}").get("event", {})
    except (ValueError, AttributeError):
        return {}
    return body if isinstance(body, Mapping) else {}
