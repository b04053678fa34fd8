"""Codes that one phone shows and the other scans: signed, short-lived, for one end of one service.

A code is no secret of anybody's: it says that who showed it was there. It counts once, because an
end of a service is recorded once.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from longmai.kernel.errors import Forbidden, Invalid

HOLDS = timedelta(minutes=2)
ENDS = ("in", "out")
_MAC_BYTES = 16
_BODY_BYTES = 16 + 16 + 1 + 8


@dataclass(frozen=True)
class SignCode:
    """What a code says.

    Attributes:
        service_id: of the service.
        shown_by: the member whose phone shows it.
        end: ``in`` or ``out``.
        until: until when it holds.
    """

    service_id: UUID
    shown_by: UUID
    end: str
    until: datetime


def write_code(code: SignCode, key: bytes) -> str:
    """Write a code as the text that stands in a QR code's address."""
    body = (
        code.service_id.bytes
        + code.shown_by.bytes
        + bytes([ENDS.index(code.end)])
        + int(code.until.timestamp()).to_bytes(8)
    )
    return urlsafe_b64encode(body + _mac(body, key)).decode().rstrip("=")


def read_code(text: str, key: bytes, now: datetime) -> SignCode:
    """Read a code that somebody scanned.

    Raises:
        Invalid: it is none of ours.
        Forbidden: its time is over.
    """
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        data = b""
    body, mac = data[:_BODY_BYTES], data[_BODY_BYTES:]
    if len(body) != _BODY_BYTES or not hmac.compare_digest(mac, _mac(body, key)):
        raise Invalid("this is no code of this house", code="hours.sign.code", mend="scan it again")
    until = datetime.fromtimestamp(int.from_bytes(body[33:]), UTC)
    if now > until:
        raise Forbidden(
            "the time of this code is over",
            code="hours.sign.over",
            mend="let the other phone show a new one",
        )
    return SignCode(UUID(bytes=body[:16]), UUID(bytes=body[16:32]), ENDS[body[32]], until)


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"longmai hours sign\n" + body, sha256)[:_MAC_BYTES]
