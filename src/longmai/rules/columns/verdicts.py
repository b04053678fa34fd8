"""What rules say of rows in memory: which outcome each row has, as bits, and what is paid.

An outcome is a number, as ``RuleColumns.decided`` has it, and each binary digit of it is one truth
a row. So what a row comes to is told alike however the rule was compiled.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from longmai.rules.columns.bits import numbers
from longmai.rules.columns.borders import near_a_border
from longmai.rules.columns.kernels import Builder, Program, columns_of, parted
from longmai.rules.columns.operations import FALSE, NULL
from longmai.rules.columns.plan import Case, Column, Constant
from longmai.rules.columns.rule import RuleColumns, State

_NOTHING = pa.array([], pa.int64())


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a group of rows.

    Attributes:
        rows: how many.
        outcomes: how many rows have each, by number.
        digits: of each row's outcome, lowest first: truths without nulls; None: 0 on every row.
        due: rows to which something is paid, a truth each; None: none.
        fen: what is paid, of these rows alone.
        near: rows on a border of the rule; None: none, or not asked for.
    """

    rows: int
    outcomes: Mapping[int, int]
    digits: tuple[pa.BooleanArray | None, ...]
    due: pa.BooleanArray | None
    fen: pa.Array
    near: pa.BooleanArray | None = None

    def decided(self) -> pa.Array:
        """Return each row's outcome."""
        return numbers(self.digits, self.rows)

    def amounts(self) -> pa.Array:
        """Return what each row is paid, in fen; null where nothing is due."""
        if len(self.fen) == self.rows:
            return self.fen
        none = pa.nulls(self.rows, self.fen.type)
        return none if self.due is None else pc.replace_with_mask(none, self.due, self.fen)

    def states(self, clauses: int) -> tuple[int, int, int, int]:
        """Return how many rows are not met, met, unknown, manual, of a rule of so many clauses."""
        found = [0, 0, 0, 0]
        for code, count in self.outcomes.items():
            found[state_of(code, clauses)] += count
        return found[0], found[1], found[2], found[3]


def state_of(code: int, clauses: int) -> State:
    """Return the state of an outcome of a rule of so many clauses.

    >>> [state_of(code, 2).name for code in (0, 2, 4, 5)]
    ['MET', 'NOT_MET', 'UNKNOWN', 'MANUAL']
    """
    if code == 0:
        return State.MET
    return (State.NOT_MET, State.UNKNOWN, State.MANUAL)[(code - 1) // clauses]


def verdict_of(decided: pa.Array, fen: pa.Array, clauses: int) -> Verdict:
    """Return what is known row by row as the verdict of a group.

    Args:
        decided: outcomes, as ``RuleColumns.decided`` numbers them.
        fen: what is paid, or null.
        clauses: of the rule.
    """
    counts = {row["values"]: row["counts"] for row in pc.value_counts(decided).to_pylist()}
    digits = tuple(
        pc.not_equal(pc.bit_wise_and(decided, pa.scalar(1 << k, decided.type)), 0)
        for k in range(digits_of(clauses))
    )
    due = pc.is_valid(fen) if fen.null_count < len(fen) else None
    return Verdict(len(decided), counts, digits, due, fen.drop_null())


def digits_of(clauses: int) -> int:
    """Return how many binary digits the outcomes of a rule of so many clauses have."""
    return (3 * clauses).bit_length()


@dataclass(frozen=True)
class _Rule:
    """Where a program has what a rule says.

    Attributes:
        outcomes: code and place of each; a place of None: every row.
        digits: places; None: 0 on every row.
        paid: place of the rows that are paid; None: none is.
        amount: what is paid, over these rows.
        near: place of the rows on a border.
    """

    outcomes: tuple[tuple[int, int | None], ...]
    digits: tuple[int | None, ...]
    paid: int | None
    amount: Program | None
    near: int | None


@dataclass(frozen=True)
class Verdicts:
    """Rules that are ready to judge groups of rows.

    Attributes:
        leaves: columns that the rows must have, by name, as plans over the database's table.
    """

    leaves: Mapping[str, Column]
    _program: Program
    _places: Mapping[int, int]
    _rules: tuple[_Rule, ...]

    @classmethod
    def of(
        cls,
        rules: Sequence[RuleColumns],
        named: Callable[[Column], str],
        *,
        counts: bool = False,
        borders: bool = True,
    ) -> "Verdicts":
        """Compile rules.

        Args:
            rules: over a table of a database.
            named: returns one name for columns that read the same.
            borders: who is on one.
            counts: only these; neither each row's outcome, nor amounts and borders.
        """
        asked = [_asked(rule, counts, borders) for rule in rules]
        roots, leaves = parted([part for each in asked for part in each], named)
        builder = Builder()
        found = tuple(
            _compiled(builder, roots[3 * i : 3 * i + 3], len(rule.clauses), counts)
            for i, rule in enumerate(rules)
        )
        wanted = dict.fromkeys(place for each in found for place in _places_of(each))
        places = {place: number for number, place in enumerate(wanted)}
        return cls(leaves, builder.program(list(wanted)), places, found)

    def judge(self, rows: pa.RecordBatch) -> Iterator[Verdict]:
        """Yield what each rule says of rows."""
        columns = columns_of(rows)
        found = self._program.run(columns)
        at = {place: found[number] for place, number in self._places.items()}
        for rule in self._rules:
            yield _verdict(rule, at, columns, rows.num_rows)


def _verdict(
    rule: _Rule, at: Mapping[int, Any], columns: Mapping[str, pa.Array], rows: int
) -> Verdict:
    outcomes = {
        code: rows if place is None else at[place].true_count for code, place in rule.outcomes
    }
    digits = tuple(None if place is None else at[place] for place in rule.digits)
    alike = next((code for code, place in rule.outcomes if place is None), 0)
    if alike:
        every = pa.repeat(pa.scalar(value=True), rows)
        digits = tuple(every if alike >> k & 1 else None for k in range(len(digits)))
    due, fen = None, _NOTHING
    if rule.amount is not None:
        due = pa.repeat(pa.scalar(value=True), rows) if rule.paid is None else at[rule.paid]
        due, fen = _amounts(rule.amount, due, columns)
    near = None if rule.near is None else at[rule.near]
    return Verdict(rows, outcomes, digits, due, fen, near)


def _asked(rule: RuleColumns, counts: bool, borders: bool) -> tuple[Column, Column, Column]:
    """Return what decided, the amount where it is due, and who is on a border."""
    if counts:
        return rule.decided, NULL, FALSE
    amount = rule.amount_fen
    if isinstance(amount, Case) and amount.is_lazy and len(amount.branches) == 1:
        # The outcome says already where it is due.
        amount = amount.branches[0][1]
    return rule.decided, amount, near_a_border(rule) if borders else FALSE


def _compiled(builder: Builder, asked: Sequence[Column], clauses: int, counts: bool) -> _Rule:
    decided, amount, near = asked
    outcomes = tuple(_outcomes(builder, decided))
    if counts:
        return _Rule(outcomes, (), None, None, None)
    digits = tuple(_digit(builder, outcomes, k) for k in range(digits_of(clauses)))
    border = None if isinstance(near, Constant) else builder.place(near)
    paid = [p for code, p in outcomes if code == 0 or code > 2 * clauses]
    if not paid or (isinstance(amount, Constant) and amount.value is None):
        return _Rule(outcomes, digits, None, None, border)
    own = Builder()
    program = own.program([own.place(amount)])
    known = [each for each in paid if each is not None]
    place = _either(builder, known) if len(known) == len(paid) else None
    return _Rule(outcomes, digits, place, program, border)


def _digit(builder: Builder, outcomes: Sequence[tuple[int, int | None]], digit: int) -> int | None:
    places = [p for code, p in outcomes if code >> digit & 1 and p is not None]
    return _either(builder, places) if places else None


def _outcomes(builder: Builder, decided: Column) -> Sequence[tuple[int, int | None]]:
    """Return the code of each outcome with the place of its rows, which no other has."""
    if isinstance(decided, Constant):
        return [(decided.value, None)]
    found: list[tuple[int, int | None]] = []
    rest: int | None = None
    for condition, code in _branches(decided):
        true = builder.place(condition)
        if condition.type.nullable:
            true = builder.step("is true", true)
        own = true if rest is None else builder.step("and", true, rest)
        rest = builder.step("not", true) if rest is None else builder.step("and not", rest, true)
        found.append((code, own))
    if isinstance(decided, Case) and isinstance(decided.otherwise, Constant):
        found.append((decided.otherwise.value, rest))
    return found


def _branches(decided: Column) -> Iterator[tuple[Column, int]]:
    for condition, code in decided.branches if isinstance(decided, Case) else ():
        if not isinstance(code, Constant):
            raise TypeError("what decided is a case of constants")
        yield condition, code.value


def _either(builder: Builder, places: Sequence[int]) -> int:
    return reduce(lambda one, other: builder.step("or", one, other), places)


def _places_of(rule: _Rule) -> list[int]:
    own = [place for _, place in rule.outcomes if place is not None]
    more = [each for each in (rule.paid, rule.near) if each is not None]
    return [*own, *(each for each in rule.digits if each is not None), *more]


def _amounts(
    amount: Program, due: pa.BooleanArray, columns: Mapping[str, pa.Array]
) -> tuple[pa.BooleanArray | None, pa.Array]:
    """Return to which rows something is paid, and how much; an amount may itself be null."""
    count = due.true_count
    if not count:
        return None, _NOTHING
    own = {name: columns[name] for name in amount.fields}
    if own and count < len(due):
        at = pc.indices_nonzero(due)
        own = {name: column.take(at) for name, column in own.items()}
    fen = amount.run(own)[0]
    if isinstance(fen, pa.Scalar):
        fen = pa.repeat(fen, count)
    if fen.null_count:
        due = pc.replace_with_mask(due, due, pc.is_valid(fen))
        fen = fen.drop_null()
    return (due, fen) if len(fen) else (None, _NOTHING)
