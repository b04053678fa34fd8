"""English names and pinyin initials of divisions, by rule and by a hand-kept table."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict

_VOWELS = "aoe"


class Names:
    """Renders Chinese names after ``names.toml``.

    Args:
        table: ``english``, ``peoples``, ``generic`` and ``readings`` of that file.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        readings: Mapping[str, str] = table["readings"]
        load_phrases_dict(
            {text: [[part] for part in read.split()] for text, read in readings.items() if text[1:]}
        )
        self._single = {text: read for text, read in readings.items() if not text[1:]}
        load_single_dict({ord(text): read for text, read in self._single.items()})

    def english(self, name: str, level: str) -> str:
        """Return the English name of a division of this level."""
        if name in self._table["english"]:
            return str(self._table["english"][name])
        stem, word = self._split(name, level)
        stem, people = self._without_peoples(stem) if level == "township" else (stem, [])
        if level == "county" and not stem[1:]:
            stem = name
        if people:
            word = f"{' and '.join(people)} Ethnic {word}"
        return f"{self._word(stem)} {word}".strip()

    def initials(self, name: str) -> str:
        """Return the first letters of the pinyin, lower case."""
        return "".join(syllable[0] for syllable in self._syllables(name) if syllable).lower()

    @cached_property
    def _generic(self) -> dict[str, list[tuple[str, str]]]:
        return {
            level: sorted(endings.items(), key=lambda ending: -len(ending[0]))
            for level, endings in self._table["generic"].items()
        }

    def _split(self, name: str, level: str) -> tuple[str, str]:
        for ending, word in self._generic.get(level, ()):
            if name.endswith(ending) and name != ending:
                return name.removesuffix(ending), word
        return name, ""

    def _without_peoples(self, stem: str) -> tuple[str, list[str]]:
        found: list[str] = []
        rest = stem
        while match := next((p for p in self._table["peoples"] if rest.endswith(p)), None):
            if rest == match:
                break
            found.insert(0, self._table["peoples"][match])
            rest = rest.removesuffix(match)
        return rest, found

    def _syllables(self, text: str) -> list[str]:
        return [str(syllable) for syllable in lazy_pinyin(text, v_to_u=True)]

    def _word(self, text: str) -> str:
        word = ""
        for syllable in self._syllables(text):
            word += "'" if word and syllable[0] in _VOWELS else ""
            word += syllable
        return word[:1].upper() + word[1:]
