"""Policy files: what is read, and what is said of twenty-eight common mistakes."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.policy.policies import HOUSEHOLD, household

from longmai.kernel.errors import InvalidMany
from longmai.rules.policy.keys import SECTIONS
from longmai.rules.policy.reading import read_policy, try_policy

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))


@pytest.mark.parametrize("file", MISTAKES, ids=lambda file: file.stem)
def test_a_common_mistake_is_told_with_line_and_mend(file: Path) -> None:
    """The first line of each file says: code @ line: what the mend must say."""
    text = file.read_text(encoding="utf-8")
    code, _, rest = text.splitlines()[0].removeprefix("# ").partition(" @ ")
    line, _, mend = rest.partition(": ")
    _, findings = try_policy(text, file.name)
    assert len(findings) == 1, [str(each) for each in findings]
    found = findings[0]
    assert (found.code, found.spot.line) == (f"policy.{code}", int(line))
    assert mend in found.told("what", "zh") + found.told("mend", "zh")
    assert found.told("what", "en")
    assert str(found).startswith(f"{file.name} line {line}")
    with pytest.raises(InvalidMany):
        read_policy(text)


def test_there_are_more_than_twenty_mistakes_and_each_is_another() -> None:
    """No two files tell the same thing."""
    heads = {file.read_text(encoding="utf-8").splitlines()[0] for file in MISTAKES}
    assert len(heads) == len(MISTAKES) > 20


def test_a_policy_is_read_with_its_dates_regions_and_members() -> None:
    """What stands in the file is what the policy holds."""
    policy = household()
    assert (policy.id, policy.applies_to, policy.start) == (
        "livelihood.aid",
        "household",
        date(2026, 1, 1),
    )
    assert policy.members_name == "成员"
    assert [each.id for each in policy.rules.values()] == ["c1", "c2", "c2.1", "c2.2", "x1"]
    assert policy.holds_in("990102")
    assert not policy.holds_in("98")


def test_the_nearest_region_counts_and_dates_are_inclusive() -> None:
    """A prefecture's own value comes before the province's, on the first and the last day."""
    standard = household().parameters["标准"]
    found = [
        standard.at(day, region)
        for day, region in (
            (date(2026, 6, 30), "9902"),
            (date(2026, 7, 1), "9902"),
            (date(2026, 7, 1), "990101"),
            (date(2025, 12, 31), "9902"),
        )
    ]
    assert [None if row is None else str(row.value) for row in found] == ["500", "600", "550", None]


def test_english_keys_mean_the_same() -> None:
    """A file may have its keys in English, one by one."""
    text = HOUSEHOLD.replace("标题:", "title:").replace("条件:", "conditions:")
    assert read_policy(text).rules.keys() == household().rules.keys()


def test_the_version_changes_with_every_word() -> None:
    """The digest stands for the text: another threshold, another version."""
    one, other = household(), household(("值: 600", "值: 601"))
    assert one.digest != other.digest
    assert one.digest == household().digest


def test_several_mistakes_are_told_at_once_in_order() -> None:
    """One reading finds all."""
    text = HOUSEHOLD.replace("2026-01-01\n", "2026/1/1\n", 1).replace("对象: 家庭", "对象: 家")
    _, findings = try_policy(text)
    assert [each.code for each in findings] == ["policy.choice", "policy.date"]


@given(st.text(max_size=300))
def test_no_text_ends_in_an_error_of_python(text: str) -> None:
    """Whatever is given, a policy or findings come back."""
    policy, findings = try_policy(text)
    assert policy is not None or findings


@given(st.integers(0, len(HOUSEHOLD) - 1), st.sampled_from(list("：，{}[]\"'|>&*!%@`\t\n-0a年")))
def test_no_changed_character_ends_in_an_error_of_python(at: int, sign: str) -> None:
    """A policy with any one character replaced is read, or told what is wrong."""
    policy, findings = try_policy(HOUSEHOLD[:at] + sign + HOUSEHOLD[at + 1 :])
    assert policy is not None or findings
    assert all(each.told("mend", "zh") and each.told("mend", "en") for each in findings)


def test_every_key_has_help_in_both_languages() -> None:
    """The schema, the template and the findings show it."""
    for keys in SECTIONS.values():
        assert all(all(key.help) and key.zh != key.name for key in keys)


@pytest.mark.parametrize("count", [50, 100, 200, 3000, 30_000])
@pytest.mark.parametrize("kind", ["sum", "and", "brackets", "else"])
def test_long_and_deep_rules_end_in_a_finding(kind: str, count: int) -> None:
    """Never in Python's own limit; what is short enough is read."""
    low = "人均收入 < 标准"
    rule = {
        "sum": "+".join(["1"] * count) + f" > 0 and {low}",
        "and": " and ".join([low] * count),
        "brackets": "(" * count + low + ")" * count,
        "else": "if true then true else " * count + low,
    }[kind]
    policy, findings = try_policy(HOUSEHOLD.replace(f"判断: {low}", f"判断: '{rule}'", 1))
    assert (policy is None) == bool(findings)
    assert count > 50 or policy is not None
