"""Parameters by day and region over a table: in every database what the interpreter takes."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from tests.rules.checks.policies import policy

from longmai.rules.columns import policies
from longmai.rules.columns.backend import Backend
from longmai.rules.columns.plan import Lookup
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.rule import State
from longmai.rules.columns.schema import Given, Schema
from longmai.rules.columns.sql import select, walked
from longmai.rules.columns.types import number, string
from longmai.rules.policy.evaluation import State as Judged
from longmai.rules.policy.evaluation import case_of, evaluate
from longmai.rules.policy.model import Policy

COUNTIES = [f"99{city:02}{county:02}" for city in (1, 2, 3) for county in range(1, 10)]
DAYS = (date(2026, 3, 1), date(2026, 7, 1), date(2027, 2, 1))
_STATES = {Judged.MET: State.MET, Judged.NOT_MET: State.NOT_MET, Judged.UNKNOWN: State.UNKNOWN}


def _with_values(lines: Sequence[str]) -> Policy:
    values = "\n".join(f"      - {{{each}}}" for each in lines)
    parameters = f"参数:\n  标准:\n    单位: 元\n    条: 第一条\n    值:\n{values}\n"
    rest = (
        f"{parameters}条件:\n  - {{名称: 低, 条: 第一条, 判断: 收入 < 标准}}\n"
        "金额: {算式: 标准 - 收入, 单位: 元, 条: 第一条}"
    )
    return policy("数据:\n  收入: {类型: 数, 单位: 元}", rest)


def many() -> Policy:
    """Return a policy whose parameter changes within the year and has a value for many counties."""
    lines = [
        "自: 2026-01-01, 至: 2026-12-31, 值: 100, 来源: 办法",
        "自: 2027-01-01, 值: 130.5, 来源: 办法",
        '自: 2026-01-01, 地区: "9902", 值: 200, 来源: 办法',
        '自: 2026-01-01, 地区: "9903", 状态: 待核定',
    ]
    for i, county in enumerate(COUNTIES[:-1]):
        known = "状态: 待核定" if i % 5 == 4 else f"值: {150 + i}.5, 来源: 办法"
        lines += [f'自: 2026-01-01, 至: 2026-06-30, 地区: "{county}", {known}']
        if i % 2:
            lines += [f'自: 2026-07-01, 地区: "{county}", 值: {300 + i}, 来源: 办法']
    lines += [f'自: 2026-01-01, 地区: "{COUNTIES[0]}001", 值: 999, 来源: 办法']
    return _with_values(lines)


def rows() -> list[dict[str, Any]]:
    """Return incomes around the values, in places within counties and outside of them."""
    places = [f"{each}{village:03}000" for each in COUNTIES for village in (0, 1)]
    places += ["990100000000", "980101000000", "990201"]
    incomes = [None, *(Decimal(n) / 2 for n in (0, 199, 200, 261, 300, 311, 399, 401, 610, 2000))]
    pairs = [(place, income) for place in places for income in incomes]
    return [{"id": i, "place": p, "income": n} for i, (p, n) in enumerate(pairs)]


def held(backend: Backend, made: Policy, day: date) -> bool:
    """Hold a policy over a table against each case; return whether a parameter was joined."""
    table = rows()
    columns = {"place": pa.string(), "income": pa.decimal128(12, 2)}
    arrays = {name: pa.array([row[name] for row in table], t) for name, t in columns.items()}
    own = {"id": pa.array(range(len(table)), pa.int64()), **arrays}
    backend.register("placed", pa.table(own))
    income = Given(number(0, 10**6, scale=2), '"income"', is_decimal=True)
    place = Given(string(nullable=False), '"place"')
    rule = compile_policy(made, Schema({"收入": income}), day, place)
    query = select(rule.outcome(), "placed", backend.dialect, {"id": "id"}).order_by("id")
    for row, got in zip(table, backend.run(query).to_pylist(), strict=True):
        case = case_of(made, {"收入": row["income"]}, day, row["place"])
        decided = evaluate(made, case)
        assert (got["state"], got["amount_fen"]) == (_STATES[decided.state], decided.amount_fen), (
            row,
            decided.parameters,
        )
    return any(isinstance(each, Lookup) for each in walked([rule.decided]))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_parameter_of_many_places_is_a_join(backend: Backend, day: date) -> None:
    """The nearest region around a row counts, known or not; days within the year are told apart."""
    assert held(backend, many(), day)


def test_a_parameter_of_few_places_is_tried_one_by_one(backend: Backend) -> None:
    """And comes to the same."""
    lines = [
        '自: 2026-01-01, 地区: "99", 值: 100, 来源: 办法',
        '自: 2026-01-01, 地区: "9902", 状态: 待核定',
        '自: 2026-01-01, 地区: "990203", 值: 150, 来源: 办法',
    ]
    assert not held(backend, _with_values(lines), DAYS[0])


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_both_ways_are_the_same(duck: Backend, day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joined, or one by one."""
    monkeypatch.setattr(policies, "LEAST_PLACES", 10**6)
    assert not held(duck, many(), day)
