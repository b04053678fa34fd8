"""GS1 keys in all notations: URN, Digital Link, element string; each leads back to the same key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.domains.brand.model.gs1 import canonical_key, gtin_check_digit
from longmai.domains.brand.model.gs1_elements import (
    FNC1,
    element_string,
    parse_elements,
    scanned_string,
)
from longmai.domains.brand.model.gs1_forms import CompanyPrefixes, digital_link_of, epc_urn, urn_of
from longmai.domains.brand.model.gs1_links import attributes_in, link
from longmai.kernel.errors import Invalid

# The examples of EPC Tag Data Standard 2.0 §6.3 and §7, with the length of their company prefix.
URNS = [
    ("urn:epc:id:sgtin:0614141.112345.400", 7),
    ("urn:epc:id:sscc:0614141.1234567890", 7),
    ("urn:epc:id:sgln:0614141.12345.400", 7),
    ("urn:epc:id:sgln:0614141.12345.0", 7),
    ("urn:epc:id:grai:0614141.12345.400", 7),
    ("urn:epc:id:giai:0614141.12345400", 7),
    ("urn:epc:id:gsrn:0614141.1234567890", 7),
    ("urn:epc:id:gsrnp:0614141.1234567890", 7),
    ("urn:epc:id:gdti:0614141.12345.400", 7),
    ("urn:epc:id:sgcn:4012345.67890.04711", 7),
    ("urn:epc:id:cpi:0614141.123ABC.123456789", 7),
    ("urn:epc:id:cpi:0614141.123%23ABC.12", 7),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", 7),
    ("urn:epc:id:gsin:0614141.123456789", 7),
    ("urn:epc:id:itip:4012345.012345.04.04.9876", 7),
    ("urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB", 7),
    ("urn:epc:id:pgln:1234567.89012", 7),
    ("urn:epc:class:lgtin:4012345.012345.998877", 7),
    ("urn:epc:idpat:sgtin:0614141.112345.*", 7),
    ("urn:epc:idpat:grai:0614141.12345.*", 7),
    ("urn:epc:id:sgtin:061414112345.0.400", 12),
]
_SERIAL = st.text("ABCZabcz0189-_.:%/&\"'()*+,;=?!<>", min_size=1, max_size=20)


@pytest.mark.parametrize(("urn", "length"), URNS)
def test_a_urn_is_its_key_and_back(urn: str, length: int) -> None:
    """Given how long the company prefix is; and through the Digital Link of the key."""
    assert epc_urn(canonical_key(urn), length) == urn
    assert canonical_key(digital_link_of(urn)) == canonical_key(urn)


@given(st.integers(0, 10**13 - 1), _SERIAL, st.integers(6, 12))
def test_any_sgtin_survives_every_notation(number: int, serial: str, length: int) -> None:
    """Digital Link → URN → element string → code → key."""
    digits = f"{number:013d}"
    key = element_key(digits + gtin_check_digit(digits), serial)
    assert canonical_key(epc_urn(key, length)) == key
    assert parse_elements(scanned_string(key)).key == key
    assert canonical_key(link(key, "https://id.gs1.org", {"17": "261231"})) == key
    if "(" not in serial:
        assert parse_elements(element_string(key)).key == key


def element_key(gtin: str, serial: str) -> str:
    """Return the key of a serial number of a product."""
    return parse_elements(f"01{gtin}21{serial}").key


@pytest.mark.parametrize(
    ("text", "key", "attributes"),
    [
        ("]C10109521234543213" + "10L7", "01/09521234543213/10/L7", {}),
        ("]d2" + FNC1 + "0109521234543213" + "21B" + FNC1 + "10L", "01/09521234543213/21/B", {}),
        ("00106141412345678908", "00/106141412345678908", {}),
        ("(414)9521234567899(254)A", "414/9521234567899/254/A", {}),
        (
            "(01)09521234543213 (3103)001500 (17)261231",
            "01/09521234543213",
            {"3103": "001500", "17": "261231"},
        ),
        ("0109521234543213310300150017261231", "01/09521234543213", {"3103": "001500",
                                                                   "17": "261231"}),
        ("80030952123454321314", "8003/0952123454321314", {}),
    ],
)  # fmt: skip
def test_element_strings_are_read(text: str, key: str, attributes: dict[str, str]) -> None:
    """As scanners send them, and as people read them below the code."""
    try:
        found = parse_elements(text)
    except Invalid as fault:
        pytest.fail(str(fault))
    assert found.key == key
    assert {name: found.attributes[name] for name in attributes} == attributes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "(01)09521234543214",  # wrong check digit
        "(10)L7",  # no key
        "0109521",  # too short
        "(01)09521234543213(10)L7(10)L8",
        "(01)09521234543213 and more",
        "(01)09521234543213(10)烟",
        "0" * 501,
    ],
)
def test_what_is_no_element_string_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(Invalid) as caught:
        parse_elements(text)
    assert caught.value.code.startswith("gs1.")


def test_a_company_prefix_that_is_not_known_leaves_the_link() -> None:
    """Nobody can tell where it ends; a list of prefixes can."""
    address = "https://shop.example/01/10614141073464/21/7"
    assert urn_of(address, CompanyPrefixes()) == address
    known = CompanyPrefixes({"0614141": 7})
    assert urn_of(address, known) == "urn:epc:id:sgtin:0614141.107346.7"
    assert urn_of("https://example.com/orders/1", known) == "https://example.com/orders/1"
    with pytest.raises(Invalid):
        epc_urn("01/10614141073464/21/7", 13)
    with pytest.raises(Invalid):
        epc_urn("8013/1987654Ad4X4bL5ttr2310c2K", 7)


def test_attributes_of_a_link_are_application_identifiers_alone() -> None:
    """Other parameters are nobody's data."""
    assert attributes_in("https://a.example/01/1?17=261231&a=b&3103=000500") == {
        "17": "261231",
        "3103": "000500",
    }
