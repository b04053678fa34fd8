"""``/epcis/events`` and the resources events are found by (EPCIS 2.0 §12.5)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select

from longmai.domains.brand.capturing import capturer
from longmai.domains.brand.epcis import page_tokens, resources
from longmai.domains.brand.epcis.answering import EVENT_PARAMETERS, Asked, answer, convert, reach_of
from longmai.domains.brand.epcis.answers import converted, event_document, told_events
from longmai.domains.brand.epcis.discovery import PREFIX
from longmai.domains.brand.epcis.paging import PER_PAGE, next_link, per_page, redeemed
from longmai.domains.brand.epcis.shapes import (
    EVENT_SCHEMA,
    QUERY_DOCUMENT_SCHEMA,
    Collection,
    Problem,
    of_json,
    responses,
)
from longmai.domains.brand.epcis.wire import (
    EpcisRoute,
    document_answer,
    json_answer,
    namespaces,
    operation_id,
    sent_form,
)
from longmai.domains.brand.model.epcis.xml_read import CONTEXT
from longmai.domains.brand.service import CAPTURE, QUERY, capture
from longmai.domains.brand.tables import EVENT
from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

router = APIRouter(
    prefix=PREFIX,
    tags=["epcis 2.0"],
    route_class=EpcisRoute,
    generate_unique_id_function=operation_id,
)

_FOUND = responses(
    401, 403, 413, _200=of_json(QUERY_DOCUMENT_SCHEMA, "Events, as the answer to a query.")
)
_PARAMETERS = {"parameters": EVENT_PARAMETERS, "security": [{"token": []}]}
_EVENT_BODY = {
    "requestBody": {
        "required": True,
        "description": "One event by itself, in JSON-LD or XML.",
        "content": {
            "application/json": {"schema": EVENT_SCHEMA},
            "application/ld+json": {"schema": EVENT_SCHEMA},
            "application/xml": {"schema": {"type": "string"}},
            "text/xml": {"schema": {"type": "string"}},
        },
    },
    "security": [{"token": []}],
}
May = Annotated[Visitor, needs(QUERY)]
PerPage = Annotated[int, Query(ge=1, le=1000)]


@router.post(
    "/events",
    status_code=201,
    response_class=Response,
    openapi_extra=_EVENT_BODY,
    responses=responses(401, 403, 409, 413, 415) | {400: {"model": Problem}},
)
def post_event(
    request: Request, visitor: Annotated[Visitor, needs(CAPTURE)], body: resources.Body
) -> Response:
    """Capture one event: 201 with its address."""
    sent_form(request, "json", "xml")
    house = house_of(request)

    def enter(work: UnitOfWork) -> str:
        receipt = capture(work, body, capturer(house, visitor))
        if len(receipt.events) != 1:
            raise Invalid(
                "this is not one event", code="epcis.events", mend=f"send it to {PREFIX}/capture"
            )
        return receipt.events[0][0]

    event_id = house.store.submit(enter)
    headers = {"Location": f"{PREFIX}/events/{quote(event_id, safe='')}"}
    return Response(status_code=201, headers=headers)


@router.get("/events", openapi_extra=_PARAMETERS, responses=_FOUND)
def get_events(
    request: Request,
    visitor: May,
    perPage: PerPage = PER_PAGE,  # noqa: N803 - the standard's name
    nextPageToken: str | None = None,  # noqa: N803
) -> Response:
    """Return the events that fulfil the query in the parameters.

    Lists are given by repeating a parameter, or with `|` between. A field of your own is named
    `prefix:name`, its prefix declared in the header `GS1-Extensions: prefix=namespace`.
    """
    return answer(request, visitor, Asked(), per_page(perPage), nextPageToken)


@router.get(
    "/events/{eventID:path}",
    responses=responses(401, 403, 404, _200=of_json(EVENT_SCHEMA, "The event.")),
)
def get_event(
    request: Request,
    visitor: May,
    eventID: str,  # noqa: N803 - the standard's name
) -> Response:
    """Return an event by its ID; of one that was declared an error, the declaration."""
    house = house_of(request)
    here = (EVENT.c.event_id == eventID, reach_of(house, visitor).rows())
    with house.store.read() as connection:
        query = select(EVENT.c.record_id).where(*here).order_by(EVENT.c.record_id.desc())
        record_ids = connection.scalars(query.limit(1)).all()
        found = list(told_events(connection, record_ids))
    if not found:
        raise NotFound("there is no such event", code="epcis.event", value=eventID)
    event = converted(found[0], convert(request, house))
    return document_answer(request, event_document(event))


@router.delete("/nextPageToken/{token}", status_code=204, responses=responses(401, 403, 404))
def delete_token(request: Request, visitor: May, token: str) -> Response:
    """Make a page token worthless."""
    page_tokens.forget(house_of(request), visitor.actor, token)
    return Response(status_code=204)


# Resources ----------------------------------------------------------------------------------------


def _collection(request: Request, members: Sequence[str], headers: Mapping[str, str]) -> Response:
    body = {"@context": CONTEXT, "type": "Collection", "member": list(members)}
    return json_answer(request, body, headers=headers)


def _lists(kind: resources.Kind) -> Callable[..., Response]:
    def list_all(
        request: Request,
        visitor: May,
        perPage: PerPage = PER_PAGE,  # noqa: N803 - the standard's name
        nextPageToken: str | None = None,  # noqa: N803
    ) -> Response:
        house, size = house_of(request), per_page(perPage)
        found = redeemed(house, visitor, nextPageToken, request)
        after = None if found is None else str(found.get("after", ""))
        with house.store.read() as connection:
            members = kind.values(connection, reach_of(house, visitor), size + 1, after)
        headers = {}
        if len(members) > size:
            members = members[:size]
            headers = next_link(house, visitor, request, {"after": members[-1]}, size)
        write = kind.writer(convert(request, house))
        return _collection(request, [write(each) for each in members], headers)

    return list_all


def _events(kind: resources.Kind) -> Callable[..., Response]:
    def list_events(
        request: Request,
        visitor: May,
        item: str,
        perPage: PerPage = PER_PAGE,  # noqa: N803 - the standard's name
        nextPageToken: str | None = None,  # noqa: N803
    ) -> Response:
        asked = Asked(fixed={kind.parameter: [item]})
        return answer(request, visitor, asked, per_page(perPage), nextPageToken)

    return list_events


def _has(kind: resources.Kind) -> Callable[..., Response]:
    def has(request: Request, visitor: May, item: str) -> Response:
        house = house_of(request)
        asked = Asked(fixed={kind.parameter: [item]}, params={"eventCountLimit": "1"})
        if not asked.is_fulfilled(house, reach_of(house, visitor), namespaces(request)):
            raise NotFound(f"there is no such {kind.item}", code="epcis.resource", value=item)
        return _collection(request, ["events"], {})

    return has


def _add(kind: resources.Kind) -> None:
    path, item = f"/{kind.name}", f"/{kind.name}/{{{kind.item}:path}}"
    # The longer path first: a free end would take it in.
    for way, make, told, extra, says in (
        (f"{item}/events", _events, _FOUND, _PARAMETERS, "List the events of one."),
        (item, _has, responses(401, 403, 404), {}, "Say what there is below one."),
        (path, _lists, responses(401, 403), {}, "List those that events name."),
    ):
        router.add_api_route(
            way,
            resources.of_item(make(kind), kind.item),
            methods=["GET"],
            response_model=None if make is _events else Collection,
            response_model_by_alias=True,
            responses=told,
            openapi_extra=extra or None,
            name=f"{make.__name__.strip('_')} {kind.name}",
            summary=f"{kind.name}: {says}",
        )


for _kind in resources.KINDS:
    _add(_kind)
