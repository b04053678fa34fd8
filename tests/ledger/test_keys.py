"""Key files: made once, private, and replaced only by rotation."""

from pathlib import Path

import pytest

from longmai.kernel.errors import Invalid, Unavailable
from longmai.ledger.keys import KeyFile
from longmai.ledger.note import WITNESS_KEY

NAME = "example.com/log"


def test_a_key_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    """The second start reads the first one's key; nobody else may read the file."""
    file = tmp_path / "ledger.key"
    made = KeyFile(file, NAME).signer
    assert file.stat().st_mode & 0o777 == 0o600
    assert KeyFile(file, NAME).signer.verifier_key == made.verifier_key


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Loose permissions stop the start, and the message says how to mend them."""
    file = tmp_path / "ledger.key"
    KeyFile(file, NAME).signer  # noqa: B018 - makes or reads the file
    file.chmod(0o644)
    with pytest.raises(Invalid, match="chmod 600"):
        KeyFile(file, NAME).signer  # noqa: B018 - makes or reads the file


def test_a_key_of_another_log_is_refused(tmp_path: Path) -> None:
    """A data folder belongs to one log."""
    file = tmp_path / "ledger.key"
    KeyFile(file, "other.example/log").signer  # noqa: B018 - makes or reads the file
    with pytest.raises(Invalid, match=r"other\.example/log"):
        KeyFile(file, NAME).signer  # noqa: B018 - makes or reads the file


def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    """The error names the file and never quotes the secret."""
    file = tmp_path / "ledger.key"
    KeyFile(file, NAME).signer  # noqa: B018 - makes or reads the file
    secret = file.read_text("utf-8")
    file.write_text(secret.replace(secret[-6], "A" if secret[-6] != "A" else "B"), "utf-8")
    with pytest.raises(Invalid) as refusal:
        KeyFile(file, NAME).signer  # noqa: B018 - makes or reads the file
    assert secret.strip().rsplit("+", maxsplit=1)[-1][:16] not in str(refusal.value)


def test_a_key_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """No folder, no key: said in a sentence."""
    with pytest.raises(Unavailable, match="cannot be read or written"):
        KeyFile(tmp_path / "nowhere" / "ledger.key", NAME).signer  # noqa: B018 - makes or reads the file


def test_a_witness_key_is_no_log_key(tmp_path: Path) -> None:
    """The two kinds are not taken for each other."""
    KeyFile(tmp_path / "k", NAME, WITNESS_KEY).signer  # noqa: B018 - makes the file
    with pytest.raises(Invalid, match="another log"):
        KeyFile(tmp_path / "k", NAME).signer  # noqa: B018 - reads the file


def test_a_next_key_waits_until_it_is_promoted(tmp_path: Path) -> None:
    """Both sign while the rotation is under way; another process sees the change at once."""
    keys, elsewhere = KeyFile(tmp_path / "k", NAME), KeyFile(tmp_path / "k", NAME)
    old = keys.signer.verifier_key
    assert elsewhere.signer.verifier_key == old
    new = keys.prepare().verifier_key
    assert keys.prepare().verifier_key == new
    assert [signer.verifier_key for signer in elsewhere.signers()] == [old, new]
    keys.promote(old)
    assert elsewhere.signer.verifier_key == old
    keys.promote(new)
    assert [signer.verifier_key for signer in elsewhere.signers()] == [new]
    assert not keys.next_file.exists()


def test_two_processes_that_make_a_key_get_the_same(tmp_path: Path) -> None:
    """Who comes second takes the first one's key."""
    first, second = KeyFile(tmp_path / "k", NAME), KeyFile(tmp_path / "k", NAME)
    made = first.signer.verifier_key
    assert second._create(tmp_path / "k").verifier_key == made
    assert sorted(file.name for file in tmp_path.iterdir()) == ["k"]
