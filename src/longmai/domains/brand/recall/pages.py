"""Pages of recalls: the list, ordering one in one click, one recall with who holds what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from longmai.domains.brand.code_pages import known_key
from longmai.domains.brand.recall import queries
from longmai.domains.brand.recall.kinds import REASONS, RECALL, levels
from longmai.domains.brand.recall.letters import desk_of, letter_of
from longmai.domains.brand.recall.proof import proof_of
from longmai.domains.brand.recall.queries import Notice, Recall
from longmai.domains.brand.recall.reach import Extent, extent_of
from longmai.domains.brand.recall.service import Order, lift, order
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError, NotFound
from longmai.portal.export import Format, table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import House, house_of
from longmai.portal.language import language_of
from longmai.portal.masking import masked_phone
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303
_SHOWN_THINGS = 50


@dataclass(frozen=True)
class RecallsContext:
    """Variables of ``brand/recalls.html``."""

    rows: Sequence[Recall]
    paging: Paging
    may_order: bool


@dataclass(frozen=True)
class HolderRow:
    """A holder as a page shows it; the contact only to who may recall."""

    name: str
    region: str
    contact: str
    held: int
    sold: int
    gone: int
    amounts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class OrderContext:
    """Variables of ``brand/recall-new.html``.

    Attributes:
        extent: what the recall would reach; None before lots are named.
    """

    keys: str
    extent: Extent | None
    holders: Sequence[HolderRow]
    level: str
    reason: str
    note: str
    levels: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str]]
    findings: Sequence[Worded]


@dataclass(frozen=True)
class RecallContext:
    """Variables of ``brand/recall.html``.

    Attributes:
        now: what it reaches now: events captured since count.
        since: how many things have come in reach since the order.
        holders: of now; ``notices`` empty for who may not see them.
    """

    recall: Recall
    now: Extent
    since: int
    holders: Sequence[HolderRow]
    listed: Sequence[queries.Listed]
    places: dict[str, str]
    notices: Sequence[tuple[Notice, str]]
    may_recall: bool
    hours: int
    findings: Sequence[Worded]


@router.get("/brand/recalls", dependencies=[OPEN])
def recall_list(request: Request) -> HTMLResponse:
    """List recalls, the newest first."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        total, _ = queries.recalls(connection, Window("at", size=0))
        paging = paging_of(request, total)
        _, found = queries.recalls(connection, Window("at", paging.offset, paging.size))
    context = RecallsContext(found, paging, visitor_of(request).may(RECALL))
    page = Page(t("recall.list.title"), _crumbs(t), sample=any(each.sample for each in found))
    return render(request, "brand/recalls.html", page, context)


@router.get("/brand/recalls/new")
def recall_form(
    request: Request,
    visitor: Annotated[Visitor, needs(RECALL)],
    keys: Annotated[str, Query(max_length=4000)] = "",
) -> HTMLResponse:
    """Ask which lots; show what a recall of them would reach, before anything is written."""
    del visitor
    return _order_page(request, keys, Order((), "2", "residue", ""))


@router.post("/brand/recalls")
def recall_ordered(
    request: Request,
    visitor: Annotated[Visitor, needs(RECALL)],
    keys: Annotated[str, Form(max_length=4000)] = "",
    level: Annotated[str, Form(max_length=2)] = "",
    reason: Annotated[str, Form(max_length=16)] = "",
    note: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Order the recall, and tell who holds the things."""
    house = house_of(request)
    wish = Order((), level, reason, note)
    try:
        wish = Order(tuple(_keys(keys)), level, reason, note)
        with house.store.begin() as work:
            recall_id = order(desk_of(house, work, visitor), wish, letter_of(house, wish))
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _order_page(request, keys, wish, error)
    return RedirectResponse(f"/brand/recalls/{recall_id}", _SEE_OTHER)


def _order_page(
    request: Request, keys: str, wish: Order, error: LongmaiError | None = None
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    extent: Extent | None = None
    holders: Sequence[HolderRow] = ()
    try:
        roots = tuple(_keys(keys))
        if roots:
            with house.store.read() as connection:
                extent = extent_of(connection, roots)
            holders = _holder_rows(request, extent, open_contacts=True)
    except (Invalid, NotFound) as found:
        error = error or found
    context = OrderContext(
        keys,
        extent,
        holders,
        wish.level,
        wish.reason,
        wish.note,
        [(n, t(f"recall.level.{n}", hours=told["hours"])) for n, told in levels().items()],
        [(name, t(f"recall.reason.{name}")) for name in REASONS],
        [worded(t, error)] if error else [],
    )
    page = Page(t("recall.new.title"), _crumbs(t, t("recall.new.title")))
    status = error.status if error else 200
    return render(request, "brand/recall-new.html", page, context, status=status)


def _keys(text: str) -> list[str]:
    return [known_key(each) for each in text.split()]


@router.get("/brand/recalls/{recall_id}", dependencies=[OPEN])
def recall_page(request: Request, recall_id: UUID) -> HTMLResponse:
    """Show a recall: what, why, how much is still out, and the proof."""
    return _recall_page(request, recall_id)


def _recall_page(
    request: Request, recall_id: UUID, error: LongmaiError | None = None
) -> HTMLResponse:
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    may = visitor.may(RECALL)
    with house.store.read() as connection:
        found = queries.recall_of(connection, recall_id)
        now = extent_of(connection, found.roots)
        listed = queries.listed(
            connection, recall_id, Window("key", size=_SHOWN_THINGS, descending=False)
        )
        notices = queries.notices(connection, recall_id, visitor.scope(RECALL)) if may else []
        places = queries.place_names(
            connection, {each.place for each in listed}, language_of(request)
        )
    context = RecallContext(
        found,
        now,
        max(0, len(now.standings) - found.things),
        _holder_rows(request, now, open_contacts=may),
        listed,
        dict(places),
        [(each, masked_phone(each.recipient)) for each in notices],
        visitor.may(RECALL, found.region),
        levels()[found.level]["hours"],
        [worded(t, error)] if error else [],
    )
    page = Page(t("recall.one.title"), _crumbs(t, t("recall.one.title")), sample=found.sample)
    return render(
        request, "brand/recall.html", page, context, status=error.status if error else 200
    )


@router.post("/brand/recalls/{recall_id}/lift")
def recall_lifted(
    request: Request,
    recall_id: UUID,
    visitor: Annotated[Visitor, needs(RECALL)],
    note: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Lift a recall."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            lift(desk_of(house, work, visitor), recall_id, note)
    except (Conflict, Invalid) as error:
        return _recall_page(request, recall_id, error)
    return RedirectResponse(f"/brand/recalls/{recall_id}", _SEE_OTHER)


@router.get("/brand/recalls/{recall_id}/proof.json", dependencies=[OPEN])
def recall_proof(request: Request, recall_id: UUID) -> Response:
    """Return the proof file, which `longmai brand recall check` checks without this house."""
    house = house_of(request)
    with house.store.read() as connection:
        found = queries.recall_of(connection, recall_id)
    headers = {"Content-Disposition": f'attachment; filename="recall-{recall_id}.json"'}
    return JSONResponse(proof_of(house, found, visitor_of(request)), headers=headers)


@router.get("/brand/recalls/{recall_id}/things.{kind}", dependencies=[OPEN])
def recall_file(request: Request, recall_id: UUID, kind: Format) -> Response:
    """Export what the recall reached when it was ordered."""
    t, language = words_of(request), language_of(request)
    with house_of(request).store.read() as connection:
        queries.recall_of(connection, recall_id)
        found = queries.listed(connection, recall_id)
        places = queries.place_names(connection, {each.place for each in found}, language)
    headings = [t(f"recall.column.{name}") for name in ("key", "state", "place", "quantity", "uom")]
    rows = [
        (
            each.key,
            t(f"recall.state.{each.state}"),
            places.get(each.place, each.place),
            "" if each.quantity is None else format(each.quantity, "f"),
            each.uom,
        )
        for each in found
    ]
    return table_file(kind, "recall", headings, rows)


def _holder_rows(request: Request, extent: Extent, *, open_contacts: bool) -> list[HolderRow]:
    house, language = house_of(request), language_of(request)
    rows = []
    for each in extent.holders:
        states = each.states
        name = each.described.name(language) if each.described else each.place
        region = _region_name(house, each.region, language)
        contact = each.contact if open_contacts else masked_phone(each.contact)
        amounts: dict[str, list[str]] = {}
        for thing in each.standings:
            if thing.uom and thing.quantity is not None:
                amounts.setdefault(thing.uom, []).append(format(thing.quantity, "f"))
        told = [(unit, "+".join(own[:3])) for unit, own in amounts.items()]
        counts = (states["held"], states["sold"], states["gone"])
        rows.append(HolderRow(name, region, contact, *counts, told))
    return rows


def _region_name(house: House, region: str, language: str) -> str:
    try:
        return house.regions.path_name(region, language) if region else ""
    except NotFound:
        return ""


def _crumbs(t: Words, last: str | None = None) -> tuple[tuple[str, str | None], ...]:
    up = ((t("nav.home"), "/"), (t("field.brand"), "/brand/batches"))
    if last is None:
        return (*up, (t("recall.list.title"), None))
    return (*up, (t("recall.list.title"), "/brand/recalls"), (last, None))
