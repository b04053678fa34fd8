"""Policies as columns: the same strict trees that judge one case judge a whole table.

A condition with a review is manual, but for rows of which a person's opinion is in the table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial

from longmai.rules.columns.compiler import lower, lower_column, lower_scalar
from longmai.rules.columns.lookups import POLICY, looked_up, relation
from longmai.rules.columns.operations import (
    NULL,
    TRUE,
    any_of,
    case,
    constant_of,
    is_null,
    is_surely_true,
    null_like,
    operation,
    or_else,
    truth,
    unless,
    whole,
)
from longmai.rules.columns.plan import Column, Lookup
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.rule import Clause, RuleColumns, compile_in_scope
from longmai.rules.columns.schema import Given, Schema
from longmai.rules.columns.scope import Part, Record, Scope, field_of
from longmai.rules.columns.tables import conclude
from longmai.rules.columns.types import Kind, NotStored, Type
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.temporal import Date, DateTime, Time
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import Value
from longmai.rules.policy.household import definitions
from longmai.rules.policy.model import (
    EVERYWHERE,
    Condition,
    Parameter,
    ParameterValue,
    Policy,
    Step,
)
from longmai.rules.policy.scope import used_names
from longmai.rules.policy.strict import strict
from longmai.rules.policy.tables import cells_of, rows_of

REGION = "region"
"""The clause that fails where a policy does not apply."""
DAY = "day"
"""The clause that fails where a policy has ended and does not hold on."""
AMOUNT = "amount"
"""What the amount is called where a refusal names it."""

_ROUNDINGS = {
    "half up": "round half up",
    "down": "round down",
    "up": "round up",
    "half even": "decimal",
}


def compile_policy(
    policy: Policy,
    schema: Schema,
    day: date,
    region: str | Given = "",
    *,
    only_where_it_holds: bool = False,
    opinions: Mapping[str, Given] | None = None,
) -> RuleColumns:
    """Return a policy as columns; its clauses are its conditions and exclusions, by id.

    Args:
        policy: to compile.
        schema: what its inputs, and the list of its members, stand for.
        day: by whose law all rows are judged; ``today()`` in the rules.
        region: code without trailing zeros, of all rows; or the column that holds each row's.
        only_where_it_holds: first clauses fail where the policy does not apply: ``day`` where it
            has ended and does not hold on, ``region`` elsewhere.
        opinions: what people found, by the ids of conditions they look at.

    Raises:
        NotCompiled: a part has no exact counterpart in columns, or an input is not in the schema;
            its place begins with the name of the step, condition or amount.
    """
    known = _Known(policy, day, region, only_where_it_holds=only_where_it_holds)
    scope = known.scope(schema)
    for name, step in policy.steps.items():
        scope = scope.with_parts({name: _step(step, scope)})
    found = {own: field_of(own, each) for own, each in (opinions or {}).items()}
    clauses = [_clause(each, found) for each in (*policy.conditions, *policy.exclusions)]
    if only_where_it_holds and not isinstance(region, str):
        outer = outer_clauses(policy, day)
        if REGION in outer:
            holds = _holds_in(policy.regions, field_of("region", region))
            clauses.insert(0, Clause(REGION, holds))
        if DAY in outer:
            clauses.insert(0, Clause(DAY, holds_on_for(policy, schema, day)))
    amount = policy.amount
    return compile_in_scope(
        clauses,
        None if amount is None else strict(amount.rule.node),
        scope,
        "" if amount is None else _ROUNDINGS[amount.rounding],
    )


def refusals(
    policy: Policy, schema: Schema, day: date, region: str | Given = ""
) -> list[tuple[str, NotCompiled]]:
    """Return the steps, conditions and amount that have no counterpart in columns, by name.

    What hangs on one that is named, and on nothing else that is wrong, is not named again.
    """
    known = _Known(policy, day, region, only_where_it_holds=True)
    found = list(known.refused().items())
    scope, lost = known.scope(schema, whatever=True), set(known.refused())

    def tried(name: str, nodes: Sequence[Node], compile_: Callable[[], Part]) -> Part | None:
        if not lost.isdisjoint(each.name for node in nodes for each in used_names(node)):
            return None
        try:
            return compile_()
        except NotCompiled as reason:
            found.append((name, reason))
        return None

    for name, step in policy.steps.items():
        part = tried(name, _nodes_of(step), partial(_lowered, step, scope))
        lost |= {name} if part is None else set()
        scope = scope if part is None else scope.with_parts({name: part})
    for each in policy.rules.values():
        if each.rule is not None:
            node = strict(each.rule.node)
            tried(each.name, [node], partial(lower_scalar, node, scope))
    if policy.amount is not None:
        node, rounding = strict(policy.amount.rule.node), _ROUNDINGS[policy.amount.rounding]
        tried(AMOUNT, [node], lambda: compile_in_scope([], node, scope, rounding).amount_fen)
    return found


def _nodes_of(step: Step) -> list[Node]:
    if step.rule is not None:
        return [step.rule.node]
    return [] if step.table is None else list(cells_of(step.table))


@dataclass(frozen=True)
class _Known:
    """What of a policy is known before its steps."""

    policy: Policy
    day: date
    region: str | Given
    only_where_it_holds: bool = False

    def scope(self, schema: Schema, *, whatever: bool = False) -> Scope:
        """Return what names stand for; parameters that have no columns are left out, or refused."""
        policy, refused = self.policy, self.refused()
        if refused and not whatever:
            raise next(iter(refused.values()))
        midnight = DateTime(
            Date(self.day.year, self.day.month, self.day.day), Time(0, 0, Decimal(0))
        )
        lists = frozenset(policy.inputs) - schema.fields.keys()
        constants, parts = self._parameters
        scope = replace(Scope.of(schema, constants, midnight), lists=lists).with_parts(parts)
        for name, node in definitions(policy).items():
            if policy.members_name in scope.parts:
                scope = scope.with_parts({name: lower(strict(node), scope)})
        return scope

    def refused(self) -> dict[str, NotCompiled]:
        """Return why parameters have no columns, by name."""
        return {
            name: NotCompiled(str(reason), name)
            for name, each in self.policy.parameters.items()
            if (reason := self._stored(each)) is not None
        }

    def _stored(self, parameter: Parameter) -> NotStored | None:
        if self._constant(parameter) is not None:
            return None
        try:
            for each in self._holding(parameter):
                constant_of(each.value)
        except NotStored as reason:
            return reason
        return None

    @cached_property
    def _parameters(self) -> tuple[dict[str, Value], dict[str, Column]]:
        """Return parameters that are the same for all, and columns of the others."""
        constants: dict[str, Value] = {}
        parts: dict[str, Column] = {}
        refused = self.refused()
        for name, each in self.policy.parameters.items():
            same = self._constant(each)
            if same is not None:
                constants[name] = None if same[0] is None else same[0].value
            elif name not in refused and not isinstance(self.region, str):
                region = field_of("region", self.region)
                parts[name] = nearest(self._holding(each), region)
        return constants, parts

    def _constant(self, parameter: Parameter) -> tuple[ParameterValue | None] | None:
        """Return what holds for everybody who is judged; None where that hangs on the region."""
        if isinstance(self.region, str):
            return (parameter.at(self.day, self.region),)
        holding = self._holding(parameter)
        if not holding:
            return (None,)
        everywhere = self.policy.regions if self.only_where_it_holds else (EVERYWHERE,)
        if len(holding) == 1 and all(r.startswith(holding[0].region) for r in everywhere):
            return (holding[0],)
        return None

    def _holding(self, parameter: Parameter) -> list[ParameterValue]:
        day = self.day
        return [
            each
            for each in parameter.values
            if each.start <= day and (each.end is None or day <= each.end)
        ]


LEAST_PLACES = 12
"""So many values of a parameter are joined by region; fewer are tried one by one."""


def nearest(holding: Sequence[ParameterValue], region: Column) -> Column:
    """Return the value of the nearest region around each row's, null where none is.

    A value that is not known yet is null, and does not give way to that of the region around.
    """
    if len(holding) < LEAST_PLACES:
        near = sorted(holding, key=lambda value: -len(value.region))
        return case([(_starts_with(region, v.region), constant_of(v.value)) for v in near], NULL)
    by_length: dict[int, dict[str, int]] = {}
    for number, each in enumerate(holding):
        by_length.setdefault(len(each.region), {}).setdefault(each.region, number)
    found: Column = null_like(whole(0).type)
    for length, numbers in sorted(by_length.items()):
        found = or_else(_number_of(region, length, numbers), found)
    return relation(found, [(i, each.value) for i, each in enumerate(holding)])


def _number_of(region: Column, length: int, numbers: Mapping[str, int]) -> Column:
    if not length:
        return whole(numbers[EVERYWHERE])
    key = operation("substring", (region, whole(1), whole(length)), Kind.STRING, (0, 0))
    type_ = Type(Kind.NUMBER, nullable=True, low=0, high=max(numbers.values()))
    return Lookup(key, tuple(numbers.items()), type_)


def outer_clauses(policy: Policy, day: date) -> tuple[str, ...]:
    """Return the clauses that fail where a policy does not apply on a day."""
    ended = policy.end is not None and day > policy.end
    return (*((DAY,) if ended else ()), *(() if EVERYWHERE in policy.regions else (REGION,)))


def holds_on_for(policy: Policy, schema: Schema, day: date) -> Column:
    """Return whether a policy that has ended holds on for a row; never null.

    Raises:
        NotCompiled: a case of its transition has no exact counterpart in columns.
    """
    scope = Scope.of(schema)
    lasting = [each for each in policy.transition if day <= each.to]
    found = [lower_scalar(strict(each.when.node), scope) for each in lasting]
    return any_of([is_surely_true(NULL if isinstance(e, Ratio) else e) for e in found])


def _holds_in(regions: Sequence[str], region: Column) -> Column:
    return any_of([_starts_with(region, each) for each in regions])


def _starts_with(region: Column, code: str) -> Column:
    if not code:
        return TRUE  # Everywhere.
    return operation("starts with", (region, constant_of(code)), Kind.BOOLEAN, (0, 0))


def _clause(condition: Condition, opinions: Mapping[str, Column]) -> Clause:
    return Clause(
        condition.id,
        None if condition.rule is None else strict(condition.rule.node),
        manual=bool(condition.review),
        excludes=condition.exclusion,
        parts=tuple(_clause(each, opinions) for each in condition.parts),
        any_part=condition.any_part,
        opinion=opinions.get(condition.id),
    )


def _step(step: Step, scope: Scope) -> Part:
    try:
        return _lowered(step, scope)
    except NotCompiled as reason:
        raise NotCompiled(reason.what, f"{step.name}: {reason.where}") from None


def _lowered(step: Step, scope: Scope) -> Part:
    try:
        if step.rule is not None:
            return lower(strict(step.rule.node), scope)
        return NULL if step.table is None else _table(step.table, scope)
    except Refused as reason:
        raise NotCompiled(str(reason), "") from None


def _table(table: DecisionTable, scope: Scope) -> Part:
    found = table_columns(table, scope)
    if len(found) == 1:
        return next(iter(found.values()))
    parts: Mapping[str, Part] = found
    return Record(parts)


def table_columns(table: DecisionTable, scope: Scope) -> dict[str, Column]:
    """Return what a policy's table concludes, by the names of its outputs.

    A rule that may match leaves the outcome unknown; under the policy FIRST that is so only where
    no rule before it matches.

    Raises:
        Refused, NotCompiled: a cell has no exact counterpart in columns.
    """
    joined = looked_up(table, scope, POLICY)
    if joined is not None:
        return joined
    conditions: list[Column] = []
    rows: list[tuple[Column, tuple[Column, ...]]] = []
    for condition, conclusions in rows_of(table):
        found = lower_scalar(condition, scope)
        conditions.append(truth(NULL if isinstance(found, Ratio) else found))
        rows.append((conditions[-1], tuple(lower_column(each, scope) for each in conclusions)))
    if table.hit_policy == "FIRST":
        return _first(table, scope, rows)
    unknown = any_of([is_null(each) for each in conditions])
    concluded = conclude(table, scope, rows)
    return {name: unless(unknown, each) for name, each in concluded.items()}


def _first(
    table: DecisionTable, scope: Scope, rows: Sequence[tuple[Column, tuple[Column, ...]]]
) -> dict[str, Column]:
    stopped: list[tuple[Column, tuple[Column, ...]]] = []
    for condition, conclusions in rows:
        stopped += [(is_null(condition), (NULL,) * len(conclusions)), (condition, conclusions)]
    return conclude(table, scope, stopped)
