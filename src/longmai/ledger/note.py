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

# Key types of C2SP signed notes: what logs sign with, what witnesses cosign with, and ours for the
# line by which a log says when it published a checkpoint, and after which (``ledger.log``).
# Who does not know a type passes over its lines.
LOG_KEY = b"\x01"
WITNESS_KEY = b"\x04"
PUBLICATION_KEY = b"\xfflongmai.example/publication/v1"
_KEY_BYTES = 32
_KEY_HASH_BYTES = 4
# What stands before the signature in a line of each type, and is signed with the text.
_STAMP_BYTES = {LOG_KEY: 0, WITNESS_KEY: 8, PUBLICATION_KEY: 16}
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
        kind: ``LOG_KEY``; ``WITNESS_KEY``, whose signatures carry their time; or
            ``PUBLICATION_KEY``.
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

    def of_kind(self, kind: bytes) -> "VerifierKey":
        """Return the same key for lines of another type."""
        return VerifierKey(self.name, self.public, kind)

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

    def signature_line(self, text: str) -> str:
        """Return our signature line for a text."""
        return self._line(self.verifier_key, text, b"")

    def cosignature_line(self, text: str, at: datetime) -> str:
        """Return a witness's signature line for a checkpoint, with its time in seconds.

        Source: https://c2sp.org/tlog-cosignature
        """
        stamp = int(at.timestamp()).to_bytes(_STAMP_BYTES[WITNESS_KEY], "big")
        return self._line(self.verifier_key, text, stamp)

    def publication_line(self, text: str, stamp: bytes) -> str:
        """Return the line that binds 16 bytes to a checkpoint; see ``ledger.log``."""
        return self._line(self.verifier_key.of_kind(PUBLICATION_KEY), text, stamp)

    def _line(self, key: VerifierKey, text: str, stamp: bytes) -> str:
        signature = ED25519.sign(self._private, _message(key.kind, text, stamp))
        line = base64.b64encode(key.key_hash + stamp + signature).decode()
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
    return open_stamped(note, key)[0]


def open_stamped(note: str, key: VerifierKey) -> tuple[str, bytes]:
    """Return a note's text, and the bytes that this key's line binds to it (empty for a log's).

    Raises:
        Invalid: not a note, no signature of this key, or a wrong one.
    """
    text, lines = split_note(note)
    for name, raw in map(_signature_line, lines):
        if name == key.name and raw[:_KEY_HASH_BYTES] == key.key_hash:
            return text, _verified(key, raw[_KEY_HASH_BYTES:], text)
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
        stamp = raw[_KEY_HASH_BYTES:][: -ED25519.signature_bytes]
        timed = len(stamp) == _STAMP_BYTES[WITNESS_KEY]
        seconds = int.from_bytes(stamp, "big")
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


def _verified(key: VerifierKey, signed: bytes, text: str) -> bytes:
    stamp, signature = signed[: _STAMP_BYTES[key.kind]], signed[_STAMP_BYTES[key.kind] :]
    if not ED25519.verifies(key.public, signature, _message(key.kind, text, stamp)):
        raise Invalid(
            "the signature does not fit the text", code="ledger.signature", value=key.name
        )
    return stamp


def _message(kind: bytes, text: str, stamp: bytes) -> bytes:
    # What is signed: the text itself; by other types a header that no text begins with, and it.
    if kind == WITNESS_KEY:
        head = f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n"
    elif kind == PUBLICATION_KEY:
        head = f"publication/v1\n{stamp.hex()}\n"
    else:
        head = ""
    return (head + text).encode()
