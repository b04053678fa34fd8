"""Proof bundles: records with their inclusion paths under one signed checkpoint, as JSON.

A bundle of one record is its certificate; a bundle of many proves all steps of a journey. It is
checked offline by ``longmai.ledger.verifier``, by the page that scanned a code, and by anyone
who reads RFC 9162 and C2SP notes.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longmai.ledger.merkle import MemoryTiles, TileReader, inclusion_proof
from longmai.ledger.note import VerifierKey, parse_checkpoint
from longmai.ledger.record import Record

FORMAT = "longmai-proof/1"
TLOG_PROOF = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Surroundings:
    """What a certificate carries besides its own log's proof.

    Attributes:
        upper: origin of the log in which this one is anchored; None if it stands under none.
        anchors: bundles that prove the checkpoint in the log above, that one's in the next, ….
        rotations: bundles that lead from this log's older keys to the newer ones.
    """

    upper: str | None = None
    anchors: Sequence[Mapping[str, Any]] = ()
    rotations: Sequence[Mapping[str, Any]] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the bundle's fields; those with nothing to say are left out."""
        lists = {"anchors": list(self.anchors), "rotations": list(self.rotations)}
        return {"upper": self.upper} | {name: value for name, value in lists.items() if value}


def proof_bundle(
    records: Iterable[tuple[int, Record]],
    tiles: TileReader,
    checkpoint: str,
    key: VerifierKey,
    around: Surroundings = Surroundings(),
) -> dict[str, Any]:
    """Return the bundle of records, given as (leaf index, record).

    Args:
        records: those to prove; each leaf index lies below the checkpoint's size.
        tiles: of the log.
        checkpoint: the signed note.
        key: of the log that signed it.
        around: the logs above and the keys before.
    """
    size = parse_checkpoint(checkpoint).size
    near = MemoryTiles(behind=tiles)
    proven = [
        {
            "header": _text(record.header),
            "payload": None if record.payload is None else _text(record.payload),
            "salt": None if record.salt is None else _text(record.salt),
            "leaf_index": leaf_index,
            "proof": [_text(step) for step in inclusion_proof(near, leaf_index, size)],
        }
        for leaf_index, record in records
    ]
    return {
        "format": FORMAT,
        "checkpoint": checkpoint,
        "verifier_key": str(key),
        "records": proven,
        **around.as_dict(),
    }


def tlog_proof(leaf_index: int, record: Record, tiles: TileReader, checkpoint: str) -> str:
    """Return the proof of one record as a C2SP ``.tlog-proof`` file.

    It proves the record's header, which stands in it as extra data: who verifies hashes that as
    the entry. It does not carry the payload.

    Source: https://c2sp.org/tlog-proof
    """
    size = parse_checkpoint(checkpoint).size
    path = inclusion_proof(MemoryTiles(behind=tiles), leaf_index, size)
    lines = [TLOG_PROOF, f"extra {_text(record.header)}", f"index {leaf_index}", *map(_text, path)]
    return "\n".join(lines) + f"\n\n{checkpoint}"


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
