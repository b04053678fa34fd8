"""Signed notes and checkpoints, as C2SP writes them (signed-note, tlog-checkpoint), with Ed25519.

A checkpoint is a note of three lines (origin, tree size, root hash) under which each signer adds
a line ``— name base64(key hash ‖ signature)``.

>>> signer = Signer.generate("longmai.example/log")
>>> note = signer.sign(checkpoint_text("longmai.example/log", 0, bytes(32)))
>>> open_note(note, signer.verifier_key).splitlines()[1]
'0'
"""

import base64
import hashlib
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from longmai.kernel.errors import Invalid, Unavailable

_ED25519 = b"\x01"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_KEY_HASH_BYTES = 4
_NAME = re.compile(r"[^\s+]+")
_PRIVATE_PREFIX = "PRIVATE+KEY"


@dataclass(frozen=True)
class Checkpoint:
    """The claim a log signs: its name, its size, and the root of its tree."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class VerifierKey:
    """A public key as notes name it: ``name+hash+base64``."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """First four bytes of SHA-256(name ‖ LF ‖ algorithm ‖ public key)."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_KEY_HASH_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read the text form.

        Raises:
            Invalid: not a verifier key, of another algorithm, or its hash does not fit.
        """
        name, _, rest = text.strip().partition("+")
        key_hash, _, encoded = rest.partition("+")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        key = cls(name, raw[1:])
        fits = raw[:1] == _ED25519 and len(raw) == 1 + _KEY_BYTES and _NAME.fullmatch(name)
        if not fits or key.key_hash.hex() != key_hash:
            raise Invalid(
                "not an Ed25519 verifier key",
                code="ledger.key",
                value=text,
                mend="copy the whole line: name+hash+key",
            )
        return key


class Signer:
    """A private Ed25519 key with its name; it never shows itself in text or errors."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise Invalid("a key's name has no space and no plus sign", value=name)
        self._private = private
        self.verifier_key = VerifierKey(name, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """Make a new key."""
        return cls(name, Ed25519PrivateKey.generate())

    def __repr__(self) -> str:
        return f"Signer({self.verifier_key})"

    def sign(self, text: str) -> str:
        """Return the note: the text, a blank line, and our signature line."""
        key = self.verifier_key
        signature = self._private.sign(text.encode())
        line = base64.b64encode(key.key_hash + signature).decode()
        return f"{text}\n— {key.name} {line}\n"

    def to_text(self) -> str:
        """Return the secret text form, for the key file only."""
        key = self.verifier_key
        secret = base64.b64encode(_ED25519 + self._private.private_bytes_raw()).decode()
        return f"{_PRIVATE_PREFIX}+{key.name}+{key.key_hash.hex()}+{secret}\n"

    @classmethod
    def from_text(cls, text: str, place: str) -> "Signer":
        """Read the secret text form.

        Raises:
            Invalid: not a key; the message never quotes it.
        """
        parts = text.strip().removeprefix(_PRIVATE_PREFIX + "+").split("+", 2)
        try:
            raw = base64.b64decode(parts[2], validate=True)
            signer = cls(parts[0], Ed25519PrivateKey.from_private_bytes(raw[1:]))
        except (IndexError, ValueError):
            raise Invalid("not a key file of a log", code="ledger.key", place=place) from None
        if signer.verifier_key.key_hash.hex() != parts[1]:
            raise Invalid("the key file is damaged", code="ledger.key", place=place)
        return signer


def load_or_create_signer(file: Path, name: str) -> Signer:
    """Read a log's key, or make it (mode 0600) where there is none.

    Raises:
        Invalid: the file can be read by others, is damaged, or is the key of another log.
        Unavailable: the file cannot be read or written.
    """
    try:
        if not file.exists():
            return _create(file, name)
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Invalid(
                "the log's key can be read by others",
                code="ledger.key.mode",
                place=str(file),
                mend=f"run: chmod 600 {file}",
            )
        signer = Signer.from_text(file.read_text(encoding="utf-8"), str(file))
    except OSError as error:
        raise Unavailable(
            "the log's key cannot be read or written", place=str(file), value=error.strerror
        ) from None
    if signer.verifier_key.name != name:
        raise Invalid(
            "the key belongs to another log",
            code="ledger.key.name",
            place=str(file),
            value=signer.verifier_key.name,
            mend=f"set LONGMAI_LOG_ORIGIN={signer.verifier_key.name}, or use another data folder",
        )
    return signer


def _create(file: Path, name: str) -> Signer:
    signer = Signer.generate(name)
    # Written whole under another name first: a torn key file would lock the log out.
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(signer.to_text())
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(file)
    return signer


def checkpoint_text(origin: str, size: int, root: bytes, extensions: Sequence[str] = ()) -> str:
    """Return a checkpoint's text, to be signed."""
    lines = [origin, str(size), base64.b64encode(root).decode(), *extensions]
    return "\n".join(lines) + "\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text (without its signatures).

    Raises:
        Invalid: not a checkpoint.
    """
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError):
        raise Invalid("not a checkpoint", code="ledger.checkpoint", value=text) from None
    if not origin or not re.fullmatch(r"0|[1-9]\d*", size, re.ASCII) or len(root) != _KEY_BYTES:
        raise Invalid("not a checkpoint", code="ledger.checkpoint", value=text)
    return Checkpoint(origin, int(size), root)


def open_note(note: str, key: VerifierKey) -> str:
    """Return a note's text after checking the signature of this key; others are passed over.

    Raises:
        Invalid: not a note, no signature of this key, or a wrong one.
    """
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Invalid("not a signed note", code="ledger.note", value=note)
    signed = text + "\n"
    for line in signatures.removesuffix("\n").split("\n"):
        name, raw = _signature_line(line)
        if name == key.name and raw[:_KEY_HASH_BYTES] == key.key_hash:
            _verify(key, raw[_KEY_HASH_BYTES:], signed)
            return signed
    raise Invalid("the note is not signed by this key", code="ledger.signature", value=str(key))


def _signature_line(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix("— ").partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not line.startswith("— ") or not name or len(raw) <= _KEY_HASH_BYTES:
        raise Invalid("not a signature line", code="ledger.note", value=line)
    return name, raw


def _verify(key: VerifierKey, signature: bytes, signed: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed.encode())
    except InvalidSignature:
        raise Invalid(
            "the signature does not fit the text", code="ledger.signature", value=key.name
        ) from None
