"""What is wrong with a policy file: line, key, value and the mend, in Chinese and English.

The words stand in ``findings.toml``, by code, so that a page shows them in the reader's language.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from longmai.kernel.errors import Invalid

PLACE = re.compile(r"line (\d+)(?:, column (\d+))?")
"""How errors of FEEL and of grids name a place."""
_FILE = Path(__file__).with_name("findings.toml")


@dataclass(frozen=True)
class Spot:
    """Where something stands in a file.

    Attributes:
        file: its name.
        line: from 1.
        column: from 1; 0 for the whole line.
        key: the way to it, like ``条件[2].判断``.
    """

    file: str
    line: int
    column: int = 0
    key: str = ""

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        key = f", {self.key}" if self.key else ""
        return f"{self.file or 'the policy'} line {self.line}{column}{key}"


class PolicyFinding(Invalid):
    """One thing that is wrong, at a place of the file.

    Args:
        code: of ``findings.toml``.
        spot: where.
        value: what stands there.
        values: that the words name.
    """

    def __init__(self, code: str, spot: Spot, value: str | None = None, **values: object) -> None:
        self.spot = spot
        self._name = code
        self._values = {"value": value, **values}
        super().__init__(
            self.told("what", "en"),
            code=f"policy.{code}",
            place=str(spot),
            value=value,
            mend=self.told("mend", "en") or None,
        )

    def told(self, part: str, language: str) -> str:
        """Return ``what`` is wrong, or how to ``mend`` it, in a language."""
        return _words()[self._name].get(f"{part}_{language}", "").format(**self._values)


@dataclass
class Findings:
    """What is wrong so far with one file.

    Attributes:
        meant: names that were probably meant where another stands.
        lines: of the file.
    """

    file: str
    found: list[PolicyFinding] = field(default_factory=list)
    meant: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def add(self, code: str, spot: Spot, value: str | None = None, **values: object) -> None:
        """Note one thing."""
        self.found.append(PolicyFinding(code, spot, value, **values))

    def add_near(
        self, code: str, spot: Spot, value: str, known: Iterable[str], **values: object
    ) -> None:
        """Note a name that is not known, with the one that was probably meant."""
        close = near(value, known)
        self.meant.add(close)
        self.add(
            code,
            spot,
            value,
            near_zh=f"是不是“{close}”？" if close else "",
            near_en=f"did you mean '{close}'? " if close else "",
            **values,
        )

    def spot(self, node: Any, key: str = "") -> Spot:
        """Return the place of a node of YAML."""
        return Spot(self.file, node.start_mark.line + 1, node.start_mark.column + 1, key)


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def near(name: str, known: Iterable[str]) -> str:
    """Return the known name that one probably meant; empty if none is near.

    >>> near("年令", ["年龄", "收入"]), near("abc", ["年龄"])
    ('年龄', '')
    """
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return found[0] if found else ""
