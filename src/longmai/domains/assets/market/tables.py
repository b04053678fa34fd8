"""Tables of the market: rows are only added, each by a record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    insert,
)

from longmai.domains.assets.market import deeds
from longmai.domains.assets.register.tables import Row, Told, projection
from longmai.kernel.clock import from_text
from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

LISTING = Table(
    "assets_listing",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("listing_id", Uuid, nullable=False, unique=True),
    Column("asset_id", Uuid, nullable=False, index=True),
    Column("region", String(12), nullable=False, index=True),
    Column("title", String(120), nullable=False),
    Column("initials", String(120), nullable=False),
    Column("text", String, nullable=False),
    Column("method", String(10), nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("basis", String(8), nullable=False),
    Column("reserve_fen", BigInteger, nullable=False),
    Column("valuation_fen", BigInteger),
    Column("step_fen", BigInteger, nullable=False),
    Column("deposit_fen", BigInteger, nullable=False),
    Column("members_only", Boolean, nullable=False),
    Column("opens_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    Column("reveals_until", UtcDateTime, nullable=False),
    Column("window_minutes", Integer, nullable=False),
    Column("extension_minutes", Integer, nullable=False),
    Column("objection_days", Integer, nullable=False),
    Column("objection_basis", String, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("decision_record", Uuid),
    Column("listed_at", UtcDateTime, nullable=False),
    Column("sample", Boolean, nullable=False),
)

BIDDER = Table(
    "assets_bidder",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("bidder_id", Uuid, nullable=False, unique=True),
    Column("listing_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("party_kind", String(16), nullable=False),
    Column("party_key", String(64), nullable=False),
    Column("party_name", String(120), nullable=False),
    Column("representative", String(64), nullable=False),
    Column("contact", String(64), nullable=False),
    Column("login", String, nullable=False, index=True),
    # None: what is not known has to be looked into.
    Column("admitted", Boolean),
    Column("decision", JSON, nullable=False),
    UniqueConstraint("listing_id", "number"),
)

# act: sealed (a seal alone), revealed (with its salt), raised (openly).
BID = Table(
    "assets_bid",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("listing_id", Uuid, nullable=False, index=True),
    Column("bidder_id", Uuid, nullable=False),
    Column("act", String(8), nullable=False),
    Column("position", Integer, nullable=False),
    Column("seal", String(64), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("amount_fen", BigInteger),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("listing_id", "act", "bidder_id", "position"),
)

DEPOSIT = Table(
    "assets_bid_deposit",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("listing_id", Uuid, nullable=False, index=True),
    Column("bidder_id", Uuid, nullable=False),
    Column("act", String(10), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("note", String, nullable=False),
    UniqueConstraint("bidder_id", "act"),
)

# What happens once: to a listing or a need (about: empty), to a bidder or an objection (its ID).
DEED = Table(
    "assets_market_deed",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("listing_id", Uuid, nullable=False),
    Column("deed", String(20), nullable=False),
    Column("about", String(36), nullable=False),
    Column("on_day", Date, nullable=False),
    Column("told", JSON, nullable=False),
    UniqueConstraint("listing_id", "deed", "about"),
)

NEED = Table(
    "assets_market_need",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("region", String(12), nullable=False, index=True),
    Column("title", String(120), nullable=False),
    Column("initials", String(120), nullable=False),
    Column("text", String, nullable=False),
    Column("budget_fen", BigInteger),
    Column("term_months", Integer),
    Column("name", String(64), nullable=False),
    Column("contact", String(64), nullable=False),
    Column("login", String, nullable=False),
    Column("until", Date, nullable=False),
    Column("sample", Boolean, nullable=False),
)

TABLES = (LISTING, BIDDER, BID, DEPOSIT, DEED, NEED)


def _listing(entry: Entry, told: Told) -> Iterator[Row]:
    names = (
        "title", "text", "method", "term_months", "basis", "reserve_fen", "valuation_fen",
        "step_fen", "deposit_fen", "members_only", "window_minutes", "extension_minutes",
        "objection_days", "objection_basis", "cause",
    )  # fmt: skip
    decision = told["decision_record"]
    yield {
        "record_id": entry.record_id,
        "listing_id": UUID(told["listing"]),
        "asset_id": UUID(told["asset"]),
        "region": entry.header["region"],
        "initials": initials(told["title"])[:120],
        "starts_on": date.fromisoformat(told["starts_on"]),
        "decision_record": UUID(decision) if decision else None,
        "listed_at": from_text(entry.header["occurred_at"]),
        "sample": bool(told.get("sample")),
        **{name: from_text(told[name]) for name in ("opens_at", "closes_at", "reveals_until")},
        **{name: told[name] for name in names},
    }


def _bidder(entry: Entry, told: Told) -> Iterator[Row]:
    names = ("number", "representative", "contact", "login", "admitted", "decision")
    party = told["party"]
    yield {
        "record_id": entry.record_id,
        "bidder_id": UUID(told["bidder"]),
        "listing_id": UUID(told["listing"]),
        **{f"party_{name}": party[name] for name in ("kind", "key", "name")},
        **{name: told[name] for name in names},
    }


def _bid(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "listing_id": UUID(told["listing"]),
        "bidder_id": UUID(told["bidder"]),
        "act": str(entry.header["kind"]).rpartition("_")[2],
        "position": told["position"],
        "seal": told.get("seal", ""),
        "salt": told.get("salt", ""),
        "amount_fen": told.get("amount_fen"),
        "at": from_text(entry.header["occurred_at"]),
    }


def _deposit(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "listing_id": UUID(told["listing"]),
        "bidder_id": UUID(told["bidder"]),
        "on_day": date.fromisoformat(told["on_day"]),
        **{name: told[name] for name in ("act", "amount_fen", "note")},
    }


def _deed(entry: Entry, told: Told) -> Iterator[Row]:
    yield {
        "record_id": entry.record_id,
        "listing_id": UUID(told["listing"]),
        "deed": str(entry.header["kind"]).rpartition(".")[2],
        "about": told["about"],
        "on_day": date.fromisoformat(told["on_day"]),
        "told": told["told"],
    }


def _need(entry: Entry, told: Told) -> Iterator[Row]:
    names = ("title", "text", "budget_fen", "term_months", "name", "contact", "login")
    yield {
        "record_id": entry.record_id,
        "region": entry.header["region"],
        "initials": initials(told["title"])[:120],
        "until": date.fromisoformat(told["until"]),
        "sample": bool(told.get("sample")),
        **{name: told[name] for name in names},
    }


def _filled(
    kind: str, table: Table, made: Callable[[Entry, Mapping[str, object]], Iterator[Row]]
) -> Projection:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        rows = [
            row
            for entry in entries
            if entry.payload is not None
            for row in made(entry, entry.payload)
        ]
        if rows:
            connection.execute(insert(table), rows)

    return Projection(kind, (table,), apply)


PROJECTIONS = (
    # These stand on the asset's timeline, too.
    projection(deeds.LISTED, (LISTING, _listing)),
    projection(deeds.WITHDRAWN, (DEED, _deed)),
    projection(deeds.CONCLUDED, (DEED, _deed)),
    *(
        _filled(kind, DEED, _deed)
        for kind in (
            deeds.REVIEWED,
            deeds.OPENED,
            deeds.OBJECTED,
            deeds.ANSWERED,
            deeds.DEFAULTED,
            deeds.NEED_ENDED,
        )
    ),
    *(_filled(kind, BID, _bid) for kind in (deeds.SEALED, deeds.REVEALED, deeds.RAISED)),
    _filled(deeds.REGISTERED, BIDDER, _bidder),
    _filled(deeds.DEPOSITED, DEPOSIT, _deposit),
    _filled(deeds.NEEDED, NEED, _need),
)
