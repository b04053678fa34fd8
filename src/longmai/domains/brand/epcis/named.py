"""Queries under a name: kept, listed, deleted by their owners."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select

from longmai.domains.brand.epcis.tables import QUERY, SUBSCRIPTION
from longmai.domains.brand.model.query.parameters import read_query
from longmai.kernel.errors import Conflict, Forbidden, NotFound
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor
from longmai.store.database import writing

MANAGE = "job.manage"


def keep(house: House, visitor: Visitor, name: str, query: Mapping[str, Any]) -> None:
    """Keep a query under a name.

    Raises:
        QueryFault: a parameter that cannot be.
        Conflict: the name is taken.
    """
    read_query(query)
    values = {
        "name": name,
        "owner": visitor.actor,
        "query": dict(query),
        "created_at": house.clock.now(),
    }
    with writing(house.store.engine) as connection:
        if connection.scalar(select(QUERY.c.name).where(QUERY.c.name == name)) is not None:
            raise Conflict(
                "there is a query of this name",
                code="epcis.query.taken",
                value=name,
                mend="take another name",
            )
        connection.execute(insert(QUERY).values(values))


def one(house: House, name: str) -> Row[Any]:
    """Return a query.

    Raises:
        NotFound: there is none of this name.
    """
    with house.store.read() as connection:
        row = connection.execute(select(QUERY).where(QUERY.c.name == name)).one_or_none()
    if row is None:
        raise NotFound("there is no such query", code="epcis.query.name", value=name)
    return row


def some(house: House, limit: int, after: str | None) -> list[Row[Any]]:
    """Return queries by name, from behind one on."""
    query = select(QUERY).order_by(QUERY.c.name).limit(limit)
    with house.store.read() as connection:
        return list(
            connection.execute(query if after is None else query.where(QUERY.c.name > after))
        )


def drop(house: House, visitor: Visitor, name: str) -> None:
    """Delete a query, and its subscriptions with it.

    Raises:
        NotFound: there is none of this name.
        Forbidden: it is somebody else's.
    """
    refuse_others(visitor, one(house, name).owner)
    with writing(house.store.engine) as connection:
        connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.query == name))
        connection.execute(delete(QUERY).where(QUERY.c.name == name))


def refuse_others(visitor: Visitor, owner: str) -> None:
    """Refuse who does not own a thing and does not keep the house either.

    Raises:
        Forbidden: so it is.
    """
    if owner != visitor.actor and not visitor.may(MANAGE):
        raise Forbidden("only its owner may do this", code="epcis.owner")
