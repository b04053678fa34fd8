"""Passwords and second factors, against published vectors and the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from longmai.kernel.errors import Invalid
from longmai.portal.accounts.credentials import (
    check_password,
    code_step,
    digest_of,
    new_secret,
    password_matches,
    second_factor_address,
)

# RFC 6238, appendix B (SHA-1): the last six of the eight digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 - "12345678901234567890" in base 32
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_of_rfc_6238(seconds: int, code: str) -> None:
    """At their time, a step around it, and no other."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert code_step(SECRET, code, now) == seconds // 30
    assert code_step(SECRET, f"{code[:3]} {code[3:]}", now + timedelta(seconds=30)) is not None
    assert code_step(SECRET, code, now + timedelta(seconds=90)) is None


def test_a_code_counts_once() -> None:
    """After its step was taken it is used up."""
    now = datetime.fromtimestamp(59, UTC)
    assert code_step(SECRET, "287082", now, after=0) == 1
    assert code_step(SECRET, "287082", now, after=1) is None


@pytest.mark.parametrize("code", ["", "287083", "28708", "２８７０８２", "2870820", "abcdef"])
def test_what_is_no_code(code: str) -> None:
    """None of them counts."""
    assert code_step(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", "password123", "qwertyuiop", "wangli2026", "aaaaaaaaaaaa", "x" * 129],
)
def test_weak_passwords_are_refused(password: str) -> None:
    """Too short, too long, common, or made of one's own name."""
    with pytest.raises(Invalid):
        check_password(password, "wangli", "王丽")


@pytest.mark.parametrize("password", ["麦积山 石窟 苹果树 拖拉机", "plum tractor seventeen moss"])
def test_good_passwords_are_taken(password: str) -> None:
    """Several words that do not belong together, in any script."""
    check_password(password, "wangli", "王丽")


def test_nobody_matches_no_password() -> None:
    """Not even with an empty one."""
    assert not password_matches(None, "")
    assert not password_matches("not a hash", "x")


def test_secrets_differ_and_are_kept_as_digests() -> None:
    """256 bits each; the digest does not hold the text."""
    made = {new_secret().text for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43
    assert digest_of("x") != b"x"


def test_the_address_names_the_house() -> None:
    """As authenticators read it."""
    address = second_factor_address(SECRET, "wang li")
    assert address == f"otpauth://totp/Longmai:wang%20li?secret={SECRET}&issuer=Longmai"
