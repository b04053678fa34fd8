"""Proofs of stored records, under the checkpoint that says most about them."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from longmai.kernel.errors import Unavailable
from longmai.ledger.certificate import Surroundings, proof_bundle, tlog_proof
from longmai.ledger.log import signing_key
from longmai.ledger.note import VerifierKey, parse_checkpoint, signers_named
from longmai.ledger.record import Record
from longmai.store.anchoring import receipt_covering
from longmai.store.ledger import SqlLog


class Prover:
    """Proofs from one log, within one transaction.

    Args:
        connection: open.
        key: that signs the log's checkpoints now.
        upper: origin of the log above; None if there is none.
    """

    def __init__(self, connection: Connection, key: VerifierKey, upper: str | None = None) -> None:
        self._connection, self._log = connection, SqlLog(connection)
        self._key, self._upper = key, upper

    def bundle(self, record_ids: Sequence[UUID]) -> dict[str, Any]:
        """Return the proof bundle of records.

        It stands under the newest checkpoint whose way through the logs above is known and that
        covers them all; where there is none yet, under the newest checkpoint.

        Raises:
            NotFound: there is no such record.
            Unavailable: a record has no place, or no published checkpoint covers it yet.
        """
        placed = self._log.placed(record_ids)
        last = max(leaf_index for leaf_index, _ in placed)
        note, anchors = self._anchored(last) or (self._covering(last), ())
        around = Surroundings(self._upper, anchors, self.rotations())
        near = self._log.near([leaf for leaf, _ in placed], _size_of(note))
        return proof_bundle(placed, near, note, self._signer_of(note), around)

    def tlog_proof(self, record_id: UUID) -> str:
        """Return the ``.tlog-proof`` of a record under the newest checkpoint.

        Raises:
            NotFound: there is no such record.
            Unavailable: it has no place, or no published checkpoint covers it yet.
        """
        [(leaf_index, record)] = self._log.placed([record_id])
        note = self._covering(leaf_index)
        return tlog_proof(leaf_index, record, self._log.near([leaf_index], _size_of(note)), note)

    def rotations(self) -> list[dict[str, Any]]:
        """Return the proofs of the key rotations, oldest first, each under both keys' signature."""
        proofs = []
        for leaf_index, record in self._log.rotations():
            found = self._log.checkpoint_from(leaf_index + 1)
            if found is not None:
                old = VerifierKey.parse(_rotated(record)["from"])
                proofs.append(proof_bundle([(leaf_index, record)], self._log, found[1], old))
        return proofs

    def _covering(self, leaf_index: int) -> str:
        note = self._log.checkpoint()
        if _size_of(note) <= leaf_index:
            raise Unavailable(
                "no published checkpoint covers the record yet",
                code="ledger.pending",
                value=leaf_index,
                mend="try again in a second; if it stays, witnesses may be out of reach",
            )
        return note

    def _anchored(self, leaf_index: int) -> tuple[str, Sequence[Any]] | None:
        receipt = receipt_covering(self._connection, leaf_index)
        if receipt is None or receipt.chain is None:
            return None
        found = self._log.checkpoint_from(receipt.size)
        # Checkpoints from before a key rotation are left to the certificates given out then.
        if found is None or found[0] != receipt.size or not self._signed_now(found[1]):
            return None
        return found[1], receipt.chain

    def _signed_now(self, note: str) -> bool:
        named = {(name, key_hash) for name, key_hash, _ in signers_named(note)}
        return (self._key.name, self._key.key_hash) in named

    def _signer_of(self, note: str) -> VerifierKey:
        return signing_key(note, self._log.keys(self._key))


def _size_of(note: str) -> int:
    return parse_checkpoint(note).size


def _rotated(record: Record) -> dict[str, str]:
    return dict(json.loads(record.payload or b"{}"))
