"""A made-up table of people with their households' members, as FEEL sees it and as Arrow holds it.

Bounds, nulls, ends of months and characters outside of the first plane are in it on purpose.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.types import (
    Kind,
    Type,
    boolean,
    date,
    date_time,
    days_duration,
    months_duration,
    number,
    string,
    value_of,
)
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.values import Value

MEMBER = {
    "m_age": Given(number(0, 120)),
    "m_pay": Given(number(-100_000, 100_000, scale=2, nullable=False), "m_pay_fen"),
    "m_role": Given(string()),
    "m_disabled": Given(boolean()),
    "m_birth": Given(date(Date(1900, 1, 1), Date(2030, 12, 31))),
}
PERSON: dict[str, Given] = {
    "age": Given(number(0, 120)),
    "size": Given(number(1, 12, nullable=False)),
    "pay": Given(number(-1_000_000, 1_000_000, scale=2), "pay_fen"),
    "rate": Given(number(0, 1, scale=4), is_decimal=True),
    "fund": Given(number(1 - 10**17, 10**17 - 1)),
    "disabled": Given(boolean()),
    "urban": Given(boolean(nullable=False)),
    "status": Given(string()),
    "title": Given(string(nullable=False)),
    "birth": Given(date(Date(1900, 1, 1), Date(2030, 12, 31))),
    "since": Given(date(nullable=False)),
    "seen": Given(date_time()),
    "wait": Given(days_duration(-(10**7), 10**7)),
    "term": Given(months_duration(-600, 600)),
}
SCHEMA = Schema({**PERSON, "members": Rows("member", "home", "home", MEMBER, most=50)})
TEXTS = ("", "a", "ab", "abc", "b", "甲", "甲乙丙", "Z", "é", "𠀀a", "a%_", "null", "it's", "\\")
ROLES = ("head", "child", "a", "甲")
_DAYS = [
    Date(1900, 1, 1),
    Date(1970, 1, 1),
    Date(1969, 12, 31),
    Date(2000, 2, 29),
    Date(2023, 1, 31),
    Date(2024, 2, 29),
    Date(2024, 12, 31),
    Date(2027, 1, 1),
]


def _whole(type_: Type, chance: random.Random) -> int:
    edges = [type_.low, type_.high, 0, 1, -1, 100, 150, 250, 50, 5, 15, 25, 60, 18]
    fitting = [each for each in edges if type_.low <= each <= type_.high]
    if chance.random() < 0.5:
        return chance.choice(fitting)
    span = min(type_.high - type_.low, chance.choice((30, 2000, type_.high - type_.low)))
    low = max(type_.low, -span // 2)
    return chance.randint(low, min(low + span, type_.high))


def _raw(given: Given, chance: random.Random, texts: Sequence[str]) -> Any:
    type_ = given.type
    if type_.nullable and chance.random() < 0.12:
        return None
    match type_.kind:
        case Kind.BOOLEAN:
            return chance.random() < 0.5
        case Kind.STRING:
            return chance.choice(texts)
        case Kind.DATE:
            day = chance.choice(_DAYS).ordinal if chance.random() < 0.5 else _whole(type_, chance)
            return max(type_.low, min(type_.high, day))
    return _whole(type_, chance)


_ARROW: Mapping[Kind, Callable[[Type], pa.DataType]] = {
    Kind.BOOLEAN: lambda _type: pa.bool_(),
    Kind.STRING: lambda _type: pa.string(),
    Kind.DATE: lambda _type: pa.date32(),
    Kind.DATE_TIME: lambda _type: pa.timestamp("us"),
}


def _column(given: Given, raws: Sequence[Any]) -> pa.Array:
    type_ = given.type
    if given.is_decimal:
        found = [None if raw is None else Decimal(raw).scaleb(-type_.scale) for raw in raws]
        return pa.array(found, pa.decimal128(12, type_.scale))
    narrow = pa.int32() if type_.greatest < 2**31 else pa.int64()
    if type_.kind in _ARROW:
        kind = _ARROW[type_.kind](type_)
        plain = pa.int32() if type_.kind is Kind.DATE else pa.int64()
        if type_.kind in {Kind.DATE, Kind.DATE_TIME}:
            return pa.array(raws, plain).cast(kind)
        return pa.array(raws, kind)
    return pa.array(raws, narrow)


def _name(name: str, given: Given) -> str:
    return given.column or name


class People:
    """Rows of people and members.

    Attributes:
        tables: by name, as a database gets them.
        rows: what FEEL sees, row by row.
    """

    def __init__(self, count: int, seed: int) -> None:
        chance = random.Random(seed)
        raws = [
            {name: _raw(each, chance, TEXTS) for name, each in PERSON.items()} for _ in range(count)
        ]
        households = [chance.randrange(count) for _ in range(count)]
        members: list[tuple[int, dict[str, Any]]] = []
        for home in range(0, count, 2):
            for _ in range(chance.choice((0, 1, 1, 2, 5))):
                row = {name: _raw(each, chance, ROLES) for name, each in MEMBER.items()}
                members.append((home, row))
        self.tables = {
            "person": pa.table(
                {"id": pa.array(range(count), pa.int64()), "home": pa.array(households, pa.int64())}
                | {_name(n, g): _column(g, [row[n] for row in raws]) for n, g in PERSON.items()}
            ),
            "member": pa.table(
                {"home": pa.array([home for home, _ in members], pa.int64())}
                | {
                    _name(n, g): _column(g, [row[n] for _, row in members])
                    for n, g in MEMBER.items()
                }
            ),
        }
        of_home: dict[int, list[dict[str, Value]]] = {}
        for home, row in members:
            of_home.setdefault(home, []).append(_values(row, MEMBER))
        self.rows = [
            _values(row, PERSON) | {"members": of_home.get(home, [])}
            for row, home in zip(raws, households, strict=True)
        ]


def _values(row: Mapping[str, Any], fields: Mapping[str, Given]) -> dict[str, Value]:
    return {name: value_of(row[name], given.type) for name, given in fields.items()}
