"""Signed notes, checkpoints and key files."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid, Unavailable
from longmai.ledger.note import (
    Signer,
    VerifierKey,
    checkpoint_text,
    load_or_create_signer,
    open_note,
    parse_checkpoint,
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


def test_a_key_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    """The second start reads the first one's key; nobody else may read the file."""
    file = tmp_path / "ledger.key"
    made = load_or_create_signer(file, NAME)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_or_create_signer(file, NAME).verifier_key == made.verifier_key


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Loose permissions stop the start, and the message says how to mend them."""
    file = tmp_path / "ledger.key"
    load_or_create_signer(file, NAME)
    file.chmod(0o644)
    with pytest.raises(Invalid, match="chmod 600"):
        load_or_create_signer(file, NAME)


def test_a_key_of_another_log_is_refused(tmp_path: Path) -> None:
    """A data folder belongs to one log."""
    file = tmp_path / "ledger.key"
    load_or_create_signer(file, "other.example/log")
    with pytest.raises(Invalid, match=r"other\.example/log"):
        load_or_create_signer(file, NAME)


def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    """The error names the file and never quotes the secret."""
    file = tmp_path / "ledger.key"
    load_or_create_signer(file, NAME)
    secret = file.read_text("utf-8")
    file.write_text(secret.replace(secret[-6], "A" if secret[-6] != "A" else "B"), "utf-8")
    with pytest.raises(Invalid) as refusal:
        load_or_create_signer(file, NAME)
    assert secret.strip().rsplit("+", maxsplit=1)[-1][:16] not in str(refusal.value)


def test_a_key_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """No folder, no key: said in a sentence."""
    with pytest.raises(Unavailable, match="cannot be read or written"):
        load_or_create_signer(tmp_path / "nowhere" / "ledger.key", NAME)


def test_a_signer_never_shows_its_secret() -> None:
    """Neither repr nor str carries the private key."""
    secret = SIGNER.to_text().strip().rsplit("+", maxsplit=1)[-1]
    assert secret not in repr(SIGNER) + str(SIGNER)
