"""Functions on days, instants and durations. Source: DMN 1.5, 10.3.4.1, 10.3.4.7 and 10.3.4.8."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from longmai.rules.columns.calls import function, of_kinds, one_value
from longmai.rules.columns.comparing import Scalar, comparison, inside, kind_of
from longmai.rules.columns.days import DAY_S, day_of, instant_of, months_between, part_of_day
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    all_of,
    any_of,
    case,
    compared,
    constant_of,
    multiplied,
    negation,
    null_like,
    operation,
    remainder,
    retyped,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column, Constant, Operation
from longmai.rules.columns.ratios import rounded, units
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Interval, Part
from longmai.rules.columns.types import Kind
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.time_functions import _DAYS, _MONTHS

_DAY_LIKE = frozenset((Kind.DATE, Kind.DATE_TIME))
_LAST_YEAR = 9999


@function("date")
def _date(parts: Sequence[Part]) -> Part:
    if len(parts) > 1:
        return _of_parts(parts)
    value = one_value(parts[0])
    if kind_of(value) is Kind.STRING:
        raise Refused("texts are not read as dates in columns")
    return _day_only([value]) if kind_of(value) in _DAY_LIKE else NULL


@of_kinds(_DAY_LIKE)
def _day_only(value: Column) -> Column:
    return day_of(value)


@of_kinds(Kind.NUMBER, Kind.NUMBER, Kind.NUMBER)
def _of_parts(year: Column, month: Column, day: Column) -> Column:
    """Make a day; null where there is none, or where a part is no whole number."""
    fractions = [_has_fraction(each) for each in (year, month, day)]
    y, m, d = (units(rounded(each, 0, "floor")) for each in (year, month, day))
    if y.type.low < 1 or y.type.high > _LAST_YEAR:
        raise Refused("years are from 1 to 9999 here; give narrower bounds")
    inside_year = [compared(">=", m, whole(1)), compared("<=", m, whole(12))]
    inside_month = [compared(">=", d, whole(1)), compared("<=", d, _month_length(y, m))]
    bounds = (Date(y.type.low, 1, 1).ordinal, Date(y.type.high, 12, 31).ordinal)
    made = operation("make day", (y, m, d), Kind.DATE, bounds)
    there = all_of([*inside_year, *inside_month])
    found = case([(there, replace(made, type=made.type.or_null()))], null_like(made.type))
    return unless(any_of(fractions), found)


def _has_fraction(number: Column) -> Column:
    rest = remainder(units(number), whole(10**number.type.scale))
    return compared("!=", rest, whole(0)) if number.type.scale else FALSE


def _month_length(year: Column, month: Column) -> Column:
    def divides(number: int) -> Column:
        return compared("=", remainder(year, whole(number)), whole(0))

    leap = any_of([all_of([divides(4), negation(divides(100))]), divides(400)])
    short = any_of([compared("=", month, whole(each)) for each in (4, 6, 9, 11)])
    february = compared("=", month, whole(2))
    return case(
        [(all_of([february, leap]), whole(29)), (february, whole(28)), (short, whole(30))],
        whole(31),
    )


@function("date and time")
def _date_and_time(parts: Sequence[Part]) -> Part:
    value = one_value(parts[0])
    if len(parts) > 1 or kind_of(value) is Kind.STRING:
        raise Refused("texts and times are not read in columns")
    return _midnight([value]) if kind_of(value) in _DAY_LIKE else NULL


@of_kinds(_DAY_LIKE)
def _midnight(value: Column) -> Column:
    return retyped(instant_of(value), Kind.DATE_TIME, 6)


@function("duration")
def _duration(parts: Sequence[Part]) -> Part:
    value = one_value(parts[0])
    if kind_of(value) is Kind.STRING:
        return _spelled_duration(value)
    return value if kind_of(value) in {Kind.DAYS, Kind.MONTHS} else NULL


_SPELLED: Mapping[tuple[str, str], tuple[Kind, int]] = {
    ("P", "Y"): (Kind.MONTHS, 12),
    ("P", "M"): (Kind.MONTHS, 1),
    ("P", "D"): (Kind.DAYS, DAY_S),
    ("PT", "H"): (Kind.DAYS, 3600),
    ("PT", "M"): (Kind.DAYS, 60),
    ("PT", "S"): (Kind.DAYS, 1),
}


def _spelled_duration(text: Scalar) -> Column:
    """Return a duration that is put together as ``"P" + string(n) + "M"``; null below zero."""
    match text:
        case Operation("concat", (Operation("concat", (Constant(head), middle)), Constant(tail))):
            found = _SPELLED.get((head, tail))
            if found is not None and isinstance(middle, Operation) and middle.name == "text":
                return _so_many(middle.operands[0], *found)
    raise Refused('texts are read as durations only where they are "P" + string(n) + "M" and alike')


def _so_many(number: Column, kind: Kind, units_of: int) -> Column:
    if number.type.kind is not Kind.NUMBER:
        raise Refused("a day is no part of a duration")
    counted = case([(compared("<", number, whole(0)), null_like(number.type))], number)
    low = replace(counted.type, low=max(counted.type.low, 0))
    return multiplied(replace(counted, type=low), whole(units_of), kind)


@function("years and months duration")
@of_kinds(_DAY_LIKE, _DAY_LIKE)
def _months(start: Column, end: Column) -> Column:
    return retyped(months_between(start, end), Kind.MONTHS)


@function("day of year")
@of_kinds(_DAY_LIKE)
def _day_of_year(value: Column) -> Column:
    return part_of_day("day of year", day_of(value))


@function("week of year")
@of_kinds(_DAY_LIKE)
def _week_of_year(value: Column) -> Column:
    return part_of_day("week", day_of(value))


@function("day of week")
@of_kinds(_DAY_LIKE)
def _day_of_week(value: Column) -> Column:
    return _named(part_of_day("weekday", day_of(value)), _DAYS)


@function("month of year")
@of_kinds(_DAY_LIKE)
def _month_of_year(value: Column) -> Column:
    return _named(part_of_day("month", day_of(value)), _MONTHS)


def _named(number: Column, names: Sequence[str]) -> Column:
    branches = [
        (compared("=", number, whole(i)), constant_of(name)) for i, name in enumerate(names, 1)
    ]
    return case(branches, null_like(branches[0][1].type))


@function("before")
def _before(parts: Sequence[Part]) -> Part:
    one, other = map(_point, parts)
    return comparison("<", one, other)


@function("after")
def _after(parts: Sequence[Part]) -> Part:
    one, other = map(_point, parts)
    return comparison(">", one, other)


def _point(part: Part) -> Scalar:
    if isinstance(part, Interval):
        raise Refused("two ranges are compared")
    return one_value(part)


@function("includes")
def _includes(parts: Sequence[Part]) -> Part:
    return _during([parts[1], parts[0]])


@function("during")
def _during(parts: Sequence[Part]) -> Part:
    point, range_ = parts
    if not isinstance(range_, Interval):
        raise Refused("a range is wanted")
    return inside(range_, _point(point))
