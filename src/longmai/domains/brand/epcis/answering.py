"""Answering a query for events: read what is asked, find, and write a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from longmai.domains.brand.epcis.answers import (
    Convert,
    converted,
    converter,
    query_document,
    told_events,
)
from longmai.domains.brand.epcis.conditions import Reach
from longmai.domains.brand.epcis.finding import Cursor, find
from longmai.domains.brand.epcis.paging import next_link, redeemed
from longmai.domains.brand.epcis.wire import (
    accepted,
    document_answer,
    namespaces,
    wanted_epcs,
    wanted_words,
)
from longmai.domains.brand.model.gs1_forms import CompanyPrefixes
from longmai.domains.brand.model.query.parameters import (
    NAMED_PARAMETERS,
    EventQuery,
    QueryFault,
    read_query,
)
from longmai.domains.brand.service import QUERY
from longmai.kernel.errors import NotFound
from longmai.portal.house import House, house_of
from longmai.portal.rights.visitor import Visitor

_OURS = frozenset({"perPage", "nextPageToken"})
_PREFIX_FILE = "gcpprefixformatlist.json"
EVENT_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {"type": "array", "items": {"type": "string"}},
        "description": "Parameter of the event query (EPCIS 2.0 §8.2.7.1).",
    }
    for name in NAMED_PARAMETERS
]


@dataclass(frozen=True)
class Asked:
    """What is asked beside the parameters of the request.

    Attributes:
        fixed: parameters that the path says.
        params: parameters of a named query; None: those of the request count.
        name: of the query.
    """

    fixed: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] | None = None
    name: str = "SimpleEventQuery"

    def query(self, params: Mapping[str, Any], prefixes: Mapping[str, str]) -> EventQuery:
        """Read the query.

        Raises:
            QueryFault: a parameter that cannot be.
            NotFound: what the path names cannot be.
        """
        twice = self.fixed.keys() & params.keys()
        if twice:
            raise QueryFault("the path says this already", place=min(twice), mend="leave it out")
        try:
            return read_query({**params, **self.fixed}, prefixes)
        except QueryFault as fault:
            if fault.place not in self.fixed:
                raise
            raise NotFound(
                "there is no such resource", code="epcis.resource", value=fault.value
            ) from None

    def is_fulfilled(self, house: House, reach: Reach, prefixes: Mapping[str, str]) -> bool:
        """Tell whether any event fulfils it."""
        query = self.query(self.params or {}, prefixes)
        with house.store.read() as connection:
            return bool(find(connection, query, reach, page=1).record_ids)


def answer(
    request: Request, visitor: Visitor, asked: Asked, size: int, token: str | None
) -> Response:
    """Answer with one page of events.

    Raises:
        QueryFault: a parameter that cannot be, or a token that leads nowhere.
        NotAcceptable: nothing is made here that the asker takes.
    """
    house = house_of(request)
    accepted(request, "json", "xml")
    wanted_words(request)
    write = convert(request, house)
    known = redeemed(house, visitor, token, request)
    if known is None:
        params = _sent(request) if asked.params is None else dict(asked.params)
        prefixes, cursor = namespaces(request), None
    else:
        params, prefixes = known.get("params", {}), known.get("prefixes", {})
        cursor = Cursor.of(known["cursor"])
    query = asked.query(params, prefixes)
    with house.store.read() as connection:
        found = find(connection, query, reach_of(house, visitor), page=size, cursor=cursor)
        events = [converted(each, write) for each in told_events(connection, found.record_ids)]
    response = document_answer(request, query_document(events, house.clock.now(), asked.name))
    if found.next is not None:
        going_on = {"params": params, "prefixes": prefixes, "cursor": found.next.told()}
        response.headers.update(next_link(house, visitor, request, going_on, size))
    return response


def reach_of(house: House, visitor: Visitor) -> Reach:
    """Return whose events a visitor sees."""
    return Reach(visitor.actor, visitor.scope(QUERY), house.regions.code)


def convert(request: Request, house: House) -> Convert | None:
    """Return what writes identifiers as the request wants them."""
    wanted = wanted_epcs(request)
    if wanted != "Always_EPC_URN":
        return converter(wanted, CompanyPrefixes())
    return converter(wanted, CompanyPrefixes.load(house.settings.data / _PREFIX_FILE))


def _sent(request: Request) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in _OURS:
            found.setdefault(name, []).extend(value.split("|"))
    return found
