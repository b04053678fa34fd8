"""A consent is of anybody of the population, by their ID as text; what ran on which day."""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0017"
down_revision = "0019"

_CONSENT = "livelihood_consent"
_KEPT = ("purpose", "given", "given_by", "guardian", "way", "by", "at")


def upgrade() -> None:
    """Apply."""
    before = sa.table(
        _CONSENT,
        sa.column("record_id", sa.Uuid),
        sa.column("person_id", sa.Uuid),
        sa.column("given", sa.Boolean),
        sa.column("at", INSTANT),
        *(sa.column(name) for name in _KEPT if name not in {"given", "at"}),
    )
    words = op.get_bind().execute(sa.select(before)).mappings().all()
    op.drop_index("ix_livelihood_consent_person_id", _CONSENT)
    op.drop_table(_CONSENT)
    made = op.create_table(
        _CONSENT,
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("given_by", sa.String(12), nullable=False),
        sa.Column("guardian", sa.String(80), nullable=False),
        sa.Column("way", sa.String(12), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_livelihood_consent_person_id", _CONSENT, ["person_id"])
    op.bulk_insert(made, [{**word, "person_id": str(word["person_id"])} for word in words])
    op.create_table(
        "job_day",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("job_id", sa.Uuid, nullable=False),
    )
