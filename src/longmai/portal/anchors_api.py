"""Where lower logs hand in their checkpoints; the request is that of C2SP tlog-witness."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from longmai.kernel.errors import TooLarge
from longmai.ledger.witness import (
    MAX_REQUEST_BYTES,
    SIZE_TYPE,
    Submission,
    WrongOldSize,
    parse_submission,
)
from longmai.portal.house import House, house_of
from longmai.portal.rights.gates import OPEN
from longmai.store.anchoring import take

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"], dependencies=[OPEN])

_BODY = {"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}}}


class Anchored(BaseModel):
    """The record that holds a lower log's checkpoint."""

    record_id: UUID


@router.post(
    "/anchors",
    response_model=Anchored,
    openapi_extra=_BODY,
    responses={
        400: {"description": "Not an add-checkpoint request."},
        403: {"description": "No known key of the log signed the checkpoint."},
        404: {"description": "No log of this origin may anchor here."},
        409: {
            "description": "Another size was recorded last; it is the answer.",
            "content": {SIZE_TYPE: {"schema": {"type": "string"}}},
        },
        413: {"description": "The request is too large."},
        422: {"description": "The consistency proof does not hold."},
    },
)
async def anchor(request: Request) -> Response:
    """Record a lower log's checkpoint. Its signature is the right to do so; no token is needed."""
    submission = parse_submission(await body_text(request))
    try:
        record_id = await run_in_threadpool(_take, house_of(request), submission)
    except WrongOldSize as stale:
        return size_answer(stale)
    return JSONResponse({"record_id": str(record_id)})


def _take(house: House, submission: Submission) -> UUID:
    keys = [party.key for party in house.lower.logs]
    with house.store.begin() as work:
        return take(work, submission, keys, house.clock)


def size_answer(stale: WrongOldSize) -> Response:
    """Return the answer that tells a log which size was seen last."""
    headers = {"Content-Type": SIZE_TYPE}
    return Response(f"{stale.size}\n", status_code=stale.status, headers=headers)


async def body_text(request: Request) -> str:
    """Return a request's body, read no further than a request of the protocol can be long.

    Raises:
        TooLarge: it is longer.
    """
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_REQUEST_BYTES:
            raise TooLarge("the request is too large", code="request.size")
    return data.decode("utf-8", "replace")
