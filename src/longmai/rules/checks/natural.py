"""What values a datum can naturally have: its smallest step, and whether it goes below zero.

A count or an age is whole, money has cents, a day is a day. So between "up to 59" and "from 60 on"
there is no gap for an age, and there is one for an income. Where the examples of a policy have
finer values, they count: years of business like 1.9.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from longmai.rules.policy.model import Input, Policy

_WHOLE_ZH = "人 岁 周岁 个 项 户 次 天 日 夜 名 件 辆 座 架 只 头 月 年 分 家 间 套 位 孩 批 周"
_WHOLE_EN = "person persons people year years month months day days night nights item items times"
_WHOLE = frozenset(f"{_WHOLE_ZH} {_WHOLE_EN}".split())
_MONEY = {"元": Fraction(1), "yuan": Fraction(1), "万元": Fraction(10_000), "亿元": Fraction(10**8)}
_PERIODS = {"年": 1, "year": 1, "季": 4, "月": 12, "month": 12, "日": 365, "天": 365, "day": 365}
_SIGNED = re.compile(
    "增长|增速|增幅|变动|变化|差额|盈|利润|温度|growth|change|profit|balance", re.IGNORECASE
)
_CENT = Fraction(1, 100)
_FINEST = 4


def unit_step(unit: str) -> Fraction:
    """Return the natural step of a unit.

    >>> unit_step("岁"), unit_step("元/月"), unit_step("%")
    (Fraction(1, 1), Fraction(1, 100), Fraction(1, 100))
    """
    return Fraction(1) if unit.partition("/")[0].strip() in _WHOLE else _CENT


def yuan_of(unit: str) -> Fraction | None:
    """Return how many yuan one of a unit of money is; None for what is no money.

    >>> yuan_of("万元/年"), yuan_of("人")
    (Fraction(10000, 1), None)
    """
    return _MONEY.get(unit.partition("/")[0].strip())


def times_a_year(unit: str) -> int | None:
    """Return how often a year a sum is paid or had; None where the unit does not tell.

    >>> times_a_year("元/月"), times_a_year("元")
    (12, None)
    """
    return _PERIODS.get(unit.partition("/")[2].strip())


def step_of(policy: Policy, each: Input) -> Fraction:
    """Return the smallest step of a datum, or of a member's."""
    return min([unit_step(each.unit), *map(_fineness, _given(policy, each))])


def has_negatives(policy: Policy, each: Input) -> bool:
    """Tell whether a datum may be below zero: growth and profit may, and what an example has so."""
    return _SIGNED.search(each.name) is not None or any(value < 0 for value in _given(policy, each))


def _given(policy: Policy, each: Input) -> Iterable[Decimal]:
    own = policy.inputs.get(each.name) is each
    for example in policy.examples:
        for name, value in example.given.items():
            pairs = [(name, value)] if own else _of_members(value)
            for key, number in pairs:
                if key == each.name and isinstance(number, Decimal):
                    yield number


def _of_members(rows: object) -> list[tuple[str, object]]:
    listed = rows if isinstance(rows, list) else []
    return [pair for row in listed if isinstance(row, dict) for pair in row.items()]


def _fineness(value: Decimal) -> Fraction:
    exponent = value.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Fraction(1, 10 ** min(digits, _FINEST))
