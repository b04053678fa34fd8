"""From the tree to a function: parsed once, run often, no name of Python's in reach.

Each node becomes a closure over those of its parts. An environment is a mapping of names to values;
what is null because something went wrong is noted in the environment's list of problems.
"""

from decimal import DecimalException

from longmai.rules.feel import calls, iteration, operators
from longmai.rules.feel.built_in import BUILT_INS, function_of
from longmai.rules.feel.calls import call_function
from longmai.rules.feel.operators import Test, compile_test, compile_tests
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.properties import property_of
from longmai.rules.feel.running import (
    Environment,
    Problem,
    Run,
    compile_node,
    compiles,
    guarded,
)
from longmai.rules.feel.temporal import (
    NotTemporal,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from longmai.rules.feel.tree import (
    At,
    Context,
    If,
    InstanceOf,
    ListOf,
    Name,
    Number,
    Path,
    Text,
    Truth,
)
from longmai.rules.feel.types import conforms
from longmai.rules.feel.values import ARITHMETIC, Nothing, Value
from longmai.rules.feel.words import bare

__all__ = [
    "ROOMS",
    "Environment",
    "Problem",
    "Run",
    "Test",
    "call_function",
    "compile_node",
    "compile_test",
    "compile_tests",
    "evaluate",
]

ROOMS = (calls, iteration, operators)
"""The modules that compile the other nodes; they declare themselves."""


def evaluate(text: str, **values: Value) -> Value:
    """Parse and run an expression once.

    >>> from decimal import Decimal
    >>> evaluate("if age >= 60 then 100 * 1.5 else 0", age=Decimal(61))
    Decimal('150.0')

    Raises:
        Invalid: the text is no expression.
    """
    run = compile_node(parse_expression(text, values))
    return guarded(run)(Environment(dict(values)))


def _constant(value: Value) -> Run:
    return lambda _env: value


@compiles(Number)
def _number(node: Number) -> Run:
    try:
        return _constant(ARITHMETIC.plus(node.value))
    except DecimalException:
        return _null("the number is too large", node)


def _null(what: str, node: Number | At) -> Run:
    return lambda env: env.note(what, node.at)


@compiles(At)
def _at(node: At) -> Run:
    for parse in (parse_date, parse_time, parse_duration, parse_date_time):
        try:
            return _constant(parse(node.text))
        except NotTemporal:
            continue
    return _null(f'@"{node.text}" is no date, time or duration', node)


@compiles(Name)
def _name(node: Name) -> Run:
    name = node.name
    constant = function_of(name) if name in BUILT_INS else None
    # A name with a dot is known somewhere in the model; elsewhere the dot leads into a value.
    first, _, rest = name.partition(".")
    path = _path(Path(Name(first, at=node.at), rest, at=node.at)) if rest else None

    def run(env: Environment) -> Value:
        try:
            return env.values[name]
        except KeyError:
            if path is not None:
                return path(env)
            if constant is None:
                env.note(f"nothing is called '{name}'", node.at)
            return constant

    return run


@compiles(Text)
@compiles(Truth)
def _literal(node: Text | Truth) -> Run:
    return _constant(node.value)


@compiles(ListOf)
def _list(node: ListOf) -> Run:
    items = [compile_node(item) for item in node.items]
    return lambda env: [item(env) for item in items]


@compiles(Context)
def _context(node: Context) -> Run:
    entries = [(name, bare(name), compile_node(value)) for name, value in node.entries]
    names = [name for name, _, _ in entries]

    def run(env: Environment) -> Value:
        if len(set(names)) != len(names):
            raise Nothing("a context names an entry twice")
        found: dict[str, Value] = {}
        inner = env.with_values({})
        inner.bounds.spend(1)
        for name, own, value in entries:
            found[name] = inner.values[own] = value(inner)
        return found

    return guarded(run, node.at)


@compiles(Path)
def _path(node: Path) -> Run:
    value, name = compile_node(node.value), node.name

    def run(env: Environment) -> Value:
        return property_of(value(env), name)

    return guarded(run, node.at)


@compiles(If)
def _if(node: If) -> Run:
    condition, then, otherwise = map(compile_node, (node.condition, node.then, node.otherwise))
    return lambda env: then(env) if condition(env) is True else otherwise(env)


@compiles(InstanceOf)
def _instance_of(node: InstanceOf) -> Run:
    value = compile_node(node.value)
    return guarded(lambda env: conforms(value(env), node.type, env.types), node.at)
