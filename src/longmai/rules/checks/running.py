"""What of a policy has no counterpart in columns, and so is judged row by row over a province.

Whole numbers are taken as such, money and shares with two places, below a thousand million: a
file of people that has more may be judged row by row, too, and its run says so.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from longmai.rules.checks.finding import Finding, spot_of
from longmai.rules.checks.natural import step_of
from longmai.rules.columns.policies import AMOUNT, refusals
from longmai.rules.columns.refusal import NotCompiled, in_words
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.types import boolean, number, string
from longmai.rules.columns.types import date as dates
from longmai.rules.feel.temporal import Date
from longmai.rules.policy.model import Input, Policy

_MOST = 10**9
_MOST_MEMBERS = 100
_FINEST = 4
_DAYS = dates(Date(1900, 1, 1), Date(2100, 12, 31))


def check_running(policy: Policy) -> Iterator[Finding]:
    """Yield an advice for each step, condition and amount that is judged row by row."""
    region = Given(string(nullable=False), "region")
    for name, reason in refusals(policy, schema_of(policy), _day(policy), region):
        yield _finding(policy, name, reason)


def _finding(policy: Policy, name: str, reason: NotCompiled) -> Finding:
    amount = name == AMOUNT and policy.amount is not None
    section = next((each for each in ("金额", "amount") if f"\n{each}:" in policy.text), name)
    spot = spot_of(policy, section if amount else name)
    where = reason.where.removeprefix(f"{AMOUNT}: ") if amount else reason.where
    told = {f"reason_{each}": in_words(reason.what, each) for each in ("zh", "en")}
    shown = {"name_zh": "金额", "name_en": "amount"} if amount else {"name": name}
    return Finding(
        "by-rows", spot, (policy.id,), _clauses(policy, name), {**shown, "where": where, **told}
    )


def _clauses(policy: Policy, name: str) -> tuple[str, ...]:
    if name in policy.steps:
        found = [policy.steps[name].clause]
    elif name == AMOUNT and policy.amount is not None:
        found = [policy.amount.clause]
    else:
        found = [each.clause for each in policy.rules.values() if each.name == name]
    return tuple(each for each in found if each)


def _day(policy: Policy) -> date:
    return policy.start if policy.end is None else policy.end


def schema_of(policy: Policy) -> Schema:
    """Return the columns that a file of people would have for a policy."""
    fields: dict[str, Given | Rows | Schema] = dict(_columns(policy, policy.inputs))
    if policy.members:
        members = _columns(policy, policy.members)
        fields[policy.members_name] = Rows("member", "id", "id", members, most=_MOST_MEMBERS)
    return Schema(fields)


def _columns(policy: Policy, inputs: Mapping[str, Input]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for name, each in inputs.items():
        match each.type:
            case "number":
                scale = _places(policy, each)
                found[name] = Given(number(-_MOST, _MOST, scale), is_decimal=bool(scale))
            case "string":
                found[name] = Given(string())
            case "boolean":
                found[name] = Given(boolean())
            case "date":
                found[name] = Given(_DAYS)
    return found


def _places(policy: Policy, each: Input) -> int:
    step = step_of(policy, each)
    return next((n for n in range(_FINEST) if (step * 10**n).denominator == 1), _FINEST)
