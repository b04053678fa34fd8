"""Fractions as rules write them: ``3 * agreeing >= 2 * all`` is *two thirds of all*."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from longmai.rules.feel.tree import Binary, Name, Node, Number
from longmai.rules.feel.values import Value


@dataclass(frozen=True)
class Share:
    """A part held against a fraction of a whole.

    Attributes:
        part: name of what is counted.
        whole: name of what it is a part of.
        fraction: that is asked for.
    """

    part: str
    whole: str
    fraction: Fraction

    def needed(self, operator: str, value: Callable[[Node], Value]) -> Decimal | None:
        """Return the whole number that just meets ``>=`` or ``>``, or ``<=`` or ``<``.

        None where the whole is not known, or is no whole number.
        """
        whole = value(Name(self.whole))
        if not isinstance(whole, Decimal) or whole != whole.to_integral_value():
            return None
        exact = Decimal(self.fraction.numerator) * whole / self.fraction.denominator
        up = operator in {">", ">="}
        found = exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
        if operator in {">", "<"} and found == exact:
            found += 1 if up else -1
        return found


def share_of(left: Node, right: Node) -> Share | None:
    """Return the fraction that two sides of a comparison mean; None if they mean none.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> node = parse_expression("3 * agreeing >= 2 * all")
    >>> share_of(node.left, node.right).fraction
    Fraction(2, 3)
    """
    one, other = _times(left), _times(right)
    if one is None or other is None or (one[0] == 1 and other[0] == 1) or not one[0]:
        return None
    return Share(one[1], other[1], Fraction(other[0]) / Fraction(one[0]))


def _times(node: Node) -> tuple[Decimal, str] | None:
    match node:
        case Name(name):
            return Decimal(1), name
        case Binary("*", Number(factor), Name(name)) | Binary("*", Name(name), Number(factor)):
            return factor, name
    return None
