"""Why a decision is what it is, in Chinese and English; what would close the gap."""

from datetime import date

import pytest
from tests.rules.policy.policies import household

from longmai.rules.policy.evaluation import State, case_of, evaluate
from longmai.rules.policy.explanation import explain, sentences
from longmai.rules.policy.gaps import plan
from longmai.rules.policy.reading import read_policy
from longmai.rules.policy.template import template

POLICY = household()
POOR = {"年龄": 40, "月收入": 301, "残疾等级": "无"}
CHILD = {"年龄": 8, "月收入": 0, "残疾等级": "二级"}


def test_each_clause_is_told_with_value_threshold_and_arithmetic() -> None:
    """The clause, the actual value and how it came about."""
    case = case_of(POLICY, {"商品房": False, "成员": [POOR, CHILD]}, date(2026, 3, 1), "9902")
    told = explain(evaluate(POLICY, case))
    first = told.reasons[0]
    assert (first.clause, first.state) == ("第二条", State.MET)
    assert first.text.startswith("人均收入低于标准的家庭")
    assert first.sentences == ("人均收入为 150.5 元/月（(301 + 0) ÷ 2），应低于 标准（500 元/月）",)
    assert told.amount == "(500 − 150.5) × 2 = 699 元/月"


def test_english_says_the_same() -> None:
    """With the English names where the policy has them."""
    case = case_of(POLICY, {"商品房": True, "成员": [POOR, CHILD]}, date(2026, 3, 1), "9902")
    told = explain(evaluate(POLICY, case), "en")
    assert told.reasons[0].name == "low income"
    assert told.reasons[0].sentences[0].startswith("income a head is 150.5")
    assert told.reasons[2].sentences == ("flat bought is yes; it should be no",)
    assert told.amount == ""


def test_what_is_missing_is_told_with_who_has_it() -> None:
    """The datum, the member, the department."""
    case = case_of(POLICY, {"成员": [POOR, {**CHILD, "月收入": None}]}, date(2026, 3, 1), "9902")
    told = explain(evaluate(POLICY, case))
    assert told.reasons[0].missing == ("第 2 位成员缺少“月收入”",)
    assert told.reasons[2].missing == ("缺少“商品房”，由住建掌握",)


@pytest.mark.parametrize(
    ("test", "zh", "en"),
    [
        ("户人数 in (1, 2)", "户人数为 2，不能是 1、2", "户人数 is 2; it should be none of 1, 2"),
        ("户人数 between 1 and 3", "户人数为 2，不能在 1 至 3 之间",
         "户人数 is 2; it should not lie between 1 and 3"),
    ],
)  # fmt: skip
def test_what_must_not_be_among_others_is_told_as_people_say_it(
    test: str, zh: str, en: str
) -> None:
    """Not that a list of values, in FEEL, is true and should be false."""
    policy = household(("判断: 商品房}", f"判断: '商品房 or {test}'}}"),
                       ("期望: {结果: 符合, 金额: 699}",
                        "期望: {结果: 不符合, 原因: 有商品房}"))  # fmt: skip
    case = case_of(policy, {"商品房": False, "成员": [POOR, CHILD]}, date(2026, 3, 1), "9902")
    decision = evaluate(policy, case)
    assert explain(decision).reasons[2].sentences[1] == zh
    assert explain(decision, "en").reasons[2].sentences[1] == en


def test_where_a_value_comes_from_is_told() -> None:
    """An origin given with the case stands beside the value."""
    case = case_of(
        POLICY, {"商品房": True, "成员": [POOR]}, date(2026, 3, 1), "9902",
        origins={"商品房": "不动产登记 2026-02-11"},
    )  # fmt: skip
    told = explain(evaluate(POLICY, case))
    assert told.reasons[2].sentences == ("商品房为 是（来源：不动产登记 2026-02-11），应为否",)


def test_a_parameter_still_to_be_confirmed_is_told() -> None:
    """Neither met nor refused: the amount is waited for."""
    policy = household(
        ("{自: 2026-01-01, 至: 2026-06-30, 值: 500, 来源: 办法}",
         "{自: 2026-01-01, 至: 2026-06-30, 状态: 待核定}"),
        ("期望: {结果: 符合, 金额: 699}", "期望: {结果: 缺数据, 原因: 收入低}"),
    )  # fmt: skip
    case = case_of(policy, {"商品房": False, "成员": [POOR, CHILD]}, date(2026, 3, 1), "9902")
    decision = evaluate(policy, case)
    assert decision.state is State.UNKNOWN
    assert explain(decision).reasons[0].missing == ("“标准”在当地的标准待核定",)


def test_the_plan_names_the_gap_in_numbers_and_the_alternatives() -> None:
    """How far from the threshold, and which of several ways would do."""
    rich = {"年龄": 40, "月收入": 800, "残疾等级": "无"}
    case = case_of(POLICY, {"商品房": False, "成员": [rich]}, date(2026, 3, 1), "9902")
    found = plan(evaluate(POLICY, case))
    assert found.gaps[0].by == -300
    assert (
        found.gaps[0].sentence
        == "“人均收入”超出 300 元/月（现在 800 元/月，要求 标准（500 元/月））"
    )
    assert [gap.alternative for gap in found.gaps] == [False, True, True]
    assert found.met_on is None


@pytest.mark.parametrize(
    ("born", "met_on", "lost_on"),
    [("1946-12-25", "2026-12-25", None), ("1930-01-01", None, None), ("1980-01-01", None, None)],
)
def test_the_day_that_time_alone_brings(born: str, met_on: str | None, lost_on: str | None) -> None:
    """An eightieth birthday next month is found to the day."""
    policy = read_policy(template("livelihood.old-age", "高龄津贴", date(2026, 1, 1)))
    given = {"出生日期": born, "本地户籍": True, "已享受同类津贴": False}
    found = plan(evaluate(policy, case_of(policy, given, date(2026, 11, 25))))
    assert str(found.met_on) == str(met_on)
    assert str(found.lost_on) == str(lost_on)


def test_the_languages_have_the_same_sentences() -> None:
    """And the same gaps in them."""
    assert sentences("zh").keys() == sentences("en").keys()
