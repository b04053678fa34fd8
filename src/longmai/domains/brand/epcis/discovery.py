"""``OPTIONS`` on every path: what is allowed, which versions, which preferences (EPCIS 2.0 §12.4).

Its routes come last, so that a path with a free end (``/epcs/{epc}``) does not hide them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response

from longmai.domains.brand.epcis.wire import DISCOVERED, EpcisRoute, operation_id
from longmai.portal.rights.gates import OPEN

PREFIX = "/epcis"
_KINDS = ("eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions")
_ITEMS = {
    "eventTypes": "eventType",
    "epcs": "epc",
    "bizSteps": "bizStep",
    "bizLocations": "bizLocation",
    "readPoints": "readPoint",
    "dispositions": "disposition",
}
# The 29 paths of the binding, with what is allowed on each beside OPTIONS: 63 operations.
PATHS: Mapping[str, str] = {
    "": "",
    "/capture": "GET, POST",
    "/capture/{captureID}": "GET",
    "/events": "GET, POST",
    "/events/{eventID:path}": "GET",
    **{
        path: "GET"
        for kind in _KINDS
        for path in (
            f"/{kind}/{{{_ITEMS[kind]}:path}}/events",
            f"/{kind}/{{{_ITEMS[kind]}:path}}",
            f"/{kind}",
        )
    },
    "/queries": "GET, POST",
    "/queries/{queryName}": "GET, DELETE",
    "/queries/{queryName}/events": "GET",
    "/queries/{queryName}/subscriptions": "GET, POST",
    "/queries/{queryName}/subscriptions/{subscriptionID}": "GET, DELETE",
    "/nextPageToken/{token}": "DELETE",
}


def options_router() -> APIRouter:
    """Return the routes of discovery."""
    router = APIRouter(
        prefix=PREFIX,
        tags=["epcis 2.0"],
        route_class=EpcisRoute,
        generate_unique_id_function=operation_id,
        dependencies=[OPEN],
    )
    for path, allowed in PATHS.items():
        router.add_api_route(
            path,
            _answering(allowed),
            methods=["OPTIONS"],
            status_code=204,
            response_class=Response,
            name=f"discover {path or '/'}",
            summary="Say what is allowed here, in which versions and forms.",
        )
    return router


def _answering(allowed: str) -> Callable[[], Any]:
    headers = {"Allow": ", ".join(filter(None, (allowed, "OPTIONS"))), **DISCOVERED}

    def discover() -> Response:
        return Response(status_code=204, headers=headers)

    return discover
