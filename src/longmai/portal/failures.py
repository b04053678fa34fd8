"""Errors as people and programs see them: one shape for the API, one page for people."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from longmai.kernel.errors import Invalid, InvalidMany, LongmaiError, TooMany, Unavailable
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.visitor import SignInNeeded
from longmai.store.pressure import RETRY_S

_log = logging.getLogger("longmai")
# Where only programs come, and want problems (RFC 9457).
_OF_PROGRAMS = ("/epcis/",)


@dataclass(frozen=True)
class ErrorContext:
    """Variables of ``error.html``."""

    status: int
    what: str
    place: str | None
    mend: str | None


def install(app: FastAPI) -> None:
    """Give the app its error handlers."""
    app.add_exception_handler(LongmaiError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_parameters)
    app.add_exception_handler(HTTPException, _of_routing)
    app.add_exception_handler(Exception, _of_nobody)


def _of_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, LongmaiError):
        raise error
    return failure(request, error)


def _of_parameters(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    findings = [
        Invalid(
            str(fault["msg"]),
            code="request",
            place=".".join(str(part) for part in fault["loc"]),
            value=fault.get("input"),
        )
        for fault in error.errors()
    ]
    return _answer(request, 422, InvalidMany("the request is not valid", findings))


def _of_routing(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, LongmaiError):
        # FastAPI wraps what goes wrong while it reads a body.
        return failure(request, error.__cause__)
    phrase = HTTPStatus(error.status_code).phrase
    known = LongmaiError(phrase, code=f"http.{error.status_code}", place=request.url.path)
    response = _answer(request, error.status_code, known)
    response.headers.update(error.headers or {})
    return response


def _of_nobody(request: Request, error: Exception) -> Response:
    _log.error("unexpected error on %s", request.url.path, exc_info=error)
    known = LongmaiError("something went wrong on our side; nothing was changed", code="unexpected")
    return _answer(request, 500, known)


def failure(request: Request, error: LongmaiError) -> Response:
    """Answer with an error, as JSON to a program and as a page to a person."""
    if isinstance(error, SignInNeeded) and _is_page(request) and request.method == "GET":
        # A person signs in and comes back; a program is told.
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?{urlencode({'next': asked})}", 303)
    return _answer(request, error.status, error)


def _is_page(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    path = request.url.path
    return not f"{path}/".startswith(("/api/", *_OF_PROGRAMS)) and "text/html" in accepted


def _answer(request: Request, status: int, error: LongmaiError) -> Response:
    response = _written(request, status, error)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_s)
    elif isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(RETRY_S)
    return response


def _written(request: Request, status: int, error: LongmaiError) -> Response:
    path = request.url.path
    if path.startswith("/api/"):
        return JSONResponse({"error": error.as_dict()}, status_code=status)
    if f"{path}/".startswith(_OF_PROGRAMS):
        return _as_problem(path, status, error)
    said = worded(words_of(request), error, status)
    context = ErrorContext(status, said.what, said.place, said.mend)
    return render(request, "error.html", Page(context.what), context, status=status)


def _as_problem(path: str, status: int, error: LongmaiError) -> Response:
    body = {"type": "about:blank", "title": error.what, "status": status, "detail": str(error)}
    body["instance"] = path
    return JSONResponse(body, status, media_type="application/problem+json")


@dataclass(frozen=True)
class Worded:
    """An error in the words of a language."""

    what: str
    place: str | None
    mend: str | None


def worded(t: Words, error: LongmaiError, status: int | None = None) -> Worded:
    """Say an error in the words of a language.

    Args:
        t: the words.
        error: to say; by its code where there are words for it.
        status: HTTP status whose words do where its code has none; None: the error's own words.
    """
    known = t.house.catalogue.has
    for key in (f"error.{error.code}", f"error.{status}"):
        if known(f"{key}.what"):
            mend = t(f"{key}.mend") if known(f"{key}.mend") else None
            return Worded(t(f"{key}.what"), error.place, mend)
    return Worded(error.what, error.place, error.mend)
