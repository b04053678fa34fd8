"""A policy as formulas, for one person who is not fixed, one day and one region."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from longmai.rules.checks import terms
from longmai.rules.checks.days import Day
from longmai.rules.checks.eras import Era, all_well
from longmai.rules.checks.logic import Truth, all_of, any_of
from longmai.rules.checks.outcomes import outcome_of
from longmai.rules.checks.people import Person, some_day
from longmai.rules.checks.terms import Symbols, Term, Untranslatable
from longmai.rules.checks.translation import Translator
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.temporal import Date, DateTime, Time
from longmai.rules.feel.tree import Call, In, Name, Node, Text, parts_of
from longmai.rules.policy.evaluation import Case, Decision, evaluate
from longmai.rules.policy.household import NAMES, definitions
from longmai.rules.policy.model import Condition, Policy, Step
from longmai.rules.policy.scope import Kinds
from longmai.rules.policy.tables import cells_of


@dataclass(frozen=True)
class RowTerms:
    """A row of a table: when it matches, and what it concludes."""

    condition: Term
    conclusions: tuple[Term, ...]


@lru_cache(maxsize=1024)
def _texts_in(node: Node) -> frozenset[str]:
    found: set[str] = set()
    waiting: list[Any] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Text):
            found.add(each.value)
        waiting.extend(parts_of(each))
    return frozenset(found)


def nodes_of(policy: Policy) -> Iterator[Node]:
    """Yield the rules of a policy: steps, cells of tables, conditions, amount."""
    for step in policy.steps.values():
        if step.rule is not None:
            yield step.rule.node
        if step.table is not None:
            yield from cells_of(step.table)
    for condition in policy.rules.values():
        if condition.rule is not None:
            yield condition.rule.node
    if policy.amount is not None:
        yield policy.amount.rule.node


def texts_of(policy: Policy) -> list[str]:
    """Return the texts that the rules of a policy name, and its parameters hold."""
    kept = policy.compiled.get("texts")
    if kept is not None:
        return list(kept)
    found = {text for node in nodes_of(policy) for text in _texts_in(node)}
    for parameter in policy.parameters.values():
        for row in parameter.values:
            values = row.value if isinstance(row.value, list) else [row.value]
            found |= {each for each in values if isinstance(each, str)}
    policy.compiled["texts"] = tuple(sorted(found))
    return sorted(found)


class Formulas:
    """A policy's rules, translated as they are asked for.

    Args:
        policy: whose rules they are.
        era: when and where.
        size: of the household, spelled out; None: not spelled out, the day is any of the era, and
            parameters that are not known may be anything. That is for claims that something can
            never be.
        symbols: the numbers of texts, shared by policies that are asked about together.
        texts: that count beside the policy's own.
    """

    def __init__(
        self,
        policy: Policy,
        era: Era,
        size: int | None,
        symbols: Symbols | None = None,
        texts: Sequence[str] = (),
    ) -> None:
        self.policy, self.era = policy, era
        symbols = symbols or Symbols()
        self.person = Person(policy, size, symbols, [*texts_of(policy), *texts])
        self.domain = self.person.domain
        kinds = {each.name: _kind(each.type) for each in policy.inputs.values()}
        kinds |= {each.name: _kind(each.type) for each in policy.parameters.values()}
        kinds |= dict.fromkeys(NAMES, "number")
        fields = {each.name: _kind(each.type) for each in policy.members.values()}
        self._kinds = Kinds(kinds, fields, policy.members_name)
        names: dict[str, Term] = dict(self.person.terms)
        known = {k: v for k, v in era.parameters.items() if v is not None or size is not None}
        self.translate = Translator(names, known, self._clock(size), symbols, self._kinds)
        self._open_parameters(known)
        self.beyond: dict[str, str] = {}
        self._rows: dict[int, list[RowTerms]] = {}
        self._steps()

    def _clock(self, size: int | None) -> tuple[Any, Term]:
        if size is not None:
            return clock_of(self.era.day), Term("date", Day.of(self.era.day))
        day, holds = some_day("today", self.era.day, self.era.last)
        self.domain += holds
        return None, Term("date", day)

    def _open_parameters(self, known: dict[str, Any]) -> None:
        for each in self.policy.parameters.values():
            if each.name not in known:
                try:
                    free = self.translate.free(("parameter", each.name), each.type)
                except Untranslatable:
                    free = Term("list", None, label=each.name)
                self.translate.names[each.name] = free

    def _steps(self) -> None:
        translate, policy = self.translate, self.policy
        for name, node in definitions(policy).items():
            self._define(name, lambda node=node: translate(node))
        for step in policy.steps.values():
            self._define(step.name, lambda step=step: self._step(step))

    def _define(self, name: str, make: Any) -> None:
        self.translate.place = name
        try:
            found = make()
            kind = found.kind
        except Untranslatable as beyond:
            self.beyond[name] = str(beyond)
            return
        self.translate.names[name] = found
        if kind in {"number", "boolean", "string", "date"}:
            self._kinds.names[name] = kind  # type: ignore[index] # made above, as a dict

    def _step(self, step: Step) -> Term:
        if step.rule is not None:
            return self.translate(step.rule.node)
        if step.table is None:
            raise Untranslatable(step.name)
        return outcome_of(step.table, self.rows(step.table), self.translate)

    def rows(self, table: DecisionTable) -> list[RowTerms]:
        """Return the rows of a table.

        Raises:
            Untranslatable: a cell is beyond us.
        """
        kept = self._rows.get(id(table))
        if kept is not None:
            return kept
        found = []
        for number, rule in enumerate(table.rules):
            condition = terms.TRUE
            for cell in self.cells(table, number):
                condition = terms.conjunction(condition, cell)
            conclusions = tuple(self.translate(parse_expression(each)) for each in rule.conclusions)
            found.append(RowTerms(condition, conclusions))
        self._rows[id(table)] = found
        return found

    def cells(self, table: DecisionTable, number: int) -> list[Term]:
        """Return the conditions of a row, one for each cell that asks anything.

        Raises:
            Untranslatable: a cell is beyond us.
        """
        found = []
        for column, cell in zip(table.inputs, table.rules[number].tests, strict=True):
            test = _cell(column.expression, cell)
            if test is not None:
                found.append(self.translate(test))
        return found

    def met(self, condition: Condition) -> Truth:
        """Tell when a condition or exclusion is met, what a person looks at being found well."""
        if condition.parts:
            parts = [self.met(each) for each in condition.parts]
            return any_of(*parts) if _one_is_enough(condition) else all_of(*parts)
        if condition.rule is None:
            return True
        self.translate.place = condition.name
        term = self.translate(condition.rule.node)
        return terms.false(term) if condition.exclusion else terms.true(term)

    def refused(self, condition: Condition) -> Truth:
        """Tell when a condition or exclusion is known not to be met."""
        if condition.parts:
            parts = [self.refused(each) for each in condition.parts]
            return all_of(*parts) if _one_is_enough(condition) else any_of(*parts)
        if condition.rule is None:
            return False
        self.translate.place = condition.name
        term = self.translate(condition.rule.node)
        return terms.true(term) if condition.exclusion else terms.false(term)

    @property
    def whole(self) -> tuple[Condition, ...]:
        """All conditions and exclusions, without their parts."""
        return (*self.policy.conditions, *self.policy.exclusions)

    def all_met(self) -> Truth:
        """Tell when the policy is met."""
        return all_of(*map(self.met, self.whole))

    def none_refused(self) -> Truth:
        """Tell when nothing refuses."""
        return terms.false(Term("boolean", any_of(*map(self.refused, self.whole))))

    def amount(self) -> Term:
        """Return what is due.

        Raises:
            Untranslatable: it is beyond us, or there is none.
        """
        if self.policy.amount is None:
            raise Untranslatable("no amount")
        self.translate.place = "金额"
        found = self.translate(self.policy.amount.rule.node)
        if found.kind == "null":  # it hangs on a parameter that is to be confirmed
            return Term("number", Fraction(0), known=False)
        if found.kind != "number":
            raise Untranslatable(f"an amount of {found.kind}")
        return found

    def case(self, model: Any) -> Case:
        """Return the case that a solution is, with all that a person looks at found well."""
        return Case(self.era.day, self.era.region, self.person.given(model), all_well(self.policy))

    def judged(self, model: Any) -> Decision:
        """Return what the interpreter makes of a solution."""
        return evaluate(self.policy, self.case(model))


@lru_cache(maxsize=4096)
def _cell(column: str, cell: str) -> Node | None:
    """Return a cell as a condition on its column; None where it asks nothing."""
    tests = parse_unary_tests(cell or "-")
    if not tests.tests:
        return None
    test: Node = In(parse_expression(column), tests.tests)
    return Call(Name("not"), (test,)) if tests.negated else test


def _one_is_enough(condition: Condition) -> bool:
    return condition.any_part != condition.exclusion


def _kind(type_: str) -> str:
    return "list" if type_.startswith("list") else type_


def clock_of(day: date) -> DateTime:
    """Return the instant at which a day begins."""
    return DateTime(Date(day.year, day.month, day.day), Time(0, 0, Decimal(0)))


__all__ = ["Formulas", "RowTerms", "clock_of", "nodes_of", "texts_of"]
