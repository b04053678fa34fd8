"""Truth and numbers that are Python's while they are constant, and the solver's once they are not.

Most of a rule is constant for one day and region. Folding it here keeps the formulas small, which
is what makes two hundred policies take seconds.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import z3

Truth = Any
"""A Python bool, or a Boolean of the solver."""
Quantity = Any
"""A Fraction, or a real or integer of the solver."""


@lru_cache(maxsize=4096)
def _literal(value: Fraction) -> Any:
    return z3.Q(value.numerator, value.denominator)


def forget() -> None:
    """Forget the literals made so far: a solver that begins anew does not know them."""
    _literal.cache_clear()


def real(value: Quantity) -> Any:
    """Return a quantity as the solver's real."""
    if isinstance(value, Fraction | int):
        return _literal(Fraction(value))
    return z3.ToReal(value) if z3.is_int(value) else value


def is_constant(value: Any) -> bool:
    """Tell whether something is Python's own."""
    return isinstance(value, bool | int | Fraction)


def all_of(*parts: Truth) -> Truth:
    """Return the conjunction.

    >>> all_of(True, True), all_of(True, False)
    (True, False)
    """
    if any(part is False for part in parts):
        return False
    left = [part for part in parts if part is not True]
    return (left[0] if len(left) == 1 else z3.And(left)) if left else True


def any_of(*parts: Truth) -> Truth:
    """Return the disjunction.

    >>> any_of(False, False), any_of(False, True)
    (False, True)
    """
    if any(part is True for part in parts):
        return True
    left = [part for part in parts if part is not False]
    return (left[0] if len(left) == 1 else z3.Or(left)) if left else False


def negated(part: Truth) -> Truth:
    """Return the opposite."""
    return not part if isinstance(part, bool) else z3.Not(part)


def chosen(condition: Truth, then: Any, otherwise: Any) -> Any:
    """Return one quantity, integer or truth, or the other."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if then is otherwise or (is_constant(then) and is_constant(otherwise) and then == otherwise):
        return then
    if isinstance(then, bool) or z3.is_bool(then):
        return z3.If(condition, _truth(then), _truth(otherwise))
    whole = _as_whole(then, otherwise)
    if whole is not None:
        return z3.If(condition, _whole(whole[0]), _whole(whole[1]))
    return z3.If(condition, real(then), real(otherwise))


def _truth(value: Truth) -> Any:
    return z3.BoolVal(value) if isinstance(value, bool) else value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or z3.is_int(value)


def _whole(value: Any) -> Any:
    return z3.IntVal(value) if isinstance(value, int) else value


_TESTS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def _as_whole(one: Any, other: Any) -> tuple[Any, Any] | None:
    """Return both as integers of Python or the solver; None where one of them is no integer."""
    found = [
        int(each) if isinstance(each, Fraction) and each.denominator == 1 else each
        for each in (one, other)
    ]
    return (found[0], found[1]) if all(map(_is_whole, found)) else None


def compared(operator: str, one: Quantity, other: Quantity) -> Truth:
    """Compare two quantities, or two integers of the solver.

    >>> compared("<", Fraction(1), Fraction(2))
    True
    """
    if is_constant(one) and is_constant(other):
        return bool(_TESTS[operator](one, other))
    whole = _as_whole(one, other)
    if whole is not None:
        return _TESTS[operator](*whole)
    return _TESTS[operator](real(one), real(other))


def same(one: Truth, other: Truth) -> Truth:
    """Tell whether two truths are the same."""
    if isinstance(one, bool):
        return other if one else negated(other)
    if isinstance(other, bool):
        return one if other else negated(one)
    return one == other


def plus(one: Quantity, other: Quantity) -> Quantity:
    """Add."""
    if is_constant(one) and is_constant(other):
        return one + other
    if is_constant(one) and one == 0:
        return other
    if is_constant(other) and other == 0:
        return one
    whole = _as_whole(one, other)
    if whole is not None:
        return whole[0] + whole[1]
    return real(one) + real(other)


def times(one: Quantity, other: Quantity) -> Quantity:
    """Multiply."""
    if is_constant(one) and is_constant(other):
        return one * other
    whole = _as_whole(one, other)
    if whole is not None:
        return whole[0] * whole[1]
    return real(one) * real(other)


def minus(one: Quantity, other: Quantity) -> Quantity:
    """Subtract."""
    return plus(one, times(-1, other) if not is_constant(other) else -other)


def floored(value: Quantity) -> Quantity:
    """Return the integer at or below."""
    if is_constant(value):
        return Fraction(value.__floor__())
    return value if z3.is_int(value) else z3.ToInt(value)


def whole_quotient(one: Any, divisor: int) -> Any:
    """Divide integers, rounding down."""
    return one // divisor if isinstance(one, int) else one / z3.IntVal(divisor)
