"""Reform files: what they change, what is said of mistakes, and that the whole is a policy."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from tests.rules.policy.policies import household
from tests.rules.simulate.reforms import person_policy, reform

from longmai.kernel.errors import InvalidMany
from longmai.rules.policy.library import Library
from longmai.rules.policy.reading import try_policy
from longmai.rules.simulate.applying import apply_reform
from longmai.rules.simulate.reform import ReformSection, read_reform, schema

ROOT = Path(__file__).parents[3]

AID = "livelihood.aid"
ENGLISH = """\
title: Higher
policy: livelihood.aid
parameters:
  - {name: 标准, value: 650, from: 2026-03-01}
conditions:
  - {of: 收入低, rule: 人均收入 < 标准 * 1.2}
  - {of: c2.2, removed: true}
  - {name: 两人以上, rule: 户人数 >= 2}
exclusions:
  - {of: x1, removed: true}
amount: {rule: 标准}
steps: {两倍: 标准 * 2}
"""


def test_every_part_changes() -> None:
    """Values by day, a condition's rule, one gone, one new, the amount, a new step."""
    found = apply_reform(household(), read_reform(ENGLISH))
    values = [
        (each.start, each.end, each.region, each.value) for each in found.parameters["标准"].values
    ]
    assert values == [
        (date(2026, 1, 1), date(2026, 2, 28), "", Decimal(500)),
        (date(2026, 1, 1), date(2026, 2, 28), "9901", Decimal(550)),
        (date(2026, 3, 1), None, "", Decimal(650)),
    ]
    assert [each.name for each in found.rules.values()] == [
        "收入低",
        "有困难",
        "有残疾成员",
        "两人以上",
    ]
    assert found.rules["c1"].rule is not None
    assert found.rules["c1"].rule.text == "人均收入 < 标准 * 1.2"
    assert found.rules["c1"].en == "low income"
    assert found.exclusions == ()
    assert found.amount is not None
    assert (found.amount.rule.text, found.amount.unit) == ("标准", "元/月")
    assert "两倍" in found.steps


def test_the_whole_is_a_policy_with_a_digest_of_its_own() -> None:
    """Its text reads back as the same policy; examples are not inherited; values are pending."""
    policy = household()
    found = apply_reform(policy, read_reform(ENGLISH))
    again, findings = try_policy(found.text)
    assert again is not None
    assert {each.code for each in findings} <= {"policy.unused"}
    assert again.rules == found.rules
    assert again.parameters == found.parameters
    assert found.digest == again.digest != policy.digest
    assert found.examples == ()
    assert found.status == "example"
    assert not found.parameters["标准"].values[-1].confirmed


def test_a_place_changes_alone() -> None:
    """A value for a region leaves the others as they are."""
    change = reform(参数=[{"名称": "标准", "地区": "9901", "值": "700"}])
    found = apply_reform(person_policy(), change).parameters["标准"]
    assert [found.at(date(2026, 3, 1), place) and found.at(date(2026, 3, 1), place).value  # type: ignore[union-attr] # looked at before
            for place in ("990101", "990203")] == [Decimal(700), Decimal(500)]  # fmt: skip


def test_what_is_assumed_stands_on_both_sides() -> None:
    """The policy before has the assumed values, and no other change."""
    change = reform(假设=[{"名称": "比例", "值": "0.4"}], 参数=[{"名称": "标准", "值": "600"}])
    before = apply_reform(person_policy(), change, assumed_only=True)
    assert before.parameters["比例"].values[0].value == Decimal("0.4")
    assert before.parameters["标准"] == person_policy().parameters["标准"]


MISTAKES = {
    "unknown parameter": ("参数: [{名称: 标谁, 值: 3}]", "policy.reform-unknown", 3),
    "wrong kind": ("参数:\n  - {名称: 标准, 值: 三}", "policy.value-kind", 4),
    "unknown condition": ("条件: [{原: c9, 判断: true}]", "policy.reform-unknown", 3),
    "unknown name": ("条件:\n  - {原: c1, 判断: 人均 < 1}", "policy.name-unknown", 4),
    "bad FEEL": ("金额: {算式: 标准 ≥ 3}", "policy.sign", 3),
    "removed and changed": ("条件: [{原: c1, 删除: 是, 判断: true}]", "policy.reform-removed", 3),
    "mistyped key": ("参数名: []", "policy.key-unknown", 3),
    "bad date": ("参数: [{名称: 标准, 值: 3, 自: 2026/1/1}]", "policy.date", 3),
    "nothing to add": ("条件: [{条: 第二条, 判断: true}]", "policy.key-missing", 3),
    "bad flag": ("条件: [{原: c1, 删除: 也许}]", "policy.value-kind", 3),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_at_its_line_of_the_reform(name: str) -> None:
    """With its key and its mend, like in a policy file."""
    text, code, line = MISTAKES[name]
    with pytest.raises(InvalidMany) as caught:
        apply_reform(household(), read_reform(f"标题: 试\n政策: {AID}\n{text}", "reform.yaml"))
    found = caught.value.findings[0]
    assert found.code == code
    assert str(found.place).startswith(f"reform.yaml line {line}")
    assert found.mend


def test_a_reform_of_another_policy_is_refused() -> None:
    """By id and by version."""
    for text in ("政策: a.b", f'政策: {AID}\n版本: "1999"'):
        with pytest.raises(InvalidMany, match="1 findings"):
            apply_reform(household(), read_reform(f"标题: 试\n{text}"))


def test_what_is_left_behind_is_told_in_the_policy() -> None:
    """A clash in the policy's own lines names the policy's file."""
    with pytest.raises(InvalidMany) as caught:
        apply_reform(
            household(), read_reform(f"标题: 试\n政策: {AID}\n计算: {{人均收入: '\"a\"'}}")
        )
    assert "aid.yaml" in str(caught.value.findings[0].place)


def test_the_schema_takes_what_the_reader_takes() -> None:
    """In either language."""
    validator = jsonschema_rs.validator_for(schema())
    assert validator.is_valid(json.loads(json.dumps(yaml.safe_load(ENGLISH), default=str)))
    assert not validator.is_valid({"标题": "试"})


@pytest.mark.parametrize("ending", ["md", "zh.md"])
def test_the_page_describes_every_key_and_its_example_applies(ending: str) -> None:
    """The how-to names each key in both languages; its reform fits the policy that ships."""
    page = (ROOT / f"docs/how-to/what-if.{ending}").read_text("utf-8")
    for key in ReformSection.keys["reform"]:
        assert f"| `{key.zh}` | `{key.name}` |" in page
    shown = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    change = read_reform(shown[1])
    [policy] = [
        policy for policy in Library.load([ROOT / "regions"]).policies if policy.id == change.policy
    ]
    found = apply_reform(policy, change)
    assert [each.name for each in found.conditions] == ["年龄", "中度以上失能", "费用不低于一百"]
