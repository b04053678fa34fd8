"""Trace: edges of the graph of batches, events in error; recalls, their notices; reports."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import DECIMAL, INSTANT

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "brand_edge",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("source", sa.BigInteger, nullable=False),
        sa.Column("target", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("via", sa.BigInteger, nullable=False),
    )
    told = ["kind", "at", "via"]
    op.create_index("ix_brand_edge_forward", "brand_edge", ["source", "target", *told])
    op.create_index("ix_brand_edge_back", "brand_edge", ["target", "source", *told])
    op.create_table(
        "brand_edge_void",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("via", sa.BigInteger, nullable=False, index=True),
    )
    _recalls()


def _recalls() -> None:
    op.create_table(
        "brand_recall",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("recall_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("level", sa.String(2), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False, index=True),
        sa.Column("things", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("checkpoint", sa.String, nullable=False),
        sa.Column("beyond", sa.JSON, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "brand_recall_root",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.String, primary_key=True, index=True),
        sa.Column("recall_id", sa.Uuid, nullable=False, index=True),
    )
    op.create_table(
        "brand_recall_thing",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("recall_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("quantity", DECIMAL),
        sa.Column("uom", sa.String(8), nullable=False),
    )
    op.create_index(
        "ix_brand_recall_thing_recall_id_key", "brand_recall_thing", ["recall_id", "key"]
    )
    _notices()


def _notices() -> None:
    op.create_table(
        "brand_recall_notice",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("recall_id", sa.Uuid, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("things", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "brand_recall_delivery",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", INSTANT, index=True),
        sa.Column("arrived_at", INSTANT),
        sa.Column("error", sa.String),
    )
    op.create_table(
        "brand_recall_lifted",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("recall_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
