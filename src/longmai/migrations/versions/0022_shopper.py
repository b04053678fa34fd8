"""Shoppers' reports and their answers."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "brand_report",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("report_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("key", sa.String, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("contact", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "brand_report_answer",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("report_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
