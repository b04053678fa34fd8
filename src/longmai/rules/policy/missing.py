"""What a rule would have to know and does not: data, members' data, values of parameters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.tree import Binary, If, Node
from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Decision, environment_of
from longmai.rules.policy.household import NAMES
from longmai.rules.policy.model import Step
from longmai.rules.policy.scope import used_names
from longmai.rules.policy.strict import strict
from longmai.rules.policy.tables import cells_of


@dataclass(frozen=True)
class Missing:
    """Something that is not known.

    Attributes:
        kind: ``input``, ``member``, ``members``, ``parameter`` (to be confirmed) or
            ``parameter_none`` (none for that day and place).
        holder: the department that has it.
        number: of the member, from 1.
    """

    kind: str
    name: str
    holder: str = ""
    number: int = 0


def missing_of(node: Node, decision: Decision) -> Sequence[Missing]:
    """Return what is missing for an expression, each once."""
    return tuple(dict.fromkeys(_missing(node, decision)))


def open_parts(node: Node, decision: Decision) -> Iterator[Sequence[Missing]]:
    """Yield what is missing for each part that the outcome waits for; a part needs all of it."""
    env = environment_of(decision)
    for part in _waiting(node, env):
        yield tuple(dict.fromkeys(_of_names(part, decision)))


def _missing(node: Node, decision: Decision) -> Iterator[Missing]:
    for part in open_parts(node, decision):
        yield from part


def _waiting(node: Node, env: Environment) -> Iterator[Node]:
    """Yield the parts that the outcome waits for: one branch of an ``if``, the open sides."""

    def value(part: Node) -> Value:
        return compile_node(strict(part))(env)

    match node:
        case If(condition, then, otherwise):
            answer = value(condition)
            if answer is None:
                yield from _waiting(condition, env)
            else:
                yield from _waiting(then if answer is True else otherwise, env)
        case Binary("and" | "or", left, right):
            for side in (left, right):
                if value(side) is None:
                    yield from _waiting(side, env)
        case _:
            yield node


def _of_names(node: Node, decision: Decision) -> Iterator[Missing]:
    policy, values = decision.policy, decision.values
    fields: list[str] = []
    uses_members = False
    for used in used_names(node):
        name = used.name
        if name in policy.members and used.in_filter:
            fields.append(name)
        elif name == policy.members_name or name in NAMES:
            uses_members = uses_members or bool(policy.members)
        elif values.get(name) is not None:
            continue
        elif name in policy.inputs:
            yield Missing("input", name, policy.inputs[name].holder)
        elif name in policy.parameters:
            row = decision.parameters.get(name)
            yield Missing("parameter_none" if row is None else "parameter", name)
        elif name in policy.steps:
            yield from _of_step(policy.steps[name], decision)
    if uses_members:
        yield from _of_members(node, decision, fields)


def _of_step(step: Step, decision: Decision) -> Iterator[Missing]:
    nodes = [step.rule.node] if step.rule is not None else []
    if step.table is not None:
        nodes = list(cells_of(step.table))
    for node in nodes:
        yield from _missing(node, decision)


def _of_members(node: Node, decision: Decision, fields: Sequence[str]) -> Iterator[Missing]:
    rows = decision.values.get(decision.policy.members_name)
    if not isinstance(rows, list):
        yield Missing("members", decision.policy.members_name)
        return
    asked = {*fields, *_paths(node)} & decision.policy.members.keys()
    for number, row in enumerate(rows, start=1):
        for name in decision.policy.members:
            if name in asked and row.get(name) is None:
                holder = decision.policy.members[name].holder
                yield Missing("member", name, holder, number)


def _paths(node: object) -> Iterator[str]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, tuple):
            waiting.extend(found)
        elif hasattr(found, "__dataclass_fields__"):
            if type(found).__name__ == "Path":
                yield found.name  # type: ignore[attr-defined] # a Path
            waiting.extend(getattr(found, name) for name in found.__dataclass_fields__)
