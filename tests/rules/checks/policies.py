"""Small policies for the checks, with a table or a condition of the test's own."""

from collections.abc import Sequence
from pathlib import Path

from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy

FAULTY = Path(__file__).parent / "faulty"
_HEAD = """\
标题: 试验
编号: test.checks
版本: "1"
领域: livelihood
对象: {unit}
发文机关: 某县
状态: 示例
地区: 全国
施行: 2026-01-01
来源:
  办法: {{名称: 办法, 可信度: 未核}}
条文:
  第一条: 试验。
{data}
{rest}
示例: []
"""


def policy(data: str, rest: str, unit: str = "个人") -> Policy:
    """Return a policy of some data and rules."""
    return read_policy(_HEAD.format(unit=unit, data=data, rest=rest), "test.yaml")


def with_table(
    hit: str, columns: Sequence[str], rows: Sequence[tuple[Sequence[str], str]]
) -> Policy:
    """Return a policy whose amount is a table over whole numbers.

    Args:
        hit: hit policy, a letter.
        columns: names of data.
        rows: cells and conclusion.
    """
    data = "数据:\n" + "".join(f"  {name}: {{类型: 数, 单位: 岁}}\n" for name in columns)
    lines = [f"| {hit} | {' | '.join(columns)} || 补助 (number) |"]
    lines.append("|---|" + "---|" * len(columns) + "|---|")
    for number, (cells, value) in enumerate(rows, start=1):
        lines.append(f"| {number} | {' | '.join(cells)} || {value} |")
    grid = "\n".join(f"      {line}" for line in lines)
    used = " and ".join(f"{name} >= 0" for name in columns)
    rest = f"""\
计算:
  补助:
    单位: 元
    条: 第一条
    表: |
{grid}
条件:
  - {{名称: 有数据, 条: 第一条, 判断: {used}}}
金额: {{算式: 补助, 单位: 元, 条: 第一条}}"""
    return policy(data, rest)
