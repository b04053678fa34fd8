"""A policy with one number or day in it changed: where such a one stands, and the policy after it.

Only thresholds count: literals in a comparison, the bounds of a ``min`` or ``max``, and the values
of parameters. Factors and sums are no thresholds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from longmai.rules.checks.natural import step_of, unit_step
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.printer import print_tests
from longmai.rules.feel.temporal import Date, NotTemporal, parse_date
from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    In,
    Name,
    Node,
    Number,
    Range,
    UnaryTests,
)
from longmai.rules.feel.values import Value
from longmai.rules.policy.model import Condition, Parameter, ParameterValue, Policy, Rule, Step

_COMPARING = frozenset(("<", "<=", ">", ">=", "=", "!="))
Put = Callable[[Any], Any]


@dataclass(frozen=True)
class Edit:
    """A threshold that can be moved.

    Attributes:
        place: name of the parameter, condition or step; ``金额`` for the amount.
        value: a number or a day.
        step: that it is moved by; of a day one day.
        put: returns the policy with another value in its place.
    """

    place: str
    value: Decimal | Date
    step: Fraction
    put: Callable[[Value], Policy]

    def moved(self, steps: int) -> Policy:
        """Return the policy with the threshold so many steps larger."""
        if isinstance(self.value, Date):
            return self.put(Date.of_ordinal(self.value.ordinal + steps))
        size = Decimal(self.step.numerator) / Decimal(self.step.denominator)
        return self.put(self.value + steps * size)


def edits_of(policy: Policy) -> Iterator[Edit]:
    """Yield the thresholds of a policy."""
    steps = _Steps(policy)
    for parameter in policy.parameters.values():
        yield from _of_parameter(policy, parameter)
    for place, node, put in _rules(policy):
        for literal, other, into in _literals(node):
            value = _value(literal)
            if value is not None:
                yield Edit(place, value, steps(other), _placing(put, into))


def _placing(put: Put, into: Put) -> Callable[[Value], Policy]:
    def placed(value: Value) -> Policy:
        literal = At(str(value)) if isinstance(value, Date) else Number(Decimal(str(value)))
        policy: Policy = put(into(literal))
        return policy

    return placed


def _value(node: Node) -> Decimal | Date | None:
    if isinstance(node, Number):
        return node.value
    try:
        return parse_date(node.text) if isinstance(node, At) else None
    except NotTemporal:
        return None


class _Steps:
    """The natural step of what a literal is compared with: the finest of the names in it."""

    def __init__(self, policy: Policy) -> None:
        self._of: dict[str, Fraction] = {}
        for member in policy.members.values():
            self._of[member.name] = step_of(policy, member)
        self._of |= {each.name: unit_step(each.unit) for each in policy.steps.values()}
        self._of |= {each.name: unit_step(each.unit) for each in policy.parameters.values()}
        for datum in policy.inputs.values():
            self._of[datum.name] = step_of(policy, datum)

    def __call__(self, node: Node) -> Fraction:
        from longmai.rules.checks.translation import names_in  # noqa: PLC0415 - an extra

        found = [self._of[name] for name in names_in(node) if name in self._of]
        return min(found, default=Fraction(1))


def _of_parameter(policy: Policy, parameter: Parameter) -> Iterator[Edit]:
    for number, row in enumerate(parameter.values):
        if isinstance(row.value, Decimal | Date):

            def put(value: Value, number: int = number) -> Policy:
                rows: list[ParameterValue] = list(parameter.values)
                rows[number] = replace(rows[number], value=value)
                changed = replace(parameter, values=tuple(rows))
                return replace(policy, parameters={**policy.parameters, parameter.name: changed})

            yield Edit(parameter.name, row.value, unit_step(parameter.unit), put)


def _rules(policy: Policy) -> Iterator[tuple[str, Node, Put]]:
    """Yield (place, rule, what returns the policy with another rule there)."""
    for condition in policy.rules.values():
        if condition.rule is not None:
            yield condition.name, condition.rule.node, _put_condition(policy, condition)
    for step in policy.steps.values():
        if step.rule is not None:
            yield step.name, step.rule.node, _put_step(policy, step)
        elif step.table is not None:
            yield from _cells(policy, step, step.table)
    amount = policy.amount
    if amount is not None:

        def put(node: Node) -> Policy:
            changed = replace(amount, rule=Rule(amount.rule.text, node))
            return replace(policy, amount=changed)

        yield "金额", amount.rule.node, put


def _put_condition(policy: Policy, condition: Condition) -> Put:
    def within(each: Condition, node: Node) -> Condition:
        if each.id == condition.id and each.rule is not None:
            return replace(each, rule=Rule(each.rule.text, node))
        return replace(each, parts=tuple(within(part, node) for part in each.parts))

    def put(node: Node) -> Policy:
        return replace(
            policy,
            conditions=tuple(within(each, node) for each in policy.conditions),
            exclusions=tuple(within(each, node) for each in policy.exclusions),
        )

    return put


def _put_step(policy: Policy, step: Step) -> Put:
    def put(node: Node) -> Policy:
        changed = replace(step, rule=Rule("", node))
        return replace(policy, steps={**policy.steps, step.name: changed})

    return put


def _cells(policy: Policy, step: Step, table: DecisionTable) -> Iterator[tuple[str, Node, Put]]:
    for row, rule in enumerate(table.rules):
        for position, column in enumerate(table.inputs):
            tests = parse_unary_tests(rule.tests[position] or "-")

            def put(
                node: In, row: int = row, position: int = position, tests: UnaryTests = tests
            ) -> Policy:
                cells = list(table.rules[row].tests)
                cells[position] = print_tests(UnaryTests(node.tests, tests.negated))
                rules = list(table.rules)
                rules[row] = replace(rules[row], tests=cells)
                changed = replace(step, table=replace(table, rules=rules))
                return replace(policy, steps={**policy.steps, step.name: changed})

            yield step.name, In(parse_expression(column.expression), tests.tests), put


def _literals(node: Any) -> Iterator[tuple[Node, Node, Put]]:
    """Yield (literal, what it is compared with, what returns the tree with another one)."""
    match node:
        case Binary(operator, left, right) if operator in _COMPARING:
            yield right, left, lambda new: replace(node, right=new)
            yield left, right, lambda new: replace(node, left=new)
        case Between(value, low, high):
            yield low, value, lambda new: replace(node, low=new)
            yield high, value, lambda new: replace(node, high=new)
        case In(value, tests):
            for number, test in enumerate(tests):
                for literal, into in _of_test(test):
                    yield literal, value, _at(node, "tests", number, into)
        case Call(Name("min" | "max"), arguments):
            others = Call(Name("max"), arguments)
            for number, argument in enumerate(arguments):
                yield argument, others, _at(node, "arguments", number, lambda new: new)
    yield from _inner_literals(node)


def _of_test(test: Node) -> Iterator[tuple[Node, Put]]:
    match test:
        case Comparison(_, operand):
            yield operand, lambda new: replace(test, operand=new)
        case Range(low, high):
            yield low, lambda new: replace(test, low=new)
            yield high, lambda new: replace(test, high=new)
        case Number() | At():
            yield test, lambda new: new


def _inner_literals(node: Any) -> Iterator[tuple[Node, Node, Put]]:
    for name in (each.name for each in fields(node)):
        value = getattr(node, name)
        if isinstance(value, tuple):
            for number, part in enumerate(value):
                if hasattr(part, "__dataclass_fields__"):
                    for literal, other, into in _literals(part):
                        yield literal, other, _at(node, name, number, into)
        elif name != "at" and hasattr(value, "__dataclass_fields__"):
            for literal, other, into in _literals(value):
                yield literal, other, _in(node, name, into)


def _at(node: Any, name: str, number: int, into: Put) -> Put:
    def put(new: Any) -> Any:
        parts = list(getattr(node, name))
        parts[number] = into(new)
        return replace(node, **{name: tuple(parts)})

    return put


def _in(node: Any, name: str, into: Put) -> Put:
    return lambda new: replace(node, **{name: into(new)})
