"""Tables of the register: projections that only grow; what holds now is the highest version.

Every record about an asset also has a row in ``LIFE``, the spine of its timeline, with the state
that it leaves the asset in. Others who write about assets add theirs with ``life_rows``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    insert,
)

from longmai.domains.assets.register import deeds
from longmai.domains.assets.register.model.asset import of_payload
from longmai.kernel.clock import from_text
from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import Bytes, ExactDecimal, UtcDateTime

ENTRY = Table(
    "asset_entry",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("county", String(6), nullable=False),
    Column("code", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("initials", String(120), nullable=False),
    Column("asset_class", String(12), nullable=False),
    Column("level", String(12), nullable=False),
    Column("region", String(12), nullable=False),
    Column("project", String, nullable=False),
    Column("year", Integer),
    Column("cost_fen", BigInteger, nullable=False),
    Column("net_fen", BigInteger),
    Column("built_on", Date),
    Column("handed_on", Date),
    Column("place", String, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("quantity", ExactDecimal),
    Column("unit", String, nullable=False),
    Column("spec", String, nullable=False),
    Column("caretaker", String, nullable=False),
    Column("regulator", String, nullable=False),
    Column("certificate", String, nullable=False),
    Column("households", Integer),
    Column("counted_on", Date),
    Column("life_months", Integer),
    Column("residual_permille", Integer),
    Column("depreciation_basis", String, nullable=False),
    Column("stated", JSON, nullable=False),
    Column("funding", JSON, nullable=False),
    Column("note", String, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("uq_asset_entry_asset_id_version", "asset_id", "version", unique=True),
    Index("ix_asset_entry_county_code", "county", "code"),
    Index("ix_asset_entry_region_code", "region", "code"),
)

LIFE = Table(
    "asset_life",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("deed", String(40), nullable=False),
    Column("stage", String(12), nullable=False),
    Column("condition", String(8), nullable=False),
    Column("on_day", Date, nullable=False),
    Column("told", JSON, nullable=False),
    Column("actor", String, nullable=False),
    Index("uq_asset_life_asset_id_version", "asset_id", "version", unique=True),
)

RIGHT = Table(
    "asset_right",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("right", String(12), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("asset_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("party_kind", String(12), nullable=False),
    Column("party_key", String(64), nullable=False),
    Column("party_name", String(120), nullable=False),
    Column("share", String(40), nullable=False),
    Column("since", Date, nullable=False),
    Column("basis", String, nullable=False),
    Index("ix_asset_right_asset_id_right_version", "asset_id", "right", "version"),
    Index("ix_asset_right_party_key", "party_key"),
)

EQUITY = Table(
    "asset_equity",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("party_kind", String(12), nullable=False),
    Column("party_key", String(64), nullable=False),
    Column("party_name", String(120), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("basis", String, nullable=False),
    Index("ix_asset_equity_party_key", "party_key"),
)

MARK = Table(
    "asset_mark",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("right", String(12), nullable=False),
    Column("creditor", String, nullable=False),
    Column("amount_fen", BigInteger),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("document", String, nullable=False),
)

MARK_LIFTED = Table(
    "asset_mark_lifted",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("mark_id", Uuid, nullable=False, unique=True),
    Column("on_day", Date, nullable=False),
    Column("reason", String, nullable=False),
)

NOTICE = Table(
    "asset_notice",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("region", String(12), nullable=False, index=True),
    Column("starts_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("basis", String, nullable=False),
    Column("place", String, nullable=False),
    Column("photo", String(64), nullable=False),
    Column("sample", Boolean, nullable=False),
)

NOTICE_ITEM = Table(
    "asset_notice_item",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, primary_key=True, index=True),
)

OBJECTION = Table(
    "asset_objection",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("notice_id", Uuid, nullable=False, index=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("region", String(12), nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("name", String(64), nullable=False),
    Column("contact", String(64), nullable=False),
    Column("photo", String(64), nullable=False),
    Column("filed_on", Date, nullable=False),
    Column("actor", String, nullable=False),
)

OBJECTION_DECIDED = Table(
    "asset_objection_decided",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("objection_id", Uuid, nullable=False, unique=True),
    Column("outcome", String(8), nullable=False),
    Column("reason", String, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("actor", String, nullable=False),
)

CERTIFICATE = Table(
    "asset_certificate",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("issued_on", Date, nullable=False),
    Column("replaces", Uuid),
    Column("actor", String, nullable=False),
)

CERTIFICATE_REVOKED = Table(
    "asset_certificate_revoked",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("certificate_id", Uuid, nullable=False, unique=True),
    Column("on_day", Date, nullable=False),
    Column("reason", String, nullable=False),
)

PHOTO = Table(
    "asset_photo",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("digest", String(64), nullable=False, index=True),
    Column("caption", String, nullable=False),
    Column("taken_at", String(19), nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("at", UtcDateTime, nullable=False),
)

# The pictures themselves: each once, by digest; the records name them.
PHOTO_FILE = Table(
    "asset_photo_file",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("media", String(32), nullable=False),
    Column("body", Bytes, nullable=False),
    Column("thumbnail", Bytes, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

# A workbook that was read and not taken in yet: a draft, not an act.
DRAFT = Table(
    "asset_import",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", String, nullable=False, index=True),
    Column("region", String(12), nullable=False),
    Column("file", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Bytes, nullable=False),
    Column("result", JSON),
    Column("made_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime),
)

TABLES = (
    ENTRY, LIFE, RIGHT, EQUITY, MARK, MARK_LIFTED, NOTICE, NOTICE_ITEM, OBJECTION,
    OBJECTION_DECIDED, CERTIFICATE, CERTIFICATE_REVOKED, PHOTO, PHOTO_FILE, DRAFT,
)  # fmt: skip

Row = dict[str, Any]
Told = Mapping[str, Any]


def life_rows(entry: Entry) -> Iterator[Row]:
    """Yield the rows of a record for the timelines of the assets it is about.

    Its payload carries ``states``, by asset: see ``register.state``.
    """
    told = entry.payload or {}
    for asset_id, state in told.get("states", {}).items():
        yield {
            "record_id": entry.record_id,
            "asset_id": UUID(asset_id),
            "version": state["version"],
            "deed": str(entry.header["kind"]).removeprefix(deeds.PREFIX),
            "stage": state["stage"],
            "condition": state["condition"],
            "on_day": date.fromisoformat(told["on_day"]),
            "told": told.get("told", {}),
            "actor": entry.header["actor"],
        }


def asset_of(entry: Entry) -> UUID:
    """Return the asset that a record about one asset names first."""
    return deeds.asset_id_of(entry.header["subjects"][0])


def recorded_at(entry: Entry) -> datetime:
    """Return when a record was made."""
    return from_text(entry.header["recorded_at"])


def day_of(told: Told, name: str) -> date | None:
    """Return a day of a payload; None if it has none."""
    text = told.get(name)
    return None if text is None else date.fromisoformat(text)


def projection(
    kind: str, *fills: tuple[Table, Callable[[Entry, Told], Iterator[Row]]]
) -> Projection:
    """Return the projection of a kind of record: its own tables, and the timeline."""

    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        present = [entry for entry in entries if entry.payload is not None]
        for table, rows_of in (*fills, (LIFE, lambda entry, _told: life_rows(entry))):
            rows = [row for entry in present for row in rows_of(entry, entry.payload or {})]
            if rows:
                connection.execute(insert(table), rows)

    return Projection(kind, (*(table for table, _ in fills), LIFE), apply)


_SAME = (
    "code", "name", "asset_class", "level", "region", "cost_fen", "net_fen", "quantity",
    "built_on", "handed_on", "lon", "lat", "year", "households", "counted_on", "life_months",
    "residual_permille", "project", "place", "unit", "spec", "caretaker", "regulator",
    "certificate", "depreciation_basis", "note",
)  # fmt: skip


def _entry_rows(entry: Entry, told: Told) -> Iterator[Row]:
    asset = of_payload(told["asset"])
    yield {
        "record_id": entry.record_id,
        "asset_id": asset_of(entry),
        "version": told["version"],
        "county": asset.county,
        "initials": initials(asset.name)[:120],
        **{name: getattr(asset, name) for name in _SAME},
        "stated": {
            **{name: getattr(asset, name) for name in ("owner", "operator", "beneficiary")},
            "lease": told["asset"].get("lease", {}),
        },
        "funding": told["asset"].get("funding", []),
        "sample": bool(told.get("sample")),
        "at": recorded_at(entry),
    }


def _right_rows(entry: Entry, told: Told) -> Iterator[Row]:
    for right, holdings in told["rights"].items():
        for position, each in enumerate(holdings):
            yield {
                "record_id": entry.record_id,
                "right": right,
                "position": position,
                "asset_id": asset_of(entry),
                "version": told["version"],
                **_party(each["party"]),
                "share": each["share"],
                "since": date.fromisoformat(told["on_day"]),
                "basis": told["basis"],
            }


def _party(told: Told) -> Row:
    return {
        "party_kind": told["kind"],
        "party_key": told["key"],
        "party_name": told["name"],
    }


def _equity_rows(entry: Entry, told: Told) -> Iterator[Row]:
    for position, each in enumerate(told["units"]):
        yield {
            "record_id": entry.record_id,
            "position": position,
            "asset_id": asset_of(entry),
            "version": told["version"],
            **_party(each["party"]),
            "units": each["units"],
            "basis": told["basis"],
        }


def _mark_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "asset_id": asset_of(entry),
        **{name: told[name] for name in ("kind", "right", "creditor", "amount_fen", "document")},
        "since": date.fromisoformat(told["on_day"]),
        "until": day_of(told, "until"),
    }


def _lifted_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "mark_id": UUID(told["mark"]),
        "on_day": date.fromisoformat(told["on_day"]),
        "reason": told["reason"],
    }


def _notice_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "region": entry.header["region"],
        "starts_on": date.fromisoformat(told["on_day"]),
        **{name: told[name] for name in ("days", "basis", "place", "photo")},
        "sample": bool(told.get("sample")),
    }


def _notice_items(entry: Entry, told: Told) -> Iterator[Row]:
    for asset_id in told["states"]:
        yield {"record_id": entry.record_id, "asset_id": UUID(asset_id)}


def _objection_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "notice_id": UUID(told["notice"]),
        "asset_id": asset_of(entry),
        "region": entry.header["region"],
        **{name: told[name] for name in ("reason", "name", "contact", "photo")},
        "filed_on": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
    }


def _decided_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "objection_id": UUID(told["objection"]),
        "outcome": told["outcome"],
        "reason": told["reason"],
        "decided_on": date.fromisoformat(told["on_day"]),
        "actor": entry.header["actor"],
    }


def _certificate_rows(entry: Entry, told: Told) -> Iterator[Row]:
    replaces = told.get("replaces")
    yield {
        "record_id": entry.record_id,
        "asset_id": asset_of(entry),
        "number": told["number"],
        "issued_on": date.fromisoformat(told["on_day"]),
        "replaces": None if replaces is None else UUID(replaces),
        "actor": entry.header["actor"],
    }


def _revoked_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "certificate_id": UUID(told["certificate"]),
        "on_day": date.fromisoformat(told["on_day"]),
        "reason": told["reason"],
    }


def _photo_rows(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "asset_id": asset_of(entry),
        **{name: told[name] for name in ("digest", "caption", "taken_at")},
        **{name: None if told[name] is None else float(told[name]) for name in ("lon", "lat")},
        "at": recorded_at(entry),
    }


PROJECTIONS = (
    projection(deeds.ENTERED, (ENTRY, _entry_rows)),
    projection(deeds.AMENDED, (ENTRY, _entry_rows)),
    projection(deeds.DETERMINED, (RIGHT, _right_rows)),
    projection(deeds.TRANSFERRED, (RIGHT, _right_rows)),
    projection(deeds.QUANTIFIED, (EQUITY, _equity_rows)),
    projection(deeds.MARKED, (MARK, _mark_rows)),
    projection(deeds.UNMARKED, (MARK_LIFTED, _lifted_rows)),
    projection(deeds.NOTICED, (NOTICE, _notice_rows), (NOTICE_ITEM, _notice_items)),
    projection(deeds.OBJECTED, (OBJECTION, _objection_rows)),
    projection(deeds.DECIDED, (OBJECTION_DECIDED, _decided_rows)),
    projection(deeds.REGISTERED),
    projection(deeds.CERTIFIED, (CERTIFICATE, _certificate_rows)),
    projection(deeds.REVOKED, (CERTIFICATE_REVOKED, _revoked_rows)),
    projection(deeds.HANDED_OVER),
    projection(deeds.PHOTOGRAPHED, (PHOTO, _photo_rows)),
)
