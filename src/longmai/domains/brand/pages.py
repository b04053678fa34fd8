"""Pages of the brand domain: batches, the scan page of a thing, capture of a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from longmai.domains.brand.capturing import capturer
from longmai.domains.brand.code_pages import SHOWN_EVENTS
from longmai.domains.brand.journey import Journey, journey_of
from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.vocabulary import Described
from longmai.domains.brand.queries import SORTS, Batch, batches, products
from longmai.domains.brand.recall.queries import Recall
from longmai.domains.brand.recall.reach import recalls_reaching
from longmai.domains.brand.resolver import resolved
from longmai.domains.brand.service import CAPTURE, MAX_DOCUMENT_BYTES, Receipt, capture
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany
from longmai.kernel.regions import RegionPack, contains
from longmai.portal import qr
from longmai.portal.export import Format, table_file
from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.maps import MapView, Place, map_of
from longmai.portal.page_memory import remembered
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN, needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(include_in_schema=False)

SHOWN_CERTIFICATES = 1
_EXPORTED_ROWS = 10_000


@dataclass(frozen=True)
class BatchRow:
    """A batch in the list, with its product's name."""

    batch: Batch
    product: str


@dataclass(frozen=True)
class BatchesContext:
    """Variables of ``brand/batches.html``."""

    rows: tuple[BatchRow, ...]
    paging: Paging
    search: str
    sort: str
    descending: bool


@dataclass(frozen=True)
class ScanContext:
    """Variables of ``brand/scan.html``."""

    journey: Journey
    recalls: Sequence[Recall]
    title: str
    lot_number: str
    origins: tuple[str, ...]
    product_facts: tuple[tuple[str, str], ...]
    shown_certificates: int
    map: MapView | None
    map_notice: str
    proof_url: str
    verifier_key: str
    address: str
    qr: str


@dataclass(frozen=True)
class CaptureContext:
    """Variables of ``brand/capture.html``: a form, and what came of the last file."""

    file_name: str
    receipt: Receipt | None
    failure: str
    findings: tuple[Invalid, ...]
    max_mebibytes: int


@router.get("/brand/batches", dependencies=[OPEN])
def batch_list(
    request: Request,
    q: Annotated[str, Query(max_length=100)] = "",
    sort: Annotated[str, Query(max_length=10)] = "last",
    order: Annotated[str, Query(max_length=4)] = "desc",
) -> HTMLResponse:
    """List the batches, newest first; search by lot, GTIN or product."""
    t, language = words_of(request), language_of(request)
    chosen, descending = sort if sort in SORTS else "last", order != "asc"
    with house_of(request).store.read() as connection:
        total, _ = batches(connection, q, Window(size=0))
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, found = batches(connection, q, window)
        rows = _rows(connection, found, language)
    context = BatchesContext(rows, paging, q, chosen, descending)
    sample = any(row.batch.sample for row in rows)
    crumbs = ((t("nav.home"), "/"), (t("field.brand"), None))
    page = Page(t("brand.batches.title"), crumbs, sample=sample)
    return render(request, "brand/batches.html", page, context)


def _rows(connection: Connection, found: Sequence[Batch], language: str) -> tuple[BatchRow, ...]:
    named = products(connection)
    return tuple(
        BatchRow(batch, named[key].name(language) if (key := f"01/{batch.gtin}") in named else "")
        for batch in found
    )


@router.get("/brand/batches.{kind}", dependencies=[OPEN])
def batch_file(
    request: Request, kind: Format, q: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Export the list as CSV or as a spreadsheet."""
    t, language = words_of(request), language_of(request)
    with house_of(request).store.read() as connection:
        _, found = batches(connection, q, Window("last", size=_EXPORTED_ROWS))
        rows = _rows(connection, found, language)
    columns = ("lot", "product", "gtin", "events", "first", "last", "sample")
    cells = [
        (
            row.batch.lot,
            row.product,
            row.batch.gtin,
            row.batch.events,
            row.batch.first_time,
            row.batch.last_time,
            t("portal.sample") if row.batch.sample else "",
        )
        for row in rows
    ]
    return table_file(kind, "batches", [t(f"brand.batches.{name}") for name in columns], cells)


@router.get("/01/{rest:path}", dependencies=[OPEN])  # noqa: FAST003 - read undecoded, see below
@router.get("/00/{rest:path}", dependencies=[OPEN])
@router.get("/253/{rest:path}", dependencies=[OPEN])
@router.get("/414/{rest:path}", dependencies=[OPEN])
@router.get("/417/{rest:path}", dependencies=[OPEN])
@router.get("/8003/{rest:path}", dependencies=[OPEN])
@router.get("/8004/{rest:path}", dependencies=[OPEN])
@router.get("/8006/{rest:path}", dependencies=[OPEN])
@router.get("/8010/{rest:path}", dependencies=[OPEN])
def scan(request: Request) -> Response:
    """Show a thing at its GS1 Digital Link address, for the phone that scanned its code.

    Who asks for a link of the thing (``linkType``), or for all of them, is led there.
    """
    return resolved(request) or remembered(request, partial(_scan_page, request))


def _scan_page(request: Request) -> HTMLResponse:
    house, t, language = house_of(request), words_of(request), language_of(request)
    key = gs1.parse_digital_link_path(request.scope["raw_path"].decode("ascii").strip("/"))
    with house.store.read() as connection:
        journey = journey_of(connection, key, language, SHOWN_EVENTS)
        recalls = recalls_reaching(connection, {key, journey.lot or key})
    name = journey.product.name(language) if journey.product else t("brand.scan.unnamed")
    address = gs1.digital_link(key, house.settings.public_url)
    context = ScanContext(
        journey=journey,
        recalls=recalls,
        title=name,
        lot_number=gs1.elements(journey.lot)["10"] if journey.lot else "",
        origins=tuple(_origin(request, origin) for origin in journey.origins),
        product_facts=tuple(_product_facts(request, journey)),
        shown_certificates=SHOWN_CERTIFICATES,
        map=_map(request, journey),
        map_notice=house.regions.about["notices"][language][0],
        proof_url=f"/api/v1/brand/proof/{key}",
        verifier_key=str(house.signer.verifier_key),
        address=address,
        qr=qr.qr_svg(address),
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.brand"), "/brand/batches"),
        (t("brand.scan.title"), None),
    )
    page = Page(name, crumbs, sample=journey.sample)
    return render(request, "brand/scan.html", page, context)


def _product_facts(request: Request, journey: Journey) -> Iterator[tuple[str, str]]:
    t = words_of(request)
    told = journey.product.attributes if journey.product else {}
    if "netWeight_kg" in told:
        yield t("brand.scan.weight"), f"{told['netWeight_kg']} kg"
    if "brandName" in told:
        yield t("brand.scan.brand"), str(told["brandName"])


def _origin(request: Request, place: Described) -> str:
    regions, language = house_of(request).regions, language_of(request)
    if place.region and contains(regions.code, place.region):
        return regions.path_name(place.region, language)
    return place.address or place.name(language)


def _map(request: Request, journey: Journey) -> MapView | None:
    regions, language = house_of(request).regions, language_of(request)
    places = [
        Place(_short_name(place, regions, language), place.lon, place.lat)
        for place in journey.places
        if place.lon is not None and place.lat is not None
    ]
    return map_of(regions.prefecture_boundaries, places, language) if places else None


def _short_name(place: Described, regions: RegionPack, language: str) -> str:
    # On a small map the town is enough; the list below names the orchard or the shop.
    if not place.region or not contains(regions.code, place.region):
        return place.town(language)
    region = regions.get(place.region)
    if region.level == "village" and region.parent:
        region = regions.get(region.parent)
    return region.name if language == "zh" else region.name_en


@router.get("/brand/capture", dependencies=[needs(CAPTURE)])
def capture_form(request: Request) -> HTMLResponse:
    """Show the form for an EPCIS file."""
    return _capture_page(request, CaptureContext("", None, "", (), _MEBIBYTES))


@router.post("/brand/capture")
def capture_file(
    request: Request, file: UploadFile, visitor: Annotated[Visitor, needs(CAPTURE)]
) -> HTMLResponse:
    """Take an EPCIS file, whole or not at all, and say what came of it."""
    house, name = house_of(request), file.filename or ""
    text = file.file.read(MAX_DOCUMENT_BYTES + 1)
    try:
        with house.store.begin() as work:
            receipt = capture(work, text, capturer(house, visitor))
    except InvalidMany as error:
        context = CaptureContext(name, None, error.what, tuple(error.findings), _MEBIBYTES)
        return _capture_page(request, context, error.status)
    except (Conflict, Forbidden, Invalid) as error:
        context = CaptureContext(name, None, str(error), (), _MEBIBYTES)
        return _capture_page(request, context, error.status)
    return _capture_page(request, CaptureContext(name, receipt, "", receipt.advice, _MEBIBYTES))


_MEBIBYTES = MAX_DOCUMENT_BYTES // 1024 // 1024


def _capture_page(request: Request, context: CaptureContext, status: int = 200) -> HTMLResponse:
    t = words_of(request)
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.brand"), "/brand/batches"),
        (t("brand.capture.title"), None),
    )
    page = Page(t("brand.capture.title"), crumbs)
    return render(request, "brand/capture.html", page, context, status=status)
