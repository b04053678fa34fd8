"""The tree and the checkpoints of a log, computed again from its leaves and compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from longmai.kernel.clock import to_text
from longmai.kernel.errors import Invalid
from longmai.ledger.findings import Audited, AuditedLog, Finding
from longmai.ledger.log import publication_of
from longmai.ledger.merkle import EMPTY_ROOT, HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, hash_node
from longmai.ledger.note import (
    LOG_KEY,
    PUBLICATION_KEY,
    VerifierKey,
    open_note,
    parse_checkpoint,
    signers_named,
    split_note,
)
from longmai.ledger.tiles import MAX_LEVEL


@dataclass
class RetracedTree:
    """The tree computed anew: the open tile of each level; full tiles are compared and dropped."""

    stored: AuditedLog
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
        """Add a node to a level; a tile that is full is compared and its root goes up."""
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
        """Compare the tiles that are still open."""
        for level, tile in enumerate(self.open_tiles):
            if tile:
                yield from self._compare(level)

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
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


class RetracedCheckpoints:
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

    def up_to(self, size: int, tree: RetracedTree) -> Iterator[Finding]:
        """Check the checkpoints up to a size, which the tree has just reached."""
        while self._next is not None and self._next[0] <= size:
            at, note, published_at = self._next
            self._next = next(self._stored, None)
            for of, what in self._faults(at, note, published_at, tree):
                yield Finding("checkpoint", what, place=f"checkpoint {of}")

    def rest(self, size: int, *, unpublished: bool) -> Iterator[Finding]:
        """Check those beyond the last leaf, and that the newest one covers all leaves."""
        beyond = [] if self._next is None else [self._next, *self._stored]
        for at, note, _ in beyond:
            what = f"it is kept as of size {at}, and there are {size} records"
            yield Finding("checkpoint", what, place=f"checkpoint {self._claimed_size(at, note)}")
        if not beyond and self.last != size and not unpublished:
            yield Finding("checkpoint", f"no checkpoint covers all {size} records")

    def _faults(
        self, at: int, note: str, published_at: str, tree: RetracedTree
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


def _root_of(nodes: Sequence[bytes]) -> bytes:
    if len(nodes) == 1:
        return nodes[0]
    middle = 1 << ((len(nodes) - 1).bit_length() - 1)
    return hash_node(_root_of(nodes[:middle]), _root_of(nodes[middle:]))
