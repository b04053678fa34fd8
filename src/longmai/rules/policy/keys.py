"""The keys of a policy file, in Chinese and English: what the reader takes and the schema says.

One table, ``keys.toml``: a key is added there, and the reader, the JSON Schema, the template's help
and the suggestions for a mistyped key know it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Key:
    """A key of a section.

    Attributes:
        name: in English, as the program calls it.
        zh: in Chinese, as most files have it.
        kind: ``text``, ``date``, ``flag``, ``number``, ``feel``, ``texts`` (a list of texts),
            ``values`` (names and literal values), ``choice``, ``section X``, ``sections X`` (a
            list), ``named X`` (sections by name).
        help: what to write there, in Chinese and English.
        required: the section cannot do without it.
        choices: (Chinese, English, value) of a ``choice``.
    """

    name: str
    zh: str
    kind: str
    help: tuple[str, str]
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    def names(self) -> tuple[str, str]:
        """Return the key in both languages."""
        return self.zh, self.name


UNITS = (
    ("个人", "person"),
    ("家庭", "household"),
    ("企业", "enterprise"),
    ("资产", "asset"),
    ("批次", "batch"),
    ("团队", "trip"),
    ("会议", "meeting"),
)
STATUSES = (("现行", "in force"), ("待核定", "to be confirmed"), ("示例", "example"))
VALUE_STATUSES = (("已核定", "confirmed"), ("待核定", "to be confirmed"))
TYPES = (
    ("数", "number"),
    ("文本", "string"),
    ("是否", "boolean"),
    ("日期", "date"),
    ("文本列表", "list<string>"),
    ("数列表", "list<number>"),
)
STATES = (
    ("符合", "met"),
    ("不符合", "not met"),
    ("缺数据", "unknown"),
    ("需人工审核", "manual review"),
)
ROUNDINGS = (
    ("四舍五入", "half up"),
    ("舍去", "down"),
    ("进一", "up"),
    ("四舍六入五成双", "half even"),
)
SENSITIVITIES = (("一般", "plain"), ("敏感", "sensitive"))
OWNERS = (("个人", "person"), ("家庭", "family"))
CONFIDENCES = (("已核对原文", "read"), ("单一来源", "one source"), ("未核", "recalled"))
NECESSITIES = (("必要", "required"), ("可容缺", "may follow"), ("可免交", "checked by us"))
DAY_KINDS = (("工作日", "working"), ("自然日", "calendar"))
CHOICES = (
    ("从高", "the higher"),
    ("本策优先", "this one"),
    ("他策优先", "the other"),
    ("自选", "the person's choice"),
)

NATIONWIDE = ("全国", "nationwide")
MEMBERS = ("成员", "members")
"""The list of a household's members, in either language."""


CHOICES_OF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "units": UNITS,
    "statuses": STATUSES,
    "value_statuses": VALUE_STATUSES,
    "types": TYPES,
    "states": STATES,
    "roundings": ROUNDINGS,
    "sensitivities": SENSITIVITIES,
    "owners": OWNERS,
    "confidences": CONFIDENCES,
    "necessities": NECESSITIES,
    "day_kinds": DAY_KINDS,
    "choices": CHOICES,
}


def _key(name: str, row: Mapping[str, Any]) -> Key:
    choices = CHOICES_OF[row["choices"]] if "choices" in row else ()
    words = row["help_zh"], row["help_en"]
    return Key(name, row["zh"], row["kind"], words, row.get("required", False), choices)


def sections_of(file: Path) -> Mapping[str, tuple[Key, ...]]:
    """Return the keys of each section that a table of keys holds."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        section: tuple(_key(name, row) for name, row in rows.items())
        for section, rows in table.items()
    }


SECTIONS = sections_of(Path(__file__).with_name("keys.toml"))
"""The keys of each section, in the order in which a file has them."""


def key_of(
    section: str, written: str, sections: Mapping[str, tuple[Key, ...]] = SECTIONS
) -> Key | None:
    """Return the key that is written in either language.

    >>> key_of("policy", "标题").name, key_of("policy", "title").zh
    ('title', '标题')
    """
    return next((key for key in sections[section] if written in key.names()), None)


def value_of(choices: tuple[tuple[str, str], ...], written: str) -> str | None:
    """Return a choice's value, which is its English name; None if it is none of them.

    >>> value_of(UNITS, "个人"), value_of(UNITS, "person"), value_of(UNITS, "猫")
    ('person', 'person', None)
    """
    return next((value for zh, value in choices if written in {zh, value}), None)


def shown(choices: tuple[tuple[str, str], ...], value: str, language: str) -> str:
    """Return a choice's name in a language.

    >>> shown(STATES, "met", "zh")
    '符合'
    """
    return next((zh for zh, each in choices if each == value and language == "zh"), value)
