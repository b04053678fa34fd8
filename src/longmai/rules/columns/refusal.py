"""What is not compiled, and where it stands."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from longmai.kernel.errors import Invalid

_FILE = Path(__file__).with_name("reasons.toml")


class NotCompiled(Invalid):
    """A part of a rule has no exact counterpart in columns; the interpreter runs it instead.

    Attributes:
        what: the reason.
        where: the part, as FEEL.
    """

    default_code = "rules.columns"

    def __init__(self, what: str, where: str) -> None:
        super().__init__(what, place=where)
        self.where = where


class Refused(Exception):
    """The reason alone; the compiler adds the place."""


def in_words(what: str, language: str) -> str:
    """Return a reason in a language.

    >>> in_words("nothing is called 'x'", "zh")
    '没有叫“x”的'
    """
    if language == "en":
        return what
    for pattern, chinese in _reasons():
        found = pattern.fullmatch(what)
        if found is not None:
            return chinese.format(*found.groups())
    return what


@cache
def rows() -> Sequence[Mapping[str, str]]:
    """Return the reasons there are, in English and Chinese."""
    found: Sequence[Mapping[str, str]] = tomllib.loads(_FILE.read_text("utf-8"))["reason"]
    return found


@cache
def _reasons() -> Sequence[tuple[re.Pattern[str], str]]:
    # What is more special comes first: its words are longer.
    ordered = sorted(rows(), key=lambda row: -len(row["en"].replace("{}", "")))
    return [
        (re.compile(re.escape(row["en"]).replace(r"\{\}", "(.*)")), row["zh"]) for row in ordered
    ]
