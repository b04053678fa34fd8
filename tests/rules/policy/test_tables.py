"""Decision tables in policies: as a grid, as a DMN file; unknown stays unknown in them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import NotFound
from longmai.rules.dmn.model import Decision, DecisionTable, Input, Model, Output, Rule, Variable
from longmai.rules.dmn.writing import write_model
from longmai.rules.policy.evaluation import State, case_of, evaluate
from longmai.rules.policy.explanation import explain
from longmai.rules.policy.library import read_file
from longmai.rules.policy.reading import read_policy, try_policy

HEAD = """\
标题: 阶梯补助
编号: livelihood.steps
版本: "1"
领域: livelihood
对象: 个人
发文机关: 某县
状态: 示例
地区: 全国
施行: 2026-01-01
来源:
  办法: {名称: 办法, 可信度: 未核}
条文:
  第一条: 按收入分档补助。
数据:
  月收入: {类型: 数, 单位: 元}
  类别: {类型: 文本, 可选: [甲, 乙]}
计算:
  月补助:
    单位: 元/月
"""
GRID = """\
    表: |
      | U | 月收入      | 类别   || 月补助 (number) |
      |---|-------------|--------||-----------------|
      | 1 | < 3000      | "甲"   || 800             |
      | 2 | < 3000      | "乙"   || 600             |
      | 3 | [3000..5000)| -      || 300             |
      | 4 | >= 5000     | -      || 0               |
"""
DMN = """\
    DMN: steps.dmn
    决策: 月补助
"""
TAIL = """\
条件:
  - {名称: 有补助, 条: 第一条, 判断: 月补助 > 0}
金额: {算式: 月补助, 单位: 元/月}
示例:
  - {名称: 甲, 日期: 2026-05-01, 给定: {月收入: 2000, 类别: 甲}, 期望: {结果: 符合, 金额: 800}}
"""
TABLE = DecisionTable(
    inputs=[Input("月收入", "number"), Input("类别", "string")],
    outputs=[Output("月补助", "number")],
    rules=[
        Rule(["< 3000", '"甲"'], ["800"]),
        Rule(["< 3000", '"乙"'], ["600"]),
        Rule(["[3000..5000)", "-"], ["300"]),
        Rule([">= 5000", "-"], ["0"]),
    ],
)
MODEL = Model("steps", "urn:steps", elements=[Decision("d", Variable("月补助"), [], TABLE)])


def beside(name: str) -> bytes:
    """Read the DMN file that stands beside the policy."""
    if name != "steps.dmn":
        raise NotFound("no such file", value=name)
    return write_model(MODEL)


@pytest.fixture(params=["grid", "dmn"], ids=str)
def judged(request: pytest.FixtureRequest) -> Callable[..., tuple[State, int | None]]:
    """Judge by the table, in either form."""
    text = HEAD + (GRID if request.param == "grid" else DMN) + TAIL
    policy = read_policy(text, "steps.yaml", beside)

    def judge(**given_: object) -> tuple[State, int | None]:
        found = evaluate(policy, case_of(policy, given_, date(2026, 5, 1)))
        return found.state, found.amount_fen

    return judge


def test_both_forms_of_a_table_mean_the_same(judged: Callable[..., object]) -> None:
    """Every band, and its ends."""
    assert judged(月收入=2999, 类别="乙") == (State.MET, 60000)
    assert judged(月收入=3000, 类别="乙") == (State.MET, 30000)
    assert judged(月收入=5000, 类别="甲") == (State.NOT_MET, None)


def test_a_row_that_may_match_leaves_the_outcome_unknown(judged: Callable[..., object]) -> None:
    """Unless the datum does not matter for this case."""
    assert judged(月收入=2000) == (State.UNKNOWN, None)
    assert judged(月收入=4000) == (State.MET, 30000)
    assert judged(类别="甲") == (State.UNKNOWN, None)


def test_the_row_that_counted_is_told() -> None:
    """In the explanation of what rests on it."""
    policy = read_policy(HEAD + GRID + TAIL)
    case = case_of(policy, {"月收入": 2000, "类别": "乙"}, date(2026, 5, 1))
    told = explain(evaluate(policy, case)).reasons[0].sentences[0]
    assert told == "月补助为 600 元/月（决策表第 2 行），应超过 0 元/月"


def test_mistakes_in_a_table_are_told_at_their_cell() -> None:
    """Line and column of the file, and the mend, in both languages."""
    _, findings = try_policy(HEAD + GRID.replace('"甲"  ', "甲    ") + TAIL)
    [found] = findings
    assert (found.spot.line, found.spot.column) == (23, 27)
    assert found.told("mend", "zh") == '如果是文字，请放在英文双引号里："甲"'
    assert found.told("mend", "en").startswith("If it is a text")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [("steps.dmn", "other.dmn", "no such file"), ("决策: 月补助", "决策: 年补助", "月补助")],
)
def test_a_dmn_file_that_cannot_be_used_is_told(old: str, new: str, reason: str) -> None:
    """What is missing, and what there is."""
    _, findings = try_policy(HEAD + DMN.replace(old, new) + TAIL, beside=beside)
    assert reason in findings[0].told("what", "zh")


def test_the_version_names_the_file_beside_it(tmp_path: Path) -> None:
    """Another table, another version of the rule; no file outside the folder is read."""
    (tmp_path / "steps.yaml").write_text(HEAD + DMN + TAIL, encoding="utf-8")
    (tmp_path / "steps.dmn").write_bytes(write_model(MODEL))
    first = read_file(tmp_path / "steps.yaml").digest
    changed = write_model(MODEL).replace(b"600", b"650")
    (tmp_path / "steps.dmn").write_bytes(changed)
    assert read_file(tmp_path / "steps.yaml").digest != first
    outside = HEAD + DMN.replace("steps.dmn", "../steps.dmn") + TAIL
    (tmp_path / "steps.yaml").write_text(outside, encoding="utf-8")
    _, findings = try_policy(outside, beside=beside)
    assert findings[0].code == "policy.dmn"


@given(
    st.none() | st.integers(0, 6000),
    st.none() | st.sampled_from(["甲", "乙"]),
    st.sampled_from(["U", "F", "C+"]),
)
def test_policies_of_hits_agree_where_rules_do_not_overlap(
    income: int | None, kind: str | None, hits: str
) -> None:
    """Unique, first and the sum of all come to the same, and to the same unknowns."""
    policy = read_policy(HEAD + GRID.replace("| U |", f"| {hits} |") + TAIL)
    plain = read_policy(HEAD + GRID + TAIL)
    given_ = {"月收入": income, "类别": kind}
    found, expected = (
        evaluate(each, case_of(each, given_, date(2026, 5, 1))) for each in (policy, plain)
    )
    assert (found.state, found.amount_fen) == (expected.state, expected.amount_fen)
