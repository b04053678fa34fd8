"""The GS1 Digital Link resolver: who scans a thing is led to what is known of it.

A thing has the links of its master data, of its lot's and its product's (the nearer first), and
those of this house: its page, its trace, its events, its proofs. ``linkType`` asks for one, or for
``all`` as a linkset (RFC 9264); ``Accept-Language`` chooses among several.

Source: GS1-Conformant Resolver Standard 1.1.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.link_types import (
    DEFAULT,
    Link,
    bare_type,
    chosen,
    links_in,
    linkset,
)
from longmai.domains.brand.queries import described
from longmai.kernel.errors import NotFound
from longmai.portal.house import House, house_of
from longmai.portal.language import language_of
from longmai.portal.rights.gates import OPEN

router = APIRouter(include_in_schema=False)

_LINKSET = "application/linkset+json"
_ALL = frozenset({"all", "linkset"})
_OURS = frozenset({"linkType", "context"})
# A linkset is for everybody's programs, also those in pages elsewhere.
_SHARED = {"Access-Control-Allow-Origin": "*", "Vary": "Accept, Accept-Language"}


@router.get("/.well-known/gs1resolver", dependencies=[OPEN])
def description(request: Request) -> Response:
    """Describe the resolver, as GS1-conformant resolvers do."""
    house = house_of(request)
    told = {
        "name": house.catalogue.translate(language_of(request), "portal.name"),
        "resolverRoot": house.settings.public_url,
        "supportedPrimaryKeys": list(gs1.PRIMARY_KEYS),
        "linkTypeDefaultCanBeLinkset": False,
    }
    return JSONResponse(told, headers=_SHARED)


def resolved(request: Request) -> Response | None:
    """Return where a request for a thing is led; None: to its page here.

    Raises:
        Invalid: not the address of a GS1 key.
        NotFound: the thing has no link of the wanted type.
    """
    wanted = bare_type(request.query_params.get("linkType", ""))
    accepts = request.headers.get("accept", "")
    key = gs1.parse_digital_link_path(request.scope["raw_path"].decode("ascii").strip("/"))
    house = house_of(request)
    if wanted in _ALL or (not wanted and _LINKSET in accepts):
        return _linkset(request, house, key)
    _, links = links_of(house, key, language_of(request))
    if not wanted:
        own = [link for link in links if not _is_ours(house, link)]
        default = chosen(own, DEFAULT, _spoken(request))
        return None if default is None else _led(request, default)
    found = chosen(links, wanted, _spoken(request))
    if found is None:
        raise NotFound(
            "this thing has no link of this type",
            code="resolver.link",
            place=key,
            value=wanted,
            mend="ask with linkType=all for those it has",
        )
    return None if wanted == DEFAULT and _is_ours(house, found) else _led(request, found)


def _linkset(request: Request, house: House, key: str) -> Response:
    title, links = links_of(house, key, language_of(request))
    anchor = gs1.digital_link(key, house.settings.public_url)
    return JSONResponse(linkset(anchor, title, links), media_type=_LINKSET, headers=_SHARED)


def _led(request: Request, link: Link) -> Response:
    # What else the code says (a date, a weight) goes along (resolver standard §6.4).
    rest = [(k, v) for k, v in request.query_params.multi_items() if k not in _OURS]
    joined = "&" if "?" in link.href else "?"
    address = f"{link.href}{joined}{urlencode(rest)}" if rest else link.href
    return RedirectResponse(address, 307, headers=_SHARED)


def _spoken(request: Request) -> Sequence[str]:
    header = request.headers.get("accept-language", "")
    parts = [part.partition(";")[0].strip() for part in header.split(",")[:20]]
    return [*filter(None, parts), language_of(request)]


def links_of(house: House, key: str, language: str) -> tuple[str, list[Link]]:
    """Return the name of a thing, and its links, the nearest first."""
    keys = list(_above(key))
    with house.store.read() as connection:
        known = described(connection, keys)
    named = [known[each] for each in keys if each in known]
    links = [link for each in named for link in links_in(each.told)]
    title = next((each.name(language) for each in named if each.names), "")
    return title, [*links, *_of_house(house, key)]


def _above(key: str) -> Iterator[str]:
    """Yield a key, then what it is of: its lot, its kind."""
    parts = key.split("/")
    yield key
    for end in range(len(parts) - 2, 1, -2):
        yield "/".join(parts[:end])


def _of_house(house: House, key: str) -> Iterator[Link]:
    root = house.settings.public_url.rstrip("/")
    page = gs1.digital_link(key, root)
    yield Link(DEFAULT, page, media="text/html", languages=("zh", "en"))
    yield Link("pip", page, media="text/html", languages=("zh", "en"))
    yield Link("traceability", f"{root}/api/v1/brand/trace/{key}", media="application/json")
    things = quote(gs1.digital_link(key, "https://id.gs1.org"), safe="")
    yield Link("epcis", f"{root}/epcis/epcs/{things}/events", media="application/ld+json")
    proofs = f"{root}/api/v1/brand/proof/{key}"
    yield Link("certificationInfo", proofs, media="application/json")


def _is_ours(house: House, link: Link) -> bool:
    return link.href.startswith(house.settings.public_url)
