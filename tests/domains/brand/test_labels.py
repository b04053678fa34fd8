"""Labels say what they are given, fit on their paper, and their codes scan."""

import io
import json
from dataclasses import replace

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from longmai.domains.brand.labels import LABELS_A_SHEET, Label, label_pdf
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
