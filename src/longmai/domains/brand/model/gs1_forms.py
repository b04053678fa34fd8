"""GS1 keys in their notations: EPC URN, Digital Link URI, both ways.

An EPC URN tells where the GS1 company prefix ends, a Digital Link does not: to write a URN its
length must be known, from GS1's list of prefixes (``GCPPrefixFormatList``) or from its holder.

>>> epc_urn("01/10614141073464/21/2018", 7)
'urn:epc:id:sgtin:0614141.107346.2018'
>>> digital_link_of("urn:epc:class:lgtin:4012345.012345.998877")
'https://id.gs1.org/01/04012345123456/10/998877'
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from longmai.domains.brand.model.gs1 import canonical_key, digital_link, elements, is_key
from longmai.kernel.errors import Invalid

RESOLVER = "https://id.gs1.org"
_SHORTEST, _LONGEST = 4, 12
# What stands for itself in an EPC URN (TDS 2.0 §5.4), letters and digits beside.
_SAFE = "!'()*+,-.:;=_"
_PATTERN = "*"


@dataclass(frozen=True)
class CompanyPrefixes:
    """How long the GS1 company prefix of a key is.

    Attributes:
        lengths: length of the company prefix by the digits keys of it begin with.
    """

    lengths: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> "CompanyPrefixes":
        """Read GS1's list of prefixes, as it publishes it in JSON; none if the file is missing.

        Raises:
            Invalid: the file is not such a list.
        """
        try:
            told = json.loads(file.read_text("utf-8"))
            entries = told["GCPPrefixFormatList"]["entry"]
            return cls({str(e["prefix"]): int(e["gcpLength"]) for e in entries if e["gcpLength"]})
        except FileNotFoundError:
            return cls()
        except (KeyError, TypeError, ValueError):
            raise Invalid(
                "this is not GS1's list of company prefixes",
                code="gs1.prefixes",
                place=str(file),
                mend="take gcpprefixformatlist.json from GS1",
            ) from None

    def length(self, digits: str) -> int | None:
        """Return the length of the company prefix that digits begin with; None: not known.

        >>> CompanyPrefixes({"0614141": 7, "952": 7}).length("061414112345")
        7
        """
        for cut in range(min(len(digits), _LONGEST), 0, -1):
            if digits[:cut] in self.lengths:
                return self.lengths[digits[:cut]]
        return None


def digital_link_of(uri: str, resolver: str = RESOLVER) -> str:
    """Return the Digital Link of an EPC URN; any other URI as it is."""
    if not uri.lower().startswith("urn:epc:"):
        return uri
    try:
        key = canonical_key(uri)
    except Invalid:
        return uri
    return digital_link(key, resolver) if is_key(key) else uri


def urn_of(uri: str, prefixes: CompanyPrefixes) -> str:
    """Return the EPC URN of a Digital Link, where the company prefix is known; else as it is."""
    if uri.lower().startswith("urn:"):
        return uri
    try:
        key = canonical_key(uri)
    except Invalid:
        return uri
    length = prefixes.length(company_digits(key)) if is_key(key) else None
    return uri if length is None else epc_urn(key, length)


def company_digits(key: str) -> str:
    """Return the digits of a key from where its company prefix begins.

    >>> company_digits("00/106141412345678908"), company_digits("414/0614141123452")
    ('06141412345678908', '0614141123452')
    """
    ai, value = next(iter(elements(key).items()))
    return value[1:] if ai in {"00", "01", "8003", "8006"} else value


def epc_urn(key: str, length: int) -> str:
    """Return the EPC URN of a canonical key; of a kind, a pattern over its serial numbers.

    Args:
        key: canonical key of a GS1 key.
        length: of the GS1 company prefix, 4 to 12 digits.

    Raises:
        Invalid: the length cannot be, or the key has no EPC.

    Source: EPC Tag Data Standard 2.0 §6.3, §7.
    """
    if not _SHORTEST <= length <= _LONGEST:
        raise Invalid("a GS1 company prefix has 4 to 12 digits", code="gs1.urn", value=length)
    parts = elements(key)
    ai, value = next(iter(parts.items()))
    make = _URNS.get(ai)
    if make is None:
        raise Invalid("this key has no EPC", code="gs1.urn", value=key)
    return make(value, length, parts)


_Make = Callable[[str, int, Mapping[str, str]], str]


def _escaped(text: str) -> str:
    return quote(text, safe=_SAFE)


def _gtin(value: str, length: int, parts: Mapping[str, str]) -> str:
    reference = f"{value[1 : 1 + length]}.{value[0]}{value[1 + length : 13]}"
    if "21" in parts:
        return f"urn:epc:id:sgtin:{reference}.{_escaped(parts['21'])}"
    if "235" in parts:
        return f"urn:epc:id:upui:{reference}.{_escaped(parts['235'])}"
    if "10" in parts:
        return f"urn:epc:class:lgtin:{reference}.{_escaped(parts['10'])}"
    return f"urn:epc:idpat:sgtin:{reference}.{_PATTERN}"


def _sscc(value: str, length: int, _parts: Mapping[str, str]) -> str:
    return f"urn:epc:id:sscc:{value[1 : 1 + length]}.{value[0]}{value[1 + length : 17]}"


def _itip(value: str, length: int, parts: Mapping[str, str]) -> str:
    reference = f"{value[1 : 1 + length]}.{value[0]}{value[1 + length : 13]}"
    return _with_serial("itip", f"{reference}.{value[14:16]}.{value[16:18]}", parts.get("21", ""))


def _sgln(value: str, length: int, parts: Mapping[str, str]) -> str:
    extension = _escaped(parts.get("254", "0"))
    return f"urn:epc:id:sgln:{value[:length]}.{value[length:12]}.{extension}"


def _grai(value: str, length: int, _parts: Mapping[str, str]) -> str:
    return _with_serial("grai", f"{value[1 : 1 + length]}.{value[1 + length : 13]}", value[14:])


def _cpi(value: str, length: int, parts: Mapping[str, str]) -> str:
    reference = f"{value[:length]}.{_escaped(value[length:])}"
    return _with_serial("cpi", reference, parts.get("8011", ""))


def _with_serial(name: str, reference: str, serial: str) -> str:
    if serial:
        return f"urn:epc:id:{name}:{reference}.{_escaped(serial)}"
    return f"urn:epc:idpat:{name}:{reference}.{_PATTERN}"


def _with_type(name: str) -> _Make:
    """A document or coupon: a type that ends in a check digit, then a serial number."""

    def make(value: str, length: int, _parts: Mapping[str, str]) -> str:
        return _with_serial(name, f"{value[:length]}.{value[length:12]}", value[13:])

    return make


def _two_parts(name: str, end: int | None) -> _Make:
    """A company prefix and what the company numbers, without the check digit."""

    def make(value: str, length: int, _parts: Mapping[str, str]) -> str:
        return f"urn:epc:id:{name}:{value[:length]}.{_escaped(value[length:end])}"

    return make


_URNS: Mapping[str, _Make] = {
    "00": _sscc,
    "01": _gtin,
    "253": _with_type("gdti"),
    "255": _with_type("sgcn"),
    "401": _two_parts("ginc", None),
    "402": _two_parts("gsin", 16),
    "414": _sgln,
    "417": _two_parts("pgln", 12),
    "8003": _grai,
    "8004": _two_parts("giai", None),
    "8006": _itip,
    "8010": _cpi,
    "8017": _two_parts("gsrnp", 17),
    "8018": _two_parts("gsrn", 17),
}
