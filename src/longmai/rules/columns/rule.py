"""A rule of clauses as columns: whether it is met, what it pays, and which clause decided.

Any clause that is false: not met; else any that is null: unknown; else any that a person must
decide: manual; else met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from longmai.kernel.errors import Invalid
from longmai.rules.columns.comparing import kind_of
from longmai.rules.columns.compiler import lower_scalar
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    TRUE,
    added,
    all_of,
    any_of,
    case,
    compared,
    is_null,
    is_surely_true,
    is_true,
    negation,
    null_like,
    remainder,
    rescaled,
    retyped,
    subtracted,
    truth,
    whole,
)
from longmai.rules.columns.plan import Case, Column
from longmai.rules.columns.ratios import Ratio, rounded
from longmai.rules.columns.refusal import NotCompiled, Refused
from longmai.rules.columns.schema import Schema
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.types import Kind
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import Value

_FEN_A_YUAN = 2  # places
_MOST_CLAUSES = 1000


class State(IntEnum):
    """What a rule says of a person."""

    NOT_MET = 0
    MET = 1
    UNKNOWN = 2
    MANUAL = 3


@dataclass(frozen=True)
class Clause:
    """One condition of a rule, or several of which all, or one, must hold.

    Attributes:
        id: its name.
        condition: of FEEL, or a column compiled before; None: only a person can tell.
        manual: a person decides in the end, even where the condition is true.
        opinion: of a manual clause, what a person found of each row; null where nothing yet.
        excludes: the condition must be false.
        parts: of a group, which has no condition of its own.
        any_part: one part of the group is enough.
    """

    id: str
    condition: Node | Column | None = None
    manual: bool = False
    excludes: bool = False
    parts: tuple["Clause", ...] = ()
    any_part: bool = False
    opinion: Column | None = None


@dataclass(frozen=True)
class Judged:
    """What a clause says of a row: one of these is true, or none where it is met.

    Attributes:
        verdict: the truth of a single condition; of a group, or with opinions, None.
    """

    fails: Column
    unknown: Column
    manual: Column
    verdict: Column | None = None


@dataclass(frozen=True)
class RuleColumns:
    """A rule over a table.

    Attributes:
        clauses: names, in order.
        state: ``State`` as a whole number.
        clause: number, from 1, of the clause that decided: the first that is false, else the first
            that is null, else the first that is manual; 0 where the rule is met.
        amount_fen: what is paid, in fen, where the rule is met or a person must decide; null
            elsewhere, and where the amount itself is null.
        decided: one number for state and clause: 0 where the rule is met; of the clause that
            decided its number, plus once the number of clauses where that is unknown, and twice
            where a person must decide.
        verdict: true where the rule is met or a person must decide, null where it is unknown; None
            where it has groups, which are not one truth.
        is_manual: a person must decide wherever the verdict is true.
    """

    clauses: tuple[str, ...]
    state: Column
    clause: Column
    amount_fen: Column
    decided: Column
    verdict: Column | None
    is_manual: bool

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
    rounding: str = "",
) -> RuleColumns:
    """Return a rule as columns.

    Args:
        clauses: in the order in which a failing one is named.
        amount: in yuan; None: the rule pays nothing.
        schema: what names stand for.
        constants: names whose values are the same on every row.
        now: the present instant.
        rounding: of the amount to fen, by the name of FEEL's function, ``decimal`` for half to
            even; empty: the amount has at most two places by itself.

    Raises:
        NotCompiled: a clause or the amount has no exact counterpart in columns; its place begins
            with the clause's name.
        Invalid: two clauses have one name.
    """
    scope = Scope.of(schema, constants, now)
    return compile_in_scope(clauses, amount, scope, rounding)


def compile_in_scope(
    clauses: Sequence[Clause], amount: Node | Column | None, scope: Scope, rounding: str = ""
) -> RuleColumns:
    """Return a rule as columns, whose names a scope knows."""
    names = tuple(each.id for each in clauses)
    if len(set(names)) != len(names) or len(names) >= _MOST_CLAUSES:
        raise Invalid(
            f"a rule has fewer than {_MOST_CLAUSES} clauses, each with a name of its own",
            code="rules.clauses",
            value=list(names),
        )
    judged = [_judged(each, scope) for each in clauses]
    many = len(names)
    code = _code(judged)
    fen = _fen(amount, scope, rounding)
    paid = any_of([compared("=", code, whole(0)), compared(">", code, whole(2 * many))])
    truths = [each.verdict for each in judged if each.verdict is not None]
    return RuleColumns(
        clauses=names,
        state=_state(code, many),
        clause=_clause(code, many),
        amount_fen=_lazy(case([(paid, fen)], null_like(fen.type))),
        decided=code,
        verdict=all_of(truths) if len(truths) == len(judged) else None,
        is_manual=any(is_true(each.manual) for each in judged),
    )


def _judged(clause: Clause, scope: Scope) -> Judged:
    if clause.parts:
        parts = [_judged(each, scope) for each in clause.parts]
        # What excludes where any part holds lets pass where none does.
        return _any(parts) if clause.any_part != clause.excludes else _all(parts)
    condition = _condition(clause, scope)
    verdict = negation(condition) if clause.excludes else condition
    by_hand = clause.manual or clause.condition is None
    if by_hand and clause.opinion is not None:
        return _with_opinion(verdict, clause.opinion)
    return Judged(negation(verdict), is_null(verdict), TRUE if by_hand else FALSE, truth(verdict))


def _with_opinion(verdict: Column, opinion: Column) -> Judged:
    asked = is_surely_true(verdict)
    refused = all_of([asked, is_surely_true(negation(opinion))])
    fails = any_of([is_surely_true(negation(verdict)), refused])
    return Judged(fails, is_null(verdict), all_of([asked, is_null(opinion)]))


def _all(parts: Sequence[Judged]) -> Judged:
    return Judged(
        any_of([is_surely_true(each.fails) for each in parts]),
        any_of([each.unknown for each in parts]),
        any_of([each.manual for each in parts]),
    )


def _any(parts: Sequence[Judged]) -> Judged:
    """Return what comes of parts of which one is enough: what a person can settle comes first."""
    fails = [is_surely_true(each.fails) for each in parts]
    holds = [
        negation(any_of([failing, part.unknown]))
        for failing, part in zip(fails, parts, strict=True)
    ]
    by_hand = [all_of([hold, part.manual]) for hold, part in zip(holds, parts, strict=True)]
    met = [all_of([hold, negation(part.manual)]) for hold, part in zip(holds, parts, strict=True)]
    settled = any_of([*met, *by_hand])
    return Judged(
        all_of(fails),
        all_of([negation(settled), negation(all_of(fails))]),
        all_of([any_of(by_hand), negation(any_of(met))]),
    )


def _code(judged: Sequence[Judged]) -> Column:
    """Return ``RuleColumns.decided``.

    One case, so that a database stops at the first clause that decides: most people fail early.
    """
    many = len(judged)
    failing = [(each.fails, whole(i)) for i, each in enumerate(judged, 1)]
    unknown = [(each.unknown, whole(many + i)) for i, each in enumerate(judged, 1)]
    manual = [(each.manual, whole(2 * many + i)) for i, each in enumerate(judged, 1)]
    return _lazy(case([*failing, *unknown, *manual], whole(0)))


def _lazy(column: Column) -> Column:
    return replace(column, is_lazy=True) if isinstance(column, Case) else column


def _clause(code: Column, many: int) -> Column:
    if not many:
        return code
    below = remainder(subtracted(code, whole(1)), whole(many))
    return case([(compared("=", code, whole(0)), whole(0))], added(below, whole(1)))


def _state(code: Column, many: int) -> Column:
    return case(
        [
            (compared("=", code, whole(0)), whole(State.MET)),
            (compared("<=", code, whole(many)), whole(State.NOT_MET)),
            (compared("<=", code, whole(2 * many)), whole(State.UNKNOWN)),
        ],
        whole(State.MANUAL),
    )


def _condition(clause: Clause, scope: Scope) -> Column:
    if clause.condition is None:
        return FALSE if clause.excludes else TRUE
    if not isinstance(clause.condition, Node):
        return truth(clause.condition)
    try:
        found = lower_scalar(clause.condition, scope)
    except NotCompiled as reason:
        raise NotCompiled(reason.what, f"{clause.id}: {reason.where}") from None
    return truth(NULL if isinstance(found, Ratio) else found)


def _fen(amount: Node | Column | None, scope: Scope, rounding: str) -> Column:
    if amount is None:
        return null_like(whole(0).type)
    try:
        found = lower_scalar(amount, scope) if isinstance(amount, Node) else amount
        if rounding and kind_of(found) is Kind.NUMBER:
            found = rounded(found, _FEN_A_YUAN, rounding)
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
