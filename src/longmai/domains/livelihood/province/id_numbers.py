"""Numbers of identity cards (GB 11643), and those of sample people, which nobody real can have.

A sample number has the right form and a check character moved on by five places: every checker of
real numbers refuses it, and it can still be checked against slips of the pen.
"""

import re

import numpy as np
from numpy.typing import NDArray

CHECKS = "10X98765432"
SAMPLE_SHIFT = 5
_WEIGHTS = np.array([(1 << (17 - at)) % 11 for at in range(17)], np.int64)
_FORM = re.compile(r"\d{17}[\dX]")


def check_digit(body: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064, MOD 11-2).

    >>> check_digit("11010519491231002")
    'X'
    """
    return CHECKS[_remainder(body)]


def sample_check_digit(body: str) -> str:
    """Return the check character of a sample person's number.

    >>> sample_check_digit("11010519491231002")
    '5'
    """
    return CHECKS[(_remainder(body) + SAMPLE_SHIFT) % 11]


def is_sample(number: str) -> bool:
    """Tell whether a number is that of a sample person.

    >>> is_sample("110105194912310025"), is_sample("11010519491231002X")
    (True, False)
    """
    return bool(_FORM.fullmatch(number)) and sample_check_digit(number[:17]) == number[17]


def _remainder(body: str) -> int:
    return sum(int(digit) * int(weight) for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11


def sample_numbers(
    county: int, birth: NDArray[np.datetime64], sequence: NDArray[np.int64]
) -> NDArray[np.bytes_]:
    """Return sample numbers.

    Args:
        county: six digits.
        birth: days.
        sequence: 0 to 999; odd for men.
    """
    months = birth.astype("datetime64[M]")
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (birth - months.astype("datetime64[D]")).astype(np.int64) + 1
    parts = ((np.full(len(birth), county), 6), (year, 4), (month, 2), (day, 2), (sequence, 3))
    digits = np.concatenate([_digits(values, width) for values, width in parts], axis=1)
    check = (digits.astype(np.int64) @ _WEIGHTS + SAMPLE_SHIFT) % 11
    letters = np.frombuffer(CHECKS.encode(), np.uint8)[check]
    whole = np.concatenate([digits + np.uint8(48), letters[:, None]], axis=1)
    return np.ascontiguousarray(whole).view("S18").ravel()


def _digits(values: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values[:, None] // powers % 10).astype(np.uint8)
