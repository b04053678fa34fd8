"""Built-in functions on ranges and points: how two of them lie to each other.

Source: DMN 1.5, 10.3.4.8, table 78. A point is a range of one; an end that a range like ``(< 5)``
does not have lies beyond all points.
"""

from collections.abc import Callable
from typing import Any

from longmai.rules.feel.built_in import built_in
from longmai.rules.feel.values import (
    UNBOUNDED,
    Nothing,
    RangeValue,
    Value,
    contains,
    equal,
    kind_of,
    less,
)

Relation = Callable[[Any, Any], Value]
_RANGES = ("range1:range", "range2:range")
_POINT_RANGE = ("point:any", "range:range")
_RANGE_POINT = ("range:range", "point:any")
_POINTS = ("point1:any", "point2:any")


def _relation(name: str, *ways: tuple[str, str]) -> Callable[[Relation], Relation]:
    """Declare a relation, with the parameter names of each way to call it."""

    def declare(run: Relation) -> Relation:
        for way in ways:
            built_in(name, *way)(run)
        return run

    return declare


def _ends(value: Value) -> RangeValue:
    if value is None:
        raise Nothing("a point or range is missing")
    return (
        value
        if isinstance(value, RangeValue)
        else RangeValue(value, value, low_closed=True, high_closed=True)
    )


def _lt(one: Value, other: Value) -> bool:
    found = less(one, other)
    if found is None:
        raise Nothing("these are in no order", one, other)
    return found


def _low_lt(one: Value, other: Value) -> bool:
    """Tell whether a low end lies before another low end."""
    if one is UNBOUNDED or other is UNBOUNDED:
        return one is UNBOUNDED and other is not UNBOUNDED
    return _lt(one, other)


def _high_lt(one: Value, other: Value) -> bool:
    """Tell whether a high end lies before another high end."""
    if one is UNBOUNDED or other is UNBOUNDED:
        return other is UNBOUNDED and one is not UNBOUNDED
    return _lt(one, other)


def _eq(one: Value, other: Value) -> bool:
    return equal(one, other) is True


def _precedes(one: RangeValue, other: RangeValue) -> bool:
    """Tell whether one ends before the other begins."""
    if one.high is UNBOUNDED or other.low is UNBOUNDED:
        return False
    touching = one.high_closed and other.low_closed
    return _lt(one.high, other.low) or (not touching and _eq(one.high, other.low))


def _starts_before(one: RangeValue, other: RangeValue) -> bool:
    return _low_lt(one.low, other.low) or (
        _eq(one.low, other.low) and one.low_closed and not other.low_closed
    )


def _ends_before(one: RangeValue, other: RangeValue) -> bool:
    return _high_lt(one.high, other.high) or (
        _eq(one.high, other.high) and not one.high_closed and other.high_closed
    )


@_relation("before", _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
def before(one: Value, other: Value) -> Value:
    """Tell whether one ends before the other begins."""
    return _precedes(_ends(one), _ends(other))


@_relation("after", _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
def after(one: Value, other: Value) -> Value:
    """Tell whether one begins after the other ends."""
    return _precedes(_ends(other), _ends(one))


@_relation("meets", _RANGES)
def meets(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether one ends where the other begins."""
    return one.high_closed and other.low_closed and _eq(one.high, other.low)


@_relation("met by", _RANGES)
def met_by(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether one begins where the other ends."""
    return meets(other, one)


@_relation("overlaps", _RANGES)
def overlaps(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether two ranges share a point."""
    return not _precedes(one, other) and not _precedes(other, one)


@_relation("overlaps before", _RANGES)
def overlaps_before(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether one begins first, shares a point, and ends no later."""
    return (
        _starts_before(one, other) and bool(overlaps(one, other)) and not _ends_before(other, one)
    )


@_relation("overlaps after", _RANGES)
def overlaps_after(one: RangeValue, other: RangeValue) -> Value:
    """Tell whether the other overlaps before one."""
    return overlaps_before(other, one)


@_relation("includes", _RANGE_POINT, _RANGES)
def includes(one: RangeValue, other: Value) -> Value:
    """Tell whether a range holds a point or another range."""
    inner = _ends(other)
    if inner is not other:
        return contains(one, other)
    return not _starts_before(inner, one) and not _ends_before(one, inner)


@_relation("during", _POINT_RANGE, _RANGES)
def during(one: Value, other: RangeValue) -> Value:
    """Tell whether a point or range lies in a range."""
    return includes(other, one)


@_relation("finishes", _POINT_RANGE, _RANGES)
def finishes(one: Value, other: RangeValue) -> Value:
    """Tell whether one ends with the other and lies in it."""
    inner = _ends(one)
    if inner is not one:
        return other.high_closed and _eq(one, other.high)
    same = inner.high_closed == other.high_closed and _eq(inner.high, other.high)
    return same and not _starts_before(inner, other)


@_relation("finished by", _RANGE_POINT, _RANGES)
def finished_by(one: RangeValue, other: Value) -> Value:
    """Tell whether the other ends with one and lies in it."""
    return finishes(other, one)


@_relation("starts", _POINT_RANGE, _RANGES)
def starts(one: Value, other: RangeValue) -> Value:
    """Tell whether one begins with the other and lies in it."""
    inner = _ends(one)
    if inner is not one:
        return other.low_closed and _eq(one, other.low)
    same = inner.low_closed == other.low_closed and _eq(inner.low, other.low)
    return same and not _ends_before(other, inner)


@_relation("started by", _RANGE_POINT, _RANGES)
def started_by(one: RangeValue, other: Value) -> Value:
    """Tell whether the other begins with one and lies in it."""
    return starts(other, one)


@_relation("coincides", _POINTS, _RANGES)
def coincides(one: Value, other: Value) -> Value:
    """Tell whether two points or ranges are the same."""
    if one is None or other is None:
        raise Nothing("a point or range is missing")
    return equal(one, other)


def open_range(operator: str, end: Value) -> Value:
    """Return the range of a comparison like ``< 5``; of ``= 5`` it is the point.

    Raises:
        Nothing: ``!=`` leaves a gap in the middle.
    """
    if operator == "!=":
        raise Nothing("what differs from a value is no range", end)
    if operator == "=":
        return RangeValue(end, end, low_closed=True, high_closed=True)
    if operator in {"<", "<="}:
        return RangeValue(UNBOUNDED, end, low_closed=False, high_closed=operator == "<=")
    return RangeValue(end, UNBOUNDED, low_closed=operator == ">=", high_closed=False)


def ordered_kind(low: Value, high: Value) -> bool:
    """Tell whether two ends are of one ordered kind, or one of them is missing."""
    return low is None or high is None or kind_of(low) == kind_of(high)
