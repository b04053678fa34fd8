"""Canonical JSON (RFC 8785): one value, one text, so that its hash means something."""

from typing import Any

import rfc8785

from longmai.kernel.errors import Invalid


def canonical(value: Any) -> bytes:
    """Return the canonical UTF-8 JSON of a value.

    Raises:
        Invalid: the value cannot stand in JSON as RFC 8785 has it: NaN, an integer beyond
            2^53 - 1, a lone surrogate, a key that is not text.

    >>> canonical({"b": 1, "a": [1.50, "苹果"]}).decode()
    '{"a":[1.5,"苹果"],"b":1}'
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid(
            "the value has no canonical JSON form",
            code="ledger.canonical",
            value=str(error),
            mend="send whole numbers beyond 2^53 as text; leave out NaN and broken characters",
        ) from None
