"""Accounts: people, posts, looks, credentials, sessions, tokens."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import BYTES, INSTANT

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    _people()
    _credentials()


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
    )
    op.create_table(
        "account_closed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "account_post_given",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "account_post_ended",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("given_id", sa.Uuid, nullable=False, index=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "account_look",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.String, nullable=False, index=True),
        sa.Column("by", sa.String, nullable=False, index=True),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("fields", sa.String, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )


def _credentials() -> None:
    op.create_table(
        "account_credential",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("password_hash", sa.String),
        sa.Column("password_at", INSTANT),
        sa.Column("totp_secret", sa.String(64)),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", INSTANT),
        sa.Column("issuer", sa.String),
        sa.Column("subject", sa.String),
    )
    op.create_index(
        "uq_account_credential_issuer_subject",
        "account_credential",
        ["issuer", "subject"],
        unique=True,
    )
    op.create_table(
        "account_session",
        sa.Column("digest", BYTES, primary_key=True),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("strong", sa.Boolean, nullable=False),
        sa.Column("device", sa.String(120), nullable=False),
    )
    op.create_table(
        "account_token",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("digest", BYTES, nullable=False, unique=True),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String, nullable=False),
        sa.Column("strong", sa.Boolean, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
    )
    op.create_table(
        "account_link",
        sa.Column("digest", BYTES, primary_key=True),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
    )
    op.create_table(
        "account_sign_in",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, index=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("at", INSTANT, nullable=False, index=True),
    )
    op.create_table(
        "account_oidc_flow",
        sa.Column("digest", BYTES, primary_key=True),
        sa.Column("nonce", sa.String, nullable=False),
        sa.Column("verifier", sa.String, nullable=False),
        sa.Column("back", sa.String, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("ends_at", INSTANT, nullable=False),
    )
