"""Pages that take contracts in: the form, the sheet of contracts, the bank's statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection

from longmai.domains.assets.contracts import statement
from longmai.domains.assets.contracts.deeds import KEEP
from longmai.domains.assets.contracts.drafting import (
    FIELDS,
    HEADINGS,
    TENANTS,
    import_contracts,
    kept_tenant,
    read_terms,
    typed_of,
)
from longmai.domains.assets.contracts.model.contract import KINDS
from longmai.domains.assets.contracts.model.schedule import EVERY, WHEN
from longmai.domains.assets.contracts.pages import REFUSALS, crumbs, own_village, today_of
from longmai.domains.assets.contracts.queries import Contract, contract_of
from longmai.domains.assets.contracts.service import amend, sign
from longmai.domains.assets.contracts.statement import Taken, import_statement
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.register.queries import Filters, known, page
from longmai.kernel.errors import InvalidMany
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.export import table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import House, house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES, MAX_ROWS
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/contracts", include_in_schema=False)

Keeper = Annotated[Visitor, needs(KEEP)]
_OFFERED = 300
_SHOWN = 200


@dataclass(frozen=True)
class FormContext:
    """Variables of ``assets/contract_form.html``.

    Attributes:
        offered: (code, name) of assets to choose from.
        amends: the contract that is amended; None: a new one.
        action: where the form goes.
    """

    form: Typed
    findings: Sequence[Worded]
    choices: Mapping[str, Sequence[str]]
    offered: Sequence[tuple[str, str]]
    amends: Contract | None
    action: str


@dataclass(frozen=True)
class SheetContext:
    """Variables of ``assets/contract_import.html``.

    Attributes:
        what: ``sheet`` of contracts, or ``statement`` of the bank.
        signed: number of contracts taken from a sheet; None: none was sent.
    """

    what: str
    form: Typed
    findings: Sequence[Worded]
    wrong: int
    signed: int | None
    taken: Taken | None
    file: str
    max_rows: int


@router.get("/new")
def contract_form(
    request: Request,
    visitor: Keeper,
    region: Annotated[str, Query(max_length=12)] = "",
    asset: Annotated[str, Query(max_length=64)] = "",
    renews: Annotated[str, Query(max_length=36)] = "",
) -> HTMLResponse:
    """Ask for the terms of a contract; of a renewal those of the last stand in the form."""
    day = today_of(request).isoformat()
    values = {"region": region or own_village(visitor), "assets": asset, "signed_on": day}
    if renews:
        with house_of(request).store.read() as connection:
            before = contract_of(connection, _id(renews), today_of(request))
            visitor.require(KEEP, before.terms.region)
            typed = typed_of(before.terms, _codes(connection, before))
        values = {**typed, "region": before.terms.region, "renews": before.terms.number}
        values |= {"number": "", "signed_on": day, "starts_on": "", "ends_on": ""}
    return _form(request, Typed(values))


@router.post("/new")
async def contract_signed(request: Request, visitor: Keeper) -> Response:
    """Enter a contract, or say what is wrong in each field."""
    values = await _typed(request)
    house, t = house_of(request), words_of(request)
    try:
        region = house.regions.get(values.get("region", "").strip()).code
        with house.store.begin() as work:
            terms = read_terms(work.connection, region, values, _collective(house, region))
            own = sign(desk_of(request, work, visitor), terms)
    except InvalidMany as error:
        return _form(request, _many(request, error, values), status=422)
    except REFUSALS as error:
        return _form(request, refused(t, error, values, ("region", *FIELDS)), status=error.status)
    return RedirectResponse(f"/assets/contracts/{own}", 303)


@router.get("/{contract_id}/amend")
def amend_form(request: Request, visitor: Keeper, contract_id: UUID) -> HTMLResponse:
    """Ask for new terms; the present ones stand in the form."""
    with house_of(request).store.read() as connection:
        found = contract_of(connection, contract_id, today_of(request))
        visitor.require(KEEP, found.terms.region)
        values = {**typed_of(found.terms, _codes(connection, found)), "region": found.terms.region}
    return _form(request, Typed(values), found)


@router.post("/{contract_id}/amend")
async def amended(request: Request, visitor: Keeper, contract_id: UUID) -> Response:
    """Record new terms and why."""
    values = await _typed(request)
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = contract_of(connection, contract_id, today_of(request))
    visitor.require(KEEP, found.terms.region)
    region, old = found.terms.region, found.terms
    try:
        with house.store.begin() as work:
            same = [values.get(n) == getattr(old, n).isoformat() for n in ("starts_on", "ends_on")]
            plan = old.instalments if all(same) else ()
            name = _collective(house, region)
            terms = kept_tenant(read_terms(work.connection, region, values, name, plan), old)
            amend(desk_of(request, work, visitor), contract_id, terms, values.get("reason", ""))
    except InvalidMany as error:
        return _form(request, _many(request, error, values), found, 422)
    except REFUSALS as error:
        form = refused(t, error, values, ("reason", *FIELDS))
        return _form(request, form, found, error.status)
    return RedirectResponse(f"/assets/contracts/{contract_id}", 303)


@router.get("/template.{kind}")
def template(visitor: Keeper, kind: Literal["csv", "xlsx"]) -> Response:
    """Return an empty sheet of contracts."""
    del visitor
    return table_file(kind, "contracts-template", HEADINGS, [])


@router.get("/statement-template.{kind}")
def statement_template(visitor: Keeper, kind: Literal["csv", "xlsx"]) -> Response:
    """Return an empty statement."""
    del visitor
    return table_file(kind, "statement-template", statement.TEMPLATE, [])


@router.get("/import/{what}")
def sheet_form(
    request: Request, visitor: Keeper, what: Literal["sheet", "statement"]
) -> HTMLResponse:
    """Ask for a sheet of contracts, or for a bank's statement."""
    return _sheet(request, what, Typed({"region": own_village(visitor)}))


@router.post("/import/{what}")
def sheet_taken(
    request: Request,
    visitor: Keeper,
    what: Literal["sheet", "statement"],
    file: UploadFile,
    region: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Take a sheet or statement whole, or say what is wrong in each row."""
    house, t, values = house_of(request), words_of(request), {"region": region}
    signed, taken, name = None, None, file.filename or ""
    try:
        code = house.regions.get(region.strip()).code
        data = file.file.read(MAX_FILE_BYTES + 1)
        with house.store.begin() as work:
            desk = desk_of(request, work, visitor)
            if what == "sheet":
                signed = import_contracts(desk, code, data, _collective(house, code))
            else:
                taken = import_statement(desk, code, data)
    except InvalidMany as error:
        findings = [worded(t, each) for each in error.findings]
        return _sheet(request, what, Typed(values), findings, file=name, status=422)
    except REFUSALS as error:
        form = refused(t, error, values, ("region",))
        return _sheet(request, what, form, file=name, status=error.status)
    return _sheet(request, what, Typed(values), signed=signed, taken=taken, file=name)


def _sheet(  # noqa: PLR0913 - what the page shows
    request: Request,
    what: str,
    form: Typed,
    findings: Sequence[Worded] = (),
    *,
    signed: int | None = None,
    taken: Taken | None = None,
    file: str = "",
    status: int = 200,
) -> HTMLResponse:
    t = words_of(request)
    shown = (findings or form.findings)[:_SHOWN]
    context = SheetContext(what, form, shown, len(findings), signed, taken, file, MAX_ROWS)
    title = t(f"contracts.import_{what}")
    return render(
        request, "assets/contract_import.html", Page(title, crumbs(t, title)), context, status
    )


async def _typed(request: Request) -> dict[str, str]:
    typed = await request.form(max_files=0, max_fields=60)
    return {name: str(value) for name, value in typed.multi_items()}


def _many(request: Request, error: InvalidMany, values: Mapping[str, str]) -> Typed:
    t = words_of(request)
    return Typed(values, {each.place or "": worded(t, each) for each in error.findings})


def _form(
    request: Request, form: Typed, amends: Contract | None = None, status: int = 200
) -> HTMLResponse:
    t = words_of(request)
    region = form.value("region")
    with house_of(request).store.read() as connection:
        filters = Filters(region=region, asset_class="operating", scope=EVERYWHERE)
        window = Window("code", size=_OFFERED, descending=False)
        found = page(connection, filters, window) if region.isdigit() else []
    context = FormContext(
        form=form,
        findings=form.findings,
        choices={
            "kind": KINDS,
            "tenant_kind": TENANTS,
            "months": [str(each) for each in EVERY],
            "when": WHEN,
        },
        offered=[(each.asset.code, each.asset.name) for each in found],
        amends=amends,
        action=f"/assets/contracts/{amends.contract_id}/amend"
        if amends
        else "/assets/contracts/new",
    )
    title = t("contracts.amend_title", number=amends.terms.number) if amends else t("contracts.new")
    shown = Page(title, crumbs(t, title), bool(amends and amends.sample))
    return render(request, "assets/contract_form.html", shown, context, status)


def _codes(connection: Connection, found: Contract) -> dict[UUID, str]:
    return {each.asset_id: each.asset.code for each in known(connection, found.terms.asset_ids)}


def _collective(house: House, region: str) -> str:
    return f"{house.regions.get(region).name}集体经济组织"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
