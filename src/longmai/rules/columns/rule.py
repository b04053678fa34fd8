"""A rule of clauses as columns: whether it is met, what it pays, and which clause decided.

Any clause that is false: not met; else any that is null: unknown; else any that a person must
decide: manual; else met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from longmai.kernel.errors import Invalid
from longmai.rules.columns.lowering import lower_scalar
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    all_of,
    case,
    compared,
    is_null,
    is_surely_true,
    negation,
    null_like,
    rescaled,
    retyped,
    truth,
    whole,
)
from longmai.rules.columns.plan import Column
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.schema import Schema
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.types import Kind
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import Value

_FEN_A_YUAN = 2  # places


class State(IntEnum):
    """What a rule says of a person."""

    NOT_MET = 0
    MET = 1
    UNKNOWN = 2
    MANUAL = 3


@dataclass(frozen=True)
class Clause:
    """One condition of a rule.

    Attributes:
        id: its name.
        condition: of FEEL, or a column compiled before; None: only a person can tell.
        manual: a person decides in the end, even where the condition is true.
    """

    id: str
    condition: Node | Column | None
    manual: bool = False


@dataclass(frozen=True)
class RuleColumns:
    """A rule over a table.

    Attributes:
        clauses: names, in order.
        state: ``State`` as a whole number.
        clause: number, from 1, of the clause that decided: the first that is false, else the first
            that is null, else the first that is manual; 0 where the rule is met.
        failing: number of the first false clause; 0: none.
        unknown: number of the first null clause; 0: none.
        amount_fen: what a rule that is met pays, in fen; null where it is not met, or where the
            amount itself is null.
        conditions: the truth of each clause; of a manual one without a condition, true.
    """

    clauses: tuple[str, ...]
    state: Column
    clause: Column
    failing: Column
    unknown: Column
    amount_fen: Column
    conditions: tuple[Column, ...]

    def outcome(self) -> dict[str, Column]:
        """Return the columns of a result table: state, clause and amount_fen."""
        return {"state": self.state, "clause": self.clause, "amount_fen": self.amount_fen}


def compile_rule(
    clauses: Sequence[Clause],
    amount: Node | Column | None,
    schema: Schema,
    *,
    constants: Mapping[str, Value] | None = None,
    now: DateTime | None = None,
) -> RuleColumns:
    """Return a rule as columns.

    Args:
        clauses: in the order in which a failing one is named.
        amount: in yuan, with at most two places; None: the rule pays nothing.
        schema: what names stand for.
        constants: names whose values are the same on every row.
        now: the present instant.

    Raises:
        NotCompiled: a clause or the amount has no exact counterpart in columns; its place begins
            with the clause's name.
        Invalid: two clauses have one name.
    """
    names = tuple(each.id for each in clauses)
    if len(set(names)) != len(names):
        raise Invalid("two clauses have one name", code="rules.clauses", value=list(names))
    scope = Scope.of(schema, constants, now)
    conditions = tuple(_condition(each, scope) for each in clauses)
    failing = _first([negation(each) for each in conditions])
    unknown = _first([is_null(each) for each in conditions])
    manual = _first([whole_truth(each.manual or each.condition is None) for each in clauses])
    fails, open_ = (compared(">", each, whole(0)) for each in (failing, unknown))
    by_hand = compared(">", manual, whole(0))
    clause = case([(fails, failing), (open_, unknown)], manual)
    state = case(
        [(fails, whole(State.NOT_MET)), (open_, whole(State.UNKNOWN))],
        case([(by_hand, whole(State.MANUAL))], whole(State.MET)),
    )
    met = all_of([is_surely_true(each) for each in conditions])
    fen = _fen(amount, scope)
    has_manual = any(each.manual or each.condition is None for each in clauses)
    paid = null_like(fen.type) if has_manual else case([(met, fen)], null_like(fen.type))
    return RuleColumns(names, state, clause, failing, unknown, paid, conditions)


def whole_truth(value: bool) -> Column:
    """Return a truth that is the same on every row."""
    return negation(FALSE) if value else FALSE


def _condition(clause: Clause, scope: Scope) -> Column:
    if clause.condition is None:
        return negation(FALSE)
    if not isinstance(clause.condition, Node):
        return truth(clause.condition)
    try:
        found = lower_scalar(clause.condition, scope)
    except NotCompiled as reason:
        raise NotCompiled(reason.what, f"{clause.id}: {reason.where}") from None
    return truth(NULL if isinstance(found, Ratio) else found)


def _first(truths: Sequence[Column]) -> Column:
    """Return the number, from 1, of the first truth; 0: there is none."""
    return case([(each, whole(i)) for i, each in enumerate(truths, 1)], whole(0))


def _fen(amount: Node | Column | None, scope: Scope) -> Column:
    if amount is None:
        return null_like(whole(0).type)
    try:
        found = lower_scalar(amount, scope) if isinstance(amount, Node) else amount
        return _whole_fen(found)
    except NotCompiled as reason:
        raise NotCompiled(reason.what, f"amount: {reason.where}") from None
    except Refused as reason:
        raise NotCompiled(str(reason), "amount") from None


def _whole_fen(found: Column | Ratio) -> Column:
    if isinstance(found, Ratio) or found.type.scale > _FEN_A_YUAN:
        raise Refused("an amount is rounded to fen, as in decimal(amount, 2)")
    if found.type.kind is Kind.NOTHING:
        return null_like(whole(0).type)
    if found.type.kind is not Kind.NUMBER:
        raise Refused(f"an amount is a number, not a {found.type.kind}")
    return retyped(rescaled(found, _FEN_A_YUAN), Kind.NUMBER)
