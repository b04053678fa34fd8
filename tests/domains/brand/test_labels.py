"""Labels say what they are given, fit on their paper, and their codes scan."""

import io
import json
import struct
import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from longmai.domains.brand.labels import LABELS_A_SHEET, Label, label_pdf, qr_png, qr_svg
from longmai.kernel.errors import Invalid

ADDRESS = "https://longmai.example/01/09521234000129/10/P251103-02/21/020050"
POINTS_A_MM = 72 / 25.4
NO_FILTER, UP = 0, 2  # of a row in a PNG
EIGHT_PIXELS = [bytes(255 * (byte >> bit & 1) for bit in range(7, -1, -1)) for byte in range(256)]
MAX_PDF_BYTES = 300_000
LABEL = Label(
    name="静宁苹果 富士 75#",
    name_en="Jingning apples, Fuji 75 mm",
    origin="甘肃省平凉市静宁县李店镇",
    lot="P251103-02",
    serial="020050",
    gtin="09521234000129",
    harvested="2025-09-25",
    net_weight="10 kg",
    certificate="承诺达标合格证已附",
    address=ADDRESS,
    mark="示例数据 SAMPLE",
)


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, without spaces and line ends."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def grey_of(png: bytes) -> memoryview:
    """Return the pixels of a PNG of one bit a pixel as rows of bytes, 0 black and 255 white."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) in {(1, 0), (1, 3)}
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    raw, stride = zlib.decompress(data), (width + 7) // 8 + 1
    pixels, above = b"", bytes(stride - 1)
    for start in range(0, len(raw), stride):
        kind, row = raw[start], raw[start + 1 : start + stride]
        assert kind in {NO_FILTER, UP}
        if kind == UP:
            row = bytes((x + y) % 256 for x, y in zip(row, above, strict=True))
        pixels += b"".join(map(EIGHT_PIXELS.__getitem__, row))[:width]
        above = row
    return memoryview(pixels).cast("B", (height, width))


def scanned(png: bytes) -> list[str]:
    """Return what a scanner reads in a PNG."""
    return [code.text for code in zxingcpp.read_barcodes(grey_of(png))]


@pytest.mark.parametrize("scale", [2, 8])
def test_the_printed_code_scans_as_the_address(scale: int) -> None:
    """A scanner reads the whole Digital Link, at any size of the picture."""
    assert scanned(qr_png(ADDRESS, scale)) == [ADDRESS]


@settings(max_examples=20)
@given(st.from_regex(r"[0-9A-Z]{1,20}", fullmatch=True))
def test_every_lot_scans(lot: str) -> None:
    """A code carries any lot number of twenty characters."""
    address = f"https://longmai.example/01/09521234000129/10/{lot}"
    assert scanned(qr_png(address)) == [address]


def test_the_code_corrects_errors_of_level_m() -> None:
    """A scratched code still scans: level M restores 15 %."""
    (code,) = zxingcpp.read_barcodes(grey_of(qr_png(ADDRESS)))
    assert code.ec_level == "M"


def test_the_drawn_code_needs_no_inline_style() -> None:
    """The SVG has no style, script or outside reference, so it stands under default-src 'self'."""
    svg = qr_svg(ADDRESS)
    for element in ET.fromstring(svg).iter():  # noqa: S314 - our own text
        assert element.tag.rpartition("}")[2] in {"svg", "path"}
        assert not element.attrib.keys() & {"style", "onload", "href"}


def test_an_address_cannot_break_out_of_the_drawing() -> None:
    """What is in the address is modules of the code, never text of the SVG."""
    assert "script" not in qr_svg("https://longmai.example/01/<script>alert(1)</script>")


def test_a_label_says_all_it_was_given() -> None:
    """Each text of the label can be read in the PDF."""
    (text,) = pages(label_pdf([LABEL]))
    for value in (
        LABEL.name, LABEL.name_en, LABEL.origin, LABEL.lot, LABEL.harvested, LABEL.net_weight,
        LABEL.certificate, LABEL.mark, f"(01) {LABEL.gtin}", f"(21) {LABEL.serial}",
    ):  # fmt: skip
        assert "".join(value.split()) in text


@pytest.mark.parametrize("rare", ["砻", "㓥", "硷", "屲", "塬", "峁", "岘", "𫇭"])
def test_rare_characters_of_place_names_are_in_the_font(rare: str) -> None:
    """Names of villages keep their characters: each has a glyph, and the text names it."""
    pdf = label_pdf([replace(LABEL, origin=f"{rare}家湾村")])
    assert f"{rare}家湾村" in pages(pdf)[0]


@pytest.mark.parametrize(
    "text",
    [
        '#panic("typeset")',
        "#read(sys.inputs.labels)",
        '"); panic("out',
        "*bold* _thin_ $x^2$ @ref <tag> // comment \\ ] } )",
        '{"name": "other"}',
        "<b>markup</b>",
    ],
)
def test_text_is_never_markup(text: str) -> None:
    """What looks like Typst, JSON or HTML is printed as it stands."""
    wide = replace(LABEL, name=text, name_en="", origin=text, certificate=text)
    assert pages(label_pdf([wide]))[0].count("".join(text.split())) == 3


def test_what_is_not_known_is_left_out() -> None:
    """An empty field takes its heading with it."""
    (text,) = pages(label_pdf([replace(LABEL, harvested="", serial="", mark="")]))
    assert "采收期" not in text
    assert "(21)" not in text
    assert "SAMPLE" not in text
    assert "净含量" in text


def test_labels_come_one_a_page_of_60_by_40_mm() -> None:
    """A label printer gets one label a page, in the order given."""
    labels = [replace(LABEL, lot=f"LOT{n}") for n in range(3)]
    pdf = label_pdf(labels)
    assert [f"LOT{n}" in text for n, text in enumerate(pages(pdf))] == [True] * 3
    for page in PdfReader(io.BytesIO(pdf)).pages:
        size = float(page.mediabox.width), float(page.mediabox.height)
        assert size == pytest.approx((60 * POINTS_A_MM, 40 * POINTS_A_MM), abs=0.1)


@pytest.mark.parametrize(
    ("count", "sheets"), [(1, 1), (LABELS_A_SHEET, 1), (LABELS_A_SHEET + 1, 2)]
)
def test_a_sheet_takes_21_labels_on_a4(count: int, sheets: int) -> None:
    """Labels fill A4 sheets, 21 each."""
    pdf = label_pdf([LABEL] * count, sheet=True)
    read = PdfReader(io.BytesIO(pdf)).pages
    assert len(read) == sheets
    assert "".join(pages(pdf)).count(LABEL.lot) == count
    size = float(read[0].mediabox.width), float(read[0].mediabox.height)
    assert size == pytest.approx((210 * POINTS_A_MM, 297 * POINTS_A_MM), abs=0.1)


@pytest.mark.parametrize("sheet", [False, True])
def test_long_texts_stay_on_the_label(sheet: bool) -> None:
    """Words are set smaller until they fit: none stands below the edge or in the code's column."""
    long = replace(
        LABEL, name="综合大礼盒" * 8, name_en="A gift box of many things " * 4,
        origin="自治县石塬镇" * 16, lot="W" * 20, serial="W" * 20,
    )  # fmt: skip
    edge = 70 if sheet else 60
    found: list[tuple[float, float, str]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: object, _size: object) -> None:
        if text.strip():
            x = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
            y = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            found.append((x / POINTS_A_MM, y / POINTS_A_MM, text))

    page = PdfReader(io.BytesIO(label_pdf([long], sheet=sheet))).pages[0]
    page.extract_text(visitor_text=note)
    bottom = float(page.mediabox.height) / POINTS_A_MM - (42.5 if sheet else 40)
    assert all(0 < x < edge and y > bottom + 1 for x, y, _ in found)
    assert LABEL.certificate in "".join(text for _, _, text in found)


@pytest.mark.parametrize("sheet", [False, True])
def test_the_pdf_embeds_only_the_glyphs_it_uses(sheet: bool) -> None:
    """The font of 30 MB comes as a subset; even a full sheet stays small."""
    pdf = label_pdf([LABEL] * LABELS_A_SHEET, sheet=sheet)
    assert len(pdf) < MAX_PDF_BYTES
    names = [
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(io.BytesIO(pdf)).pages
        for font in _fonts(page["/Resources"].get_object()).values()
    ]
    assert names
    assert all(name[7:8] == "+" and "NotoSansCJK" in name for name in names)


def _fonts(resources: object) -> DictionaryObject:
    assert isinstance(resources, DictionaryObject)
    fonts = resources["/Font"].get_object()
    assert isinstance(fonts, DictionaryObject)
    return fonts


def test_the_same_label_is_the_same_file() -> None:
    """A label carries no date of printing, so that two prints can be compared."""
    assert label_pdf([LABEL]) == label_pdf([LABEL])
    assert "/CreationDate" not in json.dumps(
        str(PdfReader(io.BytesIO(label_pdf([LABEL]))).metadata)
    )


def test_no_labels_are_refused() -> None:
    """An empty order has no paper."""
    with pytest.raises(Invalid):
        label_pdf([])
