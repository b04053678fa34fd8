"""QR codes, for pages, labels and certificates."""

import io
from functools import lru_cache

import segno


@lru_cache(maxsize=1024)
def qr_svg(address: str) -> str:
    """Return the QR code of an address as SVG, with classes instead of inline styles.

    >>> qr_svg("https://example.com/01/09521234543213").startswith("<svg")
    True
    """
    out = io.BytesIO()
    _code(address).save(
        out, kind="svg", border=4, xmldecl=False, svgns=True, nl=False, omitsize=True
    )
    return out.getvalue().decode()


def qr_png(address: str, scale: int = 8) -> bytes:
    """Return the QR code of an address as PNG, ``scale`` pixels a module."""
    out = io.BytesIO()
    _code(address).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def _code(address: str) -> segno.QRCode:
    # Level M survives a scratch or a fold (15 %), and keeps the modules large on a small print.
    return segno.make_qr(address, error="m")
