"""The examples of a policy, run as tests, and cases at the edges for the author to confirm."""

from collections.abc import Sequence
from dataclasses import dataclass

from longmai.kernel.money import yuan_to_fen
from longmai.rules.policy.evaluation import Case, Decision, Judged, State, evaluate
from longmai.rules.policy.findings import PolicyFinding
from longmai.rules.policy.keys import STATES, shown
from longmai.rules.policy.literals import as_plain, same
from longmai.rules.policy.model import Example, Policy


@dataclass(frozen=True)
class Ran:
    """An example with what came of it.

    Attributes:
        finding: what came out otherwise; None: as expected.
    """

    example: Example
    decision: Decision
    finding: PolicyFinding | None


def run_examples(policy: Policy) -> tuple[Ran, ...]:
    """Judge each example; say which come out otherwise than expected."""
    return tuple(_run(policy, each) for each in policy.examples)


def _run(policy: Policy, example: Example) -> Ran:
    case = Case(
        example.day,
        example.region,
        _whole(policy, example),
        example.confirmed,
        assumed=example.assumed,
    )
    decision = evaluate(policy, case)
    return Ran(example, decision, _finding(decision, example))


def _whole(policy: Policy, example: Example) -> dict[str, object]:
    whole: dict[str, object] = dict.fromkeys(policy.inputs)
    if policy.members:
        whole[policy.members_name] = None
    return whole | dict(example.given)


def _finding(decision: Decision, example: Example) -> PolicyFinding | None:
    expect, found = example.expect, decision.state.value
    because = open_conditions(decision.judged)
    if found != expect.state:
        return _wrong(example, (found, expect.state), because, STATES)
    if expect.amount is not None:
        due = yuan_to_fen(expect.amount)
        if decision.amount_fen != due:
            got = "" if decision.amount_fen is None else f"{decision.amount_fen / 100:.2f}"
            return _wrong(example, (got or "no amount", str(expect.amount)), because)
    if expect.because and set(expect.because) != set(because):
        return _wrong(example, (", ".join(because), ", ".join(expect.because)), because)
    for name, value in expect.steps.items():
        computed = decision.values.get(name)
        if not same(computed, value):
            return _wrong(
                example, (f"{name} = {as_plain(computed)}", str(as_plain(value))), because
            )
    return None


def _wrong(
    example: Example,
    pair: tuple[str, str],
    because: Sequence[str],
    choices: tuple[tuple[str, str], ...] = (),
) -> PolicyFinding:
    found, wanted = pair
    return PolicyFinding(
        "example",
        example.spot,
        name=example.name,
        found=found,
        wanted=wanted,
        found_zh=f"“{shown(choices, found, 'zh')}”",
        wanted_zh=f"“{shown(choices, wanted, 'zh')}”",
        why=", ".join(because) or "no condition is open",
        why_zh="、".join(because) or "没有未满足的条件",
    )


def open_conditions(judged: Sequence[Judged]) -> tuple[str, ...]:
    """Return the names of conditions that are not met, unknown or wait, the innermost ones."""
    found: list[str] = []
    for each in judged:
        if each.state is not State.MET:
            found.extend(open_conditions(each.parts) if each.parts else [each.condition.name])
    return tuple(found)
