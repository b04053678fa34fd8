"""Persons: departments' files and their rows, links, consents, pairs for review."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import BYTES, INSTANT

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "livelihood_upload",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("data", BYTES, nullable=False),
        sa.Column("headings", sa.JSON, nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("rows", sa.Integer),
        sa.Column("faults", sa.JSON, nullable=False),
        sa.Column("fault_count", sa.Integer, nullable=False),
        sa.Column("sent_by", sa.String, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
    )
    op.create_index("ix_livelihood_upload_sent_by", "livelihood_upload", ["sent_by"])
    op.create_table(
        "livelihood_mapping",
        sa.Column("department", sa.String(40), primary_key=True),
        sa.Column("shape", sa.String(64), primary_key=True),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "livelihood_file",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_livelihood_file_region", "livelihood_file", ["region"])
    op.create_table(
        "livelihood_file_withdrawn",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("file_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "livelihood_row",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("series", sa.String(124), nullable=False),
        sa.Column("record_key", sa.String(80), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("content", BYTES),
        sa.Column("salt", BYTES),
        sa.Column("commitment", BYTES, nullable=False),
        sa.Column("ended_by", sa.Uuid),
        sa.Column("id_number", sa.String(32)),
        sa.Column("name", sa.String(80)),
        sa.Column("sound", sa.String(160)),
        sa.Column("birth_date", sa.String(10)),
        sa.Column("phone", sa.String(20)),
    )
    op.create_index("ix_livelihood_row_birth_date_sound", "livelihood_row", ["birth_date", "sound"])
    op.create_index("ix_livelihood_row_ended_by", "livelihood_row", ["ended_by"])
    op.create_index("ix_livelihood_row_file_id_number", "livelihood_row", ["file_id", "number"])
    op.create_index("ix_livelihood_row_id_number", "livelihood_row", ["id_number"])
    op.create_index("ix_livelihood_row_name_phone", "livelihood_row", ["name", "phone"])
    op.create_index(
        "ix_livelihood_row_series_record_key", "livelihood_row", ["series", "record_key"]
    )
    op.create_table(
        "livelihood_link",
        sa.Column("row_id", sa.Uuid, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("bits", sa.Float),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_livelihood_link_person_id", "livelihood_link", ["person_id"])
    op.create_index("ix_livelihood_link_record_id", "livelihood_link", ["record_id"])
    op.create_table(
        "livelihood_pair",
        sa.Column("left_row", sa.Uuid, primary_key=True),
        sa.Column("right_row", sa.Uuid, primary_key=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("bits", sa.Float, nullable=False),
        sa.Column("levels", sa.JSON, nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
    )
    op.create_index("ix_livelihood_pair_region", "livelihood_pair", ["region"])
    op.create_index("ix_livelihood_pair_right_row", "livelihood_pair", ["right_row"])
    op.create_table(
        "livelihood_pair_decision",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("left_row", sa.Uuid, nullable=False),
        sa.Column("right_row", sa.Uuid, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index(
        "ix_livelihood_pair_decision_left_row_right_row",
        "livelihood_pair_decision",
        ["left_row", "right_row"],
    )
    op.create_table(
        "livelihood_consent",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("given_by", sa.String(12), nullable=False),
        sa.Column("guardian", sa.String(80), nullable=False),
        sa.Column("way", sa.String(12), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_livelihood_consent_person_id", "livelihood_consent", ["person_id"])
    op.create_table(
        "livelihood_person",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("initials", sa.String(64), nullable=False),
        sa.Column("sex", sa.String(2), nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("id_number", sa.String(32), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("household", sa.String(80), nullable=False),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("departments", sa.Integer, nullable=False),
        sa.Column("conflicts", sa.Integer, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_index("ix_livelihood_person_household", "livelihood_person", ["household"])
    op.create_index("ix_livelihood_person_id_number", "livelihood_person", ["id_number"])
    op.create_index("ix_livelihood_person_initials", "livelihood_person", ["initials"])
    op.create_index("ix_livelihood_person_name", "livelihood_person", ["name"])
    op.create_index("ix_livelihood_person_region_name", "livelihood_person", ["region", "name"])
