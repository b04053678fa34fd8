"""Bulk capture: a document of any length, read piece by piece and captured in batches.

All or nothing (``rollback``) is one transaction, and therefore bounded; ``proceed`` takes every
good event, batch by batch through the group commit, and tells of the others.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from longmai.domains.brand.model.epcis.findings import MAX_FINDINGS, refusal
from longmai.domains.brand.model.epcis.stream import (
    Chunks,
    Frame,
    StreamedEvent,
    read_events,
    read_frame,
)
from longmai.domains.brand.service import (
    Capturer,
    Identified,
    Sent,
    known_events,
    take_events,
    take_vocabulary,
)
from longmai.domains.brand.tables import VOCABULARY
from longmai.kernel.errors import Forbidden, Invalid, LongmaiError, TooLarge
from longmai.store.unit_of_work import Store, UnitOfWork

MAX_WHOLE = 20_000
"""Most events that are captured all or nothing: one transaction, which others wait for."""
_BATCH = 500
Progress = Callable[[int, int], None]


@dataclass
class Intake:
    """What came of a capture.

    Attributes:
        document_id: of the capture.
        events: how many the document has.
        taken: how many were captured.
        vocabulary: number of master data elements.
        faults: why the others were not, at most ``MAX_FINDINGS``.
    """

    document_id: UUID
    events: int = 0
    taken: int = 0
    vocabulary: int = 0
    faults: list[LongmaiError] = field(default_factory=list)

    def note(self, faults: Iterable[LongmaiError]) -> None:
        """Keep why events were not taken."""
        self.faults += islice(faults, MAX_FINDINGS - len(self.faults))


def take_in(
    store: Store,
    chunks: Chunks,
    sent_by: tuple[UUID, Capturer],
    *,
    proceed: bool,
    progress: Progress = lambda _done, _total: None,
) -> Intake:
    """Capture a document of any length.

    A capture that was broken off may be done again: what it took before it takes as taken.

    Args:
        store: to capture into.
        chunks: gives the text from its beginning, each time it is called.
        sent_by: ID of the capture, and who captures.
        proceed: take the good events although others are bad; else all or none.
        progress: is told how many events are done, of how many.

    Raises:
        InvalidMany: what surrounds the events breaks the standard; without ``proceed``, also an
            event.
        TooLarge: more events than are captured all or nothing.
        Forbidden: without ``proceed``: of a region that is not the capturer's.
    """
    document_id, by = sent_by
    frame = read_frame(chunks)
    found = Intake(document_id, frame.events, vocabulary=len(frame.document.vocabulary))
    work = _Work(store, chunks, frame, Sent(document_id, frame.document, by), found, progress)
    if proceed:
        work.proceed()
    else:
        work.whole()
    return found


@dataclass(frozen=True)
class _Work:
    store: Store
    chunks: Chunks
    frame: Frame
    sent: Sent
    found: Intake
    progress: Progress

    def whole(self) -> None:
        if self.frame.events > MAX_WHOLE:
            raise TooLarge(
                f"more than {MAX_WHOLE} events are not captured all or nothing",
                code="epcis.capture.limit",
                value=self.frame.events,
                mend="send them with GS1-Capture-Error-Behaviour: proceed, or in parts",
            )
        for batch in self._batches():
            self.found.note(fault for each in batch for fault in each.faults)
        self._refuse_faults()
        # Others wait for this transaction, and so would telling the progress.
        with self.store.begin() as work:
            self._take_vocabulary(work)
            for batch in self._batches(quiet=True):
                self._take(work, batch)
                self._refuse_faults()

    def _refuse_faults(self) -> None:
        if self.found.faults:
            self.found.taken = 0
            raise refusal([_as_invalid(fault) for fault in self.found.faults])

    def proceed(self) -> None:
        self.store.submit(self._take_vocabulary)
        for batch in self._batches():
            self.store.submit(partial(self._take, batch=batch))

    def _batches(self, *, quiet: bool = False) -> Iterator[list[StreamedEvent]]:
        events = read_events(self.chunks, self.frame)
        done = 0
        while batch := list(islice(events, _BATCH)):
            yield batch
            done += len(batch)
            if not quiet:
                self.progress(done, self.frame.events)

    def _take_vocabulary(self, work: UnitOfWork) -> None:
        # Done again after it was broken off, it must not be recorded twice.
        query = select(VOCABULARY.c.record_id).where(
            VOCABULARY.c.document_id == self.sent.document_id
        )
        if work.connection.scalar(query.limit(1)) is None:
            take_vocabulary(work, self.sent)

    def _take(self, work: UnitOfWork, batch: list[StreamedEvent]) -> None:
        self.found.note(fault for each in batch for fault in each.faults)
        events: list[Identified] = [
            (each.index, each.event.event_id or self._id(each.index), each.event)
            for each in batch
            if each.event is not None
        ]
        known = known_events(work, events, self.sent.document_id)
        self.found.note(_twice(i, event_id, known[i]) for i, event_id, _ in events if known.get(i))
        self.found.taken += sum(1 for i, _, _ in events if known.get(i) == "")
        fresh = [each for each in events if each[0] not in known]
        try:
            self.found.taken += len(take_events(work, self.sent, fresh))
        except Forbidden:
            for each in fresh:
                self._take_one(work, each)

    def _take_one(self, work: UnitOfWork, event: Identified) -> None:
        try:
            self.found.taken += len(take_events(work, self.sent, [event]))
        except Forbidden as fault:
            fault.place = f"epcisBody.eventList[{event[0]}]"
            self.found.note([fault])

    def _id(self, index: int) -> str:
        # The same for the same capture: done again, it does not record an event twice.
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{self.sent.document_id}/{index}')}"


def _twice(index: int, event_id: str, why: str) -> Invalid:
    return Invalid(
        f"an eventID names one event only; {why}",
        code="brand.event.known",
        place=f"epcisBody.eventList[{index}].eventID",
        value=event_id,
        mend="leave the event out, give it an ID of its own, or send an error declaration",
    )


def _as_invalid(fault: LongmaiError) -> Invalid:
    if isinstance(fault, Invalid):
        return fault
    return Invalid(
        fault.what, code=fault.code, place=fault.place, value=fault.value, mend=fault.mend
    )
