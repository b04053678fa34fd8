"""A family asks which policies fit: questions drawn from the policies, and what comes of them.

What is asked, and of whom, follows from the policies alone; a question is put only while its answer
can still change what comes of a policy (``rules.policy.asking``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from longmai.kernel.errors import Invalid
from longmai.rules.policy.asking import Wanted, wanted
from longmai.rules.policy.evaluation import Decision, case_of, evaluate
from longmai.rules.policy.library import stacked
from longmai.rules.policy.literals import NotOfType, of_type, read_date
from longmai.rules.policy.model import Input, Policy

MOST_MEMBERS = 12
FAMILY = 0
"""The number of whom a question asks that is the whole family's; members count from 1."""
SKIPPED = "?"
"""What an answer is that somebody does not know, or does not want to give."""
_HEADS = {"person", "household"}
_EIGHT_DIGITS = 8


@dataclass(frozen=True)
class Question:
    """A datum that policies ask for.

    Attributes:
        name: of the datum; one question for all policies that ask for it.
        input: as the first of them describes it.
        of_family: asked once.
    """

    name: str
    input: Input
    of_family: bool


@dataclass(frozen=True)
class Family:
    """What a family has told.

    Attributes:
        members: how many live together.
        answers: text by (who, name); ``SKIPPED`` where it was passed over.
    """

    members: int = 1
    answers: Mapping[tuple[int, str], str] = field(default_factory=dict)

    def told(self, who: int, name: str) -> str | None:
        """Return an answer; None where there is none or it was skipped."""
        found = self.answers.get((who, name))
        return None if found in {None, "", SKIPPED} else found

    def without(self, who: int, name: str) -> "Family":
        """Return the family as if one answer had not been given."""
        kept = {key: text for key, text in self.answers.items() if key != (who, name)}
        return replace(self, answers=kept)


@dataclass(frozen=True)
class Ask:
    """The next thing to ask: one question, of all whose answer counts."""

    question: Question
    who: tuple[int, ...]


@dataclass(frozen=True)
class Judgement:
    """What comes of one policy for somebody.

    Attributes:
        who: member number, or ``FAMILY``.
        gives_way_to: id of the policy that counts instead; empty: this one counts.
        choose: ids of those among which the person chooses.
    """

    who: int
    decision: Decision
    gives_way_to: str = ""
    choose: tuple[str, ...] = ()


@dataclass(frozen=True)
class Questionnaire:
    """The policies of a day and a place, as questions to a family.

    Args:
        policies: in force then and there.
        day: to judge by.
        region: code, as short as it is known.
    """

    policies: Sequence[Policy]
    day: date
    region: str

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Return the questions by name; those of the family first."""
        found: dict[str, Question] = {}
        for policy in self.policies:
            of_household = policy.applies_to == "household"
            for each in policy.inputs.values():
                of_family = of_household or each.of_family
                known = found.get(each.name)
                if known is None or (of_family and not known.of_family):
                    found[each.name] = Question(each.name, each, of_family)
            for each in policy.members.values():
                found.setdefault(each.name, Question(each.name, each, of_family=False))
        return found

    def judge(self, family: Family) -> tuple[Judgement, ...]:
        """Judge each policy for all whom it can be for; what excludes what is settled."""
        found: list[Judgement] = []
        for who in (FAMILY, *range(1, family.members + 1)):
            kind = "person" if who else "household"
            decided = [
                self._decide(each, family, who) for each in self.policies if each.applies_to == kind
            ]
            found += [
                Judgement(who, each.decision, each.gives_way_to, each.choose)
                for each in stacked(decided)
            ]
        return tuple(found)

    def next(self, family: Family, judged: Sequence[Judgement]) -> Ask | None:
        """Return what to ask next: what most judgements wait for; None: nothing can change more."""
        waiting = self._waiting(family, judged)
        if not waiting:
            return None
        order = {name: -place for place, name in enumerate(self.questions)}
        # A date of birth settles more than it seems: whoever is too young or too old is out.
        best = max(
            waiting,
            key=lambda name: (
                self.questions[name].input.type == "date",
                self.questions[name].of_family,
                sum(waiting[name].values()),
                order[name],
            ),
        )
        return Ask(self.questions[best], tuple(sorted(waiting[best])))

    def left(self, family: Family, judged: Sequence[Judgement]) -> int:
        """Return how many questions could still be put, as things stand."""
        return len(self._waiting(family, judged))

    def _waiting(self, family: Family, judged: Sequence[Judgement]) -> dict[str, dict[int, int]]:
        """Return how many judgements wait for a datum, by its name and whose it is."""
        found: dict[str, dict[int, int]] = {}
        for judgement in judged:
            for each in wanted(judgement.decision):
                who = self._whose(each, judgement.who)
                if (who, each.name) not in family.answers:
                    own = found.setdefault(each.name, {})
                    own[who] = own.get(who, 0) + 1
        return found

    def _whose(self, datum: Wanted, who: int) -> int:
        if self.questions[datum.name].of_family:
            return FAMILY
        return datum.number or who

    def _decide(self, policy: Policy, family: Family, who: int) -> Decision:
        given: dict[str, Any] = _told(
            (name, family.told(self._whose(Wanted(name), who), name)) for name in policy.inputs
        )
        if policy.members:
            given[policy.members_name] = [
                _told(
                    (name, family.told(self._whose(Wanted(name), number), name))
                    for name in policy.members
                )
                for number in range(1, family.members + 1)
            ]
        return evaluate(policy, case_of(policy, given, self.day, self.region))


def _told(answers: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    return {name: text for name, text in answers if text is not None}


def answer_of(question: Question, text: str) -> str:
    """Return an answer as the policies read it; people write dates and numbers as they like.

    >>> birth = Question("出生日期", Input("出生日期", "date"), of_family=False)
    >>> answer_of(birth, "1950年3月1日"), answer_of(birth, "19500301"), answer_of(birth, "")
    ('1950-03-01', '1950-03-01', '?')

    Raises:
        Invalid: it is none of what the question can be answered with.
    """
    written = text.strip()
    if written in {"", SKIPPED}:
        return SKIPPED
    asked = question.input
    if asked.type == "date":
        written = _as_date(written)
    elif asked.type == "number":
        written = written.replace(",", "").replace("，", "").removesuffix("元")
    try:
        found = of_type(written, asked.type)
    except NotOfType:
        raise _invalid(question, text) from None
    if asked.values and found not in asked.values:
        raise _invalid(question, text)
    return written


def _as_date(text: str) -> str:
    for mark in "年月./":
        text = text.replace(mark, "-")
    text = text.removesuffix("日").strip("-")
    if text.isascii() and text.isdigit() and len(text) == _EIGHT_DIGITS:
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    parts = text.split("-")
    if len(parts) == 3:  # noqa: PLR2004 - year, month, day
        text = "-".join((parts[0], *(part.zfill(2) for part in parts[1:])))
    found = read_date(text)
    return text if found is None else found.isoformat()


def _invalid(question: Question, text: str) -> Invalid:
    return Invalid(
        "this answer does not fit the question",
        code=f"life.answer.{question.input.type.partition('<')[0]}",
        place=question.name,
        value=text,
    )


def policies_for(policies: Sequence[Policy]) -> Iterator[Policy]:
    """Yield those of some policies that people and households can be entitled to."""
    yield from (each for each in policies if each.applies_to in _HEADS)
