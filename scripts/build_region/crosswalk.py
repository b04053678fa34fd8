"""Pairs the statistics list with the civil-affairs list, by name within a county.

Never by code alone: the two lists give some codes to different townships.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

_CLASS = re.compile(r"(.+?)(?:办事处|街)?(镇|乡|街道)$")
_ABOLISHED = re.compile(r"[（(](?:已)?撤销[)）]$")
_ALIKE = 0.6


@dataclass(frozen=True)
class Pair:
    """A row of the crosswalk; codes have 12 digits, or are empty."""

    old: str
    new: str
    kind: str
    matched_by: str


@dataclass
class Matching:
    """The pairing of two lists' townships, step by step, surest rule first.

    Args:
        old: 12-digit code → name, townships of the statistics list.
        new: the same of the civil-affairs list.
        statistical: six-digit codes of units that are no county by law.
        silent: six-digit codes of counties the new list has no townships of.
    """

    old: Mapping[str, str]
    new: Mapping[str, str]
    statistical: frozenset[str]
    silent: frozenset[str]
    pairs: list[Pair] = field(default_factory=list)

    def run(self) -> list[Pair]:
        """Return a pair for every township of both lists, in order of code."""
        self._same_name()
        self._same_stem()
        self._same_code_alike()
        self._moved()
        self.pairs += [self._old_only(code) for code in self._left_old()]
        self.pairs += [self._new_only(code) for code in self._left_new()]
        return sorted(self.pairs, key=lambda pair: (pair.old or pair.new, pair.new))

    def _left_old(self) -> list[str]:
        taken = {pair.old for pair in self.pairs}
        return [code for code in self.old if code not in taken]

    def _left_new(self) -> list[str]:
        taken = {pair.new for pair in self.pairs}
        return [code for code in self.new if code not in taken]

    def _same_name(self) -> None:
        places = {(code[:6], name): code for code, name in self.new.items()}
        for code, name in self.old.items():
            if found := places.get((code[:6], name)):
                kind = "same" if found == code else "recoded"
                self.pairs.append(Pair(code, found, kind, "same name in the same county"))

    def _same_stem(self) -> None:
        for code in self._left_old():
            found = [
                new for new in self._left_new()
                if new[:6] == code[:6] and _same_stem(self.old[code], self.new[new])
            ]  # fmt: skip
            if len(found) == 1:
                self.pairs.append(
                    Pair(
                        code, found[0], "renamed", "same name but for its class in the same county"
                    )
                )

    def _same_code_alike(self) -> None:
        free = set(self._left_new())
        for code in self._left_old():
            if code in free and _alike(self.old[code], self.new[code]) >= _ALIKE:
                self.pairs.append(Pair(code, code, "renamed", "same code and similar name"))

    def _moved(self) -> None:
        for code in self._left_old():
            found = [
                new for new in self._left_new()
                if new[:4] == code[:4] and self.new[new] == self.old[code]
            ]  # fmt: skip
            if code[:6] in self.statistical and len(found) == 1:
                self.pairs.append(
                    Pair(code, found[0], "moved", "same name in another county of the prefecture")
                )

    def _old_only(self, code: str) -> Pair:
        if code[:6] in self.silent:
            return Pair(code, "", "unchecked", "the new list has no townships of this county")
        return Pair(code, "", "old_only", "no match")

    def _new_only(self, code: str) -> Pair:
        kind = "abolished" if _ABOLISHED.search(self.new[code]) else "new_only"
        return Pair("", code, kind, "no match")


def _same_stem(old: str, new: str) -> bool:
    a, b = _CLASS.match(old), _CLASS.match(new)
    if not (a and b):
        return False
    short, long = sorted((a[1], b[1]), key=len)
    # An ethnic township may carry the name of its people between stem and class.
    return short == long or (long.startswith(short) and long.endswith("族"))


def _alike(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def crosswalk_rows(
    pairs: list[Pair], old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[list[str]]:
    """Yield the rows of ``crosswalk.csv``: every pair whose code or name differs."""
    for pair in pairs:
        if pair.kind != "same":
            yield [
                pair.old, old.get(pair.old, ""), pair.new, new.get(pair.new, ""),
                pair.kind, pair.matched_by,
                _yes_no(pair.old, new), _yes_no(pair.new, old),
            ]  # fmt: skip


def _yes_no(code: str, names: Mapping[str, str]) -> str:
    if not code:
        return ""
    return "yes" if code in names else "no"
