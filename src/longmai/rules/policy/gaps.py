"""What would have to change: the gap of each clause that fails, and the day that time alone mends.

A self-check, never an official score: it says what the rule says of the values it was given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from longmai.rules.feel.tree import Binary, Call, Name, Node, Number, Text
from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Case, Decision, Judged, State, evaluate
from longmai.rules.policy.explanation import OPPOSITE, TURNED, Speaker
from longmai.rules.policy.model import Condition, Policy
from longmai.rules.policy.shares import share_of

_HORIZON_DAYS = 5 * 366


@dataclass(frozen=True)
class Gap:
    """What is between a case and a condition.

    Attributes:
        condition: id of the condition.
        sentence: in words.
        by: how far a number is from its threshold; None where no number is.
        alternative: another condition beside it would do as well.
    """

    condition: str
    name: str
    sentence: str
    by: Decimal | None = None
    alternative: bool = False


@dataclass(frozen=True)
class Plan:
    """The way to close the gaps.

    Attributes:
        gaps: of conditions not met, the unknown and those that wait for a person.
        met_on: the first day on which it would be met if nothing but the day changed; None: no
            such day within five years.
        lost_on: the same for a case that is met now.
    """

    gaps: tuple[Gap, ...]
    met_on: date | None
    lost_on: date | None


def plan(decision: Decision, language: str = "zh") -> Plan:
    """Return what would have to change for a case to be met."""
    speaker = Speaker(decision, language)
    gaps = tuple(gap for judged in decision.judged for gap in _of(judged, speaker))
    policy, case = decision.policy, decision.case
    if decision.state is State.MET:
        return Plan(gaps, None, change_on(policy, case, {State.NOT_MET}))
    settled = {State.MET, State.MANUAL} - {decision.state}
    return Plan(gaps, change_on(policy, case, settled), None)


def _of(judged: Judged, speaker: Speaker, *, alternative: bool = False) -> Iterator[Gap]:
    if judged.state is State.MET:
        return
    condition = judged.condition
    if judged.parts:
        choice = condition.any_part != condition.exclusion
        for part in judged.parts:
            yield from _of(part, speaker, alternative=choice)
        return
    name = condition.en if speaker.language == "en" and condition.en else condition.name
    for sentence, by in _said(condition, judged.state, speaker):
        yield Gap(condition.id, name, sentence, by, alternative)


def _said(
    condition: Condition, state: State, speaker: Speaker
) -> Iterator[tuple[str, Decimal | None]]:
    if state is State.MANUAL:
        yield speaker.say("gap_review", what=condition.review), None
    elif condition.rule is not None:
        if state is State.UNKNOWN:
            for sentence in speaker.reason(Judged(condition, state)).missing:
                yield sentence, None
        else:
            yield from _failing(condition.rule.node, speaker, wanted=not condition.exclusion)
    else:
        yield speaker.say("gap_review", what=condition.review), None


def _failing(node: Node, speaker: Speaker, *, wanted: bool) -> Iterator[tuple[str, Decimal | None]]:
    if speaker.value(node) is wanted:
        return
    match node:
        case Binary("and" | "or", left, right):
            yield from _failing(left, speaker, wanted=wanted)
            yield from _failing(right, speaker, wanted=wanted)
        case Call(Name("not"), (inner,)):
            yield from _failing(inner, speaker, wanted=not wanted)
        case Binary("<" | "<=" | ">" | ">=" as operator, left, right):
            yield _distance(operator if wanted else OPPOSITE[operator], left, right, speaker)
        case _:
            yield from ((sentence, None) for sentence in speaker.sentences_of(node, wanted=wanted))


def _distance(
    operator: str, left: Node, right: Node, speaker: Speaker
) -> tuple[str, Decimal | None]:
    if isinstance(left, Number | Text):
        return _distance(TURNED[operator], right, left, speaker)
    share = share_of(left, right)
    if share is not None:
        part = Name(share.part)
        needed = share.needed(operator, speaker.value)
        if needed is not None:
            return _apart(part, needed, speaker.shown(needed, speaker.unit(part)), speaker)
    return _apart(left, speaker.value(right), speaker.threshold(right, left), speaker)


def _apart(node: Node, wanted: Value, said: str, speaker: Speaker) -> tuple[str, Decimal | None]:
    now, name = speaker.value(node), speaker.text(node)
    shown = {"now": speaker.shown(now, speaker.unit(node)), "wanted": said}
    if not isinstance(now, Decimal) or not isinstance(wanted, Decimal):
        return speaker.say("gap_other", name=name, **shown), None
    by = wanted - now
    if not by:
        return speaker.say("gap_equal", name=name, **shown), by
    distance = speaker.shown(abs(by), speaker.unit(node))
    return speaker.say("gap_more" if by > 0 else "gap_less", name=name, by=distance, **shown), by


def change_on(
    policy: Policy, case: Case, wanted: Iterable[State], days: int = _HORIZON_DAYS
) -> date | None:
    """Return the first day from which a case comes to one of some states, with time alone going on.

    Looks at each day only where the rules look at the day; else at the days on which parameters
    change.
    """
    states = set(wanted)
    for day in days_that_count(policy, case.day, days):
        if evaluate(policy, replace(case, day=day)).state in states:
            return day
    return None


def days_that_count(policy: Policy, start: date, days: int) -> Iterator[date]:
    """Yield the days after a day on which the same case may come to something else, in order.

    All of them where the rules look at the day; else those on which parameters change. None is
    after the policy's last day.
    """
    last = start + timedelta(days=days)
    if policy.end is not None:
        last = min(last, policy.end)
    if policy.asks_day:
        yield from (start + timedelta(days=n) for n in range(1, (last - start).days + 1))
        return
    changes = {
        day
        for parameter in policy.parameters.values()
        for value in parameter.values
        for day in (value.start, value.end and value.end + timedelta(days=1))
        if day is not None and start < day <= last
    }
    yield from sorted(changes)
