"""QR codes scan as what they were made of, and cannot carry markup."""

import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pictures import grey_of

from longmai.portal.qr import qr_png, qr_svg

ADDRESS = "https://longmai.example/01/09521234000129/10/P251103-02/21/020050"


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
