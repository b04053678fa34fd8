"""Operators, comparisons and the tests of inputs, as functions."""

from collections.abc import Callable, Sequence

from longmai.rules.feel.arithmetic import OPERATIONS, negated
from longmai.rules.feel.running import Environment, Run, compile_node, compiles, guarded
from longmai.rules.feel.time_functions import open_range, ordered_kind
from longmai.rules.feel.tree import (
    Between,
    Binary,
    Comparison,
    In,
    Negation,
    Node,
    Range,
    UnaryTests,
    has_input,
)
from longmai.rules.feel.values import Nothing, RangeValue, Value, compare, contains, equal, kind_of

_SHORT_CHAIN = 8
# No name of FEEL: what a chain of operators came to so far.
_LEFT = ""

Test = Callable[[Environment, Value], "bool | None"]


@compiles(Negation)
def _negation(node: Negation) -> Run:
    # Of many minus signs only whether they are odd matters, and that there is something to negate.
    count, operand = 1, node.operand
    while isinstance(operand, Negation):
        count, operand = count + 1, operand.operand
    run = compile_node(operand)
    if count % 2:
        return guarded(lambda env: negated(run(env)))
    return guarded(lambda env: negated(negated(run(env))))


@compiles(Binary)
def _binary(node: Binary) -> Run:
    """Compile two operands; a long chain of operators to the left becomes a loop, not a nest."""
    links: list[tuple[str, Run]] = []
    first: Node = node
    while isinstance(first, Binary):
        links.append((first.operator, compile_node(first.right)))
        first = first.left
    run = compile_node(first)
    if len(links) <= _SHORT_CHAIN:
        for operator, right in reversed(links):
            run = _two(operator, run, right)
        return run
    steps = [_two(operator, _left_value, right) for operator, right in reversed(links)]

    def chain(env: Environment) -> Value:
        value, inner = run(env), env.with_values({})
        for step in steps:
            inner.values[_LEFT] = value
            value = step(inner)
        return value

    return chain


def _left_value(env: Environment) -> Value:
    return env.values[_LEFT]


def _two(operator: str, left: Run, right: Run) -> Run:
    if operator in {"and", "or"}:
        return _connective(left, right, decisive=operator == "or")
    if operator in OPERATIONS:
        operation = OPERATIONS[operator]
        return guarded(lambda env: operation(left(env), right(env)))

    def comparing(env: Environment) -> Value:
        return compare(operator, left(env), right(env))

    return comparing


def _connective(left: Run, right: Run, *, decisive: bool) -> Run:
    # Three-valued logic: what decides, decides, whatever the other side is.
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


@compiles(Between)
def _between(node: Between) -> Run:
    value, low, high = map(compile_node, (node.value, node.low, node.high))

    def run(env: Environment) -> Value:
        found = value(env)
        ends = compare(">=", found, low(env)), compare("<=", found, high(env))
        return None if None in ends else all(ends)

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
    return lambda env, value: _any_of(compiled, env, value)


def compile_test(node: Node) -> Test:
    """Return the function of one test: a comparison, a range, a value, or a condition on ``?``."""
    if isinstance(node, Comparison):
        operand, operator = compile_node(node.operand), node.operator
        return lambda env, value: compare(operator, value, operand(env))
    run, asks = compile_node(node), has_input([node])

    def test(env: Environment, value: Value) -> bool | None:
        found = run(env.with_values({"?": value}) if asks else env)
        if asks and (isinstance(found, bool) or found is None):
            return found
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
            raise Nothing(f"a range from {kind_of(start)} to {kind_of(end)}")
        return RangeValue(start, end, node.low_closed, node.high_closed)

    return guarded(run)


@compiles(Comparison)
def _comparison(node: Comparison) -> Run:
    operand, operator = compile_node(node.operand), node.operator
    return lambda env: open_range(operator, operand(env))
