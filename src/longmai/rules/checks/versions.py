"""Checks of time and place: versions that leave a day out or hold at once, parameters that end."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from longmai.kernel.errors import NotFound
from longmai.rules.checks.eras import all_well, change_days, regions_of
from longmai.rules.checks.finding import Finding, spot_of
from longmai.rules.policy.evaluation import Case, Decision, evaluate
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Parameter, Policy

_ONE_DAY = timedelta(days=1)


def check_parameters(policy: Policy, places: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield parameters without a value on some day or in some region of their policy.

    Args:
        policy: whose parameters they are.
        places: codes of all regions there are, without trailing zeros; without them only the
            regions are looked at that the policy itself names.
    """
    days = [day for day in change_days(policy) if day != policy.start]
    for parameter in policy.parameters.values():
        own = [each for each in regions_of(policy) if each in policy.regions]
        covered = [each for each in own if parameter.at(policy.start, each) is not None]
        yield from _times(policy, parameter, days, covered or own)
        if not covered:
            yield from _places(policy, parameter, places)


def _times(
    policy: Policy, parameter: Parameter, days: Sequence[date], regions: Sequence[str]
) -> Iterator[Finding]:
    has_any = any(value.region in {"", *policy.regions} for value in parameter.values)
    for day in ([policy.start] if has_any else []) + list(days):
        for region in regions:
            if has_any and parameter.at(day, region) is None:
                yield from _missing(policy, parameter, (day, region), "parameter-gap")
                return


def _places(policy: Policy, parameter: Parameter, places: Sequence[str]) -> Iterator[Finding]:
    known = [value.region for value in parameter.values if value.region]
    if not known or any(value.region in {"", *policy.regions} for value in parameter.values):
        return
    day = max(policy.start, min(value.start for value in parameter.values))
    inside = [each for each in places if policy.holds_in(each)]
    ends = [each for each in inside if not any(o != each and o.startswith(each) for o in inside)]
    for place in ends or [each for each in policy.regions if each not in known]:
        if parameter.at(day, place) is None:
            yield from _missing(policy, parameter, (day, place), "parameter-place")
            return


def _missing(
    policy: Policy, parameter: Parameter, when: tuple[date, str], code: str
) -> Iterator[Finding]:
    day, region = when
    decision = evaluate(policy, _anybody(policy, day, region))
    if decision.parameters[parameter.name] is not None:
        return
    clauses = (parameter.clause,) if parameter.clause else ()
    values = {
        "name": parameter.name,
        "name_en": parameter.en or parameter.name,
        "day": day,
        "region": region or "全国",
        "region_en": region or "the country",
    }
    spot = spot_of(policy, parameter.name)
    yield Finding(code, spot, (policy.id,), clauses, values, (decision,))


def _anybody(policy: Policy, day: date, region: str) -> Case:
    """Return a case with the data of the policy's first example."""
    values = dict.fromkeys(policy.inputs)
    given = policy.examples[0].given if policy.examples else {}
    return Case(day, region, {**values, **given}, all_well(policy))


def check_versions(versions: Sequence[Policy]) -> Iterator[Finding]:
    """Yield days that versions of one policy leave out, and days on which two of them hold."""
    ordered = sorted(versions, key=lambda each: each.start)
    for one, other in pairwise(ordered):
        region = _common_region(one, other)
        if region is None:
            continue
        if one.end is not None and one.end + _ONE_DAY < other.start:
            yield from _left_out(ordered, one, other, region)
        elif one.end is None or one.end >= other.start:
            yield from _held_twice(one, other, region)


def _common_region(one: Policy, other: Policy) -> str | None:
    for mine in one.regions:
        for its in other.regions:
            if mine.startswith(its) or its.startswith(mine):
                return max(mine, its, key=len)
    return None


def _left_out(
    versions: Sequence[Policy], one: Policy, other: Policy, region: str
) -> Iterator[Finding]:
    day = (one.end or one.start) + _ONE_DAY
    case = _anybody(one, day, region)
    try:
        Library(tuple(versions)).holding(one.id, case)
    except NotFound:
        values = {"one": one.version, "other": other.version, "day": day}
        values |= {"until": other.start - _ONE_DAY}
        spot = spot_of(other, "施行" if "施行:" in other.text else "from")
        yield Finding("versions-gap", spot, (one.id,), (), values, (evaluate(one, case),))


def _held_twice(one: Policy, other: Policy, region: str) -> Iterator[Finding]:
    """Two versions hold at once: the newer counts; told with a case they may judge differently."""
    day = other.start
    for decision in _judged_by_both(one, other, day, region):
        values = {"one": one.version, "other": other.version, "day": day}
        spot = spot_of(one, "施行" if "施行:" in one.text else "from")
        yield Finding("versions-twice", spot, (one.id,), (), values, decision)
        return


def _judged_by_both(
    one: Policy, other: Policy, day: date, region: str
) -> Iterator[tuple[Decision, ...]]:
    found = []
    for policy in (one, other):
        for example in policy.examples:
            given = dict(example.given)
            pair = [
                evaluate(each, Case(day, region, _fitting(each, given), all_well(each)))
                for each in (one, other)
            ]
            found.append(tuple(pair))
            if (pair[0].state, pair[0].amount_fen) != (pair[1].state, pair[1].amount_fen):
                yield tuple(pair)
    yield from found


def _fitting(policy: Policy, given: dict[str, object]) -> dict[str, object]:
    whole: dict[str, object] = dict.fromkeys(policy.inputs)
    if policy.members:
        whole[policy.members_name] = None
    return whole | {name: value for name, value in given.items() if name in whole}
