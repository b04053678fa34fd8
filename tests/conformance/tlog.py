"""Tile logs: signed checkpoints, and tiles and roots computed again from the entry bundles.

``tlog/<name>/`` holds ``checkpoint*`` and ``tile/``. The signer's key is not part of a log, so
keys are given here by the origin a checkpoint names.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.conformance.suite import SuiteResult

from longmai.kernel.errors import Invalid
from longmai.ledger.merkle import MemoryTiles, append, hash_leaf, tree_root
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
    claimed = _opened(note)
    tiles = MemoryTiles()
    leaves = [hash_leaf(entry) for entry in _entries(note.parent, claimed.size)]
    if len(leaves) != claimed.size:
        return f"{len(leaves)} entries, {claimed.size} claimed"
    append(tiles, 0, leaves)
    if tree_root(tiles, claimed.size) != claimed.root:
        return "the entries have another root"
    partial = note.parent / "tile" / "0" / "000.p" / str(claimed.size)
    if partial.is_file() and partial.read_bytes() != tiles.read_tile(0, 0):
        return "the entries have another tile"
    return None


def _opened(note: Path) -> Checkpoint:
    text = note.read_text("utf-8")
    origin = text.partition("\n")[0]
    if origin not in KEYS:
        raise Invalid("no key is known for this origin", value=origin)
    return parse_checkpoint(open_note(text, VerifierKey.parse(KEYS[origin])))


def _entries(log: Path, size: int) -> Iterator[bytes]:
    """Yield the first entries of a log of less than one full bundle."""
    bundle = log / "tile" / "entries" / "000.p" / str(size)
    rest = bundle.read_bytes() if size else b""
    while rest:
        length = int.from_bytes(rest[:_LENGTH_BYTES], "big")
        yield rest[_LENGTH_BYTES : _LENGTH_BYTES + length]
        rest = rest[_LENGTH_BYTES + length :]
