"""Numbers that a co-operative gives: of products where GS1 gave it none, and of lots."""

import re
from datetime import date
from uuid import UUID

from longmai.domains.brand.model import gs1
from longmai.kernel.errors import Invalid

# Restricted circulation within a company or a platform (GS1 General Specifications, §1.4.5).
_INTERNAL = "29"
_LOT = re.compile(r"[0-9A-Za-z\-_.]{1,20}")
_LETTERS = 4


def internal_gtin(number: int) -> str:
    """Return the number of a product that has no GTIN, of 14 digits.

    It begins with 29, which GS1 gives to nobody: it counts on this platform alone, and never
    in a shop.

    >>> internal_gtin(1)
    '02900000000018'
    """
    body = f"{_INTERNAL}{number:010d}"
    return f"0{body}{gs1.gtin_check_digit(body)}"


def is_internal(gtin: str) -> bool:
    """Tell whether a number of 14 digits counts on this platform alone."""
    return gtin.startswith(f"0{_INTERNAL}")


def gtin_of(text: str, prefix: str) -> str:
    """Return a GTIN as 14 digits.

    Args:
        text: 8, 12, 13 or 14 digits.
        prefix: the company prefix that it must begin with; empty: any.

    >>> gtin_of("9521234543213", "9521234")
    '09521234543213'

    Raises:
        Invalid: no GTIN, a wrong check digit, or another company's.
    """
    digits = re.sub(r"[\s\-]", "", text)
    try:
        gtin = gs1.elements(f"01/{digits}")["01"]
    except Invalid as error:
        raise Invalid(
            "no GTIN: 13 digits, the last a check digit",
            code="coop.gtin",
            place="gtin",
            value=text,
            mend=error.mend,
        ) from None
    company = gtin[1:] if gtin.startswith("0") or len(digits) == gs1.GTIN_DIGITS else gtin
    if is_internal(gtin) or not company.startswith(prefix):
        raise Invalid(
            "this GTIN does not begin with the company prefix",
            code="coop.prefix",
            place="gtin",
            value=f"{text} ({prefix})",
            mend="leave it empty if GS1 China has given you none",
        )
    return gtin


def lot_number(letter: str, day: date, form: UUID) -> str:
    """Return the number of a lot: a letter, the day, and signs of the form that made it.

    The form page makes the same one in the browser, so that what waits there can be packed.

    >>> lot_number("H", date(2026, 10, 1), UUID("0b1d2c3e-0000-7000-8000-000000000000"))
    'H261001-0B1D'
    """
    return f"{letter}{day:%y%m%d}-{form.hex[:_LETTERS].upper()}"


def checked_lot(text: str) -> str:
    """Return the number of a lot as somebody wrote it.

    Raises:
        Invalid: more than 20 signs, or others than letters, digits, ``-``, ``_`` and ``.``.
    """
    if not _LOT.fullmatch(text):
        raise Invalid(
            "a lot number has up to 20 letters and digits",
            code="coop.lot_number",
            place="lot_number",
            value=text,
            mend="leave it empty: one is made",
        )
    return text
