"""Built-in functions on numbers. Source: DMN 1.5, 10.3.4.5 and 10.3.4.1."""

import re
from collections.abc import Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

from longmai.rules.feel.built_in import built_in
from longmai.rules.feel.temporal import DaysDuration, MonthsDuration
from longmai.rules.feel.values import ARITHMETIC, Nothing, Value

_SCALES = range(-6111, 6177)
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPING = {" ", ",", ".", None}
_POINT = {".", ",", None}
# Wide enough for the quotient of any two numbers, so that a remainder is exact.
_EXACT = Context(prec=13_000, Emin=-99_999, Emax=99_999)


def rounded(number: Decimal, scale: Decimal, mode: str) -> Decimal:
    """Round to so many places after the point; less than none rounds before it."""
    places = int(scale)
    if places not in _SCALES:
        raise Nothing("the scale is between -6111 and 6176")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -places:
        return number
    shifted = number.scaleb(places, ARITHMETIC)
    return shifted.to_integral_value(rounding=mode).scaleb(-places, ARITHMETIC)


@built_in("decimal", "n:number", "scale:number")
def decimal(number: Decimal, scale: Decimal) -> Value:
    """Round half to even."""
    return rounded(number, scale, ROUND_HALF_EVEN)


@built_in("floor", "n:number", "scale:number?")
def floor(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
    """Round down."""
    return rounded(number, scale, ROUND_FLOOR)


@built_in("ceiling", "n:number", "scale:number?")
def ceiling(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
    """Round up."""
    return rounded(number, scale, ROUND_CEILING)


@built_in("round up", "n:number", "scale:number")
def round_up(number: Decimal, scale: Decimal) -> Value:
    """Round away from zero."""
    return rounded(number, scale, ROUND_UP)


@built_in("round down", "n:number", "scale:number")
def round_down(number: Decimal, scale: Decimal) -> Value:
    """Round towards zero."""
    return rounded(number, scale, ROUND_DOWN)


@built_in("round half up", "n:number", "scale:number")
def round_half_up(number: Decimal, scale: Decimal) -> Value:
    """Round to the nearest, halves away from zero."""
    return rounded(number, scale, ROUND_HALF_UP)


@built_in("round half down", "n:number", "scale:number")
def round_half_down(number: Decimal, scale: Decimal) -> Value:
    """Round to the nearest, halves towards zero."""
    return rounded(number, scale, ROUND_HALF_DOWN)


@built_in("abs", "n:number|duration")
def absolute(value: Value) -> Value:
    """Return without its sign."""
    if isinstance(value, Decimal):
        return value.copy_abs()
    if isinstance(value, DaysDuration):
        return DaysDuration(value.seconds.copy_abs())
    return MonthsDuration(abs(value.months))


@built_in("modulo", "dividend:number", "divisor:number")
def modulo(dividend: Decimal, divisor: Decimal) -> Value:
    """Return the remainder, of the divisor's sign."""
    if not divisor:
        raise Nothing("division by zero", dividend, divisor)
    rest = _EXACT.remainder(dividend, divisor)
    if rest and rest.is_signed() != divisor.is_signed():
        rest = _EXACT.add(rest, divisor)
    return ARITHMETIC.plus(rest)


@built_in("sqrt", "number:number")
def sqrt(number: Decimal) -> Value:
    """Return the square root."""
    if number < 0:
        raise Nothing("no root of a negative number")
    return ARITHMETIC.sqrt(number)


@built_in("log", "number:number")
def log(number: Decimal) -> Value:
    """Return the natural logarithm."""
    if number <= 0:
        raise Nothing("no logarithm of what is not positive")
    return ARITHMETIC.ln(number)


@built_in("exp", "number:number")
def exp(number: Decimal) -> Value:
    """Return e to the power of a number."""
    return ARITHMETIC.exp(number)


@built_in("odd", "number:number")
def odd(number: Decimal) -> Value:
    """Tell whether a whole number is odd."""
    return _by_two(number, 1)


def _by_two(number: Decimal, rest: int) -> Value:
    if number != number.to_integral_value():
        return None
    return _EXACT.remainder(number.copy_abs(), Decimal(2)) == rest


@built_in("even", "number:number")
def even(number: Decimal) -> Value:
    """Tell whether a whole number is even."""
    return _by_two(number, 0)


@built_in(
    "number", "from:string", "grouping separator:string|null", "decimal separator:string|null"
)
@built_in("number", "from:string|number")
def number_of(text: Value, grouping: str | None = None, point: str | None = None) -> Value:
    """Read a number."""
    if isinstance(text, Decimal):
        return text
    if grouping not in _GROUPING or point not in _POINT or (grouping and grouping == point):
        raise Nothing("the separators are one of blank, comma and point, and differ")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not _NUMBER.fullmatch(plain):
        raise Nothing("this is no number")
    return ARITHMETIC.create_decimal(plain)


def numbers(values: Sequence[Value]) -> list[Decimal]:
    """Return values that must all be numbers.

    Raises:
        Nothing: one is not.
    """
    if not all(isinstance(each, Decimal) for each in values):
        raise Nothing("all must be numbers")
    return list(values)


@built_in("sum", "list:list*")
def sum_of(values: Sequence[Value]) -> Value:
    """Add numbers."""
    if not values:
        return None
    total = Decimal(0)
    for each in numbers(values):
        total = ARITHMETIC.add(total, each)
    return total


@built_in("product", "list:list*")
def product(values: Sequence[Value]) -> Value:
    """Multiply numbers."""
    if not values:
        return None
    total = Decimal(1)
    for each in numbers(values):
        total = ARITHMETIC.multiply(total, each)
    return total


@built_in("mean", "list:list*")
def mean(values: Sequence[Value]) -> Value:
    """Return the arithmetic mean."""
    total = sum_of(values)
    return None if total is None else ARITHMETIC.divide(total, Decimal(len(values)))


@built_in("median", "list:list*")
def median(values: Sequence[Value]) -> Value:
    """Return the middle number."""
    if not values:
        return None
    ordered, middle = sorted(numbers(values)), len(values) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return ARITHMETIC.divide(ARITHMETIC.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@built_in("stddev", "list:list*")
def stddev(values: Sequence[Value]) -> Value:
    """Return the sample standard deviation."""
    if len(values) <= 1:
        raise Nothing("a deviation needs two numbers")
    middle = mean(values)
    squares = [ARITHMETIC.power(ARITHMETIC.subtract(each, middle), 2) for each in numbers(values)]
    return ARITHMETIC.sqrt(ARITHMETIC.divide(sum_of(squares), Decimal(len(values) - 1)))


@built_in("mode", "list:list*")
def mode(values: Sequence[Value]) -> Value:
    """Return the numbers that occur most, in ascending order."""
    found = numbers(values)
    counts: dict[Decimal, int] = {}
    for each in found:
        counts[each] = counts.get(each, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(each for each, count in counts.items() if count == most)
