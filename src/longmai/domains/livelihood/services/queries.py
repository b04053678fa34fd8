"""Lists that pages and the API of bought services show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from longmai.domains.livelihood.services.service import is_barred
from longmai.domains.livelihood.services.tables import (
    ACCEPTANCE,
    ACCEPTED,
    CONTRACT,
    CONTRACT_LINE,
    CREDIT,
    DECISION,
    DELIVERY,
    ITEM,
    ORG,
    PAID,
    REQUEST,
    SIGNATURE,
)
from longmai.store.table_window import Window


def named(table: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a name holds a text, or its pinyin initials do."""
    ways = [table.c.name.icontains(text, autoescape=True)]
    if text.isascii():
        ways.append(table.c.initials.icontains(text, autoescape=True))
    return or_(*ways)


def _page(
    connection: Connection, table: Any, where: Sequence[Any], order: Sequence[Any], window: Window
) -> tuple[int, list[Row[Any]]]:
    total = connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
    query = select(table).where(*where).order_by(*order)
    return total, list(connection.execute(query.offset(window.offset).limit(window.size)))


def items(connection: Connection, text: str, window: Window) -> tuple[int, list[Row[Any]]]:
    """Return the number of listed services that match, and one page of them; the newest of each."""
    newer = ITEM.alias("newer")
    replaced = select(newer.c.record_id).where(
        newer.c.code == ITEM.c.code, newer.c.record_id > ITEM.c.record_id
    )
    where = [~replaced.exists(), *([named(ITEM, text)] if text else [])]
    return _page(connection, ITEM, where, (ITEM.c.category, ITEM.c.code), window)


def item_names(connection: Connection) -> dict[str, str]:
    """Return the names of listed services by code."""
    query = select(ITEM.c.code, ITEM.c.name).order_by(ITEM.c.record_id)
    return {row.code: row.name for row in connection.execute(query)}


@dataclass(frozen=True)
class OrgRow:
    """A non-profit with what its credit record counts to: events by kind."""

    org: Row[Any]
    counts: dict[str, int]
    barred: bool


def orgs(connection: Connection, text: str, day: date, window: Window) -> tuple[int, list[OrgRow]]:
    """Return the number of non-profits that match, and one page of them by name."""
    where = [named(ORG, text)] if text else []
    total, rows = _page(connection, ORG, where, (ORG.c.name, ORG.c.id), window)
    return total, [
        OrgRow(row, credit_counts(connection, row.id), is_barred(connection, row.id, day))
        for row in rows
    ]


def credit_counts(connection: Connection, org_id: UUID) -> dict[str, int]:
    """Return how many events of each kind a credit record has."""
    query = select(CREDIT.c.kind, func.count().label("number")).where(CREDIT.c.org_id == org_id)
    rows = connection.execute(query.group_by(CREDIT.c.kind))
    return {row.kind: row.number for row in rows}


def credit(connection: Connection, org_id: UUID) -> list[Row[Any]]:
    """Return a credit record, newest first."""
    query = select(CREDIT).where(CREDIT.c.org_id == org_id)
    return list(connection.execute(query.order_by(CREDIT.c.day.desc(), CREDIT.c.record_id.desc())))


def contracts(
    connection: Connection, where: Sequence[Any], window: Window
) -> tuple[int, list[tuple[Row[Any], str]]]:
    """Return the number of contracts that match, and one page of them: contract, non-profit."""
    total, rows = _page(connection, CONTRACT, where, (CONTRACT.c.record_id.desc(),), window)
    names = {row.id: row.name for row in connection.execute(select(ORG.c.id, ORG.c.name))}
    return total, [(row, names[row.org_id]) for row in rows]


@dataclass(frozen=True)
class LineRow:
    """A line of a contract, and how much of it was delivered."""

    line: Row[Any]
    delivered: Any


def lines(connection: Connection, contract_id: UUID) -> list[LineRow]:
    """Return the lines of a contract."""
    query = select(CONTRACT_LINE).where(CONTRACT_LINE.c.contract_id == contract_id)
    found = []
    for row in connection.execute(query.order_by(CONTRACT_LINE.c.position)).all():
        quantities = connection.scalars(
            select(DELIVERY.c.quantity).where(
                DELIVERY.c.contract_id == contract_id, DELIVERY.c.item == row.item
            )
        )
        found.append(LineRow(row, sum(quantities)))
    return found


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery: whether and how it was signed, and what its acceptance said."""

    delivery: Row[Any]
    method: str
    signature_id: UUID | None
    result: str


def deliveries(connection: Connection, contract_id: UUID) -> list[DeliveryRow]:
    """Return the deliveries of a contract, newest first."""
    query = (
        select(
            DELIVERY,
            SIGNATURE.c.method,
            SIGNATURE.c.record_id.label("signature_id"),
            ACCEPTANCE.c.result,
        )
        .outerjoin(SIGNATURE, SIGNATURE.c.delivery_id == DELIVERY.c.id)
        .outerjoin(ACCEPTED, ACCEPTED.c.delivery_id == DELIVERY.c.id)
        .outerjoin(ACCEPTANCE, ACCEPTANCE.c.record_id == ACCEPTED.c.record_id)
        .where(DELIVERY.c.contract_id == contract_id)
        .order_by(DELIVERY.c.record_id.desc())
    )
    return [
        DeliveryRow(row, row.method or "", row.signature_id, row.result or "")
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class RequestRow:
    """A payment request; ``state``: waiting, refused, approved or paid."""

    id: UUID
    amount_fen: int
    note: str
    by: str
    at: datetime
    state: str
    said: str


def requests(connection: Connection, where: Any) -> list[tuple[RequestRow, UUID]]:
    """Return payment requests of a condition with their contracts, newest first."""
    query = (
        select(REQUEST, DECISION.c.approved, DECISION.c.reason, PAID.c.day, PAID.c.reference)
        .outerjoin(DECISION, DECISION.c.request_id == REQUEST.c.record_id)
        .outerjoin(PAID, PAID.c.request_id == REQUEST.c.record_id)
        .where(where)
        .order_by(REQUEST.c.record_id.desc())
    )
    found = []
    for row in connection.execute(query):
        states = {None: "waiting", False: "refused", True: "approved"}
        state = "paid" if row.day else states[row.approved]
        said = f"{row.day} {row.reference}" if row.day else row.reason or ""
        found.append(
            (
                RequestRow(row.record_id, row.amount_fen, row.note, row.by, row.at, state, said),
                row.contract_id,
            )
        )
    return found


def acceptances(connection: Connection, contract_id: UUID) -> list[Row[Any]]:
    """Return the acceptances of a contract, newest first."""
    query = select(ACCEPTANCE).where(ACCEPTANCE.c.contract_id == contract_id)
    return list(connection.execute(query.order_by(ACCEPTANCE.c.record_id.desc())))
