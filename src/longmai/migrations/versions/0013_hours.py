"""The time bank: banks, members, entries and postings, notices, services."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "hours_bank",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "hours_rules",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("bank_id", sa.Uuid, nullable=False, index=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "hours_member",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("bank_id", sa.Uuid, nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("born", sa.Date),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("guardian", sa.String(64), nullable=False),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "hours_link",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("account_id", sa.Uuid, nullable=False, index=True),
    )
    op.create_table(
        "hours_trait",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("trait", sa.String(32), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("basis", sa.String(200), nullable=False),
    )
    op.create_table(
        "hours_kin",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("other_id", sa.Uuid, nullable=False),
        sa.Column("relation", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
    )
    op.create_table(
        "hours_entry",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("bank_id", sa.Uuid, nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("member_id", sa.Uuid, index=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("served", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("reverses", sa.Uuid, unique=True),
        sa.Column("reference", sa.Uuid, index=True),
        sa.Column("service_id", sa.Uuid, index=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Index("ix_hours_entry_bank_id_day", "bank_id", "day"),
    )
    op.create_table(
        "hours_posting",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("hours_entry.record_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("bank_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("minutes", sa.BigInteger, nullable=False),
        sa.Column("spends", sa.Boolean, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Index("ix_hours_posting_bank_id_account", "bank_id", "account"),
    )
    op.create_table(
        "hours_money",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("bank_id", sa.Uuid, nullable=False, index=True),
        sa.Column("fen", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
    )
    op.create_table(
        "hours_notice",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("bank_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("weekdays", sa.String(7), nullable=False),
        sa.Column("starts", sa.Integer, nullable=False),
        sa.Column("ends", sa.Integer, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Index("ix_hours_notice_bank_id_item", "bank_id", "item"),
    )
    op.create_table(
        "hours_notice_closed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("notice_id", sa.Uuid, nullable=False, index=True),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "hours_service",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("bank_id", sa.Uuid, nullable=False, index=True),
        sa.Column("helper_id", sa.Uuid, nullable=False, index=True),
        sa.Column("recipient_id", sa.Uuid, nullable=False, index=True),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("paid_by", sa.String(16), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("planned", sa.Integer, nullable=False),
        sa.Column("price", sa.Integer, nullable=False),
        sa.Column("insurance", sa.String(120), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "hours_cancelled",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("service_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "hours_presence",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("end", sa.String(3), nullable=False),
        sa.Column("moment", INSTANT, nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Index("uq_hours_presence_service_id_end", "service_id", "end", unique=True),
    )
    op.create_table(
        "hours_certificate",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("bank_id", sa.Uuid, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
