"""What stands after a dot: entries of contexts, and properties of dates, durations and ranges.

Source: DMN 1.5, 10.3.2.5 and tables 58 to 60.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from longmai.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from longmai.rules.feel.values import UNBOUNDED, Nothing, RangeValue, Value, kind_of
from longmai.rules.feel.words import bare


def property_of(value: Value, name: str) -> Value:
    """Return an entry or property; of a list, that of each item.

    Raises:
        Nothing: there is none.
    """
    if isinstance(value, dict):
        if name in value:
            return value[name]
        # Written with other blanks: names are compared without.
        for key, each in value.items():
            if bare(key) == name:
                return each
        raise Nothing(f"the context has no entry '{name}'", value)
    if isinstance(value, list):
        return [_of_item(each, name) for each in value]
    if value is None:
        return None
    properties = _PROPERTIES.get(type(value), {})
    if name not in properties:
        raise Nothing(f"{kind_of(value)} has no property '{name}'", value)
    return properties[name](value)


def _of_item(value: Value, name: str) -> Value:
    try:
        return property_of(value, name)
    except Nothing:
        return None


def _offset(time: Time, date: Date) -> Value:
    offset = time.offset_on(date)
    return None if offset is None else DaysDuration(Decimal(offset))


def _units(seconds: int, below: int | None = None) -> Callable[[DaysDuration], Value]:
    def part(value: DaysDuration) -> Value:
        whole = int(abs(value.seconds)) // seconds
        found = whole if below is None else whole % below
        return Decimal(-found if value.seconds < 0 else found)

    return part


def _months(part: Callable[[int], int]) -> Callable[[MonthsDuration], Value]:
    return lambda value: Decimal(part(abs(value.months)) * (-1 if value.months < 0 else 1))


def _through(part: Callable[[Any], Value], name: str) -> Callable[[Any], Value]:
    return lambda value: part(getattr(value, name))


_DATE: Mapping[str, Callable[[Any], Value]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: Mapping[str, Callable[[Any], Value]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: time.second,
    "timezone": lambda time: time.zone or None,
}
_PROPERTIES: Mapping[type, Mapping[str, Callable[[Any], Value]]] = {
    Date: _DATE,
    Time: {**_TIME, "time offset": lambda time: _offset(time, Date(1970, 1, 1))},
    DateTime: {
        **{name: _through(part, "date") for name, part in _DATE.items()},
        **{name: _through(part, "time") for name, part in _TIME.items()},
        "time offset": lambda value: _offset(value.time, value.date),
    },
    DaysDuration: {
        "days": _units(86_400),
        "hours": _units(3600, 24),
        "minutes": _units(60, 60),
        "seconds": lambda value: abs(value.seconds) % 60 * (-1 if value.seconds < 0 else 1),
    },
    MonthsDuration: {
        "years": _months(lambda months: months // 12),
        "months": _months(lambda months: months % 12),
    },
    RangeValue: {
        "start": lambda value: None if value.low is UNBOUNDED else value.low,
        "end": lambda value: None if value.high is UNBOUNDED else value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
