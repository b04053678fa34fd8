"""Built-in functions on strings. Source: DMN 1.5, 10.3.4.3; XQuery and XPath Functions 3.1, 5.6."""

import re
from collections.abc import Sequence
from decimal import Decimal

import regex

from longmai.rules.feel.built_in import built_in
from longmai.rules.feel.values import MAX_TEXT, Nothing, Value, text_of

_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE}
_BLOCK = re.compile(r"(\\[pP]\{)Is(\w+\})")
_TIMEOUT_S = 0.5
_TOO_LONG = f"a string has at most {MAX_TEXT} characters"


@built_in("string", "from:any")
def string(value: Value) -> Value:
    """Write a value as text."""
    return None if value is None else text_of(value)


@built_in("string length", "string:string")
def string_length(text: str) -> Value:
    """Count characters."""
    return Decimal(len(text))


@built_in("substring", "string:string", "start position:number", "length:number?")
def substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    """Return a part; positions count from 1, or from the end."""
    if not start:
        raise Nothing("positions begin with 1")
    if length is not None and length < 1:
        raise Nothing("a length is at least 1")
    begin = int(start) - 1 if start > 0 else max(len(text) + int(start), 0)
    return text[begin:] if length is None else text[begin : begin + int(length)]


@built_in("upper case", "string:string")
def upper_case(text: str) -> Value:
    """Return in capitals."""
    return text.upper()


@built_in("lower case", "string:string")
def lower_case(text: str) -> Value:
    """Return in small letters."""
    return text.lower()


@built_in("substring before", "string:string", "match:string")
def substring_before(text: str, match: str) -> Value:
    """Return what stands before the first match."""
    head, found, _ = text.partition(match) if match else ("", "", "")
    return head if found else ""


@built_in("substring after", "string:string", "match:string")
def substring_after(text: str, match: str) -> Value:
    """Return what stands after the first match."""
    return text.partition(match)[2] if match else text


@built_in("contains", "string:string", "match:string")
def contains(text: str, match: str) -> Value:
    """Tell whether a text holds another."""
    return match in text


@built_in("starts with", "string:string", "match:string")
def starts_with(text: str, match: str) -> Value:
    """Tell whether a text begins with another."""
    return text.startswith(match)


@built_in("ends with", "string:string", "match:string")
def ends_with(text: str, match: str) -> Value:
    """Tell whether a text ends with another."""
    return text.endswith(match)


@built_in("split", "string:string", "delimiter:string")
def split(text: str, delimiter: str) -> Value:
    """Part a text at the matches of a pattern."""
    found = _pattern(delimiter)
    if found.fullmatch(""):
        raise Nothing("a pattern that matches nothing parts no text", delimiter)

    def parts() -> list[str]:
        ends = [match.span() for match in found.finditer(text, timeout=_TIMEOUT_S)]
        starts = [0, *(end for _, end in ends)]
        return [
            text[start:end]
            for start, end in zip(starts, [*(s for s, _ in ends), len(text)], strict=True)
        ]

    return _run(parts)


@built_in("string join", "list:list", "delimiter:string|null?")
def string_join(values: Sequence[Value], delimiter: str | None = None) -> Value:
    """Join texts, nulls left out."""
    if not all(each is None or isinstance(each, str) for each in values):
        raise Nothing("only strings are joined")
    present = [each for each in values if each is not None]
    if sum(map(len, present)) + len(delimiter or "") * len(present) > MAX_TEXT:
        raise Nothing(_TOO_LONG)
    return (delimiter or "").join(present)


@built_in("matches", "input:string", "pattern:string", "flags:string|null?")
def matches(text: str, pattern: str, flags: str | None = None) -> Value:
    """Tell whether a pattern matches somewhere."""
    found = _pattern(pattern, flags or "")
    return _run(lambda: found.search(text, timeout=_TIMEOUT_S)) is not None


@built_in("replace", "input:string", "pattern:string", "replacement:string", "flags:string|null?")
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    """Replace all matches of a pattern; ``$1`` stands for its first group."""
    found = _pattern(pattern, flags or "")
    if found.fullmatch(""):
        raise Nothing("a pattern that matches nothing cannot be replaced")

    left = MAX_TEXT

    def filled(match: regex.Match[str]) -> str:
        nonlocal left
        put = _filled(replacement, match)
        left -= len(put)
        if left < 0:
            raise Nothing(_TOO_LONG)
        return put

    return _run(lambda: found.sub(filled, text, timeout=_TIMEOUT_S))


def _filled(replacement: str, match: "regex.Match[str]") -> str:
    out, at, groups = [], 0, len(match.groups())
    while at < len(replacement):
        character = replacement[at]
        if character == "$" and replacement[at + 1 : at + 2].isdigit():
            end = at + 2
            # The longest number that a group has; what is left are digits.
            while (
                replacement[end : end + 1].isdigit()
                and int(replacement[at + 1 : end + 1]) <= groups
            ):
                end += 1
            number = int(replacement[at + 1 : end])
            out.append((match[number] or "") if number <= groups else "")
            at = end
        elif character == "\\" and replacement[at + 1 : at + 2] in {"$", "\\"}:
            out.append(replacement[at + 1])
            at += 2
        elif character in "$\\":
            raise Nothing(
                "in a replacement '$' stands before a number, and '\\' before '$' or '\\'"
            )
        else:
            out.append(character)
            at += 1
    return "".join(out)


def _pattern(pattern: str, flags: str = "") -> "regex.Pattern[str]":
    if set(flags) - set(_FLAGS) - {"x"}:
        raise Nothing("flags are s, m, i and x")
    chosen = regex.VERSION1
    for flag in flags:
        chosen |= _FLAGS.get(flag, 0)
    try:
        return regex.compile(_of_xpath(pattern, flags), chosen)
    except (regex.error, ValueError, RecursionError) as error:
        raise Nothing(f"not a pattern: {error}") from None


_START = r"_:\p{L}"
_NAME = _START + r"\-.\p{M}\p{Nd}\u00B7"
_WORD = r"\p{P}\p{Z}\p{C}"
# What XPath's escapes stand for, outside a class and within.
_CLASSES = {
    "i": (f"[{_START}]", _START),
    "I": (f"[^{_START}]", f"[^{_START}]"),
    "c": (f"[{_NAME}]", _NAME),
    "C": (f"[^{_NAME}]", f"[^{_NAME}]"),
    "w": (f"[^{_WORD}]", f"[^{_WORD}]"),
    "W": (f"[{_WORD}]", _WORD),
    "s": (r"[ \t\n\r]", r" \t\n\r"),
    "S": (r"[^ \t\n\r]", r"[^ \t\n\r]"),
}
_ESCAPABLE = frozenset("nrt\\|.?*+(){}-[]^$dDpP")
_SETS = frozenset("&|~")


def _of_xpath(pattern: str, flags: str) -> str:
    r"""Write a pattern of XPath as the library reads it.

    A dot stands for no line end, a carriage return included; ``-[`` takes a class away;
    ``\p{Is…}`` is a block; ``\i`` and ``\c`` are characters of XML names; with ``x`` blanks stand
    for nothing but within a class; a class holds no reference.

    Raises:
        Nothing: it is no pattern of XPath.
    """
    out: list[str] = []
    depth = at = 0
    while at < len(pattern):
        character = pattern[at]
        if character.isspace() and "x" in flags and not depth:
            at += 1
            continue
        if character == "\\":
            at += 1
            while "x" in flags and not depth and pattern[at : at + 1].isspace():
                at += 1
            out.append(_escape(pattern[at : at + 1], in_class=depth > 0))
        elif character == "[" and depth:
            if pattern[at - 1] != "-":
                raise Nothing("within a class of characters '[' stands after '-' alone", pattern)
            depth += 1
            out.append("-[")
        elif character == "(" and pattern[at + 1 : at + 2] == "?" and not depth:
            if pattern[at + 2 : at + 3] != ":":
                raise Nothing("after '(?' a pattern has ':' alone", pattern)
            out.append("(")
        else:
            depth += (character == "[") - (character == "]")
            out.append(_plain(character, flags, in_class=depth > 0))
        at += 1
    return _BLOCK.sub(r"\1In\2", "".join(out))


def _escape(character: str, *, in_class: bool) -> str:
    if character in _CLASSES:
        return _CLASSES[character][in_class]
    if in_class and character.isdigit():
        raise Nothing("a class of characters holds no reference")
    if not character.isdigit() and character not in _ESCAPABLE:
        raise Nothing("a pattern has no such escape", f"\\{character}")
    return f"\\{character}"


def _plain(character: str, flags: str, *, in_class: bool) -> str:
    if in_class and character in _SETS:
        return f"\\{character}"
    if character == "." and not in_class and "s" not in flags:
        return r"[^\n\r]"
    if character == "$" and not in_class and "m" not in flags:
        return r"\Z"  # the very end, and not before a line end that stands there
    return character


def _run(run: object) -> Value:
    try:
        found = run()  # type: ignore[operator] # a function of no arguments
    except TimeoutError:
        raise Nothing("the pattern takes too long") from None
    return found
