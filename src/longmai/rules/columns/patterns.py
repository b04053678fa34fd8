r"""Patterns of XPath, written so that DuckDB, PostgreSQL and Java read them alike.

What a pattern tells of one character (a class, ``\d``, a dot) is asked of the interpreter's own
library, for every character there is, and written out as ranges. What is left are sequences,
alternatives and repetitions, of which it counts alone whether there is a match: those all programs
agree on. What more a pattern may hold is refused.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import regex

from longmai.rules.columns.refusal import Refused
from longmai.rules.feel.text_functions import _of_xpath, _pattern

NUL = r"\x00"
"""How a range that begins with the first character is written; PostgreSQL has no such character."""
_MOST_RANGES = 1000
_MOST_TIMES = 255  # PostgreSQL's
_MOST_SIZE = 1000
_MOST_OPEN = 3
_SURROGATES = range(0xD800, 0xE000)
_TIMES = re.compile(r"[*+?]|\{(\d+)(,?)(\d*)\}", re.ASCII)
_PROPERTY = re.compile(r"\\[pP]\{[^}]*\}")
_SIGNS = frozenset("\\|?*+{}[]")


@lru_cache(maxsize=256)
def written_for_all(pattern: str, flags: str) -> str:
    r"""Return a pattern as every program reads it.

    >>> written_for_all("^[a-c]x?$", "")
    '\\A[a-c](?:[x]?)\\z'

    Raises:
        Refused: programs may read it in several ways.
        Nothing: it is no pattern.
    """
    _pattern(pattern, flags)
    if set(flags) - {"s"}:
        raise Refused("a pattern with the flags i, m or x")
    return _Reader(pattern, flags).read()


def plain_text(pattern: str) -> bool:
    """Tell whether a pattern stands for itself."""
    return bool(pattern) and not set(pattern) & (_SIGNS | set("().^$"))


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._text, self._flags, self._at = pattern, flags, 0
        self._open = 0

    def read(self) -> str:
        found, size, _ = self._alternatives()
        if self._at < len(self._text):
            raise Refused("a pattern with a bracket too many")
        if size > _MOST_SIZE:
            raise Refused("a pattern that repeats too much")
        if self._open > _MOST_OPEN:
            raise Refused(f"a pattern with more than {_MOST_OPEN} repetitions without an end")
        return found

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _alternatives(self) -> tuple[str, int, bool]:
        """Return the pattern up to a bracket, how large it is, and whether anything repeats."""
        parts: list[str] = []
        size, repeats = 0, False
        while True:
            found, own, has_times = self._sequence()
            parts.append(found)
            size, repeats = size + own, repeats or has_times
            if self._next() != "|":
                break
            self._at += 1
        return (parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"), size, repeats

    def _sequence(self) -> tuple[str, int, bool]:
        parts: list[str] = []
        size, repeats = 0, False
        while self._next() not in {"", "|", ")"}:
            found, own, within = self._atom()
            times, factor = self._times(within)
            if times and found in {r"\A", r"\z"}:
                raise Refused("a repetition of ^ or $")
            parts.append(f"(?:{found}{times})" if times else found)
            size, repeats = size + own * factor, repeats or within or bool(times)
        return "".join(parts), size, repeats

    def _times(self, within: bool) -> tuple[str, int]:
        """Return a repetition, and how many times it may be at least written out."""
        match = _TIMES.match(self._text, self._at)
        if match is None:
            return "", 1
        if within:
            # One repetition within another may take the interpreter too long to answer.
            raise Refused("a repetition within a repetition in a pattern")
        self._at = match.end()
        if self._next() == "?":
            self._at += 1  # As few as may be: whether there is a match is the same.
        if self._next() and self._next() in "*+?{":
            raise Refused("a repetition of a repetition in a pattern")
        low, comma, high = match.groups()
        most = max(int(low or 1), int(high or 1))
        if most > _MOST_TIMES or (high and int(low) > int(high)):
            raise Refused(f"a pattern that repeats more than {_MOST_TIMES} times")
        self._open += match[0] in {"*", "+"} or (comma == "," and not high)
        return match[0], most

    def _atom(self) -> tuple[str, int, bool]:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign in {"^", "$"}:
            self._at += 1
            return (r"\A" if sign == "^" else r"\z"), 0, False
        start = self._at
        self._at = self._end_of_one()
        return _class(self._text[start : self._at], self._flags), 1, False

    def _group(self) -> tuple[str, int, bool]:
        self._at += 3 if self._text.startswith("(?:", self._at) else 1
        found, size, repeats = self._alternatives()
        if self._next() != ")":
            raise Refused("a pattern with a bracket too few")
        self._at += 1
        return f"(?:{found})", size, repeats

    def _end_of_one(self) -> int:
        """Return where the description of one character ends."""
        sign = self._next()
        if sign == "\\":
            if self._text[self._at + 1].isdigit():
                raise Refused("a pattern that refers back to a part of itself")
            found = _PROPERTY.match(self._text, self._at)
            return self._at + 2 if found is None else found.end()
        if sign == "[":
            return self._end_of_class()
        if sign in _SIGNS:
            raise Refused(f"a pattern with '{sign}' that stands for nothing")
        return self._at + 1

    def _end_of_class(self) -> int:
        depth, at = 0, self._at
        while True:
            sign = self._text[at]
            at += 2 if sign == "\\" else 1
            depth += (sign == "[") - (sign == "]")
            if not depth:
                return at


def _class(text: str, flags: str) -> str:
    """Return the characters that a description of one stands for, as ranges."""
    ranges = _ranges(text, "s" if "s" in flags else "")
    if len(ranges) > _MOST_RANGES:
        raise Refused(f"'{text}' in a pattern stands for too many kinds of characters")
    if not ranges:
        raise Refused(f"'{text}' in a pattern stands for no character")
    return "[" + "".join(_written(low, high) for low, high in ranges) + "]"


@lru_cache(maxsize=512)
def _ranges(text: str, flags: str) -> tuple[tuple[int, int], ...]:
    if len(text) == 1 and text != ".":
        return ((ord(text), ord(text)),)
    run = regex.compile(f"(?:{_of_xpath(text, flags)})+", regex.VERSION1 | _dot(flags))
    return tuple(_parted(run))


def _dot(flags: str) -> int:
    return regex.DOTALL if "s" in flags else 0


def _parted(run: "regex.Pattern[str]") -> Iterator[tuple[int, int]]:
    every = _every_character()
    for match in run.finditer(every):
        low, high = (ord(every[at]) for at in (match.start(), match.end() - 1))
        if low < _SURROGATES.start and high >= _SURROGATES.stop:
            yield low, _SURROGATES.start - 1
            low = _SURROGATES.stop
        yield low, high


def _written(low: int, high: int) -> str:
    return _character(low) if low == high else f"{_character(low)}-{_character(high)}"


def _character(code: int) -> str:
    character = chr(code)
    if not code:
        return NUL
    is_sign = character.isascii() and character.isprintable() and not character.isalnum()
    return f"\\{character}" if is_sign and character != " " else character


def for_postgres(pattern: str) -> str:
    """Return a pattern of ours as PostgreSQL writes its ends, without the first character."""
    mended = {r"\z": r"\Z", NUL: "\x01"}
    return re.sub(r"\\x00|\\.", lambda found: mended.get(found[0], found[0]), pattern)


@cache
def _every_character() -> str:
    # A million of them are made only where a pattern asks.
    return "".join(map(chr, (n for n in range(0x110000) if n not in _SURROGATES)))
