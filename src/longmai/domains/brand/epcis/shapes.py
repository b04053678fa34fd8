"""What the operations take and give, for their description (OpenAPI)."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def reference(name: str) -> dict[str, Any]:
    """Return a reference to a shape.

    >>> reference("EPCISEvent")
    {'$ref': '#/components/schemas/EPCISEvent'}
    """
    return {"$ref": f"#/components/schemas/{name}"}


def _document(kind: str, body: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": kind,
        "required": ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
        "properties": {
            "@context": {},
            "type": {"const": kind},
            "schemaVersion": {"type": "string"},
            "creationDate": {"type": "string"},
            "epcisBody": reference(body),
        },
    }


def _object(title: str, required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "title": title, "required": required, "properties": properties}


SCHEMAS: Mapping[str, dict[str, Any]] = {
    "EPCISEvent": _object(
        "EPCISEvent",
        ["type", "eventTime", "eventTimeZoneOffset"],
        **{
            name: {"type": "string"}
            for name in (
                "type",
                "eventID",
                "eventTime",
                "recordTime",
                "eventTimeZoneOffset",
                "bizStep",
                "disposition",
                "parentID",
                "transformationID",
            )
        },
        action={"enum": ["ADD", "OBSERVE", "DELETE"]},
        **{
            name: {"type": "array", "items": {"type": "string"}}
            for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
        },
    ),
    "EPCISBody": _object(
        "EPCISBody", ["eventList"], eventList={"type": "array", "items": reference("EPCISEvent")}
    ),
    "EPCISDocument": _document("EPCISDocument", "EPCISBody"),
    "QueryResults": _object(
        "QueryResults",
        ["queryName", "resultsBody"],
        queryName={"type": "string"},
        subscriptionID={"type": "string"},
        resultsBody=reference("EPCISBody"),
    ),
    "EPCISQueryBody": _object(
        "EPCISQueryBody", ["queryResults"], queryResults=reference("QueryResults")
    ),
    "EPCISQueryDocument": _document("EPCISQueryDocument", "EPCISQueryBody"),
}
EVENT_SCHEMA = reference("EPCISEvent")
DOCUMENT_SCHEMA = reference("EPCISDocument")
QUERY_DOCUMENT_SCHEMA = reference("EPCISQueryDocument")


class Problem(BaseModel):
    """An error, by the name EPCIS gives it (RFC 9457)."""

    type: str = Field(examples=["epcisException:ValidationException"])
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    errors: list[dict[str, Any]] = Field(default_factory=list)


class Collection(BaseModel):
    """Names of resources, or what a resource has below it."""

    model_config = ConfigDict(populate_by_name=True)

    context: Any = Field(alias="@context")
    type: str
    member: list[str]


class CaptureJob(BaseModel):
    """A capture: whether it still runs, and what came of it."""

    captureID: str  # noqa: N815 - the standard's name
    createdAt: str  # noqa: N815
    finishedAt: str | None = None  # noqa: N815
    running: bool
    success: bool
    captureErrorBehaviour: str  # noqa: N815
    errors: list[dict[str, Any]]
    events: int
    captured: int


class NamedQuery(BaseModel):
    """A query under a name."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^/\s?#]+$")
    query: dict[str, Any]


class Schedule(BaseModel):
    """When a subscription runs: each field a number, ``*``, or a list and ranges of numbers."""

    model_config = ConfigDict(extra="forbid")

    second: str | None = None
    minute: str | None = None
    hour: str | None = None
    dayOfMonth: str | None = None  # noqa: N815 - the standard's name
    month: str | None = None
    dayOfWeek: str | None = None  # noqa: N815


class Wanted(BaseModel):
    """A subscription as it is asked for."""

    model_config = ConfigDict(extra="forbid")

    dest: str = Field(max_length=2000)
    signatureToken: str = Field("", max_length=500)  # noqa: N815 - the standard's name
    reportIfEmpty: bool = False  # noqa: N815
    initialRecordTime: str | None = None  # noqa: N815
    stream: bool = False
    schedule: Schedule | None = None
    subscriptionID: str | None = None  # noqa: N815


class Subscription(BaseModel):
    """A subscription as it stands; its token is not told again."""

    subscriptionID: str  # noqa: N815 - the standard's name
    queryName: str  # noqa: N815
    dest: str
    createdAt: str  # noqa: N815
    reportIfEmpty: bool  # noqa: N815
    stream: bool
    schedule: dict[str, str] | None = None
    initialRecordTime: str | None = None  # noqa: N815
    pending: int
    lastNotifiedAt: str | None = None  # noqa: N815
    lastError: str | None = None  # noqa: N815


_PROBLEMS = {
    400: "A parameter, header or document is wrong.",
    401: "Nobody is signed in.",
    403: "Your posts do not allow this.",
    404: "There is no such resource.",
    406: "Nothing is made here that you take.",
    409: "It is there already.",
    413: "It is more than is taken here.",
    415: "A body of this kind is not read here.",
    429: "Too many requests.",
}


def responses(*statuses: int, **more: Any) -> dict[int | str, dict[str, Any]]:
    """Return the description of the problems an operation answers with, and of what else."""
    told: dict[int | str, dict[str, Any]] = {
        status: {
            "description": _PROBLEMS[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status in (400, 406, *statuses)
    }
    return told | {int(name.strip("_")): value for name, value in more.items()}


def of_json(schema: dict[str, Any], description: str) -> dict[str, Any]:
    """Describe an answer in JSON-LD or XML."""
    content: dict[str, Any] = {
        media: {"schema": schema} for media in ("application/json", "application/ld+json")
    }
    content |= {media: {"schema": {"type": "string"}} for media in ("application/xml", "text/xml")}
    return {"description": description, "content": content}
