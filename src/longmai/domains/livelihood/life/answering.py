"""What comes of a family's answers, as the page and the sheet of paper show it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from longmai.domains.livelihood.life.asking import Sent
from longmai.domains.livelihood.life.model.family import FAMILY, Judgement, Questionnaire
from longmai.domains.livelihood.papers import Block, Paper
from longmai.portal.policies.said import title_of
from longmai.portal.rendering import Words
from longmai.rules.policy.evaluation import Decision, Judged, State
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.gaps import Plan, plan
from longmai.rules.policy.missing import Missing, open_parts
from longmai.rules.policy.model import Policy

GROUPS = ("eligible", "review", "near", "unknown", "not")
_GROUP_OF = {State.MET: "eligible", State.MANUAL: "review", State.UNKNOWN: "unknown"}


@dataclass(frozen=True)
class Line:
    """One policy for those to whom the same comes of it.

    Attributes:
        group: one of ``GROUPS``.
        who: what they are called.
        short: what would have to change, or what is missing, in sentences.
        met_on: day from which it is met by time alone; ``lost_on`` the day it ends.
        other: title of the policy that counts instead, or to choose from.
    """

    group: str
    policy: Policy
    title: str
    who: tuple[str, ...]
    amount: str
    short: tuple[str, ...]
    reasons: tuple[Reason, ...]
    met_on: date | None = None
    lost_on: date | None = None
    other: str = ""
    sources: tuple[str, ...] = ()


def lines_of(
    judged: Sequence[Judgement], questions: Questionnaire, sent: Sent, t: Words
) -> Mapping[str, Sequence[Line]]:
    """Return what came of it by group; the same for several people is one line."""
    found: dict[tuple[str, str, str, tuple[str, ...]], Line] = {}
    for each in judged:
        line = _line(each, questions, sent, t)
        key = (line.group, line.policy.id, line.amount, line.short)
        known = found.get(key)
        found[key] = line if known is None else replace(known, who=known.who + line.who)
    return {group: [each for each in found.values() if each.group == group] for group in GROUPS}


def _line(judgement: Judgement, questions: Questionnaire, sent: Sent, t: Words) -> Line:
    decision = judgement.decision
    told = explain(decision, t.language)
    found = _plan(judgement, t.language)
    group = _group(judgement, found)
    short: tuple[str, ...] = ()
    if group in {"near", "not"}:
        short = tuple(dict.fromkeys(gap.sentence for gap in found.gaps)) if found else ()
    elif group == "unknown":
        short = tuple(_missing(decision, sent, t))
    elif group == "review":
        short = tuple(gap.sentence for gap in plan(decision, t.language).gaps)
    others = (judgement.gives_way_to, *judgement.choose)
    titles = {each.id: title_of(each, t.language) for each in questions.policies}
    return Line(
        group,
        decision.policy,
        title_of(decision.policy, t.language),
        (name_of(judgement.who, sent, t),),
        told.amount,
        short,
        told.reasons,
        found.met_on if found else None,
        found.lost_on if found else None,
        t("rules.separator").join(titles.get(each, each) for each in others if each),
        tuple(each.title for each in decision.policy.sources.values()),
    )


def _plan(judgement: Judgement, language: str) -> Plan | None:
    decision = judgement.decision
    if decision.state is State.MET and decision.policy.asks_day:
        return plan(decision, language)
    # One thing away, not several: who fails by more is not near.
    if decision.state is State.NOT_MET and len(_failing(decision.judged)) == 1:
        return plan(decision, language)
    return None


def _failing(judged: Sequence[Judged]) -> list[Judged]:
    return [each for each in judged if each.state is not State.MET]


def _group(judgement: Judgement, found: Plan | None) -> str:
    state = judgement.decision.state
    if state is not State.NOT_MET:
        return _GROUP_OF[state]
    near = found is not None and (
        found.met_on is not None or any(gap.by is not None and gap.by for gap in found.gaps)
    )
    return "near" if near else "not"


def _missing(decision: Decision, sent: Sent, t: Words) -> Iterator[str]:
    """Say what is not known, each datum once, with whose it is and who holds it."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for part in _open_parts(decision.judged, decision):
        for each in part:
            own = found.setdefault((each.kind, each.name, each.holder), [])
            own += [each.number] if each.number not in own else []
    for (kind, name, holder), numbers in found.items():
        label = _label(decision.policy, name, t)
        people = [name_of(each, sent, t) for each in numbers if each]
        if kind in {"input", "member", "members"}:
            held = t("life.ask.held_by", holder=holder) if holder else ""
            whose = t("life.ask.of", who=t("rules.separator").join(people)) if people else ""
            yield t("life.ask.missing", name=label, held=held, whose=whose)
        else:
            yield t("life.ask.missing_parameter", name=label)


def _open_parts(judged: Sequence[Judged], decision: Decision) -> Iterator[Sequence[Missing]]:
    for each in judged:
        if each.state is not State.UNKNOWN:
            continue
        yield from _open_parts(each.parts, decision)
        if not each.parts and each.condition.rule is not None:
            yield from open_parts(each.condition.rule.node, decision)


def _label(policy: Policy, name: str, t: Words) -> str:
    rooms: Sequence[Mapping[str, Any]] = (policy.inputs, policy.members, policy.parameters)
    found = next((room[name] for room in rooms if name in room), None)
    return str(found.en) if found is not None and t.language == "en" and found.en else name


def name_of(who: int, sent: Sent, t: Words) -> str:
    """Return what somebody is called on the page."""
    if who == FAMILY:
        return t("life.ask.family")
    return sent.names.get(who) or t("life.ask.me" if who == 1 else "life.ask.member", n=who)


def answer_paper(lines: Mapping[str, Sequence[Line]], day: date, place: str, t: Words) -> Paper:
    """Return the answer as a sheet of paper."""
    return Paper(
        language=t.language,
        title=t("life.ask.title"),
        footer=t("life.ask.paper_footer"),
        lead=[t("life.ask.paper_lead", day=day, place=place)],
        blocks=[
            Block(
                t(f"life.ask.group.{group}"),
                [_on_paper(each, t) for each in lines[group]],
                listed=True,
            )
            for group in GROUPS
            if lines[group]
        ],
    )


def _on_paper(line: Line, t: Words) -> str:
    parts = [f"{line.title} · {t('rules.separator').join(line.who)}"]
    parts += [line.amount] if line.amount else []
    parts += line.short
    if line.met_on:
        parts.append(t("rules.met_on", day=line.met_on))
    if line.lost_on:
        parts.append(t("rules.lost_on", day=line.lost_on))
    if line.group != "not":
        parts.append(where_to(line.policy, t))
        parts.append(source_of(line.policy, t))
    return t("life.ask.stop").join(part.rstrip("。.；;") for part in parts) + t(
        "life.ask.full_stop"
    )


def where_to(policy: Policy, t: Words) -> str:
    """Say where a policy is applied for."""
    if policy.apply_at:
        return t("life.ask.apply_at", place=policy.apply_at)
    return t("life.ask.apply_unknown")


def source_of(policy: Policy, t: Words) -> str:
    """Say which documents a policy comes from."""
    titles = [
        f"{each.title} {each.number}".strip() if each.number else each.title
        for each in policy.sources.values()
    ]
    return t("life.ask.source", titles=t("rules.separator").join(titles))
