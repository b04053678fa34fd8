"""Co-operatives without systems: who they are, their plots and products, their buyers."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import DECIMAL, INSTANT

revision = "0021"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "brand_coop",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("coop_id", sa.Uuid, nullable=False, index=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("contact", sa.String(40), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("prefix", sa.String(12), nullable=False),
        sa.Column("keeper", sa.String, nullable=False, index=True),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "brand_coop_plot",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("plot_id", sa.Uuid, nullable=False, index=True),
        sa.Column("coop_id", sa.Uuid, nullable=False, index=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("area_mu", DECIMAL),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("outline", sa.JSON, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "brand_coop_product",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("product_id", sa.Uuid, nullable=False, index=True),
        sa.Column("coop_id", sa.Uuid, nullable=False, index=True),
        sa.Column("gtin", sa.String(14), nullable=False, index=True),
        sa.Column("internal", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("category", sa.String(8), nullable=False),
        sa.Column("net_kg", DECIMAL),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "brand_coop_buyer",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("coop_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.String, nullable=False, index=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
