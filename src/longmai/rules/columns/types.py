"""Types of columns, with bounds, and how values of FEEL are stored in them.

A number is stored as a whole number of units of ``10 ** -scale``, so that every operation on it is
one of whole numbers: exact, and the same in every program. Bounds say how many digits a result may
have; what could need more than FEEL's 34 is refused, so FEEL's rounding never comes into play.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from longmai.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from longmai.rules.feel.values import ARITHMETIC, Value

DIGITS = 34
"""What FEEL's numbers have."""
INT64 = 2**63 - 1
MICROSECONDS = 1_000_000
_DAY_S = 86_400
_LIMIT = 10**DIGITS - 1
_MICRO = 6


class Kind(StrEnum):
    """A kind of value, as FEEL names it, and how it is stored."""

    NUMBER = "number"  # whole number of units
    BOOLEAN = "boolean"  # boolean
    STRING = "string"  # text
    DATE = "date"  # date
    DATE_TIME = "date and time"  # microseconds since 1970-01-01, local
    DAYS = "days and time duration"  # units of seconds
    MONTHS = "years and months duration"  # months
    NOTHING = "null"  # always null


SCALED = frozenset((Kind.NUMBER, Kind.DAYS))
WHOLE = SCALED | {Kind.DATE_TIME, Kind.MONTHS}
"""Kinds that are stored as whole numbers."""
ORDERED = WHOLE | {Kind.DATE, Kind.STRING}


@dataclass(frozen=True, slots=True)
class Type:
    """What a column holds.

    Attributes:
        kind: of value.
        nullable: whether it may be null.
        low: least stored value; of dates the least day since 1970-01-01.
        high: greatest stored value.
        scale: places after the point.
    """

    kind: Kind
    nullable: bool = True
    low: int = 0
    high: int = 0
    scale: int = 0

    @property
    def greatest(self) -> int:
        """Return the greatest stored value without its sign."""
        return max(abs(self.low), abs(self.high))

    @property
    def digits(self) -> int:
        """Return how many digits a stored value may have."""
        return len(str(self.greatest))

    @property
    def is_wide(self) -> bool:
        """Tell whether 64 bits are too few."""
        return self.kind in WHOLE and self.greatest > INT64

    def or_null(self, nullable: bool = True) -> "Type":
        """Return the type that is also null where that is asked."""
        return self if self.nullable or not nullable else replace(self, nullable=True)

    def joined(self, other: "Type") -> "Type":
        """Return the type of values of either; both are of one kind and scale."""
        return replace(
            self,
            nullable=self.nullable or other.nullable,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
        )


def number(
    low: Decimal | float = Decimal(0),
    high: Decimal | float = Decimal(999_999_999_999),
    scale: int = 0,
    *,
    nullable: bool = True,
) -> Type:
    """Return the type of numbers between two bounds, with places after the point.

    >>> number(0, 150)
    Type(kind=<Kind.NUMBER: 'number'>, nullable=True, low=0, high=150, scale=0)
    """
    unit = Decimal(10) ** scale
    return Type(Kind.NUMBER, nullable, int(Decimal(low) * unit), int(Decimal(high) * unit), scale)


def boolean(*, nullable: bool = True) -> Type:
    """Return the type of truths."""
    return Type(Kind.BOOLEAN, nullable)


def string(*, nullable: bool = True) -> Type:
    """Return the type of texts."""
    return Type(Kind.STRING, nullable)


_FIRST_DAY, _LAST_DAY = Date(1, 1, 1), Date(9999, 12, 31)


def date(low: Date = _FIRST_DAY, high: Date = _LAST_DAY, *, nullable: bool = True) -> Type:
    """Return the type of days between two bounds."""
    return Type(Kind.DATE, nullable, low.ordinal, high.ordinal)


def date_time(*, nullable: bool = True) -> Type:
    """Return the type of local dates and times of the years 1 to 9999."""
    day = _DAY_S * MICROSECONDS
    low, high = _FIRST_DAY.ordinal * day, _LAST_DAY.ordinal * day + day - 1
    return Type(Kind.DATE_TIME, nullable, low, high, 6)


def days_duration(
    low_s: int = -(10**11), high_s: int = 10**11, scale: int = 0, *, nullable: bool = True
) -> Type:
    """Return the type of days and time durations, stored as units of seconds."""
    return Type(Kind.DAYS, nullable, low_s * 10**scale, high_s * 10**scale, scale)


def months_duration(low: int = -12_000, high: int = 12_000, *, nullable: bool = True) -> Type:
    """Return the type of years and months durations, stored as months."""
    return Type(Kind.MONTHS, nullable, low, high)


NOTHING = Type(Kind.NOTHING)
TRUTH = Type(Kind.BOOLEAN, nullable=False)
TRUTH_OR_NULL = Type(Kind.BOOLEAN)


class NotStored(ValueError):
    """A value of FEEL has no place in a column; says why."""


def stored(value: Value) -> tuple[Any, Type]:
    """Return a value as a column stores it, and the narrowest type that holds it.

    >>> stored(Decimal("12.50"))[0], stored(Date(1970, 1, 2))[0]
    (125, 1)

    Raises:
        NotStored: no column holds such a value.
    """
    match value:
        case None:
            return None, NOTHING
        case bool():
            return value, TRUTH
        case str():
            return value, Type(Kind.STRING, nullable=False)
        case Decimal():
            return _units(value, Kind.NUMBER)
        case DaysDuration():
            return _units(value.seconds, Kind.DAYS)
    return _stored_calendar(value)


def _stored_calendar(value: Value) -> tuple[int, Type]:
    match value:
        case MonthsDuration():
            return value.months, _exactly(Kind.MONTHS, value.months)
        case Date():
            return value.ordinal, _exactly(Kind.DATE, value.ordinal)
        case DateTime():
            return _microseconds(value)
    raise NotStored("a time, list, range, context or function is no value of a column")


def _exactly(kind: Kind, units: int, scale: int = 0) -> Type:
    return Type(kind, nullable=False, low=units, high=units, scale=scale)


def _units(amount: Decimal, kind: Kind) -> tuple[int, Type]:
    exponent = ARITHMETIC.normalize(amount).as_tuple().exponent if amount else 0
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    units = int(amount.scaleb(scale, ARITHMETIC))
    if abs(units) > _LIMIT or scale > DIGITS:
        raise NotStored("a number has too many digits")
    return units, _exactly(kind, units, scale)


def _microseconds(value: DateTime) -> tuple[int, Type]:
    if not value.time.is_local:
        raise NotStored("a date and time with a zone")
    exact = value.instant_s * MICROSECONDS
    units = int(exact)
    if exact != units:
        raise NotStored("a time is finer than microseconds")
    return units, _exactly(Kind.DATE_TIME, units, _MICRO)


def _scaled(raw: Any, scale: int) -> Decimal:
    return Decimal(int(raw)).scaleb(-scale, ARITHMETIC)


def value_of(raw: Any, type_: Type) -> Value:
    """Return a stored value as a value of FEEL.

    >>> value_of(125, number(0, 100, scale=1))
    Decimal('12.5')
    """
    read = _READERS.get(type_.kind)
    return raw if raw is None or read is None else read(raw, type_)


def _instant(raw: Any) -> DateTime:
    midnight = DateTime(Date(1970, 1, 1), Time(0, 0, Decimal(0)))
    return midnight.plus_seconds(_scaled(raw, _MICRO))


_READERS: Mapping[Kind, Callable[[Any, Type], Value]] = {
    Kind.NUMBER: lambda raw, type_: _scaled(raw, type_.scale),
    Kind.DAYS: lambda raw, type_: DaysDuration(_scaled(raw, type_.scale)),
    Kind.MONTHS: lambda raw, _type: MonthsDuration(int(raw)),
    Kind.DATE: lambda raw, _type: Date.of_ordinal(int(raw)),
    Kind.DATE_TIME: lambda raw, _type: _instant(raw),
}
