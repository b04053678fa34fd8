"""What a query returns, read back: stored units to values of FEEL, or to Arrow's decimals."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from longmai.rules.columns.types import Kind, Type, value_of
from longmai.rules.feel.values import Value


def values_of(array: pa.ChunkedArray, type_: Type) -> Iterator[Value]:
    """Yield the values of FEEL of a column."""
    for raw in _raw(array):
        if isinstance(raw, list):
            yield [value_of(each, type_) for each in raw]
        else:
            yield value_of(raw, type_)


def _raw(array: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_date(array.type):
        # Python's own dates end at the year 9999.
        array = array.cast(pa.int32())
    elif pa.types.is_list(array.type) and pa.types.is_date(array.type.value_type):
        array = array.cast(pa.list_(pa.int32()))
    raw: list[Any] = array.to_pylist()
    return raw


def decimals(array: pa.ChunkedArray, type_: Type) -> pa.ChunkedArray:
    """Return a column of units as Arrow's decimals, for people and other programs.

    >>> from longmai.rules.columns.types import number
    >>> decimals(pa.chunked_array([[125, None]]), number(0, 100, scale=1)).to_pylist()
    [Decimal('12.5'), None]
    """
    if type_.kind is not Kind.NUMBER or not type_.scale:
        return array
    whole = array.cast(pa.decimal128(38, 0))
    chunks = [
        pa.Array.from_buffers(pa.decimal128(38, type_.scale), len(each), each.buffers())
        for each in (pa.concat_arrays([chunk]) for chunk in whole.chunks)
    ]
    return pa.chunked_array(chunks, type=pa.decimal128(38, type_.scale))
