"""Depreciation: exact to the fen, never more than the cost, whatever the plan."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.assets.life.model.depreciation import Plan

PLANS = st.builds(
    Plan,
    cost_fen=st.integers(0, 10**13),
    life_months=st.integers(1, 600),
    residual_permille=st.integers(0, 1000),
    since=st.dates(date(1990, 1, 1), date(2030, 12, 31)),
)


@given(PLANS, st.dates(date(1980, 1, 1), date(2100, 12, 31)))
@settings(max_examples=80)
def test_it_never_exceeds_the_cost(plan: Plan, day: date) -> None:
    """Nor falls, nor goes below the residual value; written off and net are the cost."""
    assert 0 <= plan.accumulated_fen(day) <= plan.depreciable_fen <= plan.cost_fen
    assert plan.accumulated_fen(day) + plan.net_fen(day) == plan.cost_fen
    assert plan.net_fen(day) >= plan.residual_fen
    later = date(day.year + 1, day.month, 1)
    assert plan.accumulated_fen(later) >= plan.accumulated_fen(day)


@given(PLANS)
@settings(max_examples=40)
def test_months_and_years_add_up(plan: Plan) -> None:
    """To exactly what is written off in the whole life."""
    years = plan.by_year()
    assert sum(off for _, off, _ in years) == plan.depreciable_fen
    assert years[-1][2] == plan.residual_fen
    months = [plan.of_month(plan.since.year, month) for month in range(1, 13)]
    assert sum(months) == years[0][1]
    assert all(each >= 0 for each in months)


def test_the_straight_line_by_hand() -> None:
    """120 000 yuan over ten years with 5 % left: 950 yuan a month (120000 × 0.95 / 120)."""
    plan = Plan(120_000_00, 120, 50, date(2024, 1, 10))
    assert {plan.of_month(2024, month) for month in range(2, 13)} == {950_00}
    assert plan.of_month(2024, 1) == 0
    assert plan.net_fen(date(2034, 1, 31)) == 6_000_00
