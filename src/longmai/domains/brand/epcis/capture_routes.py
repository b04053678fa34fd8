"""``/epcis/capture``: send documents, and see what became of them (EPCIS 2.0 §12.6)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, true
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from longmai.domains.brand.capturing import capturer
from longmai.domains.brand.epcis import capture_jobs
from longmai.domains.brand.epcis.discovery import PREFIX
from longmai.domains.brand.epcis.paging import PER_PAGE, before_token, next_link, per_page
from longmai.domains.brand.epcis.shapes import DOCUMENT_SCHEMA, CaptureJob, Problem, responses
from longmai.domains.brand.epcis.tables import CAPTURE as JOBS
from longmai.domains.brand.epcis.wire import (
    MAX_UPLOAD_BYTES,
    EpcisRoute,
    json_answer,
    operation_id,
    proceeds,
    sent_form,
)
from longmai.domains.brand.service import CAPTURE, Capturer
from longmai.kernel.errors import NotFound, TooLarge
from longmai.kernel.ids import new_id
from longmai.portal.house import House, house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(
    prefix=PREFIX,
    tags=["epcis 2.0"],
    route_class=EpcisRoute,
    generate_unique_id_function=operation_id,
)

INLINE_BYTES = 1024 * 1024
"""What is not larger is captured at once; the rest waits in the queue."""
_READ_ALL = "job.read"
_BODY = {
    "requestBody": {
        "required": True,
        "description": "A document: EPCIS 2.0 in JSON-LD, EPCIS 1.2 or 2.0 in XML.",
        "content": {
            "application/json": {"schema": DOCUMENT_SCHEMA},
            "application/ld+json": {"schema": DOCUMENT_SCHEMA},
            "application/xml": {"schema": {"type": "string"}},
            "text/xml": {"schema": {"type": "string"}},
        },
    },
    "security": [{"token": []}],
}


@router.post(
    "/capture",
    status_code=202,
    response_class=Response,
    openapi_extra=_BODY,
    responses=responses(401, 403, 413, 415) | {400: {"model": Problem}},
)
async def post_capture(request: Request, visitor: Annotated[Visitor, needs(CAPTURE)]) -> Response:
    """Capture a document: 202 with the address of the capture job.

    A small document is captured before the answer; its errors are answered with 400. A large one
    is read as it comes and captured in the queue. `GS1-Capture-Error-Behaviour: proceed` takes the
    good events although others are bad.
    """
    sent_form(request, "json", "xml")
    proceed, house = proceeds(request), house_of(request)
    by, capture_id = capturer(house, visitor), new_id()
    await run_in_threadpool(capture_jobs.begin, house, capture_id, by, proceed=proceed)
    kept = await _receive(request, house, capture_id)
    if kept is None:
        await run_in_threadpool(_enqueue, house, capture_id, by)
    else:

        def take() -> None:
            capture_jobs.take_now(house, capture_id, by, lambda: [kept], proceed=proceed)

        await run_in_threadpool(take)
    headers = {"Location": f"{PREFIX}/capture/{capture_id}"}
    return Response(status_code=202, headers=headers)


async def _receive(request: Request, house: House, capture_id: UUID) -> bytes | None:
    """Return a small body; keep a large one piece by piece and return None."""
    held, number = bytearray(), 0
    try:
        async for part in _parts(request):
            held += part
            if len(held) > INLINE_BYTES:
                data = bytes(held)
                await run_in_threadpool(capture_jobs.add_piece, house, capture_id, number, data)
                held.clear()
                number += 1
    except (TooLarge, ClientDisconnect):
        await run_in_threadpool(capture_jobs.drop, house, capture_id)
        raise
    if not number:
        return bytes(held)
    if held:
        await run_in_threadpool(capture_jobs.add_piece, house, capture_id, number, bytes(held))
    return None


async def _parts(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_UPLOAD_BYTES:
            raise TooLarge("the document is larger than is taken here", code="epcis.size")
        yield part


def _enqueue(house: House, capture_id: UUID, by: Capturer) -> None:
    house.jobs.enqueue(capture_jobs.KIND, {"capture": str(capture_id)}, by.actor)


@router.get("/capture", responses=responses(401, 403), response_model=list[CaptureJob])
def get_captures(
    request: Request,
    visitor: Annotated[Visitor, needs(CAPTURE)],
    perPage: Annotated[int, Query(ge=1, le=1000)] = PER_PAGE,  # noqa: N803 - the standard's name
    nextPageToken: str | None = None,  # noqa: N803
) -> Response:
    """List capture jobs, newest first: one's own, and those of all to who may see them."""
    house = house_of(request)
    size = per_page(perPage)
    before = before_token(house, visitor, nextPageToken, request)
    found = list(capture_jobs.newest(house, _seen(visitor), size, before))
    headers = {}
    if len(found) > size:
        found = found[:size]
        after = {"before": found[-1]["captureID"]}
        headers = next_link(house, visitor, request, after, size)
    return json_answer(request, found, headers=headers)


@router.get("/capture/{captureID}", responses=responses(401, 403, 404), response_model=CaptureJob)
def get_capture(
    request: Request,
    visitor: Annotated[Visitor, needs(CAPTURE)],
    captureID: str,  # noqa: N803 - the standard's name
) -> Response:
    """Return a capture job: whether it still runs, and what came of it."""
    try:
        capture_id = UUID(captureID)
    except ValueError:
        raise NotFound("there is no such capture", value=captureID) from None
    return json_answer(request, capture_jobs.one(house_of(request), capture_id, _seen(visitor)))


def _seen(visitor: Visitor) -> ColumnElement[bool]:
    everything: Any = true()
    return everything if visitor.may(_READ_ALL) else JOBS.c.owner == visitor.actor
