"""Certificates in C2SP's own form."""

import base64

import pytest
from tests.ledger.test_verifier import NOTE, RECORDS, SIGNER, SIZE, TILES

from longmai.ledger.certificate import tlog_proof
from longmai.ledger.merkle import hash_leaf, verify_inclusion
from longmai.ledger.note import open_note, parse_checkpoint


@pytest.mark.parametrize("index", [0, 1, 255, 256, SIZE - 1])
def test_a_tlog_proof_is_read_by_its_specification(index: int) -> None:
    """Header, extra, index, hashes, a blank line, the checkpoint; and it proves its entry."""
    text = tlog_proof(index, RECORDS[index], TILES, NOTE)
    proof, _, note = text.partition("\n\n")
    first, extra, at, *hashes = proof.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    assert at == f"index {index}"
    entry = base64.b64decode(extra.removeprefix("extra "), validate=True)
    assert entry == RECORDS[index].header
    checkpoint = parse_checkpoint(open_note(note, SIGNER.verifier_key))
    path = [base64.b64decode(line, validate=True) for line in hashes]
    assert verify_inclusion(hash_leaf(entry), index, checkpoint.size, path, checkpoint.root)
