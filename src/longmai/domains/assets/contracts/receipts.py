"""Reads of receipts: what came on a contract, what is cash in hand, which numbers are taken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from longmai.domains.assets.contracts.tables import BANKED, RECEIPT, REVERSED
from longmai.kernel.errors import NotFound
from longmai.kernel.region_codes import prefix
from longmai.store.reading import chunks

_IN_HAND = (RECEIPT.c.way == "cash", REVERSED.c.record_id.is_(None), BANKED.c.record_id.is_(None))


@dataclass(frozen=True)
class Receipt:
    """Money that came on a contract.

    Attributes:
        reversed_on: day on which it was taken back; ``why``.
        banked_on: day on which cash was paid into the bank.
    """

    receipt_id: UUID
    contract_id: UUID
    region: str
    on_day: date
    amount_fen: int
    way: str
    payer: str
    serial: str
    note: str
    reversed_on: date | None
    why: str
    banked_on: date | None


def _receipts(connection: Connection, *conditions: ColumnElement[bool]) -> list[Receipt]:
    query = (
        select(
            RECEIPT,
            REVERSED.c.on_day.label("reversed_on"),
            func.coalesce(REVERSED.c.reason, "").label("why"),
            BANKED.c.on_day.label("banked_on"),
        )
        .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
        .outerjoin(BANKED, BANKED.c.receipt_id == RECEIPT.c.record_id)
        .where(*conditions)
        .order_by(RECEIPT.c.on_day.desc(), RECEIPT.c.record_id.desc())
    )
    names = (
        "contract_id", "region", "on_day", "amount_fen", "way", "payer", "serial", "note",
        "reversed_on", "why", "banked_on",
    )  # fmt: skip
    return [
        Receipt(row.record_id, **{name: getattr(row, name) for name in names})
        for row in connection.execute(query)
    ]


def receipts_of(connection: Connection, contract_id: UUID) -> list[Receipt]:
    """Return what came on a contract, newest first, what was taken back too."""
    return _receipts(connection, RECEIPT.c.contract_id == contract_id)


def receipt_of(connection: Connection, receipt_id: UUID) -> Receipt:
    """Return a receipt.

    Raises:
        NotFound: there is none of this ID.
    """
    found = _receipts(connection, RECEIPT.c.record_id == receipt_id)
    if not found:
        raise NotFound("no such receipt", code="contract.receipt", value=str(receipt_id))
    return found[0]


def cash_in_hand(connection: Connection, region: str) -> list[Receipt]:
    """Return the cash of a village that was not paid into the bank, newest first."""
    return _receipts(
        connection,
        RECEIPT.c.region.startswith(prefix(region)),
        *_IN_HAND,
    )


def cash_of(connection: Connection, contract_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the cash in fen that came on some contracts and was not paid into the bank."""
    found: dict[UUID, int] = {}
    for chunk in chunks(contract_ids):
        for each in _receipts(connection, RECEIPT.c.contract_id.in_(chunk), *_IN_HAND):
            found[each.contract_id] = found.get(each.contract_id, 0) + each.amount_fen
    return found


def serials_of(connection: Connection, region: str, serials: Collection[str]) -> set[str]:
    """Return which of some serial numbers are on receipts that stand."""
    found: set[str] = set()
    for chunk in chunks(serials):
        query = (
            select(RECEIPT.c.serial)
            .outerjoin(REVERSED, REVERSED.c.receipt_id == RECEIPT.c.record_id)
            .where(
                RECEIPT.c.region == region,
                RECEIPT.c.serial.in_(chunk),
                REVERSED.c.record_id.is_(None),
            )
        )
        found |= set(connection.scalars(query))
    return found
