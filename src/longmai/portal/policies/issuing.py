"""Issuing a policy: one version of its text becomes a record, so that decisions can be replayed.

The record holds the text itself and the files it names. What was decided by a version can be judged
again long after the file was changed: by the digest that the decision names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, insert, select

from longmai.kernel.clock import from_text
from longmai.kernel.errors import Conflict, NotFound
from longmai.ledger.record import Act
from longmai.portal.domain import PUBLIC
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime
from longmai.store.unit_of_work import UnitOfWork

ISSUED = "rules.policy.issued"
ISSUE = "rules.issue"
AUDIENCE: Mapping[str, str] = {ISSUED: PUBLIC}

RULE_VERSION = sa.Table(
    "rule_version",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("policy_id", sa.String, nullable=False, index=True),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("files", sa.JSON, nullable=False),
    sa.Column("issued_by", sa.String, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class Issue:
    """When a version was issued, and the record that proves it."""

    record_id: UUID
    at: datetime


def issue(work: UnitOfWork, visitor: Visitor, policy: Policy, region: str, now: datetime) -> UUID:
    """Issue a version; return its record.

    Args:
        work: open unit of work.
        visitor: who issues it.
        policy: to issue.
        region: of the house, in whose name it is issued.
        now: the present instant.

    Raises:
        Forbidden: the visitor may not issue policies in this region.
        Conflict: it is an example, or was issued before.
    """
    visitor.require(ISSUE, region)
    if policy.status == "example":
        raise Conflict(
            "an example is not issued", code="rules.example", value=policy.id,
            mend="set its status once the document itself was read",
        )  # fmt: skip
    if issue_of(work.connection, policy.digest) is not None:
        raise Conflict("this version was issued before", code="rules.issued", value=policy.version)
    payload = {
        "id": policy.id,
        "version": policy.version,
        "title": policy.title,
        "digest": policy.digest,
        "text": policy.text,
        "files": {name: data.decode() for name, data in policy.files.items()},
    }
    act = Act(ISSUED, [f"policy:{policy.id}"], region, visitor.actor, now, payload)
    [record] = work.ledger.append([act])
    return record.id


def issue_of(connection: Connection, digest: str) -> Issue | None:
    """Return when a version was issued; None if it was not."""
    table = RULE_VERSION.c
    query = select(table.record_id, table.issued_at).where(table.digest == digest)
    found = connection.execute(query.order_by(table.issued_at).limit(1)).first()
    return None if found is None else Issue(found.record_id, found.issued_at)


def library_of(connection: Connection, library: Library, digest: str) -> Library:
    """Return the library that holds a version: the house's own, or one made of what was issued.

    Raises:
        NotFound: it is in neither.
    """
    if any(each.digest == digest for each in library.policies):
        return library
    table = RULE_VERSION.c
    query = select(table.text, table.files, table.policy_id).where(table.digest == digest)
    found = connection.execute(query.limit(1)).first()
    if found is None:
        library.by_digest(digest)  # tells that there is none, and what to do
        raise NotFound("no such version", code="policy.digest", value=digest)
    files: Mapping[str, str] = found.files
    beside = {name: text.encode() for name, text in files.items()}
    return Library((read_policy(found.text, f"{found.policy_id}.yaml", beside.__getitem__),))


def _rows(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [_row(entry, entry.payload) for entry in entries if entry.payload is not None]
    if rows:
        connection.execute(insert(RULE_VERSION), rows)


def _row(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "record_id": entry.record_id,
        "policy_id": told["id"],
        **{name: told[name] for name in ("version", "digest", "text", "files")},
        "issued_by": entry.header["actor"],
        "issued_at": from_text(entry.header["occurred_at"]),
    }


PROJECTIONS = (Projection(ISSUED, (RULE_VERSION,), _rows),)
