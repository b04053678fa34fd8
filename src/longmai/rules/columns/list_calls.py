"""Functions on lists, written out or of rows, and on truths. Source: DMN 1.5, 10.3.4.4."""

from collections.abc import Callable, Sequence

from longmai.rules.columns.arithmetic import chosen, computed
from longmai.rules.columns.calls import Function, a_column, function, one_value
from longmai.rules.columns.comparing import Scalar, equals, holds, kind_of, missing
from longmai.rules.columns.operations import (
    NULL,
    aligned,
    all_of,
    any_null,
    any_of,
    negation,
    operation,
    truth,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import Ratio, picked
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.row_lists import SUMMARIES, held, summary
from longmai.rules.columns.scope import Items, Part, RowList
from longmai.rules.columns.types import ORDERED, Kind


def _count(items: Sequence[Scalar]) -> Scalar:
    return whole(len(items))


def _columns(items: Sequence[Scalar]) -> list[Column]:
    return [a_column(each) for each in items]


def _sum(items: Sequence[Scalar]) -> Scalar:
    return _reduced("+", items)


def _product(items: Sequence[Scalar]) -> Scalar:
    return _reduced("*", items)


def _reduced(operator: str, items: Sequence[Scalar]) -> Scalar:
    if not items or any(kind_of(each) is not Kind.NUMBER for each in items):
        return NULL
    found = items[0]
    for each in items[1:]:
        found = computed(operator, found, each)
    return found


def _mean(items: Sequence[Scalar]) -> Scalar:
    total = _sum(items)
    if kind_of(total) is not Kind.NUMBER:
        return NULL
    return computed("/", total, whole(len(items)))


def _extreme(name: str) -> Callable[[Sequence[Scalar]], Scalar]:
    sign = "<" if name == "least" else ">"

    def compile_(items: Sequence[Scalar]) -> Scalar:
        kinds = {kind_of(each) for each in items}
        if len(kinds) != 1 or not kinds <= ORDERED:
            return NULL
        if any(isinstance(each, Ratio) for each in items):
            return _picked(sign, items)
        columns = aligned(*_columns(items))
        if len(columns) == 1:
            return columns[0]
        lows, highs = [c.type.low for c in columns], [c.type.high for c in columns]
        pick = min if name == "least" else max
        bounds = (pick(lows), pick(highs))
        type_ = columns[0].type
        found = operation(name, columns, type_.kind, bounds, type_.scale)
        # SQL's least leaves nulls out.
        return unless(any_null(columns), found)

    return compile_


def _picked(sign: str, items: Sequence[Scalar]) -> Scalar:
    found = items[0]
    for each in items[1:]:
        found = picked(sign, found, each)
    return found


def _truths(items: Sequence[Scalar]) -> list[Column]:
    return [truth(NULL if isinstance(each, Ratio) else each) for each in items]


_OF_ITEMS: dict[str, Callable[[Sequence[Scalar]], Scalar]] = {
    "count": _count,
    "sum": _sum,
    "product": _product,
    "mean": _mean,
    "min": _extreme("least"),
    "max": _extreme("greatest"),
    "all": lambda items: all_of(_truths(items)),
    "any": lambda items: any_of(_truths(items)),
}


def _summary(name: str) -> Function:
    def compile_(parts: Sequence[Part]) -> Part:
        first = parts[0]
        if len(parts) == 1 and isinstance(first, RowList):
            if name not in SUMMARIES:
                raise Refused(f"'{name}' of rows")
            return summary(name, first)
        items = first.items if len(parts) == 1 and isinstance(first, Items) else parts
        if name == "count" and not isinstance(first, Items):
            raise Refused("a count of what is no list")
        return _OF_ITEMS[name]([one_value(each) for each in items])

    return compile_


for _name in _OF_ITEMS:
    function(_name)(_summary(_name))


@function("not")
def _not(parts: Sequence[Part]) -> Part:
    return negation(_truths([one_value(parts[0])])[0])


@function("list contains")
def _list_contains(parts: Sequence[Part]) -> Part:
    values, wanted = parts[0], one_value(parts[1])
    if isinstance(values, RowList):
        return held(values, wanted)
    if not isinstance(values, Items):
        raise Refused("a list is wanted")
    return holds(values.items, wanted)


@function("get or else")
def _get_or_else(parts: Sequence[Part]) -> Part:
    value, other = map(one_value, parts)
    return chosen(missing(value), other, value)


@function("is")
def _is(parts: Sequence[Part]) -> Part:
    if len(parts) == 1:
        parts = [*parts, NULL]
    one, other = map(one_value, parts)
    if kind_of(one) != kind_of(other) and Kind.NOTHING not in {kind_of(one), kind_of(other)}:
        # Two nulls are of one kind, whatever they might have been.
        return all_of([missing(one), missing(other)])
    return equals(one, other)
