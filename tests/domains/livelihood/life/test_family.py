"""Questions to a family: only those that can change an answer; the same as judging by hand."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.livelihood.life.model.course import Age, course_of, courses_of
from longmai.domains.livelihood.life.model.family import (
    FAMILY,
    SKIPPED,
    Family,
    Question,
    Questionnaire,
    answer_of,
    policies_for,
)
from longmai.kernel.errors import Invalid
from longmai.rules.policy.evaluation import State, case_of, evaluate
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Input, Policy

DAY = date(2026, 9, 1)
FOLDER = Path(__file__).parents[4] / "regions" / "62" / "policies" / "livelihood"


@cache
def policies() -> tuple[Policy, ...]:
    """Return the policies in force."""
    return tuple(policies_for(Library.load([FOLDER]).in_force(DAY, "62")))


def questions() -> Questionnaire:
    """Return the questions of the shipped policies."""
    return Questionnaire(policies(), DAY, "620102")


def asked_through(family: Family, answer: dict[str, str]) -> tuple[Family, list[str]]:
    """Answer what is asked; what has no answer here is skipped."""
    form, put = questions(), []
    while (ask := form.next(family, form.judge(family))) is not None:
        put.append(ask.question.name)
        more = {
            (who, ask.question.name): answer.get(
                f"{who}.{ask.question.name}", answer.get(ask.question.name, SKIPPED)
            )
            for who in ask.who
        }
        family = replace(family, answers={**family.answers, **more})
        assert len(put) < 60
    return family, put


ANSWERS = {
    "出生日期": "1991-05-01",
    "2.出生日期": "2024-05-05",
    "3.出生日期": "1948-02-29",
    "中国国籍": "true",
    "在户籍地申领": "true",
    "失能等级": "中度失能",
    "低保家庭": "false",
    "残疾等级": "无",
    "学前一年在园": "false",
    "认定为孤儿": "false",
    "就读层次": "其他",
}


def test_a_family_is_told_what_fits_after_a_few_questions() -> None:
    """A child, a grown-up, a grandmother: each question once, and none that changes nothing."""
    family, put = asked_through(Family(3), ANSWERS)
    assert len(put) == len(set(put)) < 20
    found = {
        (each.decision.policy.id, each.who): each.decision for each in questions().judge(family)
    }
    childcare = found["livelihood.childcare-subsidy", 2]
    assert (childcare.state, childcare.amount_fen) == (State.MET, 870_000)
    assert found["livelihood.childcare-subsidy", 1].state is State.NOT_MET
    assert found["livelihood.elder-care-voucher", 3].state is State.MET
    # Where the threshold is to be confirmed, nobody is asked for anything.
    assert "上年人均收入" not in put
    assert found["livelihood.old-age-allowance", 3].state is State.UNKNOWN


def test_who_is_too_old_is_not_asked_about_the_child() -> None:
    """The date of birth comes first, and saves questions."""
    _, put = asked_through(Family(1), {**ANSWERS, "出生日期": "1980-01-01"})
    assert put[0] == "出生日期"
    assert not {"中国国籍", "在户籍地申领"} & set(put)
    _, child = asked_through(Family(1), {**ANSWERS, "出生日期": "2024-01-01"})
    assert {"中国国籍", "在户籍地申领"} <= set(child)


def test_of_the_family_is_asked_once() -> None:
    """What belongs to the household is nobody's own."""
    form = questions()
    assert form.questions["低保家庭"].of_family
    assert not form.questions["残疾等级"].of_family
    family = Family(4, {(who, "出生日期"): "1990-01-01" for who in range(1, 5)})
    ask = form.next(family, form.judge(family))
    assert ask is not None
    assert ask.who == (FAMILY,)


@settings(max_examples=25)
@given(st.data())
def test_a_question_that_is_not_put_changes_nothing(data: st.DataObject) -> None:
    """Once nothing more is asked, no answer to anything left open changes any state."""
    values = {
        "boolean": ["true", "false"],
        "date": ["1940-01-01", "1990-01-01", "2023-06-01"],
        "number": ["0", "300", "9000"],
    }
    form = questions()
    family = Family(2)
    while (ask := form.next(family, form.judge(family))) is not None:
        asked = ask.question.input
        choices = list(asked.values) or values[asked.type]
        more = {(who, ask.question.name): data.draw(st.sampled_from(choices)) for who in ask.who}
        family = replace(family, answers={**family.answers, **more})
    before = [each.decision.state for each in form.judge(family)]
    for name, question in form.questions.items():
        for who in (FAMILY,) if question.of_family else (1, 2):
            if (who, name) in family.answers:
                continue
            choices = list(question.input.values) or values[question.input.type]
            told = data.draw(st.sampled_from(choices))
            other = replace(family, answers={**family.answers, (who, name): told})
            assert [each.decision.state for each in form.judge(other)] == before


@pytest.mark.parametrize(
    ("type_", "values", "written", "read"),
    [
        ("date", (), "1950.3.1", "1950-03-01"),
        ("date", (), " 19500301 ", "1950-03-01"),
        ("number", (), "1,200元", "1200"),
        ("boolean", (), "true", "true"),
        ("string", ("一级",), "一级", "一级"),
        ("number", (), "?", SKIPPED),
    ],
)
def test_people_write_as_they_like(
    type_: str, values: tuple[str, ...], written: str, read: str
) -> None:
    """And are understood."""
    assert (
        answer_of(Question("x", Input("x", type_, values=values), of_family=False), written) == read
    )


@pytest.mark.parametrize(
    ("type_", "values", "written"),
    [("date", (), "1950-02-30"), ("number", (), "很多"), ("string", ("一级",), "五级")],
)
def test_what_is_no_answer_is_said(type_: str, values: tuple[str, ...], written: str) -> None:
    """By a code that has words."""
    with pytest.raises(Invalid) as refused:
        answer_of(Question("x", Input("x", type_, values=values), of_family=False), written)
    assert refused.value.code.startswith("life.answer.")


def test_the_ages_of_a_course_are_those_of_the_rules() -> None:
    """Each day around both ends, judged by the rules themselves; what is pending says so."""
    by_id = {each.policy.id: each for each in courses_of(policies(), DAY, "62")}
    elder = by_id["livelihood.elder-care-voucher"]
    assert [(each.start, each.end) for each in elder.spans] == [(Age(60), None)]
    childcare = by_id["livelihood.childcare-subsidy"]
    [span] = childcare.spans
    assert (span.start, span.most_fen) == (Age(0), 1_080_000)
    policy = childcare.policy
    for birth, state in (("2022-01-01", State.MET), ("2021-12-31", State.NOT_MET)):
        case = case_of(
            policy, {"出生日期": birth, "中国国籍": True, "在户籍地申领": True}, DAY, "62"
        )
        assert evaluate(policy, case).state is state
    assert span.end == Age.on(date(2021, 12, 31), DAY)
    pending = by_id["livelihood.old-age-allowance"]
    assert pending.by_age
    assert [each.state for each in pending.spans] == [State.UNKNOWN]
    assert not course_of(by_id["livelihood.orphan-allowance"].policy, DAY, "62").by_age
