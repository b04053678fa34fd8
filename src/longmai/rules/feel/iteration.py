"""Running through lists: filters, ``for`` and the quantifiers, as functions."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from longmai.rules.feel.running import (
    Environment,
    Run,
    compile_node,
    compiles,
    guarded,
)
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.tree import (
    Call,
    Filter,
    For,
    Iteration,
    Lambda,
    Name,
    Negation,
    Node,
    Number,
    Quantified,
    holds,
    parts_of,
    size_of,
)
from longmai.rules.feel.values import Nothing, RangeValue, Value
from longmai.rules.feel.words import bare_names

_NAME, _ITEM = "partial", "item"
_SCALARS = frozenset(("count", "sum", "min", "max", "mean", "median", "product", "all", "any"))


@compiles(Filter)
def _filter(node: Filter) -> Run:
    value, condition = compile_node(node.value), compile_node(node.condition)
    if isinstance(node.condition, Number | Negation):
        return guarded(lambda env: _by_position(value(env), condition(env)), node.at)

    reuses, weight = not holds((node.condition,), Lambda), _weight(node.condition)

    def run(env: Environment) -> Value:
        found = value(env)
        if found is None:
            return []
        listed = found if isinstance(found, list) else [found]
        spend, kept = env.bounds.spend, []
        inner = env.with_values({})
        for each in listed:
            spend(weight)
            if reuses and not isinstance(each, dict):
                inner.values[_ITEM] = each
                answer = condition(inner)
            else:
                answer = condition(_element(env, each))
            if isinstance(answer, Decimal):
                return _item(listed, answer)
            if answer is True:
                kept.append(each)
        if not listed:
            answer = condition(env)
            return _item(listed, answer) if isinstance(answer, Decimal) else []
        return kept

    return guarded(run, node.at)


def _weight(body: Node) -> int:
    """Return how many steps one run of a body counts as."""
    return 1 + size_of(body) // _NODES_A_STEP


_NODES_A_STEP = 4
_ITEMS_A_STEP = 8


def _by_position(found: Value, position: Value) -> Value:
    if found is None:
        return None
    return _item(found if isinstance(found, list) else [found], position)


def _element(env: Environment, item: Value) -> Environment:
    # An item of the list is named item; of a context its entries have names of their own.
    more = {_ITEM: item}
    return env.with_values(more | bare_names(item) if isinstance(item, dict) else more)


def _item(listed: Sequence[Value], position: Value) -> Value:
    if not isinstance(position, Decimal) or position != position.to_integral_value():
        raise Nothing("a position is a whole number", position)
    at = int(position)
    if not at or abs(at) > len(listed):
        raise Nothing("there is no item of this position", position)
    return listed[at - 1 if at > 0 else at]


def _iterated(
    domains: Sequence[Iteration], body: Node
) -> Callable[[Environment], Iterator[Environment]]:
    compiled = [
        (each.name, compile_node(each.low), None if each.high is None else compile_node(each.high))
        for each in domains
    ]
    # A function keeps the values it was made with; where there is none, each step may reuse them.
    reuses = not holds((body, *domains), Lambda)
    weight = _weight(body) + (not reuses)

    def steps(env: Environment, level: int = 0) -> Iterator[Environment]:
        name, low, high = compiled[level]
        ranged = high is not None
        through = _domain(low(env), None if high is None else high(env), ranged=ranged)
        inner, spend = env.with_values({}), env.bounds.spend
        is_last = level + 1 == len(compiled)
        for each in through:
            spend(weight)
            if not reuses:
                inner = env.with_values({})
            inner.values[name] = each
            if is_last:
                yield inner
            else:
                yield from steps(inner, level + 1)

    return steps


def _domain(low: Value, high: Value, *, ranged: bool) -> Any:
    if isinstance(low, RangeValue) and not ranged:
        return _between_ends(low)
    if not ranged:
        if low is None:
            raise Nothing("there is nothing to run through")
        return low if isinstance(low, list) else [low]
    return _between_ends(RangeValue(low, high, low_closed=True, high_closed=True), down=True)


def _between_ends(range_: RangeValue, *, down: bool = False) -> Any:
    low, high = range_.low, range_.high
    if isinstance(low, Date) and isinstance(high, Date):
        return map(Date.of_ordinal, _whole_numbers(low.ordinal, high.ordinal, range_, down=down))
    if not (isinstance(low, Decimal) and isinstance(high, Decimal)):
        raise Nothing("one runs through numbers or dates")
    if low != low.to_integral_value() or high != high.to_integral_value():
        raise Nothing("one runs through whole numbers")
    return map(Decimal, _whole_numbers(int(low), int(high), range_, down=down))


def _whole_numbers(low: int, high: int, range_: RangeValue, *, down: bool) -> range:
    if high < low and down:
        return range(low, high - 1, -1)
    if high < low:
        raise Nothing("the range ends before it begins")
    return range(low + (not range_.low_closed), high + range_.high_closed)


@compiles(For)
def _for(node: For) -> Run:
    steps, value = _iterated(node.domains, node.value), compile_node(node.value)
    uses = _uses_of_partial(node)

    def run(env: Environment) -> Value:
        found: list[Value] = []
        bounds = env.bounds
        inner = env.with_values({_NAME: found}) if uses else env
        # Not extended in one go: a step sees the results of those before it.
        for step in steps(inner):
            if uses == _KEPT:
                bounds.spend(len(found) // _ITEMS_A_STEP)
                step.values[_NAME] = list(found)
            found.append(bounds.spend_on(value(step)))
        return found

    return guarded(run, node.at)


_READ, _KEPT = "read", "kept"


def _uses_of_partial(node: For) -> str:
    """Tell how a loop uses its results so far: not, only to read of them, or it may keep them.

    What is kept must be a list of its own for each step, or it would grow, and hold itself.
    """
    found = ""
    waiting: list[object] = [node.value, *node.domains]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Name) and each.name.partition(".")[0] == _NAME:
            return _KEPT
        parts = list(parts_of(each))
        if _only_reads(each):
            found = _READ
            parts = [
                part for group in parts for part in (group if isinstance(group, tuple) else [group])
            ]
            parts = [part for part in parts if not _is_partial(part)]
        waiting.extend(parts)
    return found


def _only_reads(node: object) -> bool:
    if isinstance(node, Filter) and _is_partial(node.value):
        return not _is_partial(node.condition)  # what is filtered is another list
    if isinstance(node, Call) and isinstance(node.function, Name):
        return node.function.name in _SCALARS and any(map(_is_partial, node.arguments))
    return False


def _is_partial(node: object) -> bool:
    return isinstance(node, Name) and node.name == _NAME


@compiles(Quantified)
def _quantified(node: Quantified) -> Run:
    steps, condition = _iterated(node.domains, node.condition), compile_node(node.condition)
    decisive = not node.every

    def run(env: Environment) -> Value:
        unknown = False
        for step in steps(env):
            answer = condition(step)
            if answer is decisive:
                return decisive
            unknown = unknown or not isinstance(answer, bool)
        return None if unknown else not decisive

    return guarded(run, node.at)
