"""Words of FEEL text: numbers, strings, names and signs, read where the parser stands.

Names may hold blanks and signs (``date and time``, ``profit - loss``), so where a name ends depends
on which names there are: the longest known one wins. What is not known is one word.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

from longmai.kernel.errors import Invalid
from longmai.rules.feel.names import BUILT_IN_NAMES
from longmai.rules.feel.tree import Place

_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
_WORD = re.compile(f"[{_START}][{_PART}]*")
_NAME = re.compile(rf"[{_START}](?:[{_PART} ./\-'+*])*")
_IS_PART = re.compile(f"[{_PART}]")
_BLANK = re.compile(
    r"(?:[\s\u00A0\u1680\u180E\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF]"
    r"|//[^\n]*|/\*.*?\*/)+",
    re.DOTALL,
)
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SIGNS = re.compile(r"\*\*|<=|>=|!=|\.\.|->|[-+*/=<>()\[\]{},:.@]")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LINE_END = re.compile("\n")
_NAME_SIGNS = re.compile(r"\s*([./\-'+*])\s*|\s+")

KEYWORDS = frozenset(
    [
        "and",
        "between",
        "else",
        "every",
        "external",
        "false",
        "for",
        "function",
        "if",
        "in",
        "instance",
        "null",
        "of",
        "or",
        "return",
        "satisfies",
        "some",
        "then",
        "true",
    ]
)
"""Words that are no names by themselves; a known name may hold them."""


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """Return a name with its blanks made one, as names are compared.

    >>> bare(" date   and time "), bare("a  -  b")
    ('date and time', 'a-b')
    """
    return _NAME_SIGNS.sub(lambda found: found[1] or " ", name.strip())


def bare_names(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return entries by the names that an expression calls them by."""
    return {bare(name): value for name, value in entries.items()}


def is_name(text: str) -> bool:
    """Tell whether a text is a name by the grammar: words, joined by blanks and a few signs.

    >>> is_name("profit-loss"), is_name("a b"), is_name("a)"), is_name("1a")
    (True, True, False, False)
    """
    return _NAME.fullmatch(bare(text)) is not None


@lru_cache(maxsize=256)
def _by_first_word(names: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """Return the names of more than one word, by their first; the same names come many times."""
    found: dict[str, set[str]] = {}
    for name in map(bare, names):
        first = _WORD.match(name)
        if first is not None and first[0] != name:
            found.setdefault(first[0], set()).add(name)
    return {first: frozenset(some) for first, some in found.items()}


_OWN = _by_first_word(BUILT_IN_NAMES)


class Words:
    """A text and where in it we stand.

    Args:
        text: of an expression.
        names: that may hold blanks or signs, beside those of FEEL itself.
        within: what the text belongs to, for the places of errors.
    """

    def __init__(self, text: str, names: Iterable[str] = (), within: str = "") -> None:
        self.text, self.at, self._within = text, 0, within
        self._lines = [0, *(found.end() for found in _LINE_END.finditer(text))]
        self._given = _by_first_word(tuple(names))
        self._learnt: dict[str, set[str]] = {}

    def know(self, name: str) -> None:
        """Take a name into account from here on, if it is more than one word."""
        for first, some in _by_first_word((name,)).items():
            self._learnt.setdefault(first, set()).update(some)

    def skip(self) -> None:
        """Go on to the next word."""
        found = _BLANK.match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def end(self) -> bool:
        """Tell whether nothing follows."""
        self.skip()
        return self.at >= len(self.text)

    def sign(self) -> str:
        """Return the sign that follows; empty if it is none."""
        self.skip()
        found = _SIGNS.match(self.text, self.at)
        return found[0] if found else ""

    def take(self, sign: str) -> bool:
        """Take a sign if it follows."""
        if self.sign() == sign:
            self.at += len(sign)
            return True
        return False

    def need(self, sign: str) -> None:
        """Take a sign that must follow.

        Raises:
            Invalid: another follows.
        """
        if not self.take(sign):
            raise self.wrong(f"'{sign}' is missing here")

    def keyword(self) -> str:
        """Return the keyword that follows; empty if it is none."""
        self.skip()
        found = _WORD.match(self.text, self.at)
        if found is None or found[0] not in KEYWORDS or self._longest(found[0]):
            return ""
        return found[0]

    def take_word(self, word: str) -> bool:
        """Take a word of the language if it follows."""
        self.skip()
        found = _WORD.match(self.text, self.at)
        if found is not None and found[0] == word:
            self.at = found.end()
            return True
        return False

    def need_word(self, word: str) -> None:
        """Take a word of the language that must follow.

        Raises:
            Invalid: another follows.
        """
        if not self.take_word(word):
            raise self.wrong(f"'{word}' is missing here")

    def number(self) -> Decimal | None:
        """Take a number if one follows."""
        self.skip()
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            return None
        try:
            number = Decimal(found[0])
        except DecimalException:
            raise self.wrong("the number is too large") from None
        self.at = found.end()
        return number

    def string(self) -> str | None:
        """Take a string if one follows."""
        self.skip()
        if not self.text.startswith('"', self.at):
            return None
        found = _STRING.match(self.text, self.at)
        if found is None:
            raise self.wrong("a string is not closed")
        self.at = found.end()
        return unescaped(found[1])

    def name(self) -> str | None:
        """Take a name if one follows: the longest that is known, else one word."""
        self.skip()
        found = _WORD.match(self.text, self.at)
        if found is None:
            return None
        known = self._longest(found[0])
        if known:
            name, self.at = known
            return name
        if found[0] in KEYWORDS:
            return None
        self.at = found.end()
        return found[0]

    def name_until(self, *ends: str) -> str:
        """Take a new name: all up to one of these signs or words.

        Raises:
            Invalid: there is none.
        """
        self.skip()
        start = self.at
        while not self.end():
            word = _WORD.match(self.text, self.at)
            if word is not None and word[0] in ends:
                break
            if word is None and self.sign() in ends:
                break
            self.at = word.end() if word else self.at + 1
        name = bare(_BLANK.sub(" ", self.text[start : self.at]))
        if not is_name(name):
            self.at = start
            raise self.wrong("a name is missing here")
        self.know(name)
        return name

    def place(self) -> Place:
        """Return where the next word stands."""
        self.skip()
        line = bisect_right(self._lines, self.at)
        return Place(line, self.at - self._lines[line - 1] + 1, self._within)

    def wrong(self, what: str) -> Invalid:
        """Return the error of this place."""
        place = self.place()
        shown = self.text[self.at : self.at + 30]
        return Invalid(what, code="feel.syntax", place=str(place), value=shown)

    def _longest(self, first: str) -> tuple[str, int] | None:
        best: tuple[str, int] | None = None
        for known in (_OWN, self._given, self._learnt):
            for name in known.get(first, ()):
                end = self._fits(name)
                if end is not None and (best is None or end > best[1]):
                    best = name, end
        return best

    def _fits(self, name: str) -> int | None:
        """Return where a known name ends that stands here, whatever its blanks."""
        at, text = self.at, self.text
        for i, character in enumerate(name):
            blank = _BLANK.match(text, at)
            if blank is not None and i and (character == " " or _bordering(name, i)):
                at = blank.end()
            elif character == " ":
                return None
            if character != " ":
                if not text.startswith(character, at):
                    return None
                at += 1
        follows = text[at : at + 1]
        inside = follows and _IS_PART.match(follows) and _IS_PART.match(name[-1])
        return None if inside else at


def _bordering(name: str, i: int) -> bool:
    return not (_IS_PART.match(name[i]) and _IS_PART.match(name[i - 1]))


def unescaped(text: str) -> str:
    r"""Return a string literal's value.

    >>> unescaped(r"\u9647\\ \q")
    '陇\\ \\q'
    """
    found = _ESCAPE.sub(_escaped, text)
    return _SURROGATES.sub(
        lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), found
    )


def _escaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        point = int(code, 16)
        return chr(point) if point <= 0x10FFFF else found[0]  # noqa: PLR2004 - the last code point
    return _ESCAPED.get(found[3], found[0])
