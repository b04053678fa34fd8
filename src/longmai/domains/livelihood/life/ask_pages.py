"""Which policies fit my family: some minutes of questions, without an account.

What is told travels in the form from page to page and is never kept: no row, no cookie, no address
that holds it. The pages work without scripts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from longmai.domains.livelihood.life.answering import (
    GROUPS,
    Line,
    answer_paper,
    lines_of,
    name_of,
    source_of,
    where_to,
)
from longmai.domains.livelihood.life.asking import (
    Sent,
    nothing_of,
    questionnaire_of,
    read_sent,
)
from longmai.domains.livelihood.life.model.family import (
    FAMILY,
    MOST_MEMBERS,
    SKIPPED,
    Ask,
    Family,
    Judgement,
    Question,
    Questionnaire,
)
from longmai.domains.livelihood.papers import paper_pdf
from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.failures import worded
from longmai.portal.house import House, house_of
from longmai.portal.policies.said import Said
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

_MOST_FIELDS = 800


@dataclass(frozen=True)
class Field:
    """A field of the question on the screen: of one person, or of the family."""

    key: str
    who: int
    name: str
    value: str
    error: str


@dataclass(frozen=True)
class AskContext:
    """Variables of ``livelihood/ask.html``: one question."""

    question: Question
    label: str
    fields: Sequence[Field]
    options: Sequence[tuple[str, str]]
    names_too: bool
    none_too: bool
    carried: Sequence[tuple[str, str]]
    put: int
    left: int
    policies: int
    said: Said


@dataclass(frozen=True)
class StartContext:
    """Variables of ``livelihood/ask_start.html``."""

    policies: int
    most: int
    places: Sequence[tuple[str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class AnswerContext:
    """Variables of ``livelihood/ask_answer.html``."""

    lines: Mapping[str, Sequence[Line]]
    groups: Sequence[str]
    carried: Sequence[tuple[str, str]]
    told: Sequence[tuple[str, str, str]]
    day: str
    place: str
    where: Mapping[str, str]
    source: Mapping[str, str]
    said: Said


@router.get("/livelihood/ask")
def start(request: Request) -> HTMLResponse:
    """Say what this is, and ask how many there are, and where."""
    house, t = house_of(request), words_of(request)
    context = StartContext(
        len(questionnaire_of(house, "").policies), MOST_MEMBERS, tuple(_places(house, t))
    )
    return render(request, "livelihood/ask_start.html", _told_page(t), context)


@router.post("/livelihood/ask")
async def step(request: Request) -> HTMLResponse:
    """Take an answer, and put the next question; when nothing can change more, say what fits."""
    house, t = house_of(request), words_of(request)
    sent, questions = read_sent(house, await request.form(max_files=0, max_fields=_MOST_FIELDS))
    judged = questions.judge(_without_errors(sent))
    asked = (
        None if sent.ended and not sent.errors else questions.next(_without_errors(sent), judged)
    )
    if asked is None:
        answer = _answer(request, sent, questions, judged)
    else:
        answer = _question(request, t, sent, questions, (asked, judged))
    # A shared phone: nothing of it stays in the browser's store of pages.
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/livelihood/ask/answer.pdf")
async def answer_file(request: Request) -> Response:
    """Hand out the answer as a sheet of paper."""
    house, t = house_of(request), words_of(request)
    sent, questions = read_sent(house, await request.form(max_files=0, max_fields=_MOST_FIELDS))
    judged = questions.judge(_without_errors(sent))
    lines = lines_of(judged, questions, sent, t)
    paper = answer_paper(lines, questions.day, _place(house, sent, t), t)
    headers = {
        "Content-Disposition": 'attachment; filename="policies.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(paper_pdf(paper), media_type="application/pdf", headers=headers)


def _without_errors(sent: Sent) -> Family:
    family = sent.family
    for who, name in sent.errors:
        family = family.without(who, name)
    return family


def _question(
    request: Request,
    t: Words,
    sent: Sent,
    questions: Questionnaire,
    found: tuple[Ask, Sequence[Judgement]],
) -> HTMLResponse:
    asked, judged = found
    question = asked.question
    if sent.errors:
        # What does not fit is asked again, beside what was right.
        question = questions.questions[next(iter(sent.errors))[1]]
        members = range(1, sent.family.members + 1)
        asked = Ask(question, (FAMILY,) if question.of_family else tuple(members))
    hidden = [each for each in sent.carried() if not each[0].endswith(f".{question.name}")]
    context = AskContext(
        question,
        _label(question, t),
        tuple(_fields(asked, sent, t)),
        _options(question, t),
        question.input.type == "date" and not question.of_family,
        len(asked.who) > 1 and (question.input.type == "boolean" or bool(nothing_of(question))),
        [each for each in hidden if not each[0].startswith("n.") or question.input.type != "date"],
        len(sent.past) + 1,
        questions.left(_without_errors(sent), judged),
        len(questions.policies),
        Said(t),
    )
    status = 422 if sent.errors else 200
    return render(request, "livelihood/ask.html", _told_page(t), context, status=status)


def _fields(asked: Ask, sent: Sent, t: Words) -> Iterator[Field]:
    name = asked.question.name
    for who in asked.who:
        error = sent.errors.get((who, name))
        value = sent.family.answers.get((who, name), "")
        yield Field(
            f"a.{who}.{name}",
            who,
            name_of(who, sent, t),
            "" if value == SKIPPED else value,
            "" if error is None else worded(t, error).what,
        )


def _label(question: Question, t: Words) -> str:
    asked = question.input
    if t.language == "en":
        return asked.question_en or asked.en or asked.name
    return asked.question or t("life.ask.plain_question", name=asked.name)


def _options(question: Question, t: Words) -> Sequence[tuple[str, str]]:
    if question.input.type == "boolean":
        return [("true", t("rules.yes")), ("false", t("rules.no"))]
    return [(value, value) for value in question.input.values]


def _answer(
    request: Request, sent: Sent, questions: Questionnaire, judged: Sequence[Judgement]
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    lines = lines_of(judged, questions, sent, t)
    context = AnswerContext(
        lines,
        GROUPS,
        tuple(sent.carried()),
        tuple(_told(sent, questions, t)),
        questions.day.isoformat(),
        _place(house, sent, t),
        {each.id: where_to(each, t) for each in questions.policies},
        {each.id: source_of(each, t) for each in questions.policies},
        Said(t),
    )
    return render(request, "livelihood/ask_answer.html", _told_page(t), context)


def _told(sent: Sent, questions: Questionnaire, t: Words) -> Iterator[tuple[str, str, str]]:
    """Yield (name of the question, its label, what was answered) of all that was asked."""
    for name in sent.past:
        question = questions.questions[name]
        options = dict(_options(question, t))
        own = {who: text for (who, each), text in sent.family.answers.items() if each == name}
        texts = {
            who: t("life.ask.skipped") if text == SKIPPED else options.get(text, text)
            for who, text in sorted(own.items())
        }
        if len(set(texts.values())) == 1:
            shown = next(iter(texts.values()))
        else:
            pairs = [f"{name_of(who, sent, t)} {text}" for who, text in texts.items()]
            shown = t("rules.separator").join(pairs)
        yield name, _label(question, t), shown


def _places(house: House, t: Words) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    pack = house.regions
    for city in pack.children(pack.code):
        own = [(each.code, each.name if t.language == "zh" else each.name_en)
               for each in pack.children(city.code) if each.level == "county"]  # fmt: skip
        if own:
            yield city.name if t.language == "zh" else city.name_en, own


def _place(house: House, sent: Sent, t: Words) -> str:
    pack = house.regions
    if sent.region:
        try:
            return pack.path_name(sent.region, t.language)
        except (Invalid, NotFound):
            return sent.region
    return pack.name if t.language == "zh" else pack.name_en


def _told_page(t: Words) -> Page:
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.livelihood"), "/livelihood/rules"),
        (t("life.ask.title"), None),
    )
    return Page(t("life.ask.title"), crumbs)
