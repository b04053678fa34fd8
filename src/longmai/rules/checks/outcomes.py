"""What a decision table comes to, by its hit policy, as a term."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from longmai.rules.checks import terms
from longmai.rules.checks.calls import call
from longmai.rules.checks.logic import all_of, any_of, negated
from longmai.rules.checks.terms import NULL, Term, Untranslatable, compare_terms
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.parser import parse_expression, parse_unary_tests

if TYPE_CHECKING:
    from longmai.rules.checks.formulas import RowTerms


def outcome_of(table: DecisionTable, rows: Sequence["RowTerms"], translate: Any) -> Term:
    """Return the result of a table with one output.

    Raises:
        Untranslatable: it has more, or a hit policy whose result is a list.
    """
    if len(table.outputs) != 1:
        raise Untranslatable("a table with several outputs")
    default = table.outputs[0].default
    otherwise = translate(parse_expression(default)) if default else NULL
    if table.hit_policy == "COLLECT":
        return _collected(table, rows, otherwise)
    if table.hit_policy not in {"UNIQUE", "FIRST", "ANY", "PRIORITY"}:
        raise Untranslatable(f"a table of hit policy {table.hit_policy}")
    ordered = list(rows)
    if table.hit_policy == "PRIORITY":
        ordered = [rows[number] for number in priority_order(table)]
    found = otherwise
    for row in reversed(ordered):
        condition = Term("boolean", row.condition.value)
        found = terms.choose(condition, row.conclusions[0], found)
    known = all_of(found.known, _judged(table.hit_policy, rows))
    return Term(found.kind, found.value, known, found.below)


def _judged(hit_policy: str, rows: Sequence["RowTerms"]) -> Any:
    """Return when it is known which rows match, and the hit policy allows them."""
    if hit_policy == "FIRST":
        before: Any = True  # all rows so far are known, and none matches
        stopped: Any = False
        for row in rows:
            stopped = any_of(stopped, all_of(before, terms.true(row.condition)))
            before = all_of(before, terms.false(row.condition))
        return any_of(stopped, before)
    known = all_of(*(row.condition.known for row in rows))
    if hit_policy == "UNIQUE":
        return all_of(known, *(negated(both) for both in _pairs(rows)))
    if hit_policy == "ANY":
        return all_of(known, *(negated(both) for both in _disagreeing(rows)))
    return known


def _pairs(rows: Sequence["RowTerms"]) -> list[Any]:
    return [
        all_of(one.condition.value, other.condition.value)
        for number, one in enumerate(rows)
        for other in rows[number + 1 :]
    ]


def _disagreeing(rows: Sequence["RowTerms"]) -> list[Any]:
    return [
        all_of(one.condition.value, other.condition.value, differ(one, other))
        for number, one in enumerate(rows)
        for other in rows[number + 1 :]
    ]


def differ(one: "RowTerms", other: "RowTerms") -> Any:
    """Tell when two rows conclude differently."""
    pairs = zip(one.conclusions, other.conclusions, strict=True)
    return any_of(*(terms.false(compare_terms("=", *pair)) for pair in pairs))


def _collected(table: DecisionTable, rows: Sequence["RowTerms"], otherwise: Term) -> Term:
    if table.aggregation not in {"SUM", "MIN", "MAX", "COUNT"} or otherwise is not NULL:
        raise Untranslatable("a table that collects a list")
    known = all_of(*(row.condition.known for row in rows))
    items = tuple((row.condition.value, row.conclusions[0]) for row in rows)
    listed = Term("list", items, known)
    return call(table.aggregation.lower(), [listed])


def priority_order(table: DecisionTable) -> list[int]:
    """Return the numbers of rows, from 0, in the order in which they count.

    Raises:
        Untranslatable: a row concludes what is no literal.
    """
    orders = [
        [getattr(each, "value", None) for each in parse_unary_tests(output.values).tests]
        if output.values
        else []
        for output in table.outputs
    ]

    def rank(number: int) -> list[int]:
        found = []
        for text, order in zip(table.rules[number].conclusions, orders, strict=True):
            node = parse_expression(text)
            if not hasattr(node, "value"):
                raise Untranslatable(text)
            found.append(order.index(node.value) if node.value in order else len(order))
        return found

    return sorted(range(len(table.rules)), key=rank)
