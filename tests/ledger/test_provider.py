"""The second hash: OpenSSL's SM3, or a module that a package plugs in under its name."""

from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid
from longmai.ledger import provider
from longmai.ledger.provider import second_hash


def certified(data: bytes) -> bytes:
    """Stand for a certified module."""
    return b"certified" + data[:1]


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        # GB/T 32905-2016, appendix A.
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_examples_of_its_standard(message: bytes, digest: str) -> None:
    """Both published examples."""
    assert second_hash("sm3")(message).hex() == digest


def test_a_plugged_in_module_goes_before_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that names its hash sm3 is asked instead; others may add their own."""
    plugs = [
        EntryPoint(name, "tests.ledger.test_provider:certified", provider.PLUGS)
        for name in ("sm3", "blake3")
    ]
    monkeypatch.setattr(provider, "entry_points", lambda group: plugs if group else [])
    second_hash.cache_clear()
    try:
        assert second_hash("sm3")(b"x") == b"certifiedx"
        assert second_hash("blake3")(b"y") == b"certifiedy"
        with pytest.raises(Invalid, match="there are: blake3, sm3"):
            second_hash("md5")
    finally:
        second_hash.cache_clear()


@given(st.binary(), st.binary(min_size=64, max_size=64))
def test_a_random_signature_never_verifies(message: bytes, signature: bytes) -> None:
    """And a true one does."""
    private = provider.ED25519.generate()
    public = provider.ED25519.public(private)
    assert not provider.ED25519.verifies(public, signature, message)
    assert provider.ED25519.verifies(public, provider.ED25519.sign(private, message), message)
