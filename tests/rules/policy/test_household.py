"""Household logic: counting, per-capita and equivalised values, sums with conditions."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.rules.policy.policies import household

from longmai.rules.policy.evaluation import case_of, evaluate

POLICY = household(
    ("人均收入: {算式: sum(成员.月收入) / 户人数", "人均收入: {算式: sum(成员.月收入) / 等值人数"),
    ("金额: 699", "金额: 536.923"),
    ("算式: (标准 - 人均收入) * 户人数", "算式: sum(成员[年龄 >= 60].月收入) + count(成员)"),
    ("期望: {结果: 符合, 金额: 536.923}", "期望: {结果: 符合}"),
)
PEOPLE = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 2000)), min_size=1, max_size=8)


@given(PEOPLE)
def test_the_oecd_modified_scale(people: list[tuple[int, int]]) -> None:
    """A loop counts as the rule does: first adult 1, others from 14 on 0.5, children 0.3."""
    members = [{"年龄": age, "月收入": income, "残疾等级": "无"} for age, income in people]
    case = case_of(POLICY, {"商品房": False, "成员": members}, date(2026, 3, 1), "99")
    values = evaluate(POLICY, case).values
    weight = Decimal(0)
    for age, _ in sorted(people, reverse=True):
        if not weight:
            weight = Decimal(1)
        else:
            weight += Decimal("0.5") if age >= 14 else Decimal("0.3")
    assert values["等值人数"] == weight
    assert values["户人数"] == len(people)


@given(PEOPLE)
def test_sums_over_members_with_a_condition(people: list[tuple[int, int]]) -> None:
    """What elder members earn, to the fen, and how many there are."""
    members = [{"年龄": age, "月收入": income, "残疾等级": "一级"} for age, income in people]
    case = case_of(POLICY, {"商品房": False, "成员": members}, date(2026, 3, 1), "99")
    decision = evaluate(POLICY, case)
    elder = sum(income for age, income in people if age >= 60)
    if decision.amount_fen is not None:
        assert decision.amount_fen == (elder + len(people)) * 100
