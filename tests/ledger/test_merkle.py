"""The tree: against the definition in RFC 9162 written out, and against another library."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from longmai.kernel.errors import Invalid
from longmai.ledger.merkle import (
    EMPTY_ROOT,
    TILE_WIDTH,
    MemoryTiles,
    append,
    consistency_proof,
    hash_leaf,
    hash_node,
    inclusion_proof,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

EDGES = [1, 2, 3, 5, 8, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537]


def leaves(size: int) -> list[bytes]:
    """Make leaf hashes."""
    return [hash_leaf(b"%d" % i) for i in range(size)]


def grown(size: int) -> MemoryTiles:
    """Make the tiles of a tree."""
    tiles = MemoryTiles()
    append(tiles, 0, leaves(size))
    return tiles


def defined_root(hashes: Sequence[bytes]) -> bytes:
    """Compute MTH(D[n]) as RFC 9162 §2.1.1 defines it."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else EMPTY_ROOT
    left = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hash_node(defined_root(hashes[:left]), defined_root(hashes[left:]))


def defined_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Compute PATH(m, D[n]) as RFC 9162 §2.1.3.1 defines it."""
    if len(hashes) == 1:
        return []
    left = 1 << ((len(hashes) - 1).bit_length() - 1)
    if index < left:
        return [*defined_path(index, hashes[:left]), defined_root(hashes[left:])]
    return [*defined_path(index - left, hashes[left:]), defined_root(hashes[:left])]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    """RFC 9162 §2.1.1: the root of no leaves is SHA-256 of the empty string."""
    assert tree_root(MemoryTiles(), 0) == EMPTY_ROOT


@pytest.mark.parametrize("size", EDGES)
def test_roots_are_as_defined_at_the_edges_of_tiles(size: int) -> None:
    """Tiles give the root that the definition gives, around full tiles of both levels."""
    assert tree_root(grown(size), size) == defined_root(leaves(size))


def test_all_proofs_of_small_trees_are_as_defined() -> None:
    """Every inclusion path of every tree up to 40 leaves is the definition's, and verifies."""
    tiles, hashes = grown(40), leaves(40)
    for size in range(1, 41):
        root = defined_root(hashes[:size])
        for index in range(size):
            path = inclusion_proof(tiles, index, size)
            assert path == defined_path(index, hashes[:size])
            assert verify_inclusion(hashes[index], index, size, path, root)


def test_all_consistency_proofs_of_small_trees_verify() -> None:
    """Every pair of sizes up to 40 is proven consistent, and with no other root."""
    tiles, hashes = grown(40), leaves(40)
    roots = [defined_root(hashes[:size]) for size in range(41)]
    for new in range(1, 41):
        for old in range(1, new + 1):
            proof = consistency_proof(tiles, old, new)
            assert verify_consistency(old, new, proof, roots[old], roots[new])
            assert not verify_consistency(old, new, proof, roots[old], EMPTY_ROOT)
            assert not verify_consistency(old, new, [*proof, EMPTY_ROOT], roots[old], roots[new])


@pytest.mark.parametrize("size", [700, 66_000])
def test_proofs_agree_with_another_library(size: int) -> None:
    """pymerkle, which shares nothing with us, has the same root and takes the same leaves."""
    other = InmemoryTree(algorithm="sha256")
    other.append_entries([b"%d" % i for i in range(size)])
    tiles = grown(size)
    root = tree_root(tiles, size)
    assert root == other.get_root(size)
    for index in (0, 255, 256, 511, size - 1):
        path = inclusion_proof(tiles, index, size)
        assert verify_inclusion(other.get_leaf(index + 1), index, size, path, root)


@given(st.lists(st.integers(0, 600), max_size=6))
def test_growth_in_any_steps_gives_the_same_tiles(steps: list[int]) -> None:
    """However a log is cut into batches, its tiles are those of one batch."""
    size, tiles = 0, MemoryTiles()
    hashes = leaves(sum(steps))
    for step in steps:
        size = append(tiles, size, hashes[size : size + step])
    written = {place: tile for place, tile in tiles.tiles.items() if tile}
    assert written == grown(sum(steps)).tiles


@given(st.integers(1, 700), st.data())
def test_nothing_else_verifies(size: int, data: st.DataObject) -> None:
    """A proof holds for its leaf, place, size and root only."""
    tiles, hashes = grown(size), leaves(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_proof(tiles, index, size), tree_root(tiles, size)
    other = data.draw(st.integers(0, size + 3).filter(lambda i: i != index))
    assert verify_inclusion(hashes[index], index, size, path, root)
    assert not verify_inclusion(hashes[index], other, size, path, root)
    assert not verify_inclusion(hash_leaf(b"x"), index, size, path, root)
    assert not verify_inclusion(hashes[index], index, size, [*path, root], root)
    if path:
        spoilt = data.draw(st.integers(0, len(path) - 1))
        wrong = [hash_leaf(step) if i == spoilt else step for i, step in enumerate(path)]
        assert not verify_inclusion(hashes[index], index, size, wrong, root)
        assert not verify_inclusion(hashes[index], index, size, path[:-1], root)


@dataclass
class _Counting(MemoryTiles):
    reads: list[tuple[int, int]] = field(default_factory=list)

    def read_tile(self, level: int, index: int) -> bytes:
        """Note what is read."""
        self.reads.append((level, index))
        return super().read_tile(level, index)


def test_a_proof_reads_a_few_tiles_only() -> None:
    """A proof in 66,000 leaves reads the tiles on its way, and no more than two a level."""
    tiles = _Counting(tiles=grown(66_000).tiles)
    inclusion_proof(tiles, 12_345, 66_000)
    assert len(set(tiles.reads)) <= 2 * 3


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    """A leaf outside the tree is refused."""
    with pytest.raises(Invalid, match="no such leaf"):
        inclusion_proof(grown(10), index, size)


def test_a_missing_tile_is_named() -> None:
    """A hole in the storage is an error that names the tile."""
    tiles = grown(TILE_WIDTH + 1)
    del tiles.tiles[0, 0]
    with pytest.raises(Invalid, match="tile/0/0"):
        inclusion_proof(tiles, 3, TILE_WIDTH)
