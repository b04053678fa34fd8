"""The Merkle tree of RFC 6962 / RFC 9162, kept as tiles of height 8 (C2SP tlog-tiles).

A tile of level L and index N holds up to 256 hashes: the roots of the complete subtrees of
height 8·L from leaf N·256^(L+1) on. Everything else is computed from tiles, so memory stays
bounded by a few tiles however large the log is.

>>> tiles = MemoryTiles()
>>> append(tiles, 0, [hash_leaf(b"a"), hash_leaf(b"b"), hash_leaf(b"c")])
3
>>> root = tree_root(tiles, 3)
>>> verify_inclusion(hash_leaf(b"b"), 1, 3, inclusion_proof(tiles, 1, 3), root)
True
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from longmai.kernel.errors import Invalid
from longmai.ledger.provider import digest

HASH_BYTES = 32
_PAIR_BYTES = 2 * HASH_BYTES
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = digest(b"")


class TileReader(Protocol):
    """Where tiles are read from."""

    def read_tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, concatenated; empty where there is none yet."""
        ...


class TileStore(TileReader, Protocol):
    """Where tiles are kept."""

    def write_tile(self, level: int, index: int, hashes: bytes) -> None:
        """Keep a tile; a partial one is replaced as it grows, never shrinks."""
        ...


@dataclass
class MemoryTiles:
    """Tiles in a dictionary, and a buffer in front of a slower store.

    Args:
        behind: read from where this has no tile.
    """

    behind: TileReader | None = None
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    written: set[tuple[int, int]] = field(default_factory=set)

    def read_tile(self, level: int, index: int) -> bytes:
        """Return a tile, from behind the first time."""
        place = level, index
        if place not in self.tiles:
            self.tiles[place] = self.behind.read_tile(level, index) if self.behind else b""
        return self.tiles[place]

    def write_tile(self, level: int, index: int, hashes: bytes) -> None:
        """Keep a tile."""
        self.tiles[level, index] = hashes
        self.written.add((level, index))


def hash_leaf(entry: bytes) -> bytes:
    """Return the leaf hash, SHA-256(0x00 ‖ entry)."""
    return digest(b"\x00" + entry)


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, SHA-256(0x01 ‖ left ‖ right)."""
    return digest(b"\x01" + left + right)


def append(tiles: TileStore, size: int, leaf_hashes: Sequence[bytes]) -> int:
    """Append leaf hashes to a tree of ``size`` leaves and return the new size."""
    level, start, hashes = 0, size, list(leaf_hashes)
    while hashes:
        full = _extend_level(tiles, level, start, hashes)
        level, start = level + 1, start >> TILE_HEIGHT
        hashes = [_perfect_root(tile) for tile in full]
    return size + len(leaf_hashes)


def _extend_level(tiles: TileStore, level: int, start: int, hashes: Sequence[bytes]) -> list[bytes]:
    # Writes hashes from position `start` of a level on; returns the tiles that became full.
    full, taken = [], 0
    while taken < len(hashes):
        index, held = divmod(start + taken, TILE_WIDTH)
        room = TILE_WIDTH - held
        before = tiles.read_tile(level, index)[: held * HASH_BYTES] if held else b""
        tile = before + b"".join(hashes[taken : taken + room])
        tiles.write_tile(level, index, tile)
        if len(tile) == TILE_WIDTH * HASH_BYTES:
            full.append(tile)
        taken += room
    return full


def _folded(layer: bytes) -> bytes:
    # The layer above: neighbours lie side by side, so each pair is one slice.
    return b"".join(
        [digest(b"\x01" + layer[i : i + _PAIR_BYTES]) for i in range(0, len(layer), _PAIR_BYTES)]
    )


def _perfect_root(hashes: bytes) -> bytes:
    # Root of a run of 2^k hashes.
    while len(hashes) > HASH_BYTES:
        hashes = _folded(hashes)
    return hashes


@lru_cache(maxsize=256)
def _layers(tile: bytes) -> tuple[bytes, ...]:
    # All inner nodes of a full tile. It never changes, and neighbouring proofs share it; keyed by
    # its bytes, so that a tile that was tampered with is not taken for the one it was.
    layers = [tile]
    while len(layers[-1]) > HASH_BYTES:
        layers.append(_folded(layers[-1]))
    return tuple(layers)


def _subtree(tiles: TileReader, height: int, index: int) -> bytes:
    # Root of the complete subtree of 2^height leaves that starts at leaf index·2^height.
    level, inside = divmod(height, TILE_HEIGHT)
    first = index << inside
    tile = tiles.read_tile(level, first >> TILE_HEIGHT)
    begin = first % TILE_WIDTH
    if len(tile) == TILE_WIDTH * HASH_BYTES:
        at = (begin >> inside) * HASH_BYTES
        return _layers(tile)[inside][at : at + HASH_BYTES]
    hashes = tile[begin * HASH_BYTES :][: HASH_BYTES << inside]
    if len(hashes) != HASH_BYTES << inside:
        raise Invalid(
            "a tile of the tree is missing or too short",
            code="ledger.tile",
            place=f"tile/{level}/{first >> TILE_HEIGHT}",
            value=len(tile) // HASH_BYTES,
            mend="run 'longmai ledger audit'",
        )
    return _perfect_root(hashes)


def _range_root(tiles: TileReader, begin: int, end: int) -> bytes:
    # Root of the leaves begin … end-1, begin being a multiple of the largest power of two used.
    width = end - begin
    if width & (width - 1) == 0:
        height = width.bit_length() - 1
        return _subtree(tiles, height, begin >> height)
    middle = begin + (1 << ((width - 1).bit_length() - 1))
    return hash_node(_range_root(tiles, begin, middle), _range_root(tiles, middle, end))


def tree_root(tiles: TileReader, size: int) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return _range_root(tiles, 0, size) if size else EMPTY_ROOT


def tiles_on_path(leaf_index: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the tiles that the inclusion path of a leaf is made of.

    >>> list(tiles_on_path(5, 70_000))
    [(0, 0), (0, 273), (1, 0), (1, 1), (2, 0)]
    """
    level, nodes = 0, size
    while nodes:
        yield level, leaf_index >> TILE_HEIGHT
        last = (nodes - 1) >> TILE_HEIGHT
        if last != leaf_index >> TILE_HEIGHT:
            yield level, last
        level, nodes, leaf_index = level + 1, nodes >> TILE_HEIGHT, leaf_index >> TILE_HEIGHT


def inclusion_proof(tiles: TileReader, leaf_index: int, size: int) -> list[bytes]:
    """Return the inclusion path of a leaf in the tree of ``size`` leaves (RFC 9162 §2.1.3.1).

    Raises:
        Invalid: there is no such leaf in a tree of that size.
    """
    if not 0 <= leaf_index < size:
        raise Invalid(f"the tree of {size} leaves has no such leaf", value=leaf_index)
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if leaf_index < middle:
            path.append(_range_root(tiles, middle, end))
            end = middle
        else:
            path.append(_range_root(tiles, begin, middle))
            begin = middle
    return path[::-1]


def consistency_proof(tiles: TileReader, old_size: int, new_size: int) -> list[bytes]:
    """Return the proof that the tree of ``old_size`` is a prefix (RFC 9162 §2.1.4.1).

    Raises:
        Invalid: not ``0 < old_size <= new_size``.
    """
    if not 0 < old_size <= new_size:
        raise Invalid("sizes must grow from at least 1", value=(old_size, new_size))
    return list(_consistency(tiles, old_size, 0, new_size, complete=True))


def _consistency(
    tiles: TileReader, old: int, begin: int, end: int, *, complete: bool
) -> Iterator[bytes]:
    if begin + old == end:
        if not complete:
            yield _range_root(tiles, begin, end)
        return
    left = 1 << ((end - begin - 1).bit_length() - 1)
    middle = begin + left
    if old <= left:
        yield from _consistency(tiles, old, begin, middle, complete=complete)
        yield _range_root(tiles, middle, end)
    else:
        yield from _consistency(tiles, old - left, middle, end, complete=False)
        yield _range_root(tiles, begin, middle)


def verify_inclusion(
    leaf_hash: bytes, leaf_index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a proof leads from the leaf to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= leaf_index < size or len(leaf_hash) != HASH_BYTES:
        return False
    node, last, computed = leaf_index, size - 1, leaf_hash
    for step in proof:
        if last == 0 or len(step) != HASH_BYTES:
            return False
        if node & 1 or node == last:
            computed = hash_node(step, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = hash_node(computed, step)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Tell whether a proof shows the old tree to be a prefix of the new (RFC 9162 §2.1.4.2).

    An old tree of no leaves proves nothing and is refused.
    """
    if not 0 < old_size <= new_size or any(len(step) != HASH_BYTES for step in proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = hash_node(step, old), hash_node(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = hash_node(new, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
