"""What stands after a dot of a date, an instant or a duration. Source: DMN 1.5, tables 58 to 60."""

from collections.abc import Callable, Mapping

from longmai.rules.columns.comparing import Scalar, kind_of
from longmai.rules.columns.days import clock_of, day_of, part_of_clock, part_of_day
from longmai.rules.columns.operations import NULL, divided, remainder, retyped, whole
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import Ratio, units
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.types import MICROSECONDS, Kind

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_ALWAYS_NULL = {"time offset", "timezone"}


def _day(name: str) -> Callable[[Column], Column]:
    return lambda value: part_of_day(name, day_of(value))


def _clock(unit_s: int, below: int) -> Callable[[Column], Column]:
    return lambda value: part_of_clock(unit_s * MICROSECONDS, below, value)


def _second(value: Column) -> Column:
    minute = whole(_MINUTE_S * MICROSECONDS)
    return retyped(remainder(clock_of(value), minute), Kind.NUMBER, 6)


def _units(unit_s: int, below: int | None) -> Callable[[Column], Column]:
    # A negative duration has negative parts, so cutting off is right on both sides.
    def part(value: Column) -> Column:
        found = divided(units(value), whole(unit_s * 10**value.type.scale))
        return found if below is None else remainder(found, whole(below))

    return part


def _seconds(value: Column) -> Column:
    scale = value.type.scale
    rest = remainder(units(value), whole(_MINUTE_S * 10**scale))
    return retyped(rest, Kind.NUMBER, scale)


_DATE: Mapping[str, Callable[[Column], Column]] = {
    name: _day(name) for name in ("year", "month", "day", "weekday")
}
_PROPERTIES: Mapping[Kind, Mapping[str, Callable[[Column], Column]]] = {
    Kind.DATE: _DATE,
    Kind.DATE_TIME: {
        **_DATE,
        "hour": _clock(_HOUR_S, 24),
        "minute": _clock(_MINUTE_S, 60),
        "second": _second,
    },
    Kind.DAYS: {
        "days": _units(_DAY_S, None),
        "hours": _units(_HOUR_S, 24),
        "minutes": _units(_MINUTE_S, 60),
        "seconds": _seconds,
    },
    Kind.MONTHS: {
        "years": lambda value: divided(units(value), whole(12)),
        "months": lambda value: remainder(units(value), whole(12)),
    },
}


def property_of(value: Scalar, name: str) -> Column:
    """Return a property.

    Raises:
        Refused: values of this kind have none of this name.
    """
    kind = kind_of(value)
    if kind is Kind.NOTHING or (kind is Kind.DATE_TIME and name in _ALWAYS_NULL):
        return NULL
    run = _PROPERTIES.get(kind, {}).get(name)
    if run is None or isinstance(value, Ratio):
        raise Refused(f"{kind} has no property '{name}'")
    return run(value)
