"""What was done about warnings of contracts."""

import sqlalchemy as sa
from alembic import op

revision = "0020b"
down_revision = "0020"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "asset_warning_deed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("deed", sa.String(12), nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )
    op.create_index(
        "ix_asset_warning_deed_contract_id_rule", "asset_warning_deed", ["contract_id", "rule"]
    )
