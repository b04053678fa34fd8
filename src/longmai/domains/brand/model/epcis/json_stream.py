"""A JSON document read piece by piece: its events one by one, and what is around them.

The events are cut out of the text and read like any JSON text here (``read_json``): a name that
stands twice, or a number no other reader takes, is refused, which a general streaming parser would
not notice. Only one event at a time is in memory, and the frame of the document.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from longmai.domains.brand.model.epcis.json_text import MAX_DEPTH, read_json
from longmai.kernel.errors import Invalid

MAX_FRAME_CHARACTERS = 32 * 1024 * 1024
MAX_EVENT_CHARACTERS = 32 * 1024 * 1024
# A complete string, or a sign of structure; a string without its end is waited for.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|["\[\]{},:]', re.DOTALL)
# The next bracket that stands in no string, with all before it.
_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]|\\.)*+")*+([\[\]{}])', re.DOTALL)
_WAY = ("epcisBody", "eventList")
_SIGNS = ["{", "{", "["]


@dataclass(frozen=True, slots=True)
class Piece:
    """An event as text, with the line it begins in."""

    text: str
    line: int

    def value(self) -> Any:
        """Return it as JSON.

        Raises:
            Invalid: it is none; the line is that of the document.
        """
        try:
            return read_json(self.text)
        except Invalid as fault:
            raise Invalid(
                fault.what,
                code=fault.code,
                place=f"line {self.line} and on: {fault.place or 'event'}",
                value=fault.value,
                mend=fault.mend,
            ) from None


class JsonSplitter:
    """Splits a document into events and its frame.

    >>> splitter = JsonSplitter()
    >>> document = b'{"type": "D", "epcisBody": {"eventList": [{"a": 1}, {"b": [2]}]}, "x": 3}'
    >>> [piece.text for piece in splitter.feed([document[:50], document[50:]])]
    ['{"a": 1}', '{"b": [2]}']
    >>> splitter.frame()
    {'type': 'D', 'epcisBody': {'eventList': []}, 'x': 3}
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._frame: list[str] = []
        self._frame_size = 0
        self._buffer = ""
        self._line = 1
        self._stack: list[str] = []  # signs that are open
        self._keys: list[str] = []  # the name each open object or list stands under
        self._key = ""  # the last string, at the two outermost levels
        self._start = -1  # where the event in the buffer begins; -1: in none

    def feed(self, chunks: Iterable[bytes]) -> Iterator[Piece]:
        """Read on, and yield the events that are complete.

        Raises:
            Invalid: not UTF-8, too deep, or an event or the frame is larger than we take.
        """
        for chunk in chunks:
            yield from self._read(self._decoded(chunk, final=False))
        yield from self._read(self._decoded(b"", final=True), final=True)

    def frame(self) -> Any:
        """Return the document without its events.

        Raises:
            Invalid: it is not JSON.
        """
        return read_json("".join(self._frame))

    def _decoded(self, chunk: bytes, *, final: bool) -> str:
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise Invalid(
                "the document is not UTF-8 text",
                code="epcis.encoding",
                place=f"line {self._line} and on",
                value=chunk[error.start : error.start + 8],
                mend="save it as UTF-8",
            ) from None

    def _read(self, text: str, *, final: bool = False) -> Iterator[Piece]:
        self._buffer += text
        position = kept = 0
        while True:
            # In an event only what opens and closes counts.
            find = _BRACKET.match if self._start >= 0 else _TOKEN.search
            match = find(self._buffer, position)
            if match is None:
                break
            sign, start, end = match[match.lastindex or 0], match.end() - 1, match.end()
            if sign == '"' and not final:
                break  # its end is yet to come
            position = end
            if len(sign) > 1:
                if len(self._stack) <= len(_WAY):
                    self._key = sign[1:-1]
                continue
            kept, piece = self._take(sign, start, kept)
            if piece is not None:
                yield self._piece(piece)
        self._forget(len(self._buffer) if final else position, kept)

    def _take(self, sign: str, start: int, kept: int) -> tuple[int, str | None]:
        """Follow a sign of structure.

        Return from where on the text is not given away yet, and what stood in the list of events.
        """
        if sign in "{[":
            if self._start < 0 and self._in_list():
                self._keep(self._buffer[kept:start])
                self._start = start
            self._open(sign)
            if self._start < 0 and self._in_list():
                self._keep(self._buffer[kept : start + 1])
                return start + 1, None
        elif self._start < 0 and self._in_list():
            # A comma between events, or the end of the list; what is no object came before it.
            alone = self._buffer[kept:start].strip()
            if sign == "]":
                self._close()
                return (start, alone) if alone else (kept, None)
            if alone or sign == ",":
                return start + 1, alone or None
        elif sign in "}]":
            self._close()
            if self._start >= 0 and self._in_list():
                event = self._buffer[self._start : start + 1]
                self._start = -1
                return start + 1, event
        return kept, None

    def _forget(self, position: int, kept: int) -> None:
        if self._start < 0 and not self._in_list():
            self._keep(self._buffer[kept:position])
            self._buffer = self._buffer[position:]
        elif self._start < 0:
            self._buffer = self._buffer[kept:]
        else:
            # An event that is not complete is looked at again from its beginning.
            self._buffer = self._buffer[self._start :]
            self._start = -1
            while len(self._stack) > len(_WAY) + 1:
                self._close()
        if len(self._buffer) > MAX_EVENT_CHARACTERS:
            raise Invalid("an event is too large", code="epcis.size", place=f"line {self._line}")

    def _in_list(self) -> bool:
        return self._stack == _SIGNS and tuple(self._keys[1:]) == _WAY

    def _open(self, sign: str) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise Invalid(
                f"objects and lists are nested more than {MAX_DEPTH} deep",
                code="epcis.depth",
                place=f"line {self._line} and on",
                mend="flatten the document",
            )
        self._stack.append(sign)
        self._keys.append(self._key)

    def _close(self) -> None:
        if self._stack:
            self._stack.pop()
            self._keys.pop()

    def _piece(self, text: str) -> Piece:
        piece = Piece(text, self._line)
        self._line += text.count("\n")
        return piece

    def _keep(self, text: str) -> None:
        self._line += text.count("\n")
        self._frame.append(text)
        self._frame_size += len(text)
        if self._frame_size > MAX_FRAME_CHARACTERS:
            raise Invalid(
                "the document is too large beside its events",
                code="epcis.size",
                mend="send master data in documents of its own",
            )
