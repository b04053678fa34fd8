"""GS1 keys in their three notations, mapped to one: the GS1 Digital Link path without host.

The same apple box may be written as an EPC URN (GS1 EPC Tag Data Standard 2.0, §6), or as a
Digital Link URI at any resolver (GS1 Digital Link URI Syntax 1.4, §4). The *key* of a thing is the
uncompressed Digital Link path of what identifies it, so that two notations trace as one thing:

>>> canonical_key("urn:epc:id:sgtin:0614141.107346.2018")
'01/10614141073464/21/2018'
>>> canonical_key("https://example.com/shop/01/10614141073464/10/L7/21/2018?17=261231")
'01/10614141073464/21/2018'
>>> canonical_key("urn:epc:class:lgtin:0614141.107346.LOT1")
'01/10614141073464/10/LOT1'
>>> canonical_key("https://example.com/orders/12")
'https://example.com/orders/12'

A serial number makes its GTIN unique, so batch and variant beside a serial are left out of the
key; a variant beside a batch likewise (GS1 General Specifications, §3.4.1 and §3.5.2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from longmai.kernel.errors import Invalid

GTIN_DIGITS = 14
MAX_URI_CHARACTERS = 1024  # no link to a GS1 key is as long
PATTERN_WILDCARD = "*"
_NO_EXTENSION = "0"  # an SGLN whose extension is "0" is the GLN itself (TDS §6.3.3)

# GS1 AI encodable character sets 82 and 39 (GS1 General Specifications, §7.11).
_SET_82 = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
_SET_39 = r"[#\-/0-9A-Z]"


@dataclass(frozen=True)
class _Primary:
    """An application identifier that starts a Digital Link path."""

    value: str  # pattern of the value, decoded
    checked: int = 0  # length of the leading digits that end in a check digit; 0: none
    class_length: int = 0  # a value of just this length carries no serial number; 0: not so
    qualifiers: tuple[str, ...] = ()


# Keys of free form begin with a GS1 company prefix: at least these digits tell them from words.
_PRIMARY: Mapping[str, _Primary] = {
    "00": _Primary(r"\d{18}", checked=18),
    "01": _Primary(r"\d{8}|\d{12,14}", checked=14, qualifiers=("22", "10", "21", "235")),
    "253": _Primary(rf"\d{{13}}{_SET_82}{{0,17}}", checked=13, class_length=13),
    "255": _Primary(r"\d{13,25}", checked=13, class_length=13),
    "401": _Primary(rf"\d{{4}}{_SET_82}{{1,26}}"),
    "402": _Primary(r"\d{17}", checked=17),
    "414": _Primary(r"\d{13}", checked=13, qualifiers=("254", "7040")),
    "417": _Primary(r"\d{13}", checked=13, qualifiers=("7040",)),
    "8003": _Primary(rf"0\d{{13}}{_SET_82}{{0,16}}", checked=14, class_length=14),
    "8004": _Primary(rf"\d{{4}}{_SET_82}{{1,26}}"),
    "8006": _Primary(r"\d{18}", checked=14, qualifiers=("22", "10", "21")),
    "8010": _Primary(rf"\d{{4}}{_SET_39}{{1,26}}", qualifiers=("8011",)),
    "8013": _Primary(rf"\d{{4}}{_SET_82}{{1,21}}"),
    "8017": _Primary(r"\d{18}", checked=18, qualifiers=("8019",)),
    "8018": _Primary(r"\d{18}", checked=18, qualifiers=("8019",)),
}
_QUALIFIER: Mapping[str, str] = {
    "10": rf"{_SET_82}{{1,20}}",
    "21": rf"{_SET_82}{{1,20}}",
    "22": rf"{_SET_82}{{1,20}}",
    "235": rf"{_SET_82}{{1,28}}",
    "254": rf"{_SET_82}{{1,20}}",
    "7040": _SET_82 + r"{4}",
    "8011": r"0|[1-9]\d{0,11}",
    "8019": r"\d{1,10}",
}
PRIMARY_KEYS = tuple(_PRIMARY)
QUALIFIERS: Mapping[str, tuple[str, ...]] = {ai: each.qualifiers for ai, each in _PRIMARY.items()}
_VALUE = {ai: re.compile(primary.value, re.ASCII) for ai, primary in _PRIMARY.items()} | {
    ai: re.compile(pattern, re.ASCII) for ai, pattern in _QUALIFIER.items()
}
# Names GS1 Digital Link 1.1 (§3.2) allowed in place of the numbers; links printed then still scan.
_ALIASES: Mapping[str, str] = {
    "cpid": "8010",
    "cpsn": "8011",
    "cpv": "22",
    "gcn": "255",
    "gdti": "253",
    "giai": "8004",
    "ginc": "401",
    "gln": "414",
    "glnx": "254",
    "gmn": "8013",
    "grai": "8003",
    "gsin": "402",
    "gsrn": "8018",
    "gsrnp": "8017",
    "gtin": "01",
    "itip": "8006",
    "lot": "10",
    "party": "417",
    "ser": "21",
    "srin": "8019",
    "sscc": "00",
}
# Keys that name a kind of thing until one of these qualifiers says which one.
_SERIAL_QUALIFIERS: Mapping[str, frozenset[str]] = {
    "01": frozenset({"21", "235"}),
    "8006": frozenset({"21"}),
    "8010": frozenset({"8011"}),
}


# What one qualifier identifies, these add nothing to.
_NARROWER: Mapping[str, tuple[str, ...]] = {
    "235": ("21", "10", "22"),
    "21": ("10", "22"),
    "10": ("22",),
}


@dataclass(frozen=True)
class Scheme:
    """How the dotted parts of an EPC URN become a Digital Link path (TDS §6.3, §7)."""

    ai: str
    parts: int
    digits: int = 0  # digits of company prefix and reference together; 0: free
    indicator: bool = False  # the reference's first digit moves before the company prefix
    filler: str = ""
    serial_ai: str = ""  # "": the serial is written behind the value itself


SCHEMES: Mapping[str, Scheme] = {
    "cpi": Scheme("8010", 3, serial_ai="8011"),
    "gdti": Scheme("253", 3, 12),
    "giai": Scheme("8004", 2),
    "ginc": Scheme("401", 2),
    "grai": Scheme("8003", 3, 12, filler="0"),
    "gsin": Scheme("402", 2, 16),
    "gsrn": Scheme("8018", 2, 17),
    "gsrnp": Scheme("8017", 2, 17),
    "itip": Scheme("8006", 5, 13, indicator=True, serial_ai="21"),
    "lgtin": Scheme("01", 3, 13, indicator=True, serial_ai="10"),
    "pgln": Scheme("417", 2, 12),
    "sgcn": Scheme("255", 3, 12),
    "sgln": Scheme("414", 3, 12, serial_ai="254"),
    "sgtin": Scheme("01", 3, 13, indicator=True, serial_ai="21"),
    "sscc": Scheme("00", 2, 17, indicator=True),
    "upui": Scheme("01", 3, 13, indicator=True, serial_ai="235"),
}
# Where a pattern over all serials names a class (CBV 2.0 §8.3.1).
_CLASS_PATTERNS = frozenset({"cpi", "gdti", "grai", "itip", "sgcn", "sgtin", "upui"})
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)", re.IGNORECASE | re.DOTALL)
_HTTP = re.compile(r"https?://[^/?#]+(/[^?#]*)", re.IGNORECASE)
COMPANY_PREFIX = re.compile(r"\d{6,12}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)


def gtin_check_digit(digits: str) -> str:
    """Return the check digit for the digits before it (GS1 General Specifications, §7.9).

    It is the same sum for GTIN, SSCC, GLN, GRAI, GDTI, GSRN, GCN and GSIN.

    >>> gtin_check_digit("629104150021")
    '3'

    Raises:
        Invalid: something else than digits.
    """
    if not _DIGITS.fullmatch(digits):
        raise Invalid("a check digit is computed over digits", code="gs1.digits", value=digits)
    backwards = digits[::-1]
    weighted = 3 * sum(map(int, backwards[::2])) + sum(map(int, backwards[1::2]))
    return str(-weighted % 10)


def canonical_key(uri: str) -> str:
    """Return the canonical key of a GS1 identifier; another URI comes back as it is.

    Args:
        uri: EPC URN (``urn:epc:id:…``, ``urn:epc:class:…``, ``urn:epc:idpat:…``) or http(s) URI.

    Raises:
        Invalid: an EPC URN of a GS1 key that is malformed, or a Digital Link whose check digit
            is wrong (the message names the right one).
    """
    return uri if len(uri) > MAX_URI_CHARACTERS else _canonical_key(uri)


# The same lots and places come back in event after event.
@lru_cache(maxsize=16_384)
def _canonical_key(uri: str) -> str:
    urn = _URN.fullmatch(uri)
    if urn:
        return _from_urn(uri, urn[1].lower(), urn[2].lower(), urn[3])
    http = _HTTP.match(uri)
    found = _elements_in(http[1]) if http else None
    return _canonical(found) if found else uri


def parse_digital_link_path(path: str) -> str:
    """Return the canonical key of a Digital Link path, with any prefix before the primary key.

    >>> parse_digital_link_path("/9/01/614141073467/10/AB%2F1")
    '01/00614141073467/10/AB%2F1'

    Raises:
        Invalid: no GS1 primary key in the path, or a wrong check digit.
    """
    return _canonical(elements(path))


def elements(path: str) -> dict[str, str]:
    """Return all application identifiers of a key or Digital Link path, with decoded values.

    >>> elements("01/10614141073464/10/AB%2F1")
    {'01': '10614141073464', '10': 'AB/1'}
    >>> elements("/01/10614141073464/10/AB%2F1/21/7")["10"]
    'AB/1'

    Raises:
        Invalid: no GS1 primary key in the path, or a wrong check digit.
    """
    return dict(_known_elements(path))


# A journey names the same few hundred keys over and over.
@lru_cache(maxsize=16_384)
def _known_elements(path: str) -> Mapping[str, str]:
    found = _elements_in(path.partition("?")[0])
    if found is None:
        raise Invalid(
            "this is not a GS1 Digital Link path",
            code="gs1.digital_link",
            value=path,
            mend="write a primary key and its value, like /01/09521234543213/10/LOT1",
        )
    return found


def digital_link(key: str, base: str) -> str:
    """Return the Digital Link URI of a canonical key at a resolver.

    >>> digital_link("00/106141412345678908", "https://id.gs1.org/")
    'https://id.gs1.org/00/106141412345678908'
    """
    return f"{base.rstrip('/')}/{key}"


def is_key(key: str) -> bool:
    """Tell whether a canonical key is one of GS1's, not another URI.

    >>> is_key("414/9521234567899"), is_key("urn:uuid:0b1d")
    (True, False)
    """
    return key.partition("/")[0] in _PRIMARY


def is_class(key: str) -> bool:
    """Tell whether a canonical key names a kind or a batch, rather than one thing.

    >>> is_class("01/10614141073464/10/LOT1"), is_class("01/10614141073464/21/2018")
    (True, False)
    """
    if key.startswith(("urn:epc:class:", "urn:epc:idpat:", "urn:epcglobal:cbv:lot:")):
        return True
    ai, *rest = key.split("/")
    if ai not in _PRIMARY or not rest:
        return False
    if ai in _SERIAL_QUALIFIERS:
        return _SERIAL_QUALIFIERS[ai].isdisjoint(rest[1::2])
    return len(unquote(rest[0])) == _PRIMARY[ai].class_length


def _from_urn(uri: str, kind: str, name: str, text: str) -> str:
    scheme = SCHEMES.get(name)
    if scheme is None or (name == "lgtin") != (kind == "class"):
        return uri  # not a GS1 key (urn:epc:id:gid, adi, bic, imovn, usdod…)
    parts = text.split(".", scheme.parts - 1)
    if kind == "idpat" and not _is_one_class(name, parts):
        return uri  # a pattern over several keys, no single one
    if len(parts) != scheme.parts:
        raise _malformed(uri, f"it has {scheme.parts} parts with dots between, not {len(parts)}")
    company, reference, *rest = (unquote(part) for part in parts)
    _check_reference(uri, scheme, company, reference)
    if rest and not rest[-1]:
        raise _malformed(uri, "the serial number is missing")
    pattern = kind == "idpat" and bool(rest) and rest[-1] == PATTERN_WILDCARD
    pieces, serial = _serial_of(scheme, rest, pattern=pattern)
    value = _with_check_digit(scheme, company, reference) + pieces
    if scheme.serial_ai:
        pairs = [scheme.ai, value, scheme.serial_ai, serial] if serial else [scheme.ai, value]
    else:
        pairs = [scheme.ai, value + serial]
    _check_values(uri, pairs)
    return _joined(pairs)


def _is_one_class(name: str, parts: list[str]) -> bool:
    """Tell whether a pattern fixes all but the serial (``*``), and so names one class."""
    fixed = parts[:-1] if name in _CLASS_PATTERNS and parts[-1] == PATTERN_WILDCARD else parts
    return not any(part == PATTERN_WILDCARD or part.startswith("[") for part in fixed)


def _serial_of(scheme: Scheme, rest: list[str], *, pattern: bool) -> tuple[str, str]:
    """Split what follows the reference into an ITIP's piece counts and the serial."""
    if not rest:
        return "", ""
    *pieces, serial = rest
    if pattern or (scheme.serial_ai == "254" and serial == _NO_EXTENSION):
        serial = ""
    return "".join(pieces), serial


def _check_reference(uri: str, scheme: Scheme, company: str, reference: str) -> None:
    if not COMPANY_PREFIX.fullmatch(company):
        raise _malformed(uri, "the GS1 company prefix has 6 to 12 digits")
    if not scheme.digits:
        return
    both = company + reference
    if not _DIGITS.fullmatch(both) or len(both) != scheme.digits:
        raise _malformed(
            uri, f"company prefix and reference have {scheme.digits} digits, not {len(both)}"
        )


def _with_check_digit(scheme: Scheme, company: str, reference: str) -> str:
    if not scheme.digits:
        return company + reference
    at = 1 if scheme.indicator else 0
    body = scheme.filler + reference[:at] + company + reference[at:]
    return body + gtin_check_digit(body)


def _check_values(uri: str, pairs: list[str]) -> None:
    for ai, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not _VALUE[ai].fullmatch(value):
            raise _malformed(uri, f"{value!r} is not a value of GS1 application identifier {ai}")


def _malformed(uri: str, why: str) -> Invalid:
    return Invalid("malformed EPC URN", code="gs1.urn", value=uri, mend=why)


def _elements_in(path: str) -> dict[str, str] | None:
    """Return the elements from the first segment on from which all the rest is one key."""
    values = [unquote(segment) for segment in path.split("/") if segment]
    for start in range(len(values) - 1):
        if _ALIASES.get(values[start], values[start]) not in _PRIMARY:
            continue
        pairs = [_ALIASES.get(v, v) if i % 2 == 0 else v for i, v in enumerate(values[start:])]
        if _fits(pairs):
            return _verified(dict(zip(pairs[::2], pairs[1::2], strict=True)))
    return None


def _fits(values: list[str]) -> bool:
    primary = _PRIMARY[values[0]]
    if len(values) % 2 or not _VALUE[values[0]].fullmatch(values[1]):
        return False
    order = [primary.qualifiers.index(ai) for ai in values[2::2] if ai in primary.qualifiers]
    return (
        len(order) == len(values) // 2 - 1
        and order == sorted(set(order))
        and all(
            _VALUE[ai].fullmatch(value)
            for ai, value in zip(values[2::2], values[3::2], strict=True)
        )
    )


def _verified(found: dict[str, str]) -> dict[str, str]:
    ai, value = next(iter(found.items()))
    if ai == "01":
        value = value.zfill(GTIN_DIGITS)
    if _PRIMARY[ai].checked:
        _verify_check_digit(ai, value, _PRIMARY[ai].checked)
    return {**found, ai: value}


def _canonical(found: Mapping[str, str]) -> str:
    """Return the key of elements: what identifies the thing, and nothing beside."""
    needless = {wide for narrow, wider in _NARROWER.items() if narrow in found for wide in wider}
    if found.get("254") == _NO_EXTENSION:
        needless.add("254")
    return _joined([part for pair in found.items() if pair[0] not in needless for part in pair])


def _verify_check_digit(ai: str, value: str, length: int) -> None:
    right = gtin_check_digit(value[: length - 1])
    found = value[length - 1]
    if found != right:
        raise Invalid(
            f"the check digit of this ({ai}) key is wrong: {found} should be {right}",
            code="gs1.check_digit",
            value=value,
            mend="if the other digits are right, write "
            + value[: length - 1]
            + right
            + value[length:],
        )


def _joined(pairs: list[str]) -> str:
    return "/".join(part if part.isalnum() else quote(part, safe="") for part in pairs)
