"""Functions on numbers. Source: DMN 1.5, 10.3.4.5."""

from collections.abc import Sequence
from dataclasses import replace

from longmai.rules.columns.calls import Function, a_column, fixed, function, of_kinds, one_value
from longmai.rules.columns.comparing import kind_of
from longmai.rules.columns.operations import (
    NULL,
    added,
    all_of,
    any_of,
    case,
    compared,
    is_constant_null,
    remainder,
    rescaled,
    retyped,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import ROUNDINGS, Ratio, absolute, ratio_of, rounded, units
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Part
from longmai.rules.columns.types import DIGITS, Kind

# The interpreter takes absolute values and tells odd numbers with Python's own precision.
_PYTHON_DIGITS = 28
_AMOUNTS = frozenset((Kind.NUMBER, Kind.DAYS, Kind.MONTHS))


def _rounding(mode: str) -> Function:
    def compile_(parts: Sequence[Part]) -> Part:
        value, scale = one_value(parts[0]), [a_column(each) for each in parts[1:]]
        kinds = {kind_of(value), *(each.type.kind for each in scale)}
        if kinds != {Kind.NUMBER} or any(map(is_constant_null, scale)):
            return NULL
        places = fixed(scale[0]) if scale else 0
        if places > 0 and not isinstance(value, Ratio) and not value.type.scale:
            return rescaled(value, places)  # FEEL writes its text with these places, too.
        return rounded(value, places, mode)

    return compile_


for _mode in ROUNDINGS:
    function(_mode)(_rounding(_mode))


@function("abs")
def _abs(parts: Sequence[Part]) -> Part:
    value = one_value(parts[0])
    if isinstance(value, Ratio):
        over, under = value.positive()
        return replace(value, over=absolute(over), under=under)
    if value.type.kind not in _AMOUNTS:
        return NULL
    if value.type.digits > _PYTHON_DIGITS:
        raise Refused("an absolute value of this many digits")
    return absolute(value)


@function("modulo")
@of_kinds(Kind.NUMBER, Kind.NUMBER)
def _modulo(dividend: Column, divisor: Column) -> Column:
    quotient = ratio_of(dividend, divisor)
    over, under = quotient.over, quotient.under
    if over.type.digits + under.type.digits >= DIGITS:
        raise Refused("a quotient this fine may be rounded by FEEL; give narrower bounds")
    rest = remainder(over, under)
    # SQL's remainder has the dividend's sign, FEEL's the divisor's.
    zero = whole(0)
    other_sign = any_of(
        [
            all_of([compared("<", rest, zero), compared(">", under, zero)]),
            all_of([compared(">", rest, zero), compared("<", under, zero)]),
        ]
    )
    found = case([(other_sign, added(rest, under))], rest)
    return retyped(found, Kind.NUMBER, max(dividend.type.scale, divisor.type.scale))


@function("odd")
@of_kinds(Kind.NUMBER)
def _odd(number: Column) -> Column:
    return _parity(number, "!=")


@function("even")
@of_kinds(Kind.NUMBER)
def _even(number: Column) -> Column:
    return _parity(number, "=")


def _parity(number: Column, operator: str) -> Column:
    if number.type.digits > _PYTHON_DIGITS:
        raise Refused("a number of this many digits")
    unit = 10**number.type.scale
    two = remainder(units(number), whole(2 * unit))
    found = compared(operator, two, whole(0))
    if unit == 1:
        return found
    return unless(compared("!=", remainder(units(number), whole(unit)), whole(0)), found)


@function("number")
def _number(parts: Sequence[Part]) -> Part:
    value = one_value(parts[0])
    if len(parts) > 1 or kind_of(value) is Kind.STRING:
        raise Refused("texts are not read as numbers in columns")
    return value if kind_of(value) is Kind.NUMBER else NULL
