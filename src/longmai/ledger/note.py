"""Signed notes and checkpoints, as C2SP writes them, with Ed25519.

A checkpoint is a note of three lines (origin, tree size, root hash) under which each signer adds
a line ``— name base64(key hash ‖ signature)``: the log itself, and the witnesses that saw it grow.

Source: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint

>>> signer = Signer.generate("longmai.example/log")
>>> note = signer.sign(checkpoint_text("longmai.example/log", 0, bytes(32)))
>>> open_note(note, signer.verifier_key).splitlines()[1]
'0'
"""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from longmai.kernel.errors import Invalid
from longmai.ledger.provider import ED25519, digest

# Key types of C2SP signed notes: what logs sign with, and what witnesses cosign with.
LOG_KEY = b"\x01"
WITNESS_KEY = b"\x04"
_KEY_BYTES = 32
_KEY_HASH_BYTES = 4
_TIME_BYTES = 8
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
    """A public Ed25519 key as notes name it: ``name+hash+base64``.

    Attributes:
        name: of the log or witness.
        public: 32 bytes.
        kind: ``LOG_KEY``, or ``WITNESS_KEY`` whose signatures carry their time.
    """

    name: str
    public: bytes
    kind: bytes = LOG_KEY

    @property
    def key_hash(self) -> bytes:
        """First four bytes of SHA-256(name ‖ LF ‖ kind ‖ public key)."""
        return digest(self.name.encode() + b"\n" + self.kind + self.public)[:_KEY_HASH_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(self.kind + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str, kind: bytes = LOG_KEY) -> "VerifierKey":
        """Read the text form.

        Raises:
            Invalid: not a verifier key, of another kind, or its hash does not fit.
        """
        name, _, rest = text.strip().partition("+")
        key_hash, _, encoded = rest.partition("+")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        key = cls(name, raw[1:], kind)
        fits = raw[:1] == kind and len(raw) == 1 + _KEY_BYTES and _NAME.fullmatch(name)
        if not fits or key.key_hash.hex() != key_hash:
            whose = "log" if kind == LOG_KEY else "witness"
            raise Invalid(
                f"not an Ed25519 verifier key of a {whose}",
                code="ledger.key",
                value=text,
                mend="copy the whole line: name+hash+key",
            )
        return key


class Signer:
    """A private Ed25519 key with its name; it never shows itself in text or errors."""

    def __init__(self, name: str, private: bytes, kind: bytes = LOG_KEY) -> None:
        if not _NAME.fullmatch(name):
            raise Invalid("a key's name has no space and no plus sign", value=name)
        self._private = private
        self.verifier_key = VerifierKey(name, ED25519.public(private), kind)

    @classmethod
    def generate(cls, name: str, kind: bytes = LOG_KEY) -> "Signer":
        """Make a new key."""
        return cls(name, ED25519.generate(), kind)

    def __repr__(self) -> str:
        return f"Signer({self.verifier_key})"

    def signers(self) -> tuple["Signer", ...]:
        """Return itself: one key is a key ring, too."""
        return (self,)

    def sign(self, text: str) -> str:
        """Return the note: the text, a blank line, and our signature line."""
        return f"{text}\n{self.signature_line(text)}"

    def signature_line(self, text: str, at: datetime | None = None) -> str:
        """Return our signature line for a text; a witness's key also signs the time.

        Source: https://c2sp.org/tlog-cosignature
        """
        key = self.verifier_key
        seconds = int((at or datetime.now(UTC)).timestamp()) if key.kind == WITNESS_KEY else None
        signature = ED25519.sign(self._private, _message(text, seconds))
        timed = b"" if seconds is None else seconds.to_bytes(_TIME_BYTES, "big")
        line = base64.b64encode(key.key_hash + timed + signature).decode()
        return f"— {key.name} {line}\n"

    def to_text(self) -> str:
        """Return the secret text form, for the key file only."""
        key = self.verifier_key
        secret = base64.b64encode(key.kind + self._private).decode()
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
            signer = cls(parts[0], raw[1:], raw[:1])
        except (IndexError, ValueError):
            raise Invalid("not a key file of a log", code="ledger.key", place=place) from None
        if signer.verifier_key.key_hash.hex() != parts[1]:
            raise Invalid("the key file is damaged", code="ledger.key", place=place)
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
    text, lines = split_note(note)
    for name, raw in map(_signature_line, lines):
        if name == key.name and raw[:_KEY_HASH_BYTES] == key.key_hash:
            _verify(key, raw[_KEY_HASH_BYTES:], text)
            return text
    raise Invalid("the note is not signed by this key", code="ledger.signature", value=str(key))


def split_note(note: str) -> tuple[str, list[str]]:
    """Return a note's text and its signature lines, none of them checked.

    Raises:
        Invalid: not a note.
    """
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Invalid("not a signed note", code="ledger.note", value=note)
    return text + "\n", signatures.removesuffix("\n").split("\n")


def signers_named(note: str) -> Iterator[tuple[str, bytes, datetime | None]]:
    """Yield (name, key hash, time of a cosignature) of a note's signature lines, unchecked."""
    for name, raw in map(_signature_line, split_note(note)[1]):
        timed = len(raw) == _KEY_HASH_BYTES + _TIME_BYTES + ED25519.signature_bytes
        seconds = int.from_bytes(raw[_KEY_HASH_BYTES:][:_TIME_BYTES], "big")
        yield name, raw[:_KEY_HASH_BYTES], _instant(seconds) if timed else None


def _instant(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _signature_line(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix("— ").partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not line.startswith("— ") or not name or len(raw) <= _KEY_HASH_BYTES:
        raise Invalid("not a signature line", code="ledger.note", value=line)
    return name, raw


def _verify(key: VerifierKey, signature: bytes, text: str) -> None:
    seconds = None
    if key.kind == WITNESS_KEY:
        seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
        signature = signature[_TIME_BYTES:]
    if not ED25519.verifies(key.public, signature, _message(text, seconds)):
        raise Invalid(
            "the signature does not fit the text", code="ledger.signature", value=key.name
        )


def _message(text: str, seconds: int | None) -> bytes:
    # What is signed: the text itself, or by a witness the text after a header with the time.
    head = "" if seconds is None else f"cosignature/v1\ntime {seconds}\n"
    return (head + text).encode()
