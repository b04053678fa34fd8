"""Audit: everything the log claims, computed again from the records as they are stored.

One pass over the leaves, with a few tiles in memory. Each finding names the record, the tile or
the checkpoint, and says what is wrong in words.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from longmai.kernel.errors import LongmaiError
from longmai.ledger import verifier
from longmai.ledger.findings import Audited, AuditedLog, Finding, StoredLeaf
from longmai.ledger.merkle import TILE_WIDTH, hash_leaf
from longmai.ledger.note import VerifierKey
from longmai.ledger.provider import digest, second_hash
from longmai.ledger.record import second_commitments
from longmai.ledger.retracing import RetracedCheckpoints, RetracedTree


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
        self._tree = RetracedTree(log)
        self._checkpoints = RetracedCheckpoints(log.checkpoints(), keys, since)
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
        for size, note, chain in self._log.receipts():
            yield from _check_receipt(size, note, chain)
        for record_id, why in self._log.strays():
            yield Finding("stray", why, record_id=record_id)
        progress(expected)


def audit(log: AuditedLog, keys: Sequence[VerifierKey]) -> Iterator[Finding]:
    """Check the whole log and yield what is wrong; nothing yielded means nothing is."""
    return Audit(log, keys).findings()


def _check_receipt(size: int, note: str, chain: bytes) -> Iterator[Finding]:
    place = f"receipt {size}"
    try:
        told = json.loads(chain)
        # Whether the upper log's key is the right one was asked when the receipt came.
        verifier.verify_chain(note, told, str(told[0]["verifier_key"]))
    except verifier.Refused as refusal:
        yield Finding("receipt", refusal.what, place=place)
    except (ValueError, LookupError, TypeError, RecursionError):
        yield Finding("receipt", "the proof of the log above is damaged", place=place)


def check_leaf(leaf: StoredLeaf, *, erased: bool) -> Iterator[Finding]:
    """Check one record in itself: header, columns, subjects, payload."""
    for code, what in _faults_of(leaf, erased=erased):
        yield Finding(code, what, leaf.leaf_index, leaf.record_id)


def _faults_of(leaf: StoredLeaf, *, erased: bool) -> Iterator[tuple[str, str]]:
    if leaf.header is None:
        yield "missing", "the record is gone"
        return
    try:
        header = json.loads(leaf.header) if leaf.fields is None else leaf.fields
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
