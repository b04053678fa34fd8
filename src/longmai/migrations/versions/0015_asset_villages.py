"""Collectives: the roll, meetings and decisions, charters and distributions."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    _roll()
    _meetings()
    _decisions()
    _distributions()
    _statements()


def _roll() -> None:
    op.create_table(
        "assets_organisation",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("code", sa.String(18), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("region", "version"),
    )
    op.create_table(
        "assets_household",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("shares", sa.String(64), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("payee", sa.String, nullable=False),
        sa.Column("dissolved", sa.Boolean, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("household_id", "version"),
    )
    op.create_table(
        "assets_member",
        sa.Column(
            "record_id", sa.Uuid, sa.ForeignKey("assets_household.record_id"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sex", sa.String(8), nullable=False),
        sa.Column("born_on", sa.Date),
        sa.Column("capacity", sa.String(8), nullable=False),
        sa.Column("belongs", sa.Boolean, nullable=False),
        sa.Column("villager", sa.Boolean, nullable=False),
        sa.Column("head", sa.Boolean, nullable=False),
        sa.Column("shares", sa.String(64), nullable=False),
        sa.Column("login", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "assets_office",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("member_id", sa.Uuid, nullable=False, index=True),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
    )
    op.create_table(
        "assets_office_ended",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("office_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("until", sa.Date, nullable=False),
    )
    op.create_table(
        "assets_kin",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("one", sa.Uuid, nullable=False),
        sa.Column("other", sa.Uuid, nullable=False),
        sa.Column("relation", sa.String, nullable=False),
    )


def _meetings() -> None:
    op.create_table(
        "assets_meeting",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("organ", sa.String(32), nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("noticed_on", sa.Date, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False, index=True),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("secret", sa.Boolean, nullable=False),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("interested", sa.JSON, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "assets_meeting_deed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.UniqueConstraint("meeting_id", "deed"),
    )
    op.create_table(
        "assets_meeting_ticket",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False),
        sa.Column("voter", sa.Uuid, nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("holder", sa.Uuid),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("meeting_id", "voter"),
    )
    op.create_table(
        "assets_meeting_vote",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False, index=True),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("voter", sa.Uuid, nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("choice", sa.String(8), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "assets_meeting_vote_struck",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("vote_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("why", sa.String, nullable=False),
    )
    op.create_table(
        "assets_meeting_paper",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("agree", sa.Integer, nullable=False),
        sa.Column("against", sa.Integer, nullable=False),
        sa.Column("abstain", sa.Integer, nullable=False),
        sa.Column("spoiled", sa.Integer, nullable=False),
        sa.UniqueConstraint("meeting_id", "item", "version"),
    )
    # Without a row ID, whose order would tell who came when.
    op.create_table(
        "assets_meeting_box",
        sa.Column("receipt", sa.String(32), primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False, index=True),
        sa.Column("choices", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )


def _decisions() -> None:
    op.create_table(
        "assets_decision",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("organ", sa.String(32), nullable=False),
        sa.Column("matter", sa.String(32), nullable=False),
        sa.Column("refers", sa.String, nullable=False, index=True),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("tallies", sa.JSON, nullable=False),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.UniqueConstraint("meeting_id", "item"),
    )
    op.create_table(
        "assets_decision_follow",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, nullable=False, index=True),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
    )


def _distributions() -> None:
    op.create_table(
        "assets_charter",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, index=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("region", "version"),
    )
    amounts = ("available_fen", "fund_fen", "kept_fen", "labour_fen")
    op.create_table(
        "assets_dividend",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("charter", sa.String(64), nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in amounts),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("plan_id", "version"),
    )
    op.create_table(
        "assets_dividend_part",
        sa.Column(
            "record_id", sa.Uuid, sa.ForeignKey("assets_dividend.record_id"), primary_key=True
        ),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("shares", sa.String(64), nullable=False),
        sa.Column("floor_fen", sa.BigInteger, nullable=False),
        sa.Column("dividend_fen", sa.BigInteger, nullable=False),
        sa.Column("labour_fen", sa.BigInteger, nullable=False),
    )


def _statements() -> None:
    op.create_table(
        "assets_dividend_deed",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("about", sa.String(36), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.UniqueConstraint("plan_id", "deed", "about"),
    )
    op.create_table(
        "assets_dividend_statement",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("household_id", sa.Uuid, nullable=False, index=True),
        sa.Column("told", sa.JSON, nullable=False),
        sa.UniqueConstraint("plan_id", "household_id"),
    )
    op.create_table(
        "assets_dividend_voucher",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("plan_id", sa.Uuid, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
    )
