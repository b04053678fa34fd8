"""FEEL's functions, as far as policies use them, on terms."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from longmai.rules.checks import terms
from longmai.rules.checks.days import Day, whole_months
from longmai.rules.checks.logic import (
    all_of,
    any_of,
    chosen,
    compared,
    floored,
    minus,
    negated,
    plus,
    times,
)
from longmai.rules.checks.terms import NULL, Term, Untranslatable, compare_terms

_HALF = Fraction(1, 2)
_MOST_DIGITS = 6


def call(name: str, arguments: Sequence[Term]) -> Term:
    """Return what a function comes to.

    Raises:
        Untranslatable: it is beyond us, with these arguments or any.
    """
    function = _FUNCTIONS.get(name)
    if function is None:
        raise Untranslatable(f"{name}()")
    if any(each.kind == "null" for each in arguments):
        return NULL
    return function(*arguments) if name not in _OF_LISTS else function(_listed(arguments))


def _listed(arguments: Sequence[Term]) -> Term:
    """Return the list of a function that also takes its items one by one."""
    if len(arguments) == 1 and arguments[0].kind == "list":
        return arguments[0]
    return Term("list", tuple((True, each) for each in arguments))


def _items(listed: Term) -> list[tuple[Any, Term]]:
    if listed.kind != "list" or listed.value is None:
        raise Untranslatable("a list that is not spelled out")
    return list(listed.value)


def _count(listed: Term) -> Term:
    found: Any = Fraction(0)
    for inside, _ in _items(listed):
        found = plus(found, chosen(inside, 1, 0))
    return Term("number", found, listed.known)


def _numbers(listed: Term) -> list[tuple[Any, Term]]:
    items = [each for each in _items(listed) if each[0] is not False]
    if any(each.kind not in {"number", "null"} for _, each in items):
        raise Untranslatable("a list that holds other things than numbers")
    return items


def _all_known(listed: Term, items: Sequence[tuple[Any, Term]]) -> Any:
    """Return when each item is known and there is one: of an empty list FEEL says nothing."""
    each_known = (any_of(negated(inside), each.known) for inside, each in items)
    return all_of(listed.known, any_of(*(inside for inside, _ in items)), *each_known)


def _sum(listed: Term) -> Term:
    items = _numbers(listed)
    found: Any = Fraction(0)
    for inside, each in items:
        if each.kind == "number":
            found = plus(found, chosen(inside, each.quantity, Fraction(0)))
    return Term("number", found, _all_known(listed, items))


def _mean(listed: Term) -> Term:
    return terms.divide(_sum(listed), _count(listed))


def _extreme(operator: str) -> Callable[[Term], Term]:
    def best(listed: Term) -> Term:
        items = [each for each in _items(listed) if each[0] is not False]
        if not items:
            return NULL
        kinds = {each.kind for _, each in items}
        if "null" in kinds:
            return NULL
        if len(kinds) > 1 or kinds & {"string", "boolean", "context", "list"}:
            raise Untranslatable("min, max of other things than numbers and days")
        known = _all_known(listed, items)
        started, found = items[0]
        for inside, each in items[1:]:
            better = compare_terms(operator, each, found).value
            take = all_of(inside, any_of(negated(started), better))
            condition = Term("boolean", take)
            found = terms.choose(condition, _as_known(each), _as_known(found))
            started = any_of(started, inside)
        return Term(found.kind, found.value, known, found.below)

    return best


def _as_known(each: Term) -> Term:
    return Term(each.kind, each.value, below=each.below)


def _contains(listed: Term, value: Term) -> Term:
    items = [(inside, compare_terms("=", each, value)) for inside, each in _items(listed)]
    found = any_of(*(all_of(inside, terms.true(each)) for inside, each in items))
    unknown = any_of(*(all_of(inside, negated(each.known)) for inside, each in items))
    known = all_of(listed.known, value.known, any_of(found, negated(unknown)))
    return Term("boolean", found, known)


def _truths(*, every: bool) -> Callable[[Term], Term]:
    def judged(listed: Term) -> Term:
        found = Term("boolean", every)
        for inside, each in _items(listed):
            outside = Term("boolean", negated(inside))
            if every:
                found = terms.conjunction(found, terms.disjunction(outside, each))
            else:
                found = terms.disjunction(found, terms.conjunction(terms.negation(outside), each))
        return found

    return judged


def _number(term: Term) -> Any:
    if term.kind != "number":
        raise Untranslatable(f"a number of {term.kind}")
    return term.quantity


def _scaled(way: Callable[[Any], Any]) -> Callable[..., Term]:
    def rounded(term: Term, digits: Term | None = None) -> Term:
        places = Fraction(0) if digits is None else digits.value
        if not isinstance(places, Fraction) or not 0 <= places <= _MOST_DIGITS:
            raise Untranslatable("rounding to digits that are not fixed")
        unit = Fraction(10) ** int(places)
        found = way(times(_number(term), unit))
        return Term("number", times(found, 1 / unit), term.known)

    return rounded


def _ceiling(value: Any) -> Any:
    return times(-1, floored(times(-1, value)))


def _away(value: Any, way: Callable[[Any], Any]) -> Any:
    """Round the size of a number, and give it its sign again."""
    negative = compared("<", value, 0)
    size = chosen(negative, times(-1, value), value)
    found = way(size)
    return chosen(negative, times(-1, found), found)


def _half_up(value: Any) -> Any:
    return _away(value, lambda size: floored(plus(size, _HALF)))


def _modulo(one: Term, other: Term) -> Term:
    divisor = other.value
    if not isinstance(divisor, Fraction) or divisor == 0:
        raise Untranslatable("modulo of what is not fixed")
    value = _number(one)
    whole = floored(times(value, 1 / divisor))
    return Term("number", minus(value, times(divisor, whole)), one.known)


def _even(term: Term) -> Term:
    value = _number(term)
    half = floored(times(value, _HALF))
    return Term("boolean", compared("=", times(half, 2), value), term.known)


def _odd(term: Term) -> Term:
    value = _number(term)
    rest = minus(value, 1) if not isinstance(value, Fraction) else value - 1
    half = floored(times(rest, _HALF))
    return Term("boolean", compared("=", times(half, 2), rest), term.known)


def _absolute(term: Term) -> Term:
    if term.kind not in {"number", "days", "months"}:
        raise Untranslatable("abs")
    value = term.quantity
    found = chosen(compared("<", value, 0), times(-1, value), value)
    return Term(term.kind, found, term.known)


def _months_between(start: Term, end: Term) -> Term:
    if (start.kind, end.kind) != ("date", "date"):
        raise Untranslatable("years and months duration")
    known = all_of(start.known, end.known)
    one: Day = start.value
    return Term("months", whole_months(one, end.value), known)


_FUNCTIONS: Mapping[str, Callable[..., Term]] = {
    "not": terms.negation,
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "min": _extreme("<"),
    "max": _extreme(">"),
    "all": _truths(every=True),
    "any": _truths(every=False),
    "list contains": _contains,
    "floor": _scaled(floored),
    "ceiling": _scaled(_ceiling),
    "round up": _scaled(lambda value: _away(value, _ceiling)),
    "round down": _scaled(lambda value: _away(value, floored)),
    "round half up": _scaled(_half_up),
    "modulo": _modulo,
    "even": _even,
    "odd": _odd,
    "abs": _absolute,
    "years and months duration": _months_between,
}
_OF_LISTS = frozenset(("count", "sum", "mean", "min", "max", "all", "any"))
