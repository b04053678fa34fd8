"""Pages that register a co-operative, amend what is said of it, and list those of a region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from longmai.domains.brand.coop import queries
from longmai.domains.brand.coop.desk import HELP, KEEP, Desk, require_kept, scope_of
from longmai.domains.brand.coop.form_views import REFUSALS, Refusal, findings_of, values_of
from longmai.domains.brand.coop.model.forms import KINDS, Told
from longmai.domains.brand.coop.queries import Coop
from longmai.domains.brand.coop.registering import register
from longmai.kernel.ids import new_id
from longmai.portal.failures import Worded
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

HOME = "/brand/coop"
router = APIRouter(prefix=HOME, include_in_schema=False)

_SEE_OTHER = 303
_REGISTERED = ("name", "kind", "uscc", "region", "contact", "phone", "prefix")

Keeper = Annotated[Visitor, needs(KEEP)]


@dataclass(frozen=True)
class ListContext:
    """Variables of ``brand/coop-list.html``."""

    rows: Sequence[Coop]
    paging: Paging
    search: str


@router.get("")
def coop_list(
    request: Request, visitor: Keeper, q: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """Lead to one's own co-operative or its registration; list to helpers those of their region."""
    with house_of(request).store.read() as connection:
        kept = queries.coops_kept(connection, visitor.actor, visitor.scope(KEEP))
        if not visitor.may(HELP) and len(kept) <= 1:
            target = f"{HOME}/{kept[0].coop_id}" if kept else f"{HOME}/new"
            return RedirectResponse(target, _SEE_OTHER)
        if visitor.may(HELP):
            total, _ = queries.coops(connection, visitor.scope(HELP), q, Window(size=0))
            paging = paging_of(request, total)
            window = Window("name", paging.offset, paging.size, descending=False)
            _, kept = queries.coops(connection, visitor.scope(HELP), q, window)
        else:
            paging = paging_of(request, len(kept))
    t = words_of(request)
    crumbs = ((t("nav.home"), "/"), (t("field.brand"), "/brand/batches"), (t("coop.list"), None))
    page = Page(t("coop.list"), crumbs, sample=any(each.sample for each in kept))
    return render(request, "brand/coop-list.html", page, ListContext(kept, paging, q))


@dataclass(frozen=True)
class RegisterContext:
    """Variables of ``brand/coop-register.html``."""

    values: Mapping[str, str]
    kinds: Sequence[str]
    regions: Sequence[tuple[str, str]]
    findings: Sequence[Worded]
    form_id: UUID
    back: str


@router.get("/new")
def register_form(request: Request, visitor: Keeper) -> HTMLResponse:
    """Show the form that registers a co-operative."""
    return _register_page(request, visitor, {}, None)


@router.get("/{coop_id}/details")
def details_form(request: Request, visitor: Keeper, coop_id: UUID) -> HTMLResponse:
    """Show what is registered, to amend it."""
    with house_of(request).store.read() as connection:
        coop = queries.coop_of(connection, coop_id)
    require_kept(visitor, coop)
    values = {name: str(getattr(coop, name)) for name in _REGISTERED}
    return _register_page(request, visitor, values, coop_id)


def _register_page(
    request: Request,
    visitor: Visitor,
    values: Mapping[str, str],
    coop_id: UUID | None,
    error: Refusal | None = None,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    own = sorted(code for code in scope_of(visitor).regions if code)
    regions = [
        (each.code, house.regions.path_name(each.code, t.language))
        for code in own
        for each in (house.regions.get(code), *house.regions.children(code))
    ]
    title = t("coop.details" if coop_id else "coop.register")
    context = RegisterContext(
        values=values,
        kinds=KINDS,
        regions=regions,
        findings=[] if error is None else findings_of(t, error),
        form_id=new_id(),
        back=f"{HOME}/{coop_id}" if coop_id else "/brand/batches",
    )
    crumbs = ((t("nav.home"), "/"), (t("field.brand"), "/brand/batches"), (title, None))
    status = 200 if error is None else error.status
    return render(request, "brand/coop-register.html", Page(title, crumbs), context, status)


@router.post("/new")
async def register_sent(request: Request, visitor: Keeper) -> Response:
    """Register a co-operative."""
    return await _registered(request, visitor, None)


@router.post("/{coop_id}/details")
async def details_sent(request: Request, visitor: Keeper, coop_id: UUID) -> Response:
    """Amend what is registered."""
    return await _registered(request, visitor, coop_id)


async def _registered(request: Request, visitor: Visitor, coop_id: UUID | None) -> Response:
    values = await values_of(request)

    def run() -> Response:
        house = house_of(request)
        try:
            with house.store.begin() as work:
                coop = register(Desk.of(house, work, visitor), Told(values), coop_id)
        except REFUSALS as error:
            return _register_page(request, visitor, values, coop_id, error)
        return RedirectResponse(f"{HOME}/{coop.coop_id}", _SEE_OTHER)

    return await run_in_threadpool(run)
