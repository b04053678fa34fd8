"""Patterns over GS1 keys: what they match, as keys and beginnings of keys."""

from longmai.domains.brand.model.gs1 import (
    COMPANY_PREFIX,
    PATTERN_WILDCARD,
    SCHEMES,
    Scheme,
    canonical_key,
)
from longmai.kernel.errors import Invalid

_PATTERN = "urn:epc:idpat:"
_DIGITS = "0123456789"


def pattern_of(value: str) -> tuple[str | None, tuple[str, ...]] | None:
    """Return what a pattern matches: one key (or None), and beginnings of keys.

    None: the value is no pattern.

    >>> pattern_of("urn:epc:idpat:sgtin:0614141.107346.*")
    ('01/10614141073464', ('01/10614141073464/21/',))
    >>> pattern_of("urn:epc:idpat:grai:0614141.*.*")
    (None, ('8003/00614141',))
    >>> len(pattern_of("urn:epc:idpat:sscc:0614141.*")[1])
    10

    Raises:
        Invalid: a pattern that cannot be.

    Source: EPC Tag Data Standard 2.0 §8.
    """
    if not value.lower().startswith(_PATTERN):
        return None
    name, _, text = value[len(_PATTERN) :].partition(":")
    scheme = SCHEMES.get(name.lower())
    parts = text.split(".", scheme.parts - 1) if scheme else []
    if scheme is None or not parts or not COMPANY_PREFIX.fullmatch(parts[0]):
        raise Invalid(
            "this is no pattern over GS1 keys",
            code="gs1.pattern",
            value=value,
            mend="write it like urn:epc:idpat:sgtin:0614141.107346.*",
        )
    if len(parts) > 1 and parts[1] != PATTERN_WILDCARD:
        return _of_class(value, name.lower(), scheme, parts)
    before = _DIGITS if scheme.indicator else (scheme.filler,)
    return None, tuple(f"{scheme.ai}/{each}{parts[0]}" for each in before)


def _of_class(
    value: str, name: str, scheme: Scheme, parts: list[str]
) -> tuple[str | None, tuple[str, ...]]:
    if name == "lgtin":
        gtin = canonical_key(f"{_PATTERN}sgtin:{parts[0]}.{parts[1]}.{PATTERN_WILDCARD}")
        return None, (f"{gtin}/{scheme.serial_ai}/",)
    key = canonical_key(value)
    return key, (f"{key}/{scheme.serial_ai}/" if scheme.serial_ai else key,)
