"""HTTP as EPCIS 2.0 wants it: its headers, its media types, its errors (§12)."""

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Literal

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from longmai import __version__
from longmai.domains.brand.epcis.problems import problem_of
from longmai.domains.brand.intake import MAX_WHOLE
from longmai.domains.brand.model.epcis.xml_write import Words, write_document
from longmai.kernel.errors import Invalid, LongmaiError, TooMany, Unavailable
from longmai.store.pressure import RETRY_S

VERSION = "2.0.0"
MAX_UPLOAD_BYTES = 2 * 1024**3
Form = Literal["json", "xml"]
Epcs = Literal["No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN"]
_JSON = ("application/json", "application/ld+json")
_XML = ("application/xml", "text/xml")
_BEHAVIOURS = ("rollback", "proceed")
_WORDS: tuple[Words, ...] = ("No_Preference", "Always_Web_URI", "Always_URN")
_EPCS: tuple[Epcs, ...] = ("No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN")
_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,5}){0,2}", re.ASCII)
SIGNED: Mapping[str, str] = {
    "GS1-EPCIS-Version": VERSION,
    "GS1-CBV-Version": VERSION,
    "GS1-Vendor-Version": __version__,
}
DISCOVERED: Mapping[str, str] = {
    "GS1-EPCIS-Min": VERSION,
    "GS1-EPCIS-Max": VERSION,
    "GS1-CBV-Min": VERSION,
    "GS1-CBV-Max": VERSION,
    "GS1-EPCIS-Capture-Limit": str(MAX_WHOLE),
    "GS1-EPCIS-Capture-File-Size-Limit": str(MAX_UPLOAD_BYTES),
    "GS1-Capture-Error-Behaviour": ", ".join(_BEHAVIOURS),
    "GS1-EPC-Format": ", ".join(_EPCS),
    "GS1-CBV-XML-Format": ", ".join(_WORDS),
}


class NotAcceptable(LongmaiError):
    """Nothing we can answer with is what the asker takes."""

    status = 406
    default_code = "epcis.accept"


class UnsupportedMedia(LongmaiError):
    """The body is of a kind we do not read."""

    status = 415
    default_code = "epcis.media"


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation in its description, a short one.

    >>> operation_id(APIRoute("/x", lambda: None, name="discover /x/{y}", methods=["OPTIONS"]))
    'epcis_discover_x_y'
    """
    return re.sub(r"\W+", "_", f"epcis_{route.name}").strip("_")


class EpcisRoute(APIRoute):
    """A route of the binding: versions are checked, errors told as problems, headers signed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of the route."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                check_versions(request)
                response = await handle(request)
            except LongmaiError as error:
                response = problem(request, error)
            except RequestValidationError as error:
                response = problem(request, _of_parameters(error))
            except HTTPException as error:
                cause = error.__cause__
                if not isinstance(cause, LongmaiError):
                    raise
                response = problem(request, cause)
            for name, value in SIGNED.items():
                response.headers.setdefault(name, value)
            return response

        return answer


def _of_parameters(error: RequestValidationError) -> Invalid:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    return Invalid(str(first["msg"]), code="epcis.request", place=place, value=first.get("input"))


def problem(request: Request, error: LongmaiError) -> Response:
    """Answer with an error (RFC 9457)."""
    status, body = problem_of(error, request.url.path)
    response = JSONResponse(body, status, media_type="application/problem+json")
    if status == 401:  # noqa: PLR2004 - unauthorized
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(getattr(error, "retry_s", RETRY_S))
    return response


# Versions and media types -------------------------------------------------------------------------


def check_versions(request: Request) -> None:
    """Refuse a request for versions of EPCIS or CBV that we do not speak.

    Raises:
        NotAcceptable: it is one.
        Invalid: a version that is none.
    """
    ours = _version("GS1-EPCIS-Version", VERSION)
    for standard in ("EPCIS", "CBV"):
        for bound in ("Min", "Max", "Version"):
            name = f"GS1-{standard}-{bound}"
            given = request.headers.get(name)
            if given is None:
                continue
            theirs = _version(name, given)
            near = ours[: len(theirs)]
            if {"Min": near < theirs, "Max": near > theirs, "Version": near != theirs}[bound]:
                raise NotAcceptable(
                    f"this server speaks {standard} {VERSION}", place=name, value=given
                )


def _version(name: str, text: str) -> tuple[int, ...]:
    if not _VERSION.fullmatch(text.strip()):
        raise Invalid("this is no version", place=name, value=text, mend="write 2.0 or 2.0.0")
    return tuple(int(part) for part in text.strip().split("."))


def accepted(request: Request, *forms: Form) -> tuple[Form, str]:
    """Return the form and the media type to answer in, by the asker's preference.

    Args:
        request: of the asker.
        forms: that the resource has.

    Raises:
        NotAcceptable: none of them is wanted.
    """
    offered: list[tuple[str, Form]] = []
    for form in forms:
        offered += [(each, form) for each in (_JSON if form == "json" else _XML)]
    best: tuple[float, int] = (0.0, 0)
    chosen: tuple[Form, str] | None = None
    for media, quality in _wanted(request.headers.get("accept") or "*/*"):
        for position, (name, form) in enumerate(offered):
            rank = (quality, -position)
            if _fits(media, name) and quality > 0 and (chosen is None or rank > best):
                best, chosen = rank, (form, name)
    if chosen is None:
        raise NotAcceptable(
            "none of the wanted media types is made here",
            place="Accept",
            value=request.headers.get("accept"),
            mend="accept " + " or ".join(name for name, _ in offered),
        )
    return chosen


def _wanted(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.split(",")[:50]:
        media, *parameters = (each.strip() for each in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        found.append((media.lower(), quality))
    return found


def _fits(wanted: str, offered: str) -> bool:
    return wanted in {"*/*", offered} or wanted == f"{offered.partition('/')[0]}/*"


def sent_form(request: Request, *forms: Form) -> Form:
    """Return the form of the body, by its content type.

    Raises:
        UnsupportedMedia: one we do not read.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    for form in forms:
        if media in (_JSON if form == "json" else _XML):
            return form
    known = [each for form in forms for each in (_JSON if form == "json" else _XML)]
    raise UnsupportedMedia(
        "a body of this kind is not read here",
        place="Content-Type",
        value=media,
        mend="send " + " or ".join(known),
    )


# Preferences --------------------------------------------------------------------------------------


def proceeds(request: Request) -> bool:
    """Tell whether a capture goes on after an error.

    Raises:
        Invalid: the header says neither ``rollback`` nor ``proceed``.
    """
    return _chosen(request, "GS1-Capture-Error-Behaviour", _BEHAVIOURS) == "proceed"


def wanted_words(request: Request) -> Words:
    """Return how words of CBV are written in XML.

    Raises:
        Invalid: the header says something else.
    """
    found = _chosen(request, "GS1-CBV-XML-Format", _WORDS)
    return next(each for each in _WORDS if each == found)


def wanted_epcs(request: Request) -> Epcs:
    """Return how identifiers are written.

    Raises:
        Invalid: the header says something else.
    """
    found = _chosen(request, "GS1-EPC-Format", _EPCS)
    return next(each for each in _EPCS if each == found)


def _chosen(request: Request, name: str, allowed: Sequence[str]) -> str:
    value = request.headers.get(name, allowed[0]).strip()
    if value not in allowed:
        raise Invalid(
            "this header has another value", place=name, value=value, mend=" or ".join(allowed)
        )
    return value


def namespaces(request: Request) -> dict[str, str]:
    """Return the prefixes that ``GS1-Extensions`` declares: ``ex=https://ns.example.com/``."""
    found = {}
    for part in request.headers.get("GS1-Extensions", "").split(","):
        prefix, equals, uri = part.strip().partition("=")
        if equals and prefix:
            found[prefix] = uri
    return found


# Answers ------------------------------------------------------------------------------------------


def document_answer(request: Request, body: dict[str, Any], status: int = 200) -> Response:
    """Answer with a document, in the form that is wanted.

    Raises:
        NotAcceptable: XML is wanted, and cannot hold it.
    """
    form, media = accepted(request, "json", "xml")
    if form == "json":
        return JSONResponse(body, status, media_type=media)
    try:
        text = write_document(body, wanted_words(request))
    except Invalid as fault:
        raise NotAcceptable(fault.what, value=fault.value, mend="accept JSON") from None
    return Response(text, status, media_type=media)


def json_answer(
    request: Request, body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON.

    Raises:
        NotAcceptable: JSON is not wanted.
    """
    _, media = accepted(request, "json")
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=media)
