"""Before and after: nobody changes by nothing, money is conserved, columns are the interpreter."""

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.policy.policies import household
from tests.rules.simulate.reforms import DAY, people, person_policy, reform, running

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.rules.policy.evaluation import State, case_of, evaluate
from longmai.rules.simulate.applying import apply_reform
from longmai.rules.simulate.comparing import cost_of
from longmai.rules.simulate.judging import judge, judge_by_case, register
from longmai.rules.simulate.population import population_of
from longmai.rules.simulate.searching import Outcome, search
from longmai.store.columns.duckdb import DuckDB

HIGHER = reform(参数=[{"名称": "标准", "值": "620.5"}, {"名称": "比例", "值": "0.45"}])


@pytest.mark.parametrize("of", [None, 10_000])
def test_a_reform_of_nothing_changes_nobody(of: int | None) -> None:
    """Whole or sampled, with values that are not known."""
    population = people(person_policy(), missing=0.1).sampled(of)
    with running(person_policy(), reform(), population) as run:
        found = run.report()
    moved = ("newly", "gone", "gain", "loss", "winners", "losers", "change_fen", "gains_fen")
    assert all(getattr(found.total, name).value == 0 for name in moved)
    assert found.distribution == ()
    assert found.total.unknown.value > 0


@settings(max_examples=15, deadline=None)
@given(
    standard=st.integers(100, 1500),
    share=st.integers(0, 100),
    seed=st.integers(0, 1000),
    of=st.sampled_from([None, 7_777]),
)
def test_money_is_conserved_to_the_fen(
    standard: int, share: int, seed: int, of: int | None
) -> None:
    """After less before is gains less losses, in all, in each county, and the parts add up."""
    change = reform(
        参数=[{"名称": "标准", "值": str(standard)}, {"名称": "比例", "值": f"{share / 100:.2f}"}]
    )
    population = people(person_policy(), 120, seed, missing=0.05).sampled(of)
    with running(person_policy(), change, population) as run:
        found = run.report("类别")
    for line in (found.total, *found.regions, *found.groups):
        moved = line.gains_fen.value - line.losses_fen.value
        assert line.cost_after.value - line.cost_before.value == moved == line.change_fen.value
    if of is None:
        for lines in (found.regions, found.groups):
            assert sum(each.change_fen.value for each in lines) == found.total.change_fen.value
            assert sum(each.people.value for each in lines) == found.total.people.value
        classes = ("newly", "gone", "gain", "loss", "same", "unknown")
        assert sum(getattr(found.total, name).value for name in classes) == population.size


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_columns_are_the_interpreter(seed: int) -> None:
    """Each person's state and amount, where the region differs from row to row."""
    policy = apply_reform(person_policy(), HIGHER)
    population = people(policy, 400, seed, missing=0.1)
    with DuckDB(memory_mb=300) as duck:
        register(population, duck)
        fast = judge(policy, population, DAY, duck)
        slow = judge_by_case(policy, population, DAY, duck)
    assert not fast.refusal
    assert fast.state.to_pylist() == slow.state.to_pylist()
    assert fast.amount_fen.to_pylist() == slow.amount_fen.to_pylist()
    assert len(set(fast.state.to_pylist())) > 1


def test_a_household_is_judged_as_its_case() -> None:
    """A table of members, through the whole way, against the evaluation of plain values."""
    policy = household()
    rows = {
        "户号": ["a", "a", "b", "c"],
        "区划": ["9902", "9902", "9901", "9902"],
        "商品房": ["否", "否", "false", "是"],
        "年龄": ["40", "8", "70", "30"],
        "月收入": ["301", "0", "100.5", ""],
        "残疾等级": ["无", "二级", "一级", "无"],
    }
    population = population_of(policy, pa.table(rows))
    assert population.size == 3
    with running(policy, reform("livelihood.aid"), population) as run:
        found = run.comparison.before
    members = [
        [
            {"年龄": 40, "月收入": 301, "残疾等级": "无"},
            {"年龄": 8, "月收入": 0, "残疾等级": "二级"},
        ],
        [{"年龄": 70, "月收入": "100.5", "残疾等级": "一级"}],
    ]
    for i, (listed, place) in enumerate(zip(members, ("9902", "9901"), strict=True)):
        case = case_of(policy, {"商品房": False, "成员": listed}, DAY, place)
        decided = evaluate(policy, case)
        assert decided.state is State.MET
        assert found.amount_fen[i].as_py() == decided.amount_fen
    assert found.amount_fen[2].as_py() is None


def test_bad_cells_are_told_by_row_and_column() -> None:
    """All at once; the headings are row 1."""
    rows = {"收入": ["1", "many", "3"], "类别": ["甲", "丙", "乙"], "区划": ["9901", "9901", "x"]}
    with pytest.raises(InvalidMany) as caught:
        population_of(person_policy(), pa.table(rows))
    places = {str(each.place) for each in caught.value.findings}
    assert places == {"row 3, column 收入", "row 3, column 类别", "row 4, column 区划"}
    with pytest.raises(Invalid, match="no column"):
        population_of(person_policy(), pa.table({"a": [1]}))
    with pytest.raises(Invalid, match="household"):
        population_of(household(), pa.table({"年龄": [1]}))


def test_typed_columns_are_read_as_they_are() -> None:
    """Decimals and truths of Parquet judge like the same texts of CSV."""
    policy = person_policy()
    texts = {"income": ["300.50", "610"], "owns": ["0", "1"], "kind": ["甲", "乙"]}
    typed = {
        "income": pa.array([Decimal("300.50"), Decimal(610)], pa.decimal128(10, 2)),
        "owns": pa.array([False, True]),
        "kind": pa.array(["甲", "乙"]).dictionary_encode(),
    }
    costs = []
    for columns in (texts, typed):
        population = population_of(policy, pa.table(columns))
        with running(policy, reform(), population) as run:
            costs.append(run.report().total.cost_before.value)
    assert costs == [9975, 9975]


def test_thresholds_are_looked_at_before_and_after() -> None:
    """The bins around a threshold that moved, and the counts near it, are those of the data."""
    policy, population = person_policy(), people(person_policy(), 500)
    with running(policy, HIGHER, population) as run:
        [found] = run.report().crowding
    assert found.limits == ((50000, 55000), (62050, 62050))
    income = population.tables["subject"].column("i0")
    cents = pc.cast(pc.multiply(income, 100), pa.int64()).to_pylist()
    near = found.near[1]
    assert near is not None
    assert near.count.value == sum(near.low <= each - 62050 < near.high for each in cents)
    bins = found.bins[1]
    inside = sum(bins[0].low <= each - 62050 < bins[-1].high for each in cents)
    assert sum(each.count.value for each in bins) == inside > 0


def test_a_group_must_be_there_and_have_few_values() -> None:
    """Else it is said what one can group by."""
    with running(person_policy(), HIGHER, people(person_policy())) as run:
        with pytest.raises(Invalid, match="no such column"):
            run.report("颜色")
        with pytest.raises(Invalid, match="at most"):
            run.report("收入")


def test_the_budget_is_met_within_one_step() -> None:
    """The share that pays for a higher standard; one step to either side is further off."""
    change = reform(参数=[{"名称": "标准", "值": "620"}])
    policy, step = person_policy(), Decimal("0.001")
    with running(policy, change, people(policy, 400)) as run:
        found = run.neutral("比例", step=step)
        assert found.outcome is Outcome.FOUND
        assert found.value is not None
        assert found.cost_fen is not None
        off = abs(found.cost_fen - found.target_fen)
        for other in (found.value - step, found.value + step):
            assert abs(run.cost_at("比例", other) - found.target_fen) >= off
        ends = [run.cost_at("比例", found.value + sign * step) for sign in (-1, 1)]
        assert ends[0] <= found.target_fen <= ends[1]
        before = cost_of(run.comparison.before, run.population.design)
    assert found.target_fen == before


@given(
    steps=st.lists(st.integers(0, 50), min_size=2, max_size=60),
    falls=st.booleans(),
    target=st.integers(-100, 3200),
)
def test_bisection_finds_the_nearest_step(steps: list[int], falls: bool, target: int) -> None:
    """Of any monotone cost, rising or falling; out of reach is said."""
    costs = [sum(steps[: i + 1]) * (-1 if falls else 1) for i in range(len(steps))]
    goal = -target if falls else target
    found = search(
        lambda value: costs[int(value)], goal, Decimal(0), Decimal(len(costs) - 1), Decimal(1)
    )
    if min(costs) <= goal <= max(costs):
        if found.outcome is not Outcome.FOUND:
            pytest.fail(str(found))
        assert abs(goal - found.cost_fen) == min(abs(goal - each) for each in costs)  # type: ignore[operator] # found
    elif len(set(costs)) == 1:
        assert found.outcome is Outcome.FLAT
    else:
        wanted = Outcome.TOO_LOW if goal < min(costs) else Outcome.TOO_HIGH
        assert (found.outcome, found.value) == (wanted, None)


def test_a_cost_that_rises_and_falls_is_said() -> None:
    """With the places that show it."""
    found = search(lambda v: int(v) * (100 - int(v)), 900, Decimal(0), Decimal(100), Decimal(1))
    assert found.outcome is Outcome.NOT_MONOTONE
    assert found.value is None
    with pytest.raises(Invalid, match="no range"):
        search(int, 1, Decimal(5), Decimal(5), Decimal(1))


def test_made_up_people_are_the_same_for_a_seed() -> None:
    """And marked; another seed makes others."""
    one, same, other = (people(household(), 50, seed) for seed in (1, 1, 2))
    assert one.tables["member"].equals(same.tables["member"])
    assert not one.tables["member"].equals(other.tables["member"])
    assert one.made_up
    assert set(one.regions.to_pylist()) <= {"990101", "990102", "990203"}


def test_no_region_means_the_policy_own() -> None:
    """Rows without places are judged where the policy holds."""
    population = people(person_policy(), 200)
    nowhere = replace(population, placed=False)
    with running(person_policy(), reform(), nowhere) as run:
        found = run.report()
    assert found.regions == ()
    assert found.total.met_before.value > 0
