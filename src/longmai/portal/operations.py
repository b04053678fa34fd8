"""For those who run the house: is it alive, is it ready, and its figures."""

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from longmai.portal.house import house_of
from longmai.portal.observing import Metrics
from longmai.portal.rights.gates import OPEN, needs
from longmai.store.ledger import SqlLog

router = APIRouter(include_in_schema=False)
_log = logging.getLogger("longmai.operations")


@router.get("/healthz", dependencies=[OPEN])
def healthz() -> PlainTextResponse:
    """Say that the process answers; it says nothing of the database."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", dependencies=[OPEN])
def readyz(request: Request) -> JSONResponse:
    """Say whether requests can be served: the database is there, and the log has a checkpoint."""
    try:
        with house_of(request).store.read() as connection:
            ready = SqlLog(connection).published_size() is not None
        why = None if ready else "the log has not signed its first checkpoint yet"
    except SQLAlchemyError as error:
        _log.warning("not ready: %s", error)
        why = "the database does not answer"
    if why is None:
        return JSONResponse({"ready": True})
    return JSONResponse({"ready": False, "why": why}, status_code=503)


@router.get("/metrics", dependencies=[needs("operation.read")])
def metrics(request: Request) -> Response:
    """Return the figures for Prometheus, which sends an API token."""
    known: Metrics = request.app.state.metrics
    return Response(generate_latest(known.registry), media_type=CONTENT_TYPE_LATEST)
