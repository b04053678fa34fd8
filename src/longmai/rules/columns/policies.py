"""Policies as columns: the same strict trees that judge one case judge a whole table.

What a person found of single cases is not in the table: a condition with a review is manual.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from longmai.rules.columns.compiler import lower, lower_column, lower_scalar
from longmai.rules.columns.lookups import POLICY, looked_up
from longmai.rules.columns.operations import (
    NULL,
    TRUE,
    any_of,
    case,
    constant_of,
    is_null,
    operation,
    truth,
    unless,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.rule import Clause, RuleColumns, compile_in_scope
from longmai.rules.columns.schema import Given, Schema
from longmai.rules.columns.scope import Part, Record, Scope, field_of
from longmai.rules.columns.tables import conclude
from longmai.rules.columns.types import Kind, NotStored
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.temporal import Date, DateTime, Time
from longmai.rules.policy.household import definitions
from longmai.rules.policy.model import (
    EVERYWHERE,
    Condition,
    Parameter,
    ParameterValue,
    Policy,
    Step,
)
from longmai.rules.policy.strict import strict
from longmai.rules.policy.tables import rows_of

REGION = "region"
"""The clause that fails where a policy does not apply."""

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
) -> RuleColumns:
    """Return a policy as columns; its clauses are its conditions and exclusions, by id.

    Args:
        policy: to compile.
        schema: what its inputs, and the list of its members, stand for.
        day: by whose law all rows are judged; ``today()`` in the rules.
        region: code without trailing zeros, of all rows; or the column that holds each row's.
        only_where_it_holds: a first clause ``region`` fails where the policy does not apply.

    Raises:
        NotCompiled: a part has no exact counterpart in columns, or an input is not in the schema;
            its place begins with the name of the step, condition or amount.
    """
    midnight = DateTime(Date(day.year, day.month, day.day), Time(0, 0, Decimal(0)))
    scope = Scope.of(schema, now=midnight)
    if isinstance(region, str):
        holding = {name: each.at(day, region) for name, each in policy.parameters.items()}
        scope = replace(
            scope, constants={n: None if v is None else v.value for n, v in holding.items()}
        )
    else:
        column = field_of("region", region)
        parts = {n: _parameter(each, day, column) for n, each in policy.parameters.items()}
        scope = scope.with_parts(parts)
    for name, node in definitions(policy).items():
        if policy.members_name in scope.parts:
            scope = scope.with_parts({name: lower(strict(node), scope)})
    for name, step in policy.steps.items():
        scope = scope.with_parts({name: _step(step, scope)})
    clauses = [_clause(each) for each in (*policy.conditions, *policy.exclusions)]
    if only_where_it_holds and not isinstance(region, str) and EVERYWHERE not in policy.regions:
        clauses.insert(0, Clause(REGION, _holds_in(policy.regions, field_of("region", region))))
    amount = policy.amount
    return compile_in_scope(
        clauses,
        None if amount is None else strict(amount.rule.node),
        scope,
        "" if amount is None else _ROUNDINGS[amount.rounding],
    )


def _holds_in(regions: Sequence[str], region: Column) -> Column:
    return any_of([_starts_with(region, each) for each in regions])


def _starts_with(region: Column, code: str) -> Column:
    if not code:
        return TRUE  # Everywhere.
    return operation("starts with", (region, constant_of(code)), Kind.BOOLEAN, (0, 0))


def _clause(condition: Condition) -> Clause:
    return Clause(
        condition.id,
        None if condition.rule is None else strict(condition.rule.node),
        manual=bool(condition.review),
        excludes=condition.exclusion,
        parts=tuple(_clause(each) for each in condition.parts),
        any_part=condition.any_part,
    )


def _parameter(parameter: Parameter, day: date, region: Column) -> Column:
    holding = [
        each
        for each in parameter.values
        if each.start <= day and (each.end is None or day <= each.end)
    ]
    # The nearest region around a row counts, and of two values for it the first.
    holding.sort(key=lambda each: -len(each.region))
    branches = [(_starts_with(region, each.region), _value(parameter, each)) for each in holding]
    return case(branches, NULL)


def _value(parameter: Parameter, found: ParameterValue) -> Column:
    try:
        return constant_of(found.value)
    except NotStored as reason:
        raise NotCompiled(str(reason), parameter.name) from None


def _step(step: Step, scope: Scope) -> Part:
    try:
        if step.rule is not None:
            return lower(strict(step.rule.node), scope)
        return NULL if step.table is None else _table(step.table, scope)
    except NotCompiled as reason:
        raise NotCompiled(reason.what, f"{step.name}: {reason.where}") from None
    except Refused as reason:
        raise NotCompiled(str(reason), step.name) from None


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
