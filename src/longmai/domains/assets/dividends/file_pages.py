"""Files of a distribution, and what if: for who may read or keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from longmai.domains.assets.dividends.pages import crumbs, rows_of, yuan
from longmai.domains.assets.dividends.queries import (
    Drafted,
    charter_by_digest,
    plan_of,
)
from longmai.domains.assets.dividends.service import KEEP, READ
from longmai.domains.assets.dividends.what_if import Change, chart_of, compare, parameters_of
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.vouchers.queries import vouchers_of
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.export import Format, table_file
from longmai.portal.house import house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/dividends", include_in_schema=False)

Keeper = Annotated[Visitor, needs(KEEP)]
Reader = Annotated[Visitor, needs(READ)]


@dataclass(frozen=True)
class WhatIfContext:
    """Variables of ``assets/dividend_what_if.html``."""

    drafted: Drafted
    form: Typed
    numbers: Mapping[str, tuple[str, str]]
    changes: Sequence[Change]
    fund_fen: int
    available_fen: int
    chart: dict[str, Any] | None


@router.get("/{plan_id}/households.{kind}")
def households_file(request: Request, plan_id: UUID, kind: Format, visitor: Reader) -> Response:
    """Export what each household gets."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        found = plan_of(connection, plan_id)
        visitor.require(READ, found.plan.region)
        rows = rows_of(connection, found)
    names = ("number", "head", "shares", "floor", "dividend", "labour", "total")
    cells = [
        (
            row.number,
            row.name,
            row.shares,
            yuan(row.floor_fen),
            yuan(row.dividend_fen),
            yuan(row.labour_fen),
            yuan(row.total_fen),
        )
        for row in rows
    ]
    return table_file(
        kind, f"dividend-{found.plan.year}", [t(f"dividends.{n}") for n in names], cells
    )


@router.get("/{plan_id}/payments.{kind}")
def payments_file(request: Request, plan_id: UUID, kind: Format, visitor: Keeper) -> Response:
    """Export the payment batch for the bank; only of a plan that a meeting decided."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        found = plan_of(connection, plan_id)
        visitor.require(KEEP, found.plan.region)
        if found.state == "drafted":
            raise Conflict("no meeting decided it", code="assets.dividend.undecided")
        roll = roll_of(connection, found.plan.region, beijing_day(house_of(request).clock.now()))
        old = roll_of(connection, found.plan.region, found.plan.as_of)
    cells = []
    for own, part in found.parts.items():
        home = roll.homes.get(own) or old.homes[own]
        missing = "" if home.account else t("dividends.no_account")
        use = t("dividends.use", year=found.plan.year)
        if part.total_fen:
            cells.append(
                (home.number, home.payee, home.account, yuan(part.total_fen), use, missing)
            )
    names = ("number", "payee", "account", "total", "usage", "note")
    headings = [t(f"dividends.{name}") for name in names]
    response = table_file(kind, f"payments-{found.plan.year}", headings, cells)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/{plan_id}/vouchers.{kind}")
def vouchers_file(request: Request, plan_id: UUID, kind: Format, visitor: Reader) -> Response:
    """Export the vouchers."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        found = plan_of(connection, plan_id)
        visitor.require(READ, found.plan.region)
        rows = vouchers_of(connection, plan_id)
    names = (
        "voucher_date",
        "voucher_number",
        "voucher_text",
        "code",
        "account_name",
        "debit",
        "credit",
    )
    cells = [
        (
            row.on_day,
            row.number,
            row.text,
            row.code,
            row.account,
            yuan(row.amount_fen) if row.side == "debit" else "",
            yuan(row.amount_fen) if row.side == "credit" else "",
        )
        for row in rows
    ]
    headings = [t(f"dividends.{name}") for name in names]
    return table_file(kind, f"vouchers-{found.plan.year}", headings, cells)


@router.get("/{plan_id}/what-if")
def what_if(request: Request, plan_id: UUID, visitor: Reader) -> HTMLResponse:
    """Compare the households under other numbers of the charter."""
    house, t = house_of(request), words_of(request)
    asked = {
        name.removeprefix("n."): value
        for name, value in request.query_params.items()
        if name.startswith("n.")
    }
    form, status = Typed(asked), 200
    changes: Sequence[Change] = ()
    fund = available = 0
    with house.store.begin() as work:
        found = plan_of(work.connection, plan_id)
        visitor.require(READ, found.plan.region)
        policy = charter_by_digest(work.connection, found.charter)
        if asked:
            try:
                told = compare(desk_of(request, work, visitor), found, asked)
                changes = told.changes
                fund, available = told.found.fund_fen, told.found.available_fen
            except (Conflict, Invalid) as error:
                form, status = refused(t, error, asked, tuple(policy.parameters)), error.status
    chart = chart_of(changes, t("dividends.change")) if changes else None
    numbers = parameters_of(policy)
    context = WhatIfContext(found, form, numbers, changes, fund, available, chart)
    title = t("dividends.what_if")
    name = t("dividends.plan_title", year=found.plan.year)
    trail = (*crumbs(t, name, f"/assets/dividends/{plan_id}"), (title, None))
    page = Page(title, trail, found.sample)
    return render(request, "assets/dividend_what_if.html", page, context, status)
