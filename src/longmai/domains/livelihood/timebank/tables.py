"""Tables of the time bank: projections of its records, which only grow.

A balance is a sum of postings, and never a column that somebody could set.
"""

from collections.abc import Callable, Mapping, Sequence
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
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    insert,
)

from longmai.kernel.clock import beijing_day, from_text
from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

PREFIX = "livelihood.hours"
BANK_KIND = f"{PREFIX}.bank.opened"
RULES_KIND = f"{PREFIX}.bank.rules"
MEMBER_KIND = f"{PREFIX}.member.joined"
LINK_KIND = f"{PREFIX}.member.linked"
TRAIT_KIND = f"{PREFIX}.member.trait"
KIN_KIND = f"{PREFIX}.member.kin"
ENTRY_KIND = f"{PREFIX}.entry"
MONEY_KIND = f"{PREFIX}.money"
NOTICE_KIND = f"{PREFIX}.notice.posted"
NOTICE_CLOSED_KIND = f"{PREFIX}.notice.closed"
SERVICE_KIND = f"{PREFIX}.service.agreed"
CANCELLED_KIND = f"{PREFIX}.service.cancelled"
PRESENCE_KIND = f"{PREFIX}.presence"
CERTIFICATE_KIND = f"{PREFIX}.certificate"

BANK = Table(
    "hours_bank",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("region", String(12), nullable=False, index=True),
    Column("initials", String(64), nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

RULES = Table(
    "hours_rules",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("bank_id", Uuid, nullable=False, index=True),
    Column("since", Date, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

MEMBER = Table(
    "hours_member",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("bank_id", Uuid, nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("name", String(64), nullable=False),
    Column("born", Date),
    Column("region", String(12), nullable=False),
    Column("guardian", String(64), nullable=False),
    Column("initials", String(64), nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Which account of the portal acts for a member; the newest counts.
LINK = Table(
    "hours_link",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False, index=True),
    Column("account_id", Uuid, nullable=False, index=True),
)

TRAIT = Table(
    "hours_trait",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False, index=True),
    Column("trait", String(32), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("basis", String(200), nullable=False),
)

KIN = Table(
    "hours_kin",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False, index=True),
    Column("other_id", Uuid, nullable=False),
    Column("relation", String(16), nullable=False),
    Column("basis", String(200), nullable=False),
)

ENTRY = Table(
    "hours_entry",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("bank_id", Uuid, nullable=False),
    Column("deed", String(16), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
    Column("member_id", Uuid, index=True),
    Column("code", String(32), nullable=False),
    Column("category", String(32), nullable=False),
    Column("served", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    # An entry is taken back once, by whichever of two clerks comes first.
    Column("reverses", Uuid, unique=True),
    Column("reference", Uuid, index=True),
    Column("service_id", Uuid, index=True),
    Column("note", String(200), nullable=False),
    Index("ix_hours_entry_bank_id_day", "bank_id", "day"),
)

POSTING = Table(
    "hours_posting",
    metadata,
    Column("record_id", Uuid, ForeignKey("hours_entry.record_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("bank_id", Uuid, nullable=False),
    Column("account", String(64), nullable=False),
    Column("minutes", BigInteger, nullable=False),
    Column("spends", Boolean, nullable=False),
    Column("ends_on", Date),
    Index("ix_hours_posting_bank_id_account", "bank_id", "account"),
)

# Money of the fund that covers the hours; fen, below zero when it is handed over.
MONEY = Table(
    "hours_money",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("bank_id", Uuid, nullable=False, index=True),
    Column("fen", BigInteger, nullable=False),
    Column("source", String(200), nullable=False),
    Column("day", Date, nullable=False),
)

NOTICE = Table(
    "hours_notice",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("bank_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("item", String(32), nullable=False),
    Column("region", String(12), nullable=False),
    Column("day", Date),
    Column("weekdays", String(7), nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("until", Date, nullable=False),
    Column("text", String(500), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_hours_notice_bank_id_item", "bank_id", "item"),
)

NOTICE_CLOSED = Table(
    "hours_notice_closed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("notice_id", Uuid, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

SERVICE = Table(
    "hours_service",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("bank_id", Uuid, nullable=False, index=True),
    Column("helper_id", Uuid, nullable=False, index=True),
    Column("recipient_id", Uuid, nullable=False, index=True),
    Column("item", String(32), nullable=False),
    Column("paid_by", String(16), nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("price", Integer, nullable=False),
    Column("insurance", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

CANCELLED = Table(
    "hours_cancelled",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("service_id", Uuid, nullable=False, unique=True),
    Column("reason", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

PRESENCE = Table(
    "hours_presence",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("service_id", Uuid, nullable=False),
    Column("end", String(3), nullable=False),
    Column("moment", UtcDateTime, nullable=False),
    Column("method", String(8), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("by", String, nullable=False),
    Index("uq_hours_presence_service_id_end", "service_id", "end", unique=True),
)

CERTIFICATE = Table(
    "hours_certificate",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("member_id", Uuid, nullable=False, index=True),
    Column("bank_id", Uuid, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("content", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

Told = Mapping[str, Any]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _bank(entry: Entry, told: Told) -> dict[str, Any]:
    name = told["name"]
    return {
        "id": UUID(told["id"]), "name": name, "region": entry.header["region"],
        "initials": initials(name), "sample": told["sample"], "at": _at(entry),
    }  # fmt: skip


def _rules(entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "bank_id": UUID(told["bank"]), "since": _day(told["since"]), "rules": told["rules"],
        "by": entry.header["actor"], "at": _at(entry),
    }  # fmt: skip


def _member(entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "id": UUID(told["id"]),
        "bank_id": UUID(told["bank"]),
        "kind": told["kind"],
        "name": told["name"],
        "born": _day(told["born"]),
        "region": entry.header["region"],
        "guardian": told["guardian"],
        "initials": initials(told["name"]),
        "sample": told["sample"],
        "at": _at(entry),
    }


def _link(_entry: Entry, told: Told) -> dict[str, Any]:
    return {"member_id": UUID(told["member"]), "account_id": UUID(told["account"])}


def _trait(_entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "member_id": UUID(told["member"]), "trait": told["trait"], "since": _day(told["since"]),
        "until": _day(told["until"]), "basis": told["basis"],
    }  # fmt: skip


def _kin(_entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "member_id": UUID(told["member"]), "other_id": UUID(told["other"]),
        "relation": told["relation"], "basis": told["basis"],
    }  # fmt: skip


def _entry(entry: Entry, told: Told) -> dict[str, Any]:
    names = ("deed", "code", "category", "served", "refused", "note")
    ids = ("reverses", "reference")
    return {
        "bank_id": UUID(told["bank"]), **{name: told[name] for name in names},
        "day": _day(told["day"]), "at": _at(entry), "by": entry.header["actor"],
        **{name: _uuid(told[name]) for name in ids}, "member_id": _uuid(told["member"]),
        "service_id": _uuid(told["service"]),
    }  # fmt: skip


def _money(entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "bank_id": UUID(told["bank"]), "fen": told["fen"], "source": told["source"],
        "day": beijing_day(_at(entry)),
    }  # fmt: skip


def _notice(entry: Entry, told: Told) -> dict[str, Any]:
    names = ("kind", "item", "weekdays", "starts", "ends", "text")
    return {
        "id": UUID(told["id"]), "bank_id": UUID(told["bank"]),
        "member_id": UUID(told["member"]), "region": entry.header["region"],
        **{name: told[name] for name in names}, "day": _day(told["day"]),
        "until": _day(told["until"]), "at": _at(entry),
    }  # fmt: skip


def _notice_closed(entry: Entry, told: Told) -> dict[str, Any]:
    return {"notice_id": UUID(told["notice"]), "at": _at(entry)}


def _service(entry: Entry, told: Told) -> dict[str, Any]:
    names = ("item", "paid_by", "planned", "price", "insurance")
    return {
        "id": UUID(told["id"]), "bank_id": UUID(told["bank"]),
        "helper_id": UUID(told["helper"]), "recipient_id": UUID(told["recipient"]),
        **{name: told[name] for name in names}, "planned_at": from_text(told["planned_at"]),
        "at": _at(entry),
    }  # fmt: skip


def _cancelled(entry: Entry, told: Told) -> dict[str, Any]:
    return {"service_id": UUID(told["service"]), "reason": told["reason"], "at": _at(entry)}


def _presence(entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "service_id": UUID(told["service"]), "end": told["end"],
        "moment": from_text(told["moment"]), "method": told["method"],
        "reason": told["reason"], "by": entry.header["actor"],
    }  # fmt: skip


def _certificate(entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "member_id": UUID(told["member"]), "bank_id": UUID(told["bank"]),
        "since": _day(told["since"]), "until": _day(told["until"]),
        "content": dict(told), "at": _at(entry),
    }  # fmt: skip


def _at(entry: Entry) -> Any:
    return from_text(entry.header["occurred_at"])


def _projection(
    kind: str, table: Table, row: Callable[[Entry, Told], dict[str, Any]]
) -> Projection:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        rows = [
            {"record_id": entry.record_id, **row(entry, entry.payload)}
            for entry in entries
            if entry.payload is not None
        ]
        if rows:
            connection.execute(insert(table), rows)

    return Projection(kind, (table,), apply)


def _postings(connection: Connection, entries: Sequence[Entry]) -> None:
    told = [(entry, entry.payload) for entry in entries if entry.payload is not None]
    rows = [
        {
            "record_id": entry.record_id, "position": position, "bank_id": UUID(payload["bank"]),
            "account": line["account"], "minutes": line["minutes"], "spends": line["spends"],
            "ends_on": _day(line["ends_on"]),
        }
        for entry, payload in told
        for position, line in enumerate(payload["lines"], 1)
    ]  # fmt: skip
    heads = [{"record_id": entry.record_id, **_entry(entry, payload)} for entry, payload in told]
    money = [
        {"record_id": entry.record_id, **_money(entry, {**payload, "source": "clearing"})}
        for entry, payload in told
        if payload["fen"]
    ]
    for table, found in ((ENTRY, heads), (POSTING, rows), (MONEY, money)):
        if found:
            connection.execute(insert(table), found)


PROJECTIONS = (
    _projection(BANK_KIND, BANK, _bank),
    _projection(RULES_KIND, RULES, _rules),
    _projection(MEMBER_KIND, MEMBER, _member),
    _projection(LINK_KIND, LINK, _link),
    _projection(TRAIT_KIND, TRAIT, _trait),
    _projection(KIN_KIND, KIN, _kin),
    Projection(ENTRY_KIND, (ENTRY, POSTING, MONEY), _postings),
    _projection(MONEY_KIND, MONEY, _money),
    _projection(NOTICE_KIND, NOTICE, _notice),
    _projection(NOTICE_CLOSED_KIND, NOTICE_CLOSED, _notice_closed),
    _projection(SERVICE_KIND, SERVICE, _service),
    _projection(CANCELLED_KIND, CANCELLED, _cancelled),
    _projection(PRESENCE_KIND, PRESENCE, _presence),
    _projection(CERTIFICATE_KIND, CERTIFICATE, _certificate),
)

TABLES = (
    BANK, RULES, MEMBER, LINK, TRAIT, KIN, ENTRY, POSTING, MONEY, NOTICE, NOTICE_CLOSED, SERVICE,
    CANCELLED, PRESENCE, CERTIFICATE,
)  # fmt: skip
