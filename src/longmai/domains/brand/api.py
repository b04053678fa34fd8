"""The brand domain over HTTP: EPCIS capture as GS1 lays it out, traces and proofs."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from longmai.domains.brand.capturing import capturer
from longmai.domains.brand.code_pages import SHOWN_EVENTS
from longmai.domains.brand.journey import journey_of
from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.exchange import COLUMNS, exchange
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.queries import SORTS, SqlEvents, batches, capture_of, described
from longmai.domains.brand.service import CAPTURE, MAX_DOCUMENT_BYTES, Receipt, capture
from longmai.kernel.errors import NotFound, TooLarge
from longmai.portal.export import XLSX_MEDIA, table_file
from longmai.portal.house import house_of
from longmai.portal.ledger_api import ProofBundle, bundle_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window
from longmai.store.unit_of_work import UnitOfWork

epcis = APIRouter(prefix="/api/v1/epcis", tags=["epcis"])
brand = APIRouter(prefix="/api/v1/brand", tags=["brand"], dependencies=[OPEN])

_DOCUMENT = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
        "description": "An EPCIS 2.0 document in JSON-LD (EPCISDocument, or a single event).",
    },
    "security": [{"token": []}],
}


class CapturedEvent(BaseModel):
    """An event that was captured, and its record."""

    event_id: str
    record_id: UUID


class CaptureReceipt(BaseModel):
    """What a capture wrote; ``advice`` is what was taken and should still be looked at."""

    capture_id: UUID
    success: bool
    events: list[CapturedEvent]
    vocabulary: int
    advice: list[dict[str, Any]]


class CaptureState(BaseModel):
    """A capture as GS1's capture interface names it."""

    captureID: UUID  # noqa: N815 - the standard's name
    success: bool
    events: int
    vocabulary: int


class BatchItem(BaseModel):
    """A batch in the list."""

    key: str
    gtin: str
    lot: str
    events: int
    first_time: str
    last_time: str
    sample: bool


class BatchPage(BaseModel):
    """One page of batches and the number of all that match."""

    total: int
    items: list[BatchItem]


@epcis.post("/capture", status_code=202, openapi_extra=_DOCUMENT)
async def post_capture(
    request: Request, response: Response, visitor: Annotated[Visitor, needs(CAPTURE)]
) -> CaptureReceipt:
    """Capture an EPCIS 2.0 document (JSON-LD), whole or not at all.

    When the answer arrives the events are durable; their proofs follow within a second.
    """
    text, house = await _body(request), house_of(request)

    def take() -> CaptureReceipt:
        def enter(work: UnitOfWork) -> Receipt:
            return capture(work, text, capturer(house, visitor))

        receipt = house.store.submit(enter)
        return CaptureReceipt(
            capture_id=receipt.document_id,
            success=True,
            events=[CapturedEvent(event_id=e, record_id=r) for e, r in receipt.events],
            vocabulary=receipt.vocabulary,
            advice=[each.as_dict() for each in receipt.advice],
        )

    taken = await run_in_threadpool(take)
    response.headers["Location"] = f"/api/v1/epcis/capture/{taken.capture_id}"
    return taken


async def _body(request: Request) -> bytes:
    # Read piece by piece, so that a body without end is refused and not collected.
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_DOCUMENT_BYTES:
            raise TooLarge(
                f"a document has at most {MAX_DOCUMENT_BYTES // 1024 // 1024} MiB",
                code="epcis.size",
                mend="send it in parts",
            )
        parts.append(part)
    return b"".join(parts)


@epcis.get("/capture/{capture_id}", dependencies=[OPEN])
def get_capture(request: Request, capture_id: UUID) -> CaptureState:
    """Return the state of a capture."""
    with house_of(request).store.read() as connection:
        found = capture_of(connection, capture_id)
    return CaptureState(
        captureID=found.document_id, success=True, events=found.events, vocabulary=found.vocabulary
    )


@brand.get("/batches")
def list_batches(
    request: Request,
    q: Annotated[str, Query(max_length=100, description="Part of a lot, GTIN or name.")] = "",
    sort: Annotated[str, Query(pattern=f"^({'|'.join(SORTS)})$")] = "last",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> BatchPage:
    """List batches."""
    with house_of(request).store.read() as connection:
        total, found = batches(connection, q, Window(sort, offset, limit))
    items = [
        BatchItem(
            **asdict(batch)
            | {"first_time": batch.first_time.isoformat(), "last_time": batch.last_time.isoformat()}
        )
        for batch in found
    ]
    return BatchPage(total=total, items=items)


@brand.get("/trace/{key:path}")
def get_trace(request: Request, key: str) -> dict[str, Any]:
    """Trace a thing by its GS1 key (Digital Link path): things, links, balances, steps."""
    known = _key(key)
    with house_of(request).store.read() as connection:
        found = trace(SqlEvents(connection), known)
    if not found.steps:
        raise NotFound("nothing is recorded about this thing", code="brand.unknown", value=known)
    return {
        "root": found.root,
        "truncated": found.truncated,
        "nodes": [asdict(node) for node in found.nodes],
        "links": [asdict(link) for link in found.links],
        "balances": [asdict(each) for each in found.balances],
        "steps": [
            {
                "record_id": step.record_id,
                "relation": step.relation,
                "keys": step.keys,
                "event": step.event.body,
            }
            for step in found.steps
        ],
        "in_error": [stored.event.event_id for stored in found.in_error],
    }


_FILES = {media: {"schema": {"type": "string"}} for media in ("text/csv", XLSX_MEDIA)}


@brand.get("/exchange/{key:path}", responses={200: {"content": _FILES}})
def get_exchange(
    request: Request,
    key: str,
    file: Annotated[Literal["", "csv", "xlsx"], Query(description="The chain as a table.")] = "",
) -> dict[str, Any]:
    """Return what platforms exchange about a thing (NY/T 4712-2025): source, chain, destination."""
    known = _key(key)
    with house_of(request).store.read() as connection:
        found = trace(SqlEvents(connection), known)
        if not found.steps:
            raise NotFound(
                "nothing is recorded about this thing", code="brand.unknown", value=known
            )
        keys = [node.key for node in found.nodes]
        places = [step.event.biz_location or step.event.read_point or "" for step in found.steps]
        kinds = ["/".join(each.split("/")[:2]) for each in keys]
        told = exchange(found, described(connection, [*keys, *kinds, *filter(None, places)]))
    if file:
        rows = [[row[name] for name in COLUMNS] for row in told["chain"]]
        return table_file(file, "exchange", COLUMNS, rows)  # type: ignore[return-value] # a file
    return told


@brand.get("/proof/{key:path}")
def get_proof(request: Request, key: str) -> ProofBundle:
    """Return the proofs of all steps that the scan page of a thing shows."""
    house, known = house_of(request), _key(key)
    with house.store.read() as connection:
        journey = journey_of(connection, known, "zh", SHOWN_EVENTS)
    return ProofBundle.model_validate(bundle_of(house, journey.record_ids, visitor_of(request)))


def _key(key: str) -> str:
    return gs1.parse_digital_link_path(key)
