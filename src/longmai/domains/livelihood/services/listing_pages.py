"""Pages of what can be bought and from whom: the catalogue, non-profits and their credit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel
from sqlalchemy import Row, select

from longmai.domains.livelihood.services.model import (
    CREDIT_KINDS,
    ORG_KINDS,
)
from longmai.domains.livelihood.services.queries import (
    OrgRow,
    contracts,
    credit,
    credit_counts,
    items,
    orgs,
)
from longmai.domains.livelihood.services.service import (
    BUY,
    CreditEvent,
    NewItem,
    NewOrg,
    Office,
    is_barred,
    list_item,
    list_org,
    note_credit,
    one,
)
from longmai.domains.livelihood.services.showing import (
    HOME,
    Buyer,
    Short,
    Typed,
    acted,
    crumbs_of,
    day_in,
    today_of,
    yuan,
)
from longmai.domains.livelihood.services.tables import CONTRACT, ORG
from longmai.kernel.errors import Invalid
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.admin_pages import region_choices
from longmai.portal.accounts.forms import Form
from longmai.portal.accounts.queries import account_of_login
from longmai.portal.accounts.service import known_region
from longmai.portal.export import MAX_ROWS, Format, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN, visitor_of
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)


@dataclass(frozen=True)
class CatalogueContext:
    """Variables of ``bought_catalogue.html``."""

    rows: Sequence[Row[Any]]
    paging: Paging
    search: str
    form: Form
    regions: Sequence[tuple[str, str]]
    yuan: Callable[[int], str] = yuan


@router.get("", dependencies=[OPEN])
def catalogue(request: Request, q: Short = "") -> HTMLResponse:
    """Show what government buys."""
    return _catalogue(request, q.strip(), Form())


def _catalogue(request: Request, text: str, form: Form, status: int = 200) -> HTMLResponse:
    t, house = words_of(request), house_of(request)
    with house.store.read() as connection:
        total, _ = items(connection, text, Window(size=0))
        paging = paging_of(request, total)
        _, rows = items(connection, text, Window(offset=paging.offset, size=paging.size))
    choices = region_choices(house, t.language) if visitor_of(request).may(BUY) else []
    context = CatalogueContext(rows, paging, text, form, choices)
    crumbs = ((t("nav.home"), "/"), (t("bought.title"), None))
    page = Page(t("bought.title"), crumbs, any(row.sample for row in rows))
    return render(request, "livelihood/bought_catalogue.html", page, context, status)


@router.get("/catalogue.{kind}", dependencies=[OPEN])
def catalogue_file(request: Request, kind: Format, q: Short = "") -> Response:
    """Export the catalogue."""
    t = words_of(request)
    names = ("code", "name", "category", "unit", "standard", "basis", "ceiling")
    with house_of(request).store.read() as connection:
        _, rows = items(connection, q.strip(), Window(size=MAX_ROWS))
    cells = [
        (
            r.code,
            r.name,
            r.category,
            r.unit,
            r.standard,
            r.basis,
            "" if r.ceiling_fen is None else yuan(r.ceiling_fen),
        )
        for r in rows
    ]
    return table_file(kind, "catalogue", [t(f"bought.item.{name}") for name in names], cells)


class ItemForm(BaseModel):
    """A service to list; all as it was typed."""

    code: Typed = ""
    name: Typed = ""
    category: Typed = ""
    unit: Typed = ""
    standard: Typed = ""
    basis: Typed = ""
    ceiling: Typed = ""
    region: Typed = ""


@router.post("/items")
def new_item(request: Request, visitor: Buyer, typed: Annotated[ItemForm, FormField()]) -> Response:
    """List a service."""

    def act(office: Office) -> UUID:
        ceiling = yuan_to_fen(typed.ceiling.strip()) if typed.ceiling.strip() else None
        region = known_region(typed.region, house_of(request).regions)
        wish = NewItem(
            typed.code, typed.name, typed.category, typed.unit, typed.standard, typed.basis, ceiling
        )
        return list_item(office, wish, region)

    back = (HOME, lambda form, status: _catalogue(request, "", form, status))
    return acted(request, visitor, typed.model_dump(), act, back)


# Non-profits --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OrgsContext:
    """Variables of ``bought_orgs.html``."""

    rows: Sequence[OrgRow]
    paging: Paging
    search: str
    form: Form
    kinds: Sequence[str]
    regions: Sequence[tuple[str, str]]


@router.get("/orgs", dependencies=[OPEN])
def org_list(request: Request, q: Short = "") -> HTMLResponse:
    """List the non-profits with their credit."""
    return _orgs(request, q.strip(), Form())


def _orgs(request: Request, text: str, form: Form, status: int = 200) -> HTMLResponse:
    t, house, day = words_of(request), house_of(request), today_of(request)
    with house.store.read() as connection:
        total, _ = orgs(connection, text, day, Window(size=0))
        paging = paging_of(request, total)
        _, rows = orgs(connection, text, day, Window(offset=paging.offset, size=paging.size))
    choices = region_choices(house, t.language) if visitor_of(request).may(BUY) else []
    context = OrgsContext(rows, paging, text, form, ORG_KINDS, choices)
    title = t("bought.orgs.title")
    page = Page(title, crumbs_of(request, (title, None)), any(row.org.sample for row in rows))
    return render(request, "livelihood/bought_orgs.html", page, context, status)


class OrgForm(BaseModel):
    """A non-profit to list; all as it was typed."""

    name: Typed = ""
    uscc: Typed = ""
    kind: Typed = ""
    registered_on: Typed = ""
    region: Typed = ""
    login: Typed = ""


@router.post("/orgs")
def new_org(request: Request, visitor: Buyer, typed: Annotated[OrgForm, FormField()]) -> Response:
    """List a non-profit."""

    def act(office: Office) -> UUID:
        account = None
        if typed.login.strip():
            known = account_of_login(office.connection, typed.login.strip())
            if known is None:
                raise Invalid("nobody has this login", code="bought.login", place="login")
            account = known.id
        registered = typed.registered_on.strip()
        wish = NewOrg(
            typed.name,
            typed.uscc,
            typed.kind,
            known_region(typed.region, house_of(request).regions),
            day_in(registered, "registered_on") if registered else None,
            account,
        )
        return list_org(office, wish)

    back = (f"{HOME}/orgs/{{id}}", lambda form, status: _orgs(request, "", form, status))
    return acted(request, visitor, typed.model_dump(), act, back)


@dataclass(frozen=True)
class OrgContext:
    """Variables of ``bought_org.html``."""

    org: Row[Any]
    barred: bool
    counts: Mapping[str, int]
    events: Sequence[Row[Any]]
    contracts: Sequence[tuple[Row[Any], str]]
    kinds: Sequence[str]
    form: Form
    yuan: Callable[[int], str] = yuan


@router.get("/orgs/{org_id}", dependencies=[OPEN])
def org_page(request: Request, org_id: UUID) -> HTMLResponse:
    """Show a non-profit and its credit record, each event with its source."""
    return _org(request, org_id, Form())


def _org(request: Request, org_id: UUID, form: Form, status: int = 200) -> HTMLResponse:
    with house_of(request).store.read() as connection:
        org = one(connection, select(ORG).where(ORG.c.id == org_id), "bought.org")
        _, signed = contracts(connection, [CONTRACT.c.org_id == org_id], Window(size=50))
        context = OrgContext(
            org,
            is_barred(connection, org_id, today_of(request)),
            credit_counts(connection, org_id),
            credit(connection, org_id),
            signed,
            CREDIT_KINDS,
            form,
        )
    crumbs = crumbs_of(
        request, (words_of(request)("bought.orgs.title"), f"{HOME}/orgs"), (org.name, None)
    )
    page = Page(org.name, crumbs, org.sample)
    return render(request, "livelihood/bought_org.html", page, context, status)


class CreditForm(BaseModel):
    """An event of a credit record; all as it was typed."""

    kind: Typed = ""
    day: Typed = ""
    source: Typed = ""
    text: Typed = ""


@router.post("/orgs/{org_id}/credit")
def new_credit(
    request: Request, visitor: Buyer, org_id: UUID, typed: Annotated[CreditForm, FormField()]
) -> Response:
    """Enter an event into a credit record."""

    def act(office: Office) -> UUID:
        event = CreditEvent(typed.kind, day_in(typed.day, "day"), typed.source, typed.text)
        return note_credit(office, org_id, event)

    back = (f"{HOME}/orgs/{org_id}", lambda form, status: _org(request, org_id, form, status))
    return acted(request, visitor, typed.model_dump(), act, back)
