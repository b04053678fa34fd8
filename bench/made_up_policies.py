"""Made-up policy files: five conditions each, some with a household's sum, some with a table."""

import re
from pathlib import Path

from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy

_FILE = """
title: Policy {i}
id: bench.p{i:03}
version: "1"
field: livelihood
applies_to: person
issuer: nobody
status: example
regions: nationwide
from: 2020-01-01
sources: {{made_up: {{title: made up, confidence: recalled}}}}
clauses: {{all: {{text: made up, source: made_up}}}}
inputs:
{inputs}
{members}{steps}conditions:
{conditions}
amount: {{rule: {amount}, unit: yuan, rounding: half even}}
examples:
  - {{name: nothing known, day: 2026-01-01, given: {{age: 1}}, expect: {{state: not met}}}}
"""
_TYPES = {
    "age": "number, unit: none",
    "pay": "number, unit: none",
    "disabled": "boolean",
    "urban": "boolean",
    "status": "string",
    "birth": "date",
    "insured_months": "number, unit: none",
}


def policies(folder: Path, count: int) -> tuple[Policy, ...]:
    """Write and read so many: every tenth with a household sum, every eighth with a table."""
    folder.mkdir()
    for i in range(count):
        (folder / f"p{i:03}.yaml").write_text(_text(i), "utf-8")
    return tuple(Library.load([folder]).policies)


def _text(i: int) -> str:
    texts = [
        f"age >= {40 + i % 30}",
        f"pay < {3000 + 97 * i}.50",
        'status in ("low income", "extreme hardship")' if i % 2 else "not(urban)",
        f'birth <= @"19{60 + i % 25}-06-30"' if i % 3 else "disabled",
        f"insured_months between {12 + i} and {420 - i}",
    ]
    if i % 10 == 1:
        texts[3] = f"sum(members.pay) / household_size < {4000 + i}"
    if i % 10 == 2:
        texts[4] = "count(members[age >= 60]) >= 1"
    amount = f"min(pay * 0.{1 + i % 9}, {200 + i})"
    steps = ""
    if i % 8 == 3:
        steps, amount = f"steps:\n  grant:\n    unit: yuan\n    table: |\n{_table(i)}\n", "grant"
    members = {1: "pay", 2: "age"}.get(i % 10, "")
    own = re.sub(r"members[.\[][^ )]*", "", " ".join([*texts, steps, amount]))
    return _FILE.format(
        i=i,
        inputs="\n".join(_input(name) for name in _TYPES if re.search(rf"\b{name}\b", own)),
        members=f"members:\n{_input(members)}\n" if members else "",
        steps=steps,
        conditions="\n".join(f"  - {{name: c{k}, rule: '{text}'}}" for k, text in enumerate(texts)),
        amount=f"'{amount}'",
    )


def _input(name: str) -> str:
    return f"  {name}: {{type: {_TYPES[name]}}}"


def _table(i: int) -> str:
    lines = ["| F | age | pay || grant |", "|---|---|---||---|"]
    lines += [
        f"| {n} | [{low}..{low + 10}) | < 2000 || {100 + low + i} |"
        for n, low in enumerate(range(0, 110, 10), 1)
    ]
    lines.append("| default | | || 50 |")
    return "\n".join(f"      {line}" for line in lines)
