"""Pages of an asset's life: its one timeline, its value, inventories with their differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.assets.life import queries
from longmai.domains.assets.life.actions import ACTIONS, offers, quantity_of
from longmai.domains.assets.life.model.inventory import Difference
from longmai.domains.assets.life.service import Count, close_inventory, count, open_inventory
from longmai.domains.assets.register import paper_queries, right_queries
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register.action_pages import SEE_OTHER, act, form_page, sent_of
from longmai.domains.assets.register.actions import Action, Offer, Sent
from longmai.domains.assets.register.deeds import KEEP
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.asset import CONDITIONS
from longmai.domains.assets.register.pages import yuan
from longmai.domains.assets.register.shown import sees_all
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import prefix
from longmai.portal.export import Format, table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN, SIGNED_IN, needs, visitor_of
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets", include_in_schema=False)

_INVENTORY_DAYS = 30


@dataclass(frozen=True)
class LifeContext:
    """Variables of ``assets/life.html``.

    Attributes:
        years: (year, written off, net at its end) in yuan, as the asset depreciates.
    """

    known: register.Known
    life: Sequence[right_queries.LifeRow]
    photos: Sequence[tuple[UUID, str]]
    inspections: Sequence[queries.Inspected]
    disposals: Sequence[queries.Disposal]
    valued: queries.Valued
    net_yuan: str
    stated_yuan: str
    years: Sequence[tuple[int, str, str]]
    offers: Sequence[Offer]
    whole: bool


@router.get("/a/{asset_id}/life", dependencies=[OPEN])
def life_page(request: Request, asset_id: UUID) -> HTMLResponse:
    """Show all that happened to an asset, from the money of its project to its disposal."""
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    today = beijing_day(house.clock.now())
    with house.store.read() as connection:
        known = register.asset_of(connection, asset_id)
        life = right_queries.life_of(connection, asset_id)
        photos = [(p.record_id, p.digest) for p in paper_queries.photos_of(connection, asset_id)]
        inspections = queries.inspections_of(connection, asset_id)
        disposals = queries.disposals_of(connection, asset_id)
        counting = bool(queries.open_inventories_at(connection, known.asset.region))
    value = queries.valued(house.policies, known.asset, today)
    decided = any(d.ended_on is None and d.decided_on is not None for d in disposals)
    context = LifeContext(
        known=known,
        life=life[::-1],
        photos=photos,
        inspections=inspections,
        disposals=disposals,
        valued=value,
        net_yuan="" if value.net_fen is None else yuan(value.net_fen),
        stated_yuan="" if value.stated_fen is None else yuan(value.stated_fen),
        years=[(y, yuan(w), yuan(n)) for y, w, n in value.plan.by_year()] if value.plan else [],
        offers=offers(visitor, known, counting=counting, decided=decided),
        whole=sees_all(visitor, known.asset.region),
    )
    title = t("life.title")
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (known.asset.name, f"/assets/a/{asset_id}"),
        (title, None),
    )
    page = Page(f"{known.asset.name} · {title}", crumbs, sample=known.sample)
    return render(request, "assets/life.html", page, context)


@router.get("/a/{asset_id}/life/{deed}")
def deed_form(
    request: Request, asset_id: UUID, deed: str, visitor: Annotated[Visitor, SIGNED_IN]
) -> HTMLResponse:
    """Show the form of an action in an asset's life."""
    action = _action(deed)
    with house_of(request).store.read() as connection:
        known = register.asset_of(connection, asset_id)
    visitor.require(action.permission, known.asset.region)
    return form_page(request, asset_id, action)


@router.post("/a/{asset_id}/life/{deed}")
async def deed_sent(
    request: Request, asset_id: UUID, deed: str, visitor: Annotated[Visitor, SIGNED_IN]
) -> Response:
    """Carry out an action in an asset's life."""
    return await act(request, asset_id, _action(deed), visitor, f"/assets/a/{asset_id}/life")


def _action(name: str) -> Action:
    if name not in ACTIONS:
        raise NotFound("no such action", code="http.404", value=name)
    return ACTIONS[name]


@dataclass(frozen=True)
class InventoriesContext:
    """Variables of ``assets/life-inventories.html``."""

    rows: Sequence[queries.Inventory]
    paging: Paging
    may_keep: bool
    regions: Sequence[tuple[str, str]]
    region: str
    until: date
    findings: Sequence[Worded]
    told: dict[str, str]


@router.get("/inventories", dependencies=[OPEN])
def inventory_list(request: Request) -> HTMLResponse:
    """List the inventories, newest first."""
    return _inventories(request, {})


def _inventories(
    request: Request,
    told: dict[str, str],
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
) -> HTMLResponse:
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    with house.store.read() as connection:
        total, _ = queries.inventories(connection, EVERYWHERE, Window(size=0))
        paging = paging_of(request, total)
        window = Window("", paging.offset, paging.size)
        _, rows = queries.inventories(connection, EVERYWHERE, window)
    own = sorted(code for code in visitor.scope(KEEP).regions if code)
    context = InventoriesContext(
        rows=rows,
        paging=paging,
        may_keep=visitor.may(KEEP),
        regions=[
            (prefix(each.code), house.regions.path_name(each.code, t.language))
            for code in own
            for each in (house.regions.get(code), *house.regions.children(code))
        ],
        region=told.get("region", own[0] if own else ""),
        until=beijing_day(house.clock.now()) + timedelta(days=_INVENTORY_DAYS),
        findings=[] if error is None else [worded(t, error)],
        told=told,
    )
    title = t("life.inventories.title")
    crumbs = ((t("nav.home"), "/"), (t("field.assets"), "/assets/register"), (title, None))
    page = Page(title, crumbs, sample=any(each.sample for each in rows))
    status = 200 if error is None else error.status
    return render(request, "assets/life-inventories.html", page, context, status)


@router.post("/inventories")
def begin(
    request: Request,
    visitor: Annotated[Visitor, needs(KEEP)],
    region: Annotated[str, Form(max_length=12)] = "",
    title: Annotated[str, Form()] = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Open an inventory."""
    house, told = house_of(request), {"region": region, "title": title, "until": until}
    try:
        last = Sent(told).day("until") or beijing_day(house.clock.now())
        with house.store.begin() as work:
            inventory_id = open_inventory(Desk.of(house, work, visitor), region, title, last)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _inventories(request, told, error)
    return RedirectResponse(f"/assets/inventories/{inventory_id}", SEE_OTHER)


@dataclass(frozen=True)
class InventoryContext:
    """Variables of ``assets/life-inventory.html``.

    Attributes:
        rows: differences, as many as a page shows.
        uncounted: of the book.
    """

    inventory: queries.Inventory
    result: queries.InventoryResult
    rows: Sequence[Difference]
    paging: Paging
    may_keep: bool
    form_id: UUID
    conditions: Sequence[str]
    findings: Sequence[Worded]


@router.get("/inventories/{inventory_id}", dependencies=[OPEN])
def inventory_page(request: Request, inventory_id: UUID) -> HTMLResponse:
    """Show an inventory: how far it is, and where book and count differ."""
    return _inventory(request, inventory_id)


def _inventory(
    request: Request,
    inventory_id: UUID,
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
) -> HTMLResponse:
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    with house.store.read() as connection:
        inventory = queries.inventory_of(connection, inventory_id)
        result = queries.inventory_result(connection, inventory)
    paging = paging_of(request, len(result.differences))
    context = InventoryContext(
        inventory=inventory,
        result=result,
        rows=result.differences[paging.offset : paging.offset + paging.size],
        paging=paging,
        may_keep=visitor.may(KEEP, inventory.region),
        form_id=new_id(),
        conditions=CONDITIONS,
        findings=[] if error is None else [worded(t, error)],
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (t("life.inventories.title"), "/assets/inventories"),
        (inventory.title, None),
    )
    page = Page(inventory.title, crumbs, sample=inventory.sample)
    status = 200 if error is None else error.status
    return render(request, "assets/life-inventory.html", page, context, status)


@router.get("/inventories/{inventory_id}/differences.{kind}", dependencies=[OPEN])
def differences_file(request: Request, inventory_id: UUID, kind: Format) -> Response:
    """Export where book and count differ."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        inventory = queries.inventory_of(connection, inventory_id)
        result = queries.inventory_result(connection, inventory)
    rows = [
        (
            t(f"life.difference.{each.kind}"),
            each.booked.code if each.booked else "",
            each.booked.name if each.booked else (each.counted.name if each.counted else ""),
            str(each.booked.quantity or "") if each.booked else "",
            str(each.counted.quantity or "") if each.counted else "",
            t(f"register.condition.{each.booked.condition}") if each.booked else "",
            t(f"register.condition.{each.counted.condition}") if each.counted else "",
        )
        for each in result.differences
    ]
    names = ("kind", "code", "name", "booked", "counted", "condition_booked", "condition_counted")
    return table_file(kind, "differences", [t(f"life.inventory.{name}") for name in names], rows)


@router.post("/inventories/{inventory_id}/surplus")
async def surplus(
    request: Request, inventory_id: UUID, visitor: Annotated[Visitor, needs(KEEP)]
) -> Response:
    """Record a thing that was found and stands in no book."""
    sent = await sent_of(request)
    house = house_of(request)
    try:
        told = Count(
            form_id=sent.identity("form"),
            asset_id=None,
            present=True,
            condition=sent.text("condition"),
            quantity=quantity_of(sent),
            note=sent.text("found"),
            name=sent.text("name"),
        )
        with house.store.begin() as work:
            count(Desk.of(house, work, visitor), inventory_id, told)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _inventory(request, inventory_id, error)
    return RedirectResponse(f"/assets/inventories/{inventory_id}", SEE_OTHER)


@router.post("/inventories/{inventory_id}/close")
def close(
    request: Request, inventory_id: UUID, visitor: Annotated[Visitor, needs(KEEP)]
) -> Response:
    """Close an inventory."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            close_inventory(Desk.of(house, work, visitor), inventory_id)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _inventory(request, inventory_id, error)
    return RedirectResponse(f"/assets/inventories/{inventory_id}", SEE_OTHER)
