"""Money as integer fen (分), and its exact division.

>>> from decimal import Decimal
>>> yuan_to_fen("12.34")
1234
>>> fen_to_yuan(1234)
Decimal('12.34')
>>> divide_fen(100, [1, 1, 1])
[34, 33, 33]
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from longmai.kernel.errors import Invalid

FEN_PER_YUAN = 100


def yuan_to_fen(amount_yuan: str | Decimal | int) -> int:
    """Turn an exact amount in yuan into fen.

    Raises:
        Invalid: not a number, or a fraction of a fen: rounding is a decision, see ``round_fen``.
    """
    try:
        amount_fen = Decimal(amount_yuan) * FEN_PER_YUAN
    except InvalidOperation:
        raise Invalid("not an amount of money", code="money.format", value=amount_yuan) from None
    if not amount_fen.is_finite() or amount_fen != amount_fen.to_integral_value():
        raise Invalid(
            "an amount has at most two decimals",
            code="money.precision",
            value=str(amount_yuan),
            mend="round it first, and name the rounding",
        )
    return int(amount_fen)


def fen_to_yuan(amount_fen: int) -> Decimal:
    """Return the amount in yuan with two decimals."""
    return (Decimal(amount_fen) / FEN_PER_YUAN).quantize(Decimal("0.01"))


def round_fen(amount_fen: Decimal, rounding: str = ROUND_HALF_UP) -> int:
    """Round a computed amount to whole fen by a named mode of ``decimal``.

    >>> round_fen(Decimal("0.5"))
    1
    """
    return int(amount_fen.quantize(Decimal(1), rounding=rounding))


def divide_fen(total_fen: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Divide an amount by weights with the largest-remainder method (Hamilton).

    The parts add up to the total to the fen; equal remainders go to the earlier part, so the
    result depends on nothing but the arguments. A negative total is divided as its mirror image.

    Args:
        total_fen: amount in fen.
        weights: one non-negative exact weight per part, not all zero.

    Raises:
        Invalid: no weights, a negative weight, or all weights zero.
    """
    if not weights or any(weight < 0 for weight in weights) or not any(weights):
        raise Invalid(
            "weights must be non-negative and not all zero",
            code="money.weights",
            value=[str(weight) for weight in weights],
        )
    if total_fen < 0:
        return [-part for part in divide_fen(-total_fen, weights)]
    whole = sum(Fraction(weight) for weight in weights)
    shares = [Fraction(total_fen) * Fraction(weight) / whole for weight in weights]
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts
