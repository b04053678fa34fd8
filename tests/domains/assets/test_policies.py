"""Two voting laws that people mix up, held against fractions; each outcome names its clause."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.domains.policies import judge, policy

from longmai.rules.policy.evaluation import Decision, State
from longmai.rules.policy.examples import open_conditions

DAY = date(2026, 6, 11)
ASSEMBLY = policy("assets.collective-assembly", "2025")
DELEGATES = policy("assets.collective-representatives", "2025")
BOARD = policy("assets.collective-board", "2025")
VILLAGE = policy("assets.villagers-assembly", "2026")
VILLAGE_DELEGATES = policy("assets.villagers-representatives", "2026")
NOTICE = policy("assets.public-notice", "2026")
UNDELEGABLE = ("章程", "成员确认", "土地承包和宅基地", "份额量化", "土地补偿费", "合并分立")
COUNT = st.integers(1, 400)
TWO_THIRDS, HALF = Fraction(2, 3), Fraction(1, 2)


def _assembly(members: int, present: int, agreed: int, matter: str = "其他") -> Decision:
    given_ = {
        "审议事项": matter,
        "通知日期": DAY - timedelta(days=10),
        "会议日期": DAY,
        "完全行为能力成员": members,
        "全体成员": members,
        "参加成员": present,
        "同意成员": agreed,
    }
    return judge(ASSEMBLY, DAY, given_)


def _village(adults: int, present: int, agreed: int, **more: Any) -> Decision:
    given_ = {
        "通知日期": DAY - timedelta(days=10),
        "会议日期": DAY,
        "到会方式": "村民",
        "成年村民": adults,
        "总户数": max(1, adults // 3),
        "到会人数": present,
        "同意人数": agreed,
    }
    return judge(VILLAGE, DAY, given_ | more)


def _clauses(found: Decision) -> set[str]:
    """Return the clauses of what is not met."""
    names = set(open_conditions(found.judged))
    return {each.clause for each in found.policy.rules.values() if each.name in names}


@given(COUNT, COUNT, COUNT, st.booleans())
def test_a_members_assembly(members: int, present: int, agreed: int, outside: bool) -> None:
    """Two thirds of all, three quarters for benefits to non-members; no vote without a voter."""
    assume(present <= members)
    matter = "给予非成员权益" if outside else "章程"
    share = Fraction(agreed, members)
    passed = (
        Fraction(present, members) >= TWO_THIRDS
        and agreed <= present
        and share >= TWO_THIRDS
        and (not outside or share >= Fraction(3, 4))
    )
    assert (_assembly(members, present, agreed, matter).state is State.MET) == passed


@given(COUNT)
def test_the_votes_needed_are_the_fewest_that_pass(members: int) -> None:
    """What the page shows as needed passes; one vote fewer does not."""
    for matter in ("其他", "给予非成员权益"):
        needed = int(str(_assembly(members, members, members, matter).values["所需同意"]))
        assert _assembly(members, members, needed, matter).state is State.MET
        assert _assembly(members, members, needed - 1, matter).state is State.NOT_MET


@pytest.mark.parametrize(
    ("members", "agreed", "matter", "clause"),
    [
        (31, 21, "其他", None),  # 20.67
        (31, 20, "其他", "成员大会的召开和表决"),
        (30, 20, "其他", None),  # 20 exactly
        (30, 19, "其他", "成员大会的召开和表决"),
        (31, 24, "给予非成员权益", None),  # 23.25
        (31, 23, "给予非成员权益", "第十五条"),
        (32, 24, "给予非成员权益", None),  # 24 exactly
        (32, 23, "给予非成员权益", "第十五条"),
    ],
)
def test_the_exact_fractions_name_their_clause(
    members: int, agreed: int, matter: str, clause: str | None
) -> None:
    """At the fraction it passes; one vote below, the clause is named."""
    found = _assembly(members, members, agreed, matter)
    assert _clauses(found) == ({clause} if clause else set())


@given(COUNT, COUNT, COUNT)
def test_a_villagers_assembly(adults: int, present: int, agreed: int) -> None:
    """More than half attend, more than half of those agree."""
    assume(agreed <= present <= adults)
    passed = Fraction(present, adults) > HALF and Fraction(agreed, present) > HALF
    assert (_village(adults, present, agreed).state is State.MET) == passed


@given(COUNT, COUNT)
def test_households_may_attend_instead(households: int, present: int) -> None:
    """Two thirds of the households, however few of the adults that is."""
    assume(present <= households)
    more = {"到会方式": "户代表", "总户数": households}
    found = _village(4 * households, present, present, **more)
    assert (found.state is State.MET) == (Fraction(present, households) >= TWO_THIRDS)


@given(COUNT, COUNT, COUNT)
def test_what_passes_among_members_would_pass_among_villagers(
    people: int, present: int, agreed: int
) -> None:
    """The collective's law is the stricter one; not the other way round."""
    assume(agreed <= present <= people)
    if _assembly(people, present, agreed).state is State.MET:
        assert _village(people, present, agreed).state is State.MET


def test_a_village_vote_is_no_members_vote() -> None:
    """16 of 31 present and all agreed: a decision of the village, none of the collective."""
    assert _village(31, 16, 16).state is State.MET
    assert _clauses(_assembly(31, 16, 16)) == {"成员大会的召开和表决"}


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 900))
def test_representatives_of_members(delegates: int, agreed: int, households: int) -> None:
    """More than twenty, one for 5 to 15 households, two thirds of all."""
    given_ = {
        "审议事项": "其他",
        "总户数": households,
        "全体代表": delegates,
        "同意代表": agreed,
    }
    passed = (
        delegates > 20
        and 5 <= Fraction(households, delegates) <= 15
        and TWO_THIRDS <= Fraction(agreed, delegates) <= 1
    )
    assert (judge(DELEGATES, DAY, given_).state is State.MET) == passed


@pytest.mark.parametrize("matter", UNDELEGABLE)
def test_what_is_not_theirs_fails_even_with_all_votes(matter: str) -> None:
    """Article 26 keeps it for the assembly; a matter nobody named stays open."""
    given_ = {"总户数": 310, "全体代表": 31, "同意代表": 31}
    found = judge(DELEGATES, DAY, given_ | {"审议事项": matter})
    assert _clauses(found) == {"第二十六条"}
    assert judge(DELEGATES, DAY, given_).state is State.UNKNOWN


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_board(directors: int, present: int, agreed: int) -> None:
    """Three, five or seven; two thirds attend; more than half of all agree."""
    given_ = {
        "全体理事": directors,
        "出席理事": present,
        "同意理事": agreed,
        "应回避而未回避": False,
    }
    passed = (
        directors in {3, 5, 7}
        and Fraction(present, directors) >= TWO_THIRDS
        and agreed <= present
        and Fraction(agreed, directors) > HALF
    )
    assert (judge(BOARD, DAY, given_).state is State.MET) == passed


@given(st.integers(1, 90), st.data())
def test_villagers_representatives(body: int, data: st.DataObject) -> None:
    """Four fifths elected, a third women, two thirds attend, more than half of those agree."""
    elected, women, present = (data.draw(st.integers(0, body)) for _ in range(3))
    agreed = data.draw(st.integers(0, present))
    given_ = {
        "组成人员": body,
        "村民代表": elected,
        "妇女代表": women,
        "到会人数": present,
        "同意人数": agreed,
    }
    passed = (
        Fraction(elected, body) >= Fraction(4, 5)
        and Fraction(women, body) >= Fraction(1, 3)
        and Fraction(present, body) >= TWO_THIRDS
        and Fraction(agreed, present) > HALF
    )
    assert (judge(VILLAGE_DELEGATES, DAY, given_).state is State.MET) == passed


@given(st.integers(0, 40), st.integers(0, 120), st.booleans())
def test_a_public_notice(days: int, since: int, active: bool) -> None:
    """Fifteen days on the wall; a month, or three, after the last one by the calendar."""
    last = date(2026, 1, 1)
    posted = last + timedelta(days=since)
    given_ = {
        "张贴日期": posted,
        "撤下日期": posted + timedelta(days=days),
        "上次张贴日期": last,
        "财务往来较多": active,
    }
    latest = date(2026, 2, 1) if active else date(2026, 4, 1)
    met = judge(NOTICE, posted, given_).state is State.MET
    assert met == (days >= 15 and posted <= latest)
