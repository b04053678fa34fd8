"""Tables of contracts: projections that only grow; what holds now is the highest version."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from longmai.domains.assets.contracts import deeds
from longmai.domains.assets.contracts.model.contract import of_payload
from longmai.domains.assets.register.tables import Row, Told, projection
from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry

CONTRACT = Table(
    "asset_contract",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("region", String(12), nullable=False),
    Column("number", String(120), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("part", String, nullable=False),
    Column("lessor_kind", String(12), nullable=False),
    Column("lessor_key", String(64), nullable=False),
    Column("lessor_name", String(120), nullable=False),
    Column("tenant_kind", String(12), nullable=False),
    Column("tenant_key", String(64), nullable=False),
    Column("tenant_name", String(120), nullable=False),
    Column("initials", String(120), nullable=False),
    Column("representative", String, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("deposit_fen", BigInteger, nullable=False),
    Column("decision", Uuid),
    Column("basis", String, nullable=False),
    Column("renews", Uuid),
    Column("note", String, nullable=False),
    # Why it was amended or ended; the day on which it was ended before its time.
    Column("reason", String, nullable=False),
    Column("ended_on", Date),
    Column("on_day", Date, nullable=False),
    Column("actor", String, nullable=False),
    Column("sample", Boolean, nullable=False),
    Index("uq_asset_contract_contract_id_version", "contract_id", "version", unique=True),
    Index("ix_asset_contract_region_number", "region", "number"),
    Index("ix_asset_contract_tenant_key", "tenant_key"),
)

CONTRACT_ASSET = Table(
    "asset_contract_asset",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, primary_key=True, index=True),
)

INSTALMENT = Table(
    "asset_instalment",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("due_on", Date, nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
)

FILED = Table(
    "asset_contract_filed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, unique=True),
    Column("number", String(120), nullable=False),
    Column("office", String(120), nullable=False),
    Column("on_day", Date, nullable=False),
)

RECEIPT = Table(
    "asset_receipt",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("on_day", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("way", String(8), nullable=False),
    Column("payer", String(120), nullable=False),
    Column("serial", String(120), nullable=False),
    Column("note", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("sample", Boolean, nullable=False),
    Index("ix_asset_receipt_region_serial", "region", "serial"),
)

REVERSED = Table(
    "asset_receipt_reversed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("receipt_id", Uuid, nullable=False, unique=True),
    Column("on_day", Date, nullable=False),
    Column("reason", String, nullable=False),
)

BANKED = Table(
    "asset_receipt_banked",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("receipt_id", Uuid, primary_key=True),
    Column("on_day", Date, nullable=False),
    Column("serial", String(120), nullable=False),
    Index("uq_asset_receipt_banked_receipt_id", "receipt_id", unique=True),
)

EARNED = Table(
    "asset_rent_earned",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, primary_key=True, index=True),
    Column("until", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
)

TABLES = (CONTRACT, CONTRACT_ASSET, INSTALMENT, FILED, RECEIPT, REVERSED, BANKED, EARNED)

_SAME = (
    "region", "number", "kind", "part", "representative", "signed_on", "starts_on", "ends_on",
    "total_fen", "deposit_fen", "decision", "basis", "renews", "note",
)  # fmt: skip


def _contract(entry: Entry, told: Told) -> Iterator[Row]:
    terms = of_payload(told["terms"])
    ended = told.get("ended_on")
    yield {
        "record_id": entry.record_id,
        "contract_id": UUID(told["contract"]),
        "version": told["version"],
        **{name: getattr(terms, name) for name in _SAME},
        **{
            f"{side}_{name}": getattr(getattr(terms, side), name)
            for side in ("lessor", "tenant")
            for name in ("kind", "key", "name")
        },
        "initials": initials(terms.tenant.name)[:120],
        "reason": told.get("reason", ""),
        "ended_on": date.fromisoformat(ended) if ended else None,
        "on_day": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
        "sample": bool(told.get("sample")),
    }


def _assets(entry: Entry, told: Told) -> Iterator[Row]:
    for asset_id in told["terms"]["assets"]:
        yield {"record_id": entry.record_id, "asset_id": UUID(asset_id)}


def _instalments(entry: Entry, told: Told) -> Iterator[Row]:
    for position, each in enumerate(of_payload(told["terms"]).instalments):
        yield {"record_id": entry.record_id, "position": position, **vars(each)}


def _filed(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "contract_id": UUID(told["contract"]),
        "number": told["number"],
        "office": told["office"],
        "on_day": date.fromisoformat(told["on_day"]),
    }


def _receipt(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "contract_id": UUID(told["contract"]),
        "region": entry.header["region"],
        **{name: told[name] for name in ("amount_fen", "way", "payer", "serial", "note")},
        "on_day": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
        "sample": bool(told.get("sample")),
    }


def _reversed(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "receipt_id": UUID(told["receipt"]),
        "reason": told["reason"],
        "on_day": date.fromisoformat(told["on_day"]),
    }


def _banked(entry: Entry, told: Told) -> Iterator[Row]:
    for receipt in told["receipts"]:
        yield {
            "record_id": entry.record_id,
            "receipt_id": UUID(receipt),
            "serial": told["serial"],
            "on_day": date.fromisoformat(told["on_day"]),
        }


def _earned(entry: Entry, told: Told) -> Iterator[Row]:
    for contract, amount in told["amounts"].items():
        yield {
            "record_id": entry.record_id,
            "contract_id": UUID(contract),
            "until": date.fromisoformat(told["until"]),
            "amount_fen": amount,
        }


_TERMS = ((CONTRACT, _contract), (CONTRACT_ASSET, _assets), (INSTALMENT, _instalments))
PROJECTIONS = (
    projection(deeds.SIGNED, *_TERMS),
    projection(deeds.AMENDED, *_TERMS),
    projection(deeds.ENDED, *_TERMS),
    projection(deeds.FILED, (FILED, _filed)),
    projection(deeds.RECEIVED, (RECEIPT, _receipt)),
    projection(deeds.REVERSED, (REVERSED, _reversed)),
    projection(deeds.BANKED, (BANKED, _banked)),
    projection(deeds.EARNED, (EARNED, _earned)),
)
