"""Large decision tables as a join: what inputs come to is looked up, not tried rule by rule.

The constants in a column of tests part its values into classes that all rules treat alike: below
the first threshold, on it, between it and the next, and so on. The table is run once, by the
interpreter, on one value of each class; what came of it are the rows of a relation. A person costs
a search for the class of each input and one join, however many rules there are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from itertools import islice, product
from math import prod
from typing import Any

from longmai.rules.columns.compiler import lower_scalar
from longmai.rules.columns.folding import is_constant
from longmai.rules.columns.operations import (
    NULL,
    added,
    aligned,
    case,
    compared,
    constant_of,
    is_null,
    is_surely_true,
    multiplied,
    whole,
)
from longmai.rules.columns.plan import Column, Constant, Lookup
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.types import NOTHING, Kind, NotStored, Type
from longmai.rules.dmn.model import Decision, DecisionTable, InputData, Model, Variable
from longmai.rules.dmn.running import Engine
from longmai.rules.feel.compiler import Environment, Run, compile_node, compile_tests
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.temporal import Date, DateTime
from longmai.rules.feel.tree import Call, Comparison, In, Name, Node, Range, Text, UnaryTests
from longmai.rules.feel.values import Nothing, Value
from longmai.rules.policy.strict import strict
from longmai.rules.policy.tables import compile_table

LEAST_RULES = 64
"""Smaller tables are tried rule by rule: a search and a join cost as much as these."""
_MOST_WORK = 2_000_000
"""Rules times combinations of classes that are run when a policy is compiled."""
_LISTS = {"RULE ORDER", "OUTPUT ORDER"}
_ANY = ("", "Any", "any")
_DECISION = "_decision"
_KINDS = {Kind.NUMBER, Kind.DATE, Kind.STRING, Kind.BOOLEAN}


class _NotConstant(Exception):
    """A table whose cells are not all constants."""


Concludes = Callable[[Mapping[str, Value], DateTime | None], Value]
"""Returns what a table comes to, given the values of names and the present instant."""


@dataclass(frozen=True)
class Meaning:
    """What a kind of table means.

    Attributes:
        test: returns the function of a cell over the value called ``_input``.
        concludes: returns that of a table.
        is_dmn: it may come to lists, and its inputs have types and values that are allowed.
    """

    test: Callable[[UnaryTests], Run]
    concludes: Callable[[DecisionTable], Concludes]
    is_dmn: bool


def _strict_test(cell: UnaryTests) -> Run:
    test: Node = In(Name("_input"), cell.tests)
    return compile_node(strict(Call(Name("not"), (test,)) if cell.negated else test))


def _strict_table(table: DecisionTable) -> Concludes:
    run = compile_table(table)

    def concludes(values: Mapping[str, Value], now: DateTime | None) -> Value:
        try:
            return run(Environment(dict(values), now=now))
        except Nothing:
            return None

    return concludes


def _plain_test(cell: UnaryTests) -> Run:
    test = compile_tests(cell)
    return lambda env: test(env, env.values["_input"])


def _plain_table(table: DecisionTable) -> Concludes:
    names = [each.expression for each in table.inputs]
    needs = [f"#{name}" for name in names]
    decision = Decision(_DECISION, Variable(_DECISION), needs, table)
    given = [InputData(name, Variable(name)) for name in names]
    engine = Engine(Model("m", "", elements=[*given, decision], names=frozenset(names)))

    def concludes(values: Mapping[str, Value], now: DateTime | None) -> Value:
        return engine.decide(_DECISION, {name: values[name] for name in names}, now).value

    return concludes


POLICY = Meaning(_strict_test, _strict_table, is_dmn=False)
"""What is not known stays unknown."""
DMN = Meaning(_plain_test, _plain_table, is_dmn=True)
"""A null passes no test but that for null."""


@dataclass(frozen=True)
class _Input:
    """An input: its classes.

    Attributes:
        column: of the number of a row's class.
        values: one of each class.
    """

    column: Column
    values: Sequence[Value]


def looked_up(
    table: DecisionTable, scope: Scope, meaning: Meaning = POLICY
) -> dict[str, Column] | None:
    """Return the columns of a table as a join; None where it is small or not constant."""
    if len(table.rules) < LEAST_RULES or (_has_lists(table) and not meaning.is_dmn):
        return None
    try:
        inputs = [_input(table, i, scope, meaning) for i in range(len(table.inputs))]
        if len(table.rules) * prod(len(each.values) for each in inputs) > _MOST_WORK:
            return None
        return _joined(table, scope, inputs, meaning)
    except (_NotConstant, NotStored, NotCompiled, Refused):
        return None


def _has_lists(table: DecisionTable) -> bool:
    return table.hit_policy in _LISTS or (table.hit_policy == "COLLECT" and not table.aggregation)


def _joined(
    table: DecisionTable, scope: Scope, inputs: Sequence[_Input], meaning: Meaning
) -> dict[str, Column]:
    key: Column = whole(0)
    for each in inputs:
        key = added(multiplied(key, whole(len(each.values))), each.column)
    names = [f"_input{i}" for i in range(len(inputs))]
    concludes = meaning.concludes(_renamed(table, names))
    outputs = [each.name for each in table.outputs]
    found: list[tuple[int, list[Value]]] = []
    for number, combination in enumerate(product(*(each.values for each in inputs))):
        values = scope.values | dict(zip(names, combination, strict=True))
        concluded = concludes(values, scope.now)
        if concluded is not None:
            found.append((number, [_output(concluded, name) for name in outputs]))
    return {
        name: relation(key, [(number, values[i]) for number, values in found])
        for i, name in enumerate(outputs)
    }


def _output(concluded: Value, name: str) -> Value:
    if isinstance(concluded, list):
        return [_output(each, name) for each in concluded]
    return concluded[name] if isinstance(concluded, dict) else concluded


def _renamed(table: DecisionTable, names: Sequence[str]) -> DecisionTable:
    """Return a table over the plain values of its inputs."""
    cells = [cell for rule in table.rules for cell in rule.conclusions]
    if any(not _is_plain(cell) for cell in (*cells, *(each.default for each in table.outputs))):
        raise _NotConstant
    pairs = zip(table.inputs, names, strict=True)
    return replace(table, inputs=[replace(each, expression=name) for each, name in pairs])


def _is_plain(cell: str) -> bool:
    return is_constant(parse_expression(cell or "null"), Scope({}))


def relation(key: Column, rows: Sequence[tuple[int, Value]]) -> Column:
    """Return the value that a relation has for a whole number, or null.

    Raises:
        Refused, NotStored: the values are of several kinds, or have no column.
    """
    if any(isinstance(value, list) for _, value in rows):
        return _lookup_of_lists(key, rows)
    known = [(number, constant_of(value)) for number, value in rows if value is not None]
    if not known:
        return NULL
    values = aligned(*(value for _, value in known))
    type_ = values[0].type
    for value in values:
        if value.type.kind is not type_.kind:
            raise _NotConstant
        type_ = type_.joined(value.type)
    pairs = zip((number for number, _ in known), values, strict=True)
    rows_ = tuple((number, value.value) for number, value in pairs if isinstance(value, Constant))
    return Lookup(key, rows_, type_.or_null())


def _lookup_of_lists(key: Column, rows: Sequence[tuple[int, Value]]) -> Column:
    items = [[constant_of(each) for each in value] for _, value in rows if value is not None]
    flat = aligned(*(each for some in items for each in some))
    if len({each.type.kind for each in flat}) > 1:
        raise _NotConstant
    type_ = reduce(Type.joined, (each.type for each in flat), NOTHING)
    if flat:
        type_ = replace(type_, kind=flat[0].type.kind, scale=flat[0].type.scale)
    waiting = iter(each.value for each in flat if isinstance(each, Constant))
    numbers = (number for number, value in rows if value is not None)
    stored = tuple(
        (number, tuple(islice(waiting, len(some))))
        for number, some in zip(numbers, items, strict=True)
    )
    return Lookup(key, stored, type_, is_list=True)


def _input(table: DecisionTable, index: int, scope: Scope, meaning: Meaning) -> _Input:
    given, names = table.inputs[index], {*scope.parts, *scope.constants}
    value = lower_scalar(parse_expression(given.expression, names), scope)
    if isinstance(value, Ratio | Constant) or value.type.kind not in _KINDS:
        raise _NotConstant
    if meaning.is_dmn and given.type not in {*_ANY, value.type.kind}:
        raise _NotConstant
    texts = [rule.tests[index] for rule in table.rules if index < len(rule.tests)]
    texts += [given.values] if meaning.is_dmn else []
    cells = [parse_unary_tests(each or "-", names) for each in dict.fromkeys(texts)]
    kind = value.type.kind
    constants = {each for cell in cells for test in cell.tests for each in _constants(test, scope)}
    if any(_kind_of(each) is not kind for each in constants):
        raise _NotConstant
    runs = [meaning.test(cell) for cell in cells if cell.tests]
    return _parted(value, sorted(constants, key=_order), _Alike(runs, scope))


def _order(value: Value) -> Any:
    return value.ordinal if isinstance(value, Date) else value


@dataclass
class _Alike:
    """Puts values that no test tells apart into one class."""

    runs: Sequence[Run]
    scope: Scope

    def __post_init__(self) -> None:
        self.values: list[Value] = []
        self._numbers: dict[tuple[Value, ...], int] = {}

    def number(self, value: Value) -> int:
        env = Environment(self.scope.values | {"_input": value}, now=self.scope.now)
        answers = tuple(run(env) for run in self.runs)
        if answers not in self._numbers:
            self._numbers[answers] = len(self.values)
            self.values.append(value)
        return self._numbers[answers]


def _parted(value: Column, constants: Sequence[Value], alike: _Alike) -> _Input:
    kind = value.type.kind
    parted: Callable[[Column, Sequence[Value], _Alike], Column] = _of_order
    if kind is Kind.STRING:
        parted = _of_texts
    elif kind is Kind.BOOLEAN:
        parted = _of_truth
    number = parted(value, constants, alike)
    if value.type.nullable:
        number = case([(is_null(value), whole(alike.number(None)))], number)
    # Its bounds are what the key's are added up from.
    highest = len(alike.values) - 1
    type_ = replace(number.type, nullable=False, low=0, high=highest)
    return _Input(replace(number, type=type_), alike.values)


def _of_truth(value: Column, _constants: Sequence[Value], alike: _Alike) -> Column:
    yes, no = map(alike.number, (True, False))
    return case([(is_surely_true(value), whole(yes))], whole(no))


def _of_texts(value: Column, constants: Sequence[Value], alike: _Alike) -> Column:
    other = "".join(str(each) for each in constants) + "x"  # longer than any of them
    rest = alike.number(other)
    rows = tuple((each, alike.number(each)) for each in constants)
    if not rows:
        return whole(rest)
    numbers = [number for _, number in rows]
    type_ = Type(Kind.NUMBER, nullable=True, low=min(numbers), high=max(numbers))
    found = Lookup(value, rows, type_)
    return case([(is_null(found), whole(rest))], found)


def _of_order(value: Column, constants: Sequence[Value], alike: _Alike) -> Column:
    """Search for the class of a value: below a border it is one, from there on another."""
    borders: list[tuple[str, Constant]] = []
    classes = [alike.number(_below(constants[0]) if constants else _any(value))]
    for i, constant in enumerate(constants):
        after = _between(constant, constants[i + 1] if i + 1 < len(constants) else None)
        stored = constant_of(constant)
        for sign, each in (("<", constant), ("<=", after)):
            number = alike.number(each)
            if number != classes[-1]:
                borders.append((sign, stored))
                classes.append(number)
    return _search(value, borders, classes)


def _search(
    value: Column, borders: Sequence[tuple[str, Constant]], classes: Sequence[int]
) -> Column:
    if not borders:
        return whole(classes[0])
    middle = len(borders) // 2
    sign, border = borders[middle]
    below = _search(value, borders[:middle], classes[: middle + 1])
    above = _search(value, borders[middle + 1 :], classes[middle + 1 :])
    return case([(compared(sign, value, border), below)], above)


def _any(value: Column) -> Value:
    return Date(2000, 1, 1) if value.type.kind is Kind.DATE else Decimal(0)


def _below(value: Value) -> Value:
    return Date.of_ordinal(value.ordinal - 1) if isinstance(value, Date) else value - 1


def _between(value: Value, higher: Value) -> Value:
    if isinstance(value, Date):
        return Date.of_ordinal(value.ordinal + 1)
    if not isinstance(value, Decimal):
        raise _NotConstant
    return value + 1 if not isinstance(higher, Decimal) else (value + higher) / 2


def _constants(test: Node, scope: Scope) -> Iterator[Value]:
    """Yield the constants of a test that is a comparison, a range or a value."""
    match test:
        case Comparison(operator, operand):
            if isinstance(operand, Text) and operator not in {"=", "!="}:
                raise _NotConstant
            yield from _values(operand, scope)
        case Range(low, high):
            yield from _values(low, scope)
            yield from _values(high, scope)
        case _:
            yield from _values(test, scope)


def _values(node: Node, scope: Scope) -> Iterator[Value]:
    if isinstance(node, Comparison | Range | In) or not is_constant(node, scope):
        raise _NotConstant
    value = compile_node(node)(Environment(scope.values, now=scope.now))
    for each in value if isinstance(value, list) else [value]:
        if each is None:
            continue  # It has a class of its own wherever it can be.
        if _kind_of(each) is None:
            raise _NotConstant
        yield each


def _kind_of(value: Value) -> Kind | None:
    match value:
        case bool():
            return Kind.BOOLEAN
        case Decimal():
            return Kind.NUMBER
        case str():
            return Kind.STRING
        case Date():
            return Kind.DATE
    return None
