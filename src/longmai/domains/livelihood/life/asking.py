"""What a browser sends of a family, read and sent back; nothing of it is kept between requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from longmai.domains.livelihood.life.model.family import (
    FAMILY,
    MOST_MEMBERS,
    SKIPPED,
    Family,
    Question,
    Questionnaire,
    answer_of,
    policies_for,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid
from longmai.kernel.region_codes import prefix
from longmai.portal.house import House

FIELD = "livelihood"
_MOST_CHARACTERS = 60
_MOST_NAME = 8
_ALL = {"all-no": "false", "all-yes": "true"}
NONE_OF_THEM = ("无", "其他", "none", "other")
"""What policies call the choice of who has nothing of the kind."""


@dataclass(frozen=True)
class Sent:
    """What was sent: a family so far, who is called what, and what was just done.

    Attributes:
        names: how the members call themselves on the page, by number.
        past: names of the questions put so far, to go back.
        region: code of the county; empty: anywhere in the house's region.
        errors: by (who, name) of an answer that does not fit.
        ended: the answers are wanted now.
    """

    family: Family
    names: Mapping[int, str]
    past: tuple[str, ...]
    region: str
    errors: Mapping[tuple[int, str], Invalid]
    ended: bool

    def carried(self) -> Iterator[tuple[str, str]]:
        """Yield the hidden fields that carry it to the next request."""
        yield "members", str(self.family.members)
        yield "region", self.region
        for who, name in self.names.items():
            yield f"n.{who}", name
        for name in self.past:
            yield "past", name
        for (who, name), text in self.family.answers.items():
            if (who, name) not in self.errors:
                yield f"a.{who}.{name}", text


def questionnaire_of(house: House, region: str) -> Questionnaire:
    """Return the questions of today's policies in a county, or anywhere in the house's region."""
    day = beijing_day(house.clock.now())
    short = prefix(region or house.regions.code)
    in_force = house.policies.in_force(day, short)
    own = tuple(each for each in policies_for(in_force) if each.field == FIELD)
    return Questionnaire(own, day, short)


def read_sent(house: House, form: FormData) -> tuple[Sent, Questionnaire]:
    """Read what was sent.

    Raises:
        Invalid: no region code.
    """
    texts = [
        (key, value.strip()[:_MOST_CHARACTERS])
        for key, value in form.multi_items()
        if isinstance(value, str)
    ]
    one = dict(texts)
    region = one.get("region", "")
    questions = questionnaire_of(house, region)
    members = _count(one.get("members", ""))
    names = {
        who: text[:_MOST_NAME] for who in range(1, members + 1) if (text := one.get(f"n.{who}", ""))
    }
    past = tuple(value for key, value in texts if key == "past" and value in questions.questions)
    asked = one.get("asked", "")
    answers, errors = _answers(questions, one, members, asked)
    sent = Sent(Family(members, answers), names, past, region, errors, ended="end" in one)
    return _moved(questions, sent, one, asked), questions


def _moved(questions: Questionnaire, sent: Sent, one: Mapping[str, str], asked: str) -> Sent:
    if "back" in one and sent.past:
        return _forgotten(replace(sent, errors={}), sent.past[-1])
    if (name := one.get("change", "")) in questions.questions:
        return _forgotten(replace(sent, errors={}), name)
    if asked in questions.questions and not sent.errors and asked not in sent.past:
        return replace(sent, past=(*sent.past, asked))
    return sent


def _forgotten(sent: Sent, name: str) -> Sent:
    """Return it with one question open again."""
    kept = {key: text for key, text in sent.family.answers.items() if key[1] != name}
    past = tuple(each for each in sent.past if each != name)
    return replace(sent, family=replace(sent.family, answers=kept), past=past, ended=False)


def _answers(
    questions: Questionnaire, one: Mapping[str, str], members: int, asked: str
) -> tuple[dict[tuple[int, str], str], dict[tuple[int, str], Invalid]]:
    found: dict[tuple[int, str], str] = {}
    errors: dict[tuple[int, str], Invalid] = {}
    for key, text in one.items():
        who, question = _key(questions, key, members)
        if question is None:
            continue
        try:
            found[who, question.name] = answer_of(question, _meant(one, question, text, asked))
        except Invalid as error:
            errors[who, question.name] = error
            found[who, question.name] = text
    return found, errors


def _meant(one: Mapping[str, str], question: Question, text: str, asked: str) -> str:
    # One button answers the question that is on the screen for everybody.
    if question.name != asked or "back" in one:
        return text
    if "skip" in one:
        return SKIPPED
    everybody = next((value for name, value in _ALL.items() if name in one), None)
    if everybody is not None and question.input.type == "boolean":
        return everybody
    if "all-no" in one and (nothing := nothing_of(question)):
        return nothing
    return text


def nothing_of(question: Question) -> str:
    """Return the choice of who has nothing of the kind; empty where there is none."""
    return next((each for each in question.input.values if each in NONE_OF_THEM), "")


def _key(questions: Questionnaire, key: str, members: int) -> tuple[int, Question | None]:
    mark, _, rest = key.partition(".")
    number, _, name = rest.partition(".")
    question = questions.questions.get(name)
    if mark != "a" or question is None or not (number.isascii() and number.isdigit()):
        return FAMILY, None
    who = int(number[:3])
    fits = who == FAMILY if question.of_family else 1 <= who <= members
    return who, question if fits else None


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 1  # noqa: PLR2004 - a few people
    return max(1, min(number, MOST_MEMBERS))
