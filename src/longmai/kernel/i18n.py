"""Words in Chinese (the source) and English, as flat dotted keys from TOML files.

A package keeps its words in ``locales/zh.toml`` and ``locales/en.toml``; a test holds the key
sets equal and every key used by a template known.

>>> words = Catalogue({"zh": {"box.count": "{n} 箱"}, "en": {"box.count": "{n} boxes"}})
>>> words.translate("en", "box.count", n=3), words.translate("zh", "box.count", n=3)
('3 boxes', '3 箱')
>>> words.translate("en", "no.such.key")
'no.such.key'
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from longmai.kernel.errors import Invalid

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SOURCE_LANGUAGE: Language = "zh"


@dataclass(frozen=True)
class Catalogue:
    """All words of all packages, by language and dotted key."""

    words: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folders: Iterable[Path]) -> "Catalogue":
        """Read ``zh.toml`` and ``en.toml`` of each ``locales`` folder.

        Raises:
            Invalid: a file is not TOML, or a key stands in two packages.
        """
        words: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in folders:
            for language in LANGUAGES:
                file = folder / f"{language}.toml"
                for key, text in _flat(_read(file)):
                    if key in words[language]:
                        raise Invalid("a word is defined twice", place=str(file), value=key)
                    words[language][key] = text
        return cls(words)

    def translate(self, language: str, key: str, **values: Any) -> str:
        """Return the text for a key, with ``{names}`` filled in.

        A key that is missing falls back to the source language and then to the key itself: a
        page must not break over a word. The tests find such keys.
        """
        text = self.words[language].get(key) or self.words[SOURCE_LANGUAGE].get(key) or key
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Tell whether the source language knows the key."""
        return key in self.words[SOURCE_LANGUAGE]


def preferred(accept_language: str, default: Language) -> Language:
    """Choose from an ``Accept-Language`` header (RFC 9110 §12.5.4).

    >>> preferred("en-GB,en;q=0.9,zh;q=0.5", "zh")
    'en'
    >>> preferred("fr", "zh")
    'zh'
    """
    ranked: list[tuple[float, Language]] = []
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        base = tag.split("-")[0].lower()
        if base in LANGUAGES:
            ranked.append((_quality(quality), base))
    return max(ranked, key=lambda pair: pair[0], default=(0.0, default))[1]


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Invalid("not a TOML file", place=str(file), value=str(error)) from None


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
