"""A rule of clauses as columns: whether it is met, what it pays, and which clause decided.

Any clause that is false: not met; else any that is null: unknown; else any that a person must
decide: manual; else met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from longmai.kernel.errors import Invalid
from longmai.rules.columns.compiler import lower_scalar
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    all_of,
    case,
    compared,
    is_null,
    negation,
    null_like,
    remainder,
    rescaled,
    retyped,
    truth,
    whole,
)
from longmai.rules.columns.plan import Case, Column
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.schema import Schema
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.types import Kind
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import Value

_FEN_A_YUAN = 2  # places
_MOST_CLAUSES = 1000
_UNKNOWN, _MANUAL = 1000, 2000


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
        amount_fen: what a rule that is met pays, in fen; null where it is not met, or where the
            amount itself is null.
        verdict: true where the rule is met or a person must decide, null where it is unknown.
        is_manual: a person must decide wherever the verdict is true.
        conditions: the truth of each clause; of one that only a person can tell, true.
    """

    clauses: tuple[str, ...]
    state: Column
    clause: Column
    amount_fen: Column
    verdict: Column
    is_manual: bool
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
    if len(set(names)) != len(names) or len(names) >= _MOST_CLAUSES:
        raise Invalid(
            f"a rule has fewer than {_MOST_CLAUSES} clauses, each with a name of its own",
            code="rules.clauses",
            value=list(names),
        )
    scope = Scope.of(schema, constants, now)
    conditions = tuple(_condition(each, scope) for each in clauses)
    by_hand = [i for i, each in enumerate(clauses, 1) if each.manual or each.condition is None]
    code = _code(conditions, by_hand[0] if by_hand else 0)
    fen = _fen(amount, scope)
    met = compared("=", code, whole(0))
    return RuleColumns(
        clauses=names,
        state=_state(code),
        clause=remainder(code, whole(_MOST_CLAUSES)),
        amount_fen=_lazy(case([(met, fen)], null_like(fen.type))),
        verdict=all_of(conditions),
        is_manual=bool(by_hand),
        conditions=conditions,
    )


def _code(conditions: Sequence[Column], manual: int) -> Column:
    """Return one number for what decided: 0 where met, else a clause, plus what is wrong with it.

    One case, so that a database stops at the first clause that decides: most people fail early.
    """
    failing = [(negation(each), whole(i)) for i, each in enumerate(conditions, 1)]
    unknown = [(is_null(each), whole(_UNKNOWN + i)) for i, each in enumerate(conditions, 1)]
    found = case([*failing, *unknown], whole(_MANUAL + manual if manual else 0))
    return _lazy(found)


def _lazy(column: Column) -> Column:
    return replace(column, is_lazy=True) if isinstance(column, Case) else column


def _state(code: Column) -> Column:
    return case(
        [
            (compared("=", code, whole(0)), whole(State.MET)),
            (compared("<", code, whole(_UNKNOWN)), whole(State.NOT_MET)),
            (compared("<", code, whole(_MANUAL)), whole(State.UNKNOWN)),
        ],
        whole(State.MANUAL),
    )


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
    fen = retyped(rescaled(found, _FEN_A_YUAN), Kind.NUMBER)
    if fen.type.is_wide:
        raise Refused("an amount may have more than 64 bits; give narrower bounds")
    return fen
