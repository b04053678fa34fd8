"""Tables of bought services: projections of their records, which only grow."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Uuid,
    insert,
)

from longmai.kernel.clock import from_text
from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import ExactDecimal, UtcDateTime

PREFIX = "livelihood.bought"
ITEM_KIND = f"{PREFIX}.item.listed"
ORG_KIND = f"{PREFIX}.org.listed"
CREDIT_KIND = f"{PREFIX}.org.credit"
CONTRACT_KIND = f"{PREFIX}.contract.signed"
DELIVERY_KIND = f"{PREFIX}.delivery.recorded"
SIGNATURE_KIND = f"{PREFIX}.delivery.signed"
ACCEPTANCE_KIND = f"{PREFIX}.acceptance"
REQUEST_KIND = f"{PREFIX}.payment.requested"
DECISION_KIND = f"{PREFIX}.payment.decided"
PAID_KIND = f"{PREFIX}.payment.paid"


def _table(name: str, *columns: Any) -> Table:
    return Table(f"bought_{name}", metadata, Column("record_id", Uuid, primary_key=True), *columns)


ITEM = _table(
    "item",
    Column("code", String(32), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("category", String(32), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("standard", String(500), nullable=False),
    Column("basis", String(200), nullable=False),
    # None: nobody has confirmed a ceiling.
    Column("ceiling_fen", BigInteger),
    Column("region", String(12), nullable=False),
    Column("initials", String(64), nullable=False),
    Column("sample", Boolean, nullable=False),
)

ORG = _table(
    "org",
    Column("id", Uuid, nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("uscc", String(18), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("registered_on", Date),
    Column("region", String(12), nullable=False),
    Column("account_id", Uuid),
    Column("initials", String(64), nullable=False),
    Column("sample", Boolean, nullable=False),
)

# Written by credit records, and by acceptances, whose results are credit too.
CREDIT = _table(
    "credit",
    Column("org_id", Uuid, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("day", Date, nullable=False),
    Column("source", String(200), nullable=False),
    Column("text", String(500), nullable=False),
)

CONTRACT = _table(
    "contract",
    Column("id", Uuid, nullable=False, unique=True),
    Column("number", String(64), nullable=False, unique=True),
    Column("buyer", String(100), nullable=False),
    Column("org_id", Uuid, nullable=False, index=True),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("region", String(12), nullable=False),
    Column("by", String, nullable=False),
    Column("sample", Boolean, nullable=False),
)

CONTRACT_LINE = Table(
    "bought_contract_line",
    metadata,
    Column("record_id", Uuid, ForeignKey("bought_contract.record_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("item", String(32), nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
)

DELIVERY = _table(
    "delivery",
    Column("id", Uuid, nullable=False, unique=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("item", String(32), nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("by", String, nullable=False),
)

SIGNATURE = _table(
    "signature",
    Column("delivery_id", Uuid, nullable=False, unique=True),
    Column("method", String(8), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

ACCEPTANCE = _table(
    "acceptance",
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("result", String(8), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("note", String(500), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# A delivery is judged once.
ACCEPTED = Table(
    "bought_accepted",
    metadata,
    Column("record_id", Uuid, ForeignKey("bought_acceptance.record_id"), primary_key=True),
    Column("delivery_id", Uuid, primary_key=True, unique=True),
)

REQUEST = _table(
    "request",
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("amount_fen", BigInteger, nullable=False),
    Column("note", String(200), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

DECISION = _table(
    "decision",
    Column("request_id", Uuid, nullable=False, unique=True),
    Column("approved", Boolean, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("by", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

PAID = _table(
    "paid",
    Column("request_id", Uuid, nullable=False, unique=True),
    Column("day", Date, nullable=False),
    Column("reference", String(100), nullable=False),
    Column("by", String, nullable=False),
)

Told = Mapping[str, Any]
Row = dict[str, Any]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _kept(told: Told, *names: str) -> Row:
    return {name: told[name] for name in names}


def _at(entry: Entry) -> Any:
    return from_text(entry.header["occurred_at"])


def _by(entry: Entry) -> Row:
    return {"by": entry.header["actor"], "at": _at(entry)}


def _item(entry: Entry, told: Told) -> Row:
    kept = _kept(
        told, "code", "name", "category", "unit", "standard", "basis", "ceiling_fen", "sample"
    )
    return {**kept, "region": entry.header["region"], "initials": initials(told["name"])}


def _org(entry: Entry, told: Told) -> Row:
    account = told["account"]
    return {
        **_kept(told, "name", "uscc", "kind", "sample"), "id": UUID(told["id"]),
        "registered_on": _day(told["registered_on"]), "region": entry.header["region"],
        "account_id": None if account is None else UUID(account),
        "initials": initials(told["name"]),
    }  # fmt: skip


def _credit(_entry: Entry, told: Told) -> Row:
    return {
        **_kept(told, "kind", "source", "text"), "org_id": UUID(told["org"]),
        "day": _day(told["day"]),
    }  # fmt: skip


def _delivery(entry: Entry, told: Told) -> Row:
    return {
        **_kept(told, "item", "amount_fen", "recipient"), "id": UUID(told["id"]),
        "contract_id": UUID(told["contract"]), "quantity": Decimal(told["quantity"]),
        "day": _day(told["day"]), "by": entry.header["actor"],
    }  # fmt: skip


def _signature(entry: Entry, told: Told) -> Row:
    return {"delivery_id": UUID(told["delivery"]), "method": told["method"], **_by(entry)}


def _request(entry: Entry, told: Told) -> Row:
    kept = _kept(told, "amount_fen", "note")
    return {**kept, "contract_id": UUID(told["contract"]), **_by(entry)}


def _decision(entry: Entry, told: Told) -> Row:
    kept = _kept(told, "approved", "reason")
    return {**kept, "request_id": UUID(told["request"]), **_by(entry)}


def _paid(entry: Entry, told: Told) -> Row:
    return {
        "request_id": UUID(told["request"]), "day": _day(told["day"]),
        "reference": told["reference"], "by": entry.header["actor"],
    }  # fmt: skip


def _projection(kind: str, table: Table, row: Callable[[Entry, Told], Row]) -> Projection:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        _fill(connection, table, [(each, row(each, told)) for each, told in _told(entries)])

    return Projection(kind, (table,), apply)


def _told(entries: Sequence[Entry]) -> list[tuple[Entry, Told]]:
    return [(each, each.payload) for each in entries if each.payload is not None]


def _fill(connection: Connection, table: Table, rows: Sequence[tuple[Entry, Row]]) -> None:
    if rows:
        connection.execute(insert(table), [{"record_id": e.record_id, **row} for e, row in rows])


def _contracts(connection: Connection, entries: Sequence[Entry]) -> None:
    heads, lines = [], []
    for entry, told in _told(entries):
        kept = _kept(told, "number", "buyer", "total_fen", "sample")
        heads.append((entry, {
            **kept, "id": UUID(told["id"]), "org_id": UUID(told["org"]),
            "since": _day(told["since"]), "until": _day(told["until"]),
            "region": entry.header["region"], "by": entry.header["actor"],
        }))  # fmt: skip
        lines += [
            (entry, {
                **_kept(line, "item", "price_fen", "amount_fen"), "position": position,
                "contract_id": UUID(told["id"]), "quantity": Decimal(line["quantity"]),
            })
            for position, line in enumerate(told["lines"], 1)
        ]  # fmt: skip
    _fill(connection, CONTRACT, heads)
    _fill(connection, CONTRACT_LINE, lines)


def _acceptances(connection: Connection, entries: Sequence[Entry]) -> None:
    heads, judged, credit = [], [], []
    for entry, told in _told(entries):
        kept = _kept(told, "result", "amount_fen", "note")
        heads.append((entry, {**kept, "contract_id": UUID(told["contract"]), **_by(entry)}))
        judged += [(entry, {"delivery_id": UUID(each)}) for each in told["deliveries"]]
        credit.append((entry, {
            "org_id": UUID(told["org"]), "kind": told["result"], "day": _day(told["day"]),
            "source": told["number"], "text": told["note"],
        }))  # fmt: skip
    for table, rows in ((ACCEPTANCE, heads), (ACCEPTED, judged), (CREDIT, credit)):
        _fill(connection, table, rows)


PROJECTIONS = (
    _projection(ITEM_KIND, ITEM, _item),
    _projection(ORG_KIND, ORG, _org),
    _projection(CREDIT_KIND, CREDIT, _credit),
    Projection(CONTRACT_KIND, (CONTRACT, CONTRACT_LINE), _contracts),
    _projection(DELIVERY_KIND, DELIVERY, _delivery),
    _projection(SIGNATURE_KIND, SIGNATURE, _signature),
    Projection(ACCEPTANCE_KIND, (ACCEPTANCE, ACCEPTED, CREDIT), _acceptances),
    _projection(REQUEST_KIND, REQUEST, _request),
    _projection(DECISION_KIND, DECISION, _decision),
    _projection(PAID_KIND, PAID, _paid),
)

TABLES = (
    ITEM, ORG, CREDIT, CONTRACT, CONTRACT_LINE, DELIVERY, SIGNATURE, ACCEPTANCE, ACCEPTED, REQUEST,
    DECISION, PAID,
)  # fmt: skip
