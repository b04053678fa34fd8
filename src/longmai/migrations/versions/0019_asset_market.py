"""The transfer market: listings, bidders, bids, deposits, needs."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0019"
down_revision = "0020b"


def upgrade() -> None:
    """Apply."""
    _listings()
    _bids()
    _needs()


def _listings() -> None:
    op.create_table(
        "assets_listing",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("listing_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("initials", sa.String(120), nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("term_months", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("basis", sa.String(8), nullable=False),
        sa.Column("reserve_fen", sa.BigInteger, nullable=False),
        sa.Column("valuation_fen", sa.BigInteger),
        sa.Column("step_fen", sa.BigInteger, nullable=False),
        sa.Column("deposit_fen", sa.BigInteger, nullable=False),
        sa.Column("members_only", sa.Boolean, nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("reveals_until", INSTANT, nullable=False),
        sa.Column("window_minutes", sa.Integer, nullable=False),
        sa.Column("extension_minutes", sa.Integer, nullable=False),
        sa.Column("objection_days", sa.Integer, nullable=False),
        sa.Column("objection_basis", sa.String, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("decision_record", sa.Uuid),
        sa.Column("listed_at", INSTANT, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "assets_market_deed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("listing_id", sa.Uuid, nullable=False),
        sa.Column("deed", sa.String(20), nullable=False),
        sa.Column("about", sa.String(36), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.UniqueConstraint("listing_id", "deed", "about"),
    )


def _bids() -> None:
    op.create_table(
        "assets_bidder",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("bidder_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("listing_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("party_kind", sa.String(16), nullable=False),
        sa.Column("party_key", sa.String(64), nullable=False),
        sa.Column("party_name", sa.String(120), nullable=False),
        sa.Column("representative", sa.String(64), nullable=False),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("login", sa.String, nullable=False, index=True),
        sa.Column("admitted", sa.Boolean),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.UniqueConstraint("listing_id", "number"),
    )
    op.create_table(
        "assets_bid",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("listing_id", sa.Uuid, nullable=False, index=True),
        sa.Column("bidder_id", sa.Uuid, nullable=False),
        sa.Column("act", sa.String(8), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("listing_id", "act", "bidder_id", "position"),
    )
    op.create_table(
        "assets_bid_deposit",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("listing_id", sa.Uuid, nullable=False, index=True),
        sa.Column("bidder_id", sa.Uuid, nullable=False),
        sa.Column("act", sa.String(10), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.UniqueConstraint("bidder_id", "act"),
    )


def _needs() -> None:
    op.create_table(
        "assets_market_need",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("initials", sa.String(120), nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("budget_fen", sa.BigInteger),
        sa.Column("term_months", sa.Integer),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("login", sa.String, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
