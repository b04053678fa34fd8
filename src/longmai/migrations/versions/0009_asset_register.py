"""The register of assets: columns, rights, marks, notices, certificates, photos, imports."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import BYTES, DECIMAL, INSTANT

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "asset_entry",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("county", sa.String(6), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("initials", sa.String(120), nullable=False),
        sa.Column("asset_class", sa.String(12), nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("cost_fen", sa.BigInteger, nullable=False),
        sa.Column("net_fen", sa.BigInteger),
        sa.Column("built_on", sa.Date),
        sa.Column("handed_on", sa.Date),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("quantity", DECIMAL),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("spec", sa.String, nullable=False),
        sa.Column("caretaker", sa.String, nullable=False),
        sa.Column("regulator", sa.String, nullable=False),
        sa.Column("certificate", sa.String, nullable=False),
        sa.Column("households", sa.Integer),
        sa.Column("counted_on", sa.Date),
        sa.Column("life_months", sa.Integer),
        sa.Column("residual_permille", sa.Integer),
        sa.Column("depreciation_basis", sa.String, nullable=False),
        sa.Column("stated", sa.JSON, nullable=False),
        sa.Column("funding", sa.JSON, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Index("ix_asset_entry_county_code", "county", "code"),
        sa.Index("ix_asset_entry_region_code", "region", "code"),
        sa.Index("uq_asset_entry_asset_id_version", "asset_id", "version", unique=True),
    )
    op.create_table(
        "asset_life",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deed", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("condition", sa.String(8), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Index("uq_asset_life_asset_id_version", "asset_id", "version", unique=True),
    )
    op.create_table(
        "asset_right",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("right", sa.String(12), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("party_kind", sa.String(12), nullable=False),
        sa.Column("party_key", sa.String(64), nullable=False),
        sa.Column("party_name", sa.String(120), nullable=False),
        sa.Column("share", sa.String(40), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("basis", sa.String, nullable=False),
        sa.Index("ix_asset_right_asset_id_right_version", "asset_id", "right", "version"),
        sa.Index("ix_asset_right_party_key", "party_key"),
    )
    op.create_table(
        "asset_equity",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("party_kind", sa.String(12), nullable=False),
        sa.Column("party_key", sa.String(64), nullable=False),
        sa.Column("party_name", sa.String(120), nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("basis", sa.String, nullable=False),
        sa.Index("ix_asset_equity_party_key", "party_key"),
    )
    op.create_table(
        "asset_mark",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("right", sa.String(12), nullable=False),
        sa.Column("creditor", sa.String, nullable=False),
        sa.Column("amount_fen", sa.BigInteger),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("document", sa.String, nullable=False),
    )
    op.create_table(
        "asset_mark_lifted",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("mark_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "asset_notice",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("basis", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("photo", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "asset_notice_item",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, primary_key=True, index=True),
    )
    op.create_table(
        "asset_objection",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("notice_id", sa.Uuid, nullable=False, index=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False, index=True),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("photo", sa.String(64), nullable=False),
        sa.Column("filed_on", sa.Date, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )
    op.create_table(
        "asset_objection_decided",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("objection_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )
    op.create_table(
        "asset_certificate",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("number", sa.String(64), nullable=False, unique=True),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("replaces", sa.Uuid),
        sa.Column("actor", sa.String, nullable=False),
    )
    op.create_table(
        "asset_certificate_revoked",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("certificate_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "asset_photo",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("asset_id", sa.Uuid, nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False, index=True),
        sa.Column("caption", sa.String, nullable=False),
        sa.Column("taken_at", sa.String(19), nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "asset_photo_file",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("media", sa.String(32), nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("thumbnail", BYTES, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
    )
    op.create_table(
        "asset_import",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("owner", sa.String, nullable=False, index=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("result", sa.JSON),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT),
    )
