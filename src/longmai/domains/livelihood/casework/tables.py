"""Tables of cases: their acts as records left them, what is to be sent, and today's leads.

A case and its acts are read from the ledger alone. Leads are what the last finding says is to be
done; they are no record, and the next finding replaces them. Deliveries say how far a message got.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    insert,
)

from longmai.domains.livelihood.casework.kinds import DEED_OF, KIND_OF
from longmai.domains.livelihood.casework.model.case import Deed
from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

CASE = Table(
    "livelihood_case",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False, unique=True),
    Column("person_id", String, nullable=False, index=True),
    Column("household", String, nullable=False),
    Column("name", String, nullable=False),
    Column("initials", String(64), nullable=False),
    Column("region", String(12), nullable=False),
    Column("policy_id", String, nullable=False),
    Column("round", Integer, nullable=False),
    Column("lead", String(16), nullable=False),
    Column("due", Date),
    Column("found", JSON, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("sample", Boolean, nullable=False),
    # One case at a time: two who open it at once are told so by this.
    UniqueConstraint("person_id", "policy_id", "round"),
    Index("ix_livelihood_case_region_policy", "region", "policy_id"),
)

ACT = Table(
    "livelihood_case_act",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("deed", String(16), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("data", JSON, nullable=False),
    # Two who act on a case at once: one of them looks again.
    UniqueConstraint("case_id", "number"),
)

MESSAGE = Table(
    "livelihood_message",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("recipient", String, nullable=False),
    Column("title", String, nullable=False),
    Column("body", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

DELIVERY = Table(
    "livelihood_delivery",
    metadata,
    # The record's ID: the key by which a receiver knows a message that comes twice.
    Column("record_id", Uuid, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("arrived_at", UtcDateTime),
    Column("error", String),
)

LEAD = Table(
    "livelihood_lead",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("lead", String(16), nullable=False),
    Column("person_id", String, nullable=False),
    Column("household", String, nullable=False),
    Column("region", String(12), nullable=False),
    Column("policy_id", String, nullable=False),
    Column("version", String, nullable=False),
    Column("amount_fen", BigInteger),
    Column("clause", String, nullable=False),
    Column("datum", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("due", Date),
    Column("found_on", Date, nullable=False),
    Index("ix_livelihood_lead_lead_region", "lead", "region", "due"),
    Index("ix_livelihood_lead_person_policy", "person_id", "policy_id"),
)

# Which finding the leads are of; one row.
LAID = Table(
    "livelihood_leads_laid",
    metadata,
    Column("finding", String, primary_key=True),
    Column("day", Date, nullable=False),
    Column("leads", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

TABLES = (CASE, ACT, MESSAGE, DELIVERY, LEAD, LAID)


def _case_row(entry: Entry, told: Any) -> dict[str, Any]:
    kept = ("household", "name", "initials", "lead", "found", "sample")
    return {
        "record_id": entry.record_id,
        "case_id": UUID(told["case"]),
        "person_id": told["person"],
        "region": entry.header["region"],
        "policy_id": told["policy"],
        "round": told["round"],
        "due": _day(told["due"]),
        "opened_at": from_text(entry.header["occurred_at"]),
        **{name: told[name] for name in kept},
    }


def _act_row(entry: Entry, told: Any) -> dict[str, Any]:
    return {
        "record_id": entry.record_id,
        "case_id": UUID(told["case"]),
        "number": told["number"],
        "deed": DEED_OF[entry.header["kind"]].value,
        "standing": told["standing"],
        "at": from_text(entry.header["occurred_at"]),
        "by": entry.header["actor"],
        "by_name": told["by_name"],
        # A photo stays in the record.
        "data": {name: value for name, value in told["data"].items() if name != "photo"},
    }


def _message_row(entry: Entry, told: Any) -> dict[str, Any]:
    message = told["data"]["message"]
    return {
        "record_id": entry.record_id,
        "case_id": UUID(told["case"]),
        "region": entry.header["region"],
        "at": from_text(entry.header["occurred_at"]),
        **{name: message[name] for name in ("channel", "recipient", "title", "body")},
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _project(deed: Deed) -> Projection:
    tables = {Deed.OPENED: (CASE, ACT), Deed.NOTIFIED: (ACT, MESSAGE)}.get(deed, (ACT,))

    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        known = [(entry, entry.payload) for entry in entries if entry.payload is not None]
        if not known:
            return
        if deed is Deed.OPENED:
            connection.execute(insert(CASE), [_case_row(*each) for each in known])
        connection.execute(insert(ACT), [_act_row(*each) for each in known])
        messages = [each for each in known if each[1]["data"].get("message")]
        if deed is Deed.NOTIFIED and messages:
            connection.execute(insert(MESSAGE), [_message_row(*each) for each in messages])

    return Projection(KIND_OF[deed], tables, apply)


PROJECTIONS = tuple(_project(deed) for deed in Deed)
