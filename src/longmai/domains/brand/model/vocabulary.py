"""Master data in words: what a place, product or party is called and where it is.

Attributes are named by URIs of several vocabularies (CBV master data, GS1 Web Vocabulary, a
sender's own); what counts is the last part of the name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAMES = ("name", "tradeItemName", "descriptionShort", "tradeItemDescription", "productName")


@dataclass(frozen=True, eq=False)
class Described:
    """What master data says of one thing.

    Attributes:
        key: canonical key or URI.
        names: by language; ``""`` holds a name given in no particular language.
        address: as given; ``city`` its town, where given.
        region: 12-digit region code, or empty.
        lon: longitude in degrees; with ``lat``, None where unknown.
        sample: the master data says it is sample data.
        attributes: all values by the last part of their names.
    """

    key: str
    names: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    city: str = ""
    region: str = ""
    lon: float | None = None
    lat: float | None = None
    sample: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """Return the name in a language, else in any, else the key."""
        for wanted in (language, "", "zh", "en"):
            if self.names.get(wanted):
                return self.names[wanted]
        return self.key

    def has_name(self, text: str) -> bool:
        """Tell whether a name in any language contains the text."""
        return any(text.casefold() in name.casefold() for name in self.names.values())


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
        names=_names(local),
        address=_text(local.get("address", local.get("streetAddressOne", ""))),
        city=_text(local.get("city", "")),
        region=region if re.fullmatch(r"\d{12}", region, re.ASCII) else "",
        lon=_degrees(local.get("longitude"), 180),
        lat=_degrees(local.get("latitude"), 90),
        sample=sample,
        attributes=local,
    )


def _names(local: Mapping[str, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    for attribute in _NAMES:
        for language, given in (
            ("", attribute),
            ("zh", f"{attribute}_zh"),
            ("en", f"{attribute}_en"),
        ):
            text = _text(local.get(given, ""))
            if text:
                names.setdefault(language, text)
    return names


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
