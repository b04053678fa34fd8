"""Tables: on small ones the checks find just what trying every person finds."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.checks.policies import with_table

from longmai.rules.checks.boxes import boxes_of
from longmai.rules.checks.checking import check_policy
from longmai.rules.checks.eras import eras_of
from longmai.rules.checks.finding import Finding
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.policy.evaluation import Case, State, evaluate
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy
from longmai.rules.policy.tables import rows_of

TOP = 5
"""Thresholds are at most this: what is larger is like one more than it."""
_bound = st.integers(0, TOP)
_cell = st.one_of(
    st.just("-"),
    st.builds("{} {}".format, st.sampled_from(("<", "<=", ">", ">=")), _bound),
    st.builds(
        lambda open_, low, high, close: f"{open_}{low}..{high}{close}",
        st.sampled_from("[("),
        _bound,
        _bound,
        st.sampled_from("])"),
    ),
    st.builds(str, _bound),
    st.builds("not({})".format, _bound),
)
Rows = Sequence[tuple[Sequence[str], str]]


@st.composite
def _tables(draw: st.DrawFn) -> tuple[str, Sequence[str], Rows]:
    columns = ["甲", "乙"][: draw(st.integers(1, 2))]
    row = st.tuples(st.tuples(*[_cell] * len(columns)), st.sampled_from(("10", "20")))
    return draw(st.sampled_from("UFA")), columns, draw(st.lists(row, min_size=1, max_size=4))


class _Tried:
    """What trying every person shows of a table."""

    def __init__(self, policy: Policy, columns: Sequence[str]) -> None:
        step = policy.steps["补助"]
        assert step.table is not None
        self.hit = step.table.hit_policy
        self.rows = rows_of(step.table)
        self.matching = [
            self._of(columns, each) for each in product(range(TOP + 2), repeat=len(columns))
        ]

    def _of(self, columns: Sequence[str], values: Sequence[int]) -> list[int]:
        env = Environment(
            {name: Decimal(value) for name, value in zip(columns, values, strict=True)}
        )
        return [n for n, (row, _) in enumerate(self.rows) if compile_node(row)(env) is True]

    def gap(self) -> bool:
        return any(not each for each in self.matching)

    def overlaps(self) -> set[tuple[int, int]]:
        if self.hit == "FIRST":
            return set()
        pairs = {pair for each in self.matching for pair in combinations(each, 2)}
        if self.hit == "ANY":
            return {(a, b) for a, b in pairs if self.rows[a][1] != self.rows[b][1]}
        return pairs

    def never(self) -> set[int]:
        first = self.hit == "FIRST"
        counted = {n for each in self.matching for n in (each[:1] if first else each)}
        return set(range(len(self.rows))) - counted


@given(_tables())
@settings(max_examples=150, deadline=None)
def test_the_checks_find_what_trying_everybody_finds(
    table: tuple[str, Sequence[str], Rows],
) -> None:
    """No gap, overlap or unreachable row is missed, and none is made up."""
    policy = with_table(*table)
    tried = _Tried(policy, table[1])
    found = check_policy(policy)
    by_code = {code: [each for each in found if each.code == code] for code in _CODES}
    assert bool(by_code["rows-gap"]) is tried.gap()
    pairs = {
        (each.values["row"] - 1, each.values["other"] - 1)
        for each in (*by_code["rows-overlap"], *by_code["rows-differ"])
    }
    assert pairs <= tried.overlaps()
    assert len(pairs) == min(len(tried.overlaps()), 5)
    never = {e.values["row"] - 1 for e in (*by_code["row-never"], *by_code["row-covered"])}
    assert never == tried.never()
    for each in found:
        _is_confirmed(each)


_CODES = ("rows-gap", "rows-overlap", "rows-differ", "row-never", "row-covered")


def _is_confirmed(found: Finding) -> None:
    for each in found.examples:
        assert evaluate(each.policy, each.case) == each
    if found.code in {"rows-gap", "rows-overlap", "rows-differ"}:
        [example] = found.examples
        assert example.values["补助"] is None
        assert example.state is not State.NOT_MET


@given(_tables())
@settings(max_examples=100, deadline=None)
def test_boxes_alone_agree_with_trying_everybody(table: tuple[str, Sequence[str], Rows]) -> None:
    """Over data of their own the boxes are exact: gaps, overlaps, rows left over."""
    policy = with_table(*table)
    tried = _Tried(policy, table[1])
    step = policy.steps["补助"]
    assert step.table is not None
    boxes = boxes_of(step.table, policy, eras_of(policy)[0])
    assert boxes is not None
    assert boxes.is_exact
    assert boxes.has_gap is tried.gap()
    whole = {pair for each in tried.matching for pair in combinations(each, 2)}
    pairs = combinations(range(len(tried.rows)), 2)
    assert {pair for pair in pairs if boxes.overlap(*pair)} == whole
    for number in range(len(tried.rows)):
        before = range(number) if tried.hit == "FIRST" else ()
        assert boxes.counts(number, before) is (number not in tried.never())


@pytest.mark.parametrize(
    ("step", "gap"), [("岁", False), ("元", True)], ids=["whole years", "cents"]
)
def test_a_gap_hangs_on_the_natural_step(step: str, *, gap: bool) -> None:
    """Between "up to 59" and "from 60 on" there is nobody by age, and somebody by income."""
    made = with_table("U", ["甲"], [(["<= 59"], "0"), ([">= 60"], "10")])
    text = made.text.replace("单位: 岁", f"单位: {step}")
    found = [each.code for each in check_policy(read_policy(text, "t"))]
    assert ("rows-gap" in found) is gap


def test_whom_a_condition_refuses_needs_no_row() -> None:
    """A table from 60 on has no gap below, where the condition asks for 60."""
    made = with_table("U", ["甲"], [(["[60..80)"], "10"), ([">= 80"], "20")])
    assert "rows-gap" in [each.code for each in check_policy(made)]
    asked = read_policy(made.text.replace("判断: 甲 >= 0", "判断: 甲 >= 60"), "t")
    assert "rows-gap" not in [each.code for each in check_policy(asked)]


def test_a_day_of_a_case_is_what_the_example_has() -> None:
    """An example is a case of the era it was found in."""
    made = with_table("U", ["甲"], [(["< 3"], "10")])
    [found] = [each for each in check_policy(made) if each.code == "rows-gap"]
    [example] = found.examples
    assert example.case == Case(date(2026, 1, 1), "", {"甲": Decimal(3)}, {})
