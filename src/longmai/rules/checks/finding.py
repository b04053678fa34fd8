"""What a check found: where, how bad, the clauses, and somebody to whom it happens.

The words stand in ``findings.toml``, by code, like those of the reader.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from longmai.kernel.money import fen_to_yuan
from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Decision
from longmai.rules.policy.explanation import plain_number
from longmai.rules.policy.findings import Spot
from longmai.rules.policy.keys import STATES, shown
from longmai.rules.policy.literals import as_plain
from longmai.rules.policy.model import Input, Policy

_FILE = Path(__file__).with_name("findings.toml")


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


SEVERITIES: Mapping[Severity, tuple[str, str]] = {
    Severity.ERROR: ("错误", "error"),
    Severity.WARNING: ("提醒", "warning"),
    Severity.ADVICE: ("建议", "advice"),
}
"""What they are called, in Chinese and English."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        code: of ``findings.toml``.
        spot: where.
        policies: ids of those concerned.
        clauses: that it rests on.
        values: that the words name; those of one language end in ``_zh`` or ``_en``.
        examples: cases to whom it happens, as the interpreter judged them.
    """

    code: str
    spot: Spot
    policies: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[Decision, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return Severity(_words()[self.code]["severity"])

    def told(self, part: str, language: str) -> str:
        """Return ``what`` was found, or how to ``mend`` it, in a language."""
        own = {
            name.removesuffix(f"_{language}"): value
            for name, value in self.values.items()
            if name.endswith(f"_{language}")
        }
        return str(_words()[self.code][f"{part}_{language}"]).format(**{**self.values, **own})

    def people(self, language: str) -> Sequence[str]:
        """Return each example in words: the data, and what came of them."""
        many = len({each.policy.digest for each in self.examples}) > 1
        return [
            (f"{_title(each.policy, language)}: " if many else "") + person_in_words(each, language)
            for each in self.examples
        ]


def _title(policy: Policy, language: str) -> str:
    title = policy.en if language == "en" and policy.en else policy.title
    return f"{title} {policy.version}"


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def person_in_words(decision: Decision, language: str) -> str:
    """Return the data of a case that its policy asks for, and what came of it."""
    policy, case = decision.policy, decision.case
    comma, arrow = ("，", " → ") if language == "zh" else (", ", " → ")
    parts = [str(case.day), *([case.region] if case.region else [])]
    for name, value in case.values.items():
        if name in policy.inputs:
            parts.append(_said(policy.inputs[name], value, language))
        elif name == policy.members_name and isinstance(value, list):
            parts += _members(policy, value, language)
    result = shown(STATES, decision.state.value, language)
    if decision.amount_fen is not None and policy.amount is not None:
        result += f" {fen_to_yuan(decision.amount_fen)} {policy.amount.unit}"
    return comma.join(parts) + arrow + result


def _members(policy: Policy, rows: list[Any], language: str) -> Iterator[str]:
    between = "、" if language == "zh" else ", "
    for number, row in enumerate(rows, start=1):
        named = (_said(policy.members[name], row[name], language) for name in policy.members)
        yield f"{policy.members_name} {number}（{between.join(named)}）"


def _said(datum: Input, value: Value, language: str) -> str:
    name = datum.en if language == "en" and datum.en else datum.name
    unit = "" if datum.unit in {"", "无"} else f" {datum.unit}"
    return f"{name} = {value_in_words(value, language)}{unit if value is not None else ''}"


def value_in_words(value: Value, language: str) -> str:
    """Return a value as people write it.

    >>> value_in_words(True, "zh"), value_in_words(Decimal("1.50"), "en")
    ('是', '1.5')
    """
    chinese = language == "zh"
    if value is None:
        return "不详" if chinese else "unknown"
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, list):
        return "[" + ", ".join(value_in_words(each, language) for each in value) + "]"
    return str(as_plain(value))


def spot_of(policy: Policy, name: str, row: int = 0) -> Spot:
    """Return where a step, parameter, condition or section stands in a policy's file.

    Args:
        policy: whose file.
        name: of what is looked for.
        row: of its table, from 1; 0: the thing itself.
    """
    lines = policy.text.splitlines()
    own = rf"[\"']?{re.escape(name)}[\"']?\s*"
    declared = re.compile(rf"^\s*{own}:|(?:名称|name):\s*{own}(?:[,}}]|$)")
    at = next((number for number, line in enumerate(lines, 1) if declared.search(line)), 1)
    if row:
        number = re.compile(rf"^\s*\|\s*{row}\s*\|")
        below = (n for n, line in enumerate(lines[at:], at + 1) if number.search(line))
        at = next(below, at)
    return Spot(policy.file, at, key=name)
