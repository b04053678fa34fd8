"""Pages of answers: ``perPage``, ``nextPageToken``, the link to the next one (EPCIS 2.0 §12.5)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Request

from longmai.domains.brand.epcis import page_tokens
from longmai.domains.brand.model.query.parameters import QueryFault, whole
from longmai.kernel.clock import to_text
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor

PER_PAGE = 30
MOST_PER_PAGE = 1000


def per_page(given: Any) -> int:
    """Return the size of a page.

    Raises:
        QueryFault: it is none.
    """
    return whole("perPage", given, MOST_PER_PAGE)


def path_of(request: Request) -> str:
    """Return the path a request came to, as it is linked to."""
    return quote(str(request.scope["path"]), safe="/:")


def next_link(
    house: House, visitor: Visitor, request: Request, what: Mapping[str, Any], size: int
) -> dict[str, str]:
    """Return the headers that lead to the next page.

    Args:
        house: keeps the token.
        visitor: whom it is given to.
        request: whose answer goes on.
        what: what the next page is of.
        size: of a page.
    """
    path = path_of(request)
    token = page_tokens.issue(house, visitor.actor, {"path": path, **what})
    query = urlencode({"perPage": size, "nextPageToken": token.text})
    address = f"{house.settings.public_url.rstrip('/')}{path}?{query}"
    return {
        "Link": f'<{address}>; rel="next"',
        "GS1-Next-Page-Token-Expires": to_text(token.expires_at),
    }


def redeemed(
    house: House, visitor: Visitor, token: str | None, request: Request
) -> Mapping[str, Any] | None:
    """Return what the page that is asked for is of; None: the first one is asked for.

    Raises:
        QueryFault: the token does not hold.
    """
    if token is None:
        return None
    return page_tokens.redeem(house, visitor.actor, token, path_of(request))


def before_token(
    house: House, visitor: Visitor, token: str | None, request: Request
) -> UUID | None:
    """Return the ID before which a page of a list begins.

    Raises:
        QueryFault: the token does not hold.
    """
    found = redeemed(house, visitor, token, request)
    if found is None:
        return None
    if "before" not in found:
        raise QueryFault("this token leads to no page here", place="nextPageToken", value=token)
    return UUID(found["before"])
