"""A whole log read from its files, as the audit reads a log; nothing is held but a bundle."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from longmai.kernel.clock import from_text, to_text
from longmai.kernel.errors import Invalid, NotFound
from longmai.ledger.erasure import ERASED_KIND
from longmai.ledger.findings import StoredLeaf
from longmai.ledger.merkle import HASH_BYTES, TILE_WIDTH
from longmai.ledger.note import VerifierKey
from longmai.ledger.rotation import ROTATED_KIND
from longmai.ledger.tiles import entries_path, tile_path, tiles_of
from longmai.store.archive import CONTENT, ENTRY, FOLDER, FORMAT, content_file

_COUNTS = ("size", "waiting", "checkpoints", "receipts")
# What a file turns into that is not what it should be.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class ArchivedLog:
    """The folder that ``store.archive`` wrote.

    Raises (all methods):
        NotFound: a file is not there.
        Invalid: a file is torn, or is not one of an archive; names it.
    """

    folder: Path

    @cached_property
    def about(self) -> dict[str, int]:
        """How many records, waiting ones, checkpoints and receipts there are."""
        file = self.folder / FOLDER / "archive.json"
        try:
            told = json.loads(_bytes(file))
            if told["format"] != FORMAT:
                raise ValueError(FORMAT)
            return {name: int(told[name]) for name in _COUNTS}
        except DAMAGE:
            raise torn(file) from None

    @cached_property
    def size(self) -> int:
        """Number of records that have their place."""
        return self.about["size"]

    def keys(self) -> list[VerifierKey]:
        """Return the keys that rotations replaced, oldest first."""
        payloads = (leaf.payload for leaf in self._of_kind(ROTATED_KIND))
        return [VerifierKey.parse(json.loads(each or b"{}")["from"]) for each in payloads]

    def erased(self) -> frozenset[str]:
        """Return the records that an erasure names."""
        return frozenset(
            subject for leaf in self._of_kind(ERASED_KIND) for subject in leaf.subjects
        )

    def leaves(self, first: int = 0) -> Iterator[StoredLeaf]:
        """Yield the leaves from an index on, by leaf index."""
        for index in range(first // TILE_WIDTH, -(-self.size // TILE_WIDTH)):
            for leaf in self._bundle(index):
                if leaf.leaf_index >= first:
                    yield leaf

    def read_tile(self, level: int, index: int) -> bytes:
        """Return a tile's hashes; empty where there is none."""
        width = min(TILE_WIDTH, (self.size >> 8 * level) - index * TILE_WIDTH)
        if width <= 0:
            return b""
        file = self.folder / tile_path(level, index, width)
        hashes = _bytes(file)
        if len(hashes) != width * HASH_BYTES:
            raise torn(file)
        return hashes

    def tile_places(self) -> Iterator[tuple[int, int]]:
        """Yield (level, index) of all tiles."""
        for level, index, _ in tiles_of(self.size):
            yield level, index

    def checkpoints(self) -> Iterator[tuple[int, str, str]]:
        """Yield (size, signed note, time it is kept as published at) by size."""
        for told in self.lines("checkpoints", dict):
            try:
                yield int(told["size"]), str(told["note"]), to_text(from_text(told["published_at"]))
            except (*DAMAGE, Invalid):
                raise torn(self.folder / FOLDER / "checkpoints.jsonl") from None

    def receipts(self) -> Iterator[tuple[int, str, bytes]]:
        """Yield (size, our checkpoint of it, JSON of its proof in the logs above) by size."""
        notes = {size: note for size, note, _ in self.checkpoints()}
        for told in self.lines("receipts", dict):
            if told.get("chain") is not None:
                yield told["size"], notes.get(told["size"], ""), str(told["chain"]).encode()

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: files hold no record beside the log but those that wait."""
        yield from ()

    def lines(self, name: str, made: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
        """Yield what ``made`` makes of each line of a file of lines."""
        file = self.folder / FOLDER / f"{name}.jsonl"
        lines = _bytes(file).splitlines()
        if len(lines) != self.about[name]:
            raise torn(file)
        for line in lines:
            try:
                yield made(json.loads(line))
            except DAMAGE:
                raise torn(file) from None

    def _of_kind(self, kind: str) -> Iterator[StoredLeaf]:
        # Headers are canonical, so a kind stands in them in one way only.
        mark = f'"kind":"{kind}"'.encode()
        for index in range(-(-self.size // TILE_WIDTH)):
            if mark in _bytes(self._entries_file(index)):
                yield from (leaf for leaf in self._bundle(index) if leaf.columns["kind"] == kind)

    def _width(self, index: int) -> int:
        return min(TILE_WIDTH, self.size - index * TILE_WIDTH)

    def _entries_file(self, index: int) -> Path:
        return self.folder / entries_path(index, self._width(index))

    def _bundle(self, index: int) -> Iterator[StoredLeaf]:
        first = index * TILE_WIDTH
        pairs = zip(self._entries(index), self._contents(index), strict=True)
        for number, (header, (payload, salt)) in enumerate(pairs, first):
            yield leaf_of(number, header, payload, salt, f"{self.folder}, leaf {number}")

    def _entries(self, index: int) -> Iterator[bytes]:
        file = self._entries_file(index)
        data, at = _bytes(file), 0
        for _ in range(self._width(index)):
            head = data[at : at + ENTRY.size]
            end = at + ENTRY.size + (ENTRY.unpack(head)[0] if len(head) == ENTRY.size else 0)
            if len(head) < ENTRY.size or end > len(data):
                raise torn(file)
            yield data[at + ENTRY.size : end]
            at = end
        if at != len(data):
            raise torn(file)

    def _contents(self, index: int) -> Iterator[tuple[bytes | None, bytes | None]]:
        file = content_file(self.folder / FOLDER, index)
        data, at = _bytes(file), 0
        for _ in range(self._width(index)):
            if at + CONTENT.size > len(data):
                raise torn(file)
            there, salt, length = CONTENT.unpack_from(data, at)
            at += CONTENT.size
            if at + length > len(data):
                raise torn(file)
            yield (data[at : at + length], salt) if there else (None, None)
            at += length
        if at != len(data):
            raise torn(file)


def leaf_of(
    number: int, header: bytes, payload: bytes | None, salt: bytes | None, place: str
) -> StoredLeaf:
    """Return a record as the audit sees it, its columns taken from its header.

    Raises:
        Invalid: the header is damaged.
    """
    try:
        fields = json.loads(header)
        columns = {name: str(fields[name]) for name in ("id", "kind", "region")}
        subjects = [str(subject) for subject in dict.fromkeys(fields["subjects"])]
    except DAMAGE:
        raise Invalid(
            "the header of this record is damaged", code="archive.header", place=place
        ) from None
    return StoredLeaf(number, columns["id"], header, payload, salt, columns, subjects, fields)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(
            "a file of the archive cannot be read",
            code="archive.file",
            place=str(file),
            value=error.strerror,
            mend="export the whole log anew: longmai ledger export --whole",
        ) from None


def torn(file: Path) -> Invalid:
    """Return the error that a file of the archive is damaged."""
    return Invalid(
        "this file is torn, or is not one of this archive",
        code="archive.file",
        place=str(file),
        mend="export the whole log anew: longmai ledger export --whole",
    )
