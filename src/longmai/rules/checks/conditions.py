"""Checks of conditions: what nobody can meet, alone or together; branches nobody comes to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from longmai.rules.checks import terms
from longmai.rules.checks.finding import Finding, spot_of
from longmai.rules.checks.formulas import Formulas, clock_of
from longmai.rules.checks.logic import all_of, negated
from longmai.rules.checks.subject import Subject
from longmai.rules.checks.terms import Term, Untranslatable
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import If, Node, parts_of
from longmai.rules.policy.evaluation import Decision, Judged, State
from longmai.rules.policy.model import Condition
from longmai.rules.policy.strict import strict


def check_conditions(subject: Subject) -> Iterator[Finding]:
    """Yield conditions that nobody can meet, or that cannot be met together."""
    together = _possible(subject, _whole(subject))
    never = False
    for condition in subject.policy.rules.values():
        # Where all can be met at once, only an alternative may still be none.
        if condition.rule is None or (together and condition.id in _ids(_whole(subject))):
            continue
        if not _possible(subject, [condition]):
            never = True
            yield from _with_refused(subject, [condition], "condition-never")
    if not never and not together:
        yield from _with_refused(subject, _core(subject), "conditions-clash")


def _ids(conditions: Sequence[Condition]) -> set[str]:
    return {each.id for each in conditions}


def _whole(subject: Subject) -> tuple[Condition, ...]:
    return (*subject.policy.conditions, *subject.policy.exclusions)


def _possible(subject: Subject, conditions: Sequence[Condition]) -> bool:
    """Tell whether anybody can meet conditions at once; what stays undecided counts as possible."""
    return subject.can_be(lambda each: _met(each, conditions, subject)) is not False


def _met(formulas: Formulas, conditions: Sequence[Condition], subject: Subject) -> list[Any]:
    found = []
    for each in conditions:
        try:
            found.append(formulas.met(each))
        except Untranslatable as beyond:
            subject.beyond.setdefault(each.name, str(beyond))
    return found


def _core(subject: Subject) -> list[Condition]:
    """Return conditions that cannot be met together, none of which can be left out."""
    left = list(_whole(subject))
    for each in _whole(subject):
        fewer = [one for one in left if one is not each]
        if fewer and not _possible(subject, fewer):
            left = fewer
    return left


def _with_refused(
    subject: Subject, conditions: Sequence[Condition], code: str
) -> Iterator[Finding]:
    """Yield the finding, with somebody who meets as many of the others as can be."""
    policy = subject.policy
    others = [each for each in _whole(subject) if each.id not in _ids(conditions)]
    for wanted in ([*others, *conditions[:-1]], others, []):
        for formulas, questions in subject.somebody():
            met = _met(formulas, wanted, subject)
            model = questions.find(*met, near=formulas.person.within)
            if model is None:
                continue
            decision = formulas.judged(model)
            if _is_refused(decision, _ids(conditions)):
                known = {
                    "name": "”和“".join(each.name for each in conditions),
                    "name_en": "' and '".join(each.en or each.name for each in conditions),
                }
                part = "." in conditions[0].id
                clauses = tuple(dict.fromkeys(e.clause for e in conditions if e.clause))
                spot = spot_of(policy, conditions[-1].name)
                own = "part-never" if part and code == "condition-never" else code
                yield Finding(own, spot, (policy.id,), clauses, known, (decision,))
                return


def _is_refused(decision: Decision, ids: set[str]) -> bool:
    waiting: list[Judged] = list(decision.judged)
    while waiting:
        each = waiting.pop()
        if each.condition.id in ids and each.state is State.NOT_MET:
            return True
        waiting.extend(each.parts)
    return False


@dataclass(frozen=True)
class _Branch:
    """A branch of a chain of ``if``: its condition, and those before it.

    Attributes:
        condition: None of the last ``else``.
    """

    condition: Node | None
    before: tuple[Node, ...]


def check_branches(subject: Subject) -> Iterator[Finding]:
    """Yield branches of ``if … else if …`` that nobody comes to."""
    policy = subject.policy
    places = [
        (step.name, step.rule.node, step.clause) for step in policy.steps.values() if step.rule
    ]
    if policy.amount is not None:
        places.append(("金额", policy.amount.rule.node, policy.amount.clause))
    for name, node, clause in places:
        for chain in _chains(node):
            for branch in chain:
                try:
                    decision = _nobody_comes(subject, branch)
                except Untranslatable:
                    continue  # told where the step itself is read
                if decision is not None:
                    yield _dead(subject, (name, clause), branch, decision)


def _chains(node: Node) -> Iterator[list[_Branch]]:
    waiting: list[Any] = [node]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, If):
            waiting.extend(parts_of(found))
            continue
        branches: list[_Branch] = []
        before: tuple[Node, ...] = ()
        while isinstance(found, If):
            branches.append(_Branch(found.condition, before))
            waiting += [found.condition, found.then]
            before = (*before, found.condition)
            found = found.otherwise
        branches.append(_Branch(None, before))
        waiting.append(found)
        yield branches


def _nobody_comes(subject: Subject, branch: _Branch) -> Decision | None:
    """Return somebody who comes to an earlier branch, if nobody comes to this one."""

    def wanted(formulas: Formulas) -> list[Any]:
        passed = [terms.false(formulas.translate(each)) for each in branch.before]
        return [_own(formulas, branch), *passed]

    if subject.can_be(wanted) is not False:
        return None
    for its_own in (True, False):
        for formulas, questions in subject.somebody():
            own = _own(formulas, branch) if its_own else True
            model = questions.find(own, near=formulas.person.within)
            if model is None:
                continue
            decision = formulas.judged(model)
            if not _comes(decision, branch):
                return decision
    return None


def _own(formulas: Formulas, branch: _Branch) -> Any:
    if branch.condition is None:
        return True
    term: Term = formulas.translate(branch.condition)
    return all_of(term.known, negated(terms.false(term)))


def _comes(decision: Decision, branch: _Branch) -> bool:
    env = Environment(dict(decision.values), now=clock_of(decision.case.day))
    answers = [compile_node(strict(each))(env) for each in branch.before]
    if any(answer is not False for answer in answers):
        return False
    return branch.condition is None or compile_node(strict(branch.condition))(env) is True


def _dead(subject: Subject, place: tuple[str, str], branch: _Branch, decision: Decision) -> Finding:
    name, clause = place
    text = "else" if branch.condition is None else print_node(branch.condition)
    code = "else-never" if branch.condition is None else "branch-never"
    spot = spot_of(subject.policy, name)
    clauses = (clause,) if clause else ()
    values = {"name": name, "branch": text}
    return Finding(code, spot, (subject.policy.id,), clauses, values, (decision,))
