"""Canonical JSON (RFC 8785): one value, one text, so that its hash means something."""

import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from longmai.kernel.errors import Invalid

_MOST_EXACT = 2**53 - 1
_LEAST_POSITIONAL, _MOST_POSITIONAL = 1e-4, 1e16
_FIRST_SURROGATE = "\ud800"
# What the C encoder of the standard library writes as RFC 8785 asks, for plain values.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Any) -> bytes:
    """Return the canonical UTF-8 JSON of a value.

    Raises:
        Invalid: the value cannot stand in JSON as RFC 8785 has it: NaN, an integer beyond
            2^53 - 1, a lone surrogate, a key that is not text.

    >>> canonical({"b": 1, "a": [1.50, "苹果"]}).decode()
    '{"a":[1.5,"苹果"],"b":1}'
    """
    try:
        if _is_plain(value):
            return _encode(value).encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid(
            "the value has no canonical JSON form",
            code="ledger.canonical",
            value=str(error),
            mend="send whole numbers beyond 2^53 as text; leave out NaN and broken characters",
        ) from None


def canonical_texts(value: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of an object with ASCII keys, of texts and small integers.

    Raises:
        Invalid: a lone surrogate.
    """
    try:
        return _encode(value).encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            "a text has broken characters", code="ledger.canonical", value=str(error)
        ) from None


def _is_plain(value: Any) -> bool:
    """Tell whether the standard library writes a value as RFC 8785 does, many times faster.

    It does not for keys beyond the surrogates (it sorts by code point, RFC 8785 by UTF-16 unit),
    and for numbers that Python writes with an exponent or with ``.0``.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(
            type(key) is str and (key.isascii() or max(key) < _FIRST_SURROGATE) and _is_plain(item)
            for key, item in value.items()
        )
    if kind is list:
        return all(map(_is_plain, value))
    if kind is float:
        # Both write the shortest digits that read back; here both write them without an exponent.
        return _LEAST_POSITIONAL <= abs(value) < _MOST_POSITIONAL and not value.is_integer()
    return kind is int and -_MOST_EXACT <= value <= _MOST_EXACT
