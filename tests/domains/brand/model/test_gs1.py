"""GS1 keys: the three notations, both directions, check digits. Examples as GS1 publishes them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.domains.brand.model.gs1 import (
    canonical_key,
    digital_link,
    elements,
    gtin_check_digit,
    is_class,
    is_key,
    parse_digital_link_path,
)
from longmai.kernel.errors import Invalid

SET_82 = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"
DIGITS = string.digits


def digits(length: int) -> st.SearchStrategy[str]:
    """Strings of so many digits."""
    return st.text(DIGITS, min_size=length, max_size=length)


def escaped(text: str) -> str:
    """Write a serial number as TDS §6.3.1 escapes it in a URN."""
    return "".join(f"%{ord(c):02X}" if c in '"%&/<>?#' else c for c in text)


# From the EPC Tag Data Standard §6.3 and §7, and the Core Business Vocabulary §8.
PUBLISHED = [
    ("urn:epc:id:sgtin:0614141.112345.400", "01/10614141123459/21/400"),
    ("urn:epc:id:sgtin:0614141.812345.6789", "01/80614141123458/21/6789"),
    ("urn:epc:id:sscc:0614141.1234567890", "00/106141412345678908"),
    ("urn:epc:id:sgln:0614141.12345.400", "414/0614141123452/254/400"),
    ("urn:epc:id:sgln:0614141.12345.0", "414/0614141123452"),
    ("urn:epc:id:grai:0614141.12345.400", "8003/00614141123452400"),
    ("urn:epc:id:giai:0614141.12345400", "8004/061414112345400"),
    ("urn:epc:id:gsrn:0614141.1234567890", "8018/061414112345678902"),
    ("urn:epc:id:gsrnp:0614141.1234567890", "8017/061414112345678902"),
    ("urn:epc:id:gdti:0614141.12345.400", "253/0614141123452400"),
    ("urn:epc:id:cpi:0614141.123ABC.123456789", "8010/0614141123ABC/8011/123456789"),
    ("urn:epc:id:cpi:0614141.123456%2F789.1", "8010/0614141123456%2F789/8011/1"),
    ("urn:epc:id:sgcn:4012345.67890.04711", "255/401234567890104711"),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"),
    ("urn:epc:id:gsin:0614141.123456789", "402/06141411234567890"),
    ("urn:epc:id:itip:4012345.012345.04.04.32a%2Fb", "8006/040123451234560404/21/32a%2Fb"),
    ("urn:epc:id:upui:1234567.089456.51qIgY", "01/01234567894560/235/51qIgY"),
    ("urn:epc:id:pgln:1234567.89012", "417/1234567890128"),
    ("urn:epc:class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877"),
    ("urn:epc:idpat:sgtin:0614141.112345.*", "01/10614141123459"),
    ("urn:epc:idpat:grai:0614141.12345.*", "8003/00614141123452"),
    ("urn:epc:idpat:itip:4012345.012345.04.04.*", "8006/040123451234560404"),
    ("https://id.gs1.org/01/09520123456788", "01/09520123456788"),
    ("https://example.com/01/9520123456788/22/2A", "01/09520123456788/22/2A"),
    ("https://dalgiardino.com/01/09506000134369/10/ABC/21/123456", "01/09506000134369/21/123456"),
    ("https://dalgiardino.com/gtin/09506000134369/lot/ABC", "01/09506000134369/10/ABC"),
    (
        "http://example.com/some/where/414/9520123456788/254/32a%2Fb",
        "414/9520123456788/254/32a%2Fb",
    ),
    ("https://id.gs1.org/00/952012345678912345?02=09520123456788", "00/952012345678912345"),
]


@pytest.mark.parametrize(("uri", "key"), PUBLISHED)
def test_published_identifier_has_its_key(uri: str, key: str) -> None:
    """Each example of the standards maps to the one path that names the same thing."""
    assert canonical_key(uri) == key
    assert canonical_key(digital_link(key, "https://id.gs1.org")) == key
    assert is_key(key)


@pytest.mark.parametrize(
    "uri",
    [
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:id:usdod:2S194.12345678901",
        "urn:epc:id:adi:2S194..12345678901",
        "urn:epc:id:bic:CSQU3054383",
        "urn:epc:idpat:sgtin:4012345.*.*",
        "urn:epc:idpat:sgtin:4012345.012345.[1-9]",
        "urn:epc:idpat:sscc:4012345.*",
        "https://example.com/orders/01/12",
        "https://example.com/401/error",
        "https://example.com/01/09520123456788/10",
        "https://example.com/01/09520123456788/21/A/10/B",
        "https://example.com/01/09520123456788/cat/A",
        "https://example.com/01/٠٩٥٢٠١٢٣٤٥٦٧٨٨",
        "https://example.com",
        "https://example.com/" + "a/" * 1000 + "01/09520123456788",
        "",
    ],
)
def test_other_identifier_stays_as_it_is(uri: str) -> None:
    """What names no single GS1 key comes back unchanged."""
    assert canonical_key(uri) == uri
    assert not is_key(uri)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("urn:epc:id:sgtin:0614141.11234.400", "13 digits, not 12"),
        ("urn:epc:id:sgtin:0614141.112345", "3 parts with dots between, not 2"),
        ("urn:epc:id:sgtin:06141.11123456.400", "company prefix has 6 to 12 digits"),
        ("urn:epc:id:sgtin:0614141.112345.", "serial number is missing"),
        ("urn:epc:id:sgtin:0614141.112345.123456789012345678901", "application identifier 21"),
        ("urn:epc:id:sscc:0614141.12345678X0", "17 digits"),
        ("urn:epc:id:cpi:0614141.123ABC.A", "application identifier 8011"),
        ("https://id.gs1.org/01/09520123456789", "write 09520123456788"),
        ("https://id.gs1.org/00/952012345678912346", "write 952012345678912345"),
        ("https://id.gs1.org/8003/095201234567895A1", "write 095201234567885A1"),
    ],
)
def test_malformed_identifier_is_refused_with_what_is_right(uri: str, said: str) -> None:
    """A GS1 key that cannot exist is refused, and the message says what would be right."""
    with pytest.raises(Invalid) as caught:
        canonical_key(uri)
    assert said in str(caught.value)


def test_path_without_key_is_refused() -> None:
    """A scan address that is no Digital Link says what one looks like."""
    with pytest.raises(Invalid, match="/01/09521234543213/10/LOT1"):
        parse_digital_link_path("/about/us")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("01/09520123456788", True),
        ("01/09520123456788/10/L1", True),
        ("01/09520123456788/22/2A", True),
        ("01/09520123456788/21/S1", False),
        ("01/09520123456788/235/S1", False),
        ("8006/040123451234560404", True),
        ("8006/040123451234560404/21/1", False),
        ("8010/0614141123ABC", True),
        ("8010/0614141123ABC/8011/1", False),
        ("8003/00614141123452", True),
        ("8003/00614141123452400", False),
        ("253/0614141123452", True),
        ("253/0614141123452%2F", False),
        ("00/106141412345678908", False),
        ("414/0614141123452", False),
        ("urn:epc:idpat:sgtin:4012345.*.*", True),
        ("https://example.com/things/1", False),
        ("253", False),
    ],
)
def test_class_is_told_from_instance(key: str, kind: bool) -> None:
    """A key without a serial number names a kind or a batch."""
    assert is_class(key) is kind


def test_check_digit_wants_digits() -> None:
    """A letter among the digits is refused."""
    with pytest.raises(Invalid):
        gtin_check_digit("12A")


@given(digits(13), st.text(SET_82, min_size=1, max_size=20), st.integers(6, 12))
def test_urn_and_digital_link_of_one_item_agree(body: str, serial: str, cut: int) -> None:
    """Whatever the company prefix length and serial, URN and link give the same key."""
    company, item = body[1 : cut + 1], body[0] + body[cut + 1 :]
    key = canonical_key(f"urn:epc:id:sgtin:{company}.{item}.{escaped(serial)}")
    assert elements(key) == {"01": body + gtin_check_digit(body), "21": serial}
    assert canonical_key(digital_link(key, "https://example.com/a/b")) == key
    assert parse_digital_link_path(key) == key


@given(digits(17), st.integers(7, 12))
def test_urn_and_digital_link_of_one_logistic_unit_agree(body: str, cut: int) -> None:
    """The extension digit of an SSCC moves before the company prefix."""
    company, reference = body[1 : cut + 1], body[0] + body[cut + 1 :]
    key = canonical_key(f"urn:epc:id:sscc:{company}.{reference}")
    assert elements(key) == {"00": body + gtin_check_digit(body)}


@given(digits(13))
def test_wrong_check_digit_names_the_right_one(body: str) -> None:
    """Of ten check digits nine are refused, each with the tenth in the message."""
    right = gtin_check_digit(body)
    key = canonical_key(f"https://example.com/01/{body}{right}")
    for wrong in set(DIGITS) - {right}:
        with pytest.raises(Invalid, match=f"{wrong} should be {right}"):
            parse_digital_link_path(key[:-1] + wrong)


@given(digits(12))
def test_check_digit_finds_every_single_digit_error(body: str) -> None:
    """Changing any one digit changes the check digit (General Specifications §7.9)."""
    right = gtin_check_digit(body)
    for i, digit in enumerate(body):
        other = str((int(digit) + 1) % 10)
        assert gtin_check_digit(body[:i] + other + body[i + 1 :]) != right


@given(st.text() | st.from_regex(r"(urn:epc:(id|class|idpat):[a-z]+:|https?://).*"))
def test_any_text_is_a_key_or_itself_or_refused(text: str) -> None:
    """No text breaks the reader, and a key is a fixed point."""
    try:
        key = canonical_key(text)
    except Invalid:
        return
    assert key == text or parse_digital_link_path(key) == key
