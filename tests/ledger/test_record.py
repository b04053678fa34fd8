"""Sealing acts into records."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from longmai.kernel.errors import Invalid
from longmai.kernel.ids import new_id
from longmai.ledger.record import (
    MAX_PAYLOAD_BYTES,
    MAX_SUBJECTS,
    Act,
    Record,
    seal,
    second_commitments,
)

NOW = datetime(2025, 10, 1, 8, tzinfo=UTC)
ACT = Act("brand.box.packed", ["urn:x"], "", "tester", NOW, {"名": "苹果", "kg": 1.50})


def sealed(act: Act, salt: bytes = bytes(32)) -> Record:
    """Seal an act at a fixed time."""
    return seal(act, record_id=new_id(), recorded_at=NOW, salt=salt)


def test_a_header_commits_to_its_payload() -> None:
    """The commitment is SHA-256 of salt and canonical payload."""
    record = sealed(ACT, salt=b"s" * 32)
    assert record.payload == '{"kg":1.5,"名":"苹果"}'.encode()
    expected = hashlib.sha256(b"s" * 32 + record.payload).hexdigest()
    assert record.fields()["commitment"] == expected


def test_a_header_is_canonical_and_complete() -> None:
    """Keys are sorted, nothing is left out, and the payload is not in it."""
    record = sealed(ACT)
    fields = json.loads(record.header)
    assert list(fields) == sorted(fields)
    assert fields["occurred_at"] == "2025-10-01T08:00:00.000000Z"
    assert "苹果".encode() not in record.header


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (replace(ACT, kind="Brand"), "dotted lower-case"),
        (replace(ACT, subjects=["x"] * (MAX_SUBJECTS + 1)), "at most 64 subjects"),
        (replace(ACT, subjects=["x" * 70_000]), "header has at most"),
        (replace(ACT, region="62"), "12-digit code"),
        (replace(ACT, occurred_at=NOW.replace(tzinfo=None)), "time zone"),
        (replace(ACT, payload={"n": 2**60}), "no canonical JSON form"),
        (replace(ACT, payload={"n": "x" * (MAX_PAYLOAD_BYTES + 1)}), "a payload has at most"),
    ],
)
def test_an_act_that_breaks_a_rule_is_refused(act: Act, what: str) -> None:
    """Each rule has its sentence."""
    with pytest.raises(Invalid, match=what):
        sealed(act)


def test_a_short_salt_is_refused() -> None:
    """A salt that could be guessed hides nothing."""
    with pytest.raises(Invalid, match="a salt has 32 bytes"):
        sealed(ACT, salt=b"short")


def test_a_second_hash_commits_beside_the_first() -> None:
    """SM3 by OpenSSL as the independent witness; the verifier and the header agree."""
    record = seal(ACT, record_id=new_id(), recorded_at=NOW, salt=bytes(32), second="sm3")
    assert record.payload is not None
    expected = hashlib.new("sm3", bytes(32) + record.payload).hexdigest()
    assert record.fields()["commitment_sm3"] == expected
    assert dict(second_commitments(record.fields())) == {"sm3": expected}
    assert "commitment_sm3" not in sealed(ACT).fields()


def test_a_hash_that_is_not_there_is_named() -> None:
    """The error says which there are."""
    with pytest.raises(Invalid, match="there are: sm3"):
        seal(ACT, record_id=new_id(), recorded_at=NOW, salt=bytes(32), second="whirlpool")
