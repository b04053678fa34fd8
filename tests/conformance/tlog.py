"""Tile logs: signed checkpoints, and tiles and roots computed again from the entry bundles.

``tlog/<name>/`` holds ``checkpoint*`` and ``tile/``. The signer's key is not part of a log, so
keys are given here by the origin a checkpoint names.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.conformance.suite import SuiteResult

from longmai.kernel.errors import Invalid
from longmai.ledger.merkle import TILE_WIDTH, MemoryTiles, append, hash_leaf, tree_root
from longmai.ledger.note import Checkpoint, VerifierKey, open_note, parse_checkpoint

KEYS = {
    "example.com/log/testdata": (
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    ),
}
_LENGTH_BYTES = 2


def suites(data: Path) -> Iterable[SuiteResult]:
    """Run the tile logs found in a folder of outside data."""
    logs = sorted(folder for folder in (data / "tlog").glob("*") if folder.is_dir())
    notes = [file for log in logs for file in sorted(log.glob("checkpoint*"))]
    if not notes:
        return
    faults = [f"{note.relative_to(data)}: {why}" for note in notes if (why := why_not_signed(note))]
    yield SuiteResult("tlog-checkpoint", len(notes) - len(faults), len(notes), tuple(faults))
    faults = [f"{note.relative_to(data)}: {why}" for note in notes if (why := why_other_root(note))]
    yield SuiteResult("tlog-tiles", len(notes) - len(faults), len(notes), tuple(faults))


def why_not_signed(note: Path) -> str | None:
    """Return what is wrong with a signed checkpoint; None if nothing."""
    try:
        _opened(note)
    except Invalid as fault:
        return str(fault)
    return None


def why_other_root(note: Path) -> str | None:
    """Return how the entries' root differs from the checkpoint's; None if it does not."""
    try:
        claimed = _opened(note)
    except Invalid as fault:
        return str(fault)
    tiles = MemoryTiles()
    leaves = [hash_leaf(entry) for entry in _entries(note.parent, claimed.size)]
    if len(leaves) != claimed.size:
        return f"{len(leaves)} entries, {claimed.size} claimed"
    append(tiles, 0, leaves)
    if tree_root(tiles, claimed.size) != claimed.root:
        return "the entries have another root"
    for index in range(-(-claimed.size // TILE_WIDTH)):
        width = min(TILE_WIDTH, claimed.size - index * TILE_WIDTH)
        stored = _tile(note.parent / "tile" / "0", index, width)
        if stored is not None and stored != tiles.read_tile(0, index):
            return f"the entries have another tile {index}"
    return None


def _tile(folder: Path, index: int, width: int) -> bytes | None:
    """Read a tile or an entry bundle; a full one serves where its partial one was removed."""
    whole = folder / _path(index)
    partial = whole.with_name(f"{whole.name}.p") / str(width)
    found = next((file for file in (partial, whole) if file.is_file()), None)
    return None if found is None else found.read_bytes()


def _path(index: int) -> str:
    """Write a tile's index as tlog-tiles does: in threes, all but the last marked with an x."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    return "/".join(parts)


def _opened(note: Path) -> Checkpoint:
    text = note.read_text("utf-8")
    origin = text.partition("\n")[0]
    if origin not in KEYS:
        raise Invalid("no key is known for this origin", value=origin)
    return parse_checkpoint(open_note(text, VerifierKey.parse(KEYS[origin])))


def _entries(log: Path, size: int) -> Iterator[bytes]:
    """Yield the first entries of a log, from its bundles."""
    for index in range(-(-size // TILE_WIDTH)):
        width = min(TILE_WIDTH, size - index * TILE_WIDTH)
        rest = _tile(log / "tile" / "entries", index, width) or b""
        for _ in range(width):
            length = int.from_bytes(rest[:_LENGTH_BYTES], "big")
            entry, rest = rest[_LENGTH_BYTES:][:length], rest[_LENGTH_BYTES + length :]
            yield entry
