"""The page where four books are held against each other, its file, API and command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from longmai.domains.assets.contracts.deeds import READ
from longmai.domains.assets.contracts.pages import place_of, today_of
from longmai.domains.assets.contracts.shown import yuan
from longmai.domains.assets.reconcile.model import KINDS, Difference
from longmai.domains.assets.reconcile.queries import MOST, Line, lines
from longmai.kernel.clock import beijing_day
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.export import Cell, Format, csv_of, table_file, xlsx_of
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/reconcile", include_in_schema=False)
api = APIRouter(prefix="/api/v1/assets/reconcile", tags=["assets"])
app = typer.Typer()

Reader = Annotated[Visitor, needs(READ)]
COLUMNS = (
    "code", "name", "village", "ledger_rent", "ledger_received", "contract", "tenant", "due",
    "received", "counted", "kind", "explanation",
)  # fmt: skip


@dataclass(frozen=True)
class ReconcileContext:
    """Variables of ``assets/reconcile.html``.

    Attributes:
        rows: (line, sentences of its differences).
        counts: number of differences by kind.
        total: assets of the place; the first ``most`` are held against each other.
    """

    rows: Sequence[tuple[Line, Sequence[str]]]
    paging: Paging
    region: str
    kind: str
    counts: Mapping[str, int]
    agree: int
    total: int
    most: int


def sentence(each: Difference, t: Words) -> str:
    """Say a difference in plain words, with its numbers."""
    told = {
        name.removesuffix("_fen"): yuan(int(value)) if name.endswith("_fen") else str(value)
        for name, value in each.values.items()
    }
    if "condition" in told:
        told["condition"] = t(f"register.condition.{told['condition']}")
    return t(f"reconcile.says.{each.kind}", **told)


def _kind(request: Request) -> str:
    kind = request.query_params.get("kind", "")
    return kind if kind in KINDS else ""


@router.get("")
def reconcile_page(
    request: Request,
    visitor: Reader,
    region: Annotated[str, Query(max_length=12)] = "",
    kind: Annotated[str, Query(max_length=30)] = "",
) -> HTMLResponse:
    """Show what differs between ledger, contracts, receipts and inventory, asset by asset."""
    del region, kind  # read by ``place_of`` and ``_kind``
    t, code, chosen = words_of(request), place_of(request, visitor), _kind(request)
    with house_of(request).store.read() as connection:
        total, found = lines(connection, visitor.scope(READ), code, today_of(request))
    differ = [each for each in found if each.differences]
    counts = {
        kind: n
        for kind in KINDS
        if (n := sum(d.kind == kind for each in differ for d in each.differences))
    }
    wanted = [each for each in differ if not chosen or chosen in {d.kind for d in each.differences}]
    paging = paging_of(request, len(wanted))
    shown = wanted[paging.offset : paging.offset + paging.size]
    context = ReconcileContext(
        rows=[(each, [sentence(d, t) for d in each.differences]) for each in shown],
        paging=paging,
        region=code,
        kind=chosen,
        counts=counts,
        agree=len(found) - len(differ),
        total=total,
        most=MOST,
    )
    crumbs = ((t("nav.home"), "/"), (t("contracts.title"), "/assets/contracts"))
    title = t("reconcile.title")
    page = Page(title, (*crumbs, (title, None)), any(each.sample for each in shown))
    return render(request, "assets/reconcile.html", page, context)


@router.get(".{kind}")
def reconcile_file(request: Request, visitor: Reader, kind: Format) -> Response:
    """Export the four books side by side, one row for each difference."""
    t, code = words_of(request), place_of(request, visitor)
    with house_of(request).store.read() as connection:
        _, found = lines(connection, visitor.scope(READ), code, today_of(request))
    headings = [t(f"reconcile.{name}") for name in COLUMNS]
    return table_file(kind, "reconcile", headings, cells_of(found, t))


def cells_of(found: Sequence[Line], t: Words) -> list[Sequence[Cell]]:
    """Return the rows of the exported table; an asset whose books agree has one row, too."""
    rows: list[Sequence[Cell]] = []
    for each in found:
        for difference in each.differences or (None,):
            deal = next(
                (d for d in each.deals if difference and d.contract_id == difference.contract_id),
                each.deals[0] if each.deals else None,
            )
            book, count = each.book, each.count
            rows.append(
                (
                    book.code,
                    book.name,
                    t.house.regions.path_name(each.region, t.language),
                    None if book.rent_fen is None else yuan(book.rent_fen),
                    None if book.received_fen is None else yuan(book.received_fen),
                    deal.number if deal else "",
                    deal.tenant if deal else "",
                    yuan(deal.due_fen) if deal else "",
                    yuan(deal.received_fen) if deal else "",
                    count.on_day if count else None,
                    t(f"reconcile.kinds.{difference.kind}") if difference else t("reconcile.agree"),
                    sentence(difference, t) if difference else "",
                )
            )
    return rows


class DifferenceItem(BaseModel):
    """One difference: its kind, what it is said to be, and its contract."""

    kind: str
    says: str
    contract: UUID | None


class LineItem(BaseModel):
    """An asset whose books were held against each other."""

    asset: UUID
    code: str
    name: str
    region: str
    differences: list[DifferenceItem]


@api.get("")
def read_reconciliation(
    request: Request,
    visitor: Reader,
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
) -> list[LineItem]:
    """Return the assets of a place that have contracts, or whose four books differ."""
    del region  # read by ``place_of``
    t, code = words_of(request), place_of(request, visitor)
    with house_of(request).store.read() as connection:
        _, found = lines(connection, visitor.scope(READ), code, today_of(request))
    return [
        LineItem(
            asset=each.asset_id,
            code=each.book.code,
            name=each.book.name,
            region=each.region,
            differences=[
                DifferenceItem(kind=d.kind, says=sentence(d, t), contract=d.contract_id)
                for d in each.differences
            ],
        )
        for each in found
    ]


@app.command("reconcile")
def reconcile(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Division.")],
    file: Annotated[Path | None, typer.Option("--file", help="To write: .csv or .xlsx.")] = None,
    data: DataFolder = None,
) -> None:
    """Hold ledger, contracts, receipts and inventory of a place against each other.

    Example: `longmai assets reconcile 990102001201 --file differences.xlsx`

    Exit codes: 0 they agree; 2 something differs.
    """
    house = house_for(context, data)
    words = Words(house, house.settings.language)
    code = house.regions.get(region).code
    with house.store.read() as connection:
        _, found = lines(connection, EVERYWHERE, code, beijing_day(house.clock.now()))
    if file is not None:
        write = xlsx_of if file.suffix.lower() == ".xlsx" else csv_of
        headings = [words(f"reconcile.{name}") for name in COLUMNS]
        file.write_bytes(write(headings, cells_of(found, words)))
    for each in found:
        for difference in each.differences:
            typer.echo(f"{each.book.code}  {sentence(difference, words)}")
    raise typer.Exit(2 if any(each.differences for each in found) else 0)
