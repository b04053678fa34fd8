"""Reads of accounts, each within a scope: of no scope, no rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from longmai.kernel.errors import NotFound
from longmai.portal.accounts.tables import (
    ACCOUNT,
    ACCOUNT_CLOSED,
    CREDENTIAL,
    LOOK,
    POST_ENDED,
    POST_GIVEN,
    SIGN_IN,
)
from longmai.portal.rights.model import Grant, Scope
from longmai.store.table_window import Window

_LOOKUP = 500
_OPEN = (
    ~select(ACCOUNT_CLOSED.c.record_id).where(ACCOUNT_CLOSED.c.account_id == ACCOUNT.c.id).exists()
)
_HELD = (
    ~select(POST_ENDED.c.record_id).where(POST_ENDED.c.given_id == POST_GIVEN.c.record_id).exists()
)


@dataclass(frozen=True)
class Held:
    """A post that an account holds, and who gave it."""

    given_id: UUID
    account_id: UUID
    grant: Grant
    by: str
    at: datetime


@dataclass(frozen=True)
class Account:
    """An account as administrators see it.

    Attributes:
        region: 12-digit code of the office.
        open: not closed.
        ready: it can be signed in to: a password or an outside identity is set.
        second_factor: one is set up.
        locked_until: after too many wrong passwords; None if it is not locked.
    """

    id: UUID
    login: str
    name: str
    phone: str
    region: str
    sample: bool
    opened_at: datetime
    open: bool
    ready: bool
    second_factor: bool
    locked_until: datetime | None
    posts: tuple[Held, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles held, each once."""
        return tuple(dict.fromkeys(held.grant.role for held in self.posts))


@dataclass(frozen=True)
class Look:
    """A look at somebody's personal fields."""

    by: str
    by_name: str
    subject: str
    fields: tuple[str, ...]
    purpose: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class SignIn:
    """A try to sign in; ``login`` is empty where nobody of that name is known."""

    login: str
    outcome: str
    address: str
    at: datetime


_SORTS: Mapping[str, ColumnElement[Any]] = {
    "login": ACCOUNT.c.login.expression,
    "region": ACCOUNT.c.region.expression,
    "opened_at": ACCOUNT.c.opened_at.expression,
}
SORTS = tuple(_SORTS)


def accounts(
    connection: Connection,
    scope: Scope,
    search: str = "",
    window: Window | None = None,
    role: str = "",
) -> tuple[int, list[Account]]:
    """Return how many accounts match within a scope, and one window of them.

    Args:
        connection: to read from.
        scope: the regions that may be seen.
        search: part of a login or name, or pinyin initials.
        window: which of them.
        role: only who holds this role.
    """
    window = window or Window("login", descending=False)
    conditions = [scope.rows(ACCOUNT.c.region), *_matching(search.strip(), role)]
    total = connection.scalar(select(func.count()).select_from(ACCOUNT).where(*conditions)) or 0
    query = window.of(_accounts().where(*conditions), _SORTS, ACCOUNT.c.login)
    return total, _with_posts(connection, connection.execute(query).all())


def account(connection: Connection, account_id: UUID, scope: Scope) -> Account:
    """Return one account within a scope.

    Raises:
        NotFound: there is none, or none within the scope: the two are not told apart.
    """
    query = _accounts().where(ACCOUNT.c.id == account_id, scope.rows(ACCOUNT.c.region))
    found = _with_posts(connection, connection.execute(query).all())
    if not found:
        raise NotFound("no such account", code="account.unknown", value=str(account_id))
    return found[0]


def account_of_login(connection: Connection, login: str) -> Account | None:
    """Return the account of a login; None if there is none."""
    rows = connection.execute(_accounts().where(ACCOUNT.c.login == login.strip().lower())).all()
    return next(iter(_with_posts(connection, rows)), None)


def unposted(connection: Connection, scope: Scope, most: int) -> list[Account]:
    """Return open accounts within a scope that hold no post yet, oldest first."""
    held = select(POST_GIVEN.c.record_id).where(POST_GIVEN.c.account_id == ACCOUNT.c.id, _HELD)
    query = (
        _accounts()
        .where(scope.rows(ACCOUNT.c.region), _OPEN, ~held.exists())
        .order_by(ACCOUNT.c.opened_at)
        .limit(most)
    )
    return _with_posts(connection, connection.execute(query).all())


def is_empty(connection: Connection) -> bool:
    """Tell whether nobody has an account yet, sample accounts aside."""
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.sample.is_(False)).limit(1)
    return connection.scalar(query) is None


def has_sample(connection: Connection) -> bool:
    """Tell whether the sample accounts are there."""
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.sample.is_(True)).limit(1)
    return connection.scalar(query) is not None


def held_posts(connection: Connection, account_ids: Iterable[UUID]) -> dict[UUID, list[Held]]:
    """Return the posts that accounts hold, oldest first."""
    wanted, found = list(account_ids), dict[UUID, list[Held]]()
    for start in range(0, len(wanted), _LOOKUP):
        query = _posts(POST_GIVEN.c.account_id.in_(wanted[start : start + _LOOKUP]))
        for row in connection.execute(query):
            found.setdefault(row.account_id, []).append(_held(row))
    return found


def held_post(connection: Connection, given_id: UUID) -> Held:
    """Return one post that is held.

    Raises:
        NotFound: it was not given, or has ended.
    """
    row = connection.execute(_posts(POST_GIVEN.c.record_id == given_id)).one_or_none()
    if row is None:
        raise NotFound("no such post is held", code="post.unknown", value=str(given_id))
    return _held(row)


def holders(connection: Connection, role: str, day: date) -> list[UUID]:
    """Return the open accounts, samples aside, that hold a role on a day."""
    query = (
        select(POST_GIVEN.c.account_id)
        .join(ACCOUNT, ACCOUNT.c.id == POST_GIVEN.c.account_id)
        .where(POST_GIVEN.c.role == role, _HELD, _OPEN, ACCOUNT.c.sample.is_(False))
        .where(or_(POST_GIVEN.c.until.is_(None), POST_GIVEN.c.until >= day))
        .distinct()
    )
    return list(connection.scalars(query))


def looks(
    connection: Connection, window: Window, subject: str | None = None
) -> tuple[int, list[Look]]:
    """Return looks at personal fields, newest first; of one subject where it is given."""
    condition = [] if subject is None else [LOOK.c.subject == subject]
    total = connection.scalar(select(func.count()).select_from(LOOK).where(*condition)) or 0
    query = window.of(select(LOOK).where(*condition), {"at": LOOK.c.at}, LOOK.c.record_id)
    found = [
        Look(
            row.by,
            row.by_name,
            row.subject,
            tuple(row.fields.split()),
            row.purpose,
            row.reason,
            row.at,
        )
        for row in connection.execute(query)
    ]
    return total, found


def sign_ins(connection: Connection, window: Window) -> tuple[int, list[SignIn]]:
    """Return the tries to sign in, newest first."""
    total = connection.scalar(select(func.count()).select_from(SIGN_IN)) or 0
    joined = SIGN_IN.outerjoin(ACCOUNT, ACCOUNT.c.id == SIGN_IN.c.account_id)
    query = select(ACCOUNT.c.login, SIGN_IN).select_from(joined)
    rows = connection.execute(window.of(query, {"at": SIGN_IN.c.at}, SIGN_IN.c.id))
    return total, [SignIn(row.login or "", row.outcome, row.address, row.at) for row in rows]


def names_of(connection: Connection, actors: Iterable[str]) -> dict[str, str]:
    """Return the logins behind actors of records, for who may know them."""
    ids = {
        actor: actor.removeprefix("account:") for actor in actors if actor.startswith("account:")
    }
    query = select(ACCOUNT.c.id, ACCOUNT.c.login).where(ACCOUNT.c.id.in_(map(UUID, ids.values())))
    known = {str(row.id): row.login for row in connection.execute(query)}
    return {actor: known[text] for actor, text in ids.items() if text in known}


def _accounts() -> Select[Any]:
    joined = ACCOUNT.outerjoin(CREDENTIAL, CREDENTIAL.c.account_id == ACCOUNT.c.id)
    return select(
        ACCOUNT,
        _OPEN.label("open"),
        or_(CREDENTIAL.c.password_hash.is_not(None), CREDENTIAL.c.subject.is_not(None)).label(
            "ready"
        ),
        CREDENTIAL.c.totp_secret.is_not(None).label("second_factor"),
        CREDENTIAL.c.locked_until,
    ).select_from(joined)


def _matching(text: str, role: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text:
        columns = (ACCOUNT.c.login, ACCOUNT.c.name, ACCOUNT.c.initials)
        conditions.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if role:
        of_role = and_(POST_GIVEN.c.account_id == ACCOUNT.c.id, POST_GIVEN.c.role == role, _HELD)
        conditions.append(select(POST_GIVEN.c.record_id).where(of_role).exists())
    return conditions


def _posts(condition: ColumnElement[bool]) -> Select[Any]:
    return select(POST_GIVEN).where(condition, _HELD).order_by(POST_GIVEN.c.record_id)


def _held(row: Row[Any]) -> Held:
    grant = Grant(row.role, row.region, row.purpose, row.until)
    return Held(row.record_id, row.account_id, grant, row.by, row.at)


def _with_posts(connection: Connection, rows: Sequence[Row[Any]]) -> list[Account]:
    posts = held_posts(connection, [row.id for row in rows])
    return [
        Account(
            id=row.id,
            login=row.login,
            name=row.name,
            phone=row.phone,
            region=row.region,
            sample=row.sample,
            opened_at=row.opened_at,
            open=row.open,
            ready=bool(row.ready),
            second_factor=row.second_factor,
            locked_until=row.locked_until,
            posts=tuple(posts.get(row.id, ())),
        )
        for row in rows
    ]
