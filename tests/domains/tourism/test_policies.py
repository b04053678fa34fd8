"""Tourism subsidies of 2017 in fen, by hand and by a second reckoning in whole numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.policies import judge, policy

from longmai.rules.policy.evaluation import State

CHARTER = policy("tourism.charter-subsidy", "2017")
RANKING = policy("tourism.agency-ranking", "2017")
TOP_UP = policy("tourism.group-topup", "2017")
DAYS = st.dates(date(2017, 2, 1), date(2019, 12, 31))


@pytest.mark.parametrize(
    ("kind", "seats", "arrival", "fen"),
    [
        ("国内包机", 99, date(2017, 10, 31), 1_000_000),
        ("国内包机", 99, date(2017, 11, 1), 1_400_000),
        ("国内包机", 100, date(2017, 4, 1), 1_500_000),
        ("国内包机", 160, date(2018, 3, 31), 2_100_000),
        ("国内包机", 161, date(2018, 4, 1), 2_000_000),
        ("国内包机", 161, date(2018, 1, 1), 2_800_000),
        ("境外包机", None, date(2017, 7, 1), 2_000_000),
        ("境外包机", None, date(2017, 12, 31), 2_800_000),
        ("专列", None, date(2018, 2, 28), 2_800_000),
    ],
)
def test_a_charter_in_fen(kind: str, seats: int | None, arrival: date, fen: int) -> None:
    """Reckoned by hand from the measure."""
    leaving = arrival + timedelta(days=2)
    given_ = {"交通方式": kind, "座位数": seats, "到达日期": arrival, "离开日期": leaving}
    found = judge(CHARTER, arrival, given_, "62")
    assert found.state is State.MET
    assert found.amount_fen == fen


@given(
    st.sampled_from(["国内包机", "境外包机", "专列"]), st.integers(1, 400), DAYS, st.integers(0, 9)
)
def test_a_charter_by_whole_numbers(kind: str, seats: int, arrival: date, nights: int) -> None:
    """The sum in fen by a table of seats, times 14 tenths in five months of the year."""
    leaving = arrival + timedelta(days=nights)
    given_ = {"交通方式": kind, "座位数": seats, "到达日期": arrival, "离开日期": leaving}
    found = judge(CHARTER, arrival, given_, "62")
    small, middle = range(1, 100), range(100, 161)
    base = 2_000_000
    if kind == "国内包机":
        base = 1_000_000 if seats in small else 1_500_000 if seats in middle else 2_000_000
    winter = not date(arrival.year, 4, 1) <= arrival <= date(arrival.year, 10, 31)
    due = base * (14 if winter else 10) // 10
    assert found.amount_fen == (due if nights >= 2 else None)


@given(st.integers(1, 60))
def test_the_prize_of_each_rank(rank: int) -> None:
    """One of the first class, three of the second, six of the third, twenty of the fourth."""
    prizes = [5_000_000] + [3_000_000] * 3 + [2_000_000] * 6 + [1_000_000] * 20
    found = judge(RANKING, date(2018, 1, 10), {"市州已审核补贴": True, "年度排名": rank}, "62")
    assert found.amount_fen == dict(enumerate(prizes, start=1)).get(rank)


@given(st.integers(1, 10**12))
def test_the_province_adds_a_fifth(fen: int) -> None:
    """A fifth of the city's fen, half a fen upwards."""
    given_ = {"市州补贴": f"{fen // 100}.{fen % 100:02}"}
    found = judge(TOP_UP, date(2017, 7, 1), given_, "62")
    assert found.amount_fen == (2 * fen + 5) // 10
