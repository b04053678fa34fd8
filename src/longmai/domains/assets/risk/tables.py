"""What was done about warnings: rows are only added, each by a record."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import Column, Date, Index, String, Table, Uuid

from longmai.domains.assets.register.tables import Row, Told, projection
from longmai.store.database import metadata
from longmai.store.projection import Entry

DEED_KIND = "assets.warning.deed"

DEED = Table(
    "asset_warning_deed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False),
    Column("rule", String(60), nullable=False),
    Column("deed", String(12), nullable=False),
    Column("note", String, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("actor", String, nullable=False),
    Index("ix_asset_warning_deed_contract_id_rule", "contract_id", "rule"),
)
TABLES = (DEED,)


def _deed(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "contract_id": UUID(told["contract"]),
        **{name: told[name] for name in ("rule", "deed", "note")},
        "on_day": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
    }


PROJECTIONS = (projection(DEED_KIND, (DEED, _deed)),)
