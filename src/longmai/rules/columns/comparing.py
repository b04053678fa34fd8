"""Comparisons, ranges and the tests of inputs, with FEEL's own ways with null."""

from collections.abc import Sequence

from longmai.rules.columns.lowering import lower, lower_scalar, lowers, scalar
from longmai.rules.columns.operations import (
    FALSE,
    TRUE,
    UNKNOWN,
    all_of,
    any_of,
    case,
    compared,
    is_constant_null,
    is_null,
    is_surely_true,
    negation,
    same,
    truth,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import Ratio, crossed, equal_ratios
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Interval, Items, Part, Record, RowList, Scope
from longmai.rules.columns.types import ORDERED, Kind
from longmai.rules.feel.tree import (
    Between,
    Binary,
    Call,
    Comparison,
    In,
    InstanceOf,
    ListOf,
    Node,
    Quantified,
    Range,
    UnaryTests,
    has_input,
)

Scalar = Column | Ratio
COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))


def kind_of(value: Scalar) -> Kind:
    """Return the kind of a value; a quotient is a number."""
    return Kind.NUMBER if isinstance(value, Ratio) else value.type.kind


def missing(value: Scalar) -> Column:
    """Tell whether a value is null."""
    return value.is_null if isinstance(value, Ratio) else is_null(value)


def equals(one: Scalar, other: Scalar) -> Column:
    """Return FEEL's equality: null equals null alone; two kinds are neither equal nor not."""
    kinds = {kind_of(one), kind_of(other)} - {Kind.NOTHING}
    if len(kinds) > 1:
        nulls = [missing(one), missing(other)]
        return case([(any_of(nulls), all_of(nulls))], UNKNOWN)
    if isinstance(one, Ratio) or isinstance(other, Ratio):
        if Kind.NOTHING in {kind_of(one), kind_of(other)}:
            return all_of([missing(one), missing(other)])
        return equal_ratios(one, other)
    return same(one, other)


def comparison(operator: str, one: Scalar, other: Scalar) -> Column:
    """Return a comparison of two values; null where they are in no order."""
    if operator in {"=", "!="}:
        found = equals(one, other)
        return found if operator == "=" else negation(found)
    if kind_of(one) != kind_of(other) or kind_of(one) not in ORDERED:
        return UNKNOWN
    if isinstance(one, Ratio) or isinstance(other, Ratio):
        return compared(operator, *crossed(one, other))
    return compared(operator, one, other)


def lower_comparison(node: Binary, scope: Scope) -> Column:
    """Compile one of ``= != < <= > >=``."""
    one, other = lower_scalar(node.left, scope), lower_scalar(node.right, scope)
    return comparison(node.operator, one, other)


@lowers(Between)
def _between(node: Between, scope: Scope) -> Column:
    value, low, high = (lower_scalar(each, scope) for each in (node.value, node.low, node.high))
    # Not quite a range: one end that is wrong outweighs another that is null.
    return all_of([comparison(">=", value, low), comparison("<=", value, high)])


def inside(range_: Interval, value: Scalar) -> Column:
    """Tell whether a value lies in a range; null where an end that counts is null."""
    ends, found = [], []
    for end, closed, operator in (
        (range_.low, range_.low_closed, ">"),
        (range_.high, range_.high_closed, "<"),
    ):
        if end is not None:
            ends.append(missing(end))
            found.append(comparison(operator + "=" * closed, value, end))
    if any(is_constant_null(each) for each in found):
        return UNKNOWN
    # Where the value is null, both comparisons are; only a null end beside a false one differs.
    return case([(any_of(ends), UNKNOWN)], all_of(found))


@lowers(Range)
def _range(node: Range, scope: Scope) -> Interval:
    low, high = lower_scalar(node.low, scope), lower_scalar(node.high, scope)
    if len({kind_of(low), kind_of(high)} - {Kind.NOTHING}) > 1:
        raise Refused("the ends of a range are of two kinds")
    return Interval(low, high, node.low_closed, node.high_closed)


@lowers(Comparison)
def _open_range(node: Comparison, scope: Scope) -> Interval:
    end = lower_scalar(node.operand, scope)
    if node.operator in {"=", "!="}:
        raise Refused("a comparison with = or != is no range")
    closed = len(node.operator) > 1
    if node.operator.startswith("<"):
        return Interval(None, end, low_closed=False, high_closed=closed)
    return Interval(end, None, low_closed=closed, high_closed=False)


@lowers(ListOf)
def _list(node: ListOf, scope: Scope) -> Items:
    return Items(tuple(lower(each, scope) for each in node.items))


@lowers(In)
def _in(node: In, scope: Scope) -> Column:
    value = lower_scalar(node.value, scope)
    return any_of([lower_test(test, value, scope) for test in node.tests])


def lower_tests(tests: UnaryTests, value: Scalar, scope: Scope) -> Column:
    """Return whether a value passes the tests of an input."""
    if not tests.tests:
        return TRUE
    found = any_of([lower_test(test, value, scope) for test in tests.tests])
    return negation(found) if tests.negated else found


def lower_test(node: Node, value: Scalar, scope: Scope) -> Column:
    """Return whether a value passes one test."""
    if isinstance(node, Comparison):
        return comparison(node.operator, value, lower_scalar(node.operand, scope))
    if not has_input([node]):
        found = lower(node, scope)
        return _judged(value, found) if isinstance(node, _JUDGING) else _is_in(value, found)
    answer = scalar(lower(node, scope.with_parts({"?": value})), node)
    if kind_of(answer) not in {Kind.BOOLEAN, Kind.NOTHING}:
        raise Refused("a test with ? that is neither true nor false")
    return truth(answer) if not isinstance(answer, Ratio) else UNKNOWN


_JUDGING = (Binary, Between, In, Quantified, InstanceOf, Call)


def _judged(value: Scalar, found: Part) -> Column:
    """Return a condition that has no need of the input, unless the input is a truth itself."""
    plain = _is_in(value, found)
    if isinstance(found, Items | RowList | Interval | Record | Ratio):
        return plain
    if found.type.kind is not Kind.BOOLEAN:
        return plain
    stands = negation(is_null(found))
    if kind_of(value) is Kind.BOOLEAN:
        stands = all_of([stands, missing(value)])
    return case([(stands, found)], plain)


def _is_in(value: Scalar, found: Part) -> Column:
    match found:
        case Interval():
            return inside(found, value)
        case Items():
            return any_of([is_surely_true(_is_in(value, each)) for each in found.items])
        case Ratio():
            return equals(value, found)
        case RowList() | Record():
            raise Refused("a test against rows or contexts")
    return equals(value, found)


def holds(values: Sequence[Part], wanted: Scalar) -> Column:
    """Tell whether one of several values equals another; never null."""
    found = []
    for each in values:
        if isinstance(each, Items | RowList | Record | Interval):
            raise Refused("a list within a list")
        found.append(is_surely_true(equals(each, wanted)))
    return any_of(found) if found else FALSE
