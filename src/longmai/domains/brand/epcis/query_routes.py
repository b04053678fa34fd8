"""``/epcis/queries``: named queries and subscriptions to them (EPCIS 2.0 §12.8, §12.9)."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from longmai.domains.brand.epcis import named, subscriptions
from longmai.domains.brand.epcis.answering import Asked, answer
from longmai.domains.brand.epcis.discovery import PREFIX
from longmai.domains.brand.epcis.paging import PER_PAGE, next_link, per_page, redeemed
from longmai.domains.brand.epcis.shapes import (
    QUERY_DOCUMENT_SCHEMA,
    NamedQuery,
    Subscription,
    Wanted,
    of_json,
    responses,
)
from longmai.domains.brand.epcis.wire import EpcisRoute, json_answer, operation_id
from longmai.domains.brand.service import QUERY
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(
    prefix=PREFIX,
    tags=["epcis 2.0"],
    route_class=EpcisRoute,
    generate_unique_id_function=operation_id,
)

May = Annotated[Visitor, needs(QUERY)]
PerPage = Annotated[int, Query(ge=1, le=1000)]


def _address(name: str) -> str:
    return f"{PREFIX}/queries/{quote(name, safe='')}"


@router.get("/queries", responses=responses(401, 403), response_model=list[NamedQuery])
def get_queries(
    request: Request,
    visitor: May,
    perPage: PerPage = PER_PAGE,  # noqa: N803 - the standard's name
    nextPageToken: str | None = None,  # noqa: N803
) -> Response:
    """List named queries."""
    house, size = house_of(request), per_page(perPage)
    known = redeemed(house, visitor, nextPageToken, request)
    rows = named.some(house, size + 1, None if known is None else str(known.get("after", "")))
    headers = {}
    if len(rows) > size:
        rows = rows[:size]
        headers = next_link(house, visitor, request, {"after": rows[-1].name}, size)
    told = [{"name": row.name, "query": row.query} for row in rows]
    return json_answer(request, told, headers=headers)


@router.post(
    "/queries", status_code=201, response_class=Response, responses=responses(401, 403, 409, 415)
)
def post_query(request: Request, visitor: May, body: NamedQuery) -> Response:
    """Keep a query under a name: 201 with its address."""
    named.keep(house_of(request), visitor, body.name, body.query)
    headers = {"Location": _address(body.name)}
    return Response(status_code=201, headers=headers)


@router.get("/queries/{queryName}", responses=responses(401, 403, 404), response_model=NamedQuery)
def get_query(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
) -> Response:
    """Return a named query."""
    del visitor
    row = named.one(house_of(request), queryName)
    return json_answer(request, {"name": row.name, "query": row.query})


@router.delete("/queries/{queryName}", status_code=204, responses=responses(401, 403, 404))
def delete_query(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
) -> Response:
    """Delete a named query of one's own, and all subscriptions to it."""
    named.drop(house_of(request), visitor, queryName)
    return Response(status_code=204)


@router.get(
    "/queries/{queryName}/events",
    responses=responses(
        401, 403, 404, 413, _200=of_json(QUERY_DOCUMENT_SCHEMA, "Events that fulfil the query.")
    ),
)
def get_query_events(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
    perPage: PerPage = PER_PAGE,  # noqa: N803
    nextPageToken: str | None = None,  # noqa: N803
) -> Response:
    """Return the events that fulfil a named query, as far as one's own posts reach.

    A WebSocket at the same address is a subscription for as long as it is open.
    """
    row = named.one(house_of(request), queryName)
    asked = Asked(params=row.query, name=row.name)
    return answer(request, visitor, asked, per_page(perPage), nextPageToken)


@router.get(
    "/queries/{queryName}/subscriptions",
    responses=responses(401, 403, 404),
    response_model=list[Subscription],
)
def get_subscriptions(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
) -> Response:
    """List one's subscriptions to a query."""
    return json_answer(request, subscriptions.of_query(house_of(request), visitor, queryName))


@router.post(
    "/queries/{queryName}/subscriptions",
    status_code=201,
    response_class=Response,
    responses=responses(401, 403, 404, 409, 415),
)
def post_subscription(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
    body: Wanted,
) -> Response:
    """Have the events of a query sent to a webhook, as they come or by a schedule."""
    made = subscriptions.subscribe(house_of(request), visitor, queryName, body)
    headers = {"Location": f"{_address(queryName)}/subscriptions/{made}"}
    return Response(status_code=201, headers=headers)


@router.get(
    "/queries/{queryName}/subscriptions/{subscriptionID}",
    responses=responses(401, 403, 404),
    response_model=Subscription,
)
def get_subscription(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
    subscriptionID: str,  # noqa: N803
) -> Response:
    """Return a subscription: what waits to be sent, and how it went last."""
    house = house_of(request)
    return json_answer(request, subscriptions.one(house, visitor, queryName, subscriptionID))


@router.delete(
    "/queries/{queryName}/subscriptions/{subscriptionID}",
    status_code=204,
    responses=responses(401, 403, 404),
)
def delete_subscription(
    request: Request,
    visitor: May,
    queryName: str,  # noqa: N803 - the standard's name
    subscriptionID: str,  # noqa: N803
) -> Response:
    """End a subscription; what waits to be sent is not sent any more."""
    subscriptions.drop(house_of(request), visitor, queryName, subscriptionID)
    return Response(status_code=204)
