"""The roll over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from longmai.domains.assets.members.queries import households
from longmai.domains.assets.members.service import READ
from longmai.kernel.clock import beijing_day
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/assets/members", tags=["assets"])


class MemberItem(BaseModel):
    """A person of a household; `competent` is judged today."""

    id: UUID
    name: str
    born_on: date | None
    competent: bool
    belongs: bool
    villager: bool
    head: bool
    shares: str


class HouseholdItem(BaseModel):
    """A household; shares are exact fractions like `5/2`."""

    id: UUID
    number: str
    since: date
    version: int
    shares: str
    members: list[MemberItem]


class HouseholdList(BaseModel):
    """A page of households."""

    total: int
    households: list[HouseholdItem]


@router.get("/households")
def list_households(
    request: Request,
    visitor: Annotated[Visitor, needs(READ)],
    q: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=12)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HouseholdList:
    """List the households of the villages you may read."""
    house = house_of(request)
    today = beijing_day(house.clock.now())
    window = Window("number", (page - 1) * size, size, descending=False)
    with house.store.read() as connection:
        total, rows = households(connection, visitor.scope(READ), q, window, region)
    found = [
        HouseholdItem(
            id=home.household_id,
            number=home.number,
            since=home.since,
            version=home.version,
            shares=str(home.all_shares),
            members=[
                MemberItem(
                    id=each.member_id,
                    name=each.name,
                    born_on=each.born_on,
                    competent=each.is_competent(today),
                    belongs=each.belongs,
                    villager=each.villager,
                    head=each.head,
                    shares=str(each.shares),
                )
                for each in home.members
            ],
        )
        for home in rows
    ]
    return HouseholdList(total=total, households=found)
