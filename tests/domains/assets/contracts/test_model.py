"""Schedules and books: whatever the terms, no fen is lost, and every voucher balances."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.assets.contracts.model.schedule import (
    EVERY,
    Instalment,
    cut,
    due,
    earned,
    earned_in,
    instalments,
    month_parts,
    months_later,
    standings,
    total,
    year_part,
    year_parts,
)
from longmai.domains.assets.contracts.model.settling import earn, give_back, receive
from longmai.domains.assets.vouchers.model import Entry, check_balanced, codes
from longmai.kernel.errors import Invalid

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
SPANS = st.integers(0, 4_000)
FEN = st.integers(1, 50_000_000)


@st.composite
def plans(draw: st.DrawFn) -> tuple[date, date, tuple[Instalment, ...]]:
    """Any schedule, with the first and last day of its contract."""
    start = draw(DAYS)
    end = start + timedelta(days=draw(SPANS))
    when = draw(st.sampled_from(["start", "end"]))
    step = draw(st.integers(-100, 100))
    return start, end, instalments(start, end, draw(FEN), draw(st.sampled_from(EVERY)), when, step)


@given(plans())
@settings(max_examples=60, deadline=None)
def test_a_schedule_covers_its_contract_and_is_spread_without_loss(
    told: tuple[date, date, tuple[Instalment, ...]],
) -> None:
    """Instalments follow each other; their years and months add up to the whole, to the fen."""
    start, end, plan = told
    whole = total(plan)
    for before, after in pairwise(plan):
        assert before.end < after.start
    assert all(start <= each.start <= each.due_on <= each.end <= end for each in plan)
    assert sum(earned_in(plan, year) for year in range(start.year, end.year + 1)) == whole
    assert earned(plan, end.year, end.month) == whole == due(plan, end)
    for each in plan[:5]:
        months = month_parts(each.amount_fen, each.start, each.end)
        for year, part in year_parts(each.amount_fen, each.start, each.end).items():
            assert sum(fen for name, fen in months.items() if name[0] == year) == part


@given(FEN, DAYS, st.integers(0, 3_000))
@settings(max_examples=60)
def test_rent_of_several_years_is_spread_without_loss(amount: int, start: date, days: int) -> None:
    """The parts of all its years add up to what was received."""
    end = start + timedelta(days=days)
    assert sum(year_part(amount, start, end, year) for year in range(2014, 2050)) == amount


@given(FEN, DAYS, st.integers(1, 12))
@settings(max_examples=60)
def test_how_often_it_is_paid_changes_nothing_of_a_full_year(
    yearly: int, start: date, years: int
) -> None:
    """Of full years the sum is the rent times the years, however it is paid."""
    end = months_later(start, 12 * years) - timedelta(days=1)
    assert {total(instalments(start, end, yearly, months)) for months in EVERY} == {yearly * years}


@given(plans(), st.integers(-100, 4_100), FEN)
@settings(max_examples=60, deadline=None)
def test_what_is_ended_early_is_owed_until_then(
    told: tuple[date, date, tuple[Instalment, ...]], days: int, received: int
) -> None:
    """A cut schedule is part of the whole, lies before the day, and all of it has fallen due."""
    start, end, plan = told
    day = start + timedelta(days=days)
    left = cut(plan, day)
    assert total(left) <= total(plan)
    assert due(left, day) == total(left)
    assert (left == plan) or day < end
    paid = sum(each.paid_fen for each in standings(left, received))
    assert paid == min(received, total(left))


def test_a_stepped_rent_by_hand() -> None:
    """1,000.00 a year, 3 % more each year: 1,000.00, 1,030.00, 1,060.90."""
    plan = instalments(date(2024, 3, 1), date(2027, 2, 28), 100_000, 12, "start", 30)
    assert [each.amount_fen for each in plan] == [100_000, 103_000, 106_090]
    assert round(Decimal(100_000) * Decimal("1.03") ** 2) == 106_090
    # 306 of the 365 days from March 2024 are of that year.
    assert year_part(100_000, date(2024, 3, 1), date(2025, 2, 28), 2024) == 83_836
    with pytest.raises(Invalid):
        instalments(date(2024, 3, 1), date(2024, 2, 1), 100)
    with pytest.raises(Invalid):
        instalments(date(2024, 3, 1), date(2124, 2, 1), 100)


def _rest(entries: list[Entry], *uses: str) -> int:
    wanted = {codes()[use][0] for use in uses}
    return sum(
        (1 if each.side == "debit" else -1) * each.amount_fen
        for each in entries
        if each.code in wanted
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["receive", "earn", "back"]), st.integers(-5_000, 9_000)),
        max_size=30,
    ),
    st.booleans(),
)
@settings(max_examples=80)
def test_the_books_hold_what_is_owed(deeds: list[tuple[str, int]], member: bool) -> None:
    """In any order: vouchers balance; receivable less paid ahead is earned less received."""
    balance, booked, paid = 0, list[Entry](), list[int]()
    for deed, amount in deeds:
        entries: list[Entry] = []
        if deed == "receive" and amount > 0:
            entries = receive("租金", amount, balance, "bank", member=member)
            balance -= amount
            paid.append(amount)
        elif deed == "earn":
            entries = earn("收入", amount, balance, "rent", member=member)
            balance += amount
        elif deed == "back" and paid:
            last = paid.pop()
            entries = give_back("租金", last, balance, "bank", member=member)
            balance += last
        check_balanced(entries)
        booked += entries
        if member:
            assert _rest(booked, "households") == balance
        else:
            assert _rest(booked, "receivable") == max(balance, 0)
            assert _rest(booked, "ahead") == min(balance, 0)
    assert _rest(booked, "bank") == sum(paid)
