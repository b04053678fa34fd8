"""The guards every request passes: rates, sizes, security headers, and who may write."""

import hmac
import math
import time
from functools import partial
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from longmai.kernel.errors import Forbidden, TooLarge, TooMany
from longmai.portal.failures import failure
from longmai.portal.house import house_of
from longmai.portal.rates import Buckets, is_loopback

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# A server that listens everywhere, and was told of no public address.
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
_PROXIED = {
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
}
# Room for the largest document and the form around it.
MAX_BODY_BYTES = 33 * 1024 * 1024
_READING = {"GET", "HEAD", "OPTIONS"}
# A write costs the house more than a read.
_WRITE_COST = 5
_FOR_EVER = "public, max-age=31536000, immutable"


class Guard:
    """Middleware: refuses too many requests and too large bodies; adds the security headers."""

    def __init__(self, app: ASGIApp, buckets: Buckets) -> None:
        self._app, self._buckets = app, buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        protected = partial(_send_protected, request, send)
        try:
            self._check_rate(request)
            _check_announced(request)
        except (TooMany, TooLarge) as refusal:
            await failure(request, refusal)(scope, receive, protected)
            return
        await self._app(scope, _limited(receive), protected)

    def _check_rate(self, request: Request) -> None:
        peer = request.client.host if request.client else ""
        if is_loopback(peer) or request.url.path.startswith("/static/"):
            return
        cost = 1 if request.method in _READING else _WRITE_COST
        wait = self._buckets.take(peer, time.monotonic(), cost)
        if wait:
            raise TooMany("too many requests from this address", math.ceil(wait))


def _check_announced(request: Request) -> None:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        raise TooLarge("the request is too large", code="request.size")


def _limited(receive: Receive) -> Receive:
    # A body that announces nothing (chunked) is cut off where it becomes too large.
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY_BYTES:
            raise TooLarge("the request is too large", code="request.size")
        return message

    return counted


async def _send_protected(request: Request, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        if request.url.path.startswith("/static/"):
            # A module imported by another carries no digest: browsers ask whether it changed.
            known = "v" in request.query_params
            headers["Cache-Control"] = _FOR_EVER if known else "no-cache"
    await send(message)


def may_write(request: Request) -> None:
    """Let a request write if it carries the capture token, or comes from this very machine.

    From this machine means: the peer, the addressed host and the page it was sent from are all
    loopback, so neither another machine nor a foreign web page in this machine's browser (CSRF,
    DNS rebinding) can write. Behind a proxy everybody's peer is the proxy: a house that has a
    public address, or a request that a proxy marked, needs the token. Accounts and rights replace
    this guard.

    Raises:
        Forbidden: neither holds.
    """
    settings = house_of(request).settings
    token = settings.capture_token
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token and scheme == "Bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return
    peer = request.client.host if request.client else ""
    origin = request.headers.get("origin")
    if (
        peer in _LOOPBACK
        and urlsplit(settings.public_url).hostname in _LOOPBACK | _EVERYWHERE
        and not _PROXIED & set(request.headers.keys())
        and request.url.hostname in _LOOPBACK
        and request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
        and (origin is None or urlsplit(origin).netloc == request.url.netloc)
    ):
        return
    raise Forbidden(
        "writing from another machine needs the capture token",
        code="guard.write",
        mend="send 'Authorization: Bearer …' with the value of LONGMAI_CAPTURE_TOKEN",
    )
