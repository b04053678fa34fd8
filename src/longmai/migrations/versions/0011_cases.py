"""Cases of policies that find people: their acts, messages, leads."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    _cases()
    _outbox()
    _leads()


def _cases() -> None:
    op.create_table(
        "livelihood_case",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("person_id", sa.String, nullable=False, index=True),
        sa.Column("household", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("policy_id", sa.String, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("lead", sa.String(16), nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("person_id", "policy_id", "round"),
    )
    op.create_index("ix_livelihood_case_region_policy", "livelihood_case", ["region", "policy_id"])
    op.create_table(
        "livelihood_case_act",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.UniqueConstraint("case_id", "number"),
    )


def _outbox() -> None:
    op.create_table(
        "livelihood_message",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False, index=True),
    )
    op.create_table(
        "livelihood_delivery",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", INSTANT, index=True),
        sa.Column("arrived_at", INSTANT),
        sa.Column("error", sa.String),
    )


def _leads() -> None:
    op.create_table(
        "livelihood_lead",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("lead", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("household", sa.String, nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("policy_id", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("amount_fen", sa.BigInteger),
        sa.Column("clause", sa.String, nullable=False),
        sa.Column("datum", sa.String, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("found_on", sa.Date, nullable=False),
    )
    op.create_index("ix_livelihood_lead_lead_region", "livelihood_lead", ["lead", "region", "due"])
    op.create_index(
        "ix_livelihood_lead_person_policy", "livelihood_lead", ["person_id", "policy_id"]
    )
    op.create_table(
        "livelihood_leads_laid",
        sa.Column("finding", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("leads", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
