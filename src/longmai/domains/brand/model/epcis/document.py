"""What a captured EPCIS document says, as values: events, the items they name, master data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from longmai.kernel.errors import Invalid

Role = Literal["epc", "parent", "child", "input", "output"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing, or one quantity of a kind of thing, that an event is about.

    Attributes:
        role: what the event does with it: ``epc`` (object and transaction events), ``parent`` and
            ``child`` (aggregation, association, transaction), ``input`` and ``output``
            (transformation).
        key: canonical GS1 key (see ``model.gs1``), or the URI as captured where it is none.
        quantity: how much; None for a single thing, and where the amount was not stated.
        uom: unit of ``quantity`` (UN/CEFACT Recommendation 20); None: a count of pieces.
        is_class: the key names a kind or a batch, not one thing.
        lot: number of the lot, where the identifier of a single thing carries it.
    """

    role: Role
    key: str
    quantity: Decimal | None = None
    uom: str | None = None
    is_class: bool = False
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One EPCIS event.

    Attributes:
        event_id: the URI the sender gave it, or None.
        type: ``ObjectEvent``, ``AggregationEvent``, ``AssociationEvent``, ``TransactionEvent``,
            ``TransformationEvent``, or the URI of an extension's event type.
        action: ``ADD``, ``OBSERVE``, ``DELETE``; None for a transformation.
        event_time: when it happened, aware, UTC.
        offset: offset of the clock on the wall there, like ``+08:00``.
        biz_step: bare CBV word where it is a CBV term, else the URI; likewise ``disposition``.
        read_point: canonical key or URI; likewise ``biz_location``.
        items: what the event is about, in document order.
        body: the JSON object as captured.
    """

    event_id: str | None
    type: str
    action: str | None
    event_time: datetime
    offset: str
    biz_step: str | None
    disposition: str | None
    read_point: str | None
    biz_location: str | None
    items: tuple[Item, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VocabularyElement:
    """One element of the master data in a document's header.

    Attributes:
        type: URI of the vocabulary, like ``urn:epcglobal:epcis:vtype:Location``.
        id: canonical key or URI of what is described.
        attributes: values by attribute URI; a list where an attribute stands more than once.
        body: the JSON object as captured.
    """

    type: str
    id: str
    attributes: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A valid EPCIS document.

    Attributes:
        events: in document order.
        vocabulary: master data of the header.
        context: the JSON-LD ``@context`` as captured.
        advice: what the standard lets pass and the sender should still look at (a GS1 key with a
            wrong check digit stays the plain URI it was sent as).
    """

    events: tuple[Event, ...]
    vocabulary: tuple[VocabularyElement, ...]
    context: Any
    advice: tuple[Invalid, ...] = ()
