"""Reports by shoppers, and what came of them; projections of records."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, String, Table, Uuid, insert

from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

FILED = "brand.report.filed"
ANSWERED = "brand.report.answered"
REPORTS = "brand.reports"

REPORT = Table(
    "brand_report",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("report_id", Uuid, nullable=False, unique=True),
    Column("key", String, nullable=False, index=True),
    Column("region", String(12), nullable=False, index=True),
    Column("what", String(16), nullable=False),
    Column("text", String, nullable=False),
    Column("contact", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

ANSWER = Table(
    "brand_report_answer",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    # Two who answer at once: the second is told so by this.
    Column("report_id", Uuid, nullable=False, unique=True),
    Column("text", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

TABLES = (REPORT, ANSWER)


def _row(entry: Entry, told: Mapping[str, Any], table: Table) -> dict[str, Any]:
    same = {column.name for column in table.columns} & told.keys()
    row = {name: told[name] for name in sorted(same)}
    at = from_text(entry.header["occurred_at"])
    row |= {"record_id": entry.record_id, "report_id": UUID(told["report"]), "at": at}
    return row | ({"region": entry.header["region"]} if table is REPORT else {})


def _projection(kind: str, table: Table) -> Projection:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        rows = [_row(e, e.payload, table) for e in entries if e.payload is not None]
        if rows:
            connection.execute(insert(table), rows)

    return Projection(kind, (table,), apply)


PROJECTIONS = (_projection(FILED, REPORT), _projection(ANSWERED, ANSWER))
