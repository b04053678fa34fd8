"""GS1 DataMatrix codes (ISO/IEC 16022 with FNC1, GS1 General Specifications §5.6)."""

import struct
import zlib
from functools import lru_cache
from typing import Any, cast

import zxingcpp

from longmai.domains.brand.model.gs1_elements import element_string
from longmai.kernel.errors import Invalid

_QUIET = 2  # modules around the code; the standard asks for one


def modules(key: str) -> list[list[bool]]:
    """Return the modules of the code of a key, row by row; true is dark.

    Raises:
        Invalid: the key does not fit into a code.
    """
    try:
        code = zxingcpp.create_barcode(
            element_string(key), zxingcpp.BarcodeFormat.DataMatrix, gs1=True
        )
        image = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)
    except ValueError as error:
        raise Invalid(
            "this key does not fit into a DataMatrix", code="gs1.datamatrix", value=str(error)
        ) from None
    rows: Any = memoryview(cast("Any", image)).tolist()
    return [[value == 0 for value in row] for row in rows]


@lru_cache(maxsize=1024)
def svg(key: str) -> str:
    """Return the code of a key as SVG, without inline styles.

    >>> svg("01/09521234543213/10/L7").startswith("<svg")
    True
    """
    rows = modules(key)
    size = len(rows) + 2 * _QUIET
    path = "".join(
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    width = len(rows[0]) + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {size}" '
        f'class="datamatrix"><path fill="#fff" d="M0 0h{width}v{size}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def png(key: str, scale: int = 8) -> bytes:
    """Return the code of a key as PNG, ``scale`` pixels a module."""
    rows = modules(key)
    width = (len(rows[0]) + 2 * _QUIET) * scale
    blank = [b"\x00" + b"\xff" * width] * (_QUIET * scale)
    lines = list(blank)
    for row in rows:
        shades = [False] * _QUIET + row + [False] * _QUIET
        line = b"\x00" + b"".join((b"\x00" if dark else b"\xff") * scale for dark in shades)
        lines += [line] * scale
    lines += blank
    header = struct.pack(">IIBBBBB", width, len(lines), 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"".join(lines), 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
