"""Unified social credit codes (统一社会信用代码): 18 signs, the last a check digit.

Source: GB 32100-2015.
"""

from longmai.kernel.errors import Invalid

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_LENGTH = 18


def require_uscc(code: str) -> str:
    """Return a unified social credit code in capitals.

    >>> require_uscc("51620000mj0000000u")
    '51620000MJ0000000U'

    Raises:
        Invalid: not 18 signs, or the check digit is wrong.
    """
    kept = code.strip().upper()
    right = len(kept) == _LENGTH and set(kept) <= set(_SIGNS)
    if not right or uscc_check(kept[:-1]) != kept[-1]:
        raise Invalid(
            "no unified social credit code: its check digit does not fit",
            code="uscc",
            place="uscc",
            value=code,
            mend="copy it from the certificate",
        )
    return kept


def uscc_check(first: str) -> str:
    """Return the check digit of the first 17 signs of a code."""
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    return _SIGNS[(31 - total % 31) % 31]
