"""Signed notes, checkpoints and cosignatures."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid
from longmai.ledger.note import (
    WITNESS_KEY,
    Signer,
    VerifierKey,
    checkpoint_text,
    open_note,
    parse_checkpoint,
    signers_named,
)

NAME = "example.com/log"
SIGNER = Signer.generate(NAME)
NOTE = SIGNER.sign(checkpoint_text(NAME, 7, bytes(32)))


@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size: int, root: bytes) -> None:
    """Origin, size and root come back from the signed text."""
    note = SIGNER.sign(checkpoint_text(NAME, size, root, ["an extension"]))
    read = parse_checkpoint(open_note(note, SIGNER.verifier_key))
    assert (read.origin, read.size, read.root) == (NAME, size, root)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_note_is_refused(place: int, change: int) -> None:
    """No byte of text or signature can be changed; a broken signature line is refused too."""
    raw = bytearray(NOTE.encode())
    raw[place] ^= change
    with pytest.raises((Invalid, UnicodeDecodeError)):
        open_note(raw.decode(), SIGNER.verifier_key)


def test_a_key_reads_back() -> None:
    """A verifier key's text form is C2SP's: name, hash, base64 of algorithm and key."""
    key = SIGNER.verifier_key
    assert VerifierKey.parse(str(key)) == key
    assert str(key).count("+") >= 2


@pytest.mark.parametrize("text", ["", "a", "a+b+c", f"{NAME}+00000000+AQ==", "a b+00+AA=="])
def test_what_is_no_key_is_refused(text: str) -> None:
    """Broken keys are refused in words."""
    with pytest.raises(Invalid, match="not an Ed25519 verifier key"):
        VerifierKey.parse(text)


def test_another_logs_signature_does_not_count() -> None:
    """A note signed by another key of the same name is refused."""
    with pytest.raises(Invalid, match="not signed by this key"):
        open_note(NOTE, Signer.generate(NAME).verifier_key)


def test_further_signatures_are_passed_over() -> None:
    """A witness's line beside the log's does no harm."""
    line = base64.b64encode(b"1234" + bytes(64)).decode()
    open_note(f"{NOTE}— witness.example {line}\n", SIGNER.verifier_key)


@pytest.mark.parametrize(
    "text", ["", "o\n", "o\n1\n", "o\n01\nAA==\n", "o\n-1\nx\n", "\n1\nAA==\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """Broken checkpoints are refused in words."""
    with pytest.raises(Invalid, match="not a checkpoint"):
        parse_checkpoint(text)


def test_a_signer_never_shows_its_secret() -> None:
    """Neither repr nor str carries the private key."""
    secret = SIGNER.to_text().strip().split("+", maxsplit=4)[-1]  # base64 may hold a "+" itself
    assert secret not in repr(SIGNER) + str(SIGNER)


# The example of the specification: a checkpoint cosigned by a witness at a known time.
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
    "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_time_of_the_specifications_cosignature_is_read() -> None:
    """The published example says 1679315147."""
    (_, _, log_time), (witness, _, at) = signers_named(COSIGNED)
    assert log_time is None
    assert (witness, at) == ("witness.example.com/w1", datetime.fromtimestamp(1679315147, UTC))


@given(st.integers(0, 2**33))
def test_a_cosignature_is_over_the_time_and_the_text(seconds: int) -> None:
    """Computed again by hand, as the specification words it."""
    witness = Signer.generate("w.example", WITNESS_KEY)
    text = checkpoint_text(NAME, 7, bytes(32))
    line = witness.cosignature_line(text, datetime.fromtimestamp(seconds, UTC))
    raw = base64.b64decode(line.split(" ")[2])
    assert raw[4:12] == seconds.to_bytes(8, "big")
    message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
    public = Ed25519PublicKey.from_public_bytes(witness.verifier_key.public)
    public.verify(raw[12:], message)
    assert open_note(NOTE.partition("\n\n")[0] + "\n\n" + line, witness.verifier_key) == text
    assert (
        witness.verifier_key.key_hash
        == hashlib.sha256(b"w.example\n\x04" + witness.verifier_key.public).digest()[:4]
    )


def test_a_cosignature_at_another_time_does_not_hold() -> None:
    """The time is signed, too."""
    witness = Signer.generate("w.example", WITNESS_KEY)
    text = checkpoint_text(NAME, 7, bytes(32))
    line = witness.cosignature_line(text, datetime(2025, 1, 1, tzinfo=UTC))
    raw = bytearray(base64.b64decode(line.split(" ")[2]))
    raw[11] ^= 1
    forged = f"{text}\n— w.example {base64.b64encode(bytes(raw)).decode()}\n"
    with pytest.raises(Invalid, match="does not fit"):
        open_note(forged, witness.verifier_key)
