"""Bought services over HTTP: catalogue, non-profits with their credit, contracts."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from longmai.domains.livelihood.services.queries import (
    contracts,
    credit,
    items,
    lines,
    orgs,
)
from longmai.domains.livelihood.services.service import NewDelivery, Office, deliver, one, standing
from longmai.domains.livelihood.services.showing import Anybody, today_of
from longmai.domains.livelihood.services.tables import CONTRACT, ORG
from longmai.portal.house import house_of
from longmai.portal.rights.gates import OPEN
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/livelihood/services", tags=["bought services"])

Search = Annotated[str, Query(max_length=64)]
Size = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=10**6)]


class CatalogueItem(BaseModel):
    """A service that government buys; no ceiling: not confirmed."""

    code: str
    name: str
    category: str
    unit: str
    standard: str
    basis: str
    ceiling_fen: int | None
    region: str
    sample: bool


class CreditItem(BaseModel):
    """An event of a credit record."""

    record_id: UUID
    kind: str
    day: date
    source: str
    text: str


class OrgItem(BaseModel):
    """A non-profit."""

    id: UUID
    name: str
    uscc: str
    kind: str
    region: str
    barred: bool
    events: dict[str, int]
    sample: bool


class ContractItem(BaseModel):
    """A contract; amounts in fen, each at most the one before."""

    id: UUID
    number: str
    buyer: str
    org: str
    since: date
    until: date
    contracted_fen: int
    accepted_fen: int
    requested_fen: int
    paid_fen: int
    sample: bool


class ContractLineItem(BaseModel):
    """A line of a contract and what was delivered of it."""

    item: str
    quantity: Decimal
    delivered: Decimal
    price_fen: int
    amount_fen: int


class DeliveryWish(BaseModel):
    """A delivery to record."""

    item: str = Field(max_length=32)
    quantity: Decimal = Field(gt=0, lt=10**9, decimal_places=2)
    day: date
    recipient: str = Field(max_length=64)


class Recorded(BaseModel):
    """What was recorded."""

    id: UUID


@router.get("/catalogue", dependencies=[OPEN])
def catalogue(
    request: Request,
    q: Annotated[str, Query(max_length=64)] = "",
    offset: Offset = 0,
    size: Size = 50,
) -> list[CatalogueItem]:
    """List what government buys."""
    with house_of(request).store.read() as connection:
        _, rows = items(connection, q.strip(), Window(offset=offset, size=size))
    return [CatalogueItem.model_validate(row, from_attributes=True) for row in rows]


@router.get("/orgs", dependencies=[OPEN])
def org_list(
    request: Request,
    q: Annotated[str, Query(max_length=64)] = "",
    offset: Offset = 0,
    size: Size = 50,
) -> list[OrgItem]:
    """List non-profits, with the events of their credit records by kind."""
    with house_of(request).store.read() as connection:
        window = Window(offset=offset, size=size)
        _, rows = orgs(connection, q.strip(), today_of(request), window)
    return [
        OrgItem(
            id=row.org.id, name=row.org.name, uscc=row.org.uscc, kind=row.org.kind,
            region=row.org.region, barred=row.barred, events=row.counts, sample=row.org.sample,
        )
        for row in rows
    ]  # fmt: skip


@router.get("/orgs/{org_id}/credit", dependencies=[OPEN])
def org_credit(request: Request, org_id: UUID) -> list[CreditItem]:
    """Return a credit record, each event with its day and source."""
    with house_of(request).store.read() as connection:
        one(connection, select(ORG).where(ORG.c.id == org_id), "bought.org")
        rows = credit(connection, org_id)
    return [CreditItem.model_validate(row, from_attributes=True) for row in rows]


@router.get("/contracts", dependencies=[OPEN])
def contract_list(request: Request, offset: Offset = 0, size: Size = 50) -> list[ContractItem]:
    """List contracts and how they stand."""
    with house_of(request).store.read() as connection:
        _, rows = contracts(connection, [], Window(offset=offset, size=size))
        return [
            ContractItem(
                id=row.id, number=row.number, buyer=row.buyer, org=org, since=row.since,
                until=row.until, sample=row.sample, contracted_fen=found.contracted,
                accepted_fen=found.accepted, requested_fen=found.requested, paid_fen=found.paid,
            )
            for row, org in rows
            for found in (standing(connection, row),)
        ]  # fmt: skip


@router.get("/contracts/{contract_id}/lines", dependencies=[OPEN])
def contract_lines(request: Request, contract_id: UUID) -> list[ContractLineItem]:
    """Return the lines of a contract."""
    with house_of(request).store.read() as connection:
        one(connection, select(CONTRACT).where(CONTRACT.c.id == contract_id), "bought.contract")
        rows = lines(connection, contract_id)
    return [
        ContractLineItem(
            item=row.line.item, quantity=row.line.quantity, delivered=row.delivered,
            price_fen=row.line.price_fen, amount_fen=row.line.amount_fen,
        )
        for row in rows
    ]  # fmt: skip


@router.post("/contracts/{contract_id}/deliveries", status_code=201)
def new_delivery(
    request: Request, visitor: Anybody, contract_id: UUID, wish: DeliveryWish
) -> Recorded:
    """Record a delivery, as the organisation's own account or as the buyer."""
    house = house_of(request)
    told = NewDelivery(wish.item, wish.quantity, wish.day, wish.recipient)
    with house.store.begin() as work:
        return Recorded(id=deliver(Office(work, visitor, house.clock.now()), contract_id, told))
