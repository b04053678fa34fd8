"""What columns of departments' files mean, guessed from their headings; and which value is used."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FACT = "fact"
"""The column is kept as a fact under its own heading."""
LEFT_OUT = "-"
"""The column is not taken."""
_FILE = Path(__file__).parents[1] / "fields.toml"
_BRACKETS = re.compile(r"[（(\[【].*?[)）\]】]|[\s*：:]")


@dataclass(frozen=True)
class Field:
    """A field that says who somebody is.

    Attributes:
        key: names it, in content and in words.
        kind: how its values are checked and compared.
        aliases: headings by which it is known.
    """

    key: str
    kind: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Fields:
    """The catalogue.

    Attributes:
        fields: by key.
        precedence: departments in order, by field or fact; under ``""`` the order of all others.
        newest: of these the newest statement counts.
        sensitive: identity fields that are masked.
    """

    fields: Mapping[str, Field]
    precedence: Mapping[str, Sequence[str]]
    newest: frozenset[str]
    sensitive: frozenset[str]

    def rank(self, field: str, department: str) -> int:
        """Return the place of a department among the sources of a field; lower comes first."""
        order = self.precedence.get(field, self.precedence[""])
        return order.index(department) if department in order else len(order)


@cache
def catalogue() -> Fields:
    """Return the catalogue that is shipped."""
    told = tomllib.loads(_FILE.read_text("utf-8"))
    listed = [Field(each["key"], each["kind"], tuple(each["aliases"])) for each in told["field"]]
    order = dict(told["precedence"])
    del order["status"]
    newest = frozenset(order.pop("newest"))
    order[""] = order.pop("default")
    return Fields(
        {each.key: each for each in listed}, order, newest, frozenset(told["sensitive"]["identity"])
    )


def shape_of(headings: Sequence[str]) -> str:
    """Return the digest of a file's headings: files of one shape share their mapping.

    >>> shape_of(["姓名", " 电话 "]) == shape_of(["姓名", "电话"])
    True
    """
    return hashlib.sha256("\x1f".join(map(_plain, headings)).encode()).hexdigest()


def guessed(headings: Sequence[str]) -> dict[str, str]:
    """Guess what each column means: the key of a field, or ``FACT``; no field twice.

    >>> guessed(["姓 名", "公民身份号码（18位）", "残疾等级"])
    {'姓 名': 'name', '公民身份号码（18位）': 'id_number', '残疾等级': 'fact'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for heading in headings:
        plain = _plain(heading)
        key = next(
            (
                field.key
                for field in catalogue().fields.values()
                if plain in field.aliases and field.key not in taken
            ),
            FACT,
        )
        found[heading] = key
        taken.add(key)
    return found


def title_of(file_name: str) -> str:
    """Guess what a list is called from its file's name: without dates, numbers and copies.

    >>> title_of("民政-低保_2026年8月 (2).xlsx")
    '民政-低保'
    """
    stem = unicodedata.normalize("NFKC", Path(file_name).stem)
    plain = re.sub(
        r"\d{2,4}\s*[年.\-]?\s*\d{0,2}\s*月?\s*\d{0,2}\s*日?|\(\d*\)|副本|copy", "", stem
    )
    return plain.strip(" _-.") or stem


def _plain(heading: str) -> str:
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", heading))
