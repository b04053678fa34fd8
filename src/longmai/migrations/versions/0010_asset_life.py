"""The life of assets: inspections, inventories, disposals."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import DECIMAL

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "asset_inspection",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("form_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("condition", sa.String(8), nullable=False),
        sa.Column("found", sa.String, nullable=False),
        sa.Column("photos", sa.JSON, nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )
    op.create_table(
        "asset_inventory",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "asset_inventory_count",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("inventory_id", sa.Uuid, nullable=False),
        sa.Column("asset_id", sa.Uuid, index=True),
        sa.Column("form_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("quantity", DECIMAL),
        sa.Column("condition", sa.String(8), nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("photos", sa.JSON, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Index("ix_asset_inventory_count_inventory_id_asset_id", "inventory_id", "asset_id"),
    )
    op.create_table(
        "asset_inventory_closed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("inventory_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("book", sa.Integer, nullable=False),
        sa.Column("counted", sa.Integer, nullable=False),
        sa.Column("different", sa.Integer, nullable=False),
    )
    op.create_table(
        "asset_disposal",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("way", sa.String(12), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("explained", sa.String, nullable=False),
        sa.Column("valuation_fen", sa.BigInteger, nullable=False),
        sa.Column("net_fen", sa.BigInteger),
        sa.Column("proposed_on", sa.Date, nullable=False),
    )
    op.create_table(
        "asset_disposal_resolved",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("disposal_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("decision_record", sa.Uuid),
        sa.Column("document", sa.String, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("posted_on", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("photo", sa.String(64), nullable=False),
    )
    op.create_table(
        "asset_disposal_ended",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("disposal_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("completed", sa.Boolean, nullable=False),
        sa.Column("buyer", sa.String, nullable=False),
        sa.Column("price_fen", sa.BigInteger, nullable=False),
        sa.Column("proceeds", sa.String(12), nullable=False),
        sa.Column("document", sa.String, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
    )
