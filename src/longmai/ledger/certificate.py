"""Proof bundles: records with their inclusion paths under one signed checkpoint, as JSON.

A bundle of one record is its certificate; a bundle of many proves all steps of a journey. It is
checked offline by ``longmai.ledger.verifier``, by the page that scanned a code, and by anyone
who reads RFC 9162 and C2SP notes.
"""

import base64
from collections.abc import Iterable
from typing import Any

from longmai.ledger.merkle import MemoryTiles, TileReader, inclusion_proof
from longmai.ledger.note import VerifierKey, parse_checkpoint
from longmai.ledger.record import Record

FORMAT = "longmai-proof/1"
TLOG_PROOF = "c2sp.org/tlog-proof@v1"


def proof_bundle(
    records: Iterable[tuple[int, Record]], tiles: TileReader, checkpoint: str, key: VerifierKey
) -> dict[str, Any]:
    """Return the bundle of records, given as (leaf index, record).

    Args:
        records: those to prove; each leaf index lies below the checkpoint's size.
        tiles: of the log.
        checkpoint: the signed note.
        key: of the log that signed it.
    """
    size = parse_checkpoint(checkpoint).size
    near = MemoryTiles(behind=tiles)
    return {
        "format": FORMAT,
        "checkpoint": checkpoint,
        "verifier_key": str(key),
        "records": [
            {
                "header": _text(record.header),
                "payload": None if record.payload is None else _text(record.payload),
                "salt": None if record.salt is None else _text(record.salt),
                "leaf_index": leaf_index,
                "proof": [_text(step) for step in inclusion_proof(near, leaf_index, size)],
            }
            for leaf_index, record in records
        ],
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
