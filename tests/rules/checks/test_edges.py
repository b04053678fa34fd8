"""Cases at the edges: on both sides of every threshold, ready to paste, and what examples hold."""

from datetime import date
from decimal import Decimal

import pytest
from tests.rules.checks.policies import with_table
from tests.rules.policy.policies import household

from longmai.rules.checks import solver
from longmai.rules.checks.boundaries import boundaries_of
from longmai.rules.checks.edits import edits_of
from longmai.rules.checks.pinning import pins_of
from longmai.rules.checks.writing import examples_block
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy
from longmai.rules.policy.template import template


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question ends after so much work, as ever, and not after so much time of a busy machine."""
    monkeypatch.setattr(solver, "QUERY_MS", 60_000)


@pytest.fixture
def allowance() -> Policy:
    """The template: an age, a registration, an exclusion, an amount."""
    return read_policy(template("livelihood.new", "新", date(2026, 1, 1), "livelihood"), "new.yaml")


def test_an_age_has_people_a_day_apart(allowance: Policy) -> None:
    """On the birthday met, a day younger not; unknown where the date is missing."""
    found = [each for each in boundaries_of(allowance) if each.place == "达到年龄"]
    by_which = {each.which: each.decision for each in found}
    dates = {which: str(each.case.values["出生日期"]) for which, each in by_which.items()}
    assert dates == {
        "below": "1945-12-31",
        "at": "1946-01-01",
        "above": "1946-01-02",
        "missing": "None",
    }
    states = {which: each.state for which, each in by_which.items()}
    assert states["at"] is State.MET
    assert states["above"] is State.NOT_MET
    assert states["missing"] is State.UNKNOWN


def test_conditions_without_threshold_have_both_sides(allowance: Policy) -> None:
    """Met, not met, unknown."""
    found = [each.which for each in boundaries_of(allowance) if each.place == "本地户籍"]
    assert "not met" in found
    assert "missing" in found


@pytest.mark.parametrize("made", ["template", "household"])
def test_the_block_can_be_pasted_as_it_is(made: str, allowance: Policy) -> None:
    """Below the examples of the file it is read, and comes out as it says."""
    policy = allowance if made == "template" else household()
    found = boundaries_of(policy)
    block = examples_block(policy, found)
    again = read_policy(policy.text.rstrip() + "\n" + block, policy.file)
    assert len(again.examples) == len(policy.examples) + len(found)
    assert all("待确认" in each.note for each in again.examples[len(policy.examples) :])


def test_what_is_confirmed_is_not_offered_again(allowance: Policy) -> None:
    """Cases that are examples already are left out."""
    block = examples_block(allowance, boundaries_of(allowance))
    again = read_policy(allowance.text.rstrip() + "\n" + block, "new.yaml")
    assert boundaries_of(again) == ()


def test_edge_cases_hold_the_thresholds(allowance: Policy) -> None:
    """Before, no example notices an age of 81; with the cases both ways are noticed."""
    before = {each.place: each for each in pins_of(allowance)}
    assert not before["起始年龄"].holds
    assert before["月标准"].holds
    block = examples_block(allowance, boundaries_of(allowance))
    again = read_policy(allowance.text.rstrip() + "\n" + block, "new.yaml")
    after = {each.place: each for each in pins_of(again)}
    assert after["起始年龄"].holds


def test_a_threshold_moved_is_a_policy_of_its_own() -> None:
    """Literals, cells and parameters alike; what is a factor is no threshold."""
    policy = household(
        ('count(成员[残疾等级 in ("一级", "二级")]) > 0', "count(成员[年龄 >= 40]) > 0")
    )
    edits = list(edits_of(policy))
    places = [(each.place, each.value) for each in edits]
    assert ("标准", Decimal(500)) in places
    assert ("有残疾成员", Decimal(40)) in places
    for each in edits:
        assert each.moved(1) != policy
        assert each.moved(0).rules == policy.rules or each.moved(0) == policy


def test_a_table_cell_is_moved() -> None:
    """The text of the cell changes, and nothing else."""
    policy = with_table("U", ["甲"], [(["< 3"], "10"), ([">= 3"], "20")])
    moved = [each.moved(1).steps["补助"].table for each in edits_of(policy) if each.place == "补助"]
    cells = [[rule.tests[0] for rule in table.rules] for table in moved if table is not None]
    assert cells == [["< 4", ">= 3"], ["< 3", ">= 4"]]


def test_words_in_english_and_chinese(allowance: Policy) -> None:
    """Names of examples and of loose thresholds."""
    [first, *_] = boundaries_of(allowance)
    assert "恰好" in first.name("zh") or "差一步" in first.name("zh")
    assert "at" in first.name("en") or "below" in first.name("en")
    loose = [each for each in pins_of(allowance) if not each.holds]
    assert all("no example notices" in each.told("en") for each in loose)
