"""Documents read piece by piece say what they say read whole, however they are cut."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.domains.brand.model.events import EVENTS, document

from longmai.domains.brand.model.epcis import json_stream as json_stream_module
from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.epcis.json_stream import JsonSplitter
from longmai.domains.brand.model.epcis.stream import read_events, read_frame
from longmai.domains.brand.model.epcis.xml_write import write_document
from longmai.kernel.errors import Invalid, InvalidMany

TIMES = {"eventTime": "2025-10-01T08:00:00+08:00", "eventTimeZoneOffset": "+08:00"}


def cut(text: bytes, size: int) -> Callable[[], Iterable[bytes]]:
    """Return what gives a text in pieces, again and again."""
    return lambda: [text[i : i + size] for i in range(0, len(text), size)]


def streamed(text: bytes, size: int) -> tuple[list[Any], list[str]]:
    """Return the events of a text in pieces, without their contexts, and what is wrong."""
    frame = read_frame(cut(text, size))
    events, faults = [], []
    for each in read_events(cut(text, size), frame):
        faults += [str(fault) for fault in each.faults]
        if each.event is not None:
            events.append({k: v for k, v in each.event.body.items() if k != "@context"})
    assert len(events) + len({f.partition("]")[0] for f in faults}) == frame.events
    return events, faults


@settings(max_examples=60)
@given(st.lists(EVENTS, min_size=1, max_size=4), st.integers(1, 200), st.booleans())
def test_pieces_say_what_the_whole_says(
    events: list[dict[str, Any]], size: int, indented: bool
) -> None:
    """In JSON and in XML; names and strings that look like structure are no structure."""
    body = document(*events)
    text = json.dumps(body, ensure_ascii=False, indent=1 if indented else None).encode()
    assert streamed(text, size) == (events, [])
    xml = write_document(body).encode()
    assert streamed(xml, size) == ([event.body for event in parse_document(xml).events], [])


def _values(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["epcisBody", "eventList", "a"])
    return st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)


_ANY = st.recursive(st.none() | st.booleans() | st.text(max_size=4), _values, max_leaves=8)


@given(
    _ANY | _ANY.map(lambda v: {"a": v, "epcisBody": {"eventList": [v, [], v, {}], "a": v}}),
    st.integers(1, 9),
)
@example({"epcisBody": {"eventList": {}}}, 1)
def test_any_json_is_split_and_put_together_again(value: Any, size: int) -> None:
    """The frame and the events are the document, whatever it is; elsewhere nothing is cut out."""
    text = json.dumps(value).encode()
    splitter = JsonSplitter()
    pieces = [piece.value() for piece in splitter.feed(cut(text, size)())]
    frame = splitter.frame()
    body = value.get("epcisBody") if isinstance(value, dict) else None
    if isinstance(body, dict) and isinstance(body.get("eventList"), list):
        assert pieces == body["eventList"]
        assert frame == {**value, "epcisBody": {**body, "eventList": []}}
    else:
        assert (pieces, frame) == ([], value)


def test_a_bad_event_does_not_end_the_stream() -> None:
    """Its faults have its place; those before and behind it are read."""
    good = {"type": "ObjectEvent", "action": "ADD", "epcList": ["urn:a:1"], **TIMES}
    body = document(good, {**good, "action": "CREATE"}, good)
    for text in (json.dumps(body).encode(), write_document(body).encode()):
        events, faults = streamed(text, 64)
        assert len(events) == 2
        assert faults[0].startswith("epcisBody.eventList[1].action")


def test_a_name_that_stands_twice_in_an_event_is_refused() -> None:
    """With the line of the document."""
    text = json.dumps(document({"type": "ObjectEvent"})).replace(
        '"type": "ObjectEvent"', '\n"type": "ObjectEvent", "type": "ObjectEvent"'
    )
    _, [fault] = streamed(text.encode(), 50)
    assert "a name stands twice" in fault


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[",
        b'{"epcisBody": {"eventList": [{"a": 1}',
        b'{"epcisBody": {"eventList": [{"a": "1}]}}',
        b"\xff\xfe{",
        b'{"epcisBody": {"eventList": [' + b"[" * 70,
        b"<a><b></a>",
        b"<epcis:EPCISDocument xmlns:epcis='urn:epcglobal:epcis:xsd:2'>",
    ],
)
def test_what_is_broken_is_refused(text: bytes) -> None:
    """Before anything of it is taken."""
    with pytest.raises(InvalidMany):
        read_frame(cut(text, 5))


def test_an_event_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused once it is too large."""
    monkeypatch.setattr(json_stream_module, "MAX_EVENT_CHARACTERS", 1000)
    splitter = JsonSplitter()
    start = b'{"epcisBody": {"eventList": [{"a": "'
    with pytest.raises(Invalid, match="too large"):
        list(splitter.feed([start, *[b"x" * 100] * 20]))
