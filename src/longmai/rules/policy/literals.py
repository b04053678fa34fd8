"""Literal values of a policy file or a case: text to a value of a type."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from longmai.rules.feel.temporal import Date, NotTemporal, parse_date
from longmai.rules.feel.values import Value, kind_of
from longmai.rules.policy.yaml_file import Quoted

_TRUTHS = {"true": True, "false": False, "是": True, "否": False}
_LOOSE_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)")


class NotOfType(ValueError):
    """A value is not of the type that is asked for."""


def read_date(text: str) -> date | None:
    """Return the day that a text names in the form 2026-01-01; None if it names none so.

    >>> read_date("2026-01-01"), read_date("2026/1/1")
    (datetime.date(2026, 1, 1), None)
    """
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def wanted_date(text: str) -> str:
    """Return how a date should have been written, as far as one can tell.

    >>> wanted_date("2026年1月5日"), wanted_date("soon")
    ('2026-01-05', '2026-01-01')
    """
    found = _LOOSE_DATE.fullmatch(text.strip())
    guess = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else ""
    return guess if read_date(guess) else "2026-01-01"


def of_type(value: Any, type_: str) -> Value:
    """Return a value of a type from plain Python: text, number, truth, date, list or None.

    >>> of_type("82", "number"), of_type("是", "boolean"), of_type(None, "date")
    (Decimal('82'), True, None)

    Raises:
        NotOfType: it is none.
    """
    if value is None:
        return None
    if type_.startswith("list<"):
        listed = value if isinstance(value, list | tuple) else [value]
        return [of_type(each, type_[5:-1]) for each in listed]
    return _READERS[type_](value)


def _string(value: Any) -> Value:
    if not isinstance(value, str):
        raise NotOfType(str(value))
    return str(value)


def _boolean(value: Any) -> Value:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value not in _TRUTHS:
        raise NotOfType(str(value))
    return _TRUTHS[value]


def _date(value: Any) -> Value:
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, Date):
        return value
    try:
        return parse_date(str(value))
    except NotTemporal:
        raise NotOfType(str(value)) from None


def _number(value: Any) -> Value:
    if isinstance(value, bool | Quoted):
        raise NotOfType(str(value))
    if isinstance(value, int | Decimal):
        return Decimal(value)
    # A float of JSON is what its shortest text says.
    text = repr(value) if isinstance(value, float) else str(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotOfType(text) from None
    if not number.is_finite():
        raise NotOfType(text)
    return number


_READERS = {"string": _string, "boolean": _boolean, "date": _date, "number": _number}


def guessed(value: Any) -> Value:
    """Return a value whose type nobody declared: by how it is written.

    >>> guessed("12"), guessed("true"), guessed("甲"), guessed("2026-01-01").year
    (Decimal('12'), True, '甲', 2026)
    """
    if isinstance(value, Mapping):
        return {str(name): guessed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [guessed(each) for each in value]
    if value is None or isinstance(value, bool | Decimal | Date):
        return value
    return _number(value) if isinstance(value, int | float) else _guessed_text(value)


def _guessed_text(text: str) -> Value:
    if isinstance(text, Quoted):
        return str(text)
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return _date(text) if read_date(text) else text


def as_plain(value: Value) -> Any:
    """Return a value as JSON has it: numbers and dates as texts, exactly.

    >>> as_plain([Decimal("1.50"), None, True])
    ['1.50', None, True]
    """
    if isinstance(value, Mapping):
        return {name: as_plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_plain(each) for each in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def same(one: Value, other: Value) -> bool:
    """Tell whether a result is what was expected."""
    if kind_of(one) != kind_of(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    return bool(one == other)
