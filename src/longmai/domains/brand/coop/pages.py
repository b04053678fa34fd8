"""Pages of a co-operative: its forms, its lots and records, sheets, certificates to print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from longmai.domains.brand.coop import queries
from longmai.domains.brand.coop.certificates import certificates_of, certificates_pdf
from longmai.domains.brand.coop.desk import Desk, require_kept
from longmai.domains.brand.coop.form_views import (
    REFUSALS,
    Refusal,
    Shown,
    findings_of,
    shown_fields,
    values_of,
)
from longmai.domains.brand.coop.model.forms import EVENTS, FORMS, Told
from longmai.domains.brand.coop.model.stock import Lot
from longmai.domains.brand.coop.queries import Coop, Plot, Product, Recorded
from longmai.domains.brand.coop.recording import record, undo
from longmai.domains.brand.coop.register_pages import HOME, Keeper
from longmai.domains.brand.coop.registering import register_plot, register_product
from longmai.domains.brand.coop.sheets import Taken, take_sheet, template
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.kernel.ids import new_id
from longmai.portal.export import XLSX_MEDIA
from longmai.portal.failures import Worded
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.queued import is_queued, refused, taken
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)

_SEE_OTHER = 303
_SHOWN_LOTS = 50


def pages_of(coop_id: UUID) -> list[str]:
    """Return the pages that a phone keeps for when there is no network."""
    return [f"{HOME}/{coop_id}", *(f"{HOME}/{coop_id}/{kind}" for kind in FORMS)]


@dataclass(frozen=True)
class LotRow:
    """A lot in the list, with its product."""

    lot: Lot
    product: str


@dataclass(frozen=True)
class CoopContext:
    """Variables of ``brand/coop-home.html``.

    Attributes:
        steps: (form, done) of the first ten minutes, in order.
        rows: lots of which something is left, newest first.
        regions: names of the plots' regions, by code.
    """

    coop: Coop
    plots: Sequence[Plot]
    products: Sequence[Product]
    steps: Sequence[tuple[str, bool]]
    rows: Sequence[LotRow]
    more_lots: int
    records: Sequence[Recorded]
    names: Mapping[str, str]
    paging: Paging
    pages: Sequence[str]
    made: str
    findings: Sequence[Worded]


@router.get("/{coop_id}")
def coop_page(request: Request, visitor: Keeper, coop_id: UUID) -> HTMLResponse:
    """Show a co-operative: what to do next, its lots and labels, what it recorded."""
    return _coop_page(request, visitor, coop_id)


def _coop_page(
    request: Request, visitor: Visitor, coop_id: UUID, error: Refusal | None = None
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        coop = queries.coop_of(connection, coop_id)
        require_kept(visitor, coop)
        plots, products = (
            queries.plots_of(connection, coop_id),
            queries.products_of(connection, coop_id),
        )
        lots = list(queries.lots_of(connection, coop).values())
        total, _ = queries.records_of(connection, coop, Window(size=0))
        paging = paging_of(request, total)
        window = Window("record", paging.offset, paging.size)
        _, records = queries.records_of(connection, coop, window)
        steps = _steps(connection, coop, bool(plots), bool(products))
    names = {each.gtin: each.name for each in products}
    left = [lot for lot in reversed(lots) if lot.left_kg > 0]
    context = CoopContext(
        coop=coop,
        plots=plots,
        products=products,
        steps=steps,
        rows=[LotRow(lot, names.get(lot.gtin, lot.gtin)) for lot in left[:_SHOWN_LOTS]],
        more_lots=max(0, len(left) - _SHOWN_LOTS),
        records=records,
        names=names,
        paging=paging,
        pages=pages_of(coop_id),
        made=house.clock.now().isoformat(),
        findings=[] if error is None else findings_of(t, error),
    )
    crumbs = ((t("nav.home"), "/"), (t("field.brand"), "/brand/batches"), (coop.name, None))
    status = 200 if error is None else error.status
    page = Page(coop.name, crumbs, sample=coop.sample)
    return render(request, "brand/coop-home.html", page, context, status)


def _steps(
    connection: Connection, coop: Coop, plots: bool, products: bool
) -> list[tuple[str, bool]]:
    lines = queries.lines_of(connection, coop)
    done = {line.step for line in lines}
    return [
        ("plot", plots),
        ("product", products),
        ("harvest", "creating_class_instance" in done),
        ("packing", "packing" in done),
        ("sale", bool(done & {"shipping", "retail_selling"})),
    ]


@dataclass(frozen=True)
class FormContext:
    """Variables of ``brand/coop-form.html``."""

    coop: Coop
    kind: str
    fields: Sequence[Shown]
    findings: Sequence[Worded]
    form_id: UUID
    back: str
    pages: Sequence[str]
    made: str
    needs: str


@router.get("/{coop_id}/sheets")
def sheets_form(request: Request, visitor: Keeper, coop_id: UUID) -> HTMLResponse:
    """Show the sheets: a template out, rows in."""
    return _sheets_page(request, visitor, coop_id, "harvest")


@router.get("/{coop_id}/sheets/{kind}.xlsx")
def sheet_template(request: Request, visitor: Keeper, coop_id: UUID, kind: str) -> Response:
    """Return the empty sheet of a form."""
    del visitor, coop_id
    named = {"Content-Disposition": f'attachment; filename="{_known(kind)}.xlsx"'}
    return Response(template(kind, words_of(request)), media_type=XLSX_MEDIA, headers=named)


@dataclass(frozen=True)
class SheetsContext:
    """Variables of ``brand/coop-sheets.html``."""

    coop: Coop
    kind: str
    kinds: Sequence[str]
    file_name: str
    taken: Taken | None
    findings: Sequence[Worded]


def _sheets_page(
    request: Request,
    visitor: Visitor,
    coop_id: UUID,
    kind: str,
    came: tuple[str, Taken | None, Refusal | None] = ("", None, None),
) -> HTMLResponse:
    t, (file_name, found, error) = words_of(request), came
    with house_of(request).store.read() as connection:
        coop = queries.coop_of(connection, coop_id)
    require_kept(visitor, coop)
    findings = [] if error is None else findings_of(t, error)
    context = SheetsContext(coop, kind, list(FORMS), file_name, found, findings)
    title = t("coop.sheets.title")
    page = Page(title, _crumbs(request, coop, title), sample=coop.sample)
    status = 200 if error is None else error.status
    return render(request, "brand/coop-sheets.html", page, context, status)


def _crumbs(request: Request, coop: Coop, title: str) -> tuple[tuple[str, str | None], ...]:
    t = words_of(request)
    return (
        (t("nav.home"), "/"),
        (t("field.brand"), "/brand/batches"),
        (coop.name, f"{HOME}/{coop.coop_id}"),
        (title, None),
    )


@router.post("/{coop_id}/sheets")
def sheet_sent(
    request: Request,
    visitor: Keeper,
    coop_id: UUID,
    file: UploadFile,
    kind: Annotated[str, Form(max_length=12)] = "harvest",
) -> HTMLResponse:
    """Take a sheet in, all of its rows or none."""
    house, t, name = house_of(request), words_of(request), file.filename or ""
    data = file.file.read(MAX_FILE_BYTES + 1)
    try:
        with house.store.begin() as work:
            desk = Desk.of(house, work, visitor)
            found = take_sheet(desk, desk.coop(coop_id), _known(kind), data, t)
    except REFUSALS as error:
        return _sheets_page(request, visitor, coop_id, kind, (name, None, error))
    return _sheets_page(request, visitor, coop_id, kind, (name, found, None))


@router.get("/{coop_id}/certificates.pdf")
def certificate_labels(
    request: Request,
    visitor: Keeper,
    coop_id: UUID,
    lot: Annotated[str, Query(max_length=90)],
    copies: Annotated[int, Query(ge=1, le=200)] = 1,
) -> Response:
    """Return the certificate of a lot as labels to print."""
    house = house_of(request)
    with house.store.read() as connection:
        coop = queries.coop_of(connection, coop_id)
        require_kept(visitor, coop)
        found = certificates_of(connection, coop, lot)
    pdf = certificates_pdf(found, house.settings.public_url, copies)
    headers = {"Content-Disposition": 'inline; filename="certificate.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post("/{coop_id}/undo")
def undo_sent(
    request: Request, visitor: Keeper, coop_id: UUID, event: Annotated[str, Form(max_length=90)]
) -> Response:
    """Declare a record of the co-operative a mistake."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            desk = Desk.of(house, work, visitor)
            undo(desk, desk.coop(coop_id), event)
    except REFUSALS as error:
        return _coop_page(request, visitor, coop_id, error)
    return RedirectResponse(f"{HOME}/{coop_id}", _SEE_OTHER)


@router.get("/{coop_id}/{kind}")
def form_page(request: Request, visitor: Keeper, coop_id: UUID, kind: str) -> HTMLResponse:
    """Show a form."""
    values = dict(request.query_params) if _known(kind) in EVENTS else {}
    return _form_page(request, visitor, coop_id, kind, values)


def _known(kind: str) -> str:
    if kind not in FORMS:
        raise NotFound("no such form", code="http.404", value=kind)
    return kind


def _form_page(
    request: Request,
    visitor: Visitor,
    coop_id: UUID,
    kind: str,
    values: Mapping[str, str],
    error: Refusal | None = None,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    today = beijing_day(house.clock.now())
    with house.store.read() as connection:
        coop = queries.coop_of(connection, coop_id)
        require_kept(visitor, coop)
        fields, missing = shown_fields(
            connection, coop, kind, {"day": today.isoformat(), **values}, t
        )
    if kind == "plot":
        own = [(each.code, each.name) for each in house.regions.children(coop.region)]
        fields = [replace(each, options=own) if each.kind == "region" else each for each in fields]
    context = FormContext(
        coop=coop,
        kind=kind,
        fields=fields,
        findings=[] if error is None else findings_of(t, error),
        form_id=new_id(),
        back=f"{HOME}/{coop_id}",
        pages=pages_of(coop_id),
        made=house.clock.now().isoformat(),
        needs=missing,
    )
    title = t(f"coop.form.{kind}.title")
    page = Page(title, _crumbs(request, coop, title), sample=coop.sample)
    status = 200 if error is None else error.status
    return render(request, "brand/coop-form.html", page, context, status)


@router.post("/{coop_id}/{kind}")
async def form_sent(request: Request, visitor: Keeper, coop_id: UUID, kind: str) -> Response:
    """Take a form: register a plot or a product, record a harvest, a packing or a sale."""
    values, t = await values_of(request), words_of(request)

    def run() -> Response:
        house = house_of(request)
        try:
            with house.store.begin() as work:
                said = _take(Desk.of(house, work, visitor), coop_id, _known(kind), Told(values))
        except REFUSALS as error:
            if is_queued(request):
                return refused(error, findings_of(t, error))
            return _form_page(request, visitor, coop_id, kind, values, error)
        return taken(request, f"{HOME}/{coop_id}", t(f"coop.form.{kind}.taken", what=said))

    return await run_in_threadpool(run)


def _take(desk: Desk, coop_id: UUID, kind: str, told: Told) -> str:
    coop = desk.coop(coop_id)
    if kind == "plot":
        return register_plot(desk, coop, told).name
    if kind == "product":
        product = register_product(desk, coop, told)
        return f"{product.name} {product.gtin}"
    return record(desk, coop, kind, told).lot.rpartition("/")[2]
