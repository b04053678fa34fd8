"""Signing in, and what a browser is remembered by.

A session is a row, named by the digest of a secret in a cookie: ending it is deleting the row. A
new secret is made at every step up (password, second factor), so none that was known before counts
after.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, select, update

from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.accounts.credentials import (
    Secret,
    charge_attempt,
    clear_attempts,
    credential_of,
    digest_of,
    new_secret,
    password_matches,
    use_code,
)
from longmai.portal.accounts.queries import Account, account_of_login
from longmai.portal.accounts.tables import LINK, SESSION, SIGN_IN
from longmai.store.unit_of_work import Store

SESSION_HOLDS = timedelta(hours=12)
IDLE = timedelta(hours=1)
# The second factor is asked for at once.
_HALF_HOLDS = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=1)
SIGN_INS_KEPT = timedelta(days=180)
_MAX_DEVICE = 120


@dataclass(frozen=True)
class Caller:
    """From where somebody signs in.

    Attributes:
        address: of the network.
        device: what the browser says it is.
    """

    address: str = ""
    device: str = ""


@dataclass(frozen=True)
class Session:
    """A session as its owner sees it."""

    digest: bytes
    account_id: UUID
    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    complete: bool
    strong: bool
    device: str


@dataclass(frozen=True)
class Entered:
    """What came of a password that was right.

    Attributes:
        secret: of the session.
        complete: False if a code of the second factor is still asked for.
    """

    secret: Secret
    complete: bool


def sign_in(store: Store, login: str, password: str, caller: Caller) -> Entered:
    """Sign in with a password.

    Raises:
        Invalid: login or password are wrong, or the account is closed or locked. Which of them is
            not said: it would tell a stranger who has an account.
    """
    now = store.clock.now()
    with store.read() as connection:
        found = account_of_login(connection, login)
    open_ = found if found is not None and found.open else None
    judged = open_ is not None and _charge(store, open_, now)
    stored = None
    if open_ is not None and judged:
        with store.read() as connection:
            row = credential_of(connection, open_.id)
            stored = row.password_hash if row is not None else None
    # Outside of any transaction: the comparison takes a tenth of a second on purpose.
    if not password_matches(stored, password) or open_ is None:
        note_sign_in(store, open_, "wrong" if judged or open_ is None else "locked", caller)
        raise _wrong()
    return enter(store, open_, caller)


def enter(store: Store, account: Account, caller: Caller, *, strong: bool = False) -> Entered:
    """Open a session for somebody who proved who they are.

    Args:
        store: to write to.
        account: of the person.
        caller: from where.
        strong: the proof had two factors already (an outside identity provider).
    """
    now, complete = store.clock.now(), strong or not account.second_factor
    secret = _open(store, account.id, caller, now, complete=complete, strong=strong)
    if complete:
        note_sign_in(store, account, "in", caller)
    return Entered(secret, complete)


def enter_code(store: Store, half: Session, account: Account, code: str, caller: Caller) -> Secret:
    """Finish signing in with a code of the second factor.

    Raises:
        Invalid: the code is wrong or was used, or the account is locked.
    """
    now = store.clock.now()
    judged = _charge(store, account, now)
    with store.begin() as work:
        taken = judged and use_code(work.connection, account.id, code, now)
    if not taken:
        note_sign_in(store, account, "wrong" if judged else "locked", caller)
        raise Invalid(
            "the code is wrong, or was used already",
            code="signin.code",
            place="code",
            mend="wait for the next code, and check the clock of your phone",
        )
    end_session(store, half.digest)
    secret = _open(store, account.id, caller, now, complete=True, strong=True)
    note_sign_in(store, account, "in", caller)
    return secret


def strengthen(store: Store, session: bytes) -> None:
    """Say that the owner of a session showed a second factor."""
    with store.begin() as work:
        here = SESSION.c.digest == session
        work.connection.execute(update(SESSION).where(here).values(strong=True))


def session_of(store: Store, text: str) -> Session | None:
    """Return the session of a secret; None if it ended, was idle too long, or never was."""
    digest, now = digest_of(text), store.clock.now()
    with store.read() as connection:
        row = connection.execute(select(SESSION).where(SESSION.c.digest == digest)).one_or_none()
    if row is None or row.ends_at <= now or row.seen_at + IDLE <= now:
        return None
    if now - row.seen_at >= _SEEN_EVERY:
        with store.begin() as work:
            here = SESSION.c.digest == digest
            work.connection.execute(update(SESSION).where(here).values(seen_at=now))
    return _session(row)


def sessions(connection: Connection, account_id: UUID, now: datetime) -> list[Session]:
    """Return the sessions of an account that are open, newest first."""
    query = (
        select(SESSION)
        .where(SESSION.c.account_id == account_id, SESSION.c.ends_at > now, SESSION.c.complete)
        .where(SESSION.c.seen_at > now - IDLE)
        .order_by(SESSION.c.made_at.desc())
    )
    return [_session(row) for row in connection.execute(query)]


def end_session(store: Store, digest: bytes, account_id: UUID | None = None) -> None:
    """End a session, of this account where one is named.

    Raises:
        NotFound: the account has no such session.
    """
    here = [SESSION.c.digest == digest]
    if account_id is not None:
        here.append(SESSION.c.account_id == account_id)
    with store.begin() as work:
        ended = work.connection.execute(delete(SESSION).where(*here))
        if account_id is not None and not ended.rowcount:
            raise NotFound("no such session", code="session.unknown")


def link_owner(store: Store, text: str) -> UUID:
    """Return whose one-time link this is, without using it.

    Raises:
        NotFound: it was used, is too old, or never was.
    """
    now = store.clock.now()
    with store.read() as connection:
        row = connection.execute(select(LINK).where(LINK.c.digest == digest_of(text))).one_or_none()
    if row is None or row.ends_at <= now:
        raise NotFound(
            "this link was used, or is too old",
            code="signin.link",
            mend="ask the administrator for a new one",
        )
    return UUID(str(row.account_id))


def use_link(connection: Connection, text: str) -> bool:
    """Use a one-time link up; False if somebody did before."""
    return connection.execute(delete(LINK).where(LINK.c.digest == digest_of(text))).rowcount == 1


def note_sign_in(store: Store, account: Account | None, outcome: str, caller: Caller) -> None:
    """Keep that somebody tried to sign in, for who watches; old tries are forgotten."""
    now = store.clock.now()
    with store.begin() as work:
        run = work.connection.execute
        if outcome == "in" and account is not None:
            clear_attempts(work.connection, account.id)
        run(
            insert(SIGN_IN).values(
                id=new_id(),
                account_id=account.id if account else None,
                outcome=outcome,
                address=caller.address[:45],
                at=now,
            )
        )
        run(delete(SIGN_IN).where(SIGN_IN.c.at < now - SIGN_INS_KEPT))
        run(delete(SESSION).where(SESSION.c.ends_at < now))


def _charge(store: Store, account: Account, now: datetime) -> bool:
    with store.begin() as work:
        return charge_attempt(work.connection, account.id, now)


def _open(
    store: Store, account_id: UUID, caller: Caller, now: datetime, *, complete: bool, strong: bool
) -> Secret:
    secret = new_secret()
    with store.begin() as work:
        work.connection.execute(
            insert(SESSION).values(
                digest=secret.digest,
                account_id=account_id,
                made_at=now,
                seen_at=now,
                ends_at=now + (SESSION_HOLDS if complete else _HALF_HOLDS),
                complete=complete,
                strong=strong,
                device=caller.device[:_MAX_DEVICE],
            )
        )
    return secret


def _session(row: Row[Any]) -> Session:
    return Session(**{name: getattr(row, name) for name in Session.__dataclass_fields__})


def _wrong() -> Invalid:
    return Invalid(
        "login or password are wrong",
        code="signin.wrong",
        mend="after five wrong tries an account is locked for a quarter of an hour",
    )
