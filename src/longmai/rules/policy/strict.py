"""What is not known stays unknown: FEEL's null made as careful as a decision about people needs.

In FEEL ``null = "一级"`` is false, ``if null`` takes the other branch, and a filter drops whom it
cannot judge. A policy must not refuse a person, or count a household short, for want of a datum. So
before a rule runs, its tree is rewritten: a comparison, condition or filter that meets an unknown
value is itself unknown. Who asks for null by name (``x = null``) still gets an answer. The result
is plain FEEL again, so that the interpreter and the columns mean the same by it.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from longmai.rules.feel.tree import (
    At,
    Binary,
    Call,
    Comparison,
    Filter,
    If,
    In,
    Name,
    Negation,
    Node,
    Number,
    Text,
    Truth,
)

NULL = Truth(None)


@lru_cache(maxsize=65_536)
def strict(node: Node) -> Node:
    """Return the tree with unknown values kept unknown.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> from longmai.rules.feel.printer import print_node
    >>> print_node(strict(parse_expression('a = "x"')))
    'if (a = null) then null else (a = "x")'
    """
    inner = _with_parts(node)
    rewrite = _REWRITES.get(type(inner))
    return inner if rewrite is None else rewrite(inner)


def _with_parts(node: Node) -> Node:
    changes = {each.name: _part(getattr(node, each.name)) for each in fields(node)}
    return replace(node, **changes)


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_part(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return strict(value) if type(value) in _NODES else _with_parts(value)  # type: ignore[arg-type]
    return value


def _unless_unknown(parts: tuple[Node, ...], found: Node) -> Node:
    asked = [part for part in parts if not isinstance(part, _KNOWN)]
    for part in reversed(asked):
        found = If(Binary("=", part, NULL), NULL, found)
    return found


def _binary(node: Binary) -> Node:
    if node.operator not in {"=", "!="} or NULL in {node.left, node.right}:
        return node
    return _unless_unknown((node.left, node.right), node)


def _in(node: In) -> Node:
    asks_null = any(
        test == NULL or (isinstance(test, Comparison) and test.operand == NULL)
        for test in node.tests
    )
    return node if asks_null else _unless_unknown((node.value,), node)


def _if(node: If) -> Node:
    return _unless_unknown((node.condition,), node)


def _filter(node: Filter) -> Node:
    # A position is no condition; whether a name holds one, only its value tells.
    if isinstance(node.condition, Number | Negation):
        return node
    unknown = Filter(node.value, Binary("=", node.condition, NULL))
    some = Binary(">", Call(Name("count"), (unknown,)), Number(Decimal(0)))
    return If(some, NULL, node)


def _call(node: Call) -> Node:
    """``list contains`` says false of an unknown element, and of a list that may hold it."""
    if node.function != Name("list contains") or node.names or NULL in node.arguments:
        return node
    listed, _element = node.arguments
    may_hold = Call(node.function, (listed, NULL))
    found = If(node, Truth(value=True), If(may_hold, NULL, Truth(value=False)))
    return _unless_unknown(node.arguments, found)


_KNOWN = (Truth, Number, Text, At)
_REWRITES: dict[type, Callable[[Any], Node]] = {
    Binary: _binary,
    In: _in,
    If: _if,
    Filter: _filter,
    Call: _call,
}
_NODES = frozenset(Node.__args__)
