"""Which data could still change what comes of a case, so that nobody is asked for anything else.

A datum is worth asking for where a rule waits for it and for nothing that nobody can answer (a
parameter that is not known). Of a datum with few values each is tried: it is asked for only if one
of them settles something, or opens a question that does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Case, Decision, Judged, State, evaluate
from longmai.rules.policy.missing import Missing, open_parts
from longmai.rules.policy.model import Input, Policy

_ASKABLE = {"input", "member"}
_SETTLED = {State.MET, State.MANUAL}


@dataclass(frozen=True, order=True)
class Wanted:
    """A datum that can still change the answer.

    Attributes:
        name: of the input.
        number: of the member it is asked of, from 1; 0: it is no member's.
    """

    name: str
    number: int = 0


def wanted(decision: Decision) -> tuple[Wanted, ...]:
    """Return the data that can still change a decision, or say how much is due; each once.

    Args:
        decision: on a case whose members, if the policy has any, are a list.
    """
    return tuple(each for each in dict.fromkeys(_waited_for(decision)) if _counts(each, decision))


def _waited_for(decision: Decision) -> Iterator[Wanted]:
    amount = decision.policy.amount
    if decision.state is State.UNKNOWN:
        for judged in decision.judged:
            yield from _of_judged(judged, decision)
    elif decision.state in _SETTLED and amount is not None and decision.amount_fen is None:
        for part in open_parts(amount.rule.node, decision):
            yield from _askable(part)


def _of_judged(judged: Judged, decision: Decision) -> Iterator[Wanted]:
    if judged.state is not State.UNKNOWN:
        return
    for each in judged.parts:
        yield from _of_judged(each, decision)
    if not judged.parts and judged.condition.rule is not None:
        for part in open_parts(judged.condition.rule.node, decision):
            yield from _askable(part)


def _askable(missing: Sequence[Missing]) -> Iterator[Wanted]:
    # Whatever is answered, nothing comes of a part that also waits for what nobody can tell.
    if all(each.kind in _ASKABLE for each in missing):
        yield from (Wanted(each.name, each.number) for each in missing)


def _counts(datum: Wanted, decision: Decision) -> bool:
    values = _values(_input(decision.policy, datum))
    if not values:
        return True
    for value in values:
        after = evaluate(decision.policy, with_value(decision.policy, decision.case, datum, value))
        if after.state is not decision.state or after.amount_fen != decision.amount_fen:
            return True
        if any(_counts(each, after) for each in dict.fromkeys(_waited_for(after))):
            return True
    return False


def _values(asked: Input) -> tuple[Value, ...]:
    return (True, False) if asked.type == "boolean" else asked.values


def _input(policy: Policy, datum: Wanted) -> Input:
    return (policy.members if datum.number else policy.inputs)[datum.name]


def with_value(policy: Policy, case: Case, datum: Wanted, value: Value) -> Case:
    """Return a case in which a datum has a value."""
    values = dict(case.values)
    if not datum.number:
        return replace(case, values=values | {datum.name: value})
    rows = values.get(policy.members_name)
    members = [dict(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    members[datum.number - 1][datum.name] = value
    values[policy.members_name] = members
    return replace(case, values=values)
