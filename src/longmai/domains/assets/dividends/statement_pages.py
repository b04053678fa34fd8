"""What a family gets, for the family: the statement on a phone, with its certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Row

from longmai.domains.assets.dividends.pages import crumbs
from longmai.domains.assets.dividends.queries import (
    Drafted,
    plan_of,
    statement_of,
    statements_for,
)
from longmai.domains.assets.dividends.service import READ
from longmai.domains.assets.meetings.service import VOTE
from longmai.domains.assets.members.queries import seats_of
from longmai.kernel.errors import Forbidden
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import house_of
from longmai.portal.ledger_api import ProofBundle, bundle_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import SIGNED_IN, needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/dividends", include_in_schema=False)
api = APIRouter(prefix="/api/v1/assets/dividends", tags=["assets"])


@dataclass(frozen=True)
class MineContext:
    """Variables of ``assets/dividends_mine.html``."""

    statements: Sequence[Row[Any]]
    seated: bool


@dataclass(frozen=True)
class StatementContext:
    """Variables of ``assets/statement.html``."""

    told: dict[str, Any]
    record_id: UUID
    proof_url: str
    verifier_key: str
    drafted: Drafted
    returned: bool


@router.get("/mine/statements")
def mine(request: Request, visitor: Annotated[Visitor, needs(VOTE)]) -> HTMLResponse:
    """List the statements of the visitor's family."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        seats = [
            each for each in seats_of(connection, visitor.login) if visitor.may(VOTE, each.region)
        ]
        found = [row for seat in seats for row in statements_for(connection, seat.household_id)]
    title = t("dividends.mine")
    page = Page(title, crumbs(t, title))
    return render(request, "assets/dividends_mine.html", page, MineContext(found, bool(seats)))


@router.get("/{plan_id}/households/{household_id}")
def statement(
    request: Request, plan_id: UUID, household_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]
) -> HTMLResponse:
    """Show a family's statement; this browser verifies it."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = plan_of(connection, plan_id)
        _require(connection, visitor, found.plan.region, household_id)
        row = statement_of(connection, plan_id, household_id)
    context = StatementContext(
        told=row.told,
        record_id=row.record_id,
        proof_url=f"/api/v1/assets/dividends/{plan_id}/households/{household_id}/proof",
        verifier_key=str(house.signer.verifier_key),
        drafted=found,
        returned=household_id in found.returned,
    )
    title = t("dividends.statement_title", number=row.told["number"], year=row.told["year"])
    page = Page(title, crumbs(t, title), found.sample)
    response = render(request, "assets/statement.html", page, context)
    response.headers["Cache-Control"] = "no-store"
    return response


@api.get("/{plan_id}/households/{household_id}/proof")
def proof(
    request: Request, plan_id: UUID, household_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]
) -> ProofBundle:
    """Return the certificate of a family's statement, with its content: the family's own."""
    house = house_of(request)
    with house.store.read() as connection:
        found = plan_of(connection, plan_id)
        _require(connection, visitor, found.plan.region, household_id)
        row = statement_of(connection, plan_id, household_id)
    # Asked and allowed above: the family reads its own record, whatever the audience of its kind.
    return ProofBundle.model_validate(bundle_of(house, [row.record_id], operator(house)))


def _require(connection: Connection, visitor: Visitor, region: str, household_id: UUID) -> None:
    if visitor.may(READ, region):
        return
    visitor.require(VOTE, region)
    if household_id not in {each.household_id for each in seats_of(connection, visitor.login)}:
        raise Forbidden("this is another family's statement", code="assets.dividend.not_yours")
