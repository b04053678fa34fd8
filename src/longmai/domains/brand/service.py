"""Use-cases of the brand domain: capture what partners report. Services never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from longmai.domains.brand.model.epcis import Document, Event, VocabularyElement, parse_document
from longmai.domains.brand.model.vocabulary import describe
from longmai.domains.brand.queries import region_of_places
from longmai.domains.brand.tables import EVENT, EVENT_KIND, VOCABULARY_KIND
from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import contains
from longmai.ledger.record import MAX_SUBJECTS, Act
from longmai.portal.rights.model import Scope
from longmai.store.unit_of_work import UnitOfWork

CAPTURE = "brand.capture"
MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
_LOOKUP = 500


@dataclass(frozen=True)
class Receipt:
    """What a capture wrote.

    Attributes:
        document_id: names this capture; ``GET /api/v1/epcis/capture/{id}`` reads it back.
        events: (eventID, record ID) in document order.
        vocabulary: number of master data elements.
        advice: what was taken and should still be looked at.
    """

    document_id: UUID
    events: tuple[tuple[str, UUID], ...]
    vocabulary: int
    advice: tuple[Invalid, ...] = ()


@dataclass(frozen=True)
class Capturer:
    """Who captures, in which house, and when.

    Attributes:
        actor: as the records name them.
        within: the regions that events may be captured in.
        house: code of the house's own region; places outside of it are nobody's region here.
        now: the present instant.
    """

    actor: str
    within: Scope
    house: str
    now: datetime


def capture(work: UnitOfWork, text: str | bytes, by: Capturer) -> Receipt:
    """Capture an EPCIS 2.0 document, whole or not at all.

    Each event becomes a record; one without an eventID is given one. Master data in the header
    becomes records too.

    Raises:
        InvalidMany: the document breaks the standard; a finding for each fault.
        Conflict: an event of this ID was captured before (and is not now declared an error).
        Forbidden: an event happened in a region of this house that is not the capturer's.
    """
    document = parse_document(text)
    document_id = new_id()
    identified = [_identified(event) for event in document.events]
    _refuse_known(work, identified)
    acts = [
        *_vocabulary_acts(document, document_id, by),
        *_event_acts(work, document, identified, document_id, by.actor),
    ]
    _refuse_other_regions(acts, by)
    records = work.ledger.append(acts)[len(document.vocabulary) :]
    ids = [event_id for event_id, _ in identified]
    return Receipt(
        document_id,
        tuple(zip(ids, (record.id for record in records), strict=True)),
        len(document.vocabulary),
        document.advice,
    )


def _identified(event: Event) -> tuple[str, Event]:
    return event.event_id or f"urn:uuid:{new_id()}", event


def _refuse_known(work: UnitOfWork, events: Sequence[tuple[str, Event]]) -> None:
    # An error declaration repeats the ID of the event that it declares to be in error.
    places: dict[str, int] = {}
    for i, (event_id, event) in enumerate(events):
        if "errorDeclaration" in event.body:
            continue
        if event_id in places:
            raise _known(i, event_id, f"it also stands in eventList[{places[event_id]}]")
        places[event_id] = i
    ids = list(places)
    for start in range(0, len(ids), _LOOKUP):
        known = work.connection.scalar(
            select(EVENT.c.event_id).where(EVENT.c.event_id.in_(ids[start : start + _LOOKUP]))
        )
        if known is not None:
            raise _known(places[known], known, "it was captured before")


def _known(index: int, event_id: str, why: str) -> Conflict:
    return Conflict(
        f"an eventID names one event only; {why}",
        code="brand.event.known",
        place=f"epcisBody.eventList[{index}].eventID",
        value=event_id,
        mend="leave the event out, give it an ID of its own, or send an error declaration",
    )


def _refuse_other_regions(acts: Sequence[Act], by: Capturer) -> None:
    for act in acts:
        if act.region and contains(by.house, act.region) and not by.within.covers(act.region):
            raise Forbidden(
                "this place lies outside the regions of your posts",
                code="brand.region",
                place=act.subjects[0],
                value=act.region,
                mend="leave it to those who work there, or ask for a post in that region",
            )


def _vocabulary_acts(document: Document, document_id: UUID, by: Capturer) -> list[Act]:
    return [
        Act(
            kind=VOCABULARY_KIND,
            subjects=[element.id],
            region=_region(element),
            actor=by.actor,
            occurred_at=by.now,
            payload={
                "type": element.type,
                "element": element.body,
                "context": document.context,
                "document": str(document_id),
            },
        )
        for element in document.vocabulary
    ]


def _event_acts(
    work: UnitOfWork,
    document: Document,
    events: Sequence[tuple[str, Event]],
    document_id: UUID,
    actor: str,
) -> list[Act]:
    places = {
        place for _, event in events for place in (event.read_point, event.biz_location) if place
    }
    regions = region_of_places(work.connection, places)
    regions |= {element.id: _region(element) for element in document.vocabulary}
    return [
        Act(
            kind=EVENT_KIND,
            subjects=_subjects(event_id, event),
            region=regions.get(event.read_point or "") or regions.get(event.biz_location or "", ""),
            actor=actor,
            occurred_at=event.event_time,
            payload={
                "event": {"eventID": event_id, **event.body},
                "context": document.context,
                "document": str(document_id),
            },
        )
        for event_id, event in events
    ]


def _subjects(event_id: str, event: Event) -> list[str]:
    # The event, then the wholes it names; its single parts only where they are few.
    wholes = [item.key for item in event.items if item.is_class or item.role == "parent"]
    parts = [item.key for item in event.items]
    keys = [event_id, *dict.fromkeys(wholes + parts)]
    return keys if len(keys) <= MAX_SUBJECTS else keys[:1] + wholes[: MAX_SUBJECTS - 1]


def _region(element: VocabularyElement) -> str:
    return describe(element.id, element.attributes).region
