"""Official acts around accounts, as records, and the projections that keep them in tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert

from longmai.kernel.clock import from_text
from longmai.portal.accounts.tables import ACCOUNT, ACCOUNT_CLOSED, LOOK, POST_ENDED, POST_GIVEN
from longmai.store.projection import Entry, Projection

OPENED = "portal.account.opened"
CLOSED = "portal.account.closed"
RECOVERED = "portal.account.recovered"
GIVEN = "portal.post.given"
ENDED = "portal.post.ended"
LOOKED = "portal.look"

AUDIENCE: Mapping[str, str] = dict.fromkeys(
    (OPENED, CLOSED, RECOVERED, GIVEN, ENDED, LOOKED), "record.look"
)
"""Who may read the content of these records: see ``Domain.records``."""


def subject_of(account_id: UUID) -> str:
    """Return how records name an account.

    >>> subject_of(UUID(int=0))
    'account:00000000-0000-0000-0000-000000000000'
    """
    return f"account:{account_id}"


def account_id_of(subject: str) -> UUID:
    """Return the account that a subject names."""
    return UUID(subject.removeprefix("account:"))


def _account(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("login", "name", "phone", "region", "initials", "sample")
    return {"id": _subject(entry), "opened_at": _at(entry), **{name: told[name] for name in kept}}


def _closed(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    del told
    return {"account_id": _subject(entry), "at": _at(entry)}


def _given(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    until = told["until"]
    return {
        "account_id": _subject(entry),
        **{name: told[name] for name in ("role", "region", "purpose")},
        "until": None if until is None else date.fromisoformat(until),
        "by": entry.header["actor"],
        "at": _at(entry),
    }


def _ended(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"given_id": UUID(told["given"]), "by": entry.header["actor"], "at": _at(entry)}


def _look(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "subject": entry.header["subjects"][0],
        "by": entry.header["actor"],
        "by_name": told["by_name"],
        "fields": " ".join(told["fields"]),
        "purpose": told["purpose"],
        "reason": told["reason"],
        "at": _at(entry),
    }


def _subject(entry: Entry) -> UUID:
    return account_id_of(entry.header["subjects"][0])


def _at(entry: Entry) -> datetime:
    return from_text(entry.header["occurred_at"])


def _projection(
    kind: str, table: Table, row: Callable[[Entry, Mapping[str, Any]], dict[str, Any]]
) -> Projection:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        rows = [
            {"record_id": entry.record_id, **row(entry, entry.payload)}
            for entry in entries
            if entry.payload is not None
        ]
        if rows:
            connection.execute(insert(table), rows)

    return Projection(kind, (table,), apply)


PROJECTIONS = (
    _projection(OPENED, ACCOUNT, _account),
    _projection(CLOSED, ACCOUNT_CLOSED, _closed),
    _projection(GIVEN, POST_GIVEN, _given),
    _projection(ENDED, POST_ENDED, _ended),
    _projection(LOOKED, LOOK, _look),
)
