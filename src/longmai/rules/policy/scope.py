"""Which names a rule uses, and what kind of value it comes to, as far as its text tells."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from longmai.rules.feel.built_in import BUILT_INS
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
)

CLOCK = frozenset(("now", "today"))
_FUNCTIONS = {
    "boolean": (
        *("contains", "starts with", "ends with", "matches", "list contains", "all", "any", "even"),
        *("odd", "is", "not", "before", "after", "meets", "met by", "overlaps", "finishes"),
        *("finished by", "includes", "during", "starts", "started by", "coincides"),
    ),
    "number": (
        *("count", "sum", "mean", "product", "median", "stddev", "abs", "modulo", "sqrt", "log"),
        *("exp", "floor", "ceiling", "decimal", "round up", "round down", "round half up"),
        *("round half down", "string length", "day of year", "week of year", "number"),
    ),
    "date": ("date", "today"),
    "string": ("string", "substring", "upper case", "lower case"),
}
_KIND_OF_CALL = {name: kind for kind, names in _FUNCTIONS.items() for name in names}
_PARTS = {"year", "month", "day", "weekday", "hour", "minute", "second", "years", "months", "days"}


@dataclass(frozen=True)
class Used:
    """A name that a rule uses and does not bind itself.

    Attributes:
        in_filter: it stands in the condition of a filter, where a member's data have names too.
        called: it is called, with so many arguments; None where it is not.
    """

    name: str
    in_filter: bool = False
    called: int | None = None


@dataclass(frozen=True)
class Kinds:
    """What kinds names have.

    Attributes:
        names: kind by name; of lists ``list``.
        fields: of a member, by name.
        members: name of the list of members.
    """

    names: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict)
    members: str = ""


def used_names(node: Node) -> Iterator[Used]:
    """Yield the names a rule uses from outside.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> [each.name for each in used_names(parse_expression("some x in xs satisfies x > y"))]
    ['xs', 'y']
    """
    yield from _used(node, frozenset(), in_filter=False)


def _used(node: Any, bound: frozenset[str], *, in_filter: bool) -> Iterator[Used]:
    match node:
        case Name(name):
            if name not in bound:
                yield Used(name, in_filter)
        case Call(Name(name), arguments) if name not in bound:
            yield Used(name, in_filter, len(arguments))
            yield from _used(arguments, bound, in_filter=in_filter)
        case Filter(value, condition):
            yield from _used(value, bound, in_filter=in_filter)
            yield from _used(condition, bound | {"item"}, in_filter=True)
        case For() | Quantified() | Lambda() | Context():
            yield from _used_in_own_scope(node, bound, in_filter)
        case _:
            for part in _parts(node):
                yield from _used(part, bound, in_filter=in_filter)


def _used_in_own_scope(node: Any, bound: frozenset[str], in_filter: bool) -> Iterator[Used]:
    match node:
        case For(domains, value):
            yield from _of_domains(domains, value, bound | {"partial"}, in_filter)
        case Quantified(_, domains, condition):
            yield from _of_domains(domains, condition, bound, in_filter)
        case Lambda(parameters, body):
            yield from _used(body, bound | {name for name, _ in parameters}, in_filter=in_filter)
        case Context(entries):
            for name, value in entries:
                yield from _used(value, bound, in_filter=in_filter)
                bound |= {name}


def _parts(node: Any) -> Sequence[Any]:
    if isinstance(node, tuple):
        return node
    return [getattr(node, each.name) for each in fields(node)] if is_dataclass(node) else ()


def _of_domains(
    domains: Sequence[Any], body: Node, bound: frozenset[str], in_filter: bool
) -> Iterator[Used]:
    for each in domains:
        yield from _used((each.low, each.high), bound, in_filter=in_filter)
        bound |= {each.name}
    yield from _used(body, bound, in_filter=in_filter)


def kind_of_node(node: Node, kinds: Kinds) -> str:
    """Return the kind of value that an expression comes to; empty where its text does not tell.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> kind_of_node(parse_expression("age >= 60"), Kinds({"age": "number"}))
    'boolean'
    """
    simple = _KIND_OF_NODE.get(type(node))
    if simple is not None:
        return simple
    match node:
        case Truth(value):
            return "" if value is None else "boolean"
        case At(text):
            return "date" if _DAY.fullmatch(text) else ""
        case Name(name):
            return kinds.names.get(name, "")
        case If(_, then, otherwise):
            return kind_of_node(then, kinds) or kind_of_node(otherwise, kinds)
    return _of_compound(node, kinds)


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KIND_OF_NODE: Mapping[type, str] = {
    **dict.fromkeys((Number, Negation), "number"),
    **dict.fromkeys((Between, In, Quantified, InstanceOf, Comparison), "boolean"),
    **dict.fromkeys((ListOf, For, Filter), "list"),
    Text: "string",
    Range: "range",
    Context: "context",
}


def _of_compound(node: Node, kinds: Kinds) -> str:
    match node:
        case Path(value, name):
            return _of_path(value, name, kinds)
        case Binary():
            return _of_binary(node, kinds)
        case Call(Name("min" | "max"), arguments) if len(arguments) > 1:
            found = {kind_of_node(each, kinds) for each in arguments}
            return found.pop() if len(found) == 1 else ""
        case Call(Name(name)):
            return _KIND_OF_CALL.get(name, "")
    return ""


def _of_path(value: Node, name: str, kinds: Kinds) -> str:
    if kind_of_node(value, kinds) == "list":
        return "list"
    return "number" if name in _PARTS and kind_of_node(value, kinds) == "date" else ""


def _of_binary(node: Binary, kinds: Kinds) -> str:
    if node.operator in {"and", "or", "=", "!=", "<", "<=", ">", ">="}:
        return "boolean"
    sides = {kind_of_node(node.left, kinds), kind_of_node(node.right, kinds)}
    if node.operator == "+" and sides == {"string"}:
        return "string"
    return "number" if sides == {"number"} else ""


def clashes(node: Node, kinds: Kinds) -> Iterator[tuple[str, str, Node]]:
    """Yield (kind, kind, where) of what can never be compared or computed.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> next(clashes(parse_expression('age >= "60"'), Kinds({"age": "number"})))[:2]
    ('number', 'string')
    """
    match node:
        case Binary(operator, left, right) if operator not in {"and", "or"}:
            yield from _clash(operator, left, right, node, kinds)
        case Between(value, low, high):
            for end in (low, high):
                yield from _clash("<", value, end, node, kinds)
        case In(value, tests):
            for test in tests:
                for end in _ends(test):
                    yield from _clash("=", value, end, node, kinds)
        case Filter(value, condition):
            inner = Kinds({**kinds.names, **kinds.fields}, kinds.fields, kinds.members)
            yield from clashes(value, kinds)
            yield from clashes(condition, inner)
            return
        case For() | Quantified() | Lambda() | Context():
            return  # names of their own, whose kinds we do not follow
    for child in _children(node):
        yield from clashes(child, kinds)


def _ends(test: Node) -> tuple[Node, ...]:
    match test:
        case Range(low, high):
            return low, high
        case Comparison(_, operand):
            return (operand,)
        case Text() | Number():
            return (test,)
    return ()


def _clash(
    operator: str, left: Node, right: Node, node: Node, kinds: Kinds
) -> Iterator[tuple[str, str, Node]]:
    one, other = kind_of_node(left, kinds), kind_of_node(right, kinds)
    if one not in _SIMPLE or other not in _SIMPLE:
        return
    # A date plus a duration is no clash; the text alone does not tell what the other side is.
    dated = operator in {"+", "-"} and "date" in {one, other} and "string" not in {one, other}
    no_sum = operator in {"-", "*", "/", "**"} and one in {"string", "boolean"}
    if (one != other and not dated) or no_sum:
        yield one, other, node


_SIMPLE = frozenset(("number", "string", "boolean", "date"))


def _children(node: Any) -> Iterator[Node]:
    for each in fields(node):
        value = getattr(node, each.name)
        for child in value if isinstance(value, tuple) else (value,):
            if type(child) in _NODES:
                yield child


_NODES = frozenset(Node.__args__)


def is_function(name: str) -> bool:
    """Tell whether FEEL has a function of this name."""
    return name in BUILT_INS or name in CLOCK or name == "range"
