"""Errors under the names that EPCIS 2.0 gives them (§12.7), as problems of RFC 9457."""

from collections.abc import Mapping
from typing import Any

from longmai.kernel.errors import InvalidMany, LongmaiError

# By code, then by status: name of the exception, and its status.
_BY_CODE: Mapping[str, tuple[str, int]] = {
    "epcis.query.parameter": ("QueryParameterException", 400),
    "epcis.query.complex": ("QueryTooComplexException", 413),
    "epcis.query.large": ("QueryTooLargeException", 413),
    "epcis.subscription": ("SubscriptionControlsException", 400),
    "epcis.subscription.uri": ("InvalidURIException", 400),
    "epcis.query.name": ("NoSuchNameException", 404),
    "epcis.query.taken": ("DuplicateNameException", 409),
    "brand.event.known": ("ResourceAlreadyExistsException", 409),
}
_BY_STATUS: Mapping[int, str] = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchResourceException",
    406: "NotAcceptableException",
    409: "ResourceAlreadyExistsException",
    413: "CaptureLimitExceededException",
    415: "UnsupportedMediaTypeException",
    422: "ValidationException",
    429: "TooManyRequestsException",
}
_UNPROCESSABLE = 422


def problem_of(error: LongmaiError, instance: str = "") -> tuple[int, dict[str, Any]]:
    """Return the status and the body of a problem.

    >>> from longmai.kernel.errors import NotFound
    >>> status, body = problem_of(NotFound("there is no such event", value="urn:a"), "/epcis/x")
    >>> status, body["type"], body["detail"]
    (404, 'epcisException:NoSuchResourceException', "there is no such event (got 'urn:a')")
    """
    name, status = _BY_CODE.get(error.code) or (
        _BY_STATUS.get(error.status, "ImplementationException"),
        400 if error.status == _UNPROCESSABLE else error.status,
    )
    body: dict[str, Any] = {
        "type": f"epcisException:{name}",
        "title": error.what,
        "status": status,
        "detail": str(error),
    }
    if instance:
        body["instance"] = instance
    if isinstance(error, InvalidMany):
        body["detail"] = error.what
        body["errors"] = [told(each) for each in error.findings]
    return status, body


def told(error: LongmaiError) -> dict[str, Any]:
    """Return an error of a capture job: a problem without the rest of HTTP."""
    _, body = problem_of(error)
    return body | {key: value for key, value in error.as_dict().items() if value is not None}
