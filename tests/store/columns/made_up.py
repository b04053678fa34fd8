"""Made-up people for policies: every datum that they ask for, with unknowns and thresholds."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.rules.policy.model import Input, Policy

OUTSIDE = "990202000000"
_ARROW = {
    "number": pa.decimal128(18, 2),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def asked(policies: Sequence[Policy]) -> tuple[dict[str, Input], dict[str, Input]]:
    """Return all data that policies ask for, of a person and of a member."""
    people: dict[str, Input] = {}
    members: dict[str, Input] = {}
    for policy in policies:
        people |= policy.inputs
        members |= policy.members
    return people, members


def _near(policies: Sequence[Policy]) -> list[Decimal]:
    values = [v.value for p in policies for each in p.parameters.values() for v in each.values]
    return [each for each in values if isinstance(each, Decimal)] or [Decimal(60)]


def _drawn(given: Input, chance: random.Random, near: Sequence[Decimal]) -> Any:
    if chance.random() < 0.08:
        return None
    if given.values:
        return chance.choice(given.values)
    match given.type:
        case "number":
            step = chance.choice([Decimal("0.01"), Decimal(0), Decimal(-1), Decimal(50)])
            return abs(chance.choice(near) + step).quantize(Decimal("0.01"))
        case "boolean":
            return chance.random() < 0.7
        case "date":
            return date.fromordinal(date(2026, 6, 1).toordinal() - chance.randrange(33_000))
    return chance.choice(("a", "是", ""))


def _table(rows: Sequence[Mapping[str, Any]], inputs: Mapping[str, Input]) -> dict[str, pa.Array]:
    return {
        name: pa.array([row[name] for row in rows], _ARROW[each.type])
        for name, each in inputs.items()
        if each.type in _ARROW
    }


def regions_of(policies: Sequence[Policy]) -> tuple[str, ...]:
    """Return codes: two of one county and one of another, where policies apply, and one outside."""
    inside = next((each for policy in policies for each in policy.regions if each), "98")[:2]
    return (f"{inside}0102000000", f"{inside}0102001000", f"{inside}0103000000", OUTSIDE)


def write_people(folder: Path, policies: Sequence[Policy], count: int, seed: int = 1) -> Path:
    """Write ``people.parquet`` and ``members.parquet``; return the folder."""
    chance, near = random.Random(seed), _near(policies)
    inputs, members = asked(policies)
    rows = [
        {name: _drawn(each, chance, near) for name, each in inputs.items()} for _ in range(count)
    ]
    codes = regions_of(policies)
    keys = [10_000 + 7 * i for i in range(count)]
    own = {"id": keys, "region": [codes[i % len(codes)] for i in range(count)]}
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(own | _table(rows, inputs)), folder / "people.parquet")
    owners = [key for key in keys for _ in range(chance.choice((0, 1, 2, 4)))]
    rows = [{name: _drawn(each, chance, near) for name, each in members.items()} for _ in owners]
    pq.write_table(
        pa.table({"id": pa.array(owners, pa.int64())} | _table(rows, members)),
        folder / "members.parquet",
    )
    return folder
