"""Livelihood policies by a second reckoning: months in a loop, gaps in fractions, dates."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.policies import judge, library, policy, with_values

from longmai.rules.policy.evaluation import State

AUTUMN = date(2026, 10, 1)
CHILDCARE = policy("livelihood.childcare-subsidy", "2025")
SUBSISTENCE = policy("livelihood.subsistence-allowance", "2026")
INCOMES = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 300), st.booleans()), min_size=1, max_size=6
)


def _months_by_hand(born: date) -> int:
    """Walk from January 2025, or birth if later, to the month of the third birthday."""
    year, month, months = 2025, 1, 0
    while (year, month) <= (born.year + 3, born.month):
        if (year, month) >= (born.year, born.month):
            months += 1
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


@given(st.dates(date(2022, 1, 1), date(2024, 12, 31)))
def test_the_months_of_births_before_2025(born: date) -> None:
    """300 yuan for each month that a calendar counts, the birthday's month with it."""
    given_ = {"出生日期": born, "中国国籍": True, "在户籍地申领": True}
    found = judge(CHILDCARE, date(2025, 9, 1), given_, "62")
    assert found.amount_fen == 30_000 * _months_by_hand(born)


@given(st.dates(date(2025, 1, 1), date(2026, 10, 1)))
def test_births_from_2025_on_get_three_years(born: date) -> None:
    """3,600 yuan three times."""
    given_ = {"出生日期": born, "中国国籍": True, "在户籍地申领": True}
    assert judge(CHILDCARE, AUTUMN, given_, "62").amount_fen == 3 * 360_000


def test_the_doubt_about_july_2024_is_written_down() -> None:
    """The formula says 31 months, one guide 30: the file says both."""
    assert "30 个月" in CHILDCARE.steps["应补月数"].note
    assert _months_by_hand(date(2024, 7, 1)) == 31


def _household(incomes: list[tuple[int, int, bool]], **values: Any) -> dict[str, Any]:
    names = ("月收入", "月育儿补贴", "重残或重病")
    return values | {"成员": [dict(zip(names, each, strict=True)) for each in incomes]}


@given(INCOMES, st.integers(1, 1500), st.sampled_from(["城市", "农村"]))
def test_subsistence_pays_the_gap(
    incomes: list[tuple[int, int, bool]], standard: int, kind: str
) -> None:
    """Standard × people − income without the childcare subsidy, never of the other registration."""
    other = "农村" if kind == "城市" else "城市"
    ready = with_values(
        SUBSISTENCE, **{f"{kind}低保标准": standard, f"{other}低保标准": 0, "单人保标准": 1}
    )
    given_ = _household(incomes, 户籍类别=kind, 财产符合规定=True, 低保边缘家庭=False)
    found = judge(ready, AUTUMN, given_, "62")
    counted = sum(income - child for income, child, _ in incomes)
    poor = Fraction(counted, len(incomes)) < standard
    assert (found.state is State.MET) == poor
    if poor:
        assert found.amount_fen == (standard * len(incomes) - counted) * 100


@given(INCOMES)
def test_no_household_is_refused_for_a_standard_nobody_confirmed(
    incomes: list[tuple[int, int, bool]],
) -> None:
    """While the local standard is missing, whether the income is below it is not known."""
    given_ = _household(incomes, 户籍类别="农村", 财产符合规定=True, 低保边缘家庭=True)
    found = judge(SUBSISTENCE, AUTUMN, given_, "62")
    ill = any(each for *_, each in incomes)
    assert found.state is (State.MET if ill else State.UNKNOWN)
    assert found.amount_fen is None


@given(INCOMES, st.integers(1, 900), st.integers(10, 30))
def test_the_fringe_is_the_raised_standard(
    incomes: list[tuple[int, int, bool]], standard: int, tenths: int
) -> None:
    """Below standard × factor, in fractions."""
    ready = with_values(
        policy("livelihood.low-income-fringe", "2026"),
        城市低保标准=0,
        农村低保标准=standard,
        边缘倍数=f"{tenths // 10}.{tenths % 10}",
    )
    people = [{"月收入": income, "月育儿补贴": child} for income, child, _ in incomes]
    given_ = {"户籍类别": "农村", "财产符合规定": True, "已是低保家庭": False, "成员": people}
    head = Fraction(sum(income - child for income, child, _ in incomes), len(incomes))
    met = judge(ready, AUTUMN, given_, "62").state is State.MET
    assert met == (head < standard * Fraction(tenths, 10))


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6), st.integers(0, 200_000))
def test_rigid_spending_is_held_against_income(incomes: list[int], spent: int) -> None:
    """Below the average, and more than 60 % of the year's income; no income is no error."""
    own = policy("livelihood.rigid-expenditure", "2026")
    ready = with_values(own, 上年人均收入=24_000, 支出比例=60)
    people = [{"月收入": each} for each in incomes]
    given_ = {"财产符合规定": True, "年刚性支出": spent, "成员": people}
    year = 12 * sum(incomes)
    expected = Fraction(year, len(incomes)) < 24_000 and spent > Fraction(60, 100) * year
    assert (judge(ready, AUTUMN, given_, "62").state is State.MET) == expected


@given(st.integers(0, 4000), st.sampled_from([40, 45, 50]))
def test_the_voucher_is_a_share_up_to_800(cost: int, percent: int) -> None:
    """Once the share is confirmed; until then the amount stays unknown."""
    own = policy("livelihood.elder-care-voucher", "2026")
    given_ = {"出生日期": date(1940, 1, 1), "失能等级": "重度失能", "月服务费用": cost}
    assert judge(own, AUTUMN, given_, "62").amount_fen is None
    found = judge(with_values(own, 抵扣比例=percent), AUTUMN, given_, "62")
    assert found.amount_fen == min(cost * percent, 80_000)


@given(st.dates(date(1967, 1, 1), date(1990, 12, 31)))
def test_sixty_is_reached_on_the_birthday(born: date) -> None:
    """And not the day before."""
    own = policy("livelihood.elder-care-voucher", "2026")
    birthday = born.replace(year=born.year + 60)
    given_ = {"出生日期": born, "失能等级": "中度失能"}
    assert judge(own, birthday, given_, "62").state is State.MET
    assert judge(own, birthday - timedelta(days=1), given_, "62").state is State.NOT_MET


@pytest.mark.parametrize(
    ("day", "kind", "fen"),
    [
        (date(2016, 1, 1), "机构养育", 100_000),
        (date(2016, 12, 31), "社会散居", 64_000),
        (date(2017, 1, 1), "社会散居", None),
        (AUTUMN, "机构养育", None),
    ],
)
def test_the_orphans_standard_of_2016_ends(day: date, kind: str, fen: int | None) -> None:
    """An outdated sum is never paid on."""
    own = policy("livelihood.orphan-allowance", "2016")
    found = judge(own, day, {"认定为孤儿": True, "养育方式": kind}, "62")
    assert (found.state, found.amount_fen) == (State.MET, fen)


@pytest.mark.parametrize(("region", "state"), [("6201", State.MET), ("623001", State.UNKNOWN)])
def test_where_an_earlier_policy_holds_nobody_is_promised(region: str, state: State) -> None:
    """The Tibetan areas keep theirs; until it is confirmed which and what, the answer is open."""
    own = policy("livelihood.free-preschool", "2025")
    given_ = {"学前一年在园": True, "公办园": True, "保教费": 350}
    found = judge(own, AUTUMN, given_, region)
    assert found.state is state
    assert found.amount_fen == (35_000 if state is State.MET else None)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_private_kindergarten_reduces_by_the_public_fee(fee: int, public: int) -> None:
    """Never more than it charges."""
    own = with_values(policy("livelihood.free-preschool", "2025"), 公办园标准=public)
    given_ = {"学前一年在园": True, "公办园": False, "保教费": fee}
    assert judge(own, AUTUMN, given_, "6201").amount_fen == 100 * min(fee, public)


def test_twelve_policies_of_the_package_are_there() -> None:
    """As many as the table of the package has rows for."""
    assert len([own for own in library().by_id if own.startswith("livelihood.")]) == 12
