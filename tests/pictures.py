"""Reads PNG pictures into rows of grey, for scanners; nothing more than our own programs write."""

import struct
import zlib
from collections.abc import Iterator

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LEFT, _UP, _MEAN, _PAETH = 1, 2, 3, 4


def grey_of(png: bytes) -> memoryview:
    """Return the pixels of a PNG as rows of bytes, 0 black and 255 white.

    Of a picture of one bit a pixel 0 is black; of colours the first channel is taken.
    """
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth in {1, 8}
    step = _CHANNELS[colour]
    stride = (width * step * depth + 7) // 8
    rows = _unfiltered(zlib.decompress(_data(png)), stride, max(1, step * depth // 8))
    pixels = b"".join(_pixels(row, depth, step)[:width] for row in rows)
    return memoryview(pixels).cast("B", (height, width))


def _data(png: bytes) -> bytes:
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    return data


def _pixels(row: bytes, depth: int, step: int) -> bytes:
    if depth == 8:
        return row[::step]
    return bytes(255 * (byte >> bit & 1) for byte in row for bit in range(7, -1, -1))


def _unfiltered(raw: bytes, stride: int, back: int) -> Iterator[bytes]:
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for i in range(stride) if kind else ():
            left = row[i - back] if i >= back else 0
            corner = above[i - back] if i >= back else 0
            row[i] = (row[i] + _predicted(kind, left, above[i], corner)) & 0xFF
        above = bytes(row)
        yield above


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == _PAETH:
        guess = left + up - corner
        return min((left, up, corner), key=lambda each: abs(guess - each))
    return {_LEFT: left, _UP: up, _MEAN: (left + up) // 2}[kind]
