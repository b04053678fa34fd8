"""Tokens that lead to the next page of an answer, for an hour, for who was given them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from longmai.domains.brand.epcis.tables import PAGE_TOKEN
from longmai.domains.brand.model.query.parameters import QueryFault
from longmai.kernel.errors import NotFound
from longmai.portal.house import House
from longmai.store.database import writing

HOLDS = timedelta(hours=1)
_BYTES = 24


@dataclass(frozen=True)
class PageToken:
    """A token, and until when it holds."""

    text: str
    expires_at: datetime


def issue(house: House, owner: str, request: Mapping[str, Any]) -> PageToken:
    """Keep what the next page is of, and return the token for it."""
    now = house.clock.now()
    token = PageToken(secrets.token_urlsafe(_BYTES), now + HOLDS)
    values = {
        "token": token.text,
        "owner": owner,
        "request": dict(request),
        "expires_at": token.expires_at,
    }
    with writing(house.store.engine) as connection:
        connection.execute(delete(PAGE_TOKEN).where(PAGE_TOKEN.c.expires_at < now))
        connection.execute(insert(PAGE_TOKEN).values(values))
    return token


def redeem(house: House, owner: str, text: str, path: str) -> Mapping[str, Any]:
    """Return what the page of a token is of; a token may be used again until it expires.

    Raises:
        QueryFault: there is no such token, or it has expired, or is of another resource.
    """
    query = select(PAGE_TOKEN).where(PAGE_TOKEN.c.token == text, PAGE_TOKEN.c.owner == owner)
    with house.store.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None or row.expires_at < house.clock.now() or row.request["path"] != path:
        raise QueryFault(
            "this token leads to no page, or not any more",
            place="nextPageToken",
            value=text,
            mend="ask for the first page again",
        )
    found: Mapping[str, Any] = row.request
    return found


def forget(house: House, owner: str, text: str) -> None:
    """Make a token worthless.

    Raises:
        NotFound: there is no such token of this owner.
    """
    here = (PAGE_TOKEN.c.token == text, PAGE_TOKEN.c.owner == owner)
    with writing(house.store.engine) as connection:
        if not connection.execute(delete(PAGE_TOKEN).where(*here)).rowcount:
            raise NotFound("there is no such token", code="epcis.token", value=text)
