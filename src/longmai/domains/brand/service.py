"""Use-cases of the brand domain: capture what partners report. Services never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
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
from longmai.store.reading import chunks
from longmai.store.unit_of_work import UnitOfWork

CAPTURE = "brand.capture"
QUERY = "brand.query"
MAX_DOCUMENT_BYTES = 32 * 1024 * 1024


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
    """Capture an EPCIS document (JSON-LD 2.0, XML 1.2 or 2.0), whole or not at all.

    Each event becomes a record; one without an eventID is given one. Master data in the header
    becomes records too.

    Raises:
        InvalidMany: the document breaks the standard; a finding for each fault.
        Conflict: an event of this ID was captured before (and is not now declared an error).
        Forbidden: an event happened in a region of this house that is not the capturer's.
    """
    document = parse_document(text)
    sent = Sent(new_id(), document, by)
    identified = [(i, _identified(event), event) for i, event in enumerate(document.events)]
    known = known_events(work, identified)
    for index, event_id, _ in identified:
        if index in known:
            raise _known(index, event_id, known[index])
    take_vocabulary(work, sent)
    taken = take_events(work, sent, identified)
    return Receipt(sent.document_id, taken, len(document.vocabulary), document.advice)


@dataclass(frozen=True)
class Sent:
    """A document that somebody sends: what it says beside its events, who sends it."""

    document_id: UUID
    document: Document
    by: Capturer

    @cached_property
    def regions(self) -> dict[str, str]:
        """Return the region of each place that its master data gives one."""
        return {element.id: _region(element) for element in self.document.vocabulary}


Identified = tuple[int, str, Event]
"""Place in the list of events, ID, event."""


def take_vocabulary(work: UnitOfWork, sent: Sent) -> None:
    """Record the master data of a document.

    Raises:
        Forbidden: of a region of this house that is not the capturer's.
    """
    acts = _vocabulary_acts(sent)
    _refuse_other_regions(acts, sent.by)
    work.ledger.append(acts)


def take_events(
    work: UnitOfWork, sent: Sent, events: Sequence[Identified]
) -> tuple[tuple[str, UUID], ...]:
    """Record events that are not known; return (eventID, record ID) of each.

    Raises:
        Forbidden: one happened in a region of this house that is not the capturer's.
    """
    acts = _event_acts(work, sent, events)
    _refuse_other_regions(acts, sent.by)
    records = work.ledger.append(acts)
    ids = [event_id for _, event_id, _ in events]
    return tuple(zip(ids, (record.id for record in records), strict=True))


def _identified(event: Event) -> str:
    return event.event_id or f"urn:uuid:{new_id()}"


def known_events(
    work: UnitOfWork, events: Sequence[Identified], document_id: UUID | None = None
) -> dict[int, str]:
    """Return why an event cannot be captured once more, by its place; of those that cannot.

    An error declaration repeats the ID of the event that it declares to be in error.

    Args:
        work: to look it up in.
        events: what is to be captured.
        document_id: what this document itself brought is told as ``""``.
    """
    places: dict[str, int] = {}
    found: dict[int, str] = {}
    for index, event_id, event in events:
        if "errorDeclaration" in event.body:
            continue
        if event_id in places:
            found[index] = f"it also stands in eventList[{places[event_id]}]"
        else:
            places[event_id] = index
    for chunk in chunks(places):
        query = select(EVENT.c.event_id, EVENT.c.document_id)
        for row in work.connection.execute(query.where(EVENT.c.event_id.in_(chunk))):
            own = row.document_id == document_id
            found[places[row.event_id]] = "" if own else "it was captured before"
    return found


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


def _vocabulary_acts(sent: Sent) -> list[Act]:
    return [
        Act(
            kind=VOCABULARY_KIND,
            subjects=[element.id],
            region=_region(element),
            actor=sent.by.actor,
            occurred_at=sent.by.now,
            payload={
                "type": element.type,
                "element": element.body,
                "context": sent.document.context,
                "document": str(sent.document_id),
            },
        )
        for element in sent.document.vocabulary
    ]


def _event_acts(work: UnitOfWork, sent: Sent, events: Sequence[Identified]) -> list[Act]:
    places = {
        place for _, _, event in events for place in (event.read_point, event.biz_location) if place
    }
    regions = region_of_places(work.connection, places) | sent.regions
    return [
        Act(
            kind=EVENT_KIND,
            subjects=_subjects(event_id, event),
            region=regions.get(event.read_point or "") or regions.get(event.biz_location or "", ""),
            actor=sent.by.actor,
            occurred_at=event.event_time,
            payload={
                "event": {"eventID": event_id, **event.body},
                "context": sent.document.context,
                "document": str(sent.document_id),
            },
        )
        for _, event_id, event in events
    ]


def _subjects(event_id: str, event: Event) -> list[str]:
    # The event, then the wholes it names; its single parts only where they are few.
    wholes = [item.key for item in event.items if item.is_class or item.role == "parent"]
    parts = [item.key for item in event.items]
    keys = [event_id, *dict.fromkeys(wholes + parts)]
    return keys if len(keys) <= MAX_SUBJECTS else keys[:1] + wholes[: MAX_SUBJECTS - 1]


def _region(element: VocabularyElement) -> str:
    return describe(element.id, element.attributes).region
