"""Addresses of others that we send to: never led into this machine, and signed."""

import hashlib
import hmac
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from longmai.kernel.errors import Invalid


def signature(secret: str, body: bytes) -> str:
    """Return the signature of a message.

    >>> signature("secret", b"{}")[:14]
    'sha256=7732590'
    """
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def pinned(address: str, *, inside: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Return an address with the host's number in place of its name, and what goes with it.

    A name is looked up once: what was checked is what is asked, whatever the name means later.

    Raises:
        Invalid: it leads to this machine or a private network, and may not.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    number = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if not inside and not ipaddress.ip_address(number).is_global:
        raise Invalid(
            "the address leads to this machine or a private network",
            code="epcis.subscription.inside",
            value=host,
            mend="set LONGMAI_WEBHOOKS_INSIDE=1 if that is meant",
        )
    shown = f"[{number}]" if ":" in number else number
    pinned = parts._replace(netloc=f"{shown}:{port}").geturl()
    return pinned, {"Host": parts.netloc}, {"sni_hostname": host}
