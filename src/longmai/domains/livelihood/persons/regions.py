"""Finds the region that a department's file means: codes of either list, or names."""

import re
from dataclasses import dataclass, field

from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.region_codes import LENGTHS, pad, prefix
from longmai.kernel.regions import RegionPack

_DIGITS = re.compile(r"\d{2,12}")
_SPLIT = re.compile(r"[\s,，/\\>－-]+")


@dataclass
class RegionFinder:
    """Turns what stands in a file into the pack's code; each answer is kept.

    Args:
        regions: the pack.
        within: code of the region that the file is of: names are looked for there.
    """

    regions: RegionPack
    within: str
    _known: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """Return the 12-digit code; empty if the pack has none."""
        if text not in self._known:
            self._known[text] = (
                self._of_code(text) if _DIGITS.fullmatch(text) else self._named(text)
            )
        return self._known[text]

    def _of_code(self, text: str) -> str:
        # A code of the other list, or one that was given up, leads to the nearest place we know.
        for length in (each for each in reversed(LENGTHS) if each <= len(text)):
            code = pad(text[:length]) if not text.startswith("00") else ""
            found = self._pack_code(code)
            if found:
                return found
        return ""

    def _pack_code(self, code: str) -> str:
        if not code:
            return ""
        try:
            return self.regions.get(code).code
        except (Invalid, NotFound):
            return self.regions.pack_code(code) or ""

    def _named(self, text: str) -> str:
        parts = [each for each in _SPLIT.split(text) if each] or [text]
        within = prefix(self.within)
        for name in (text, *reversed(parts)):
            found = self.regions.find(name, within=within)
            if len(found) == 1:
                return found[0].code
        return self._path(text, within)

    def _path(self, text: str, within: str) -> str:
        # A name written in one piece: county, township, village, largest first.
        code, rest = "", text
        for _ in LENGTHS:
            below = [r for r in self.regions.children(code or within) if rest.startswith(r.name)]
            if len(below) != 1:
                break
            code, rest = below[0].code, rest.removeprefix(below[0].name)
        return code
