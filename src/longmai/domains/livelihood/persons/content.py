"""The content of a row: canonical JSON with a salt of its own, so that it can be erased alone."""

import json
import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row as SqlRow

from longmai.domains.livelihood.persons.model.profile import Row, Source
from longmai.ledger.canonical import canonical
from longmai.ledger.record import SALT_BYTES, commitment
from longmai.match.linkage.records import Identity, identity


def sealed(who: Mapping[str, str], facts: Mapping[str, str]) -> tuple[bytes, bytes, bytes]:
    """Return (content, salt, commitment) of a row."""
    content = canonical({"who": dict(who), "facts": dict(facts)})
    salt = os.urandom(SALT_BYTES)
    return content, salt, commitment(salt, content)


def digest_of(commitments: Iterable[bytes]) -> str:
    """Return the digest of a file's rows, told from their commitments in order, in hex."""
    total = sha256()
    for each in commitments:
        total.update(each)
    return total.hexdigest()


def opened(content: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return (identity fields, facts) of a row's content."""
    told = json.loads(content)
    return told["who"], told["facts"]


def identity_of(content: bytes, *, sample: bool) -> Identity:
    """Return who a row's content is about, as linkage compares it."""
    who, _ = opened(content)
    return identity(who, region=who.get("region", ""), sample=sample)


def profile_row(row: SqlRow[Any]) -> Row:
    """Return a row of ``ROW`` joined with ``FILE`` as the profile reads it."""
    who, facts = opened(row.content)
    source = Source(
        UUID(str(row.id)), row.department, row.title, row.as_of, row.number, row.file_id
    )
    return Row(who, facts, source)
