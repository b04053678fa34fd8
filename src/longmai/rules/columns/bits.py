"""Truths as single bits, and numbers of a few bits made of them, eight rows at a time."""

from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

_WIDTHS = (1, 2, 4, 8)


def bits(truths: pa.BooleanArray) -> bytes:
    """Return truths without nulls as bits, the first one lowest; what is behind the end is 0."""
    count = len(truths)
    if truths.offset:
        truths = pc.invert(pc.invert(truths))
    found = bytes(memoryview(truths.buffers()[1])[: (count + 7) // 8])
    if count % 8:
        found = found[:-1] + bytes([found[-1] & (1 << count % 8) - 1])
    return found


def side_by_side(digits: Sequence[pa.BooleanArray | None], rows: int) -> tuple[int, bytes]:
    """Return numbers with their binary digits side by side, and how many digits each has.

    Args:
        digits: of each row's number, lowest first; None: 0 on every row. At most 16.
        rows: how many; numbers up to the next eighth row are 0.
    """
    width = next((each for each in _WIDTHS if each >= len(digits)), 2 * _WIDTHS[-1])
    own = [None if each is None else bits(each) for each in digits]
    if not any(own):
        return width, bytes((rows + 7) // 8 * width)
    if width == 1:
        return width, own[0] or b""
    if width <= _WIDTHS[-1]:
        return width, _content(_spread(own, width, rows))
    low, high = (_spread(own[at : at + 8], 8, rows) for at in (0, 8))
    eight = pa.scalar(8, pa.uint16())
    wide = pc.bit_wise_or(low.cast(pa.uint16()), pc.shift_left(high.cast(pa.uint16()), eight))
    return width, _content(wide)


def numbers(digits: Sequence[pa.BooleanArray | None], rows: int) -> pa.Array:
    """Return the numbers of rows."""
    padded = [*digits, *[None] * (_WIDTHS[-1] - len(digits))]
    width, content = side_by_side(padded, rows)
    type_ = pa.uint8() if width == _WIDTHS[-1] else pa.uint16()
    return pa.Array.from_buffers(type_, rows, [None, pa.py_buffer(content)])


def _content(values: pa.Array) -> bytes:
    return bytes(memoryview(values.buffers()[1])[: len(values) * values.type.bit_width // 8])


def _spread(digits: Sequence[bytes | None], width: int, rows: int) -> pa.Array:
    """Return numbers of so many bits as bytes: of eight rows one byte stood there before."""
    eights = (rows + 7) // 8
    whole: pa.Array | None = None
    for k, own in enumerate(digits):
        if own is not None:
            at = pa.Array.from_buffers(pa.uint8(), eights, [None, pa.py_buffer(own)])
            part = pc.take(_table(width, k), at, boundscheck=False)
            whole = part if whole is None else pc.bit_wise_or(whole, part)
    if whole is None:
        return pa.repeat(pa.scalar(0, pa.uint8()), eights * width)
    return pa.Array.from_buffers(pa.uint8(), eights * width, [None, whole.buffers()[1]])


@lru_cache
def _table(width: int, digit: int) -> pa.Array:
    """Return for each byte its eight bits moved apart, to one digit of numbers of a width."""
    spread = (
        sum((byte >> row & 1) << (row * width + digit) for row in range(8)) for byte in range(256)
    )
    return pa.array(spread, {2: pa.uint16(), 4: pa.uint32(), 8: pa.uint64()}[width])
