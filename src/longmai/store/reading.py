"""What queries of every domain need."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ScalarSelect, Table, select

LOOKUP = 500
"""So many values are asked for in one look-up."""
_T = TypeVar("_T")


def chunks(values: Iterable[_T], size: int = LOOKUP) -> Iterator[list[_T]]:
    """Yield values in lists of at most a size.

    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    waiting = iter(values)
    while part := list(islice(waiting, size)):
        yield part


def newest_record(table: Table) -> ScalarSelect[UUID]:
    """Return the query of a projection's newest record; PostgreSQL has no greatest of UUIDs."""
    record_id = table.c.record_id
    return select(record_id).order_by(record_id.desc()).limit(1).scalar_subquery()
