"""Warnings: the page, the file, the API and the command."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from longmai.domains.assets.contracts.deeds import KEEP, READ
from longmai.domains.assets.contracts.pages import identity, place_of, today_of
from longmai.domains.assets.contracts.queries import ContractFilters, sums
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.risk.queries import MOST, POLICY, Warned, warnings
from longmai.domains.assets.risk.service import DEEDS, answer
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import LongmaiError
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.export import Format, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/warnings", include_in_schema=False)
api = APIRouter(prefix="/api/v1/assets/warnings", tags=["assets"])
app = typer.Typer(name="risk", help="Warnings about contracts.", no_args_is_help=True)

Reader = Annotated[Visitor, needs(READ)]
Keeper = Annotated[Visitor, needs(KEEP)]
COLUMNS = ("contract", "tenant", "rule", "clause", "says", "standing", "note")


@dataclass(frozen=True)
class WarningsContext:
    """Variables of ``assets/warnings.html``.

    Attributes:
        judged: contracts that are open in the place; the first ``most`` are judged.
    """

    judged: int
    most: int
    rows: Sequence[Warned]
    paging: Paging
    opened: int
    region: str
    policy: str
    deeds: Sequence[str]
    form: Typed
    may_keep: bool


def _found(request: Request, visitor: Visitor) -> list[Warned]:
    house, scope = house_of(request), visitor.scope(READ)
    language = words_of(request).language
    with house.store.read() as connection:
        code = place_of(request, visitor)
        return warnings(connection, house.policies, scope, code, today_of(request), language)


@router.get("")
def warning_page(request: Request, visitor: Reader) -> HTMLResponse:
    """List what is to be warned of, with its clause and evidence."""
    return _page(request, visitor, Typed())


def _page(request: Request, visitor: Visitor, form: Typed, status: int = 200) -> HTMLResponse:
    t, found = words_of(request), _found(request, visitor)
    paging = paging_of(request, len(found))
    rows = found[paging.offset : paging.offset + paging.size]
    region = place_of(request, visitor)
    filters = ContractFilters(region=region, state="open", scope=visitor.scope(READ))
    with house_of(request).store.read() as connection:
        judged = sums(connection, filters, today_of(request)).count
    context = WarningsContext(
        judged=judged,
        most=MOST,
        rows=rows,
        paging=paging,
        opened=sum(each.standing == "open" for each in found),
        region=region,
        policy=f"/rules/{POLICY}",
        deeds=DEEDS,
        form=form,
        may_keep=visitor.may(KEEP),
    )
    title = t("risk.title")
    crumbs = ((t("nav.home"), "/"), (t("contracts.title"), "/assets/contracts"), (title, None))
    page = Page(title, crumbs, any(each.contract.sample for each in rows))
    return render(request, "assets/warnings.html", page, context, status)


@router.post("")
def answered(
    request: Request,
    visitor: Keeper,
    warning: Annotated[str, Form(max_length=120)] = "",
    deed: Annotated[str, Form(max_length=12)] = "",
    note: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Record what was done about a warning."""
    own, _, rule = warning.partition("/")
    values = {"warning": warning, "deed": deed, "note": note}
    try:
        with house_of(request).store.begin() as work:
            answer(desk_of(request, work, visitor), identity(own, "warning"), rule, deed, note)
    except LongmaiError as error:
        form = refused(words_of(request), error, values, tuple(values))
        return _page(request, visitor, form, error.status)
    return RedirectResponse("/assets/warnings", 303)


@router.get(".{kind}")
def warning_file(request: Request, visitor: Reader, kind: Format) -> Response:
    """Export the warnings."""
    t = words_of(request)
    cells = [
        (
            each.contract.terms.number,
            each.contract.terms.tenant.name,
            each.reason.name,
            each.reason.clause,
            t("risk.join").join(each.reason.sentences),
            t(f"risk.standings.{each.standing}"),
            each.deeds[0][1] if each.deeds else "",
        )
        for each in _found(request, visitor)
    ]
    return table_file(kind, "warnings", [t(f"risk.{name}") for name in COLUMNS], cells)


class WarningItem(BaseModel):
    """A warning: the rule that is not met, its clause, what was compared, what was done."""

    contract: UUID
    number: str
    rule: str
    clause: str
    says: list[str]
    standing: str


@api.get("")
def read_warnings(
    request: Request,
    visitor: Reader,
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
) -> list[WarningItem]:
    """Return the warnings about contracts of a place."""
    del region  # read by ``place_of``
    return [
        WarningItem(
            contract=each.contract.contract_id,
            number=each.contract.terms.number,
            rule=each.rule,
            clause=each.reason.clause,
            says=list(each.reason.sentences),
            standing=each.standing,
        )
        for each in _found(request, visitor)
    ]


@app.command("warnings")
def list_warnings(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Division.")],
    data: DataFolder = None,
) -> None:
    """List the warnings about contracts of a place, each with its clause.

    Example: `longmai assets risk warnings 990102001201`

    Exit codes: 0 there are none; 2 there are.
    """
    house = house_for(context, data)
    code, today = house.regions.get(region).code, beijing_day(house.clock.now())
    with house.store.read() as connection:
        found = warnings(connection, house.policies, EVERYWHERE, code, today)
    for each in found:
        why = each.reason
        told = (each.contract.terms.number, why.name, why.clause, "；".join(why.sentences))
        typer.echo("  ".join(told))
    raise typer.Exit(2 if found else 0)
