"""Quotients: kept as two whole numbers until they are compared or rounded, so nothing is lost.

FEEL rounds a quotient to 34 digits. Comparing or rounding the exact quotient gives the same as long
as no two different outcomes lie closer together than that; where they could, it is refused.

Once more is computed with a quotient, FEEL's value lies within a known error of the exact one. That
counts only where the exact one is a threshold itself, a decimal of few places. After
``standard - 2 * (income / size)`` the quotient is then one too, which FEEL does not round, and so
on the threshold FEEL's value is the exact one. ``(standard - income / size) * size`` has few places
always, and is rounded to the nearest of them. Elsewhere it is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm

from longmai.rules.columns.operations import (
    added,
    alike,
    all_of,
    any_null,
    any_of,
    case,
    compared,
    divided,
    floored,
    is_null,
    multiplied,
    negative,
    operation,
    remainder,
    rescaled,
    retyped,
    subtracted,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column, Constant, Operation
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.types import DIGITS, Kind


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A quotient of two numbers of one scale; null where the divisor is zero.

    Attributes:
        over: whole units.
        under: whole units.
        error: how far FEEL's value may lie from the exact one; None: it is the exact one, rounded.
        places: that the quotient within may have more than the value, where this is a decimal: then
            FEEL's value is the exact one; None: the quotient may go on without end all the same.
    """

    over: Column
    under: Column
    error: Fraction | None = None
    places: int | None = 0

    @property
    def is_null(self) -> Column:
        """Tell whether there is no quotient."""
        _, under = self.positive()
        return any_null([self.over, under])

    @property
    def is_faithful(self) -> bool:
        """Whether FEEL's value is the exact one, or that rounded once."""
        return not self.error

    @property
    def greatest(self) -> Fraction:
        """The greatest value without its sign."""
        type_ = self.under.type
        least = max(1, type_.low, -type_.high)
        return Fraction(self.over.type.greatest, least)

    @property
    def spread(self) -> Fraction:
        """How far FEEL's value may lie from the exact one."""
        return self.greatest * _LAST_DIGIT if self.error is None else self.error

    def settles(self, places: int) -> bool:
        """Tell whether FEEL's value lies where the exact one does, by decimals of some places."""
        if self.is_faithful:
            return True
        apart = self.spread * self.under.type.greatest * 10**places * 4 < 1
        digits = len(str(int(self.spread / _LAST_DIGIT)))
        return self.places is not None and apart and digits + places + self.places < DIGITS

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
    return Ratio(units(value), whole(10**value.type.scale), Fraction(0))


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
    ratios = as_ratio(one), as_ratio(other)
    if not (all(each.is_faithful for each in ratios) or _settle(*ratios) or _settle(*ratios[::-1])):
        raise Refused(
            "a quotient that was computed with is compared: round it first, as in decimal(a / b, 2)"
        )
    return _crossed(*ratios)


def _settle(one: Ratio, other: Ratio) -> bool:
    """Tell whether one is a decimal, and the other is known on it and beside it."""
    places = _decimal_places(one)
    return places is not None and other.settles(places)


def _decimal_places(value: Ratio) -> int | None:
    """Return the places of an exact decimal; None where it is a quotient."""
    under = value.under.value if isinstance(value.under, Constant) else 0
    digits = str(under)
    return len(digits) - 1 if value.error == 0 and digits == "1" + "0" * (len(digits) - 1) else None


def _crossed(one: Ratio, other: Ratio) -> tuple[Column, Column]:
    (a, b), (c, d) = one.positive(), other.positive()
    _close(b.type.digits + d.type.digits + max(a.type.digits, c.type.digits))
    return multiplied(a, d, Kind.NUMBER), multiplied(c, b, Kind.NUMBER)


def equal_ratios(one: "Column | Ratio", other: "Column | Ratio") -> Column:
    """Tell whether two quotients are equal, or both are null."""
    nulls = [as_ratio(each).is_null for each in (one, other)]
    return case([(any_of(nulls), all_of(nulls))], compared("=", *crossed(one, other)))


# Computing with them

_LAST_DIGIT = Fraction(1, 2 * 10 ** (DIGITS - 1))
"""How much of a value FEEL's rounding may change."""


def summed(one: Ratio, other: Ratio, sign: int = 1) -> Ratio:
    """Add two quotients, or subtract the second where the sign is -1."""
    (a, under), (b, _) = with_one_divisor(one, other)
    over = added(a, b) if sign > 0 else subtracted(a, b)
    places = None
    for each, exact in ((one, other), (other, one)):
        more = _decimal_places(exact)
        if more is not None and each.places is not None:
            places = each.places + more
    return _with_error(Ratio(over, under, places=places), one.spread + other.spread)


def with_one_divisor(one: Ratio, other: Ratio) -> tuple[tuple[Column, Column], ...]:
    """Return dividends and divisors of two quotients, the divisors alike."""
    (a, b), (c, d) = (one.over, one.under), (other.over, other.under)
    if alike(b, d):
        return (a, b), (c, b)
    if isinstance(b, Constant) and isinstance(d, Constant) and b.value and d.value:
        both = lcm(b.value, d.value)
        a, c = multiplied(a, whole(both // b.value)), multiplied(c, whole(both // d.value))
        return (a, whole(both)), (c, whole(both))
    under = multiplied(b, d)
    return (multiplied(a, d), under), (multiplied(c, b), under)


def times(one: Ratio, other: Ratio) -> Ratio:
    """Multiply two quotients; what stands above and below cancels, and is null where it is zero."""
    above = [*_factors(one.over), *_factors(other.over)]
    below = [*_factors(one.under), *_factors(other.under)]
    gone: list[Column] = []
    for each in [each for each in above if not isinstance(each, Constant)]:
        twin = next((factor for factor in below if alike(each, factor)), None)
        if twin is not None:
            gone.append(each)
            above.remove(each)
            below.remove(twin)
    over, under = _reduced(above, below)
    over = unless(any_of([_is_zero_or_null(each) for each in gone]), over)
    error = one.spread * other.greatest + other.spread * (one.greatest + one.spread)
    places = None
    if isinstance(other.over, Constant):
        places = _places_times(one, other)
    elif isinstance(one.over, Constant):
        places = _places_times(other, one)
    return _with_error(Ratio(over, under, places=places), error)


def divided_by(one: Ratio, other: Column) -> Ratio:
    """Divide a quotient by a number; where the result is a decimal, the quotient is one too."""
    exact = as_ratio(other)
    found = times(one, Ratio(exact.under, exact.over, exact.error))
    # The quotient is the result times the number: as many digits more.
    more = other.type.scale + other.type.digits
    return replace(found, places=None if one.places is None else one.places + more)


def _places_times(value: Ratio, factor: Ratio) -> int | None:
    """Return the places within a product with a known number, whose inverse must have an end."""
    more = _decimal_places(factor)
    if value.places is None or more is None or not isinstance(factor.over, Constant):
        return None
    rest, ends = abs(factor.over.value or 0), 0
    for prime in (2, 5):
        while rest and rest % prime == 0:
            rest, ends = rest // prime, ends + 1
    return value.places + more + ends if rest <= 1 else None


def _with_error(found: Ratio, error: Fraction) -> Ratio:
    return replace(found, error=error + (found.greatest + error) * _LAST_DIGIT)


def _factors(column: Column) -> list[Column]:
    if isinstance(column, Operation) and column.name == "*" and not column.type.scale:
        return [factor for each in column.operands for factor in _factors(each)]
    return [column]


def _reduced(above: list[Column], below: list[Column]) -> tuple[Column, Column]:
    """Return products of what stands above and below, without what their constants share."""
    (a, over), (b, under) = _parted(above), _parted(below)
    shared = gcd(a, b) or 1
    return _product(over, a // shared), _product(under, b // shared)


def _parted(factors: list[Column]) -> tuple[int, list[Column]]:
    constant = 1
    others: list[Column] = []
    for each in factors:
        if isinstance(each, Constant) and each.value is not None:
            constant *= each.value
        else:
            others.append(each)
    return constant, others


def _product(factors: list[Column], constant: int) -> Column:
    if not factors:
        return whole(constant)
    found = factors[0]
    for each in factors[1:]:
        found = multiplied(found, each)
    return multiplied(found, whole(constant))


def _is_zero_or_null(column: Column) -> Column:
    spans_zero = column.type.low <= 0 <= column.type.high
    zero = [compared("=", column, whole(0))] if spans_zero else []
    return any_of([is_null(column), *zero])


def picked(operator: str, one: "Column | Ratio", other: "Column | Ratio") -> Ratio:
    """Return the one of two numbers that is ``<`` or ``>`` the other; null where one is null.

    Which one FEEL takes for the smaller may hang on its rounding; how small it is does not.
    """
    ratios = as_ratio(one), as_ratio(other)
    first = compared(operator, *_crossed(*ratios))
    # One divisor for both, though one value has no need of it: null is null for both.
    (a, under), (b, _) = with_one_divisor(*ratios)
    missing = any_of([each.is_null for each in ratios])
    over = unless(missing, case([(first, a)], b))
    return Ratio(over, under, *_either(*ratios))


def _either(one: Ratio, other: Ratio) -> tuple[Fraction | None, int | None]:
    """Return the error and places of one of two."""
    faithful = one.is_faithful and other.is_faithful
    error = None if faithful else max(one.spread, other.spread)
    if one.places is None or other.places is None:
        return error, None
    return error, max(one.places, other.places)


def chosen_ratio(condition: Column, one: Ratio, other: Ratio) -> Ratio:
    """Return one quotient where a condition is true, else the other."""
    error, places = _either(one, other)
    if alike(one.under, other.under) or _are_constants(one.under, other.under):
        (a, under), (b, _) = with_one_divisor(one, other)
        return Ratio(case([(condition, a)], b), under, error, places)
    over = case([(condition, one.over)], other.over)
    return Ratio(over, case([(condition, one.under)], other.under), error, places)


def _are_constants(*columns: Column) -> bool:
    return all(isinstance(each, Constant) and each.value for each in columns)


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
    # A half of the last place has one more.
    if isinstance(value, Ratio) and not value.settles(max(places, 0) + 1):
        return _settled(value, places, mode)
    over, under = as_ratio(value).positive()
    if isinstance(value, Ratio):
        _close(over.type.digits + under.type.digits + max(places, 0) + 1)
    finer = 10 ** max(places, 0)
    if isinstance(under, Constant) and under.value:
        # A divisor that is known loses what it has in common: small numbers are quick.
        shared = gcd(finer, under.value)
        finer, under = finer // shared, whole(under.value // shared)
    over = multiplied(over, whole(finer), Kind.NUMBER)
    under = multiplied(under, whole(10 ** max(-places, 0)), Kind.NUMBER)
    return placed(ROUNDINGS[mode](over, under), places)


_NEAREST = frozenset(("decimal", "round half up", "round half down"))


def _settled(value: Ratio, places: int, mode: str) -> Column:
    """Round what FEEL knows by an error: to the nearest, and where the exact value stands there."""
    over, under = value.positive()
    divisor = under.value if isinstance(under, Constant) else None
    exact = bool(divisor) and places >= 0 and 10**places % divisor == 0
    if mode not in _NEAREST or not exact or value.spread * 10**places * 4 >= 1:
        raise Refused(
            "a quotient that was computed with may lie where rounding changes: round the quotient "
            "itself first, as in decimal(a / b, 2)"
        )
    return placed(multiplied(over, whole(10**places // divisor)), places)


def placed(amount: Column, places: int) -> Column:
    """Return whole units as a number with so many places."""
    if places < 0:
        return multiplied(amount, whole(10**-places), Kind.NUMBER)
    return retyped(amount, Kind.NUMBER, places)
