"""Reforms and populations for tests, around the small policy of ``tests.rules.policy``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy
from longmai.rules.simulate.population import Population
from longmai.rules.simulate.reform import Reform, read_reform, write_reform
from longmai.rules.simulate.sample import Recipe, Share, Spread, sample_population
from longmai.rules.simulate.simulation import Simulation
from longmai.store.columns.duckdb import DuckDB

DAY = date(2026, 3, 1)
PERSON = """\
标题: 补贴
编号: livelihood.grant
版本: "2026"
领域: livelihood
对象: 个人
发文机关: 某县
状态: 示例
地区: "99"
施行: 2026-01-01
来源:
  办法: {名称: 办法, 可信度: 未核}
条文:
  第一条: 收入低于标准的，每月补差额的一半；有房的不补。
数据:
  收入: {类型: 数, 单位: 元/月, 英文: income}
  有房: {类型: 是否, 英文: owns}
  类别: {类型: 文本, 可选: [甲, 乙], 英文: kind}
参数:
  标准:
    单位: 元/月
    条: 第一条
    值:
      - {自: 2026-01-01, 值: 500, 来源: 办法}
      - {自: 2026-01-01, 地区: "9901", 值: 550, 来源: 办法}
  比例:
    单位: 无
    条: 第一条
    值:
      - {自: 2026-01-01, 值: 0.5, 来源: 办法}
条件:
  - {名称: 收入低, 条: 第一条, 判断: 收入 < 标准}
  - {名称: 类别, 判断: '类别 in ("甲", "乙")'}
排除:
  - {名称: 有房, 条: 第一条, 判断: 有房}
金额: {算式: (标准 - 收入) * 比例, 单位: 元/月, 条: 第一条}
示例:
  - 名称: 甲
    日期: 2026-03-01
    地区: "9902"
    给定: {收入: 300, 有房: 否, 类别: 甲}
    期望: {结果: 符合, 金额: 100}
"""
MARGINALS: Mapping[str, Any] = {"收入": Spread(500.0), "月收入": Spread(450.0), "有房": Share(0.2)}
PLACES = {"990101": 1.0, "990102": 2.0, "990203": 3.0}


def person_policy() -> Policy:
    """Return a policy of single people, which runs as columns."""
    return read_policy(PERSON, "grant.yaml")


def reform(policy: str = "livelihood.grant", **parts: Any) -> Reform:
    """Return a reform of parts by their Chinese keys."""
    return read_reform(write_reform({"标题": "试", "政策": policy, **parts}), "reform.yaml")


def people(policy: Policy, count: int = 300, seed: int = 1, missing: float = 0.0) -> Population:
    """Return made-up people of a policy."""
    recipe = Recipe(count, seed, missing=missing, marginals=MARGINALS, places=PLACES)
    return sample_population(policy, recipe, DAY)


@contextmanager
def running(policy: Policy, change: Reform, population: Population) -> Iterator[Simulation]:
    """Run a what-if in a database of its own."""
    with DuckDB(memory_mb=300) as duck:
        yield Simulation(policy, change, population, DAY, duck)
