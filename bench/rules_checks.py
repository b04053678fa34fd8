"""The checks of rules over two hundred policies, each by itself and all pairs.

Run as ``python -m bench.rules_checks``. The policies are made up, the same for a seed: a table of
two columns, an age from a date, a condition on income, a household in a third of them, and every
policy excludes every other, so that all pairs are looked at. Some have faults: gaps, overlaps and
cliffs. Prints the seconds of each part, of the processor, so that what else runs on the machine
counts little, and what was found.
"""

import argparse
import platform
import random
import time
from collections import Counter

from longmai.rules.checks.checking import check_library, check_policy
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy

_TEXT = """\
标题: 补助 {n}
编号: bench.p{n}
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
数据:
  出生日期: {{类型: 日期}}
  类别: {{类型: 文本, 可选: [甲, 乙, 丙]}}
  本地户籍: {{类型: 是否}}
{data}
参数:
  收入上限:
    单位: 元/月
    条: 第一条
    值:
      - {{自: 2026-01-01, 值: {limit}, 来源: 办法}}
计算:
  年龄: {{算式: 'years and months duration(出生日期, today()).years', 单位: 岁}}
{income}
  月标准:
    单位: 元/月
    条: 第一条
    表: |
      | U | 年龄 | 类别 || 月标准 (number) |
      |---|------|------||-----------------|
      | 1 | < {young} | - || 50 |
      | 2 | [{young}..{old}) | "甲" || 100 |
      | 3 | [{young}..{old}) | "乙", "丙" || 120 |
      | 4 | {last} | - || 200 |
条件:
  - {{名称: 年龄, 条: 第一条, 判断: 年龄 >= {least}}}
  - {{名称: 收入, 条: 第一条, 判断: 收入 <= 收入上限}}
  - {{名称: 户籍, 条: 第一条, 判断: 本地户籍}}
排除:
  - {{名称: 丙类过老, 条: 第一条, 判断: '类别 = "丙" and 年龄 >= {never}'}}
金额: {{算式: '{amount}', 单位: 元/月, 条: 第一条}}
叠加: {{不得同享: [{others}], 择一: 从高, 条: 第一条}}
示例:
  - {{名称: 例, 日期: 2026-05-01, 给定: {{}}, 期望: {{结果: 缺数据}}}}
"""


def policies(count: int, seed: int = 0) -> list[Policy]:
    """Return made-up policies, each excluding all others."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    return [read_policy(_text(number, count, draw)) for number in range(count)]


def _text(number: int, count: int, draw: random.Random) -> str:
    young, old = draw.randint(50, 65), draw.randint(70, 85)
    household = number % 3 == 0
    members = "成员:\n  月收入: {类型: 数, 单位: 元/月}"
    income = "  收入: {算式: sum(成员.月收入) / 户人数, 单位: 元/月}"
    return _TEXT.format(
        n=number,
        unit="家庭" if household else "个人",
        data=members if household else "  收入: {类型: 数, 单位: 元/月}",
        income=income if household else "",
        limit=draw.randrange(500, 3000, 50),
        young=young,
        old=old,
        last=draw.choice((f">= {old}", f"> {old}", f">= {old - 1}")),
        least=draw.randint(0, 60),
        never=draw.randint(90, 120),
        amount=draw.choice(
            ("月标准", "max(0, 月标准 - 收入 / 10)", "max(0, 月标准 * 3 - 收入 * 2)")
        ),
        others=", ".join(f"bench.p{other}" for other in range(count) if other != number),
    )


def main() -> None:
    """Check them, and print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=200)
    count: int = parser.parse_args().policies
    started = time.process_time()
    made = policies(count)
    read = time.process_time() - started
    started = time.process_time()
    for each in made:
        check_policy(each)
    single = time.process_time() - started
    started = time.process_time()
    found = check_library(made)
    whole = time.process_time() - started
    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(f"{count} policies read in {read:.1f} s")
    print(f"each by itself: {single:.1f} s, {1000 * single / count:.0f} ms a policy")
    print(f"with all {count * (count - 1) // 2} pairs: {whole:.1f} s")
    for code, number in sorted(Counter(each.code for each in found).items()):
        print(f"  {code}: {number}")


if __name__ == "__main__":
    main()
