"""What an expression comes to for somebody who is not fixed yet: a value, and when it is known."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from longmai.rules.checks import days
from longmai.rules.checks.days import Day
from longmai.rules.checks.logic import (
    Truth,
    all_of,
    any_of,
    chosen,
    compared,
    is_constant,
    minus,
    negated,
    plus,
    real,
    same,
    times,
)
from longmai.rules.feel.temporal import Date, DaysDuration, MonthsDuration
from longmai.rules.feel.values import Value

_DAY_SECONDS = 86_400


class Untranslatable(Exception):
    """An expression is beyond what the checks understand.

    Args:
        what: the expression, as it is written.
    """


@dataclass(frozen=True)
class Term:
    """A value that may hang on variables.

    Attributes:
        kind: ``number``, ``boolean``, ``string``, ``date``, ``days`` or ``months`` (durations),
            ``list``, or ``null``.
        value: of a number a quantity; of a text its code; of a list its items, each with whether
            it is in it, or None where only results of functions are spoken of.
        known: whether it is no null.
        below: of a quotient the divisor, which is kept apart so that comparing it with a constant
            stays linear.
        label: of a list that is not spelled out, what it is made of.
    """

    kind: str
    value: Any = None
    known: Truth = True
    below: Any = None
    label: Any = None

    @property
    def quantity(self) -> Any:
        """The number as one."""
        if self.below is None:
            return self.value
        return real(self.value) / real(self.below)


NULL = Term("null", known=False)
TRUE = Term("boolean", value=True)
FALSE = Term("boolean", value=False)
_NO_TRUTH = Term("boolean", value=False, known=False)


class Symbols:
    """Texts as numbers, the same for all that is asked together."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._texts: list[str] = []

    def code(self, text: str) -> int:
        """Return the number of a text."""
        if text not in self._codes:
            self._codes[text] = len(self._texts)
            self._texts.append(text)
        return self._codes[text]

    def text(self, code: int) -> str:
        """Return the text of a number."""
        return self._texts[code]


def constant(value: Value, symbols: Symbols) -> Term:  # noqa: PLR0911 - one for each kind
    """Return a value of FEEL as a term.

    Raises:
        Untranslatable: values of its kind are not spoken of.
    """
    match value:
        case None:
            return NULL
        case bool():
            return Term("boolean", value)
        case Decimal():
            return Term("number", Fraction(value))
        case str():
            return Term("string", symbols.code(value))
        case Date(year, month, day):
            return Term("date", Day(year, month, day))
        case MonthsDuration(months):
            return Term("months", months)
        case DaysDuration(seconds) if seconds % _DAY_SECONDS == 0:
            return Term("days", int(seconds) // _DAY_SECONDS)
        case list():
            return Term("list", tuple((True, constant(each, symbols)) for each in value))
    raise Untranslatable(str(value))


def python_day(term: Day) -> date:
    """Return a constant day as Python's."""
    return date(term.year, term.month, term.day)


def compare_terms(operator: str, one: Term, other: Term) -> Term:
    """Compare as FEEL does, where an unknown side leaves it unknown.

    Raises:
        Untranslatable: FEEL knows no such comparison, or we do not.
    """
    known = all_of(one.known, other.known)
    if "null" in {one.kind, other.kind}:
        return _NO_TRUTH
    if one.kind != other.kind:
        raise Untranslatable(f"{one.kind} {operator} {other.kind}")
    match one.kind:
        case "number":
            return Term("boolean", _compare_numbers(operator, one, other), known)
        case "date":
            return Term("boolean", compared(operator, one.value.key, other.value.key), known)
        case "days" | "months":
            return Term("boolean", compared(operator, one.value, other.value), known)
        case "string" if operator in {"=", "!="}:
            return Term("boolean", compared(operator, one.value, other.value), known)
        case "boolean" if operator in {"=", "!="}:
            found = same(one.value, other.value)
            return Term("boolean", found if operator == "=" else negated(found), known)
    raise Untranslatable(f"{one.kind} {operator} {other.kind}")


_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


def _compare_numbers(operator: str, one: Term, other: Term) -> Truth:
    if one.below is None and other.below is not None:
        return _compare_numbers(_TURNED[operator], other, one)
    if one.below is None or not is_constant(other.value) or other.below is not None:
        return compared(operator, one.quantity, other.quantity)
    # a / b < c, with a constant c: linear once it is multiplied by b, of either sign.
    above, product = one.value, times(one.below, other.value)
    positive = compared(">", one.below, 0)
    return any_of(
        all_of(positive, compared(operator, above, product)),
        all_of(negated(positive), compared(_TURNED[operator], above, product)),
    )


def add(one: Term, other: Term) -> Term:
    """Add numbers, or a duration to a day.

    Raises:
        Untranslatable: there is no such sum here.
    """
    known = all_of(one.known, other.known)
    kinds = one.kind, other.kind
    if kinds == ("number", "number"):
        if one.below is None and other.below is None:
            return Term("number", plus(one.value, other.value), known)
        return _add_quotients(one, other, known)
    if kinds == ("date", "months") and isinstance(other.value, int):
        return Term("date", one.value.plus_months(other.value), known)
    if kinds in {("days", "days"), ("months", "months")}:
        return Term(one.kind, plus(one.value, other.value), known)
    raise Untranslatable(f"{one.kind} + {other.kind}")


def _add_quotients(one: Term, other: Term, known: Truth) -> Term:
    if one.below is None:
        one, other = other, one
    if other.below is None and is_constant(other.value):
        return Term("number", plus(one.value, times(one.below, other.value)), known, one.below)
    return Term("number", plus(one.quantity, other.quantity), known)


def negative(term: Term) -> Term:
    """Return a number or duration with the other sign.

    Raises:
        Untranslatable: it has none.
    """
    if term.kind not in {"number", "days", "months"}:
        raise Untranslatable(f"-{term.kind}")
    value = -term.value if is_constant(term.value) else times(-1, term.value)
    return Term(term.kind, value, term.known, term.below)


def subtract(one: Term, other: Term) -> Term:
    """Subtract numbers, durations, or days from days.

    Raises:
        Untranslatable: there is no such difference here.
    """
    if (one.kind, other.kind) == ("date", "date"):
        known = all_of(one.known, other.known)
        return Term("days", minus(one.value.ordinal, other.value.ordinal), known)
    return add(one, negative(other))


def multiply(one: Term, other: Term) -> Term:
    """Multiply numbers.

    Raises:
        Untranslatable: they are none.
    """
    if (one.kind, other.kind) != ("number", "number"):
        raise Untranslatable(f"{one.kind} * {other.kind}")
    known = all_of(one.known, other.known)
    if one.below is not None and other.below is not None:
        return Term("number", times(one.quantity, other.quantity), known)
    below = one.below if other.below is None else other.below
    return Term("number", times(one.value, other.value), known, below)


def divide(one: Term, other: Term) -> Term:
    """Divide numbers; by zero it is not known.

    Raises:
        Untranslatable: they are none.
    """
    if (one.kind, other.kind) != ("number", "number"):
        raise Untranslatable(f"{one.kind} / {other.kind}")
    by = other.quantity
    known = all_of(one.known, other.known, compared("!=", by, 0))
    if is_constant(by):
        factor = Fraction(0) if by == 0 else 1 / Fraction(by)
        return Term("number", times(one.value, factor), known, one.below)
    if one.below is None:
        return Term("number", one.value, known, by)
    return Term("number", one.value, known, times(one.below, by))


def choose(condition: Term, then: Term, otherwise: Term) -> Term:
    """Return what an ``if`` comes to, where a condition that is not known leaves it unknown.

    Raises:
        Untranslatable: the branches are of different kinds.
    """
    if condition.kind == "null":
        return NULL
    if condition.kind != "boolean":
        raise Untranslatable(f"if {condition.kind}")
    if isinstance(condition.value, bool):
        found = then if condition.value else otherwise
        return _limited(found, condition.known)
    known = all_of(condition.known, chosen(condition.value, then.known, otherwise.known))
    if then.kind == "null":
        return _limited(otherwise, known)
    if otherwise.kind == "null":
        return _limited(then, known)
    if then.kind != otherwise.kind:
        raise Untranslatable(f"if … then {then.kind} else {otherwise.kind}")
    return _branches(condition.value, then, otherwise, known)


def _limited(term: Term, known: Truth) -> Term:
    return Term(term.kind, term.value, all_of(known, term.known), term.below, term.label)


def _branches(condition: Truth, then: Term, otherwise: Term, known: Truth) -> Term:
    match then.kind:
        case "number":
            return Term("number", chosen(condition, then.quantity, otherwise.quantity), known)
        case "date":
            parts = ("year", "month", "day")
            pairs = [(getattr(then.value, p), getattr(otherwise.value, p)) for p in parts]
            return Term("date", Day(*(chosen(condition, *pair) for pair in pairs)), known)
        case "list":
            raise Untranslatable("if … then [list]")
    return Term(then.kind, chosen(condition, then.value, otherwise.value), known)


def conjunction(one: Term, other: Term) -> Term:
    """Return FEEL's ``and``: what is false decides, whatever is not known.

    Raises:
        Untranslatable: one side is no truth.
    """
    one, other = _truth(one), _truth(other)
    if one.known is True and other.known is True:
        return Term("boolean", all_of(one.value, other.value))
    holds, fails = all_of(true(one), true(other)), any_of(false(one), false(other))
    return Term("boolean", holds, any_of(holds, fails))


def disjunction(one: Term, other: Term) -> Term:
    """Return FEEL's ``or``: what is true decides, whatever is not known.

    Raises:
        Untranslatable: one side is no truth.
    """
    one, other = _truth(one), _truth(other)
    if one.known is True and other.known is True:
        return Term("boolean", any_of(one.value, other.value))
    holds, fails = any_of(true(one), true(other)), all_of(false(one), false(other))
    return Term("boolean", holds, any_of(holds, fails))


def _truth(term: Term) -> Term:
    if term.kind == "null":
        return _NO_TRUTH
    if term.kind != "boolean":
        raise Untranslatable(f"{term.kind} and, or …")
    return term


def negation(term: Term) -> Term:
    """Return FEEL's ``not``.

    Raises:
        Untranslatable: it is no truth.
    """
    if term.kind == "null":
        return term
    if term.kind != "boolean":
        raise Untranslatable(f"not({term.kind})")
    return Term("boolean", negated(term.value), term.known)


def true(term: Term) -> Truth:
    """Tell when a condition is known to hold."""
    return all_of(term.known, term.value) if term.kind == "boolean" else False


def false(term: Term) -> Truth:
    """Tell when a condition is known not to hold."""
    return all_of(term.known, negated(term.value)) if term.kind == "boolean" else False


def day_property(term: Term, name: str) -> Term:
    """Return a part of a day or of a duration.

    Raises:
        Untranslatable: it has no such part, or we do not compute it.
    """
    match term.kind, name:
        case "date", "year" | "month" | "day":
            value = getattr(term.value, name)
        case "months", "years":
            value = days.towards_zero(term.value, 12)
        case "months", "months":
            years = days.towards_zero(term.value, 12)
            value = minus(term.value, times(years, 12))
        case "days", "days":
            value = term.value
        case _:
            raise Untranslatable(f"{term.kind}.{name}")
    return Term("number", Fraction(value) if isinstance(value, int) else value, term.known)
