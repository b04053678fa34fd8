"""The guards every request passes: security headers, and who may write before accounts exist."""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response

from longmai.kernel.errors import Forbidden, TooLarge
from longmai.portal.failures import failure
from longmai.portal.house import house_of

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
# Room for the largest document and the form around it.
MAX_BODY_BYTES = 33 * 1024 * 1024
_FOR_EVER = "public, max-age=31536000, immutable"


async def guarded(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Refuse bodies beyond the limit unread; add the security headers and how long to keep."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        response = failure(request, TooLarge("the request is too large", code="request.size"))
    else:
        response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith("/static/"):
        # A module imported by another carries no digest: browsers ask whether it changed.
        known = "v" in request.query_params
        response.headers["Cache-Control"] = _FOR_EVER if known else "no-cache"
    return response


def may_write(request: Request) -> None:
    """Let a request write if it carries the capture token, or comes from this very machine.

    From this machine means: the peer, the addressed host and the page it was sent from are all
    loopback, so neither another machine nor a foreign web page in this machine's browser (CSRF,
    DNS rebinding) can write. Accounts and rights replace this guard.

    Raises:
        Forbidden: neither holds.
    """
    token = house_of(request).settings.capture_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return
    peer = request.client.host if request.client else ""
    origin = request.headers.get("origin")
    if (
        peer in _LOOPBACK
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
