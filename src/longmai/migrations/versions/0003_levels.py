"""Levels of logs: what a witness saw, lower logs' checkpoints, receipts of the upper log."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import BYTES, INSTANT

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ledger_witnessed",
        sa.Column("origin", sa.String, primary_key=True),
        sa.Column("note", BYTES, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
    )
    op.create_table(
        "ledger_lower",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note", BYTES, nullable=False),
    )
    op.create_index("ix_ledger_lower_origin_size", "ledger_lower", ["origin", "size"])
    op.create_table(
        "ledger_anchor",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("chain", BYTES),
        sa.Column("complete", sa.Boolean, nullable=False),
    )
