"""What is the same on every row is computed once, by the interpreter itself."""

from collections.abc import Iterator
from dataclasses import fields

from longmai.rules.columns.plan import Constant
from longmai.rules.columns.scope import Part, Scope, part_of_value
from longmai.rules.columns.types import NotStored
from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.tree import (
    Call,
    Comparison,
    Context,
    Filter,
    For,
    InstanceOf,
    Lambda,
    Name,
    Node,
    Quantified,
    Range,
)

_CLOCK = {"now", "today"}
# A comparison by itself is the test of an input; a range of columns is none of the interpreter's.
_OWN = (Comparison, Range)
# No name of FEEL's: what only a row can tell.
_UNKNOWABLE = ""
# Their names depend on values.
_UNSEEN = (Lambda, Context, Filter, InstanceOf)


def folded(node: Node, scope: Scope) -> Part | None:
    """Return the value of an expression that sees no column; None where it does."""
    if isinstance(node, _OWN) or not is_constant(node, scope):
        return None
    value = compile_node(node)(Environment(scope.values, now=scope.now))
    try:
        return part_of_value(value)
    except NotStored:
        return None


def is_constant(node: Node, scope: Scope) -> bool:
    """Tell whether an expression is the same on every row."""
    return all(_is_known(name, scope) for name in _free_names(node, scope))


def _is_known(name: str, scope: Scope) -> bool:
    return name in scope.constants or isinstance(scope.parts.get(name), Constant)


def _free_names(found: object, scope: Scope) -> Iterator[str]:
    if isinstance(found, Name):
        yield found.name
    elif isinstance(found, tuple):
        for each in found:
            yield from _free_names(each, scope)
    elif isinstance(found, Call):
        yield from _called(found, scope)
        yield from _free_names(found.arguments, scope)
    elif isinstance(found, For | Quantified):
        bound = {each.name for each in found.domains} | {"partial"}
        for each in fields(found):
            yield from (n for n in _free_names(getattr(found, each.name), scope) if n not in bound)
    elif isinstance(found, _UNSEEN):
        yield _UNKNOWABLE
    elif hasattr(found, "__dataclass_fields__"):
        for each in fields(found):  # type: ignore[arg-type] # a node is a dataclass
            yield from _free_names(getattr(found, each.name), scope)


def _called(call: Call, scope: Scope) -> Iterator[str]:
    own = call.function.name if isinstance(call.function, Name) else ""
    if own in BUILT_INS or (own in _CLOCK and scope.now is not None) or own == "range":
        if own in scope.parts or own in scope.constants:
            yield _UNKNOWABLE
        return
    yield _UNKNOWABLE
