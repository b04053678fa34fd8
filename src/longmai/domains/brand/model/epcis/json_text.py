"""JSON text to values, bounded: what comes from outside may be of any size, depth and form."""

import json
import math
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from longmai.kernel.errors import Invalid

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
# I-JSON (RFC 7493 §2.2): the integers every JSON reader takes exactly.
MAX_INTEGER = 2**53 - 1

# A string that is never closed matches too, to the end: the scan stays linear on any input.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Doubled(dict[str, Any]):
    """An object in which a name stands more than once."""

    doubled: tuple[str, ...] = ()


def read_json(text: str | bytes) -> Any:
    """Return the JSON value in a text.

    Args:
        text: JSON; bytes are UTF-8, with or without a byte order mark.

    Raises:
        Invalid: not JSON, too large, nested too deep, a name twice in one object, or a number or
            character that other JSON readers would take differently (RFC 7493).
    """
    decoded = _decoded(text)
    _check_depth(decoded)
    doubled: list[_Doubled] = []
    try:
        value = json.loads(
            decoded,
            object_pairs_hook=partial(_object, doubled),
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise Invalid(
            f"this is not JSON: {error.msg}",
            code="epcis.json",
            place=f"line {error.lineno}, column {error.colno}",
        ) from None
    # Seldom: only then is every value looked at, to find the place.
    if doubled or "\\ud" in decoded or "\\uD" in decoded or _SURROGATE.search(decoded):
        _check_names_and_characters(value)
    return value


def check_size(text: str | bytes) -> None:
    """Refuse a text that is larger than we take.

    Raises:
        Invalid: it is.
    """
    if len(text) > MAX_BYTES:
        raise Invalid(
            f"the document is larger than {MAX_BYTES // 1024 // 1024} MiB",
            code="epcis.size",
            value=f"{len(text)} bytes",
            mend="send the events in several documents",
        )


def _decoded(text: str | bytes) -> str:
    check_size(text)
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            "the document is not UTF-8 text",
            code="epcis.encoding",
            place=f"byte {error.start}",
            value=text[error.start : error.start + 8],
            mend="save it as UTF-8",
        ) from None


def _check_depth(text: str) -> None:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, token.start()) + 1
                raise Invalid(
                    f"objects and lists are nested more than {MAX_DEPTH} deep",
                    code="epcis.depth",
                    place=f"line {line}",
                    mend="flatten the document",
                )
        elif first != '"':
            depth -= 1


def _object(doubled: list[_Doubled], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    marked = _Doubled(found)
    marked.doubled = tuple(sorted({name for name in names if names.count(name) > 1}))
    doubled.append(marked)
    return marked


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > len(str(MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise _not_portable(text)
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _not_portable(text)
    return value


def _constant(text: str) -> float:
    raise Invalid("this is not JSON", code="epcis.json", value=text, mend="write a number")


def _not_portable(text: str) -> Invalid:
    return Invalid(
        "the number is larger than a JSON number may be",
        code="epcis.number",
        value=text,
        mend="write it as a string, or smaller",
    )


def _check_names_and_characters(value: Any) -> None:
    """Refuse doubled names and lone surrogates, with their place."""
    for place, found in _walk(value):
        if isinstance(found, _Doubled):
            raise Invalid(
                "a name stands twice in one object",
                code="epcis.json.doubled",
                place=f"{place}.{found.doubled[0]}".lstrip("."),
                mend="keep one of the two",
            )
        if isinstance(found, str) and _SURROGATE.search(found):
            raise Invalid(
                "half of a surrogate pair is not a character",
                code="epcis.json.surrogate",
                place=place.lstrip(".") or None,
                value=found,
                mend="write the character itself, in UTF-8",
            )


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        place, found = stack.pop()
        yield place, found
        if isinstance(found, dict):
            for key, item in found.items():
                yield place, key
                stack.append((f"{place}.{key}", item))
        elif isinstance(found, list):
            stack.extend((f"{place}[{i}]", item) for i, item in enumerate(found))
