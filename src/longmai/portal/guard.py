"""The guards every request passes: rates, sizes, origins, security headers."""

import math
import time
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from longmai.kernel.errors import Forbidden, TooLarge, TooMany
from longmai.portal.accounts.visiting import cookie_name
from longmai.portal.failures import failure
from longmai.portal.house import house_of
from longmai.portal.rates import Buckets, is_loopback

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Room for the largest document and the form around it.
MAX_BODY_BYTES = 33 * 1024 * 1024
_READING = {"GET", "HEAD", "OPTIONS"}
# A write costs the house more than a read.
_WRITE_COST = 5
_FOR_EVER = "public, max-age=31536000, immutable"


class Guard:
    """Middleware: refuses too many, too large and strange requests; adds security headers."""

    def __init__(
        self, app: ASGIApp, buckets: Buckets, roomy: Mapping[str, int] | None = None
    ) -> None:
        self._app, self._buckets, self._roomy = app, buckets, roomy or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        protected = partial(_send_protected, request, send)
        try:
            self._check_rate(request)
            _check_announced(request, self._room(request))
            _check_origin(request)
        except (TooMany, TooLarge, Forbidden) as refusal:
            await failure(request, refusal)(scope, receive, protected)
            return
        await self._app(scope, _limited(receive, self._room(request)), protected)

    def _room(self, request: Request) -> int:
        return self._roomy.get(request.url.path, MAX_BODY_BYTES)

    def _check_rate(self, request: Request) -> None:
        peer = request.client.host if request.client else ""
        if is_loopback(peer) or request.url.path.startswith("/static/"):
            return
        cost = 1 if request.method in _READING else _WRITE_COST
        wait = self._buckets.take(peer, time.monotonic(), cost)
        if wait:
            raise TooMany("too many requests from this address", math.ceil(wait))


def _check_announced(request: Request, room: int) -> None:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > room:
        raise TooLarge("the request is too large", code="request.size")


def _limited(receive: Receive, room: int) -> Receive:
    # A body that announces nothing (chunked) is cut off where it becomes too large.
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > room:
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
            # The worker keeps pages (static/queue.js), which lie elsewhere than itself.
            headers["Service-Worker-Allowed"] = "/"
    await send(message)


def _check_origin(request: Request) -> None:
    """Refuse what a page elsewhere makes a browser send (CSRF).

    Browsers say where a request comes from (Sec-Fetch-Site; before that, Origin). A program says
    neither, and carries no session.

    Raises:
        Forbidden: it comes from elsewhere, or has a session and does not say where it comes from.
    """
    headers, settings = request.headers, house_of(request).settings
    if request.method in _READING or "authorization" in headers:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        own = site in {"same-origin", "none"}
    elif origin is not None:
        hosts = {request.url.netloc, urlsplit(settings.public_url).netloc}
        own = urlsplit(origin).netloc in hosts
    else:
        own = cookie_name(settings) not in request.cookies
    if not own:
        raise Forbidden(
            "this was sent from a page elsewhere",
            code="guard.origin",
            value=origin or site,
            mend="open the page here and send it again",
        )
