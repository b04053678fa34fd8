"""Thrift's compact protocol, as far as a Parquet file needs it to be written.

A structure is a mapping of field numbers to values, in ascending order; a list has values of one
kind. Source: Thrift's ``doc/specs/thrift-compact-protocol.md``.
"""

from collections.abc import Mapping, Sequence
from typing import Union

Value = Union["I32", "I64", bytes, Sequence["Value"], Mapping[int, "Value"]]

_LONG_LIST = 15
_SEVEN_BITS = 0x80


class I32(int):
    """A whole number of 32 bits."""


class I64(int):
    """A whole number of 64 bits."""


def varint(value: int) -> bytes:
    """Return a whole number that is not negative in groups of seven bits, lowest first.

    >>> varint(300).hex()
    'ac02'
    """
    found = bytearray()
    while value >= _SEVEN_BITS:
        found.append(value % _SEVEN_BITS | _SEVEN_BITS)
        value >>= 7
    found.append(value)
    return bytes(found)


def written(value: Value) -> bytes:
    """Return a value as bytes.

    >>> written({1: I32(2), 4: b"ab"}).hex()
    '15043802616200'
    """
    if isinstance(value, int):
        return varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if isinstance(value, bytes):
        return varint(len(value)) + value
    if isinstance(value, Mapping):
        return _structure(value)
    kind = _kind(value[0])
    count = len(value)
    head = bytes([count << 4 | kind]) if count < _LONG_LIST else bytes([0xF0 | kind])
    more = b"" if count < _LONG_LIST else varint(count)
    return head + more + b"".join(map(written, value))


def _structure(value: Mapping[int, Value]) -> bytes:
    parts, before = [], 0
    for number, each in value.items():
        parts += [bytes([(number - before) << 4 | _kind(each)]), written(each)]
        before = number
    return b"".join([*parts, b"\0"])


def _kind(value: Value) -> int:
    if isinstance(value, I32):
        return 5
    if isinstance(value, I64):
        return 6
    if isinstance(value, bytes):
        return 8
    return 12 if isinstance(value, Mapping) else 9
