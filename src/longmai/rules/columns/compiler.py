"""From a tree of FEEL to columns: the nodes that are neither arithmetic nor comparison.

Every node means what the interpreter makes of it, or it is refused with its place.
"""

from collections.abc import Mapping
from dataclasses import replace

from longmai.rules.columns import functions, row_lists
from longmai.rules.columns.arithmetic import OPERATORS, chosen, lower_arithmetic
from longmai.rules.columns.comparing import (
    COMPARISONS,
    kind_of,
    lower_comparison,
    lower_tests,
    missing,
)
from longmai.rules.columns.lowering import lower, lower_column, lower_scalar, lowers
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    all_of,
    any_of,
    is_surely_true,
    negation,
    truth,
)
from longmai.rules.columns.plan import Column, Constant
from longmai.rules.columns.properties import property_of
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.row_lists import path_of_rows
from longmai.rules.columns.schema import Schema
from longmai.rules.columns.scope import Interval, Items, Part, Record, RowList, Scope
from longmai.rules.columns.types import Kind
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import (
    Binary,
    If,
    InstanceOf,
    Name,
    Node,
    Path,
    UnaryTests,
)
from longmai.rules.feel.types import _ALIASES
from longmai.rules.feel.values import Value

__all__ = ["compile_expression", "compile_tests", "lower", "lower_column", "lower_scalar"]

ROOMS = (functions, row_lists)
"""The modules that compile the other nodes; they declare themselves."""


def compile_expression(
    node: Node,
    schema: Schema,
    *,
    constants: Mapping[str, Value] | None = None,
    now: DateTime | None = None,
) -> Column:
    """Return the column that an expression is over a table.

    >>> from longmai.rules.columns.schema import Given
    >>> from longmai.rules.columns.types import number
    >>> from longmai.rules.feel.parser import parse_expression
    >>> schema = Schema({"age": Given(number(0, 150))})
    >>> compile_expression(parse_expression("age + 0.5"), schema).type.high
    1505

    Args:
        node: the expression.
        schema: what its names stand for.
        constants: names whose values are the same on every row.
        now: the present instant, for ``now()`` and ``today()``.

    Raises:
        NotCompiled: a part of it has no exact counterpart in columns.
    """
    return lower_column(node, Scope.of(schema, constants, now))


def compile_tests(
    tests: UnaryTests,
    node: Node,
    schema: Schema,
    *,
    constants: Mapping[str, Value] | None = None,
    now: DateTime | None = None,
) -> Column:
    """Return whether an input passes unary tests.

    Raises:
        NotCompiled: a part has no exact counterpart in columns.
    """
    scope = Scope.of(schema, constants, now)
    return lower_tests(tests, lower_scalar(node, scope), scope)


@lowers(Name)
def _name(node: Name, scope: Scope) -> Part:
    found = scope.parts.get(node.name)
    if found is not None:
        return found
    if node.name in scope.outside:
        raise Refused("a row of another table sees no column of the table around it")
    if node.name in scope.lists:
        raise Refused(f"'{node.name}' is a list of one person, which has no column")
    first, _, rest = node.name.partition(".")
    if rest:
        return _path(Path(Name(first), rest), scope)
    raise Refused(f"nothing is called '{node.name}'")


@lowers(Path)
def _path(node: Path, scope: Scope) -> Part:
    value = lower(node.value, scope)
    match value:
        case Record():
            if node.name not in value.entries:
                raise Refused(f"there is no entry '{node.name}'")
            return value.entries[node.name]
        case RowList():
            return path_of_rows(value, node.name)
        case Items() | Interval():
            raise Refused("a path into a list or range that is written out")
    return property_of(value, node.name)


@lowers(Binary)
def _binary(node: Binary, scope: Scope) -> Part:
    if node.operator in OPERATORS:
        return lower_arithmetic(node, scope)
    if node.operator in COMPARISONS:
        return lower_comparison(node, scope)
    join = all_of if node.operator == "and" else any_of
    return join([_truth(each, scope) for each in _chain(node, node.operator)])


def _chain(node: Node, operator: str) -> list[Node]:
    """Return the operands of a long chain to the left as one list, so that it is no deep nest."""
    right: list[Node] = []
    while isinstance(node, Binary) and node.operator == operator:
        right.append(node.right)
        node = node.left
    return [node, *reversed(right)]


def _truth(node: Node, scope: Scope) -> Column:
    found = lower_scalar(node, scope)
    return truth(NULL if isinstance(found, Ratio) else found)


@lowers(If)
def _if(node: If, scope: Scope) -> Part:
    condition = _truth(node.condition, scope)
    rows = _rows_or_null(condition, lower(node.then, scope), lower(node.otherwise, scope))
    if rows is not None:
        return rows
    then, otherwise = (lower_scalar(each, scope) for each in (node.then, node.otherwise))
    return chosen(condition, then, otherwise)


def _rows_or_null(condition: Column, then: Part, otherwise: Part) -> RowList | None:
    """Return a list of rows that is null on one side of a condition; None where it is not that."""
    is_so = is_surely_true(condition)
    for rows, other, absent in ((otherwise, then, is_so), (then, otherwise, negation(is_so))):
        if isinstance(rows, RowList) and _is_null(other):
            known = absent if rows.absent is None else any_of([absent, rows.absent])
            return replace(rows, absent=known)
    return None


def _is_null(part: Part) -> bool:
    return isinstance(part, Constant) and part.value is None


@lowers(InstanceOf)
def _instance_of(node: InstanceOf, scope: Scope) -> Part:
    value = lower_scalar(node.value, scope)
    name = _ALIASES.get(node.type.name, node.type.name)
    if node.type.parts or name not in {*Kind, "any", "Null"}:
        raise Refused(f"instance of {node.type.name}")
    if name in {"Null", Kind.NOTHING}:
        return missing(value)
    return negation(missing(value)) if name in {str(kind_of(value)), "any"} else FALSE
