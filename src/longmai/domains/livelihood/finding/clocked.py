"""Which parts of a policy turn with the clock, and whether each turns at most once.

A comparison of a growing thing (the day itself, a full number of years since a day) with one that
stands still is false before some day and true after it, or the other way round. Where all clocked
parts of a policy are of that kind, a case whose parts say the same on two days is the same on every
day between, and the days between need not be looked at.
"""

from collections.abc import Iterator

from longmai.rules.feel.tree import Binary, Call, Name, Node, Path
from longmai.rules.policy.model import Condition, Policy
from longmai.rules.policy.scope import CLOCK, used_names

_DURATION = "years and months duration"
_ORDERED = frozenset(("<", "<=", ">", ">="))


def turning_parts(policy: Policy) -> tuple[Node, ...] | None:
    """Return the comparisons of a policy that look at the clock; None: one may turn twice."""
    if policy.files or policy.members or any(s.table is not None for s in policy.steps.values()):
        return None
    conditions = (*policy.conditions, *policy.exclusions)
    found: list[Node] = []
    for part in _parts(conditions):
        if _is_clocked(part, policy):
            if not _turns_once(part, policy):
                return None
            found.append(part)
    return tuple(found)


def _parts(conditions: tuple[Condition, ...]) -> Iterator[Node]:
    for condition in conditions:
        for each in condition.walk():
            if each.rule is not None:
                yield from _split(each.rule.node)


def _split(node: Node) -> Iterator[Node]:
    match node:
        case Binary("and" | "or", left, right):
            yield from _split(left)
            yield from _split(right)
        case Call(Name("not"), (inner,)):
            yield from _split(inner)
        case _:
            yield node


def _is_clocked(node: Node, policy: Policy) -> bool:
    for used in used_names(node):
        step = policy.steps.get(used.name)
        if used.name in CLOCK:
            return True
        if step is not None and step.rule is not None and _is_clocked(step.rule.node, policy):
            return True
    return False


def _turns_once(node: Node, policy: Policy) -> bool:
    match node:
        case Binary(operator, left, right) if operator in _ORDERED:
            sides = [each for each in (left, right) if _is_clocked(each, policy)]
            return len(sides) == 1 and _grows(sides[0], policy)
    return False


def _grows(node: Node, policy: Policy) -> bool:
    """Tell whether a value never falls while days go by."""
    match node:
        case Name(name) if name in policy.steps:
            rule = policy.steps[name].rule
            return rule is not None and _grows(rule.node, policy)
        case Call(Name("today"), ()):
            return True
        case Path(Call(Name(name), (start, end)), "years") if name == _DURATION:
            return not _is_clocked(start, policy) and _grows(end, policy)
    return False
