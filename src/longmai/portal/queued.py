"""The server's side of forms that wait in the browser (``static/queue.js``).

Such a form carries a number (``form``) made where it was filled in; whoever takes it takes a number
once. It is sent with ``X-Queue``, and answered so that the browser knows whether it was taken.
"""

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from longmai.kernel.errors import LongmaiError
from longmai.portal.failures import Worded

_SEE_OTHER = 303


def is_queued(request: Request) -> bool:
    """Tell whether a form comes from a browser's queue, not from its page."""
    return "x-queue" in request.headers


def taken(request: Request, href: str, said: str = "") -> Response:
    """Answer a form that was taken.

    Args:
        request: that brought it.
        href: the page that shows what became of it.
        said: what became of it, in words.
    """
    if is_queued(request):
        # A gateway that answers everything with its own page does not say this.
        return JSONResponse({"taken": True, "href": href, "said": said})
    return RedirectResponse(href, _SEE_OTHER)


def refused(error: LongmaiError, findings: Sequence[Worded]) -> JSONResponse:
    """Answer a form from a queue that was refused, and say why."""
    told = [{"what": each.what, "place": each.place, "mend": each.mend} for each in findings]
    return JSONResponse({"taken": False, "findings": told}, error.status)
