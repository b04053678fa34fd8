"""Audit: everything the log claims, computed again from the records as they are stored.

One pass over the leaves, with a few tiles in memory. Each finding names the record, the tile or
the checkpoint, and says what is wrong in words.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from longmai.kernel.clock import to_text
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.ledger.log import publication_of
from longmai.ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileReader,
    hash_leaf,
    hash_node,
)
from longmai.ledger.note import (
    LOG_KEY,
    PUBLICATION_KEY,
    VerifierKey,
    open_note,
    parse_checkpoint,
    signers_named,
    split_note,
)
from longmai.ledger.provider import digest, second_hash
from longmai.ledger.record import second_commitments
from longmai.ledger.tiles import MAX_LEVEL


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf as it is stored; ``header`` is None where the record's row is gone.

    Attributes:
        record_id: as it is stored, whether it is an ID or not.
        columns: copies of header fields that the storage keeps for searching.
        subjects: the storage's index of subjects, in any order.
    """

    leaf_index: int
    record_id: str
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
    record_id: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        where = [f"record {self.record_id}"] if self.record_id else []
        where += [f"leaf {self.leaf_index}"] if self.leaf_index is not None else []
        where += [self.place] if self.place else []
        return f"{', '.join(where) or 'log'}: {self.what}"


class AuditedLog(TileReader, Protocol):
    """What the audit reads, in one consistent snapshot."""

    def leaves(self, first: int = 0) -> Iterator[StoredLeaf]:
        """Yield the leaves from an index on, by leaf index."""
        ...

    def tile_places(self) -> Iterator[tuple[int, int]]:
        """Yield (level, index) of all stored tiles."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, str, str]]:
        """Yield (size, signed note, time it is kept as published at) by size."""
        ...

    def erased(self) -> Collection[str]:
        """Return the records that an erasure names."""
        ...

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield records that neither stand in the log nor wait rightly, and why."""
        ...


@dataclass(frozen=True)
class Audited:
    """What an audit without findings leaves for the next one to go on from.

    Attributes:
        size: number of leaves looked at.
        root: of their tree, hexadecimal.
        checkpoint: size of the newest checkpoint looked at; None if there was none.
    """

    size: int
    root: str
    checkpoint: int | None


@dataclass
class _Tree:
    """The tree computed anew: the open tile of each level; full tiles are compared and dropped."""

    stored: "AuditedLog"
    size: int = 0
    open_tiles: list[list[bytes]] = field(default_factory=list)
    first_of_tile: list[int] = field(default_factory=list)
    places: set[tuple[int, int]] = field(default_factory=set)

    def resume(self, since: Audited) -> bool:
        """Start from the stored tiles of a former audit; False if they are not what it saw."""
        nodes, level = since.size, 0
        while nodes:
            index, width = divmod(nodes, TILE_WIDTH)
            hashes = self.stored.read_tile(level, index)[: width * HASH_BYTES]
            tile = [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]
            if len(hashes) != width * HASH_BYTES:
                return False
            self.open_tiles.append(tile)
            self.first_of_tile.append(index)
            nodes, level = index, level + 1
        self.size = since.size
        return self.root().hex() == since.root

    def strangers(self) -> Iterator[Finding]:
        """Yield tiles that no record fills, and full ones that are gone."""
        widths = [self.size >> (TILE_HEIGHT * level) for level in range(MAX_LEVEL + 1)]
        missing = {
            (level, index)
            for level, nodes in enumerate(widths)
            for index in range(-(-nodes // TILE_WIDTH))
        } - self.places
        for level, index in self.stored.tile_places():
            if (level, index) in missing:
                missing.discard((level, index))
            elif (level, index) not in self.places:
                place = f"tile/{level}/{index}"
                yield Finding("tile", "a tile that no record fills", place=place)
        for level, index in sorted(missing):
            yield Finding("tile", "the tile is gone", place=f"tile/{level}/{index}")

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
        if not found:
            yield Finding("tile", "the tile is gone", place=place)
            return
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


class Audit:
    """One audit of a log.

    Args:
        log: in one consistent snapshot.
        keys: that may sign its checkpoints: the log's own, old ones too, and its witnesses'.
        since: a former audit; only what is newer is looked at, and that the log still extends it.
        unpublished: records without a checkpoint are no finding, because witnesses are asked.
    """

    def __init__(
        self,
        log: AuditedLog,
        keys: Sequence[VerifierKey],
        since: Audited | None = None,
        *,
        unpublished: bool = False,
    ) -> None:
        self._log, self._since, self._unpublished = log, since, unpublished
        self._tree = _Tree(log)
        self._checkpoints = _Checkpoints(log.checkpoints(), keys, since)
        self.audited: Audited | None = None

    def findings(self, progress: Callable[[int], None] = lambda _leaves: None) -> Iterator[Finding]:
        """Yield what is wrong; when nothing was, ``audited`` holds the result afterwards.

        Args:
            progress: told the number of leaves done, now and then.
        """
        clean = True
        for finding in self._findings(progress):
            clean = False
            yield finding
        if clean:
            size, root = self._tree.size, self._tree.root().hex()
            self.audited = Audited(size, root, self._checkpoints.last)

    def _findings(self, progress: Callable[[int], None]) -> Iterator[Finding]:
        if self._since is not None and not self._tree.resume(self._since):
            what = "what was audited before has changed: audit the whole log"
            yield Finding("audited", what, place=f"size {self._since.size}")
            return
        expected, erased = self._tree.size, self._log.erased()
        yield from self._checkpoints.up_to(expected, self._tree)
        for leaf in self._log.leaves(expected):
            if leaf.leaf_index != expected:
                what = f"leaf indexes {expected} to {leaf.leaf_index - 1} are missing"
                yield Finding("gap", what, leaf_index=expected)
                expected = leaf.leaf_index
            yield from check_leaf(leaf, erased=leaf.record_id in erased)
            yield from self._tree.add(0, hash_leaf(leaf.header or b""))
            expected += 1
            self._tree.size = expected
            yield from self._checkpoints.up_to(expected, self._tree)
            if expected % TILE_WIDTH == 0:
                progress(expected)
        yield from self._tree.finish()
        yield from self._checkpoints.rest(expected, unpublished=self._unpublished)
        yield from self._tree.strangers()
        for record_id, why in self._log.strays():
            yield Finding("stray", why, record_id=record_id)
        progress(expected)


def audit(log: AuditedLog, keys: Sequence[VerifierKey]) -> Iterator[Finding]:
    """Check the whole log and yield what is wrong; nothing yielded means nothing is."""
    return Audit(log, keys).findings()


class _Checkpoints:
    """The stored checkpoints, checked one after the other as the tree grows."""

    def __init__(
        self,
        stored: Iterator[tuple[int, str, str]],
        keys: Sequence[VerifierKey],
        since: Audited | None,
    ) -> None:
        own = [key.of_kind(PUBLICATION_KEY) for key in keys if key.kind == LOG_KEY]
        self._keys = {(key.name, key.key_hash): key for key in (*keys, *own)}
        self._origins = {key.name for key in keys if key.kind == LOG_KEY}
        self.last = None if since is None else since.checkpoint
        seen = -1 if self.last is None else self.last
        self._stored = (each for each in stored if each[0] > seen)
        self._next = next(self._stored, None)

    def up_to(self, size: int, tree: _Tree) -> Iterator[Finding]:
        while self._next is not None and self._next[0] <= size:
            at, note, published_at = self._next
            self._next = next(self._stored, None)
            for of, what in self._faults(at, note, published_at, tree):
                yield Finding("checkpoint", what, place=f"checkpoint {of}")

    def rest(self, size: int, *, unpublished: bool) -> Iterator[Finding]:
        beyond = [] if self._next is None else [self._next, *self._stored]
        for at, note, _ in beyond:
            what = f"it is kept as of size {at}, and there are {size} records"
            yield Finding("checkpoint", what, place=f"checkpoint {self._claimed_size(at, note)}")
        if not beyond and self.last != size and not unpublished:
            yield Finding("checkpoint", f"no checkpoint covers all {size} records")

    def _faults(
        self, at: int, note: str, published_at: str, tree: _Tree
    ) -> Iterator[tuple[int | None, str]]:
        # Yields the size of the checkpoint concerned, and what is wrong with it.
        before, self.last = self.last, at
        try:
            text, published = self._opened(note)
            claimed = parse_checkpoint(text)
        except Invalid as error:
            yield at, error.what
            return
        self.last = claimed.size
        if claimed.size != at:
            yield claimed.size, f"it is kept as of size {at}"
        elif claimed.root != tree.root():
            yield at, "its root differs from the records'"
        if claimed.origin not in self._origins:
            yield at, f"it is of another log, {claimed.origin}"
        if published is None:
            return
        signed_at, previous = to_text(published[0]), published[1]
        if signed_at != published_at:
            yield at, f"it is kept as published at {published_at}, but says {signed_at}"
        if previous != before:
            yield previous, f"it was published before that of size {at}, and is gone"

    def _claimed_size(self, at: int, note: str) -> int:
        try:
            return parse_checkpoint(self._opened(note)[0]).size
        except Invalid:
            return at

    def _opened(self, note: str) -> tuple[str, tuple[datetime, int | None] | None]:
        # Every line is checked, not only ours: a changed cosignature is a change, too.
        text, _ = split_note(note)
        ours, published = False, None
        for name, key_hash, _ in signers_named(note):
            key = self._keys.get((name, key_hash))
            if key is None:
                raise Invalid(f"it has a signature by {name}, whose key is not known here")
            if key.kind == PUBLICATION_KEY:
                published = publication_of(note, key)
                continue
            open_note(note, key)
            ours = ours or key.kind == LOG_KEY
        if not ours:
            raise Invalid("the log itself did not sign it")
        return text, published


def check_leaf(leaf: StoredLeaf, *, erased: bool) -> Iterator[Finding]:
    """Check one record in itself: header, columns, subjects, payload."""
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
