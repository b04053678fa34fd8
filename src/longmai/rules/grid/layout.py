"""How a decision table lies in a worksheet, and its words in Chinese and English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
Row = Literal["policy", "kind", "head", "type", "values", "default"]

ROWS: Mapping[Row, tuple[str, str]] = {
    "policy": ("命中策略", "hit policy"),
    "kind": ("种类", "kind"),
    "head": ("内容", "what"),
    "type": ("类型", "type"),
    "values": ("取值", "values"),
    "default": ("默认", "default"),
}
"""What column A says in each row above the rules."""
KINDS: Mapping[str, tuple[str, str]] = {
    "input": ("条件", "input"),
    "output": ("结论", "output"),
    "note": ("说明", "note"),
}
RESULT_TYPE = ("结果类型", "result type")
SHEETS = ("决策表", "decision table")
HELP_SHEETS = ("填写说明", "help")
LISTS_SHEET = "lists"
POLICY_NAMES: Mapping[str, tuple[str, str]] = {
    "U": ("唯一", "unique"),
    "F": ("首个", "first"),
    "P": ("优先", "priority"),
    "A": ("相同", "any"),
    "R": ("按规则顺序", "rule order"),
    "O": ("按结论顺序", "output order"),
    "C": ("收集", "collect"),
    "C+": ("求和", "sum"),
    "C<": ("最小", "min"),
    "C>": ("最大", "max"),
    "C#": ("计数", "count"),
}
FIRST_RULE = len(ROWS) + 1
"""The row of the first rule, as the spreadsheet counts."""
SPARE_ROWS = 200
"""Rows below the rules where drop-downs stand ready for new ones."""


@cache
def help_lines() -> Mapping[str, list[str]]:
    """Return the lines of the help sheet by language."""
    return tomllib.loads(Path(__file__).with_name("sheet_help.toml").read_text("utf-8"))
