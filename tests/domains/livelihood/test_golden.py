"""Golden cases: families judged by all policies at once, in YAML that anybody can review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.domains.policies import judge, policy, with_values

from longmai.rules.policy.evaluation import State

FILE = Path(__file__).with_name("golden") / "families.yaml"
TOLD: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
_YES = {"是": True, "否": False}
_STATES = {"符合": State.MET, "缺数据": State.UNKNOWN}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _YES.get(value, value) if isinstance(value, str) else value
            for name, value in values.items()}  # fmt: skip


@pytest.mark.parametrize("family", TOLD["家庭"], ids=lambda each: each["名称"])
def test_a_family_by_all_policies(family: Mapping[str, Any]) -> None:
    """Each policy gives what the file says; those it does not name are not met."""
    given = _plain(family["人"])
    members = [_plain(each) for each in family["成员"]]
    for own, values in TOLD["设定"].items():
        found = with_values(policy(own, "2026"), **{k: str(v) for k, v in values.items()})
        asked = {name: given[name] for name in found.inputs if name in given}
        if found.members:
            own_members = [{n: m[n] for n in found.members if n in m} for m in members]
            asked[found.members_name] = own_members
        decision = judge(found, family["日期"], asked, "620102")
        wanted = family["期望"].get(own, "不符合")
        if isinstance(wanted, int):
            assert (decision.state, decision.amount_fen) == (State.MET, wanted * 100), own
        else:
            assert decision.state is _STATES.get(wanted, State.NOT_MET), own


def test_every_policy_has_cases_of_each_kind() -> None:
    """Each has an example that is met (or waits for a person), one that is not, one unknown."""
    for file in sorted(Path("regions/62/policies/livelihood").glob("*.yaml")):
        text = file.read_text("utf-8")
        kinds = ("结果: 不符合", "结果: 缺数据")
        assert all(each in text for each in kinds), file.name
        assert "结果: 符合" in text or "需人工审核" in text, file.name
