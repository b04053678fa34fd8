"""A what-if over HTTP. Nothing is stored; what takes long is asked for on the page, as a job."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from longmai.kernel.errors import Invalid, TooLarge
from longmai.portal.house import house_of
from longmai.portal.policies.said import today
from longmai.portal.rights.gates import OPEN
from longmai.portal.simulation.asking import (
    MOST_HOUSEHOLDS,
    MOST_ROWS,
    Asked,
    Whom,
    Wish,
    answer,
    is_long,
    policy_for,
    population_for,
)
from longmai.portal.simulation.models import Answer
from longmai.rules.simulate.reform import read_reform, schema

router = APIRouter(prefix="/api/v1/rules", tags=["rules"], dependencies=[OPEN])

_MAX_REFORM = 256 * 1024
_FAR = Decimal(10) ** 12


class WhomAsked(BaseModel):
    """On whom: `rows` by the policy's names, with `区划`, `权重` and `户号`; or made-up people.

    `stands_for` makes it a sample of so many households (of made-up people) or rows.
    """

    rows: list[dict[str, Any]] | None = Field(default=None, max_length=MOST_ROWS)
    households: int = Field(default=1000, ge=1, le=MOST_HOUSEHOLDS)
    seed: int = Field(default=1, ge=0, le=2**31)
    stands_for: int | None = Field(default=None, ge=1, le=10**9)
    by_county: bool = False


class WishAsked(BaseModel):
    """A budget to meet with one parameter; without a target, what the policy costs before."""

    parameter: str = Field(max_length=200)
    target_fen: int | None = Field(default=None, ge=-(10**15), le=10**15)
    low: Decimal | None = Field(default=None, ge=-_FAR, le=_FAR)
    high: Decimal | None = Field(default=None, ge=-_FAR, le=_FAR)
    step: Decimal = Field(default=Decimal(1), gt=0, le=_FAR)


class WhatIfAsked(BaseModel):
    """A reform file as text, on whom, and what else to find out."""

    reform: str = Field(max_length=_MAX_REFORM)
    whom: WhomAsked = Field(default_factory=WhomAsked)
    version: str = Field(default="", max_length=40)
    day: date | None = None
    group: str = Field(default="", max_length=200)
    wish: WishAsked | None = None


@router.get("/reform-schema.json")
def reform_schema() -> dict[str, Any]:
    """Return the JSON Schema of reform files."""
    return schema()


@router.post("/{own}/what-if")
def what_if(request: Request, own: str, asked: WhatIfAsked) -> Answer:
    """Say who gains and loses by a reform, and what it costs. Nothing is stored."""
    house = house_of(request)
    reform = read_reform(asked.reform)
    day = reform.day or asked.day or today(house)
    policy = policy_for(house, own, reform.version or asked.version, day)
    told = asked.whom
    whom = Whom(
        None if told.rows is None else _table(told.rows),
        told.households,
        told.seed,
        told.stands_for,
        told.by_county,
    )
    wish = None if asked.wish is None else Wish(**asked.wish.model_dump())
    wanted = Asked(policy, reform, day, whom, asked.group, wish)
    if is_long(house, wanted):
        raise TooLarge(
            "this takes too long to wait for", code="what_if.long",
            mend="ask for fewer people, or run it as a job on the page",
        )  # fmt: skip
    return answer(wanted, population_for(house, wanted))


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if any(isinstance(each, list | dict) for each in values):
            raise Invalid(
                "a cell holds one value", code="what_if.rows", place=name,
                mend="one row is one person, or one member of a household",
            )  # fmt: skip
        texts = [None if each is None else _cell(each) for each in values]
        columns[name] = pa.array(texts, pa.string())
    return pa.table(columns)


def _cell(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
