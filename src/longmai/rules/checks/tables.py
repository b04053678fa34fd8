"""Checks of decision tables: rows that never count, people for whom no row or too many match.

First without the solver: the thresholds of a column part its values into a few kinds, and the rows
are boxes of such kinds. That settles most tables. What the boxes leave open the solver decides,
with all that a policy says elsewhere: somebody whom the conditions refuse needs no row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from longmai.rules.checks import terms
from longmai.rules.checks.boxes import Boxes, boxes_of
from longmai.rules.checks.finding import Finding, spot_of
from longmai.rules.checks.formulas import Formulas, clock_of
from longmai.rules.checks.logic import all_of, negated
from longmai.rules.checks.outcomes import differ, priority_order
from longmai.rules.checks.subject import Subject
from longmai.rules.checks.terms import Untranslatable
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.policy.evaluation import Decision, State
from longmai.rules.policy.model import Step
from longmai.rules.policy.tables import rows_of

MOST_OVERLAPS = 5
"""Overlaps told of one table."""


@dataclass(frozen=True)
class TableCheck:
    """The checks of one step's table."""

    subject: Subject
    step: Step
    table: DecisionTable

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with it.

        Raises:
            Untranslatable: a cell is beyond us.
        """
        boxes = [boxes_of(self.table, self.subject.policy, era) for era in self.subject.eras]
        yield from self._unreachable(boxes)
        yield from self._overlaps(boxes)
        yield from self._gaps(boxes)

    # Rows that never count.

    def _unreachable(self, boxes: Sequence[Boxes | None]) -> Iterator[Finding]:
        for number in range(len(self.table.rules)):
            before = self._before(number)
            if any(
                box is not None and box.is_exact and box.counts(number, before) for box in boxes
            ):
                continue
            if self._can_count(number, before, boxes) is not False:
                continue
            finding = self._never(number)
            if finding is not None:
                yield finding

    def _before(self, number: int) -> Sequence[int]:
        """Return the rows that count instead of one where they match, too."""
        if self.table.hit_policy == "FIRST":
            return range(number)
        if self.table.hit_policy == "PRIORITY":
            order = priority_order(self.table)
            return order[: order.index(number)]
        return ()

    def _can_count(
        self, number: int, before: Sequence[int], boxes: Sequence[Boxes | None]
    ) -> bool | None:
        if all(box is not None and not box.counts(number, before) for box in boxes):
            return False

        def wanted(formulas: Formulas) -> list[Any]:
            rows = formulas.rows(self.table)
            earlier = [negated(terms.true(rows[each].condition)) for each in before]
            return [terms.true(rows[number].condition), *earlier]

        return self.subject.can_be(wanted)

    def _never(self, number: int) -> Finding | None:
        """Return the finding, with somebody who matches the row, all its cells but one, or any."""
        for formulas, questions in self.subject.somebody():
            row = formulas.rows(self.table)[number]
            for wanted in (terms.true(row.condition), *self._all_but_one(formulas, number), True):
                model = questions.find(wanted, near=formulas.person.within)
                if model is None:
                    continue
                decision = formulas.judged(model)
                counted = self._counting(decision)
                if number not in counted:
                    matches = number in self._matching(decision)
                    return self._row_never(number, counted if matches else (), decision)
        return None

    def _all_but_one(self, formulas: Formulas, number: int) -> Iterator[Any]:
        cells = formulas.cells(self.table, number)
        for left_out in reversed(range(len(cells))):
            yield all_of(*(terms.true(c) for n, c in enumerate(cells) if n != left_out))

    def _row_never(self, number: int, counted: Sequence[int], decision: Decision) -> Finding:
        rows = "、".join(str(each + 1) for each in counted)
        code = "row-covered" if counted else "row-never"
        values = {"row": number + 1, "by": rows.replace("、", ", "), "by_zh": rows}
        return self._finding(code, number + 1, values, decision)

    # Several rows at once.

    def _overlaps(self, boxes: Sequence[Boxes | None]) -> Iterator[Finding]:
        if self.table.hit_policy not in {"UNIQUE", "ANY"}:
            return
        told = 0
        for pair in combinations(range(len(self.table.rules)), 2):
            if all(box is not None and not box.overlap(*pair) for box in boxes):
                continue
            finding = self._overlap(*pair)
            if finding is not None:
                yield finding
                told += 1
            if told == MOST_OVERLAPS:
                return

    def _overlap(self, one: int, other: int) -> Finding | None:
        any_policy = self.table.hit_policy == "ANY"
        for formulas, questions in self.subject.somebody():
            rows = formulas.rows(self.table)
            both = [terms.true(rows[each].condition) for each in (one, other)]
            if any_policy:
                both.append(differ(rows[one], rows[other]))
            model = questions.find(*both, formulas.none_refused(), near=formulas.person.within)
            if model is None:
                continue
            decision = formulas.judged(model)
            matching = self._matching(decision)
            nothing = decision.values.get(self.step.name) is None
            if {one, other} <= set(matching) and nothing and decision.state is not State.NOT_MET:
                code = "rows-differ" if any_policy else "rows-overlap"
                values = {"row": one + 1, "other": other + 1}
                return self._finding(code, other + 1, values, decision)
        return None

    # No row at all.

    def _gaps(self, boxes: Sequence[Boxes | None]) -> Iterator[Finding]:
        collects = self.table.hit_policy in {"RULE ORDER", "OUTPUT ORDER"} or (
            self.table.hit_policy == "COLLECT" and self.table.aggregation in {"", "COUNT"}
        )
        if collects or any(output.default for output in self.table.outputs):
            return
        if all(box is not None and not box.has_gap for box in boxes):
            return
        for formulas, questions in self.subject.somebody():
            none = [terms.false(row.condition) for row in formulas.rows(self.table)]
            model = questions.find(*none, formulas.none_refused(), near=formulas.person.within)
            if model is None:
                continue
            decision = formulas.judged(model)
            nothing = decision.values.get(self.step.name) is None
            if nothing and not self._matching(decision) and decision.state is not State.NOT_MET:
                yield self._finding("rows-gap", 0, {}, decision)
                return

    # What the interpreter says.

    def _matching(self, decision: Decision) -> list[int]:
        env = Environment(dict(decision.values), now=clock_of(decision.case.day))
        return [
            number
            for number, (condition, _) in enumerate(rows_of(self.table))
            if compile_node(condition)(env) is True
        ]

    def _counting(self, decision: Decision) -> list[int]:
        """Return the rows that count, by the interpreter's matches and the hit policy."""
        matching = self._matching(decision)
        return [each for each in matching if not set(self._before(each)) & set(matching)]

    def _finding(self, code: str, row: int, values: dict[str, Any], decision: Decision) -> Finding:
        policy = self.subject.policy
        spot = spot_of(policy, self.step.name, row)
        clauses = (self.step.clause,) if self.step.clause else ()
        whole = {"name": self.step.name, **values}
        return Finding(code, spot, (policy.id,), clauses, whole, (decision,))


def check_tables(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the tables of a policy; what is beyond us is noted."""
    for step in subject.policy.steps.values():
        if step.table is None:
            continue
        try:
            yield from TableCheck(subject, step, step.table).findings()
        except Untranslatable as beyond:
            subject.beyond.setdefault(step.name, str(beyond))
