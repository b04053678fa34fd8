"""Batches: steps in their order, a second person, periods; a second account of the money."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.livelihood.casework.model.case import Act, Case, Deed
from longmai.domains.livelihood.payments.model.batch import (
    NEXT,
    Item,
    Step,
    check_period,
    due_fen,
    sums_of,
    take,
)
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(sorted(Step)), st.sampled_from("abc")), max_size=12))
def test_no_path_reaches_the_bank_without_a_second_person(tried: list[tuple[Step, str]]) -> None:
    """Whatever is tried in whatever order, by whomever."""
    taken: list[tuple[Step, str]] = []
    for step, actor in tried:
        try:
            take(taken, step, actor)
        except LongmaiError:
            continue
        taken.append((step, actor))
    by = dict(reversed(taken))
    if Step.EXPORTED in by:
        assert by[Step.APPROVED] != by[Step.DRAFTED]
        order = [step for step, _ in taken]
        assert order.index(Step.APPROVED) < order.index(Step.EXPORTED)
    if Step.REJECTED in by:
        assert taken[-1][0] is Step.REJECTED


def test_who_made_it_does_not_approve_it() -> None:
    """With words of what to do."""
    with pytest.raises(Forbidden, match="does not approve"):
        take([(Step.DRAFTED, "a")], Step.APPROVED, "a")
    with pytest.raises(Conflict):
        take([(Step.DRAFTED, "a")], Step.EXPORTED, "b")
    assert NEXT[Step.REJECTED] == frozenset()


@settings(max_examples=100)
@given(
    st.lists(
        st.builds(
            Item,
            st.integers(1, 10**9),
            settled=st.booleans(),
            returned=st.booleans(),
            reissued=st.booleans(),
        )
    )
)
def test_every_fen_is_somewhere(items: list[Item]) -> None:
    """Approved is paid, returned or on its way, and never two of them."""
    sums = sums_of(items)
    assert sums.agree
    assert sums.approved == sum(each.amount_fen for each in items)
    assert 0 <= sums.owed <= sums.returned


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("month", "2026-09", "2026"),
        ("month", "2026-12", "2026-13"),
        ("year", "2026", "2026-09"),
        ("once", "once", "2026-09"),
    ],
)
def test_periods(kind: str, good: str, bad: str) -> None:
    """Each amount is paid for periods of its own kind."""
    check_period(kind, good)
    with pytest.raises(Invalid):
        check_period(kind, bad)


def test_what_a_decision_pays() -> None:
    """By month from its first to its last; by year once it begins in it; once from then on."""
    acts = (
        Act(1, Deed.OPENED, "a", {}),
        Act(2, Deed.CONFIRMED, "a", {"amount_fen": 100, "start": "2026-09", "until": "2027-03"}),
    )
    case = Case(acts)
    months = ("2026-08", "2026-09", "2027-03", "2027-04")
    assert [due_fen(case, "month", each, "2026-09") for each in months] == [0, 100, 100, 0]
    years = ("2025", "2026", "2027", "2028")
    assert [due_fen(case, "year", each, "2026-09") for each in years] == [0, 100, 100, 0]
    assert due_fen(case, "once", "once", "2026-08") == 0
    assert due_fen(case, "once", "once", "2026-09") == 100
