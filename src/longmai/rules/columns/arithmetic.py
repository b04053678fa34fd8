"""Arithmetic on numbers, texts, days and durations. Source: DMN 1.5, tables 46 to 49."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from longmai.rules.columns.comparing import Scalar, kind_of
from longmai.rules.columns.days import (
    days_between,
    elapsed,
    months_later,
    moved_days,
    moved_instant,
)
from longmai.rules.columns.lowering import lower_scalar, lowers
from longmai.rules.columns.operations import (
    NULL,
    added,
    aligned,
    case,
    is_constant_null,
    multiplied,
    negative,
    null_like,
    operation,
    retyped,
    subtracted,
    whole,
)
from longmai.rules.columns.plan import Column, Constant
from longmai.rules.columns.ratios import (
    Ratio,
    as_ratio,
    chosen_ratio,
    divided_by,
    ratio_of,
    rounded,
    summed,
    times,
)
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.types import Kind
from longmai.rules.feel.tree import Binary, Negation

_N, _S, _D, _T = Kind.NUMBER, Kind.STRING, Kind.DATE, Kind.DATE_TIME
_DAYS, _MONTHS = Kind.DAYS, Kind.MONTHS
_MOST_POWER = 6

Operator = Callable[[Column, Column], Scalar]


def _turned(run: Operator) -> Operator:
    return lambda one, other: run(other, one)


def _sum(one: Column, other: Column) -> Column:
    one, other = aligned(one, other)
    return added(one, other)


def _difference(one: Column, other: Column) -> Column:
    one, other = aligned(one, other)
    return subtracted(one, other)


def _text(one: Column, other: Column) -> Column:
    return operation("concat", (one, other), Kind.STRING, (0, 0))


def _away(run: Operator) -> Operator:
    return lambda one, other: run(one, negative(other))


def _whole_months(value: Scalar) -> Column:
    """Return months without their fraction, as durations have none."""
    found = rounded(value, 0, "round down")
    return retyped(found, _MONTHS)


def _days_of(value: Scalar) -> Column:
    if isinstance(value, Ratio):
        raise Refused("a duration divided with a remainder")
    return retyped(value, _DAYS, value.type.scale)


def quotient(one: Column, other: Column) -> Scalar:
    """Divide; by a number whose inverse has an end it stays a number, else it is a quotient."""
    if not isinstance(other, Constant):
        return ratio_of(one, other)
    if not other.value:
        return null_like(one.type)
    size, sign = abs(other.value), -1 if other.value < 0 else 1
    for places in range(_MOST_PLACES):
        units = 10 ** (places + other.type.scale)
        if units % size == 0:
            return _trimmed(one, sign * units // size, places)
    return ratio_of(one, other)


_MOST_PLACES = 12


def _trimmed(one: Column, factor: int, places: int) -> Column:
    while places and factor % 10 == 0:
        factor, places = factor // 10, places - 1
    return multiplied(one, whole(factor, scale=places), _N)


def _power(one: Column, other: Column) -> Column:
    if not isinstance(other, Constant) or other.type.scale or other.value not in _POWERS:
        raise Refused(f"only whole powers from 1 to {_MOST_POWER} are compiled")
    found = one
    for _ in range(other.value - 1):
        found = multiplied(found, one)
    return found


_POWERS = range(1, _MOST_POWER + 1)

_ADD: dict[tuple[Kind, Kind], Operator] = {
    (_N, _N): _sum,
    (_S, _S): _text,
    (_DAYS, _DAYS): _sum,
    (_MONTHS, _MONTHS): _sum,
    (_D, _MONTHS): months_later,
    (_T, _MONTHS): months_later,
    (_D, _DAYS): moved_days,
    (_T, _DAYS): moved_instant,
}
_MULTIPLY: dict[tuple[Kind, Kind], Operator] = {
    (_N, _N): multiplied,
    (_DAYS, _N): multiplied,
    (_MONTHS, _N): lambda one, other: _whole_months(multiplied(one, other, _N)),
}
_SAME_KIND = {(_N, _N), (_S, _S), (_DAYS, _DAYS), (_MONTHS, _MONTHS)}
_TABLES: Mapping[str, Mapping[tuple[Kind, Kind], Operator]] = {
    "+": {(b, a): _turned(run) for (a, b), run in _ADD.items() if a != b} | _ADD,
    "-": {
        (_N, _N): _difference,
        (_DAYS, _DAYS): _difference,
        (_MONTHS, _MONTHS): _difference,
        (_D, _D): days_between,
        # A date is its midnight in UTC: it has no distance from a local date and time.
        (_T, _T): elapsed,
        **{pair: _away(run) for pair, run in _ADD.items() if pair not in _SAME_KIND},
    },
    "*": {(b, a): _turned(run) for (a, b), run in _MULTIPLY.items() if a != b} | _MULTIPLY,
    "/": {
        (_N, _N): quotient,
        (_DAYS, _N): lambda one, other: _days_of(quotient(one, other)),
        (_MONTHS, _N): lambda one, other: _whole_months(quotient(one, other)),
        (_DAYS, _DAYS): quotient,
        (_MONTHS, _MONTHS): quotient,
    },
    "**": {(_N, _N): _power},
}
OPERATORS = _TABLES.keys()


def computed(operator: str, one: Scalar, other: Scalar) -> Scalar:
    """Return an operation of two values; null where their kinds have none.

    Raises:
        Refused: one is a quotient that is not rounded.
    """
    run = _TABLES[operator].get((kind_of(one), kind_of(other)))
    if run is None:
        return NULL
    if isinstance(one, Ratio) or isinstance(other, Ratio):
        return _of_quotients(operator, one, other)
    if is_constant_null(one) or is_constant_null(other):
        return NULL
    return run(one, other)


def _of_quotients(operator: str, one: Scalar, other: Scalar) -> Scalar:
    """Return an operation of two numbers of which one is a quotient."""
    moved = _moved_point(operator, one, other)
    if moved is not None:
        return moved
    if operator in {"+", "-"}:
        return summed(as_ratio(one), as_ratio(other), 1 if operator == "+" else -1)
    if operator == "*":
        return times(as_ratio(one), as_ratio(other))
    if operator == "/" and not isinstance(other, Ratio):
        if isinstance(other, Constant) and not other.value:
            return null_like(whole(0).type)
        return divided_by(as_ratio(one), other)
    raise Refused(
        "one divides by a quotient, or takes its power: round it first, as in decimal(a / b, 2)"
    )


def _moved_point(operator: str, one: Scalar, other: Scalar) -> Ratio | None:
    """Return a quotient times or by a power of ten: that moves its point, and rounds nothing."""
    if operator == "*" and isinstance(one, Constant):
        one, other = other, one
    places = _power_of_ten(other) if operator in {"*", "/"} else None
    if not isinstance(one, Ratio) or places is None:
        return None
    places = places if operator == "*" else -places
    factor = Fraction(10) ** places
    over = multiplied(one.over, whole(10 ** max(places, 0)))
    under = multiplied(one.under, whole(10 ** max(-places, 0)))
    error = None if one.error is None else one.error * factor
    more = None if one.places is None else one.places + abs(places)
    return Ratio(over, under, error, more)


def _power_of_ten(value: Scalar) -> int | None:
    if not isinstance(value, Constant) or value.type.kind is not _N or not value.value:
        return None
    digits = str(value.value)
    return len(digits) - 1 - value.type.scale if digits == "1" + "0" * (len(digits) - 1) else None


def lower_arithmetic(node: Binary, scope: Scope) -> Scalar:
    """Compile one of ``+ - * / **``."""
    return computed(node.operator, lower_scalar(node.left, scope), lower_scalar(node.right, scope))


@lowers(Negation)
def _negation(node: Negation, scope: Scope) -> Scalar:
    value = lower_scalar(node.operand, scope)
    if isinstance(value, Ratio):
        return replace(value, over=negative(value.over))
    if value.type.kind not in {_N, _DAYS, _MONTHS}:
        return NULL
    return negative(value)


def chosen(condition: Column, then: Scalar, otherwise: Scalar) -> Scalar:
    """Return one value where a condition is true, else the other."""
    if not (isinstance(then, Ratio) or isinstance(otherwise, Ratio)):
        return case([(condition, then)], otherwise)
    if {kind_of(then), kind_of(otherwise)} - {Kind.NOTHING, _N}:
        raise Refused("values of several kinds")
    return chosen_ratio(condition, *(_as_quotient(each) for each in (then, otherwise)))


def _as_quotient(value: Scalar) -> Ratio:
    if isinstance(value, Ratio) or value.type.kind is _N:
        return as_ratio(value)
    return Ratio(null_like(whole(0).type), whole(1), Fraction(0), 0)
