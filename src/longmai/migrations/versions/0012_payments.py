"""Payments: batches, their lines and steps, items that are owed once, returns, accounts."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply."""
    _batches()
    _items()
    op.create_table(
        "livelihood_pay_account",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("bank", sa.String, nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("person_id", "number"),
    )


def _batches() -> None:
    op.create_table(
        "livelihood_pay_batch",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("policy_id", sa.String, nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("total_fen", sa.BigInteger, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_index(
        "ix_livelihood_pay_batch_region_policy", "livelihood_pay_batch", ["region", "policy_id"]
    )
    op.create_table(
        "livelihood_pay_line",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False, index=True),
        sa.Column("item_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("bank", sa.String, nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("reissue_of", sa.Uuid),
    )
    op.create_table(
        "livelihood_pay_step",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.UniqueConstraint("batch_id", "number"),
    )


def _items() -> None:
    op.create_table(
        "livelihood_pay_return",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("item_id"),
    )
    op.create_table(
        "livelihood_pay_item",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("item_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("batch_id", sa.Uuid, nullable=False, index=True),
        sa.Column("case_id", sa.Uuid, nullable=False, index=True),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("policy_id", sa.String, nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column(
            "reissue_of", sa.Uuid, sa.ForeignKey("livelihood_pay_return.item_id"), unique=True
        ),
    )
    first = sa.text("reissue_of IS NULL")
    op.create_index(
        "uq_livelihood_pay_item_person_policy_period",
        "livelihood_pay_item",
        ["person_id", "policy_id", "period"],
        unique=True,
        sqlite_where=first,
        postgresql_where=first,
    )
