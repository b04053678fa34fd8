"""Rows that lie on a border of a rule: those that a small mistake would put on the other side."""

from collections.abc import Iterator

from longmai.rules.columns.operations import (
    FALSE,
    added,
    aligned,
    all_of,
    any_of,
    compared,
    is_surely_true,
    subtracted,
    whole,
)
from longmai.rules.columns.plan import Case, Column, Constant, Operation
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.sql import walked
from longmai.rules.columns.types import WHOLE, Kind, Type

_ORDERED = frozenset(("<", "<=", ">", ">="))


def near_a_border(rule: RuleColumns) -> Column:
    """Return what is true where two sides of a comparison of the rule are at most one unit apart.

    A unit is the last place that is stored: a fen, a day, a year of age.
    """
    found: list[Column] = []
    seen: set[tuple[int, object]] = set()
    for each in walked([rule.decided, *_values(rule.amount_fen)]):
        if isinstance(each, Operation) and each.name in _ORDERED:
            one, other = each.operands
            border = other.value if isinstance(other, Constant) else id(other)
            if (id(one), border) not in seen:
                seen.add((id(one), border))
                found += _near(one, other)
    return any_of(found) if found else FALSE


def _values(amount: Column) -> tuple[Column, ...]:
    """Return an amount without the condition that it is due: that border is the rule's own."""
    if not isinstance(amount, Case):
        return (amount,)
    return (*(value for _, value in amount.branches), amount.otherwise)


def _near(one: Column, other: Column) -> Iterator[Column]:
    if isinstance(one, Constant):
        one, other = other, one
    if isinstance(other, Constant) and other.value is None:
        return
    try:
        low, high = _around(other)
        pairs = (aligned(one, low), aligned(one, high))
    except Refused:
        return  # More digits than there are: no border that anybody is on.
    (a, low), (b, high) = pairs
    yield is_surely_true(all_of([compared(">=", a, low), compared("<=", b, high)]))


def _around(border: Column) -> tuple[Column, Column]:
    kind, scale = border.type.kind, border.type.scale
    if kind is Kind.DATE and isinstance(border, Constant):
        return tuple(_day(border.value + step) for step in (-1, 1))  # type: ignore[return-value] # two steps
    if kind not in WHOLE:
        raise Refused(f"the border of a {kind}")
    unit = whole(1, kind, scale)
    return subtracted(border, unit), added(border, unit)


def _day(ordinal: int) -> Constant:
    return Constant(ordinal, Type(Kind.DATE, nullable=False, low=ordinal, high=ordinal))
