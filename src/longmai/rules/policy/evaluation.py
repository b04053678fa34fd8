"""One case against one policy: met, not met, unknown or manual review, clause by clause."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum
from typing import Any

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.money import FEN_PER_YUAN, round_fen
from longmai.rules.feel.compiler import Environment, Run, compile_node
from longmai.rules.feel.temporal import Date, DateTime, Time
from longmai.rules.feel.values import ARITHMETIC, Nothing, Value
from longmai.rules.policy.findings import near
from longmai.rules.policy.household import definitions
from longmai.rules.policy.keys import MEMBERS
from longmai.rules.policy.literals import NotOfType, of_type
from longmai.rules.policy.model import Condition, Input, ParameterValue, Policy, Step
from longmai.rules.policy.strict import strict
from longmai.rules.policy.tables import compile_table

_ROUNDINGS = {
    "half up": ROUND_HALF_UP,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "half even": ROUND_HALF_EVEN,
}


class State(StrEnum):
    """What came of a condition, or of a policy."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"
    MANUAL = "manual review"


@dataclass(frozen=True)
class Case:
    """What is known of somebody or something.

    Attributes:
        day: by whose law it is judged; ``today()`` in the rules.
        region: code without trailing zeros; empty where it does not matter.
        values: by the names of inputs; the members as a list of contexts.
        confirmed: what a person found, by the id or name of a condition.
        origins: where each value comes from, for the explanation.
        assumed: values of parameters for the sake of argument, in an example or a what-if; a
            decision that assumes anything is no record.
    """

    day: date
    region: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    confirmed: Mapping[str, bool] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    assumed: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A condition with what came of it; of a group also its parts."""

    condition: Condition
    state: State
    parts: tuple["Judged", ...] = ()


@dataclass(frozen=True)
class Decision:
    """What came of a case.

    Attributes:
        judged: conditions and exclusions, in the order of the file.
        values: of all names: data, parameters, steps.
        parameters: which row of each parameter counted; None: none holds then and there.
        amount_fen: what is due, where the state is met or manual review and it is known.
        problems: why values became null.
    """

    policy: Policy
    case: Case
    state: State
    judged: tuple[Judged, ...]
    values: Mapping[str, Value]
    parameters: Mapping[str, ParameterValue | None]
    amount_fen: int | None
    problems: tuple[str, ...]


def case_of(
    policy: Policy,
    given: Mapping[str, Any],
    day: date,
    region: str = "",
    confirmed: Mapping[str, bool] | None = None,
    origins: Mapping[str, str] | None = None,
) -> Case:
    """Return a case from plain values, as JSON, a form or a table row have them.

    Args:
        policy: whose inputs they are.
        given: by name; what is missing or None is unknown.
        day: to judge by.
        region: code, as short as it is known.
        confirmed: what a person found.
        origins: where values come from.

    Raises:
        InvalidMany: names the policy does not ask for, values of another type.
    """
    findings: list[Invalid] = []
    values: dict[str, Value] = dict.fromkeys(policy.inputs)
    if policy.members:
        values[policy.members_name] = None
    for name, value in given.items():
        if name in policy.inputs:
            values[name] = _typed(policy.inputs[name], value, name, findings)
        elif policy.members and name in MEMBERS:
            values[policy.members_name] = _members(policy, value, findings)
        else:
            findings.append(_unknown(name, policy.inputs))
    if findings:
        raise InvalidMany("the data do not fit the policy", findings, code="policy.case")
    return Case(day, region, values, confirmed or {}, origins or {})


def _members(policy: Policy, rows: Any, findings: list[Invalid]) -> Value:
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        findings.append(
            Invalid("members are a list of people", code="policy.case", place=policy.members_name)
        )
        return None
    found = []
    for number, row in enumerate(rows, start=1):
        member: dict[str, Value] = dict.fromkeys(policy.members)
        for name, value in row.items():
            place = f"{policy.members_name}[{number}].{name}"
            if name in policy.members:
                member[name] = _typed(policy.members[name], value, place, findings)
            else:
                findings.append(_unknown(name, policy.members, place))
        found.append(member)
    return found


def _typed(wanted: Input, value: Any, place: str, findings: list[Invalid]) -> Value:
    if value == "":
        return None
    try:
        found = of_type(value, wanted.type)
    except NotOfType:
        mend = {
            "number": "write digits, without unit",
            "date": "write it like 2026-01-01",
            "boolean": "write true or false",
        }.get(wanted.type)
        findings.append(
            Invalid(
                f"this is no {wanted.type}",
                code="policy.value",
                place=place,
                value=value,
                mend=mend,
            )
        )
        return None
    if wanted.values and isinstance(found, str) and found not in wanted.values:
        mend = f"choose from {', '.join(wanted.values)}"
        findings.append(
            Invalid("none of the choices", code="policy.value", place=place, value=value, mend=mend)
        )
    return found


def _unknown(name: str, known: Mapping[str, Input], place: str | None = None) -> Invalid:
    close = near(name, known)
    return Invalid(
        "the policy does not ask for this",
        code="policy.input",
        place=place or name,
        mend=f"did you mean {close}?" if close else f"it asks for {', '.join(known) or 'nothing'}",
    )


def evaluate(policy: Policy, case: Case) -> Decision:
    """Judge a case by a policy, whether or not the policy is in force on that day.

    Which version is in force is the library's to say; a replay and a what-if ask for any.
    """
    ready = _ready(policy)
    parameters = {name: each.at(case.day, case.region) for name, each in policy.parameters.items()}
    values: dict[str, Value] = dict(case.values)
    values.update(
        (name, None if found is None else found.value) for name, found in parameters.items()
    )
    values.update(case.assumed)
    env = Environment(values, now=_midnight(case.day))
    for name, run in ready.steps:
        values[name] = run(env)
    confirmed = case.confirmed
    judged = tuple([judge(env, confirmed) for judge in ready.judges])
    state = all_of([each.state for each in judged])
    amount = None
    if ready.amount is not None and state in {State.MET, State.MANUAL}:
        amount = ready.amount(env)
    problems = tuple(dict.fromkeys(str(each) for each in env.problems))
    fen = _fen(amount, policy)
    return Decision(policy, case, state, judged, values, parameters, fen, problems)


Judge = Callable[[Environment, Mapping[str, bool]], Judged]


def environment_of(decision: Decision) -> Environment:
    """Return the environment that a decision was made in, to look into it again."""
    return Environment(dict(decision.values), now=_midnight(decision.case.day))


@dataclass(frozen=True)
class _Ready:
    """A policy as functions."""

    steps: Sequence[tuple[str, Run]]
    judges: Sequence[Judge]
    amount: Run | None


def _ready(policy: Policy) -> _Ready:
    found: _Ready | None = policy.compiled.get("ready")
    if found is None:
        found = policy.compiled["ready"] = _compiled(policy)
    return found


def _compiled(policy: Policy) -> _Ready:
    own = [(name, compile_node(strict(node))) for name, node in definitions(policy).items()]
    amount = policy.amount
    return _Ready(
        [*own, *((name, _step(step)) for name, step in policy.steps.items())],
        [_judge(each) for each in (*policy.conditions, *policy.exclusions)],
        None if amount is None else compile_node(strict(amount.rule.node)),
    )


def _step(step: Step) -> Run:
    if step.rule is not None:
        return compile_node(strict(step.rule.node))
    if step.table is None:
        return lambda _env: None
    table = compile_table(step.table)

    def run(env: Environment) -> Value:
        try:
            return table(env)
        except Nothing as reason:
            env.note(str(reason), step.name)
            return None

    return run


def _judge(condition: Condition) -> Judge:
    if condition.parts:
        return _group(condition)
    # What can come of a condition is made once: a province judges it 25 million times.
    outcomes = {state: Judged(condition, state) for state in State}
    right = not condition.exclusion
    names = (condition.id, condition.name)
    review = bool(condition.review)
    run = None if condition.rule is None else compile_node(strict(condition.rule.node))

    def judged(env: Environment, confirmed: Mapping[str, bool]) -> Judged:
        found = right if run is None else run(env)
        if found is not right:
            return outcomes[State.NOT_MET if found is (not right) else State.UNKNOWN]
        if not review:
            return outcomes[State.MET]
        opinion = confirmed.get(names[0], confirmed.get(names[1]))
        if opinion is None:
            return outcomes[State.MANUAL]
        return outcomes[State.MET if opinion else State.NOT_MET]

    return judged


def _group(condition: Condition) -> Judge:
    parts = [_judge(part) for part in condition.parts]
    # What excludes when any part holds, lets pass when none does.
    combine = any_of if condition.any_part != condition.exclusion else all_of

    def judged(env: Environment, confirmed: Mapping[str, bool]) -> Judged:
        found = tuple(part(env, confirmed) for part in parts)
        return Judged(condition, combine([part.state for part in found]), found)

    return judged


def all_of(states: Sequence[State]) -> State:
    """Return what comes of conditions that must all be met.

    >>> all_of([State.MET, State.MANUAL, State.UNKNOWN])
    <State.UNKNOWN: 'unknown'>
    """
    for state in (State.NOT_MET, State.UNKNOWN, State.MANUAL):
        if state in states:
            return state
    return State.MET


def any_of(states: Sequence[State]) -> State:
    """Return what comes of conditions of which one is enough: what a person can settle, first.

    >>> any_of([State.NOT_MET, State.UNKNOWN, State.MANUAL])
    <State.MANUAL: 'manual review'>
    """
    for state in (State.MET, State.MANUAL, State.UNKNOWN):
        if state in states:
            return state
    return State.NOT_MET


def _midnight(day: date) -> DateTime:
    return DateTime(Date(day.year, day.month, day.day), Time(0, 0, Decimal(0)))


def _fen(amount: Value, policy: Policy) -> int | None:
    if not isinstance(amount, Decimal) or policy.amount is None:
        return None
    rounding = _ROUNDINGS[policy.amount.rounding]
    return round_fen(ARITHMETIC.multiply(amount, Decimal(FEN_PER_YUAN)), rounding)
