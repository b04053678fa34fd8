"""What the REST binding keeps beside the ledger: capture jobs, queries, subscriptions, tokens.

None of it is an official act; losing it loses no event.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Integer,
    String,
    Table,
    Uuid,
)

from longmai.store.database import metadata
from longmai.store.types import Bytes, UtcDateTime

CAPTURE = Table(
    "brand_capture",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", String, nullable=False, index=True),
    Column("regions", JSON, nullable=False),
    Column("proceed", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("success", Boolean, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("errors", JSON, nullable=False),
)

# A document that waits to be captured, in pieces.
UPLOAD = Table(
    "brand_upload",
    metadata,
    Column("capture_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", Bytes, nullable=False),
)

QUERY = Table(
    "brand_query",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("owner", String, nullable=False),
    Column("query", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# ``cursor`` is the index of the first leaf of the log that was not looked at yet.
SUBSCRIPTION = Table(
    "brand_subscription",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("query", String(200), nullable=False, index=True),
    Column("owner", String, nullable=False),
    Column("regions", JSON, nullable=False),
    Column("destination", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("report_if_empty", Boolean, nullable=False),
    Column("schedule", JSON(none_as_null=True)),
    Column("initial_record_time", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("due_at", UtcDateTime, index=True),
)

# The outbox: what is on its way to the subscribers; without a due time it is done or given up.
DELIVERY = Table(
    "brand_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subscription_id", Uuid, nullable=False, index=True),
    Column("body", Bytes, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("delivered_at", UtcDateTime),
    Column("error", String),
    Column("created_at", UtcDateTime, nullable=False),
)

PAGE_TOKEN = Table(
    "brand_page_token",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("owner", String, nullable=False),
    Column("request", JSON, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

TABLES = (CAPTURE, UPLOAD, QUERY, SUBSCRIPTION, DELIVERY, PAGE_TOKEN)
