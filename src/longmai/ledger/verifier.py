"""Offline verification of a proof bundle.

Shares no code with the writer (import-linter holds it to that) and needs only the standard
library and ``cryptography``, so that it can be read in one sitting and copied elsewhere.

What it proves: the payload is the one the log committed to, the record stands in the log, and
the log's key signed a checkpoint that covers it. What it cannot prove: that the key is the right
one; give the key you trust.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "longmai-proof/1"
_MAX_PATH = 64
_SALT_BYTES = 32


class Refused(Exception):
    """A proof does not hold; ``code`` is format, payload, inclusion, signature or key."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what


@dataclass(frozen=True)
class RecordVerdict:
    """What was found of one record: ``problem`` is None when it holds."""

    leaf_index: int
    header: dict[str, Any]
    payload: Any
    erased: bool
    problem: Refused | None


@dataclass(frozen=True)
class Verdict:
    """What was found of a bundle.

    Attributes:
        origin: name of the log.
        size: number of records the checkpoint covers.
        root: hash of the tree, hexadecimal.
        key_given: the caller named the key; otherwise the file vouches for itself.
        records: one verdict each.
    """

    origin: str
    size: int
    root: str
    key_given: bool
    records: tuple[RecordVerdict, ...]

    @property
    def holds(self) -> bool:
        """Whether every record holds."""
        return bool(self.records) and all(record.problem is None for record in self.records)


def verify(text: str | bytes, trusted_key: str | None = None) -> Verdict:
    """Verify a bundle.

    Args:
        text: the JSON file.
        trusted_key: the verifier key (``name+hash+key``) that you trust.

    Raises:
        Refused: the bundle as a whole cannot be believed: not a bundle, another key than the
            trusted one, or a checkpoint whose signature does not hold.
    """
    bundle = _read(text)
    key = _field(bundle, "verifier_key", str)
    if trusted_key is not None and key.strip() != trusted_key.strip():
        raise Refused("key", f"signed by the key {key}, not by the one you trust")
    origin, size, root = _open_checkpoint(_field(bundle, "checkpoint", str), key)
    records = _field(bundle, "records", list)
    if not records:
        raise Refused("format", "the bundle holds no record")
    verdicts = tuple(_verify_record(record, size, root) for record in records)
    return Verdict(origin, size, root.hex(), trusted_key is not None, verdicts)


def _read(text: str | bytes) -> dict[str, Any]:
    try:
        bundle = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("format", f"not a JSON file: {error}") from None
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise Refused("format", f"not a proof of the form {FORMAT}")
    return bundle


def _field(holder: Any, name: str, kind: type) -> Any:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Refused("format", f"{name} is missing or of the wrong kind")
    return value


def _decoded(text: Any, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError):
        raise Refused("format", f"{name} is not base64") from None


def _open_checkpoint(note: str, key: str) -> tuple[str, int, bytes]:
    name, _, rest = key.strip().partition("+")
    key_hash_hex, _, encoded = rest.partition("+")
    public = _decoded(encoded, "verifier_key")
    key_hash = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or len(public) != 33 or key_hash.hex() != key_hash_hex:  # noqa: PLR2004 - algorithm byte and key
        raise Refused("key", "the verifier key is not a well-formed Ed25519 key")
    text, blank, signatures = note.rpartition("\n\n")
    prefix = f"— {name} "
    for line in signatures.split("\n") if blank else ():
        raw = _decoded(line[len(prefix) :], "signature") if line.startswith(prefix) else b""
        if raw[:4] == key_hash:
            _check_signature(public[1:], raw[4:], text + "\n")
            return _claims(text, name)
    raise Refused("signature", f"the checkpoint carries no signature of {name}")


def _check_signature(public: bytes, signature: bytes, signed: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed.encode())
    except InvalidSignature:
        raise Refused("signature", "the checkpoint's signature does not hold") from None


def _claims(text: str, name: str) -> tuple[str, int, bytes]:
    lines = text.split("\n")
    if len(lines) < 3 or not lines[1].isascii() or not lines[1].isdigit():  # noqa: PLR2004 - origin, size, root
        raise Refused("format", "the checkpoint is not well-formed")
    if lines[0] != name:
        raise Refused("key", f"the checkpoint is of the log {lines[0]}, the key of {name}")
    return lines[0], int(lines[1]), _decoded(lines[2], "root hash")


def _verify_record(record: Any, size: int, root: bytes) -> RecordVerdict:
    header: dict[str, Any] = {}
    payload: Any = None
    leaf_index, erased, problem = -1, False, None
    try:
        leaf_index = _field(record, "leaf_index", int)
        header_bytes = _decoded(record.get("header"), "header")
        header = _read_header(header_bytes)
        erased = record.get("payload") is None and record.get("salt") is None
        if not erased:
            payload = _open_payload(record, header)
        path = [_decoded(step, "proof") for step in _field(record, "proof", list)]
        _check_inclusion(header_bytes, leaf_index, size, path, root)
    except Refused as refusal:
        problem = refusal
    return RecordVerdict(leaf_index, header, payload, erased, problem)


def _read_header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise Refused("format", "the header is not a JSON object")
    # A header holds texts and one whole number, for which this is the canonical form (RFC 8785).
    again = json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if header.get("version") != 1 or again.encode("utf-8", "surrogatepass") != text:
        raise Refused("format", "the header is not of version 1 in canonical form")
    return header


def _open_payload(record: Any, header: dict[str, Any]) -> Any:
    payload, salt = _decoded(record.get("payload"), "payload"), _decoded(record.get("salt"), "salt")
    if len(salt) != _SALT_BYTES:
        raise Refused("format", f"a salt has {_SALT_BYTES} bytes")
    if hashlib.sha256(salt + payload).hexdigest() != header.get("commitment"):
        raise Refused("payload", "the payload is not the one that was recorded")
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise Refused("format", "the payload is not JSON") from None


def _check_inclusion(
    entry: bytes, leaf_index: int, size: int, path: list[bytes], root: bytes
) -> None:
    # Walks from the root down to know on which side each sibling lies, then hashes up again.
    if not 0 <= leaf_index < size or len(path) > _MAX_PATH:
        raise Refused("inclusion", "the checkpoint does not cover this record")
    sides = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        sides.append(leaf_index >= middle)
        begin, end = (middle, end) if leaf_index >= middle else (begin, middle)
    computed = hashlib.sha256(b"\x00" + entry).digest()
    if len(sides) == len(path):
        for sibling, sibling_is_left in zip(path, reversed(sides), strict=True):
            pair = sibling + computed if sibling_is_left else computed + sibling
            computed = hashlib.sha256(b"\x01" + pair).digest()
        if computed == root:
            return
    raise Refused("inclusion", "the record does not stand in the log at this place")
