"""Operators, comparisons and the tests of inputs, as functions."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from longmai.rules.feel.arithmetic import OPERATIONS, negated
from longmai.rules.feel.range_functions import open_range, ordered_kind
from longmai.rules.feel.running import (
    REASONS,
    Environment,
    Run,
    compile_node,
    compiles,
    guarded,
)
from longmai.rules.feel.tree import (
    Between,
    Binary,
    Call,
    Comparison,
    In,
    InstanceOf,
    Name,
    Negation,
    Node,
    Number,
    Quantified,
    Range,
    Text,
    UnaryTests,
    has_input,
)
from longmai.rules.feel.values import Nothing, RangeValue, Value, compare, contains, equal, kind_of

Test = Callable[[Environment, Value], "bool | None"]


@compiles(Negation)
def _negation(node: Negation) -> Run:
    # Of many minus signs only whether they are odd matters, and that there is something to negate.
    count, operand = 1, node.operand
    while isinstance(operand, Negation):
        count, operand = count + 1, operand.operand
    run = compile_node(operand)
    if count % 2:
        return guarded(lambda env: negated(run(env)), node.at)
    return guarded(lambda env: negated(negated(run(env))), node.at)


@compiles(Binary)
def _binary(node: Binary) -> Run:
    """Compile operators; a chain of them to the left becomes a loop, not a nest."""
    links = [node]
    while isinstance(links[-1].left, Binary):
        links.append(links[-1].left)
    if node.operator in {"and", "or"}:
        return _connective(node)
    if len(links) > _SHORT_CHAIN:
        return _chain(links)
    run = compile_node(links[-1].left)
    for link in reversed(links):
        run = _two(link, run)
    return run


_SHORT_CHAIN = 4


def _connective(node: Binary) -> Run:
    """Compile a chain of one connective: what decides, decides, whatever the others are."""
    parts: list[Node] = []
    left: Node = node
    while isinstance(left, Binary) and left.operator == node.operator:
        parts.append(left.right)
        left = left.left
    runs = [compile_node(part) for part in (left, *reversed(parts))]
    decisive = node.operator == "or"
    other = not decisive
    if len(runs) == 2:  # noqa: PLR2004 - the commonest
        return _pair(runs[0], runs[1], decisive=decisive)

    def run(env: Environment) -> Value:
        unknown = False
        for part in runs:
            found = part(env)
            if found is decisive:
                return decisive
            if found is not other:
                unknown = True
        return None if unknown else other

    return run


def _pair(left: Run, right: Run, *, decisive: bool) -> Run:
    def run(env: Environment) -> Value:
        one = left(env)
        if one is decisive:
            return decisive
        other = right(env)
        if other is decisive:
            return decisive
        both = isinstance(one, bool) and isinstance(other, bool)
        return (not decisive) if both else None

    return run


def _chain(links: Sequence[Binary]) -> Run:
    """Compile a long chain of operators: what it came to so far is the left operand."""
    first = compile_node(links[-1].left)
    steps = [(_joined(link), compile_node(link.right)) for link in reversed(links)]

    def run(env: Environment) -> Value:
        value = first(env)
        for join, right in steps:
            value = join(env, value, right)
        return value

    return run


def _joined(node: Binary) -> Callable[[Environment, Value, Run], Value]:
    operator, at = node.operator, node.at
    if operator in {"and", "or"}:
        decisive = operator == "or"
        return lambda env, value, right: _pair(lambda _env: value, right, decisive=decisive)(env)
    if operator not in OPERATIONS:
        return lambda env, value, right: compare(operator, value, right(env))
    operation = OPERATIONS[operator]

    def join(env: Environment, value: Value, right: Run) -> Value:
        try:
            if operator == "**":
                env.bounds.spend(_POWER_STEPS)
            return operation(value, right(env))
        except REASONS as reason:
            env.note_reason(reason, at)
            return None

    return join


def _two(node: Binary, left: Run) -> Run:
    operator, right = node.operator, compile_node(node.right)
    if operator in {"and", "or"}:
        return _pair(left, right, decisive=operator == "or")
    if operator not in OPERATIONS:
        return _comparing(node, left, right)
    operation, at = OPERATIONS[operator], node.at
    if operator == "**":
        # One power takes as long as many other steps.
        return guarded(lambda env: operation(*_costly(left(env), right(env), env)), at)

    def run(env: Environment) -> Value:
        try:
            return operation(left(env), right(env))
        except REASONS as reason:
            env.note_reason(reason, at)
            return None

    return run


_POWER_STEPS = 20


def _costly(one: Value, other: Value, env: Environment) -> tuple[Value, Value]:
    env.bounds.spend(_POWER_STEPS)
    return one, other


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
"""Of two values of one plain kind: numbers, or strings."""


def _comparing(node: Binary, left: Run, right: Run) -> Run:
    operator = node.operator
    order = _ORDERS[operator]
    constant = right(Environment({})) if isinstance(node.right, Number | Text) else None
    if constant is None:
        return lambda env: compare(operator, left(env), right(env))
    kind = type(constant)

    def against(env: Environment) -> Value:
        value = left(env)
        if value.__class__ is kind:
            return order(value, constant)
        return compare(operator, value, constant)

    name = node.left.name if isinstance(node.left, Name) else None
    if name is None:
        return against

    def named(env: Environment) -> Value:
        value = env.values.get(name)
        return order(value, constant) if value.__class__ is kind else against(env)

    return named


@compiles(Between)
def _between(node: Between) -> Run:
    value, low, high = map(compile_node, (node.value, node.low, node.high))

    def run(env: Environment) -> Value:
        found = value(env)
        ends = compare(">=", found, low(env)), compare("<=", found, high(env))
        if False in ends:
            return False
        return None if None in ends else True

    return run


@compiles(In)
def _in(node: In) -> Run:
    value = compile_node(node.value)
    tests = [compile_test(test) for test in node.tests]

    def run(env: Environment) -> Value:
        return _any_of(tests, env, value(env))

    return run


def _any_of(tests: Sequence[Test], env: Environment, value: Value) -> bool | None:
    answers = [test(env, value) for test in tests]
    if True in answers:
        return True
    return None if None in answers else False


def compile_tests(tests: UnaryTests) -> Test:
    """Return the function of an input's tests: environment and input to true, false or null."""
    compiled = [compile_test(test) for test in tests.tests]
    if not compiled:
        return lambda _env, _value: True
    if tests.negated:

        def none_of(env: Environment, value: Value) -> bool | None:
            found = _any_of(compiled, env, value)
            return None if found is None else not found

        return none_of
    if len(compiled) == 1:
        return compiled[0]
    return lambda env, value: _any_of(compiled, env, value)


def compile_test(node: Node) -> Test:
    """Return the function of one test: a comparison, a range, a value, or a condition on ``?``."""
    if isinstance(node, Comparison):
        return _compared(node)
    run, asks = compile_node(node), has_input([node])
    if isinstance(node, Text) or (isinstance(node, Number) and run(Environment({})) is not None):
        return _equals(run(Environment({})))
    if isinstance(node, Range):
        return _within(node, run)
    judges = isinstance(node, _JUDGING)

    def test(env: Environment, value: Value) -> bool | None:
        found = run(env.with_values({"?": value}) if asks else env)
        if asks and (isinstance(found, bool) or found is None):
            return found
        if judges and isinstance(found, bool) and not isinstance(value, bool):
            return found  # a condition of its own, that has no need of the input
        return _is_in(value, found)

    return test


_JUDGING = (Binary, Between, In, Quantified, InstanceOf, Call)


def _compared(node: Comparison) -> Test:
    operand, operator = compile_node(node.operand), node.operator
    constant = operand(Environment({})) if isinstance(node.operand, Number | Text) else None
    if constant is None:
        return lambda env, value: compare(operator, value, operand(env))
    order, kind = _ORDERS[operator], type(constant)

    def test(_env: Environment, value: Value) -> bool | None:
        if value.__class__ is kind:
            return order(value, constant)
        return compare(operator, value, constant)

    return test


def _equals(constant: Value) -> Test:
    kind = type(constant)

    def test(_env: Environment, value: Value) -> bool | None:
        if value.__class__ is kind:
            return bool(value == constant)
        return _is_in(value, constant)

    return test


def _within(node: Range, run: Run) -> Test:
    ends = isinstance(node.low, Number) and isinstance(node.high, Number)
    found = run(Environment({})) if ends else None
    # A number that is too large is null.
    if found is None or None in {found.low, found.high}:
        return lambda env, value: _is_in(value, run(env))
    above, below = (ge if node.low_closed else gt), (le if node.high_closed else lt)
    low, high = found.low, found.high

    def test(_env: Environment, value: Value) -> bool | None:
        if value.__class__ is Decimal:
            return bool(above(value, low) and below(value, high))
        return _is_in(value, found)

    return test


def _is_in(value: Value, found: Value) -> bool | None:
    if isinstance(found, RangeValue):
        inside = contains(found, value)
        if inside is not None or not isinstance(value, RangeValue):
            return inside
        return equal(value, found)
    if isinstance(found, list):
        if isinstance(value, list) and equal(value, found) is True:
            return True
        answers = [_is_in(value, each) for each in found]
        return True in answers
    return equal(value, found)


@compiles(Range)
def _range(node: Range) -> Run:
    low, high = compile_node(node.low), compile_node(node.high)

    def run(env: Environment) -> Value:
        start, end = low(env), high(env)
        if not ordered_kind(start, end):
            what = f"a range has no ends of two kinds, {kind_of(start)} and {kind_of(end)}"
            raise Nothing(what, start, end)
        return RangeValue(start, end, node.low_closed, node.high_closed)

    return guarded(run, node.at)


@compiles(Comparison)
def _comparison(node: Comparison) -> Run:
    operand, operator = compile_node(node.operand), node.operator
    return guarded(lambda env: open_range(operator, operand(env)), node.at)
