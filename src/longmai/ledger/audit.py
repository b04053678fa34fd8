"""Audit: everything the log claims, computed again from the records as they are stored.

One pass over the leaves, with a few tiles in memory. Each finding names the record, the tile or
the checkpoint, and says what is wrong in words.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from longmai.kernel.errors import Invalid, LongmaiError
from longmai.ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_WIDTH,
    TileReader,
    hash_leaf,
    hash_node,
)
from longmai.ledger.note import VerifierKey, open_note, parse_checkpoint
from longmai.ledger.provider import digest, second_hash
from longmai.ledger.record import second_commitments


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf as it is stored; ``header`` is None where the record's row is gone.

    Attributes:
        columns: copies of header fields that the storage keeps for searching.
        subjects: the storage's index of subjects, in any order.
    """

    leaf_index: int
    record_id: UUID
    header: bytes | None
    payload: bytes | None
    salt: bytes | None
    columns: Mapping[str, Any]
    subjects: Sequence[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the log says.

    Attributes:
        code: machine-readable kind of finding.
        what: in words.
        leaf_index: of the record concerned, if one is.
        record_id: of the record concerned, if one is.
        place: of the tile or checkpoint concerned, if one is.
    """

    code: str
    what: str
    leaf_index: int | None = None
    record_id: UUID | None = None
    place: str | None = None

    def __str__(self) -> str:
        where = [f"record {self.record_id}"] if self.record_id else []
        where += [f"leaf {self.leaf_index}"] if self.leaf_index is not None else []
        where += [self.place] if self.place else []
        return f"{', '.join(where) or 'log'}: {self.what}"


class AuditedLog(TileReader, Protocol):
    """What the audit reads, in one consistent snapshot."""

    def leaves(self) -> Iterator[StoredLeaf]:
        """Yield the leaves by leaf index."""
        ...

    def tile_places(self) -> Iterator[tuple[int, int]]:
        """Yield (level, index) of all stored tiles."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Yield (size, signed note) by size."""
        ...

    def erased(self) -> Collection[UUID]:
        """Return the records that an erasure names."""
        ...

    def strays(self) -> Iterator[tuple[UUID, str]]:
        """Yield records that neither stand in the log nor wait rightly, and why."""
        ...


@dataclass
class _Tree:
    """The tree computed anew: the open tile of each level; full tiles are compared and dropped."""

    stored: TileReader
    open_tiles: list[list[bytes]] = field(default_factory=list)
    first_of_tile: list[int] = field(default_factory=list)
    places: set[tuple[int, int]] = field(default_factory=set)

    def add(self, level: int, node: bytes) -> Iterator[Finding]:
        if level == len(self.open_tiles):
            self.open_tiles.append([])
            self.first_of_tile.append(0)
        tile = self.open_tiles[level]
        tile.append(node)
        if len(tile) == TILE_WIDTH:
            yield from self._compare(level)
            self.first_of_tile[level] += 1
            self.open_tiles[level] = []
            yield from self.add(level + 1, _root_of(tile))

    def finish(self) -> Iterator[Finding]:
        for level, tile in enumerate(self.open_tiles):
            if tile:
                yield from self._compare(level)

    def root(self) -> bytes:
        rest: list[bytes] = []
        for tile in self.open_tiles:
            nodes = tile + rest
            rest = [_root_of(nodes)] if nodes else []
        return rest[0] if rest else EMPTY_ROOT

    def _compare(self, level: int) -> Iterator[Finding]:
        index, expected = self.first_of_tile[level], self.open_tiles[level]
        self.places.add((level, index))
        found = self.stored.read_tile(level, index)
        if found == b"".join(expected):
            return
        place = f"tile/{level}/{index}"
        differing = [
            i
            for i, node in enumerate(expected)
            if found[i * HASH_BYTES : (i + 1) * HASH_BYTES] != node
        ]
        if level > 0 or not differing:
            yield Finding("tile", "the stored tile differs from its records", place=place)
        for i in differing if level == 0 else ():
            leaf = index * TILE_WIDTH + i
            what = "the record's header and the stored leaf hash differ"
            yield Finding("leaf", what, leaf_index=leaf, place=place)


def audit(
    log: AuditedLog, key: VerifierKey, progress: Callable[[int], None] = lambda _leaves: None
) -> Iterator[Finding]:
    """Check the whole log and yield what is wrong; nothing yielded means nothing is.

    Args:
        log: in one consistent snapshot.
        key: the log's verifier key.
        progress: told the number of leaves done, now and then.
    """
    tree, erased = _Tree(log), log.erased()
    checkpoints = _Checkpoints(log.checkpoints(), key)
    yield from checkpoints.up_to(0, tree)
    expected = 0
    for leaf in log.leaves():
        if leaf.leaf_index != expected:
            what = f"leaf indexes {expected} to {leaf.leaf_index - 1} are missing"
            yield Finding("gap", what, leaf_index=expected)
            expected = leaf.leaf_index
        yield from _check_leaf(leaf, erased=leaf.record_id in erased)
        yield from tree.add(0, hash_leaf(leaf.header or b""))
        expected += 1
        yield from checkpoints.up_to(expected, tree)
        if expected % TILE_WIDTH == 0:
            progress(expected)
    yield from tree.finish()
    yield from checkpoints.rest(expected)
    for level, index in log.tile_places():
        if (level, index) not in tree.places:
            yield Finding("tile", "a tile that no record fills", place=f"tile/{level}/{index}")
    for record_id, why in log.strays():
        yield Finding("stray", why, record_id=record_id)
    progress(expected)


class _Checkpoints:
    """The stored checkpoints, checked one after the other as the tree grows."""

    def __init__(self, stored: Iterator[tuple[int, str]], key: VerifierKey) -> None:
        self._stored = stored
        self._key = key
        self._next = next(stored, None)
        self._last = -1

    def up_to(self, size: int, tree: _Tree) -> Iterator[Finding]:
        while self._next is not None and self._next[0] <= size:
            at, note = self._next
            self._last, self._next = at, next(self._stored, None)
            for what in self._faults(at, note, tree):
                yield Finding("checkpoint", what, place=f"checkpoint {at}")

    def rest(self, size: int) -> Iterator[Finding]:
        if self._next is not None:
            what = f"it covers more records than the {size} there are"
            yield Finding("checkpoint", what, place=f"checkpoint {self._next[0]}")
        elif self._last != size:
            yield Finding("checkpoint", f"no checkpoint covers all {size} records")

    def _faults(self, at: int, note: str, tree: _Tree) -> Iterator[str]:
        try:
            claimed = parse_checkpoint(open_note(note, self._key))
        except Invalid as error:
            yield error.what
            return
        if claimed.origin != self._key.name:
            yield f"it is of another log, {claimed.origin}"
        if claimed.size != at:
            yield f"it is kept as of size {at} but says {claimed.size}"
        elif claimed.root != tree.root():
            yield "its root differs from the records'"


def _check_leaf(leaf: StoredLeaf, *, erased: bool) -> Iterator[Finding]:
    for code, what in _faults_of(leaf, erased=erased):
        yield Finding(code, what, leaf.leaf_index, leaf.record_id)


def _faults_of(leaf: StoredLeaf, *, erased: bool) -> Iterator[tuple[str, str]]:
    if leaf.header is None:
        yield "missing", "the record is gone"
        return
    try:
        header = json.loads(leaf.header)
        subjects = sorted(header["subjects"])
        commitment = str(header["commitment"])
    except (ValueError, KeyError, TypeError, RecursionError):
        yield "header", "the header is damaged"
        return
    for name, value in leaf.columns.items():
        if header.get(name) != value:
            yield (
                "column",
                f"{name} is {value!r} in its column, {header.get(name)!r} in the header",
            )
    if sorted(leaf.subjects) != subjects:
        yield "subjects", "the index of subjects differs from the header"
    if erased:
        if leaf.payload is not None or leaf.salt is not None:
            yield "payload", "the record was erased, and its payload or salt is still there"
    elif leaf.payload is None or leaf.salt is None:
        yield "payload", "the payload or its salt is missing"
    elif digest(leaf.salt + leaf.payload).hex() != commitment:
        yield "payload", "the payload is not the one that was recorded"
    else:
        yield from _second_faults(header, leaf.salt + leaf.payload)


def _second_faults(header: Mapping[str, Any], data: bytes) -> Iterator[tuple[str, str]]:
    for name, expected in second_commitments(header):
        try:
            found = second_hash(name)(data).hex()
        except LongmaiError:
            yield "hash", f"the second commitment is by {name}, which is not plugged in here"
            continue
        if found != expected:
            yield "payload", f"the payload does not fit the second commitment, {name}"


def _root_of(nodes: Sequence[bytes]) -> bytes:
    if len(nodes) == 1:
        return nodes[0]
    middle = 1 << ((len(nodes) - 1).bit_length() - 1)
    return hash_node(_root_of(nodes[:middle]), _root_of(nodes[middle:]))
