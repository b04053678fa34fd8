"""Cases at the edges of a policy, for its author to confirm: what the rule says of them now.

For every threshold somebody just below, at and just above it, by the natural step of a datum: one
year, one cent, one day. For every condition somebody who meets it, somebody who does not, and one
of whom the datum is not known. A test written by hand says what the author means; these say what
the rule does, and only become tests once he agrees.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import z3

from longmai.rules.checks.cliffs import moved_case, value_of, with_value
from longmai.rules.checks.days import Day, is_day
from longmai.rules.checks.finding import value_in_words
from longmai.rules.checks.formulas import Formulas, clock_of
from longmai.rules.checks.logic import all_of, any_of, compared, negated, same
from longmai.rules.checks.people import Variable
from longmai.rules.checks.solver import Budget, OutOfTime, Questions, alone
from longmai.rules.checks.subject import Subject
from longmai.rules.checks.terms import Untranslatable
from longmai.rules.checks.thresholds import Threshold, thresholds_of
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.temporal import Date
from longmai.rules.policy.evaluation import Case, Decision, evaluate
from longmai.rules.policy.model import Condition, Policy

SECONDS = 5.0
MOST_CASES = 80
WORDS: Mapping[str, tuple[str, str]] = {
    "below": ("差一步", "just below"),
    "at": ("恰好", "at"),
    "above": ("过一步", "just above"),
    "missing": ("不详", "unknown"),
    "met": ("满足", "met"),
    "not met": ("不满足", "not met"),
}


@dataclass(frozen=True)
class Boundary:
    """A case at an edge.

    Attributes:
        place: name of the condition or step.
        clause: that it rests on.
        which: of ``WORDS``.
        about: the datum, with its value here.
        decision: what the rule makes of it now.
    """

    place: str
    clause: str
    which: str
    about: str
    decision: Decision

    def name(self, language: str) -> str:
        """Return what the example may be called."""
        word = WORDS[self.which][0 if language == "zh" else 1]
        if language == "zh":
            return f"{self.place}：{self.about}，{word}"
        return f"{self.place}: {self.about}, {word}"


def boundaries_of(policy: Policy, seconds: float = SECONDS) -> tuple[Boundary, ...]:
    """Return cases at the edges of a policy that its examples do not hold already."""
    with alone():
        return tuple(_all(policy, seconds))[:MOST_CASES]


def _all(policy: Policy, seconds: float) -> Iterator[Boundary]:
    seen = {_key(policy, each.day, each.given) for each in policy.examples}
    finder = _Finder(policy, Subject(policy, Budget(seconds)))
    try:
        for each in finder.boundaries():
            case = each.decision.case
            key = _key(policy, case.day, case.values)
            if key not in seen:
                seen.add(key)
                yield each
    except OutOfTime:
        return


def _key(policy: Policy, day: object, values: Mapping[str, Any]) -> str:
    whole = {**dict.fromkeys(policy.inputs), **values}
    return repr((day, sorted((name, str(value)) for name, value in whole.items())))


@dataclass
class _Finder:
    policy: Policy
    subject: Subject

    def boundaries(self) -> Iterator[Boundary]:
        """Yield the cases, clause by clause."""
        edged = set()
        for each in thresholds_of(self.policy):
            found = list(self._around(each))
            if found:
                edged.add(each.place)
            yield from found
        for condition in self.policy.rules.values():
            if condition.rule is not None and condition.name not in edged:
                yield from self._of_condition(condition)

    # Around a threshold.

    def _around(self, edge: Threshold) -> Iterator[Boundary]:
        for formulas, questions in self.subject.somebody():
            try:
                found = self._edge(edge, formulas, questions)
            except Untranslatable:
                return  # told by the checks
            if found is not None:
                yield from self._cases(edge, *found)
                return

    def _edge(
        self, edge: Threshold, formulas: Formulas, questions: Questions
    ) -> tuple[Case, Variable] | None:
        """Return a case and a datum, one step more of which turns the comparison."""
        term = formulas.translate(edge.node)
        used = _variables_in(term.value)
        met = formulas.all_met()
        for variable in formulas.person.variables:
            if not _names(variable) & used:
                continue
            move = _Move(variable)
            turned = all_of(
                term.known, move(term.known), negated(same(term.value, move(term.value)))
            )
            for well in (any_of(met, move(met)), True):
                near = formulas.person.within
                model = questions.find(turned, well, *move.domain, near=near)
                if model is not None:
                    return formulas.case(model), variable
        return None

    def _cases(self, edge: Threshold, case: Case, variable: Variable) -> Iterator[Boundary]:
        sides = [self._equal_sides(edge, self._moved(case, variable, n)) for n in (0, 1)]
        named = {0: "below", 1: "above"}
        if sides[0]:
            named = {-1: "below", 0: "at", 1: "above"}
        elif sides[1]:
            named = {0: "below", 1: "at", 2: "above"}
        for steps, which in named.items():
            yield self._boundary(edge, which, self._moved(case, variable, steps), variable)
        unknown = with_value(self.policy, case, variable, None)
        yield self._boundary(edge, "missing", unknown, variable)

    def _boundary(self, edge: Threshold, which: str, case: Case, variable: Variable) -> Boundary:
        value = value_of(self.policy, case, variable)
        name = variable.datum.name
        about = name if value is None else f"{name} = {value_in_words(value, 'zh')}"
        return Boundary(edge.place, edge.clause, which, about, evaluate(self.policy, case))

    def _moved(self, case: Case, variable: Variable, steps: int) -> Case:
        if variable.count is not None:
            return moved_case(self.policy, case, variable, steps)
        day = value_of(self.policy, case, variable)
        later = Date.of_ordinal(day.ordinal + steps)
        return with_value(self.policy, case, variable, later)

    def _equal_sides(self, edge: Threshold, case: Case) -> bool:
        decision = evaluate(self.policy, case)
        env = Environment(dict(decision.values), now=clock_of(case.day))
        one, other = (compile_node(side)(env) for side in (edge.node.left, edge.node.right))
        return one is not None and one == other

    # Conditions without thresholds.

    def _of_condition(self, condition: Condition) -> Iterator[Boundary]:
        for formulas, questions in self.subject.somebody():
            try:
                own = formulas.met(condition)
                others = [formulas.met(each) for each in formulas.whole]
            except Untranslatable:
                return
            near = formulas.person.within
            met = questions.find(own, *others, near=near) or questions.find(own, near=near)
            if met is None:
                continue
            yield self._plain(condition, "met", formulas.case(met))
            refused = formulas.refused(condition)
            rest = [formulas.met(e) for e in formulas.whole if condition not in list(e.walk())]
            found = questions.find(refused, *rest, near=near)
            if found is not None:
                yield self._plain(condition, "not met", formulas.case(found))
            yield from self._missing(condition, formulas, formulas.case(met))
            return

    def _missing(self, condition: Condition, formulas: Formulas, case: Case) -> Iterator[Boundary]:
        used = _variables_in(formulas.met(condition))
        for variable in formulas.person.variables:
            if _names(variable) & used:
                unknown = with_value(self.policy, case, variable, None)
                yield replace(self._plain(condition, "missing", unknown), about=variable.datum.name)
                return

    def _plain(self, condition: Condition, which: str, case: Case) -> Boundary:
        about = print_node(condition.rule.node) if condition.rule else condition.name
        decision = evaluate(self.policy, case)
        return Boundary(condition.name, condition.clause, which, about, decision)


class _Move:
    """Puts a datum one step on in formulas.

    Attributes:
        domain: what holds of variables it brings.
    """

    def __init__(self, variable: Variable) -> None:
        self.domain: list[Any] = []
        if variable.count is not None:
            self._pairs = [variable.moved(1)]
            return
        self._pairs = []
        if variable.datum.type == "date":
            day: Day = variable.term.value
            parts = (day.year, day.month, day.day)
            later = Day(*(z3.Int(f"later {number}") for number in range(3)))
            following = compared("=", later.ordinal, day.ordinal + 1)
            self.domain = [is_day(later), following]
            self._pairs = list(zip(parts, (later.year, later.month, later.day), strict=True))

    def __call__(self, formula: Any) -> Any:
        if not self._pairs or not z3.is_expr(formula):
            return formula
        return z3.substitute(formula, *self._pairs)


def _names(variable: Variable) -> set[str]:
    if variable.count is not None:
        return {str(variable.count)}
    value = variable.term.value
    if isinstance(value, Day):
        return {str(value.year), str(value.month), str(value.day)}
    return {str(value)} if z3.is_expr(value) else set()


def _variables_in(formula: Any) -> set[str]:
    """Return the names of the variables that a formula hangs on."""
    if not z3.is_expr(formula):
        return set()
    found, waiting, seen = set(), [formula], set()
    while waiting:
        each = waiting.pop()
        if each.get_id() in seen:
            continue
        seen.add(each.get_id())
        if z3.is_const(each) and each.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.add(str(each))
        waiting.extend(each.children())
    return found
