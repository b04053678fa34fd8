"""Certificates of conformity and the GI mark by a second reckoning."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.policies import judge, policy

from longmai.rules.policy.evaluation import State

DAY = date(2026, 10, 1)
ISSUED = policy("brand.conformity-certificate", "2026")
COLLECTED = policy("brand.certificate-collection", "2026")
MARK = policy("brand.gi-mark-use", "2026")
ENTRIES = ("名称", "数量", "产地", "开具时间", "承诺主体", "联系方式")
SIX = {"蔬菜", "水果", "茶鲜叶", "畜禽", "禽蛋", "养殖水产品"}


@given(
    st.sampled_from([*sorted(SIX), "其他"]),
    st.sampled_from(["企业", "农民专业合作社", "家庭农场", "农户"]),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_six_entries_unless_not_forced(
    kind: str, producer: str, entries: list[bool], mixed: bool, anew: bool
) -> None:
    """Of six kinds, six entries, from everybody but households; anew after mixing."""
    given_ = {
        "品类": kind,
        "主体类型": producer,
        **{f"已写{name}": there for name, there in zip(ENTRIES, entries, strict=True)},
        "混装或分装": mixed,
        "混装后已重新开具": anew,
        "采收日期": date(2026, 9, 30),
        "生产记录保存至": date(2028, 9, 30),
    }
    forced = kind in SIX and producer != "农户"
    right = (all(entries) or not forced) and (anew or not mixed)
    assert (judge(ISSUED, DAY, given_).state is State.MET) == right


@pytest.mark.parametrize("missing", ENTRIES)
def test_an_entry_nobody_looked_at_is_no_fault(missing: str) -> None:
    """Not looked at is not known; not there is a fault."""
    given_ = {f"已写{name}": True for name in ENTRIES if name != missing} | {
        "品类": "水果",
        "主体类型": "企业",
        "混装或分装": False,
        "采收日期": date(2026, 9, 30),
        "生产记录保存至": date(2028, 9, 30),
    }
    assert judge(ISSUED, DAY, given_).state is State.UNKNOWN
    assert judge(ISSUED, DAY, given_ | {f"已写{missing}": False}).state is State.NOT_MET


def _six_months_on(day: date) -> date:
    year, month = (day.year, day.month + 6) if day.month <= 6 else (day.year + 1, day.month - 6)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@given(st.dates(date(2026, 2, 1), date(2032, 12, 31)))
def test_certificates_are_kept_six_months(collected: date) -> None:
    """To the same day six months on, or the last of that month."""
    given_ = {"已收取合格证": True, "收取日期": collected, "混装或分装后销售": False}
    last = _six_months_on(collected)
    assert judge(COLLECTED, DAY, given_ | {"保存至": last}).state is State.MET
    early = last - timedelta(days=1)
    assert judge(COLLECTED, DAY, given_ | {"保存至": early}).state is State.NOT_MET


@given(st.integers(0, 9999), st.integers(1, 9999), st.integers(0, 9999), st.booleans())
def test_a_mark_is_not_used_beyond_the_volume(
    granted: int, used: int, batch: int, inside: bool
) -> None:
    """Volume of the year, and origin."""
    code = "91620000MA00000001"
    given_ = {
        "标志上的信用代码": code,
        "获准使用人代码": [code],
        "产地在范围内": inside,
        "年度核定数量": granted,
        "本年已用数量": used,
        "本批数量": batch,
    }
    assert (judge(MARK, DAY, given_).state is State.MET) == (inside and used + batch <= granted)


@given(st.text("0189ABIOSVZaz-", min_size=16, max_size=19))
def test_the_form_of_a_credit_code(code: str) -> None:
    """Eighteen digits or capitals, without those that look alike."""
    given_ = {
        "标志上的信用代码": code,
        "获准使用人代码": [code],
        "产地在范围内": True,
        "年度核定数量": 1,
        "本年已用数量": 0,
        "本批数量": 1,
    }
    fits = len(code) == 18 and set(code) <= set("0123456789ABCDEFGHJKLMNPQRTUWXY")
    assert (judge(MARK, DAY, given_).state is State.MET) == fits
