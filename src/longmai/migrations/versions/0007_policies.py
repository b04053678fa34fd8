"""Versions of policies that were issued, with their texts."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rule_version",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("policy_id", sa.String, nullable=False, index=True),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, index=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("issued_by", sa.String, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
    )
