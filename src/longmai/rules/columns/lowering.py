"""Who compiles which node, and what every node has in common: constants first, then its own way."""

from collections.abc import Callable
from typing import Any

from longmai.rules.columns.folding import folded
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.scope import Interval, Items, Part, Record, RowList, Scope
from longmai.rules.columns.types import NotStored
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import Node

_SHOWN = 100

Lower = Callable[[Any, Scope], Part]
_LOWERS: dict[type, Lower] = {}


def lowers(kind: type) -> Callable[[Lower], Lower]:
    """Declare what compiles a kind of node."""

    def declare(lower: Lower) -> Lower:
        _LOWERS[kind] = lower
        return lower

    return declare


def lower(node: Node, scope: Scope) -> Part:
    """Return what a node is compiled to.

    Raises:
        NotCompiled: it has no exact counterpart in columns.
    """
    found = scope.known.get(node)
    if found is None:
        found = scope.known[node] = _lowered(node, scope)
    return found


def _lowered(node: Node, scope: Scope) -> Part:
    try:
        constant = folded(node, scope)
        if constant is not None:
            return constant
        compile_ = _LOWERS.get(type(node))
        if compile_ is not None:
            return compile_(node, scope)
    except (Refused, NotStored) as reason:
        raise NotCompiled(str(reason), shown(node)) from None
    raise NotCompiled(f"{type(node).__name__} is not compiled to columns", shown(node))


def lower_scalar(node: Node, scope: Scope) -> Column | Ratio:
    """Return a node that is one value.

    Raises:
        NotCompiled: it is a list, range or context.
    """
    return scalar(lower(node, scope), node)


def scalar(part: Part, node: Node) -> Column | Ratio:
    """Return a part that is one value."""
    if isinstance(part, Items | RowList | Interval | Record):
        kind = {Items: "list", RowList: "list", Interval: "range", Record: "context"}[type(part)]
        raise NotCompiled(f"a {kind} where one value is wanted", shown(node))
    return part


def lower_column(node: Node, scope: Scope) -> Column:
    """Return a node that is one value of a column; a quotient must be rounded for that.

    Raises:
        NotCompiled: it is not.
    """
    found = lower_scalar(node, scope)
    if isinstance(found, Ratio):
        raise NotCompiled("a quotient is to be rounded, as in decimal(a / b, 2)", shown(node))
    return found


def shown(node: Node) -> str:
    """Return the text of a node, shortened."""
    text = print_node(node)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
