"""Records: one official act each, sealed into a header that commits to its payload.

The header is what the log holds for ever. The payload and its salt are kept beside it and can be
erased by law: the header's commitment then still stands, and says nothing about what it hid.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from longmai.kernel.clock import to_text
from longmai.kernel.errors import Invalid
from longmai.ledger.canonical import canonical, canonical_texts
from longmai.ledger.provider import digest, second_hash

HEADER_VERSION = 1
SALT_BYTES = 32
MAX_SUBJECTS = 64
# An entry of a tlog-tiles bundle carries its length in 16 bits.
MAX_HEADER_BYTES = 65_535
MAX_PAYLOAD_BYTES = 16 * 1024 * 1024

_SECOND = "commitment_"

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Act:
    """What a service hands in to be recorded.

    Attributes:
        kind: dotted name, ``<domain>.<thing>.<deed>``.
        subjects: what the act is about, to find it by; at most 64; never personal data, for the
            header cannot be erased.
        region: 12-digit code of where it belongs, or empty where it belongs nowhere.
        actor: who did it, as an account or system name.
        occurred_at: when it happened, aware.
        payload: the content, any JSON object.
    """

    kind: str
    subjects: Sequence[str]
    region: str
    actor: str
    occurred_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """A sealed act: ``payload`` and ``salt`` are None once they were erased."""

    id: UUID
    header: bytes
    payload: bytes | None
    salt: bytes | None

    def fields(self) -> dict[str, Any]:
        """Return the header's fields."""
        return dict(json.loads(self.header))


def seal(
    act: Act, *, record_id: UUID, recorded_at: datetime, salt: bytes, second: str = ""
) -> Record:
    """Turn an act into a record.

    Args:
        act: what is recorded.
        record_id: a new UUIDv7.
        recorded_at: aware.
        salt: 32 random bytes.
        second: name of a second hash to commit with; empty: none.

    Raises:
        Invalid: a field that breaks the rules above, an uncanonical payload, or one too large.
    """
    _check(act, salt)
    payload = canonical(dict(act.payload))
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise Invalid(
            f"a payload has at most {MAX_PAYLOAD_BYTES} bytes",
            code="ledger.payload",
            value=len(payload),
            mend="keep bulk data as a dataset and record its manifest",
        )
    header = canonical_texts(
        {
            "version": HEADER_VERSION,
            "id": str(record_id),
            "kind": act.kind,
            "subjects": list(act.subjects),
            "region": act.region,
            "actor": act.actor,
            "occurred_at": to_text(act.occurred_at),
            "recorded_at": to_text(recorded_at),
            "commitment": commitment(salt, payload).hex(),
            **_second_commitment(second, salt + payload),
        }
    )
    if len(header) > MAX_HEADER_BYTES:
        raise Invalid(
            f"a record's header has at most {MAX_HEADER_BYTES} bytes",
            code="ledger.header",
            value=len(header),
            mend="name fewer subjects",
        )
    return Record(record_id, header, payload, salt)


def commitment(salt: bytes, payload: bytes) -> bytes:
    """Return SHA-256(salt ‖ payload), which hides the payload while the salt is secret."""
    return digest(salt + payload)


def second_commitments(header: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name of the hash, commitment) of a header beside the first, SHA-256."""
    for name, value in header.items():
        if name.startswith(_SECOND):
            yield name.removeprefix(_SECOND), str(value)


def _second_commitment(name: str, data: bytes) -> dict[str, str]:
    return {_SECOND + name: second_hash(name)(data).hex()} if name else {}


def _check(act: Act, salt: bytes) -> None:
    if not _KIND.fullmatch(act.kind):
        raise Invalid(
            "a kind is a dotted lower-case name",
            code="ledger.kind",
            value=act.kind,
            mend="write it like brand.epcis.event",
        )
    if len(act.subjects) > MAX_SUBJECTS:
        raise Invalid(
            f"a record names at most {MAX_SUBJECTS} subjects",
            code="ledger.subjects",
            value=len(act.subjects),
            mend="name the whole (a batch, a pallet) instead of its parts",
        )
    if act.region and not re.fullmatch(r"\d{12}", act.region):
        raise Invalid(
            "a region is a 12-digit code or empty", code="ledger.region", value=act.region
        )
    if len(salt) != SALT_BYTES:
        raise Invalid(f"a salt has {SALT_BYTES} bytes", code="ledger.salt", value=len(salt))
