"""Distributions over HTTP: sums, what if, what each household gets."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from longmai.domains.assets.dividends.queries import plan_of, plans
from longmai.domains.assets.dividends.service import READ
from longmai.domains.assets.dividends.what_if import compare
from longmai.domains.assets.members.desks import desk_of
from longmai.portal.house import house_of
from longmai.portal.rights.gates import OPEN, needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/assets/dividends", tags=["assets"])


class PlanItem(BaseModel):
    """A plan of distribution with its sums, in fen; `charter` is the digest of its rules."""

    id: UUID
    version: int
    region: str
    year: int
    as_of: date
    state: str
    charter: str
    available_fen: int
    fund_fen: int
    kept_fen: int
    labour_fen: int


class PlanList(BaseModel):
    """A page of plans."""

    total: int
    plans: list[PlanItem]


class PartItem(BaseModel):
    """What a household gets, in fen; shares are exact."""

    household: UUID
    shares: str
    floor_fen: int
    dividend_fen: int
    labour_fen: int


class Numbers(BaseModel):
    """Other numbers of the charter, by name."""

    numbers: dict[str, str]


class ChangeItem(BaseModel):
    """What a household gets as drafted, and under the other numbers, in fen."""

    number: str
    before_fen: int
    after_fen: int


class Comparison(BaseModel):
    """A plan under other numbers."""

    available_fen: int
    fund_fen: int
    changes: list[ChangeItem]


@router.get("", dependencies=[OPEN])
def list_plans(
    request: Request,
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PlanList:
    """List plans, newest year first; sums are public."""
    with house_of(request).store.read() as connection:
        total, rows = plans(connection, Window("year", (page - 1) * size, size), region)
    return PlanList(
        total=total, plans=[PlanItem(**_item(row, row.deed or "drafted")) for row in rows]
    )


@router.get("/{plan_id}", dependencies=[OPEN])
def read_plan(request: Request, plan_id: UUID) -> PlanItem:
    """Return a plan with its sums."""
    with house_of(request).store.read() as connection:
        found = plan_of(connection, plan_id)
    own = {"region": found.plan.region, "year": found.plan.year, "as_of": found.plan.as_of}
    return PlanItem(**_item(found, found.state, own))


@router.get("/{plan_id}/households")
def read_parts(
    request: Request, plan_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> list[PartItem]:
    """Return what each household gets."""
    with house_of(request).store.read() as connection:
        found = plan_of(connection, plan_id)
    visitor.require(READ, found.plan.region)
    return [
        PartItem(
            household=own,
            shares=str(part.shares),
            floor_fen=part.floor_fen,
            dividend_fen=part.dividend_fen,
            labour_fen=part.labour_fen,
        )
        for own, part in found.parts.items()
    ]


@router.post("/{plan_id}/what-if")
def what_if(
    request: Request, plan_id: UUID, asked: Numbers, visitor: Annotated[Visitor, needs(READ)]
) -> Comparison:
    """Compare the households under other numbers of the charter; nothing is written."""
    with house_of(request).store.begin() as work:
        found = plan_of(work.connection, plan_id)
        visitor.require(READ, found.plan.region)
        told = compare(desk_of(request, work, visitor), found, asked.numbers)
    return Comparison(
        available_fen=told.found.available_fen,
        fund_fen=told.found.fund_fen,
        changes=[
            ChangeItem(number=each.number, before_fen=each.before_fen, after_fen=each.after_fen)
            for each in told.changes
        ],
    )


def _item(row: Any, state: str, own: dict[str, Any] | None = None) -> dict[str, Any]:
    names = ("version", "charter", "available_fen", "fund_fen", "kept_fen", "labour_fen")
    own = own or {name: getattr(row, name) for name in ("region", "year", "as_of")}
    return {"id": row.plan_id, "state": state, **own} | {n: getattr(row, n) for n in names}
