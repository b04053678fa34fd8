"""API tokens: what a program is known by. Each is limited to some permissions and to a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, select, update

from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.accounts.credentials import Secret, digest_of, new_secret
from longmai.portal.accounts.tables import API_TOKEN
from longmai.portal.rights.visitor import SignInNeeded, Visitor
from longmai.store.unit_of_work import Store, UnitOfWork

PREFIX = "lm_"
MAX_DAYS = 366
_MAX_LABEL = 64
_SEEN_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class ApiToken:
    """A token as its owner sees it."""

    id: UUID
    account_id: UUID
    label: str
    scopes: tuple[str, ...]
    strong: bool
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class TokenWish:
    """What a token is asked for with.

    Attributes:
        label: what it is for.
        scopes: permissions it is limited to.
        days: how long it holds.
    """

    label: str
    scopes: Sequence[str]
    days: int


def make_token(work: UnitOfWork, visitor: Visitor, wish: TokenWish, now: datetime) -> Secret:
    """Make a token for the visitor's account; its text is shown this once.

    What it may is never more than what the account may at the time.

    Raises:
        SignInNeeded: nobody is signed in.
        Invalid: no label, no scope, a scope the visitor does not hold, or too many days.
    """
    if visitor.account_id is None:
        raise SignInNeeded("sign in first")
    label, days = wish.label.strip(), wish.days
    wanted = sorted(set(wish.scopes))
    beyond = [scope for scope in wanted if scope not in visitor.permissions]
    if not wanted or beyond:
        raise Invalid(
            "a token is for one or more of your own permissions",
            code="token.scopes",
            place="scopes",
            value=", ".join(beyond) or None,
            mend="choose at least one permission",
        )
    if not 0 < len(label) <= _MAX_LABEL:
        raise Invalid("say what the token is for", code="token.label", place="label")
    if not 0 < days <= MAX_DAYS:
        raise Invalid(
            f"a token holds 1 to {MAX_DAYS} days", code="token.days", place="days", value=days
        )
    secret = new_secret(PREFIX)
    work.connection.execute(
        insert(API_TOKEN).values(
            id=new_id(),
            digest=secret.digest,
            account_id=visitor.account_id,
            label=label,
            scopes=" ".join(wanted),
            strong=visitor.strong,
            made_at=now,
            ends_at=now + timedelta(days=days),
        )
    )
    return secret


def tokens(connection: Connection, account_id: UUID) -> list[ApiToken]:
    """Return the tokens of an account, newest first, ended ones too."""
    query = select(API_TOKEN).where(API_TOKEN.c.account_id == account_id)
    return [_token(row) for row in connection.execute(query.order_by(API_TOKEN.c.made_at.desc()))]


def token_of(store: Store, text: str) -> ApiToken | None:
    """Return the token of a text; None if it was ended, is over, or never was."""
    now = store.clock.now()
    query = select(API_TOKEN).where(API_TOKEN.c.digest == digest_of(text))
    with store.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None or row.ends_at <= now:
        return None
    if row.used_at is None or now - row.used_at >= _SEEN_EVERY:
        with store.begin() as work:
            here = API_TOKEN.c.id == row.id
            work.connection.execute(update(API_TOKEN).where(here).values(used_at=now))
    return _token(row)


def end_token(work: UnitOfWork, account_id: UUID, token_id: UUID) -> None:
    """End a token of an account.

    Raises:
        NotFound: the account has no such token.
    """
    here = (API_TOKEN.c.id == token_id, API_TOKEN.c.account_id == account_id)
    if not work.connection.execute(delete(API_TOKEN).where(*here)).rowcount:
        raise NotFound("no such token", code="token.unknown", value=str(token_id))


def _token(row: Row[Any]) -> ApiToken:
    told = {name: getattr(row, name) for name in ApiToken.__dataclass_fields__}
    return ApiToken(**told | {"scopes": tuple(row.scopes.split())})
