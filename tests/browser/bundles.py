"""Proof bundles made from the specifications alone, sharing no code with the ledger.

RFC 9162 §2.1.1 and §2.1.3.1 in their recursive form, RFC 8785 for the plain values used here, and
C2SP signed notes.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "test.example/log"


@dataclass(frozen=True)
class Key:
    """A signing key with its name."""

    name: str = ORIGIN
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def hash(self) -> bytes:
        """First four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.raw).digest()[:4]

    @property
    def raw(self) -> bytes:
        """Algorithm byte and public key."""
        return b"\x01" + self.private.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """The key as notes name it."""
        return f"{self.name}+{self.hash.hex()}+{b64(self.raw)}"

    def sign(self, text: str) -> str:
        """Return a signed note."""
        signature = self.hash + self.private.sign(text.encode())
        return f"{text}\n— {self.name} {b64(signature)}\n"


@dataclass(frozen=True)
class Entry:
    """A record as the bundle carries it."""

    header: bytes
    payload: bytes
    salt: bytes


def entry(index: int, payload: Any = None, **changes: Any) -> Entry:
    """Make the record of an index; ``changes`` replace fields of its header."""
    text = payload if isinstance(payload, bytes) else canonical(payload or {"event": {"n": index}})
    salt = changes.pop("salt", hashlib.sha256(b"salt%d" % index).digest())
    header = {
        "version": 1,
        "id": str(UUID(int=index + 1)),
        "kind": "test.act",
        "subjects": [f"thing {index}"],
        "region": "",
        "actor": "tester",
        "occurred_at": "2025-10-01T08:00:00.000000Z",
        "recorded_at": "2025-10-01T08:00:01.000000Z",
        "commitment": hashlib.sha256(salt + text).hexdigest(),
    }
    return Entry(canonical(header | changes), text, salt)


def bundle(entries: Sequence[Entry], key: Key, shown: Sequence[int] = ()) -> dict[str, Any]:
    """Prove the shown records (all, where none are named) of a log of these entries."""
    leaves = [hashlib.sha256(b"\x00" + each.header).digest() for each in entries]
    return {
        "format": "longmai-proof/1",
        "checkpoint": key.sign(checkpoint(len(leaves), tree(leaves), key.name)),
        "verifier_key": key.verifier,
        "records": [proven(entries[i], i, path(i, leaves)) for i in (shown or range(len(entries)))],
    }


def chained(entries: Sequence[Entry], keys: Sequence[Key], shown: Sequence[int]) -> dict[str, Any]:
    """Prove records of the lowest log, and its checkpoint in the logs above it."""
    lowest = bundle(entries, keys[0], shown)
    below, anchors = lowest, []
    for number, key in enumerate(keys[1:], 1):
        told = {"checkpoint": below["checkpoint"], "verifier_key": below["verifier_key"]}
        held = [entry(100 * number), entry(100 * number + 1, told, kind="ledger.log.anchored")]
        below = bundle(held, key, shown=[1])
        anchors.append(below)
    return lowest | {"anchors": anchors}


def proven(each: Entry, index: int, steps: Sequence[bytes]) -> dict[str, Any]:
    """Return a record's part of the bundle."""
    return {
        "header": b64(each.header),
        "payload": b64(each.payload),
        "salt": b64(each.salt),
        "leaf_index": index,
        "proof": [b64(step) for step in steps],
    }


def checkpoint(size: int, root: bytes, origin: str = ORIGIN) -> str:
    """Return a checkpoint's text."""
    return f"{origin}\n{size}\n{b64(root)}\n"


def tree(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash (RFC 9162 §2.1.1)."""
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(tree(leaves[:k]), tree(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the inclusion path (RFC 9162 §2.1.3.1)."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), tree(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree(leaves[:k])]


def root_along(leaf: bytes, m: int, size: int, siblings: list[bytes]) -> bytes:
    """Return the root of a tree too large to build, taking siblings from the end of a list."""
    if size == 1:
        return leaf
    k = split(size)
    sibling = siblings.pop()
    if m < k:
        return node(root_along(leaf, m, k, siblings), sibling)
    return node(sibling, root_along(leaf, m - k, size - k, siblings))


def depth(m: int, size: int) -> int:
    """Return the length of an inclusion path."""
    if size == 1:
        return 0
    k = split(size)
    return 1 + (depth(m, k) if m < k else depth(m - k, size - k))


def split(n: int) -> int:
    """Return the largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def canonical(value: Mapping[str, Any] | Any) -> bytes:
    """Write canonical JSON of values without floats and with ASCII names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(value: bytes) -> str:
    """Return base64."""
    return base64.b64encode(value).decode()


def unb64(text: str) -> bytes:
    """Read base64."""
    return base64.b64decode(text)
