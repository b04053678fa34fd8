"""The offline verifier takes what the writer proves, and nothing else."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.ids import new_id
from longmai.ledger import verifier
from longmai.ledger.certificate import proof_bundle
from longmai.ledger.merkle import MemoryTiles, append, hash_leaf, tree_root
from longmai.ledger.note import Signer, checkpoint_text
from longmai.ledger.record import Act, Record, seal

NAME = "example.com/log"
SIGNER = Signer.generate(NAME)
KEY = str(SIGNER.verifier_key)
SIZE = 300
NOW = datetime(2025, 10, 1, tzinfo=UTC)


def _records() -> list[Record]:
    acts = [Act("test.thing.made", [f"urn:{i}"], "", "t", NOW, {"n": i}) for i in range(SIZE)]
    return [seal(act, record_id=new_id(), recorded_at=NOW, salt=bytes(32)) for act in acts]


RECORDS = _records()
TILES = MemoryTiles()
append(TILES, 0, [hash_leaf(record.header) for record in RECORDS])
NOTE = SIGNER.sign(checkpoint_text(NAME, SIZE, tree_root(TILES, SIZE)))


def bundle(*indexes: int) -> dict[str, Any]:
    """Prove records of the log."""
    chosen = [(i, RECORDS[i]) for i in indexes]
    return proof_bundle(chosen, TILES, NOTE, SIGNER.verifier_key)


@given(st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=5))
def test_what_the_writer_proves_holds(indexes: list[int]) -> None:
    """Any records of the log verify, with their payloads."""
    verdict = verifier.verify(json.dumps(bundle(*indexes)), KEY)
    assert verdict.holds
    assert [record.payload["n"] for record in verdict.records] == indexes


def _flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(raw).decode()


def _spoil(field: str) -> Callable[[dict[str, Any]], None]:
    def spoil(proof: dict[str, Any]) -> None:
        proof["records"][0][field] = _flipped(proof["records"][0][field])

    return spoil


def _shorten_path(proof: dict[str, Any]) -> None:
    proof["records"][0]["proof"].pop()


def _move(proof: dict[str, Any]) -> None:
    proof["records"][0]["leaf_index"] += 1


def _drop_salt(proof: dict[str, Any]) -> None:
    proof["records"][0]["salt"] = None


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_spoil("payload"), "payload"),
        (_spoil("salt"), "payload"),
        (_shorten_path, "inclusion"),
        (_move, "inclusion"),
        (_drop_salt, "format"),
        (lambda proof: proof["records"][0].update(header="{"), "format"),
        (lambda proof: proof["records"][0].update(leaf_index=True), "format"),
        (lambda proof: proof["records"][0].update(leaf_index=SIZE), "inclusion"),
    ],
)
def test_a_spoilt_record_is_refused_alone(
    spoil: Callable[[dict[str, Any]], None], code: str
) -> None:
    """The verdict names the record's fault; the others in the bundle still hold."""
    proof = bundle(5, 6)
    spoil(proof)
    first, second = verifier.verify(json.dumps(proof)).records
    assert first.problem is not None
    assert first.problem.code == code
    assert second.problem is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"checkpoint": NOTE.replace(f"\n{SIZE}\n", f"\n{SIZE - 1}\n")}, "signature"),
        ({"checkpoint": "nothing"}, "signature"),
        ({"verifier_key": str(Signer.generate(NAME).verifier_key)}, "signature"),
        ({"verifier_key": "x"}, "key"),
        ({"format": "other/1"}, "format"),
        ({"records": []}, "format"),
        ({"records": "x"}, "format"),
    ],
)
def test_a_spoilt_bundle_is_refused_whole(change: dict[str, Any], code: str) -> None:
    """Without a believable checkpoint nothing is believed."""
    with pytest.raises(verifier.Refused) as refusal:
        verifier.verify(json.dumps(bundle(5) | change))
    assert refusal.value.code == code


def test_another_key_than_the_trusted_one_is_refused() -> None:
    """The key in the file does not vouch for itself where the caller names one."""
    with pytest.raises(verifier.Refused, match="not by the one you trust"):
        verifier.verify(json.dumps(bundle(1)), str(Signer.generate(NAME).verifier_key))


def test_erased_content_still_proves_the_record() -> None:
    """Payload and salt may be gone together; the record then stands without its content."""
    proof = bundle(9)
    proof["records"][0].update(payload=None, salt=None)
    [record] = verifier.verify(json.dumps(proof), KEY).records
    assert record.erased
    assert record.problem is None


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_junk_is_refused_in_words(junk: bytes | str) -> None:
    """Whatever the file holds, the answer is a refusal and not a crash."""
    with pytest.raises(verifier.Refused):
        verifier.verify(junk)
