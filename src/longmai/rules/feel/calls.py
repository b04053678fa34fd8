"""Functions and their calls: built-in ones, lambdas, and those that the standard leaves to Java."""

from collections.abc import Callable, Sequence

from longmai.kernel.errors import Invalid
from longmai.rules.feel import (
    list_functions,
    number_functions,
    range_functions,
    text_functions,
    time_functions,
)
from longmai.rules.feel.built_in import BUILT_INS, call_built_in, call_by_names
from longmai.rules.feel.external import external_function
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.running import Environment, Run, compile_node, compiles, guarded
from longmai.rules.feel.tree import (
    At,
    Call,
    Lambda,
    Name,
    Negation,
    Node,
    Number,
    Range,
    Text,
    Truth,
    TypeName,
)
from longmai.rules.feel.types import conforms
from longmai.rules.feel.values import Function, Nothing, RangeValue, Value, compare, kind_of
from longmai.rules.feel.words import bare

LIBRARY = (list_functions, number_functions, range_functions, text_functions, time_functions)
"""The modules of the built-in functions, which declare themselves."""
_LITERAL_CALLS = {"date", "time", "date and time", "duration"}


_COSTLY = dict.fromkeys(
    ("exp", "log", "sqrt", "stddev", "modulo", "matches", "replace", "split"), 20
)
"""Steps that a call counts as, where it takes longer than others."""


@compiles(Call)
def _call(node: Call) -> Run:
    arguments = [compile_node(each) for each in node.arguments]
    names = tuple(map(bare, node.names))
    own = node.function.name if isinstance(node.function, Name) else ""
    function = compile_node(node.function)
    built_in = _built_in(own, names)
    if built_in is None or len(set(names)) != len(names):
        return guarded(
            lambda env: call_function(function(env), [run(env) for run in arguments], names),
            node.at,
        )

    cost = _COSTLY.get(own, 0)

    def run(env: Environment) -> Value:
        values = [argument(env) for argument in arguments]
        if own in env.values:
            return call_function(env.values[own], values, names)
        env.bounds.spend(cost)
        return env.bounds.spend_on(built_in(values, env))

    return guarded(run, node.at)


def _built_in(
    own: str, names: tuple[str, ...]
) -> Callable[[Sequence[Value], Environment], Value] | None:
    """Return what a built-in function does; None where a name is no built-in one."""
    if own == "range" and names in {(), ("from",)}:
        return _range_of
    if own in {"now", "today"}:
        return lambda values, env: _clock(own, env, values)
    if own not in BUILT_INS:
        return None
    if names:
        return lambda values, _env: call_by_names(own, dict(zip(names, values, strict=True)))
    return lambda values, _env: call_built_in(own, values)


def _clock(name: str, env: Environment, values: Sequence[Value]) -> Value:
    if env.now is None or values:
        raise Nothing(f"{name}() has no clock here, or was given arguments")
    return env.now if name == "now" else env.now.date


def call_function(function: Value, values: Sequence[Value], names: Sequence[str] = ()) -> Value:
    """Call a function value.

    Raises:
        Nothing: it is no function, or takes other arguments.
    """
    if not isinstance(function, Function):
        raise Nothing("what is called is no function", function)
    if names:
        given = dict(zip(map(bare, names), values, strict=True))
        wanted = [bare(name) for name in function.parameters]
        if given.keys() != set(wanted) or len(given) != len(values):
            raise Nothing(f"the function has the parameters {', '.join(function.parameters)}")
        values = [given[name] for name in wanted]
    elif len(values) != len(function.parameters):
        raise Nothing(f"the function takes {len(function.parameters)} arguments, not {len(values)}")
    return function.run(values)


def _range_of(values: Sequence[Value], env: Environment) -> Value:
    if len(values) != 1 or not isinstance(values[0], str):
        raise Nothing("range() reads a string")
    return read_range(values[0], env)


def read_range(text: str, env: Environment) -> Value:
    """Read a range from its text, of literals alone."""
    try:
        node = parse_expression(text)
    except Invalid as error:
        raise Nothing(f"not a range: {error.what}") from None
    if not isinstance(node, Range) or not (_is_literal(node.low) and _is_literal(node.high)):
        raise Nothing("the ends of a range are literals")
    found = compile_node(node)(env)
    if not isinstance(found, RangeValue) or (found.low is None and found.high is None):
        raise Nothing("not a range")
    if None not in {found.low, found.high} and compare(">", found.low, found.high) is not False:
        raise Nothing("the range ends before it begins")
    return found


def _is_literal(node: Node) -> bool:
    if isinstance(node, Call) and isinstance(node.function, Name):
        return node.function.name in _LITERAL_CALLS and all(
            isinstance(each, Text) for each in node.arguments
        )
    if isinstance(node, Negation):
        return isinstance(node.operand, Number)
    return isinstance(node, Number | Text | Truth | At)


@compiles(Lambda)
def _lambda(node: Lambda) -> Run:
    body = compile_node(node.body)
    names = tuple(name for name, _ in node.parameters)

    def make(env: Environment) -> Value:
        env.bounds.spend(1)
        if node.external:
            return external_function(names, body(env))

        def run(values: Sequence[Value]) -> Value:
            taken = [
                _typed(value, type_, env)
                for value, (_, type_) in zip(values, node.parameters, strict=True)
            ]
            given = dict(zip(names, taken, strict=True))
            return env.bounds.call(body, env.with_values(given))

        return Function(names, run)

    return guarded(make, node.at)


def _typed(value: Value, type_: TypeName | None, env: Environment) -> Value:
    if type_ is None or value is None:
        return value
    fitting = conforms(value, type_, env.types)
    if not fitting and isinstance(value, list) and len(value) == 1:
        value, fitting = value[0], conforms(value[0], type_, env.types)
    if not fitting:
        raise Nothing(f"an argument is {type_.name}, not {kind_of(value)}", value)
    return value
