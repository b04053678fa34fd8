"""The thresholds of a policy: every comparison of numbers or days, wherever it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.tree import (
    Between,
    Binary,
    Comparison,
    Filter,
    For,
    In,
    Node,
    Quantified,
    Range,
    parts_of,
)
from longmai.rules.policy.model import Policy

ORDERED = frozenset(("<", "<=", ">", ">="))


@dataclass(frozen=True)
class Threshold:
    """A comparison.

    Attributes:
        place: name of the condition or step it stands in; ``金额`` for the amount.
        clause: that it rests on.
        node: the comparison, of two sides.
    """

    place: str
    clause: str
    node: Binary


def thresholds_of(policy: Policy) -> Iterator[Threshold]:
    """Yield the comparisons of a policy, each once: conditions, steps, tables, amount."""
    seen: set[Binary] = set()
    for place, clause, node in places_of(policy):
        for each in comparisons(node):
            if each not in seen:
                seen.add(each)
                yield Threshold(place, clause, each)


def places_of(policy: Policy) -> Iterator[tuple[str, str, Node]]:
    """Yield (name, clause, rule) of conditions, steps, cells of tables and the amount."""
    for condition in policy.rules.values():
        if condition.rule is not None:
            yield condition.name, condition.clause, condition.rule.node
    for step in policy.steps.values():
        if step.rule is not None:
            yield step.name, step.clause, step.rule.node
        elif step.table is not None:
            yield from ((step.name, step.clause, node) for node in tests_of(step.table))
    if policy.amount is not None:
        yield "金额", policy.amount.clause, policy.amount.rule.node


def tests_of(table: DecisionTable) -> Iterator[Node]:
    """Yield the cells of a table, as conditions on their columns."""
    for rule in table.rules:
        for column, cell in zip(table.inputs, rule.tests, strict=True):
            tests = parse_unary_tests(cell or "-").tests
            if tests:
                yield In(parse_expression(column.expression), tests)


def comparisons(node: Any) -> Iterator[Binary]:
    """Yield the comparisons in an expression, ranges taken apart; none about single members.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> from longmai.rules.feel.printer import print_node
    >>> [print_node(each) for each in comparisons(parse_expression("a in [1..2) and b > 3"))]
    ['a >= 1', 'a < 2', 'b > 3']
    """
    match node:
        case Binary(operator) if operator in ORDERED:
            yield node
        case Between(value, low, high):
            yield Binary(">=", value, low)
            yield Binary("<=", value, high)
        case In(value, tests):
            for test in tests:
                yield from _of_test(value, test)
        case Filter(value):
            yield from comparisons(value)
        case For() | Quantified():
            return
        case _:
            for part in parts_of(node):
                yield from comparisons(part)


def _of_test(value: Node, test: Node) -> Iterator[Binary]:
    match test:
        case Comparison(operator, operand) if operator in ORDERED:
            yield Binary(operator, value, operand)
        case Range(low, high, low_closed, high_closed):
            yield Binary(">=" if low_closed else ">", value, low)
            yield Binary("<=" if high_closed else "<", value, high)
