"""Paths and bundles of tlog-tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import NotFound
from longmai.ledger.tiles import entries_path, entry_bundle, parse_index, tile_path, tiles_of


@given(st.integers(0, 10**15), st.integers(1, 256))
def test_a_path_reads_back(index: int, width: int) -> None:
    """Every tile has one path, and the path leads back to it."""
    path = tile_path(0, index, width)
    assert parse_index(path.removeprefix("tile/0/")) == (index, width)
    assert entries_path(index, width) == path.replace("tile/0/", "tile/entries/")


@pytest.mark.parametrize(
    "path",
    ["", "0", "0000", "x000/001", "001.p/0", "001.p/256", "001.p/007", "1/2", "../key", "x1/001"],
)
def test_other_paths_are_not_found(path: str) -> None:
    """A second way to write a path, and anything else, is no tile."""
    with pytest.raises(NotFound):
        parse_index(path)


def test_entries_stand_after_their_lengths() -> None:
    """Two bytes of length, big-endian, then the entry."""
    assert entry_bundle([b"a", b"", b"x" * 300]) == b"\x00\x01a\x00\x00\x01\x2c" + b"x" * 300


@given(st.integers(0, 200_000))
def test_the_tiles_of_a_log_hold_each_node_once(size: int) -> None:
    """The widths of a level add up to its complete subtrees."""
    widths: dict[int, int] = {}
    for level, _index, width in tiles_of(size):
        widths[level] = widths.get(level, 0) + width
    nodes, level = size, 0
    while nodes:
        assert widths.pop(level) == nodes
        nodes, level = nodes // 256, level + 1
    assert not widths
