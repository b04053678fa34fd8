"""A log of ours under tlog-scales, a reader of tile logs from PyPI that is not ours.

It reads the exported files, computes the root, makes and checks proofs, checks ours, and verifies
the log's signature and a witness's cosignature; and it must refuse what was tampered with.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conformance.suite import SuiteResult
from tests.conformance.sumdb import LEAVES, Exported, log_as_files
from tlog_scales import signing, tiles, tlog
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from longmai.ledger.note import WITNESS_KEY, Signer, split_note

_CHOSEN = range(0, LEAVES, 997)


def suites(_data: Path) -> Iterable[SuiteResult]:
    """Read a log of 20,000 records with tlog-scales; then see damage refused."""
    with log_as_files() as log:
        reader = _Reader(log)
        yield _counted("tlog-scales entries", LEAVES, reader.entry_holds)
        yield _counted("tlog-scales inclusion proofs", _CHOSEN, reader.proof_holds)
        yield _counted("tlog-scales our proofs", range(len(reader.given)), reader.our_proof_holds)
        yield _counted("tlog-scales checkpoint", _SIGNED, lambda name: _SIGNED[name](log, reader))
        entry = log.folder / "tile" / "entries" / "007"
        refused = {
            "one byte of an entry": lambda: not _Reader(log).entry_holds(7 * 256),
            "another root": lambda: not reader.proof_holds(7, root=bytes(32)),
        }
        damaged = bytearray(entry.read_bytes())
        damaged[100] ^= 1  # in the first entry
        entry.write_bytes(damaged)
        yield _counted("tlog-scales tampering refused", refused, lambda name: refused[name]())


def _counted(name: str, cases: Any, holds: Callable[[Any], bool]) -> SuiteResult:
    each = range(cases) if isinstance(cases, int) else cases
    faults = [f"{case}" for case in each if not holds(case)]
    return SuiteResult(name, len(each) - len(faults), len(each), tuple(faults[:5]))


class _Reader:
    """The outside reader on our files."""

    def __init__(self, log: Exported) -> None:
        self.tiles = TilesReader(LocalBackend(log.folder))
        self.checkpoint = self.tiles.get_checkpoint()
        self.given = json.loads(log.proofs.read_text("utf-8"))["records"]

    def entry_holds(self, leaf: int) -> bool:
        entry = self.tiles.get_entry(leaf)
        return bool(self.tiles.mth(leaf, leaf + 1) == tiles.leaf_hash(entry))

    def proof_holds(self, leaf: int, root: bytes | None = None) -> bool:
        proof = self.tiles.get_inclusion_proof(leaf, self.checkpoint.size)
        leaf_hash = tiles.leaf_hash(self.tiles.get_entry(leaf))
        return _holds(lambda: proof.check(leaf_hash, root or self.checkpoint.root_hash))

    def our_proof_holds(self, number: int) -> bool:
        given = self.given[number]
        steps = [b64decode(step) for step in given["proof"]]
        proof = tlog.InclusionProof(given["leaf_index"], self.checkpoint.size, steps)
        leaf_hash = tiles.leaf_hash(b64decode(given["header"]))
        return _holds(lambda: proof.check(leaf_hash, self.checkpoint.root_hash))


def _holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - the outside code has its own exceptions
        return False
    return True


def _root(_log: Exported, reader: _Reader) -> bool:
    return bool(reader.tiles.calculate_root_hash() == reader.checkpoint.root_hash)


def _signature(log: Exported, reader: _Reader) -> bool:
    key = signing.Vkey.from_string(log.key)
    return _holds(lambda: reader.checkpoint.verify(key))


def _consistency(_log: Exported, reader: _Reader) -> bool:
    proof = reader.tiles.get_consistency_proof(12_345, LEAVES)
    old = reader.tiles.mth(0, 12_345)
    return _holds(lambda: proof.check(old, reader.checkpoint.root_hash))


def _cosignature(log: Exported, _reader: _Reader) -> bool:
    note = (log.folder / "checkpoint").read_text("utf-8")
    text, _ = split_note(note)
    witness = Signer.generate("witness.example/w1", WITNESS_KEY)
    line = witness.cosignature_line(text, datetime(2026, 1, 1, tzinfo=UTC))
    checkpoint = tlog.Checkpoint.from_text(note + line)
    key = signing.Vkey.from_string(str(witness.verifier_key))
    other = signing.Vkey.from_string(str(Signer.generate("w", WITNESS_KEY).verifier_key))
    return _holds(lambda: checkpoint.verify(key)) and not _holds(lambda: checkpoint.verify(other))


_SIGNED = {
    "root": _root,
    "signature": _signature,
    "consistency": _consistency,
    "cosignature": _cosignature,
}
