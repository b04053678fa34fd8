"""Documents of any length: read piece by piece, checked event by event.

A document is read twice: first its frame (context, header, how many events), then the events with
what the frame declares. Memory holds one event and the frame.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from longmai.domains.brand.model.epcis.check import Reading
from longmai.domains.brand.model.epcis.context import Context, read_context
from longmai.domains.brand.model.epcis.document import Document, Event
from longmai.domains.brand.model.epcis.findings import Findings, TooMany, refusal
from longmai.domains.brand.model.epcis.json_stream import JsonSplitter
from longmai.domains.brand.model.epcis.read import check_document, check_one_event
from longmai.domains.brand.model.epcis.values import Extraction
from longmai.domains.brand.model.epcis.xml_read import DocumentReader, is_in_event_list
from longmai.domains.brand.model.epcis.xml_text import Element, XmlReader, is_xml
from longmai.kernel.errors import Invalid, InvalidMany

Chunks = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Frame:
    """A document without its events.

    Attributes:
        document: what it says beside them: context, master data.
        events: how many events follow.
        single: the document is one event by itself.
    """

    document: Document
    events: int
    single: bool = False


def read_frame(chunks: Chunks) -> Frame:
    """Read a document as far as it is not events.

    Args:
        chunks: gives the text from its beginning, each time it is called.

    Raises:
        InvalidMany: the frame breaks the standard.
    """
    try:
        first, text = _opened(chunks)
        body, reading, lines, count = _xml_frame(text) if is_xml(first) else _json_frame(text)
    except Invalid as fault:
        raise fault if isinstance(fault, InvalidMany) else refusal([fault]) from None
    if not (isinstance(body, Mapping) and "epcisBody" in body):
        return Frame(check_document(body, reading, lines), 1, single=True)
    return Frame(check_document(body, reading, lines), count)


@dataclass(frozen=True)
class StreamedEvent:
    """One event of a stream: the event, or what is wrong with it."""

    index: int
    event: Event | None
    faults: tuple[Invalid, ...] = ()


def read_events(chunks: Chunks, frame: Frame) -> Iterator[StreamedEvent]:
    """Yield the events of a document one by one; a bad one does not end the stream.

    Raises:
        InvalidMany: the text itself is broken.
    """
    if frame.single:
        yield StreamedEvent(0, frame.document.events[0])
        return
    checker = _Checker(frame.document.context)
    try:
        first, text = _opened(chunks)
        yield from checker.xml(text) if is_xml(first) else checker.json(text)
    except Invalid as fault:
        raise fault if isinstance(fault, InvalidMany) else refusal([fault]) from None


def _opened(chunks: Chunks) -> tuple[bytes, Iterator[bytes]]:
    text = iter(chunks())
    first = next(text, b"")
    return first, chain([first], text)


_Told = tuple[Any, Reading, Mapping[str, int], int]


def _json_frame(text: Iterable[bytes]) -> _Told:
    splitter = JsonSplitter()
    count = sum(1 for _ in splitter.feed(text))
    return splitter.frame(), Reading(), {}, count


def _xml_frame(text: Iterable[bytes]) -> _Told:
    reader = XmlReader(is_in_event_list)
    count = sum(1 for chunk in text for _ in reader.feed(chunk))
    found = DocumentReader(reader.close(), reader.prefixes, lines=True)
    body = found.document() if found.is_document else found.bare_event()
    if count and not body.get("epcisBody"):
        body["epcisBody"] = {"eventList": []}
    events = found.events
    return body, Reading(events.findings, advice=events.advice), events.lines or {}, count


class _Checker:
    def __init__(self, context: Any) -> None:
        self._outer = read_context(context, "@context", Context(), Findings())

    def json(self, text: Iterable[bytes]) -> Iterator[StreamedEvent]:
        for index, piece in enumerate(JsonSplitter().feed(text)):
            try:
                yield self._checked(index, piece.value(), Findings(), {})
            except Invalid as fault:
                yield StreamedEvent(index, None, (fault,))

    def xml(self, text: Iterable[bytes]) -> Iterator[StreamedEvent]:
        reader = XmlReader(is_in_event_list)
        document: DocumentReader | None = None
        index = 0
        for chunk in text:
            for element in reader.feed(chunk):
                if document is None and reader.root is not None:
                    document = DocumentReader(reader.root, reader.prefixes, lines=True)
                if document is not None:
                    yield self._element(index, element, document)
                index += 1

    def _element(self, index: int, element: Element, document: DocumentReader) -> StreamedEvent:
        place = _place(index)
        events = replace(document.events, findings=Findings(), lines={})
        try:
            body = events.event(element, place)
        except TooMany as many:
            return StreamedEvent(index, None, tuple(many.faults))
        context = document.context()
        if len(context) > 1:
            # What no event before it used may not be in the frame's context yet.
            body = {"@context": context[1:], **body}
        return self._checked(index, body, events.findings, events.lines or {})

    def _checked(
        self, index: int, body: Any, findings: Findings, lines: Mapping[str, int]
    ) -> StreamedEvent:
        place = _place(index)
        reading = Reading(findings, self._outer)
        with suppress(TooMany):
            check_one_event(reading, body, place)
        if reading.findings.faults:
            reading.findings.tell_lines(lines)
            return StreamedEvent(index, None, tuple(reading.findings.faults))
        return StreamedEvent(index, Extraction(reading.advice).event(body, place))


def _place(index: int) -> str:
    return f"epcisBody.eventList[{index}]"
