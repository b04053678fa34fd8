"""Why something is not compiled: each reason has its words in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rules.checks.policies import policy

from longmai.rules.checks.running import check_running
from longmai.rules.columns import refusal
from longmai.rules.columns.refusal import in_words

_RAISED = {"Refused", "NotCompiled", "NotStored"}


def reasons() -> Iterator[str]:
    """Yield the reasons that stand in the code, with {} for what is filled in."""
    for file in sorted(Path(refusal.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _RAISED and node.args:
                match node.args[0]:
                    case ast.Constant(str(text)):
                        yield text
                    case ast.JoinedStr(parts):
                        yield "".join(
                            str(each.value) if isinstance(each, ast.Constant) else "{}"
                            for each in parts
                        )


def test_every_reason_has_chinese_words_and_none_is_left_over() -> None:
    """The list of words is that of the code."""
    assert {row["en"] for row in refusal.rows()} == set(reasons())


@pytest.mark.parametrize("row", refusal.rows(), ids=lambda row: row["en"][:40])
def test_a_reason_is_said_in_both_languages(row: dict[str, str]) -> None:
    """With what the program fills in."""
    said = row["en"].format("a", "b")
    assert in_words(said, "en") == said
    assert in_words(said, "zh") == row["zh"].format("a", "b")


DATA = {"代码": "文本", "收入": "数, 单位: 元", "名单": "文本列表"}
SMALL = "{名称: %s, 条: 第一条, 判断: 'lower case(代码) = \"%s\"'}"


def _rules(*, steps: str = "", conditions: tuple[str, ...], amount: str = "") -> str:
    found = f"计算:\n  {steps}\n" if steps else ""
    found += "条件:\n" + "".join(f"  - {each}\n" for each in conditions)
    return found + (f"金额: {{算式: {amount}, 单位: 元, 条: 第一条}}" if amount else "")


@pytest.mark.parametrize(
    ("rest", "names"),
    [
        (_rules(conditions=("{名称: 甲, 条: 第一条, 判断: 'matches(代码, \"^a\")'}",)), []),
        (
            _rules(conditions=("{名称: 甲, 条: 第一条, 判断: 'list contains(名单, 代码)'}",)),
            ["甲"],
        ),
        (
            _rules(conditions=(SMALL % ("甲", "a"), SMALL % ("乙", "b")), amount="sqrt(收入)"),
            ["甲", "乙", "amount"],
        ),
        (
            _rules(
                steps="丙: {算式: lower case(代码), 条: 第一条}",
                conditions=("{名称: 甲, 条: 第一条, 判断: '丙 = \"a\"'}",),
            ),
            ["丙"],
        ),
    ],
    ids=["compiled", "a list", "several", "a step"],
)
def test_each_clause_that_runs_row_by_row_is_named_once(rest: str, names: list[str]) -> None:
    """Whatever hangs on it is not named again."""
    used = {name: type_ for name, type_ in DATA.items() if name in rest}
    data = "数据:\n" + "\n".join(f"  {name}: {{类型: {type_}}}" for name, type_ in used.items())
    found = list(check_running(policy(data, rest)))
    told = [each.values.get("name", "amount") for each in found]
    assert told == names
    assert all(each.clauses for each in found)
