"""一老一小: the policies of this day along a life, as a picture and a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from longmai.domains.livelihood.life.asking import questionnaire_of
from longmai.domains.livelihood.life.model.course import OLDEST_YEARS, Age, Course, Span, courses_of
from longmai.kernel.money import fen_to_yuan
from longmai.portal.house import house_of
from longmai.portal.policies.said import Said, title_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.explanation import plain_number
from longmai.rules.policy.model import Policy

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

_WIDTH, _LEFT, _TOP, _ROW = 1000, 258, 46, 46
_BAR = 22
_AXIS = 6
_STAGES = ((0, "infant"), (3, "child"), (6, "school"), (18, "adult"), (60, "elder"), (80, "aged"))
"""Where the picture draws a line, to find one's way: ages people speak of as another stage."""


@dataclass(frozen=True)
class Bar:
    """A span as it is drawn."""

    x: float
    width: float
    state: str
    text: str
    text_x: float
    anchor: str


@dataclass(frozen=True)
class Row:
    """A policy as it is drawn and told.

    Attributes:
        spans: (ages in words, what is due in words, state) of each span.
        needs: names of its conditions.
    """

    policy: Policy
    title: str
    y: int
    bars: Sequence[Bar]
    spans: Sequence[tuple[str, str, str]]
    needs: Sequence[str]


@dataclass(frozen=True)
class Tick:
    """A stage of life on the axis."""

    x: float
    width: float
    age: int
    label: str


@dataclass(frozen=True)
class LifeContext:
    """Variables of ``livelihood/life.html``."""

    rows: Sequence[Row]
    always: Sequence[Row]
    families: Sequence[Row]
    ticks: Sequence[Tick]
    width: int
    height: int
    left: int
    top: int
    day: str
    places: Sequence[tuple[str, str]]
    region: str
    place: str
    said: Said


@router.get("/livelihood/life")
def life(request: Request, region: Annotated[str, Query(max_length=12)] = "") -> HTMLResponse:
    """Show the course of a life, as the rules of today are in a place."""
    house, t = house_of(request), words_of(request)
    pack = house.regions
    known = {each.code for each in pack.children(pack.code)}
    chosen = region if region in known else ""
    questions = questionnaire_of(house, chosen)
    courses = courses_of(questions.policies, questions.day, questions.region)
    aged = [each for each in courses if each.by_age]
    rows = [_row(each, place, t) for place, each in enumerate(aged)]
    others = [_row(each, 0, t) for each in courses if not each.by_age]
    context = LifeContext(
        rows,
        [each for each in others if each.policy.applies_to == "person"],
        [each for each in others if each.policy.applies_to == "household"],
        tuple(_ticks(t)),
        _WIDTH,
        _TOP + _ROW * len(rows) + _AXIS,
        _LEFT,
        _TOP,
        questions.day.isoformat(),
        [("", pack.name if t.language == "zh" else pack.name_en)]
        + [(each.code, each.name if t.language == "zh" else each.name_en)
           for each in pack.children(pack.code)],
        chosen,
        pack.path_name(chosen or pack.code, t.language),
        Said(t),
    )  # fmt: skip
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.livelihood"), "/livelihood/rules"),
        (t("life.course.title"), None),
    )
    return render(request, "livelihood/life.html", Page(t("life.course.title"), crumbs), context)


def _row(course: Course, place: int, t: Words) -> Row:
    policy = course.policy
    return Row(
        policy,
        title_of(policy, t.language),
        _TOP + place * _ROW + (_ROW - _BAR) // 2,
        [_bar(each, t) for each in course.spans],
        [(_ages(each, t), _due(each, policy, t), each.state.value) for each in course.spans],
        [
            each.en if t.language == "en" and each.en else each.name
            for each in policy.conditions
        ],
    )  # fmt: skip


def _x(years: float) -> float:
    return round(_LEFT + (_WIDTH - _LEFT) * min(years, OLDEST_YEARS) / OLDEST_YEARS, 1)


def _bar(span: Span, t: Words) -> Bar:
    start = _x(span.start.in_years)
    end = _x(OLDEST_YEARS if span.end is None else span.end.in_years)
    width = max(round(end - start, 1), 6)
    text = t("life.course.pending") if span.state is State.UNKNOWN else _ages(span, t)
    inside = width > 150  # noqa: PLR2004 - as wide as the words
    place = (start + 10, "start") if inside else (start + width + 8, "start")
    return Bar(start, width, span.state.value.replace(" ", "-"), text, *place)


def _ages(span: Span, t: Words) -> str:
    if span.state is State.UNKNOWN:
        return t("life.course.pending")
    start, end = _age(span.start, t), None if span.end is None else _age(span.end, t)
    return t("life.course.from", start=start) if end is None else t(
        "life.course.between", start=start, end=end
    )  # fmt: skip


def _age(age: Age, t: Words) -> str:
    if age == Age(0):
        return t("life.course.birth")
    if not age.months:
        return t("life.course.years", n=age.years)
    return t("life.course.years_months", n=age.years, months=age.months)


def _due(span: Span, policy: Policy, t: Words) -> str:
    if policy.amount is None:
        return ""
    if span.least_fen is None or span.most_fen is None:
        return t("life.course.amount_pending")
    least, most = (plain_number(fen_to_yuan(each)) for each in (span.least_fen, span.most_fen))
    if least == most:
        return f"{most} {policy.amount.unit}"
    return t("life.course.amounts", least=least, most=most, unit=policy.amount.unit)


def _ticks(t: Words) -> Iterator[Tick]:
    ends = [age for age, _ in _STAGES[1:]] + [OLDEST_YEARS]
    for (age, name), end in zip(_STAGES, ends, strict=True):
        x = _x(age)
        yield Tick(x, round(_x(end) - x, 1), age, t(f"life.course.stage.{name}"))
