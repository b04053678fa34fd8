"""Quotients: kept as two whole numbers until they are compared or rounded, so nothing is lost.

FEEL rounds a quotient to 34 digits. Comparing or rounding the exact quotient gives the same as long
as no two different outcomes lie closer together than that; where they could, it is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from longmai.rules.columns.operations import (
    added,
    all_of,
    any_null,
    any_of,
    case,
    compared,
    divided,
    floored,
    multiplied,
    negative,
    operation,
    remainder,
    rescaled,
    retyped,
    subtracted,
    whole,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.types import DIGITS, Kind


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A quotient of two numbers of one scale; null where the divisor is zero.

    Attributes:
        over: whole units.
        under: whole units.
    """

    over: Column
    under: Column

    @property
    def is_null(self) -> Column:
        """Tell whether there is no quotient."""
        _, under = self.positive()
        return any_null([self.over, under])

    def positive(self) -> tuple[Column, Column]:
        """Return both with a positive divisor, which is null instead of zero."""
        over, under = self.over, self.under
        if under.type.low > 0:
            return over, under
        if under.type.high < 0:
            return negative(over), negative(under)
        if under.type.low == 0:
            return over, _not_zero(under)
        is_less = compared("<", under, whole(0))
        return case([(is_less, negative(over))], over), _not_zero(absolute(under))


def _not_zero(under: Column) -> Column:
    found = operation("nullif zero", (under,), Kind.NUMBER, (1, max(1, under.type.high)))
    return replace(found, type=found.type.or_null())


def ratio_of(one: Column, other: Column) -> Ratio:
    """Return the quotient of two numbers."""
    scale = max(one.type.scale, other.type.scale)
    one, other = (retyped(each, Kind.NUMBER, each.type.scale) for each in (one, other))
    return Ratio(units(rescaled(one, scale)), units(rescaled(other, scale)))


def as_ratio(value: "Column | Ratio") -> Ratio:
    """Return a number as a quotient."""
    if isinstance(value, Ratio):
        return value
    return Ratio(units(value), whole(10**value.type.scale))


def units(column: Column) -> Column:
    """Return the stored units of an amount, as a whole number."""
    return retyped(column, Kind.NUMBER)


def absolute(column: Column) -> Column:
    """Return an amount without its sign."""
    type_ = column.type
    if type_.low >= 0:
        return column
    least = 0 if type_.high >= 0 else -type_.high
    return operation("abs", (column,), type_.kind, (least, type_.greatest), type_.scale)


def _close(digits: int) -> None:
    if digits >= DIGITS:
        raise Refused("quotients this fine may be rounded by FEEL; give narrower bounds")


def crossed(one: "Column | Ratio", other: "Column | Ratio") -> tuple[Column, Column]:
    """Return two numbers that are in the order of two quotients, and null where those are."""
    (a, b), (c, d) = as_ratio(one).positive(), as_ratio(other).positive()
    _close(b.type.digits + d.type.digits + max(a.type.digits, c.type.digits))
    return multiplied(a, d, Kind.NUMBER), multiplied(c, b, Kind.NUMBER)


def equal_ratios(one: "Column | Ratio", other: "Column | Ratio") -> Column:
    """Tell whether two quotients are equal, or both are null."""
    nulls = [as_ratio(each).is_null for each in (one, other)]
    return case([(any_of(nulls), all_of(nulls))], compared("=", *crossed(one, other)))


# Rounding


def _half_even(over: Column, under: Column) -> Column:
    doubled, twice = added(multiplied(over, whole(2)), under), multiplied(under, whole(2))
    up = floored(doubled, twice)
    tie = compared("=", remainder(doubled, twice), whole(0))
    odd = compared("!=", remainder(up, whole(2)), whole(0))
    return case([(all_of([tie, odd]), subtracted(up, whole(1)))], up)


def _either_side(
    shift: Callable[[Column, Column], tuple[Column, Column]],
) -> Callable[[Column, Column], Column]:
    """Return a rounding that treats both signs alike: moved away from zero, then cut."""

    def rounding(over: Column, under: Column) -> Column:
        plus, divisor = shift(absolute(over), under)
        size = divided(plus, divisor)
        if over.type.low >= 0:
            return size
        return case([(compared("<", over, whole(0)), negative(size))], size)

    return rounding


def _up(over: Column, under: Column) -> tuple[Column, Column]:
    return added(over, subtracted(under, whole(1))), under


def _half_up(over: Column, under: Column) -> tuple[Column, Column]:
    return added(multiplied(over, whole(2)), under), multiplied(under, whole(2))


def _half_down(over: Column, under: Column) -> tuple[Column, Column]:
    # Nearest, ties to zero: the smallest whole number that is not below |x| - 1/2.
    doubled, twice = multiplied(over, whole(2)), multiplied(under, whole(2))
    return added(doubled, subtracted(under, whole(1))), twice


ROUNDINGS: Mapping[str, Callable[[Column, Column], Column]] = {
    "decimal": _half_even,
    "floor": floored,
    "ceiling": lambda over, under: negative(floored(negative(over), under)),
    "round up": _either_side(_up),
    "round down": divided,
    "round half up": _either_side(_half_up),
    "round half down": _either_side(_half_down),
}


def rounded(value: "Column | Ratio", places: int, mode: str) -> Column:
    """Round to places after the point, or before it where they are less than none."""
    if not isinstance(value, Ratio) and places >= value.type.scale:
        return value
    over, under = as_ratio(value).positive()
    if isinstance(value, Ratio):
        _close(over.type.digits + under.type.digits + max(places, 0) + 1)
    over = multiplied(over, whole(10 ** max(places, 0)), Kind.NUMBER)
    under = multiplied(under, whole(10 ** max(-places, 0)), Kind.NUMBER)
    return placed(ROUNDINGS[mode](over, under), places)


def placed(amount: Column, places: int) -> Column:
    """Return whole units as a number with so many places."""
    if places < 0:
        return multiplied(amount, whole(10**-places), Kind.NUMBER)
    return retyped(amount, Kind.NUMBER, places)
