"""EPCIS queries, capture jobs, subscriptions.

Facts of events recorded before are filled in by ``longmai ledger rebuild --apply``.
"""

import sqlalchemy as sa
from alembic import op

from longmai.migrations.types import INSTANT

revision = "0008"
down_revision = "0007"

_INDEXED = ("biz_step", "disposition", "read_point", "biz_location")
# Region and actor of an event stand in the header of its record.
_FILL = {
    "sqlite": """UPDATE brand_event SET (region, actor) = (
        SELECT r.region, json_extract(CAST(r.header AS TEXT), '$.actor')
        FROM ledger_record r WHERE r.id = brand_event.record_id)""",
    "postgresql": """UPDATE brand_event SET region = r.region,
        actor = convert_from(r.header, 'UTF8')::json->>'actor'
        FROM ledger_record r WHERE r.id = brand_event.record_id""",
}


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "brand_event", sa.Column("region", sa.String(12), nullable=False, server_default="")
    )
    op.add_column("brand_event", sa.Column("actor", sa.String, nullable=False, server_default=""))
    op.execute(_FILL[op.get_bind().dialect.name])
    op.create_index("ix_brand_event_recorded_at", "brand_event", ["recorded_at"])
    for name in _INDEXED:
        op.create_index(f"ix_brand_event_{name}_record_id", "brand_event", [name, "record_id"])
    _facts()
    _captures()
    _queries()


def _facts() -> None:
    op.create_table(
        "brand_vocabulary_child",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("child", sa.String, primary_key=True),
        sa.Column("parent", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "brand_event_fact",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("brand_event.record_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("family", sa.String(24), nullable=False),
        sa.Column("name", sa.String(240), nullable=False),
        sa.Column("key", sa.String(240), nullable=False),
        sa.Column("text", sa.String(240)),
        sa.Column("number", sa.Float),
        sa.Column("instant", INSTANT),
    )
    op.create_index("ix_brand_event_fact_name_text", "brand_event_fact", ["name", "text"])


def _captures() -> None:
    op.create_table(
        "brand_capture",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("owner", sa.String, nullable=False, index=True),
        sa.Column("regions", sa.JSON, nullable=False),
        sa.Column("proceed", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("errors", sa.JSON, nullable=False),
    )
    op.create_table(
        "brand_upload",
        sa.Column("capture_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )


def _queries() -> None:
    op.create_table(
        "brand_query",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("query", sa.JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "brand_subscription",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("query", sa.String(200), nullable=False, index=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("regions", sa.JSON, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("report_if_empty", sa.Boolean, nullable=False),
        sa.Column("schedule", sa.JSON),
        sa.Column("initial_record_time", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("due_at", INSTANT, index=True),
    )
    op.create_table(
        "brand_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("subscription_id", sa.Uuid, nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", INSTANT, index=True),
        sa.Column("delivered_at", INSTANT),
        sa.Column("error", sa.String),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "brand_page_token",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False, index=True),
    )
