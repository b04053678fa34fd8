"""The algebra of 12-digit region codes: pad, prefix, contains.

Source: GB/T 2260 (first six digits) and the rules of the codes for statistics (12 digits).
"""

import re

from longmai.kernel.errors import Invalid

LENGTHS = (2, 4, 6, 9, 12)
"""Digits that matter at the levels province, prefecture, county, township, village."""

_DIGITS = 12
_ZEROS = "0" * _DIGITS
_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{3})?)?)?)?")


def pad(code: str) -> str:
    """Return the code with 12 digits.

    >>> pad("9901")
    '990100000000'

    Raises:
        Invalid: not 2, 4, 6, 9 or 12 decimal digits, or no province.
    """
    if not _CODE.fullmatch(code) or code.startswith("00"):
        raise Invalid(
            "a region code has 2, 4, 6, 9 or 12 digits",
            code="region.code",
            value=code,
            mend="write, for example, the six digits of a county",
        )
    return code.ljust(_DIGITS, "0")


def prefix(code: str) -> str:
    """Return the digits that matter: 2, 4, 6, 9 or 12 of them.

    >>> prefix("990102000000")
    '990102'

    Raises:
        Invalid: not a region code.
    """
    full = pad(code)
    return next(full[:length] for length in LENGTHS if full.endswith(_ZEROS[length:]))


def contains(outer: str, inner: str) -> bool:
    """Say whether ``outer`` is ``inner`` or lies above it.

    >>> contains("9901", "990102"), contains("990102", "9901")
    (True, False)

    Raises:
        Invalid: one of them is not a region code.
    """
    return pad(inner).startswith(prefix(outer))


def parent(code: str) -> str:
    """Return the 12-digit code one level up, empty above a province.

    >>> parent("990102003000"), parent("99")
    ('990102000000', '')

    Raises:
        Invalid: not a region code.
    """
    own = prefix(code)
    level = LENGTHS.index(len(own))
    return own[: LENGTHS[level - 1]].ljust(_DIGITS, "0") if level else ""
