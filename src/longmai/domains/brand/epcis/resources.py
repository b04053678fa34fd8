"""The resources that events are found by: types, things, steps, places, dispositions."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Connection, Select, select, true

from longmai.domains.brand.epcis.answers import Convert
from longmai.domains.brand.epcis.conditions import Reach
from longmai.domains.brand.model.gs1 import digital_link, is_key
from longmai.domains.brand.model.gs1_forms import RESOLVER
from longmai.domains.brand.service import MAX_DOCUMENT_BYTES
from longmai.domains.brand.tables import EVENT, ITEM
from longmai.kernel.errors import TooLarge


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Attributes:
        name: of the collection, as in the path.
        item: name of one of them.
        parameter: of the query that asks for its events.
        column: where events name it.
    """

    name: str
    item: str
    parameter: str
    column: ColumnElement[Any]

    def values(
        self, connection: Connection, reach: Reach, limit: int, after: str | None
    ) -> list[str]:
        """Return those that events name, in order, from behind one on."""
        column, seen = self.column, reach.rows()
        query = select(column).where(column.is_not(None)).order_by(column)
        if not seen.compare(true()):
            if self.name == "epcs":
                query = query.join(EVENT, EVENT.c.record_id == ITEM.c.record_id)
            query = query.where(seen)
        if self.name == "epcs":
            query = query.where(ITEM.c.is_class.is_(False))
        if self.name == "eventTypes":  # few, and without an index to leap through
            found = connection.scalars(query.distinct()).all()
            return [each for each in found if after is None or each > after][:limit]
        return list(_leaping(connection, query, column, after, limit))

    def writer(self, convert: Convert | None) -> Callable[[str], str]:
        """Return what writes one of them as a URI, or as the word it is."""

        def write(value: str) -> str:
            if not is_key(value):
                return value
            link = digital_link(value, RESOLVER)
            return link if convert is None else convert(link)

        return write


def _leaping(
    connection: Connection,
    query: Select[Any],
    column: ColumnElement[Any],
    after: str | None,
    limit: int,
) -> Iterator[str]:
    # From one to the next in the index: DISTINCT would read every row of each.
    for _ in range(limit):
        here = query if after is None else query.where(column > after)
        after = connection.scalar(here.limit(1))
        if after is None:
            return
        yield after


KINDS: Sequence[Kind] = (
    Kind("eventTypes", "eventType", "eventType", EVENT.c.type),
    Kind("epcs", "epc", "MATCH_anyEPC", ITEM.c.key),
    Kind("bizSteps", "bizStep", "EQ_bizStep", EVENT.c.biz_step),
    Kind("bizLocations", "bizLocation", "EQ_bizLocation", EVENT.c.biz_location),
    Kind("readPoints", "readPoint", "EQ_readPoint", EVENT.c.read_point),
    Kind("dispositions", "disposition", "EQ_disposition", EVENT.c.disposition),
)


def of_item(handler: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a handler whose parameter ``item`` has the name that its path gives it."""
    given = inspect.signature(handler)
    if "item" not in given.parameters:
        return handler

    def called(**arguments: Any) -> Any:
        return handler(item=arguments.pop(name), **arguments)

    renamed = [
        each.replace(name=name) if each.name == "item" else each
        for each in given.parameters.values()
    ]
    called.__signature__ = given.replace(parameters=renamed)  # type: ignore[attr-defined]
    return called


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_DOCUMENT_BYTES:
            raise TooLarge("an event is not as large", code="epcis.size")
        parts.append(part)
    return b"".join(parts)


Body = Annotated[bytes, Depends(_body)]
