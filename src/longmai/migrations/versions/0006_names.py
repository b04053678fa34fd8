"""Names of products, places, parties and certificates, to search by.

Rows of what was recorded before are filled in by ``longmai ledger rebuild --apply``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "brand_name",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("code", sa.String, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("initials", sa.String(64), nullable=False, index=True),
    )
