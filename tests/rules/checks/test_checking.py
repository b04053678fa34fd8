"""The checks as a whole: brute force on amounts, policies that are right, no solver, no time."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.checks.policies import policy

from longmai.kernel.regions import regions_folder
from longmai.rules.checks import checking
from longmai.rules.checks.checking import check_library, check_policy
from longmai.rules.checks.finding import Severity
from longmai.rules.policy.evaluation import Case, Decision, State, evaluate
from longmai.rules.policy.library import policy_files, read_file
from longmai.rules.policy.model import Policy
from longmai.rules.policy.template import template

_bound = st.integers(0, 6)
_rate = st.sampled_from(("0", "1", "0.5", "1.5", "2"))


def _single(limit: int, start: int, rate: str, floor: int) -> Policy:
    """An amount that falls from a sum by a rate, down to a floor, up to a limit of income."""
    data = "数据:\n  收入: {类型: 数, 单位: 岁}"
    rest = f"""\
条件:
  - {{名称: 收入, 条: 第一条, 判断: 收入 <= {limit}}}
金额: {{算式: 'max({floor}, {start} - {rate} * 收入)', 单位: 元, 条: 第一条}}"""
    made = policy(data, rest)
    # Whole yuan, so that everybody can be tried: the step of a year, the unit of money.
    datum = made.inputs["收入"]
    object.__setattr__(datum, "unit", "元")
    return made


def _paid(decision: Decision) -> int:
    return (decision.amount_fen or 0) if decision.state is State.MET else 0


@given(_bound, _bound, _rate, _bound)
@settings(max_examples=60, deadline=None)
def test_a_loss_above_a_yuan_is_found_where_there_is_one(
    limit: int, start: int, rate: str, floor: int
) -> None:
    """By one cent or by one yuan: trying every cent shows the same."""
    made = _single(limit, start, rate, floor)
    paid = [
        _paid(evaluate(made, Case(made.start, "", {"收入": Decimal(cents) / 100})))
        for cents in range(1000)
    ]
    cliff = any(one - other > 100 for one, other in pairwise(paid))
    # Two yuan of the same loss on which it is due all along; what ends at the limit is a cliff.
    due = paid[: limit * 100 + 1]
    steep = any(
        one - two > 100 and one - two == two - three
        for one, two, three in zip(due, due[100:], due[200:], strict=False)
    )
    codes = {each.code for each in check_policy(made)}
    assert ("cliff" in codes) is cliff
    if steep:
        assert "marginal" in codes
    if "marginal" in codes:
        assert any(one - other > 100 for one, other in zip(paid, paid[100:], strict=False))


def test_the_policies_we_ship_have_no_errors() -> None:
    """And the template of a new one has nothing at all."""
    domains = Path(checking.__file__).parents[2] / "domains"
    folders = [*regions_folder().glob("*/policies"), *domains.glob("*/policies")]
    found = check_library([read_file(each) for each in policy_files(folders)])
    assert [each for each in found if each.severity is Severity.ERROR] == []


def test_the_template_has_no_findings(tmp_path: Path) -> None:
    """What one starts from is in order."""
    file = tmp_path / "new.yaml"
    file.write_text(template("livelihood.new", "新", date(2026, 1, 1), "livelihood"), "utf-8")
    assert check_policy(read_file(file)) == ()


def test_without_the_solver_the_rest_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is said what is missing, and how to get it."""
    monkeypatch.setattr(checking, "is_available", lambda: False)
    [found] = check_library([_single(3, 3, "1", 0)])
    assert found.code == "no-solver"
    assert "longmai[check]" in found.told("mend", "en")


def test_when_the_time_is_up_it_is_told() -> None:
    """Not kept silent, and no error."""
    found = check_policy(_single(3, 3, "1", 0), seconds=-1)
    assert [each.code for each in found] == ["out-of-time"]
