"""Services that government buys: catalogue, non-profits, contracts, deliveries, payments."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import DECIMAL, INSTANT

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bought_item",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String(32), nullable=False, index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("standard", sa.String(500), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
        sa.Column("ceiling_fen", sa.BigInteger),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "bought_org",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("registered_on", sa.Date),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "bought_credit",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("org_id", sa.Uuid, nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
    )
    op.create_table(
        "bought_contract",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("number", sa.String(64), nullable=False, unique=True),
        sa.Column("buyer", sa.String(100), nullable=False),
        sa.Column("org_id", sa.Uuid, nullable=False, index=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("total_fen", sa.BigInteger, nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "bought_contract_line",
        sa.Column(
            "record_id", sa.Uuid, sa.ForeignKey("bought_contract.record_id"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False, index=True),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("quantity", DECIMAL, nullable=False),
        sa.Column("price_fen", sa.BigInteger, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bought_delivery",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("contract_id", sa.Uuid, nullable=False, index=True),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("quantity", DECIMAL, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("by", sa.String, nullable=False),
    )
    op.create_table(
        "bought_signature",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("delivery_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "bought_acceptance",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False, index=True),
        sa.Column("result", sa.String(8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "bought_accepted",
        sa.Column(
            "record_id", sa.Uuid, sa.ForeignKey("bought_acceptance.record_id"), primary_key=True
        ),
        sa.Column("delivery_id", sa.Uuid, primary_key=True, unique=True),
    )
    op.create_table(
        "bought_request",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("contract_id", sa.Uuid, nullable=False, index=True),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "bought_decision",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "bought_paid",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("by", sa.String, nullable=False),
    )
