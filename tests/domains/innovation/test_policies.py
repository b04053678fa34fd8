"""Enterprise grading held against a second implementation: tables, fractions, dates."""

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.policies import judge, library, policy

from longmai.rules.policy.evaluation import State

DAY = date(2025, 6, 1)
NEW_DAY = date(2026, 6, 1)
PERCENT = st.decimals("-30", "100", places=2) | st.sampled_from(
    [Decimal(each) for each in (0, 1, 2, 3, 5, 10, 15, 50, 55, 60, 70, 75)]
)
MONEY = st.decimals("0", "30000", places=2)
ALL_CLASSES = {"A": 20, "B": 15, "C": 10, "D": 5, "E": 0}


def _points(value: Decimal, bounds: list[int], points: list[int]) -> int:
    """Return the points of a band; a value on a bound belongs to the upper one."""
    return points[bisect_right(bounds, value)]


SCORED = st.fixed_dictionaries(
    {
        "知识产权档次": st.sampled_from(sorted(ALL_CLASSES)),
        "研发费用占比": PERCENT,
        "主营收入增长率": PERCENT,
        "资产负债率": PERCENT,
        "主营收入占比": PERCENT,
        "属战略性新兴产业": st.booleans(),
        "近三年获省级以上科技奖励": st.booleans(),
        "高新技术企业等荣誉有效": st.just(value=False),
        "有省级以上研发机构": st.just(value=False),
        "近三年新增股权融资": st.decimals("0", "1000", places=2),
    }
)


@given(SCORED)
def test_the_score_of_an_innovative_enterprise(values: dict[str, Any]) -> None:
    """Points by sorted bounds, where the policy has tables."""
    found = judge(policy("innovation.innovative-sme", "2022"), DAY, values)
    steps = [0, 5, 10, 15, 20]
    research = _points(values["研发费用占比"], [1, 2, 3, 5], steps)
    innovation = ALL_CLASSES[values["知识产权档次"]] + research
    growing = _points(values["主营收入增长率"], [0, 5, 10, 15], steps)
    # A low debt ratio is the good one: turned around, a bound still belongs to the upper band.
    growing += _points(-values["资产负债率"], [-75, -55], [0, 5, 10])
    special = 10 if values["属战略性新兴产业"] else 5
    special += _points(values["主营收入占比"], [50, 55, 60, 70], steps)
    total = innovation + growing + special
    assert found.values["评价得分"] == total
    assert found.values["创新能力得分"] == innovation
    enough = total >= 60 and innovation >= 20 and growing >= 15 and special >= 15
    bypass = values["近三年获省级以上科技奖励"] or values["近三年新增股权融资"] >= 500
    assert (found.state is State.MET) == (enough or bypass)


@given(st.integers(0, 5), MONEY, st.decimals("0.01", "30000", places=2), MONEY, MONEY)
def test_a_specialised_enterprise_by_fractions(
    years: int, research: Decimal, revenue: Decimal, equity: Decimal, mean: Decimal
) -> None:
    """The version of 2022, its score one point short: a bypass is needed."""
    found = judge(
        policy("innovation.specialised-sme", "2022"),
        DAY,
        {
            "细分市场年限": years,
            "上年研发费用": research,
            "上年营业收入": revenue,
            "近两年新增股权融资": equity,
            "近两年研发费用均值": mean,
            "专业化得分": 24,
            "精细化得分": 20,
            "特色化得分": 5,
            "创新能力得分": 10,
            "科技奖励排名达标": False,
            "创客中国五百强": False,
        },
    )
    share = Fraction(research) / Fraction(revenue)
    basic = years >= 2 and research >= 100 and share >= Fraction(3, 100)
    sized = revenue >= 1000 or equity >= 2000
    bypass = mean >= 1000 or equity >= 6000
    assert found.values["评价得分"] == 59
    assert (found.state is State.MET) == (basic and sized and bypass)


@given(
    st.integers(1, 20_000),
    st.integers(1, 20_000) | st.sampled_from([5000, 22_050]),
    st.integers(1, 20_000) | st.just(20_000),
    st.integers(0, 1500),
    st.integers(0, 1500),
)
def test_a_little_giant_by_fractions(
    before: int, last: int, base: int, research: int, research_before: int
) -> None:
    """Growth in two years without a root: last ÷ base ≥ (21 ÷ 20)²."""
    found = judge(
        policy("innovation.little-giant", "2026"),
        NEW_DAY,
        {
            "申报类型": "新申报",
            "细分市场年限": 3,
            "上年营业收入": last,
            "前年营业收入": before,
            "大前年营业收入": base,
            "主营收入占比": 90,
            "资产负债率": 75,
            "上年研发费用": research,
            "前年研发费用": research_before,
            "一类知识产权": 4,
            "国家级奖励排名前三": False,
            "市场占有率": 10,
            "市场排名": 4,
            "评价得分": 60,
        },
        confirmed={"六基或关键环节": True},
    )
    three = Fraction(3, 100)
    shares = Fraction(research, last) >= three and Fraction(research_before, before) >= three
    grown = Fraction(last, base) >= Fraction(21, 20) ** 2
    spent = research + research_before >= 1200
    assert (found.state is State.MET) == (last >= 5000 and grown and spent and shares)


@pytest.mark.parametrize(
    ("own", "day", "given_", "version"),
    [
        ("innovation.specialised-sme", date(2026, 3, 31), {}, "2022"),
        ("innovation.specialised-sme", date(2026, 4, 1), {}, "2026"),
        ("innovation.little-giant", date(2026, 3, 31), {"申报类型": "复核"}, "2022"),
        ("innovation.little-giant", date(2026, 4, 1), {"申报类型": "新申报"}, "2026"),
        ("innovation.little-giant", date(2026, 4, 1), {}, "2026"),
        ("innovation.little-giant", date(2026, 12, 31), {"申报类型": "复核"}, "2022"),
        ("innovation.little-giant", date(2027, 1, 1), {"申报类型": "复核"}, "2026"),
        ("innovation.innovative-sme", date(2026, 4, 1), {}, "2022"),
    ],
)
def test_the_day_picks_the_version(
    own: str, day: date, given_: dict[str, Any], version: str
) -> None:
    """The new law from its first day on; the re-check of 2026 still by the old one."""
    assert library().case(own, given_, day)[0].version == version
