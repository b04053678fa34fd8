"""Offline verification of a proof bundle.

Shares no code with the writer (import-linter holds it to that) and needs only the standard
library and ``cryptography``, so that it can be read in one sitting and copied elsewhere.

What it proves: the payload is the one the log committed to, the record stands in the log, and
the log's key signed a checkpoint that covers it. Where the file carries them, it follows the
checkpoint into the logs above (each has the checkpoint below as a record), an old key to the one
that took its place (the log recorded that), and counts the witnesses that cosigned. What it cannot
prove: that the key is the right one; give the key you trust, of this log or of one above it.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "longmai-proof/1"
ANCHORED_KIND = "ledger.log.anchored"
ROTATED_KIND = "ledger.key.rotated"
_MAX_PATH = 64
_MAX_LEVELS = 16
_SALT_BYTES = 32
_LOG_KEY = b"\x01"
_WITNESS_KEY = b"\x04"


class Refused(Exception):
    """A proof does not hold.

    ``code`` is format, payload, inclusion, signature, key, anchor or witnesses.
    """

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
class Level:
    """What one log claims: its name, how many records its checkpoint covers, the tree's root."""

    origin: str
    size: int
    root: str


@dataclass(frozen=True)
class Verdict:
    """What was found of a bundle.

    Attributes:
        origin: name of the log.
        size: number of records the checkpoint covers.
        root: hash of the tree, hexadecimal.
        key_given: the caller named the key; otherwise the file vouches for itself.
        records: one verdict each.
        anchors: the logs above, from the next one up, in which the checkpoint below is proven.
        witnesses: names of those given whose cosignature of the checkpoint holds.
    """

    origin: str
    size: int
    root: str
    key_given: bool
    records: tuple[RecordVerdict, ...]
    anchors: tuple[Level, ...] = ()
    witnesses: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every record holds."""
        return bool(self.records) and all(record.problem is None for record in self.records)


def verify(
    text: str | bytes,
    trusted_key: str | None = None,
    witness_keys: Sequence[str] = (),
    quorum: int | None = None,
) -> Verdict:
    """Verify a bundle.

    Args:
        text: the JSON file.
        trusted_key: the verifier key (``name+hash+key``) that you trust, of the log or of one of
            the logs above it.
        witness_keys: verifier keys of witnesses that you trust.
        quorum: how many of them must have cosigned; all, if not said.

    Raises:
        Refused: the bundle as a whole cannot be believed: not a bundle, no key of it is the
            trusted one, a signature or the chain does not hold, or too few witnesses cosigned.
    """
    bundle = _read(text)
    lowest = _open(bundle)
    chain = _chain(bundle)
    above = _climb(lowest, chain)
    levels = [(bundle, lowest), *zip(chain, above, strict=True)]
    if trusted_key is not None and not any(
        _trusts(each, level, trusted_key.strip()) for each, level in levels
    ):
        raise Refused("key", f"signed by the key {lowest.key}, not by the one you trust")
    witnesses = tuple(_cosigners(lowest.note, witness_keys))
    wanted = len(witness_keys) if quorum is None else quorum
    if len(witnesses) < wanted:
        raise Refused("witnesses", f"{len(witnesses)} of the witnesses cosigned, not {wanted}")
    return Verdict(
        lowest.origin,
        lowest.size,
        lowest.root.hex(),
        trusted_key is not None,
        tuple(_verify_record(record, lowest.size, lowest.root) for record in lowest.records),
        tuple(Level(level.origin, level.size, level.root.hex()) for level in above),
        witnesses,
    )


def verify_chain(note: str, chain: Sequence[Any], trusted_key: str) -> None:
    """Check that bundles prove a checkpoint in the log above, that one's in the next, and so on.

    Args:
        note: the lowest checkpoint.
        chain: bundles from the log just above up.
        trusted_key: of the log just above.

    Raises:
        Refused: a step does not hold, or the key is another.
    """
    if not chain or not all(isinstance(each, dict) for each in chain):
        raise Refused("anchor", "there is no proof of the checkpoint above")
    first = _open(chain[0])
    _check_step(note, None, first)
    _climb(first, chain[1:])
    if not _trusts(chain[0], first, trusted_key.strip()):
        raise Refused("key", f"signed by the key {first.key}, not by the one you trust")


@dataclass(frozen=True)
class _Opened:
    """A bundle whose checkpoint is signed by the key it names."""

    key: str
    note: str
    origin: str
    size: int
    root: bytes
    records: list[Any]


def _open(bundle: dict[str, Any]) -> _Opened:
    key, note = _field(bundle, "verifier_key", str), _field(bundle, "checkpoint", str)
    origin, size, root = _open_checkpoint(note, key)
    records = _field(bundle, "records", list)
    if not records:
        raise Refused("format", "the bundle holds no record")
    return _Opened(key.strip(), note, origin, size, root, records)


def _chain(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    chain = bundle.get("anchors", [])
    if not isinstance(chain, list) or len(chain) > _MAX_LEVELS:
        raise Refused("format", "the anchors are not a list of bundles")
    if not all(isinstance(each, dict) for each in chain):
        raise Refused("format", "the anchors are not a list of bundles")
    return chain


def _climb(lowest: _Opened, chain: Sequence[dict[str, Any]]) -> list[_Opened]:
    below, levels = lowest, []
    for bundle in chain:
        level = _open(bundle)
        _check_step(below.note, below.key, level)
        levels.append(level)
        below = level
    return levels


def _check_step(note: str, key: str | None, above: _Opened) -> None:
    # The log above holds the checkpoint below as a record, and names the key it was signed with.
    for record in above.records:
        found = _verify_record(record, above.size, above.root)
        told = found.payload if isinstance(found.payload, dict) else {}
        if (
            found.problem is None
            and found.header.get("kind") == ANCHORED_KIND
            and _signed_text(str(told.get("checkpoint"))) == _signed_text(note)
            and key in {None, told.get("verifier_key")}
        ):
            return
    raise Refused("anchor", f"the log {above.origin} does not prove the checkpoint below it")


def _signed_text(note: str) -> str:
    return note.rpartition("\n\n")[0]


def _trusts(bundle: dict[str, Any], level: _Opened, trusted: str) -> bool:
    # Follows the recorded rotations from the trusted key to the one that signed.
    rotations = bundle.get("rotations", [])
    for rotation in rotations if isinstance(rotations, list) else ():
        if trusted == level.key:
            break
        if not isinstance(rotation, dict) or rotation.get("verifier_key") != trusted:
            continue
        opened = _open(rotation)
        for record in opened.records:
            found = _verify_record(record, opened.size, opened.root)
            told = found.payload if isinstance(found.payload, dict) else {}
            fits = found.problem is None and found.header.get("kind") == ROTATED_KIND
            if fits and told.get("from") == trusted and isinstance(told.get("to"), str):
                trusted = told["to"]
    return trusted == level.key


def _cosigners(note: str, keys: Sequence[str]) -> list[str]:
    names = []
    for key in dict.fromkeys(each.strip() for each in keys):
        try:
            _check_note(note, key, _WITNESS_KEY)
        except Refused as refusal:
            if refusal.code != "signature":
                raise
            continue
        names.append(key.partition("+")[0])
    return names


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
    return _claims(_check_note(note, key, _LOG_KEY), key.partition("+")[0].strip())


def _check_note(note: str, key: str, kind: bytes) -> str:
    # Returns the signed text, without its last line feed.
    name, _, rest = key.strip().partition("+")
    key_hash_hex, _, encoded = rest.partition("+")
    public = _decoded(encoded, "verifier_key")
    key_hash = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != kind or len(public) != 33 or key_hash.hex() != key_hash_hex:  # noqa: PLR2004 - kind and key
        raise Refused("key", f"not a well-formed Ed25519 key: {key.strip()}")
    text, blank, signatures = note.rpartition("\n\n")
    prefix = f"— {name} "
    for line in signatures.split("\n") if blank else ():
        raw = _decoded(line[len(prefix) :], "signature") if line.startswith(prefix) else b""
        if raw[:4] == key_hash:
            _check_signature(public[1:], raw[4:], text + "\n", timed=kind == _WITNESS_KEY)
            return text
    raise Refused("signature", f"the checkpoint carries no signature of {name}")


def _check_signature(public: bytes, signature: bytes, signed: str, *, timed: bool) -> None:
    if timed:
        # A cosignature is over the time and the text (C2SP tlog-cosignature).
        signed = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{signed}"
        signature = signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed.encode())
    except (InvalidSignature, ValueError):
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
    # A second commitment, by a regional rule; a hash that this Python lacks is passed over.
    second = header.get("commitment_sm3")
    if second is not None and "sm3" in hashlib.algorithms_available:
        found = hashlib.new("sm3", salt + payload).hexdigest()
        if found != second:
            raise Refused("payload", "the payload does not fit the second commitment, SM3")
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
