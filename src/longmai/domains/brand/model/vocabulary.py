"""Master data in words: what a place, product or party is called and where it is.

Attributes are named by URIs of several vocabularies (CBV master data, GS1 Web Vocabulary, a
sender's own); what counts is the last part of the name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NAMES = ("name", "tradeItemName", "descriptionShort", "tradeItemDescription", "productName")


@dataclass(frozen=True, eq=False)
class Described:
    """What master data says of one thing.

    Attributes:
        key: canonical key or URI.
        names: by language; ``""`` holds a name given in no particular language.
        address: as given.
        towns: the town it lies in, by language, where given.
        region: 12-digit region code, or empty.
        lon: longitude in degrees; with ``lat``, None where unknown.
        sample: the master data says it is sample data.
        attributes: all values by the last part of their names.
        told: all values by their whole names.
    """

    key: str
    names: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    towns: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    lon: float | None = None
    lat: float | None = None
    sample: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """Return the name in a language, else in any, else the key."""
        return _spoken(self.names, language) or self.key

    def town(self, language: str) -> str:
        """Return the town it lies in, else its name."""
        return _spoken(self.towns, language) or self.name(language)

    def has_name(self, text: str) -> bool:
        """Tell whether a name in any language contains the text."""
        return any(text.casefold() in name.casefold() for name in self.names.values())


def _spoken(texts: Mapping[str, str], language: str) -> str:
    return next((texts[each] for each in (language, "", "zh", "en") if each in texts), "")


def describe(key: str, attributes: Mapping[str, Any], *, sample: bool = False) -> Described:
    """Read master data attributes.

    >>> described = describe("414/9521234567899", {
    ...     "urn:epcglobal:cbv:mda#name": "Cold store", "urn:epcglobal:cbv:mda#latitude": "35.5",
    ...     "urn:epcglobal:cbv:mda#longitude": "105.7"})
    >>> described.name("en"), described.lon
    ('Cold store', 105.7)
    """
    local = {re.split(r"[#/:]", uri)[-1]: value for uri, value in attributes.items()}
    region = str(local.get("regionCode", ""))
    return Described(
        key=key,
        names=_by_language(local, _NAMES),
        address=_text(local.get("address", local.get("streetAddressOne", ""))),
        towns=_by_language(local, ("city",)),
        region=region if re.fullmatch(r"\d{12}", region, re.ASCII) else "",
        lon=_degrees(local.get("longitude"), 180),
        lat=_degrees(local.get("latitude"), 90),
        sample=sample,
        attributes=local,
        told=attributes,
    )


def _by_language(local: Mapping[str, Any], attributes: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for attribute in attributes:
        for language, suffix in (("", ""), ("zh", "_zh"), ("en", "_en")):
            text = _text(local.get(attribute + suffix, ""))
            if text:
                found.setdefault(language, text)
    return found


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("@value", "")
    return value if isinstance(value, str) else ""


def _degrees(value: Any, most: int) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if -most <= number <= most else None
