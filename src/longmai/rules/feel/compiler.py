"""From the tree to a function: parsed once, run often, no name of Python's in reach.

Each node becomes a closure over those of its parts. An environment is a mapping of names to values;
what is null because something went wrong is noted in the environment's list of problems.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from typing import Any

from longmai.kernel.errors import Invalid
from longmai.rules.feel import (
    built_in,
    list_functions,
    number_functions,
    text_functions,
    time_functions,
)
from longmai.rules.feel.arithmetic import OPERATIONS, negated
from longmai.rules.feel.built_in import BUILT_INS, call_built_in, call_by_names, function_of
from longmai.rules.feel.external import external_function
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.properties import property_of
from longmai.rules.feel.temporal import (
    Date,
    DateTime,
    NotTemporal,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from longmai.rules.feel.time_functions import open_range
from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    Context,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Iteration,
    Lambda,
    ListOf,
    Name,
    Negation,
    Node,
    Number,
    Path,
    Quantified,
    Range,
    Text,
    Truth,
    TypeName,
    UnaryTests,
    has_input,
)
from longmai.rules.feel.types import conforms
from longmai.rules.feel.values import (
    ARITHMETIC,
    Function,
    Nothing,
    RangeValue,
    Value,
    compare,
    contains,
    equal,
    kind_of,
)

_USED = (list_functions, number_functions, text_functions, time_functions, built_in)
_MAX_STEPS = 1_000_000
_LITERAL_CALLS = {"date", "time", "date and time", "duration"}
_MAX_DEPTH = 60
_SHORT_CHAIN = 8
# No name of FEEL: what a chain of operators came to so far.
_LEFT = ""


@dataclass
class Environment:
    """What an expression sees.

    Attributes:
        values: by name.
        types: of item definitions, by name.
        problems: why values became null.
        now: the present instant, for ``now()`` and ``today()``; None: there is none.
        depth: of calls of functions within each other.
    """

    values: dict[str, Value]
    types: Mapping[str, TypeName] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    now: DateTime | None = None
    depth: int = 0

    def with_values(self, more: Mapping[str, Value]) -> "Environment":
        """Return an environment with more names over these."""
        values = {**self.values, **more}
        return Environment(values, self.types, self.problems, self.now, self.depth)


Run = Callable[[Environment], Value]


def evaluate(text: str, **values: Value) -> Value:
    """Parse and run an expression once.

    >>> evaluate("if age >= 60 then 100 * 1.5 else 0", age=Decimal(61))
    Decimal('150.0')

    Raises:
        Invalid: the text is no expression.
    """
    env = Environment(dict(values))
    return guarded(compile_node(parse_expression(text, values)))(env)


def compile_node(node: Node) -> Run:
    """Return the function of a tree."""
    return _COMPILERS[type(node)](node)


def guarded(run: Run) -> Run:
    """Return a function whose value is null, with a problem noted, where it has none."""

    def tried(env: Environment) -> Value:
        try:
            return run(env)
        except (Nothing, NotTemporal) as reason:
            env.problems.append(str(reason))
        except (DecimalException, OverflowError, RecursionError) as error:
            env.problems.append(type(error).__name__)
        return None

    return tried


def _constant(value: Value) -> Run:
    return lambda _env: value


def _number(node: Number) -> Run:
    return _constant(ARITHMETIC.plus(node.value))


def _at(node: At) -> Run:
    for parse in (parse_date, parse_time, parse_duration, parse_date_time):
        try:
            return _constant(parse(node.text))
        except NotTemporal:
            continue

    def wrong(_env: Environment) -> Value:
        raise Nothing(f'@"{node.text}" is no date, time or duration')

    return guarded(wrong)


def _name(node: Name) -> Run:
    name = node.name
    constant = function_of(name) if name in BUILT_INS else None
    # A name with a dot is known somewhere in the model; elsewhere the dot leads into a value.
    first, _, rest = name.partition(".")
    path = _path(Path(Name(first), rest)) if rest else None

    def run(env: Environment) -> Value:
        try:
            return env.values[name]
        except KeyError:
            if path is not None:
                return path(env)
            if constant is None:
                env.problems.append(f"nothing is called '{name}'")
            return constant

    return run


def _negation(node: Negation) -> Run:
    # Of many minus signs only whether they are odd matters, and that there is something to negate.
    count, operand = 1, node.operand
    while isinstance(operand, Negation):
        count, operand = count + 1, operand.operand
    run = compile_node(operand)
    if count % 2:
        return guarded(lambda env: negated(run(env)))
    return guarded(lambda env: negated(negated(run(env))))


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


def _between(node: Between) -> Run:
    value, low, high = map(compile_node, (node.value, node.low, node.high))

    def run(env: Environment) -> Value:
        found = value(env)
        ends = compare(">=", found, low(env)), compare("<=", found, high(env))
        return None if None in ends else all(ends)

    return run


def _in(node: In) -> Run:
    value = compile_node(node.value)
    tests = [compile_test(test) for test in node.tests]

    def run(env: Environment) -> Value:
        return _any_of(tests, env, value(env))

    return run


Test = Callable[[Environment, Value], "bool | None"]


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


def _range(node: Range) -> Run:
    low, high = compile_node(node.low), compile_node(node.high)

    def run(env: Environment) -> Value:
        start, end = low(env), high(env)
        if not time_functions.ordered_kind(start, end):
            raise Nothing(f"a range from {kind_of(start)} to {kind_of(end)}")
        return RangeValue(start, end, node.low_closed, node.high_closed)

    return guarded(run)


def _comparison(node: Comparison) -> Run:
    operand, operator = compile_node(node.operand), node.operator
    return lambda env: open_range(operator, operand(env))


def _list(node: ListOf) -> Run:
    items = [compile_node(item) for item in node.items]
    return lambda env: [item(env) for item in items]


def _context(node: Context) -> Run:
    entries = [(name, compile_node(value)) for name, value in node.entries]
    names = [name for name, _ in entries]

    def run(env: Environment) -> Value:
        if len(set(names)) != len(names):
            raise Nothing("a context names an entry twice")
        found: dict[str, Value] = {}
        inner = env.with_values({})
        for name, value in entries:
            found[name] = inner.values[name] = value(inner)
        return found

    return guarded(run)


def _path(node: Path) -> Run:
    value, name = compile_node(node.value), node.name

    def run(env: Environment) -> Value:
        return property_of(value(env), name)

    return guarded(run)


def _filter(node: Filter) -> Run:
    value, condition = compile_node(node.value), compile_node(node.condition)
    static = isinstance(node.condition, Number | Negation)

    def run(env: Environment) -> Value:
        found = value(env)
        if found is None and not static:
            return None if isinstance(node.condition, Number | Negation) else []
        listed = found if isinstance(found, list) else [found]
        if static:
            return _item(listed, condition(env))
        kept = []
        for each in listed:
            answer = condition(_element(env, each))
            if isinstance(answer, Decimal):
                return _item(listed, answer)
            if answer is True:
                kept.append(each)
        if not listed:
            answer = condition(env)
            return _item(listed, answer) if isinstance(answer, Decimal) else []
        return kept

    return guarded(run)


def _element(env: Environment, item: Value) -> Environment:
    # An item of the list is named item; of a context its entries have names of their own.
    more = {"item": item}
    return env.with_values(more | item if isinstance(item, dict) else more)


def _item(listed: Sequence[Value], position: Value) -> Value:
    if not isinstance(position, Decimal) or position != position.to_integral_value():
        raise Nothing("a position is a whole number")
    at = int(position)
    if not at or abs(at) > len(listed):
        raise Nothing(f"there is no item {at}")
    return listed[at - 1 if at > 0 else at]


def _call(node: Call) -> Run:
    arguments = [compile_node(each) for each in node.arguments]
    names = node.names
    own = node.function.name if isinstance(node.function, Name) else ""
    function = compile_node(node.function)

    def run(env: Environment) -> Value:
        values = [argument(env) for argument in arguments]
        if own == "range" and own not in env.values and names in {(), ("from",)}:
            return _range_of(values, env)
        if own in BUILT_INS and own not in env.values:
            return (
                call_by_names(own, dict(zip(names, values, strict=True)))
                if names
                else call_built_in(own, values)
            )
        if own in {"now", "today"} and own not in env.values:
            return _clock(own, env, values)
        return call_function(function(env), values, names, env)

    return guarded(run)


def _clock(name: str, env: Environment, values: Sequence[Value]) -> Value:
    if env.now is None or values:
        raise Nothing(f"{name}() has no clock here, or was given arguments")
    return env.now if name == "now" else env.now.date


def call_function(
    function: Value, values: Sequence[Value], names: Sequence[str], env: Environment
) -> Value:
    """Call a function value.

    Raises:
        Nothing: it is no function, or takes other arguments.
    """
    if not isinstance(function, Function):
        raise Nothing(f"{kind_of(function)} is no function")
    if names:
        given = dict(zip(names, values, strict=True))
        if given.keys() != set(function.parameters):
            raise Nothing(f"the function has the parameters {', '.join(function.parameters)}")
        values = [given[name] for name in function.parameters]
    elif len(values) != len(function.parameters):
        raise Nothing(f"the function takes {len(function.parameters)} arguments")
    if env.depth >= _MAX_DEPTH:
        raise Nothing("functions call each other too deep")
    env.depth += 1
    try:
        return function.run(values)
    finally:
        env.depth -= 1


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


def _if(node: If) -> Run:
    condition, then, otherwise = map(compile_node, (node.condition, node.then, node.otherwise))
    return lambda env: then(env) if condition(env) is True else otherwise(env)


def _iterated(domains: Sequence[Iteration]) -> Callable[[Environment], Any]:
    compiled = [
        (each.name, compile_node(each.low), None if each.high is None else compile_node(each.high))
        for each in domains
    ]

    def steps(env: Environment, level: int = 0) -> Any:
        if level == len(compiled):
            yield env
            return
        name, low, high = compiled[level]
        for each in _domain(low(env), None if high is None else high(env), ranged=high is not None):
            yield from steps(env.with_values({name: each}), level + 1)

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
        days = _whole_numbers(low.ordinal, high.ordinal, range_, down=down)
        return [Date.of_ordinal(day) for day in days]
    if not (isinstance(low, Decimal) and isinstance(high, Decimal)):
        raise Nothing("one runs through numbers or dates")
    if low != low.to_integral_value() or high != high.to_integral_value():
        raise Nothing("one runs through whole numbers")
    return [Decimal(each) for each in _whole_numbers(int(low), int(high), range_, down=down)]


def _whole_numbers(low: int, high: int, range_: RangeValue, *, down: bool) -> range:
    if abs(high - low) > _MAX_STEPS:
        raise Nothing(f"more than {_MAX_STEPS} steps")
    if high < low and down:
        return range(low, high - 1, -1)
    if high < low:
        raise Nothing("the range ends before it begins")
    return range(low + (not range_.low_closed), high + range_.high_closed)


def _for(node: For) -> Run:
    steps, value = _iterated(node.domains), compile_node(node.value)

    def run(env: Environment) -> Value:
        found: list[Value] = []
        # Not extended in one go: a step sees the results of those before it.
        for step in steps(env.with_values({"partial": found})):
            found.append(value(step))  # noqa: PERF401 - see above
        return found

    return guarded(run)


def _quantified(node: Quantified) -> Run:
    steps, condition = _iterated(node.domains), compile_node(node.condition)
    decisive = not node.every

    def run(env: Environment) -> Value:
        unknown = False
        for step in steps(env):
            answer = condition(step)
            if answer is decisive:
                return decisive
            unknown = unknown or not isinstance(answer, bool)
        return None if unknown else not decisive

    return guarded(run)


def _lambda(node: Lambda) -> Run:
    body = compile_node(node.body)
    names = tuple(name for name, _ in node.parameters)

    def make(env: Environment) -> Value:
        if node.external:
            return external_function(names, body(env))

        def run(values: Sequence[Value]) -> Value:
            taken = [
                _typed(value, type_, env)
                for value, (_, type_) in zip(values, node.parameters, strict=True)
            ]
            return body(env.with_values(dict(zip(names, taken, strict=True))))

        return Function(names, run)

    return guarded(make)


def _typed(value: Value, type_: TypeName | None, env: Environment) -> Value:
    if type_ is None or value is None:
        return value
    fitting = conforms(value, type_, env.types)
    if not fitting and isinstance(value, list) and len(value) == 1:
        value, fitting = value[0], conforms(value[0], type_, env.types)
    if not fitting:
        raise Nothing(f"an argument is {type_.name}, not {kind_of(value)}")
    return value


def _instance_of(node: InstanceOf) -> Run:
    value = compile_node(node.value)
    return lambda env: conforms(value(env), node.type, env.types)


_COMPILERS: Mapping[type, Callable[[Any], Run]] = {
    Number: _number,
    Text: lambda node: _constant(node.value),
    Truth: lambda node: _constant(node.value),
    At: _at,
    Name: _name,
    Negation: _negation,
    Binary: _binary,
    Between: _between,
    In: _in,
    Comparison: _comparison,
    Range: _range,
    ListOf: _list,
    Context: _context,
    Path: _path,
    Filter: _filter,
    Call: _call,
    If: _if,
    For: _for,
    Quantified: _quantified,
    Lambda: _lambda,
    InstanceOf: _instance_of,
}
