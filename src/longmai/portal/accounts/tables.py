"""Tables of accounts.

What is an official act (an account opened, a post given, a look at somebody's data) is a record,
and its rows are projections that only grow: what holds now is a query. What must never stand in a
book of record (passwords, sessions, tokens) lies in tables of its own.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from longmai.store.database import metadata
from longmai.store.types import Bytes, UtcDateTime

ACCOUNT = Table(
    "account",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("region", String(12), nullable=False, index=True),
    Column("initials", String(64), nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
)

ACCOUNT_CLOSED = Table(
    "account_closed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

POST_GIVEN = Table(
    "account_post_given",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("role", String(32), nullable=False),
    Column("region", String(12), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("until", Date),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

POST_ENDED = Table(
    "account_post_ended",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("given_id", Uuid, nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

LOOK = Table(
    "account_look",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("by", String, nullable=False, index=True),
    Column("by_name", String, nullable=False),
    Column("fields", String, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("reason", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

PROJECTED = (ACCOUNT, ACCOUNT_CLOSED, POST_GIVEN, POST_ENDED, LOOK)

CREDENTIAL = Table(
    "account_credential",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("password_hash", String),
    Column("password_at", UtcDateTime),
    Column("totp_secret", String(64)),
    # The time step of the last code taken: a code counts once (RFC 6238, 5.2).
    Column("totp_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", UtcDateTime),
    Column("issuer", String),
    Column("subject", String),
    Index("uq_account_credential_issuer_subject", "issuer", "subject", unique=True),
)

SESSION = Table(
    "account_session",
    metadata,
    Column("digest", Bytes, primary_key=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    # False: the password was right, and the second factor is still asked for.
    Column("complete", Boolean, nullable=False),
    Column("strong", Boolean, nullable=False),
    Column("device", String(120), nullable=False),
)

API_TOKEN = Table(
    "account_token",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", Bytes, nullable=False, unique=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("label", String(64), nullable=False),
    Column("scopes", String, nullable=False),
    Column("strong", Boolean, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

LINK = Table(
    "account_link",
    metadata,
    Column("digest", Bytes, primary_key=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

SIGN_IN = Table(
    "account_sign_in",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, index=True),
    Column("outcome", String(16), nullable=False),
    Column("address", String(45), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

OIDC_FLOW = Table(
    "account_oidc_flow",
    metadata,
    Column("digest", Bytes, primary_key=True),
    Column("nonce", String, nullable=False),
    Column("verifier", String, nullable=False),
    Column("back", String, nullable=False),
    Column("account_id", Uuid),
    Column("ends_at", UtcDateTime, nullable=False),
)
