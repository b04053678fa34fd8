"""Walks over the stored edges, and the numbers of nodes turned into keys again."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from sqlalchemy import Column, Connection, func, select

from longmai.domains.brand.tables import ITEM
from longmai.domains.brand.trace.model.edges import node
from longmai.domains.brand.trace.tables import EDGE, VOID
from longmai.store.reading import chunks

_ROW = (EDGE.c.source, EDGE.c.target, EDGE.c.kind, EDGE.c.at, EDGE.c.via)
_Row = tuple[int, int, int, int, int]


class SqlEdges:
    """Stored edges, looked up for a walk (``model.walk.Edges``)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def out_of(self, nodes: Collection[int]) -> Iterator[_Row]:
        """Return the edges that lead out of nodes."""
        return self._at(EDGE.c.source, nodes)

    def into(self, nodes: Collection[int]) -> Iterator[_Row]:
        """Return the edges that lead into nodes."""
        return self._at(EDGE.c.target, nodes)

    def void(self, events: Collection[int]) -> set[int]:
        """Return those of some events that were declared in error."""
        found: set[int] = set()
        for chunk in chunks(events):
            found.update(self._connection.scalars(select(VOID.c.via).where(VOID.c.via.in_(chunk))))
        return found

    def _at(self, column: Column[int], nodes: Collection[int]) -> Iterator[_Row]:
        for chunk in chunks(nodes):
            query = select(*_ROW).where(column.in_(chunk))
            yield from (tuple(row) for row in self._connection.execute(query))


def keys_of(connection: Connection, nodes: Collection[int], known: Iterable[str]) -> dict[int, str]:
    """Return the keys of nodes.

    Args:
        connection: to look them up in.
        nodes: of things; those of transformations and events have no key and are left out.
        known: keys asked for already.
    """
    found = {number: key for key in known if (number := node(key)) in nodes}
    for column in (EDGE.c.target, EDGE.c.source):
        wanted = [number for number in nodes if number not in found]
        found |= {n: k for n, k in _named(connection, column, wanted) if n in nodes}
    return found


def _named(
    connection: Connection, column: Column[int], wanted: Collection[int]
) -> Iterator[tuple[int, str]]:
    records: set[UUID] = set()
    for numbers in chunks(wanted):
        # PostgreSQL has no least of UUIDs.
        place = func.row_number().over(partition_by=column, order_by=EDGE.c.record_id)
        one = select(EDGE.c.record_id, place.label("place")).where(column.in_(numbers)).subquery()
        records.update(connection.scalars(select(one.c.record_id).where(one.c.place == 1)))
    for ids in chunks(records):
        query = select(ITEM.c.key, ITEM.c.lot_key).where(ITEM.c.record_id.in_(ids))
        for row in connection.execute(query):
            yield node(row.key), row.key
            if row.lot_key is not None:
                yield node(row.lot_key), row.lot_key


def records_of(
    connection: Connection, events: Collection[int], things: Collection[int]
) -> set[UUID]:
    """Return the records of the events that lead between some things and others.

    Args:
        connection: to look them up in.
        events: nodes of events.
        things: nodes that their edges touch.
    """
    found: set[UUID] = set()
    for column in (EDGE.c.source, EDGE.c.target):
        for chunk in chunks(things):
            query = select(EDGE.c.record_id, EDGE.c.via).where(column.in_(chunk))
            found.update(row.record_id for row in connection.execute(query) if row.via in events)
    return found
