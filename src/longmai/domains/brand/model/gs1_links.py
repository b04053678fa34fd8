"""Digital Links with what stands beside the key: attributes in the query string.

>>> link("01/09521234543213/10/L7", "https://id.gs1.org", {"17": "261231", "3103": "001500"})
'https://id.gs1.org/01/09521234543213/10/L7?17=261231&3103=001500'
>>> attributes_in("https://example.com/01/09521234543213?17=261231&utm=x&linkType=gs1:pip")
{'17': '261231'}
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from longmai.domains.brand.model.gs1 import PRIMARY_KEYS, QUALIFIERS, digital_link

_IDENTIFIER = re.compile(r"\d{2,4}", re.ASCII)


def link(key: str, resolver: str, attributes: Mapping[str, str] | None = None) -> str:
    """Return the Digital Link of a key at a resolver, with attributes (Digital Link 1.4 §4.10)."""
    address = digital_link(key, resolver)
    return f"{address}?{urlencode(attributes)}" if attributes else address


def attributes_in(address: str) -> dict[str, str]:
    """Return the values by application identifier that a Digital Link names beside its key."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=False)
    return {name: value for name, value in pairs if _IDENTIFIER.fullmatch(name)}


def path_of_elements(found: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """Return the Digital Link path of elements, and those that went into it.

    The path is empty where no element is a GS1 key. Of several the first of GS1's order counts: an
    SSCC before what lies in it.
    """
    for ai in PRIMARY_KEYS:
        if ai in found:
            parts = [ai, *(each for each in QUALIFIERS[ai] if each in found)]
            path = "/".join(f"{each}/{quote(found[each], safe='')}" for each in parts)
            return path, frozenset(parts)
    return "", frozenset()
