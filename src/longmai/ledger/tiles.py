"""Names and bundles of a static tile log, as C2SP tlog-tiles lays them out.

>>> tile_path(0, 1_234_067, 256), tile_path(1, 3, 17), entries_path(0, 5)
('tile/0/x001/x234/067', 'tile/1/003.p/17', 'tile/entries/000.p/5')
>>> parse_index("x001/x234/067"), parse_index("003.p/17")
((1234067, 256), (3, 17))
"""

import re
from collections.abc import Iterable, Iterator

from longmai.kernel.errors import NotFound
from longmai.ledger.merkle import TILE_HEIGHT, TILE_WIDTH

_LENGTH_BYTES = 2
_INDEX = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
# Levels of a tree with 2^63 leaves.
MAX_LEVEL = 63 // TILE_HEIGHT


def tile_path(level: int, index: int, width: int) -> str:
    """Return the path of a tile; ``width`` below 256 names a partial one."""
    return f"tile/{level}/{_index_path(index, width)}"


def entries_path(index: int, width: int) -> str:
    """Return the path of an entry bundle; ``width`` below 256 names a partial one."""
    return f"tile/entries/{_index_path(index, width)}"


def _index_path(index: int, width: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    path = "/".join(parts)
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


def parse_index(path: str) -> tuple[int, int]:
    """Return (index, width) of the last part of a tile's path.

    Raises:
        NotFound: no tile has such a path.
    """
    found = _INDEX.fullmatch(path)
    digits = found[1].replace("x", "").replace("/", "") if found else ""
    width = int(found[2]) if found and found[2] else TILE_WIDTH
    if found is None or len(digits) > 18 or (found[2] and width >= TILE_WIDTH):  # noqa: PLR2004 - fits 63 bits
        raise NotFound("no tile has such a path", code="ledger.tile", value=path)
    if _index_path(int(digits), width) != path:
        raise NotFound("no tile has such a path", code="ledger.tile", value=path)
    return int(digits), width


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries one after the other, each after its length in 16 bits, big-endian."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, index, width) of all tiles of a log of ``size`` entries.

    >>> list(tiles_of(700))
    [(0, 0, 256), (0, 1, 256), (0, 2, 188), (1, 0, 2)]
    """
    level, nodes = 0, size
    while nodes:
        for index in range(-(-nodes // TILE_WIDTH)):
            yield level, index, min(TILE_WIDTH, nodes - index * TILE_WIDTH)
        level, nodes = level + 1, nodes // TILE_WIDTH
