"""Codes and labels of things: QR, GS1 DataMatrix, printed labels."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from longmai.domains.brand import datamatrix, labels
from longmai.domains.brand.journey import journey_of
from longmai.domains.brand.label_of import label_of, labels_of_lot
from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.gs1_elements import parse_elements
from longmai.domains.brand.queries import boxes_of_lot
from longmai.kernel.i18n import SOURCE_LANGUAGE
from longmai.portal import qr
from longmai.portal.house import house_of
from longmai.portal.rendering import Words
from longmai.portal.rights.gates import OPEN

router = APIRouter(include_in_schema=False)

SHOWN_EVENTS = 400
# Typst sets some hundred labels a second; more are printed lot by lot.
MOST_LABELS = 420


def known_key(text: str) -> str:
    """Return the key of a thing, in any notation: Digital Link, its path, EPC URN, element string.

    >>> known_key("urn:epc:id:sgtin:9521234.054321.7"), known_key("(01)09521234543213(21)7")
    ('01/09521234543213/21/7', '01/09521234543213/21/7')

    Raises:
        Invalid: it is none, or a check digit is wrong.
    """
    if text.startswith(("(", "]")):
        return parse_elements(text).key
    if ":" in text:
        key = gs1.canonical_key(text)
        return key if gs1.is_key(key) else gs1.parse_digital_link_path(key)
    return gs1.parse_digital_link_path(text)


@router.get("/brand/qr.svg", dependencies=[OPEN])
def qr_svg(request: Request, key: Annotated[str, Query(max_length=300)]) -> Response:
    """Return the QR code of a thing's Digital Link as SVG."""
    return Response(qr.qr_svg(_address(request, key)), media_type="image/svg+xml")


@router.get("/brand/qr.png", dependencies=[OPEN])
def qr_png(request: Request, key: Annotated[str, Query(max_length=300)]) -> Response:
    """Return the QR code of a thing's Digital Link as PNG."""
    return Response(qr.qr_png(_address(request, key)), media_type="image/png")


@router.get("/brand/datamatrix.svg", dependencies=[OPEN])
def datamatrix_svg(request: Request, key: Annotated[str, Query(max_length=300)]) -> Response:
    """Return the GS1 DataMatrix of a thing as SVG: its element string, for scanners of trade."""
    del request
    return Response(datamatrix.svg(known_key(key)), media_type="image/svg+xml")


@router.get("/brand/datamatrix.png", dependencies=[OPEN])
def datamatrix_png(request: Request, key: Annotated[str, Query(max_length=300)]) -> Response:
    """Return the GS1 DataMatrix of a thing as PNG."""
    del request
    return Response(datamatrix.png(known_key(key)), media_type="image/png")


@router.get("/brand/label.pdf", dependencies=[OPEN])
def label(
    request: Request,
    key: Annotated[str, Query(max_length=300)],
    sheet: bool = False,
    code: Annotated[str, Query(pattern="^(qr|datamatrix)$")] = "qr",
) -> Response:
    """Return the printable label of a thing as PDF.

    ``sheet``: A4 pages with the labels of all boxes of a lot, or one page of the same label
    where the thing has no single boxes. ``code``: the QR code of its Digital Link, or the GS1
    DataMatrix of its element string.
    """
    house = house_of(request)
    known, url = known_key(key), house.settings.public_url
    with house.store.read() as connection:
        journey = journey_of(connection, known, SOURCE_LANGUAGE, SHOWN_EVENTS)
        boxes = boxes_of_lot(connection, known, MOST_LABELS) if sheet else []
    one = label_of(journey, url, house.regions, Words(house, SOURCE_LANGUAGE))
    many = labels_of_lot(one, boxes, url) or [one] * labels.LABELS_A_SHEET
    pdf = labels.label_pdf(many if sheet else [one], sheet=sheet, matrix=code == "datamatrix")
    headers = {"Content-Disposition": 'inline; filename="label.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _address(request: Request, key: str) -> str:
    return gs1.digital_link(known_key(key), house_of(request).settings.public_url)
