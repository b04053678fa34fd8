"""Jobs: long work that survives restarts."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import BYTES, INSTANT

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("arguments", BYTES, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("cancel_wanted", sa.Boolean, nullable=False),
        sa.Column("result", BYTES),
        sa.Column("error", sa.String),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("seen_at", INSTANT),
        sa.Column("ended_at", INSTANT),
    )
    op.create_index("ix_job_state_due_at", "job", ["state", "due_at"])
