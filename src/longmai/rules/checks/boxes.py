"""Decision tables as boxes: each column's values in a few kinds, each row a set of kinds a column.

The thresholds of a column part its values: below the first, at it, between, and so on. One value of
each kind stands for all of it, and the interpreter says which rows' cells it passes. Where every
column is a datum of its own and every cell is made of constants, this is exact. Else kinds may be
combined that never meet in one person: then it only settles what no combination shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from longmai.rules.checks.eras import Era
from longmai.rules.checks.formulas import clock_of
from longmai.rules.checks.natural import has_negatives, step_of
from longmai.rules.checks.people import OTHER
from longmai.rules.checks.translation import names_in
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.parser import parse_unary_tests
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.tree import (
    Call,
    Comparison,
    In,
    Name,
    Node,
    Number,
    Range,
    Text,
    UnaryTests,
)
from longmai.rules.feel.values import Value
from longmai.rules.policy.model import Input, Policy
from longmai.rules.policy.scope import CLOCK

_VALUE = "·"
_MOST_KINDS = 64
_PLAIN_KIND: dict[str, type] = {"boolean": bool, "string": str, "date": Date}
_MOST_VISITS = 50_000


@dataclass(frozen=True)
class Boxes:
    """A table's rows as boxes.

    Attributes:
        rows: for each row, for each column the kinds that pass, as bits.
        kinds: how many each column has.
        is_exact: every combination of kinds is somebody.
    """

    rows: Sequence[tuple[int, ...]]
    kinds: Sequence[int]
    is_exact: bool

    def overlap(self, one: int, other: int) -> bool:
        """Tell whether two rows can match at once."""
        pairs = zip(self.rows[one], self.rows[other], strict=True)
        return all(mine & its for mine, its in pairs)

    def counts(self, number: int, before: Sequence[int]) -> bool:
        """Tell whether a row matches somewhere that none of some others does."""
        return self._left(self.rows[number], before)

    @cached_property
    def has_gap(self) -> bool:
        """Whether no row matches somewhere."""
        whole = tuple((1 << count) - 1 for count in self.kinds)
        return self._left(whole, range(len(self.rows)))

    def _left(self, box: Sequence[int], others: Sequence[int]) -> bool:
        """Tell whether anything of a box is left outside some rows."""
        if not all(box):
            return False
        visits = [_MOST_VISITS]
        return self._outside(box, [self.rows[each] for each in others], 0, visits)

    def _outside(
        self, box: Sequence[int], rows: Sequence[tuple[int, ...]], column: int, visits: list[int]
    ) -> bool:
        visits[0] -= 1
        if not rows or visits[0] < 0:
            return True  # given up: something may be left
        if column == len(box):
            return False
        seen = set()
        for kind in _bits(box[column]):
            passing = tuple(row for row in rows if row[column] & kind)
            if passing not in seen:
                seen.add(passing)
                if self._outside(box, passing, column + 1, visits):
                    return True
        return False


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def boxes_of(table: DecisionTable, policy: Policy, era: Era) -> Boxes | None:
    """Return a table's boxes with an era's parameters; None where its cells are not constant."""
    env = Environment(dict(era.parameters), now=clock_of(era.day))
    columns: list[list[int]] = []
    kinds: list[int] = []
    exact = True
    seen: set[str] = set()
    for position, column in enumerate(table.inputs):
        tests = [parse_unary_tests(rule.tests[position] or "-") for rule in table.rules]
        if not all(_is_constant(each, era) for each in tests):
            return None
        name = column.expression.strip()
        datum = policy.inputs.get(name)
        exact = exact and datum is not None and name not in seen
        seen.add(name)
        values = _values(tests, datum, policy, env)
        if values is None or len(values) > _MOST_KINDS:
            return None
        columns.append([_passing(each, values, env) for each in tests])
        kinds.append(len(values))
    rows = list(zip(*columns, strict=True)) if columns else [() for _ in table.rules]
    return Boxes(rows, kinds, exact)


def _is_constant(tests: UnaryTests, era: Era) -> bool:
    known = {name for name, value in era.parameters.items() if value is not None}
    used = set().union(*(names_in(each) for each in tests.tests)) if tests.tests else set()
    return used - CLOCK - {"date"} <= known


def _passing(tests: UnaryTests, values: Sequence[Value], env: Environment) -> int:
    if not tests.tests:
        return (1 << len(values)) - 1
    test: Node = In(Name(_VALUE), tests.tests)
    run = compile_node(Call(Name("not"), (test,)) if tests.negated else test)
    mask = 0
    for position, value in enumerate(values):
        if run(env.with_values({_VALUE: value})) is True:
            mask |= 1 << position
    return mask


def _values(
    tests: Sequence[UnaryTests], datum: Input | None, policy: Policy, env: Environment
) -> list[Value] | None:
    """Return one value of each kind; None where the kind of values is not plain."""
    ends = [end for each in tests for test in each.tests for end in _ends(test)]
    found = [compile_node(end)(env) for end in ends]
    flat: list[Any] = [each for one in found for each in (one if isinstance(one, list) else [one])]
    if datum is not None and datum.values:
        return list(datum.values)
    plain = _PLAIN_KIND.get(datum.type if datum else "", Decimal)
    kinds: set[type] = {type(each) for each in flat} or {plain}
    if kinds == {bool}:
        return [True, False]
    if kinds == {str}:
        return [*dict.fromkeys([*flat, OTHER])]
    if kinds == {Date}:
        return _days({each.ordinal for each in flat})
    return _numbers(set(map(Fraction, flat)), datum, policy) if kinds == {Decimal} else None


def _ends(test: Node) -> tuple[Node, ...]:
    match test:
        case Range(low, high):
            return low, high
        case Comparison(_, operand):
            return (operand,)
        case Number() | Text():
            return (test,)
    return (test,)


def _days(ends: set[int]) -> list[Value]:
    around = {end + move for end in ends or {0} for move in (-1, 0, 1)}
    return [Date.of_ordinal(each) for each in sorted(around)]


def _numbers(ends: set[Fraction], datum: Input | None, policy: Policy) -> list[Value]:
    ordered = sorted(ends) or [Fraction(0)]
    if datum is None:
        between = [(one + other) / 2 for one, other in pairwise(ordered)]
        found = {ordered[0] - 1, *ordered, *between, ordered[-1] + 1}
    else:
        step = step_of(policy, datum)
        below = {(each / step).__ceil__() - 1 for each in ordered}
        at = {(each / step).__floor__() for each in ordered}
        above = {(each / step).__floor__() + 1 for each in ordered}
        counts = below | at | above
        if not has_negatives(policy, datum):
            counts = {each for each in counts if each >= 0} or {0}
        found = {each * step for each in counts}
    return [_decimal(each) for each in sorted(found)]


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
