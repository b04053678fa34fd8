"""Where the ledger meets cryptography: hashes and signatures, behind one small surface.

The tree, the commitments and the checkpoints are SHA-256 and Ed25519: that is what verifiers all
over the world read. Where a regional rule asks for another hash of what was recorded (SM3 in
China), headers carry a second commitment, computed by the module plugged in under its name.

>>> digest(b"").hex()[:16]
'e3b0c44298fc1c14'
"""

import hashlib
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from longmai.kernel.errors import Invalid, Unavailable

# A package plugs its hash in under this group: name = "package.module:function".
PLUGS = "longmai.hashes"


def digest(data: bytes) -> bytes:
    """Return the SHA-256 of data."""
    return hashlib.sha256(data).digest()


class Hash(Protocol):
    """A second hash: bytes in, digest out."""

    def __call__(self, data: bytes, /) -> bytes:
        """Return the digest."""
        ...


@cache
def second_hash(name: str) -> Hash:
    """Return a hash by its name: one that a package plugged in, or OpenSSL's own SM3.

    The example is that of GB/T 32905-2016, appendix A.1.

    >>> second_hash("sm3")(b"abc").hex()[:16]
    '66c7f0f462eeedd9'

    A certified module takes precedence over OpenSSL's code of the same name.

    Raises:
        Invalid: no hash has this name.
        Unavailable: this build of OpenSSL has no SM3.
    """
    plugged = {entry.name: entry for entry in entry_points(group=PLUGS)}
    if name in plugged:
        made: Hash = plugged[name].load()
        return made
    if name != "sm3":
        raise Invalid(
            "no hash has this name",
            code="ledger.hash",
            place="LONGMAI_SECOND_HASH",
            value=name,
            mend=f"there are: {', '.join(sorted({'sm3', *plugged}))}",
        )
    if "sm3" not in hashlib.algorithms_available:
        raise Unavailable(
            "this build of OpenSSL has no SM3",
            code="ledger.hash",
            mend="install a package that plugs one in, or another Python build",
        )
    return lambda data: hashlib.new("sm3", data).digest()


class Ed25519:
    """Signatures of RFC 8032; private keys are their 32 bytes."""

    signature_bytes = 64

    def generate(self) -> bytes:
        """Make a private key."""
        return Ed25519PrivateKey.generate().private_bytes_raw()

    def public(self, private: bytes) -> bytes:
        """Return the public key of a private one.

        Raises:
            ValueError: not 32 bytes.
        """
        return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def sign(self, private: bytes, message: bytes) -> bytes:
        """Return the signature of a message."""
        return Ed25519PrivateKey.from_private_bytes(private).sign(message)

    def verifies(self, public: bytes, signature: bytes, message: bytes) -> bool:
        """Tell whether a signature is of this key and message."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


ED25519 = Ed25519()
