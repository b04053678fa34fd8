r"""GS1 element strings: what linear codes and Data Matrix hold, and people read below them.

>>> told = parse_elements("]d20109521234543213" + "21BOX7" + "\x1d" + "17261231")
>>> told.key, told.attributes
('01/09521234543213/21/BOX7', {'17': '261231'})
>>> parse_elements("(01)09521234543213(10)L7").key
'01/09521234543213/10/L7'
>>> element_string("01/09521234543213/21/BOX7", {"17": "261231"})
'(01)09521234543213(17)261231(21)BOX7'
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from longmai.domains.brand.model.gs1 import elements, parse_digital_link_path
from longmai.domains.brand.model.gs1_links import path_of_elements
from longmai.kernel.errors import Invalid

FNC1 = "\x1d"
MAX_CHARACTERS = 500
# Symbology identifiers that scanners send before an element string (GenSpecs §5.1.3).
_SYMBOLOGY = re.compile(r"\](?:C1|e[0-2]|d2|Q3|J1)")
_READABLE = re.compile(r"\((\d{2,4})\)((?:(?!\(\d{2,4}\)).)*)", re.DOTALL)
_VALUE = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,90}", re.ASCII)
# Length of an application identifier by its first two digits (GenSpecs §3.2); others have two.
_THREE = frozenset({"23", "24", "25", "40", "41", "42", "71"})
_FOUR = frozenset({"31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"})
# Those whose element has a fixed length and needs no separator (GenSpecs §7.8.5).
_FIXED: Mapping[str, int] = {
    "00": 18,
    **dict.fromkeys(("01", "02", "03"), 14),
    "04": 16,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 6),
    "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6),
    "41": 13,
}


@dataclass(frozen=True)
class Elements:
    """What an element string says.

    Attributes:
        key: canonical key of the thing.
        attributes: the other values, by application identifier: dates, weights, …
    """

    key: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def parse_elements(text: str) -> Elements:
    """Read an element string: as a scanner sends it, or with identifiers in parentheses.

    Args:
        text: FNC1 between elements is sent as the character GS (29).

    Raises:
        Invalid: not an element string, no GS1 key in it, or a wrong check digit.
    """
    if len(text) > MAX_CHARACTERS:
        raise _wrong("it is too long", text[:40])
    body = _SYMBOLOGY.sub("", text.strip(" \r\n"), count=1)
    pairs = list(_readable(body) if body.startswith("(") else _scanned(body))
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _wrong("an element stands twice", text)
    for ai, value in pairs:
        if not _VALUE.fullmatch(value):
            raise _wrong(f"({ai}) has no such value", value)
    path, used = path_of_elements(found)
    if not path:
        raise _wrong("there is no GS1 key in it", text)
    rest = {ai: value for ai, value in found.items() if ai not in used}
    return Elements(parse_digital_link_path(path), rest)


def element_string(key: str, attributes: Mapping[str, str] | None = None) -> str:
    """Return the element string of a key for people: identifiers in parentheses.

    What has a fixed length comes first, as printers put it.
    """
    told = {**elements(key), **(attributes or {})}
    order = sorted(told, key=lambda ai: (_fixed(ai) is None, list(told).index(ai)))
    return "".join(f"({ai}){told[ai]}" for ai in order)


def scanned_string(key: str, attributes: Mapping[str, str] | None = None) -> str:
    r"""Return the element string of a key as codes hold it: GS behind what has no fixed length.

    >>> scanned_string("01/09521234543213/10/L7", {"21": "9"})
    '010952123454321310L7\x1d219'
    """
    pairs = list(_readable(element_string(key, attributes)))
    pieces = [
        ai + value + ("" if _fixed(ai) is not None or last else FNC1)
        for (ai, value), last in zip(pairs, [False] * (len(pairs) - 1) + [True], strict=True)
    ]
    return "".join(pieces)


def _readable(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    for match in _READABLE.finditer(text):
        if match.start() != position:
            break
        position = match.end()
        yield match[1], match[2].strip()
    if position != len(text):
        raise _wrong("this is not an element string", text)


def _scanned(text: str) -> Iterator[tuple[str, str]]:
    rest = text.removeprefix(FNC1)
    while rest:
        ai = _identifier(rest)
        rest = rest[len(ai) :]
        length = _fixed(ai)
        if length is None:
            value, _, rest = rest.partition(FNC1)
        else:
            value, rest = rest[:length], rest[length:].removeprefix(FNC1)
            if len(value) < length:
                raise _wrong(f"({ai}) has {length} characters", value)
        yield ai, value


def _identifier(text: str) -> str:
    start = text[:2]
    length = 3 if start in _THREE else 4 if start in _FOUR else 2
    ai = text[:length]
    if len(ai) < length or not ai.isascii() or not ai.isdigit():
        raise _wrong("here an application identifier is missing", text[:8])
    return ai


def _fixed(ai: str) -> int | None:
    return _FIXED.get(ai, _FIXED.get(ai[:2]) if len(ai) > 2 else None)  # noqa: PLR2004 - as 3103


def _wrong(what: str, value: str) -> Invalid:
    return Invalid(
        what,
        code="gs1.elements",
        value=value,
        mend="write it like (01)09521234543213(10)LOT1",
    )
