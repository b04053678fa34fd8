"""Tables of payments, read from the ledger alone.

What may never be is refused by the tables themselves: two first payments of a person, a policy and
a period; two payments in place of one that came back; a payment in place of one that did not.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    insert,
)

from longmai.domains.livelihood.payments.kinds import ACCOUNT_KIND, KIND_OF, STEP_OF
from longmai.domains.livelihood.payments.model.batch import Step
from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

BATCH = Table(
    "livelihood_pay_batch",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("batch_id", Uuid, nullable=False, unique=True),
    Column("policy_id", String, nullable=False),
    Column("region", String(12), nullable=False),
    Column("period", String(8), nullable=False),
    Column("form", String, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("sample", Boolean, nullable=False),
    Index("ix_livelihood_pay_batch_region_policy", "region", "policy_id"),
)

LINE = Table(
    "livelihood_pay_line",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("batch_id", Uuid, nullable=False, index=True),
    Column("item_id", Uuid, nullable=False, unique=True),
    Column("case_id", Uuid, nullable=False),
    Column("person_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("account", String, nullable=False),
    Column("bank", String, nullable=False),
    Column("period", String(8), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reissue_of", Uuid),
)

STEP = Table(
    "livelihood_pay_step",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("batch_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("step", String(12), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
    Column("by_name", String, nullable=False),
    Column("data", JSON, nullable=False),
    UniqueConstraint("batch_id", "number"),
)

RETURN = Table(
    "livelihood_pay_return",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("item_id", Uuid, primary_key=True),
    Column("code", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("item_id"),
)

ITEM = Table(
    "livelihood_pay_item",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("item_id", Uuid, nullable=False, unique=True),
    Column("batch_id", Uuid, nullable=False, index=True),
    Column("case_id", Uuid, nullable=False, index=True),
    Column("person_id", String, nullable=False),
    Column("policy_id", String, nullable=False),
    Column("period", String(8), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reissue_of", Uuid, ForeignKey("livelihood_pay_return.item_id"), unique=True),
)
_FIRST = ITEM.c.reissue_of.is_(None)
Index(
    "uq_livelihood_pay_item_person_policy_period",
    ITEM.c.person_id,
    ITEM.c.policy_id,
    ITEM.c.period,
    unique=True,
    sqlite_where=_FIRST,
    postgresql_where=_FIRST,
)

ACCOUNT = Table(
    "livelihood_pay_account",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("person_id", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("holder", String, nullable=False),
    Column("account", String, nullable=False),
    Column("bank", String, nullable=False),
    Column("region", String(12), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("person_id", "number"),
)

TABLES = (BATCH, LINE, STEP, RETURN, ITEM, ACCOUNT)


def _batch_row(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("period", "form", "total_fen", "sample")
    return {
        "record_id": entry.record_id,
        "batch_id": UUID(told["batch"]),
        "policy_id": told["policy"],
        "region": entry.header["region"],
        "lines": len(told["lines"]),
        **{name: told[name] for name in kept},
    }


def _line_rows(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept = ("name", "account", "bank", "period", "amount_fen")
    return [
        {
            "record_id": entry.record_id,
            "number": number,
            "batch_id": UUID(told["batch"]),
            "item_id": UUID(line["item"]),
            "case_id": UUID(line["case"]),
            "person_id": line["person"],
            "reissue_of": UUID(line["reissue_of"]) if line["reissue_of"] else None,
            **{name: line[name] for name in kept},
        }
        for number, line in enumerate(told["lines"], start=1)
    ]


def _item_rows(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept = ("record_id", "number", "item_id", "batch_id", "case_id", "person_id", "period")
    return [
        {
            **{name: row[name] for name in kept},
            "policy_id": told["policy"],
            "amount_fen": row["amount_fen"],
            "reissue_of": row["reissue_of"],
        }
        for row in _line_rows(entry, told)
    ]


def _return_rows(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "record_id": entry.record_id,
            "item_id": UUID(each["item"]),
            "code": each["code"],
            "reason": each["reason"],
            "at": from_text(entry.header["occurred_at"]),
        }
        for each in told["returns"]
    ]


def _step_row(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "record_id": entry.record_id,
        "batch_id": UUID(told["batch"]),
        "number": told["number"],
        "step": STEP_OF[entry.header["kind"]].value,
        "at": from_text(entry.header["occurred_at"]),
        "by": entry.header["actor"],
        "by_name": told["by_name"],
        "data": told["data"],
    }


def _project(step: Step) -> Projection:
    more: Mapping[Step, Sequence[Table]] = {
        Step.DRAFTED: (BATCH, LINE),
        Step.APPROVED: (ITEM,),
        Step.RETURNED: (RETURN,),
    }

    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        for entry in entries:
            told = entry.payload
            if told is None:
                continue
            connection.execute(insert(STEP), _step_row(entry, told))
            if step is Step.DRAFTED:
                connection.execute(insert(BATCH), _batch_row(entry, told))
                connection.execute(insert(LINE), _line_rows(entry, told))
            elif step is Step.APPROVED:
                connection.execute(insert(ITEM), _item_rows(entry, told))
            elif step is Step.RETURNED and told["returns"]:
                connection.execute(insert(RETURN), _return_rows(entry, told))

    return Projection(KIND_OF[step], (STEP, *more.get(step, ())), apply)


def _accounts(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "region": entry.header["region"],
            "at": from_text(entry.header["occurred_at"]),
            "person_id": entry.payload["person"],
            **{name: entry.payload[name] for name in ("number", "holder", "account", "bank")},
        }
        for entry in entries
        if entry.payload is not None
    ]
    if rows:
        connection.execute(insert(ACCOUNT), rows)


PROJECTIONS = (
    *(_project(step) for step in Step),
    Projection(ACCOUNT_KIND, (ACCOUNT,), _accounts),
)
