"""What proves that somebody is who they say: passwords and second factors.

Passwords: argon2id with the second recommended option of RFC 9106 (64 MiB, three passes); what is
too easily guessed is refused (zxcvbn's estimate), not what lacks a special character (NIST SP
800-63B, 3.1.1.2). Second factor: RFC 6238, six digits of thirty seconds.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, delete, insert, select, update
from zxcvbn import zxcvbn

from longmai.kernel.errors import Invalid
from longmai.ledger.provider import digest
from longmai.portal.accounts.tables import CREDENTIAL

MIN_PASSWORD = 10
MAX_PASSWORD = 128
# zxcvbn's 3: safely unguessable for who tries online, moderately so for who stole the hash.
_MIN_SCORE = 3
# zxcvbn takes quadratic time in the length.
_JUDGED = 64
MAX_FAILURES = 5
LOCKED = timedelta(minutes=15)
_STEP_S = 30
# One step each way, for clocks that differ.
_DRIFT = 1
_SECRET_BYTES = 32
ISSUER = "Longmai"

_HASHER = PasswordHasher()


@dataclass(frozen=True)
class Secret:
    """A secret that is shown once; only its digest is kept.

    Attributes:
        text: what its holder sends.
        digest: SHA-256 of it. Fast is enough: 256 random bits cannot be guessed.
    """

    text: str
    digest: bytes


def new_secret(prefix: str = "") -> Secret:
    """Make a secret of 256 random bits."""
    text = prefix + secrets.token_urlsafe(_SECRET_BYTES)
    return Secret(text, digest_of(text))


def digest_of(text: str) -> bytes:
    """Return what is kept of a secret."""
    return digest(text.encode("utf-8", "surrogateescape"))


def check_password(password: str, *own_words: str) -> None:
    """Refuse a password that is too short, too long, or soon guessed.

    Args:
        password: as typed.
        own_words: of the account (login, name), by which it would be guessed first.

    >>> check_password("longmai-2026", "longmai")
    Traceback (most recent call last):
    ...
    longmai.kernel.errors.Invalid: this password is soon guessed; take several words that do \
not belong together

    Raises:
        Invalid: it is one of these.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters",
            code="password.length",
            mend="take several words that do not belong together",
        )
    judged = zxcvbn(password[:_JUDGED], user_inputs=[word for word in own_words if word])
    if judged["score"] < _MIN_SCORE:
        raise Invalid(
            "this password is soon guessed",
            code="password.weak",
            mend="take several words that do not belong together",
        )


def check_new_password(password: str, again: str, *own_words: str) -> None:
    """Refuse a new password that is not good, or was not typed the same twice.

    Raises:
        Invalid: it is one of these.
    """
    check_password(password, *own_words)
    if password != again:
        raise Invalid("the two are not the same", code="password.again", place="again")


def set_password(connection: Connection, account_id: UUID, password: str, now: datetime) -> None:
    """Set the password of an account; it was checked before. A lock ends."""
    _ensure(connection, account_id)
    _change(
        connection,
        account_id,
        password_hash=_HASHER.hash(password),
        password_at=now,
        failures=0,
        locked_until=None,
    )


def credential_of(connection: Connection, account_id: UUID) -> Row[Any] | None:
    """Return the row of an account's credentials; None if it has none yet."""
    query = select(CREDENTIAL).where(CREDENTIAL.c.account_id == account_id)
    return connection.execute(query).one_or_none()


def account_of_identity(connection: Connection, issuer: str, subject: str) -> UUID | None:
    """Return the account tied to an outside identity."""
    here = (CREDENTIAL.c.issuer == issuer, CREDENTIAL.c.subject == subject)
    return connection.scalar(select(CREDENTIAL.c.account_id).where(*here))


def tie_identity(connection: Connection, account_id: UUID, issuer: str, subject: str) -> None:
    """Tie an account to an outside identity, in the place of another."""
    _ensure(connection, account_id)
    _change(connection, account_id, issuer=issuer, subject=subject)


def charge_attempt(connection: Connection, account_id: UUID, now: datetime) -> bool:
    """Count a try before it is judged, so that many at once cannot outrun the lock.

    Returns:
        Whether the try may be judged; False while the account is locked.
    """
    found = credential_of(connection, account_id)
    if found is None:
        return False
    failures = 0 if _expired(found.locked_until, now) else found.failures
    if failures >= MAX_FAILURES:
        return False
    failures += 1
    locked = now + LOCKED if failures >= MAX_FAILURES else None
    _change(connection, account_id, failures=failures, locked_until=locked)
    return True


def clear_attempts(connection: Connection, account_id: UUID) -> None:
    """Forget wrong tries: the right one came, or an administrator unlocked."""
    _change(connection, account_id, failures=0, locked_until=None)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Compare a password, in the same time whether there is one to compare with or not."""
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_second_factor() -> str:
    """Make the secret of a second factor, in base 32."""
    return pyotp.random_base32()


def second_factor_address(secret: str, login: str) -> str:
    """Return the ``otpauth://`` address that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def code_step(secret: str, code: str, now: datetime, after: int = -1) -> int | None:
    """Return the time step that a code belongs to.

    Args:
        secret: in base 32.
        code: six digits, as typed.
        now: the present instant.
        after: the last step taken; codes of it and before are used up.

    Returns:
        The step; None if the code is wrong, too old or used.
    """
    typed, step = code.replace(" ", "").encode(), int(now.timestamp()) // _STEP_S
    for each in range(step - _DRIFT, step + _DRIFT + 1):
        right = pyotp.TOTP(secret).at(each * _STEP_S).encode()
        if each > after and hmac.compare_digest(typed, right):
            return each
    return None


def use_code(connection: Connection, account_id: UUID, code: str, now: datetime) -> bool:
    """Take a code of an account's second factor; it counts once."""
    found = credential_of(connection, account_id)
    if found is None or found.totp_secret is None:
        return False
    step = code_step(found.totp_secret, code, now, found.totp_step)
    if step is None:
        return False
    taken = connection.execute(
        update(CREDENTIAL)
        .where(CREDENTIAL.c.account_id == account_id, CREDENTIAL.c.totp_step < step)
        .values(totp_step=step)
    )
    return taken.rowcount == 1


def set_second_factor(
    connection: Connection, account_id: UUID, secret: str | None, step: int = -1
) -> None:
    """Set the second factor of an account, or take it away."""
    _ensure(connection, account_id)
    _change(connection, account_id, totp_secret=secret, totp_step=step)


def forget_credentials(connection: Connection, account_id: UUID) -> None:
    """Take all credentials of an account away."""
    connection.execute(delete(CREDENTIAL).where(CREDENTIAL.c.account_id == account_id))


def _ensure(connection: Connection, account_id: UUID) -> None:
    if credential_of(connection, account_id) is None:
        connection.execute(
            insert(CREDENTIAL).values(account_id=account_id, totp_step=-1, failures=0)
        )


def _change(connection: Connection, account_id: UUID, **values: Any) -> None:
    here = CREDENTIAL.c.account_id == account_id
    connection.execute(update(CREDENTIAL).where(here).values(values))


def _expired(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(_SECRET_BYTES))
