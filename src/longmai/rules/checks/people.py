"""Somebody who is not fixed yet: a variable for each datum, and the case a solution makes of them.

All data are known: the checks look for people of whom everything is known, and to whom a rule still
does something odd. Members of a household are spelled out, one or a few of them; where it is asked
whether anybody at all can meet a rule, only what functions say of the list is spoken of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import z3

from longmai.rules.checks.days import Day, is_day
from longmai.rules.checks.logic import real
from longmai.rules.checks.natural import has_negatives, step_of
from longmai.rules.checks.terms import Symbols, Term, Untranslatable
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.values import Value
from longmai.rules.policy.model import Input, Policy

LIST_ITEMS = 2
"""Items a list among the data has at most."""
OTHER = "其他（未列出）"
"""A text that no rule names."""
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Variable:
    """A datum as variables of the solver.

    Attributes:
        datum: it is.
        member: position in the household, from 0; None: a datum of the case itself.
        term: its value.
        count: of a number, how many steps it has: the integer behind it.
        step: of a number.
    """

    datum: Input
    member: int | None
    term: Term
    count: Any = None
    step: Fraction = Fraction(1)

    def moved(self, steps: int) -> tuple[Any, Any]:
        """Return what to put in its place, to move it by so many steps."""
        return self.count, self.count + z3.IntVal(steps)


class Person:
    """Variables for the data of a policy.

    Args:
        policy: that asks for them.
        size: of the household; None: not spelled out.
        symbols: the numbers of texts.
        texts: that the rules name.
    """

    def __init__(
        self, policy: Policy, size: int | None, symbols: Symbols, texts: Iterable[str]
    ) -> None:
        self.policy, self.size, self._symbols = policy, size, symbols
        self._texts = [*dict.fromkeys((*texts, OTHER))]
        self.variables: list[Variable] = []
        self.domain: list[Any] = []
        self.terms: dict[str, Term] = {}
        for each in policy.inputs.values():
            self.terms[each.name] = self._add(each, None, each.name)
        if policy.members:
            self.terms[policy.members_name] = self._household()

    def _household(self) -> Term:
        if self.size is None:
            return Term("list", None, label="members")
        items = []
        for position in range(self.size):
            fields = {
                each.name: self._add(each, position, f"{position}{_SEPARATOR}{each.name}")
                for each in self.policy.members.values()
            }
            items.append((True, Term("context", fields)))
        return Term("list", tuple(items))

    def _add(self, each: Input, member: int | None, name: str) -> Term:
        if each.type.startswith("list<"):
            return self._list(each, name)
        variable = self._variable(each, member, name)
        self.variables.append(variable)
        return variable.term

    def _variable(self, each: Input, member: int | None, name: str) -> Variable:
        match each.type:
            case "number":
                return self._number(each, member, name)
            case "boolean":
                return Variable(each, member, Term("boolean", z3.Bool(name)))
            case "string":
                return Variable(each, member, self._text(each, name))
            case "date":
                parts = (z3.Int(f"{name}{_SEPARATOR}{part}") for part in "ymd")
                day = Day(*parts)
                self.domain.append(is_day(day))
                return Variable(each, member, Term("date", day))
        raise Untranslatable(each.type)

    def _number(self, each: Input, member: int | None, name: str) -> Variable:
        count, step = z3.Int(name), step_of(self.policy, each)
        if not has_negatives(self.policy, each):
            self.domain.append(count >= 0)
        whole = step == 1
        value = count if whole else z3.ToReal(count) * real(step)
        return Variable(each, member, Term("number", value), count, step)

    def _text(self, each: Input, name: str) -> Term:
        code = z3.Int(name)
        texts = each.values or self._texts
        self.domain.append(z3.Or([code == self._symbols.code(text) for text in texts]))
        return Term("string", code)

    def _list(self, each: Input, name: str) -> Term:
        if self.size is None:
            return Term("list", None, label=name)
        one = Input(each.name, each.type[5:-1], values=each.values)
        items = []
        for position in range(LIST_ITEMS):
            own = f"{name}{_SEPARATOR}{position}"
            items.append((z3.Bool(f"{own}{_SEPARATOR}in"), self._variable(one, None, own).term))
        return Term("list", tuple(items))

    def within(self, most: int) -> list[Any]:
        """Return that no number is larger than so much, and days are of our time."""
        found = []
        for each in self.variables:
            if each.count is not None:
                limit = int(most / each.step)
                found += [each.count <= limit, each.count >= -limit]
            elif each.datum.type == "date":
                found += [each.term.value.year >= _EARLY, each.term.value.year <= _LATE]
        return found

    def given(self, model: Any) -> dict[str, Value]:
        """Return the data of a solution."""
        read = _Reader(model, self._symbols)
        found: dict[str, Value] = {name: read(self.terms[name]) for name in self.policy.inputs}
        if self.policy.members and self.size is not None:
            found[self.policy.members_name] = read(self.terms[self.policy.members_name])
        return found

    def numbers(self) -> Iterator[Variable]:
        """Yield the variables that are numbers."""
        return (each for each in self.variables if each.count is not None)


_EARLY, _LATE = 1930, 2060


class _Reader:
    """Reads values from a solution."""

    def __init__(self, model: Any, symbols: Symbols) -> None:
        self._model, self._symbols = model, symbols

    def __call__(self, term: Term) -> Value:
        match term.kind:
            case "number":
                return self._number(term.value)
            case "boolean":
                return self._truth(term.value)
            case "string":
                return self._symbols.text(self._whole(term.value))
            case "date":
                day: Day = term.value
                return Date(*map(self._whole, (day.year, day.month, day.day)))
            case "list":
                items: Sequence[Any] = term.value or ()
                return [self(each) for inside, each in items if self._truth(inside)]
        fields: Mapping[str, Term] = term.value
        return {name: self(each) for name, each in fields.items()}

    def _number(self, value: Any) -> Decimal:
        found = self._model.eval(value, model_completion=True)
        if z3.is_int_value(found):
            return Decimal(found.as_long())
        return Decimal(found.numerator_as_long()) / Decimal(found.denominator_as_long())

    def _whole(self, value: Any) -> int:
        if isinstance(value, int):
            return value
        return int(self._model.eval(value, model_completion=True).as_long())

    def _truth(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        return bool(z3.is_true(self._model.eval(value, model_completion=True)))


def some_day(name: str, start: date, end: date) -> tuple[Day, list[Any]]:
    """Return a day that is not fixed, and what holds of it.

    Args:
        name: of the variables.
        start: first day it may be.
        end: last day it may be.
    """
    day = Day(*(z3.Int(f"{name}{_SEPARATOR}{part}") for part in "ymd"))
    between = [Day.of(start).key <= day.key, day.key <= Day.of(end).key]
    return day, [is_day(day), *between]
