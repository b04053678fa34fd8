"""The ledger: records, their places in the log, tiles and checkpoints."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import BYTES, INSTANT

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ledger_record",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("header", BYTES, nullable=False),
        sa.Column("payload", BYTES),
        sa.Column("salt", BYTES),
    )
    op.create_table(
        "ledger_waiting",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("ledger_record.id"), primary_key=True),
    )
    op.create_table(
        "ledger_leaf",
        sa.Column("leaf_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.Uuid, nullable=False, unique=True),
    )
    op.create_table(
        "ledger_subject",
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column(
            "record_id", sa.Uuid, sa.ForeignKey("ledger_record.id"), primary_key=True, index=True
        ),
    )
    op.create_table(
        "ledger_tile",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("tile_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", BYTES, nullable=False),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("note", BYTES, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
    )
