"""Which law a matter falls under, who may decide it, and what the policy file of that law says.

The law is nowhere in this code: ``matters.toml`` and ``organs.toml`` name the matters, the bodies
and the policy files, and the rules engine judges. What it already refuses before a vote refuses the
meeting, with its article.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from longmai.domains.assets.members.model import Member, Roll
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.rules.policy.evaluation import Decision, State, evaluate
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.library import Library

_FOLDER = Path(__file__).parent
_SCOPES = {"by_villager": "村民", "by_household": "户代表"}
_PRIVATE = {"present", "agree", "unrecused"}
"""What is only known once people have come, or voted."""


@dataclass(frozen=True)
class Matter:
    """A kind of matter, from ``matters.toml``.

    Attributes:
        law: ``collective`` or ``villagers``.
        kind: as the policy calls it; empty under the villagers' law.
        organs: that may be asked; the policy has the last word.
        steps: 四议两公开 is followed.
        secret: the ballot is secret.
        recusal: who has an interest, and kin, stay out.
        refers: what it must name, such as ``dividend``.
        confirmed: the article was read in the text.
    """

    key: str
    law: str
    zh: str
    en: str
    article: str
    article_en: str
    organs: tuple[str, ...]
    kind: str = ""
    steps: bool = False
    secret: bool = False
    recusal: bool = False
    refers: str = ""
    status: str = "read"

    def name(self, language: str) -> str:
        """Return what it is called."""
        return self.zh if language == "zh" else self.en

    def clause(self, language: str) -> str:
        """Return the article."""
        return self.article if language == "zh" else self.article_en


@dataclass(frozen=True)
class Organ:
    """A body that decides, from ``organs.toml``."""

    key: str
    law: str
    policy: str
    electorate: str | Sequence[str]
    channels: tuple[str, ...]
    given: Mapping[str, str] = field(default_factory=dict)

    def electors(self, roll: Roll) -> tuple[Member, ...]:
        """Return who votes in it."""
        if isinstance(self.electorate, str):
            found: tuple[Member, ...] = getattr(roll, self.electorate)
            return found
        return roll.in_office(*self.electorate)


@dataclass(frozen=True)
class Figures:
    """What a meeting counts; None: not known yet."""

    matter: str
    noticed_on: date | None
    held_on: date
    electors: int
    households: int
    villager_households: int
    adults: int
    elected: int
    women: int
    present: int | None = None
    agree: int | None = None
    unrecused: bool | None = None

    def of(self, name: str) -> Any:
        """Return a figure by the name ``organs.toml`` has for it."""
        return _SCOPES[name] if name in _SCOPES else getattr(self, name)


@cache
def matters() -> Mapping[str, Matter]:
    """Return the catalogue of matters."""
    told = tomllib.loads((_FOLDER / "matters.toml").read_text(encoding="utf-8"))
    return {key: Matter(key=key, **_tuples(each)) for key, each in told.items()}


@cache
def organs() -> Mapping[str, Organ]:
    """Return the bodies."""
    told = tomllib.loads((_FOLDER / "organs.toml").read_text(encoding="utf-8"))
    return {key: Organ(key=key, **_tuples(each)) for key, each in told.items()}


def _tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(each) if isinstance(each, list) else each for key, each in told.items()}


def matter_of(key: str) -> Matter:
    """Return a matter.

    Raises:
        NotFound: there is none.
    """
    if key not in matters():
        raise NotFound(
            "no such matter", code="assets.meeting.matter", value=key,
            mend=f"choose from {', '.join(matters())}",
        )  # fmt: skip
    return matters()[key]


def organ_of(key: str) -> Organ:
    """Return a body.

    Raises:
        NotFound: there is none.
    """
    if key not in organs():
        raise NotFound(
            "no such body", code="assets.meeting.organ", value=key,
            mend=f"choose from {', '.join(organs())}",
        )  # fmt: skip
    return organs()[key]


def check_regime(organ: Organ, chosen: Sequence[Matter]) -> None:
    """Refuse to mix the two laws, or to ask a body that is not asked for such a matter.

    Raises:
        Invalid: no matter; a matter of the other law; a body that never decides it.
    """
    if not chosen:
        raise Invalid(
            "a meeting has something to decide", code="assets.meeting.empty", place="matter"
        )
    for each in chosen:
        if each.law != organ.law:
            raise Invalid(
                "this matter falls under the other law",
                code="assets.meeting.law",
                place=f"{each.zh}：{each.article}",
                value=each.key,
                mend="the two laws are not mixed: hold a meeting of its own for it",
            )
        if organ.key not in each.organs:
            raise Invalid(
                "this body does not decide such a matter",
                code="assets.meeting.organ_wrong",
                place=f"{each.zh}：{each.article}",
                value=organ.key,
                mend=f"ask one of {', '.join(each.organs)}",
            )


def figures_of(roll: Roll, organ: Organ, matter: Matter, noticed_on: date | None) -> Figures:
    """Return what is known of a meeting before anybody came."""
    electors = organ.electors(roll)
    body = {each.member_id for each in electors}
    elected = roll.in_office("villager_representative")
    return Figures(
        matter=matter.kind,
        noticed_on=noticed_on,
        held_on=roll.on,
        electors=len(electors),
        households=sum(any(each.belongs for each in home.members) for home in roll.households),
        villager_households=len(roll.heads),
        adults=len(roll.adults),
        elected=sum(each.member_id in body for each in elected),
        women=sum(each.sex == "female" for each in electors),
    )


def judge(library: Library, organ: Organ, figures: Figures, region: str) -> Decision:
    """Judge figures by the policy of a body, as far as they are known.

    Raises:
        NotFound: no version of the policy holds on the day of the meeting.
    """
    given = {name: figures.of(own) for name, own in organ.given.items()}
    policy, case = library.case(organ.policy, given, figures.held_on, region)
    return evaluate(policy, case)


def refused_before(decision: Decision, language: str = "zh") -> list[Reason]:
    """Return the clauses that are broken already, whoever comes and however they vote."""
    return [each for each in explain(decision, language).reasons if each.state is State.NOT_MET]


def refuse_if_broken(decision: Decision, matter: Matter, organ: Organ) -> None:
    """Refuse a meeting that the law refuses already.

    Raises:
        Conflict: names the articles and what was compared.
    """
    broken = refused_before(decision)
    if broken:
        said = "；".join(
            f"{each.clause}（{each.name}）{'，'.join(each.sentences)}" for each in broken
        )
        raise Conflict(
            "the law refuses this meeting already",
            code="assets.meeting.refused",
            place=f"{matter.zh}：{said}",
            value=organ.key,
            mend="call the assembly of all members, or mend what is named",
        )
