"""Brand: captured EPCIS events, the things they name, master data."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import DECIMAL, INSTANT

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "brand_event",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("document_id", sa.Uuid, nullable=False, index=True),
        sa.Column("event_id", sa.String, nullable=False, index=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("action", sa.String(16)),
        sa.Column("event_time", INSTANT, nullable=False, index=True),
        sa.Column("time_offset", sa.String(6), nullable=False),
        sa.Column("biz_step", sa.String),
        sa.Column("disposition", sa.String),
        sa.Column("read_point", sa.String),
        sa.Column("biz_location", sa.String),
        sa.Column("transformation_id", sa.String, index=True),
        sa.Column("declares_error", sa.Boolean, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
    )
    op.create_table(
        "brand_event_item",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("brand_event.record_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("key", sa.String, nullable=False, index=True),
        sa.Column("lot_key", sa.String, index=True),
        sa.Column("quantity", DECIMAL),
        sa.Column("uom", sa.String(8)),
        sa.Column("is_class", sa.Boolean, nullable=False),
    )
    op.create_table(
        "brand_vocabulary",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("document_id", sa.Uuid, nullable=False, index=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_index("ix_brand_vocabulary_key_type", "brand_vocabulary", ["key", "type"])
