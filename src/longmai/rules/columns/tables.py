"""Decision tables as columns, under every hit policy. Source: DMN 1.5, 8.2 and 8.3."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from longmai.rules.columns.comparing import Scalar, equals, kind_of, lower_tests, missing
from longmai.rules.columns.compiler import lower, lower_column, lower_scalar
from longmai.rules.columns.lookups import DMN, looked_up
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    added,
    aligned,
    all_of,
    any_of,
    case,
    compared,
    is_constant_null,
    is_false,
    is_surely_true,
    is_true,
    negation,
    null_like,
    operation,
    or_else,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column, Constant, Listed
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.schema import Schema
from longmai.rules.columns.scope import Items, Scope
from longmai.rules.columns.types import ORDERED, Kind
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import ListOf
from longmai.rules.feel.values import Value

_ANY = {"", "Any", "any"}
_ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}
_LISTS = {"RULE ORDER", "OUTPUT ORDER"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A rule: whether it matches, and what it concludes, output by output."""

    matches: Column
    outputs: tuple[Column, ...]


def compile_table(
    table: DecisionTable,
    schema: Schema,
    *,
    constants: Mapping[str, Value] | None = None,
    now: DateTime | None = None,
) -> dict[str, Column]:
    """Return the columns that a decision table concludes, by the names of its outputs.

    A table of one output may leave its name empty. Where several matching rules contradict the
    policy, or an input is not allowed, every output is null. A policy that collects gives columns
    of lists; of several outputs one list each.

    Raises:
        NotCompiled: a cell has no exact counterpart in columns.
        Invalid: a cell is no FEEL.
    """
    return _Table(table, Scope.of(schema, constants, now)).columns()


def conclude(
    table: DecisionTable, scope: Scope, rows: Sequence[tuple[Column, tuple[Column, ...]]]
) -> dict[str, Column]:
    """Return the columns of a table whose rules are compiled: a condition, and its conclusions."""
    return _Table(table, scope).concluded([_Row(*each) for each in rows], FALSE)


class _Table:
    def __init__(self, table: DecisionTable, scope: Scope) -> None:
        self._table, self._scope = table, scope
        self._names = {*scope.parts, *scope.constants}

    def columns(self) -> dict[str, Column]:
        try:
            return self._columns()
        except Refused as reason:
            raise NotCompiled(str(reason), "decision table") from None

    def _columns(self) -> dict[str, Column]:
        joined = looked_up(self._table, self._scope, DMN)
        if joined is not None:
            return joined
        inputs = [self._input(i) for i in range(len(self._table.inputs))]
        rows = [self._row(number, inputs) for number in range(len(self._table.rules))]
        return self.concluded(rows, any_of([forbidden for _, forbidden in inputs]))

    def concluded(self, rows: Sequence[_Row], refused: Column) -> dict[str, Column]:
        kept = [row for row in rows if not is_false(row.matches)]
        outputs = self._by_policy(kept, refused)
        names = [output.name for output in self._table.outputs]
        return {
            name: unless(refused, column) if not isinstance(column, Listed) else column
            for name, column in zip(names, outputs, strict=True)
        }

    def _input(self, index: int) -> tuple[Scalar, Column]:
        """Return an input, and whether it is one that is not allowed."""
        given = self._table.inputs[index]
        found = lower_scalar(parse_expression(given.expression, self._names), self._scope)
        value = self._fitted(found, given.type)
        if not given.values:
            return value, FALSE
        tests = parse_unary_tests(given.values, self._names)
        allowed = lower_tests(tests, value, self._scope)
        return value, all_of([negation(missing(value)), negation(is_surely_true(allowed))])

    def _fitted(self, value: Scalar, type_: str) -> Scalar:
        name = _ALIASES.get(type_, type_)
        if name in _ANY or name == kind_of(value) or kind_of(value) is Kind.NOTHING:
            return value
        if name not in {*Kind} or (kind_of(value), name) == (Kind.DATE, Kind.DATE_TIME):
            raise Refused(f"the type '{type_}'")
        return NULL

    def _row(self, number: int, inputs: Sequence[tuple[Scalar, Column]]) -> _Row:
        rule = self._table.rules[number]
        place = f"rule {number + 1}"
        try:
            passed = [
                is_surely_true(
                    lower_tests(parse_unary_tests(test or "-", self._names), value, self._scope)
                )
                for test, (value, _) in zip(rule.tests, inputs, strict=False)
            ]
            left_out = len(self._table.outputs) - len(rule.conclusions)
            outputs = tuple(
                self._concluded(text, output.type)
                for text, output in zip(
                    [*rule.conclusions, *[""] * left_out], self._table.outputs, strict=False
                )
            )
        except NotCompiled as reason:
            raise NotCompiled(reason.what, f"{place}: {reason.where}") from None
        return _Row(all_of(passed), outputs)

    def _concluded(self, text: str, type_: str) -> Column:
        if not text:
            return NULL
        found = self._fitted(lower_column(parse_expression(text, self._names), self._scope), type_)
        return NULL if isinstance(found, Ratio) else found

    def _by_policy(self, rows: Sequence[_Row], refused: Column) -> list[Column]:
        policy, aggregation = self._table.hit_policy, self._table.aggregation
        if policy in {"PRIORITY", "OUTPUT ORDER"}:
            rows = self._by_priority(rows)
        if policy in _LISTS or (policy == "COLLECT" and not aggregation):
            return self._lists(rows, refused)
        if policy == "COLLECT":
            return [self._aggregated(rows)]
        found = self._first(rows)
        if policy == "UNIQUE":
            return [unless(_several(rows), each) for each in found]
        if policy == "ANY":
            differing = self._differing(rows, found)
            return [unless(differing, each) for each in found]
        return found

    def _defaults(self) -> list[Column]:
        return [self._concluded(each.default, each.type) for each in self._table.outputs]

    def _first(self, rows: Sequence[_Row]) -> list[Column]:
        defaults = self._defaults()
        return [
            case([(row.matches, row.outputs[i]) for row in rows], default)
            for i, default in enumerate(defaults)
        ]

    def _differing(self, rows: Sequence[_Row], found: Sequence[Column]) -> Column:
        """Tell whether a rule that matches concludes something else than the first that does."""
        different = [
            all_of(
                [
                    row.matches,
                    negation(
                        all_of(
                            [
                                is_surely_true(equals(value, first))
                                for value, first in zip(row.outputs, found, strict=True)
                            ]
                        )
                    ),
                ]
            )
            for row in rows[1:]
        ]
        return any_of(different) if different else FALSE

    def _by_priority(self, rows: Sequence[_Row]) -> list[_Row]:
        """Return rules in the order of their outputs, which must not differ from row to row."""
        lists = [self._wanted(each.values) for each in self._table.outputs]

        def rank(row: _Row) -> list[int]:
            return [
                0 if wanted is None else _position(value, wanted)
                for value, wanted in zip(row.outputs, lists, strict=True)
            ]

        return sorted(rows, key=rank)

    def _wanted(self, values: str) -> Sequence[Scalar] | None:
        if not values:
            return None
        node = ListOf(parse_unary_tests(values, self._names).tests)
        found = lower(node, self._scope)
        if not isinstance(found, Items):
            raise Refused("the values of an output are listed")
        return [each for each in found.items if isinstance(each, Constant)]

    def _lists(self, rows: Sequence[_Row], refused: Column) -> list[Column]:
        if any(each.default for each in self._table.outputs):
            raise Refused("a table that collects lists, with a default that is none")
        found: list[Column] = []
        for i in range(len(self._table.outputs)):
            values = aligned(*(row.outputs[i] for row in rows)) if rows else ()
            type_ = values[0].type if values else NULL.type
            for each in values:
                type_ = type_.joined(each.type)
            pairs = zip(rows, values, strict=True)
            found.append(
                Listed(tuple((row.matches, value) for row, value in pairs), refused, type_)
            )
        return found

    def _aggregated(self, rows: Sequence[_Row]) -> Column:
        if len(self._table.outputs) > 1:
            raise Refused("an aggregation of several outputs")
        name = self._table.aggregation
        found = _AGGREGATIONS[name](rows)
        default = self._defaults()[0]
        if not self._table.outputs[0].default:
            default = whole(0) if name == "COUNT" else null_like(found.type)
        return case([(any_of([row.matches for row in rows]), found)], default)


def _position(value: Column, wanted: Sequence[Scalar]) -> int:
    if not isinstance(value, Constant):
        raise Refused("a priority between conclusions that differ from row to row")
    for i, each in enumerate(wanted):
        if is_true(equals(value, each)):
            return i
    return len(wanted)


def _matched(rows: Sequence[_Row]) -> Column:
    """Count the rules that match."""
    found: Column = whole(0)
    for row in rows:
        found = added(found, case([(row.matches, whole(1))], whole(0)))
    return found


def _several(rows: Sequence[_Row]) -> Column:
    return compared(">", _matched(rows), whole(1))


def _strictly(rows: Sequence[_Row], values: Sequence[Column], found: Column) -> Column:
    """Return what rules that match come to together; null where one of them concludes null."""
    pairs = zip(rows, values, strict=True)
    return unless(any_of([all_of([row.matches, missing(value)]) for row, value in pairs]), found)


def _summed(rows: Sequence[_Row]) -> Column:
    if any(kind_of(row.outputs[0]) not in {Kind.NUMBER, Kind.NOTHING} for row in rows):
        raise Refused("a sum of other values than numbers")
    values = aligned(*(row.outputs[0] for row in rows))
    total: Column = whole(0)
    for row, value in zip(rows, values, strict=True):
        term = case([(row.matches, or_else(value, _zero(value)))], _zero(value))
        total, term = aligned(total, term)
        total = added(total, term)
    return _strictly(rows, values, total)


def _zero(value: Column) -> Column:
    return whole(0, scale=value.type.scale)


def _extreme(name: str) -> Callable[[Sequence[_Row]], Column]:
    def aggregate(rows: Sequence[_Row]) -> Column:
        kinds = {kind_of(row.outputs[0]) for row in rows} - {Kind.NOTHING}
        if not kinds or not kinds <= ORDERED:
            return NULL
        values = aligned(*(row.outputs[0] for row in rows))
        # SQL's least leaves nulls out, and so those that do not match.
        terms = [
            case([(row.matches, value)], null_like(value.type))
            for row, value in zip(rows, values, strict=True)
            if not is_constant_null(value)
        ]
        type_ = values[0].type
        for value in values:
            type_ = type_.joined(value.type)
        bounds = (type_.low, type_.high)
        found = operation(name, terms, type_.kind, bounds, type_.scale)
        return _strictly(rows, values, terms[0] if len(terms) == 1 else found)

    return aggregate


_AGGREGATIONS: Mapping[str, Callable[[Sequence[_Row]], Column]] = {
    "COUNT": _matched,
    "SUM": _summed,
    "MIN": _extreme("least"),
    "MAX": _extreme("greatest"),
}
