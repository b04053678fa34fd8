"""公示: decisions published in the village, by templates that say the least of a person."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from longmai.domains.livelihood.casework.list_pages import place_name
from longmai.domains.livelihood.casework.model.case import Deed, Standing
from longmai.domains.livelihood.casework.queries import KeptCase, decided_since
from longmai.domains.livelihood.persons.consents import PUBLISH
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.region_codes import prefix
from longmai.portal.house import House, house_of
from longmai.portal.masking import masked
from longmai.portal.paging import Paging, paging_of
from longmai.portal.policies.said import title_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

FIELDS = ("name", "village", "policy", "decided_on")
_FILE = Path(__file__).with_name("publication.toml")


@dataclass(frozen=True)
class Published:
    """A decision as everybody may read it; a field that its template leaves out is empty."""

    name: str
    village: str
    policy: str
    decided_on: date | None
    basis: str


@dataclass(frozen=True)
class PublishedContext:
    """Variables of ``livelihood/published.html``."""

    rows: Sequence[Published]
    paging: Paging
    region: str
    place: str
    places: Sequence[tuple[str, str]]
    days: int
    pending: bool


@router.get("/livelihood/published")
def published_list(
    request: Request, region: Annotated[str, Query(max_length=12)] = ""
) -> HTMLResponse:
    """Show the decisions that a place publishes now."""
    house, t = house_of(request), words_of(request)
    code, place = _place(house, region, t)
    with house.store.read() as connection:
        rows = list(published(house, connection, code, t)) if region else []
    paging = paging_of(request, len(rows))
    period = _templates()["period"]
    pack = house.regions
    context = PublishedContext(
        rows[paging.offset : paging.offset + paging.size],
        paging,
        region,
        place,
        [(each.code, each.name if t.language == "zh" else each.name_en)
         for each in (*pack.ancestors(code)[1:], *pack.children(code))],
        int(period["days"]),
        period["status"] == "待核定",
    )  # fmt: skip
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.livelihood"), "/livelihood/ask"),
        (t("casework.published.title"), None),
    )
    page = Page(t("casework.published.title"), crumbs)
    return render(request, "livelihood/published.html", page, context)


def published(house: House, connection: Connection, region: str, t: Words) -> Iterator[Published]:
    """Yield what a place publishes: confirmed within the period, as its template allows."""
    days = timedelta(days=int(_templates()["period"]["days"]))
    since: datetime = house.clock.now() - days
    for kept in decided_since(connection, prefix(region), Deed.CONFIRMED, since):
        template = template_of(kept)
        if template is not None and kept.case.standing is Standing.GRANTED:
            yield _row(house, kept, template, t)


def template_of(kept: KeptCase) -> Mapping[str, Any] | None:
    """Return the template by which a case is published; None: it is not."""
    templates = _templates()
    own: Mapping[str, Any] | None = templates["policy"].get(kept.policy_id)
    if own is not None:
        return own
    word = kept.words.get(PUBLISH)
    return templates["consented"] if word is not None and word.given else None


def _row(house: House, kept: KeptCase, template: Mapping[str, Any], t: Words) -> Published:
    shown = set(template["fields"])
    decided = next(each for each in reversed(kept.acts) if each.act.deed is Deed.CONFIRMED)
    policy = house.policies.version(kept.policy_id, str(kept.found["version"]))
    return Published(
        name=masked(kept.name, 1, 0) if "name" in shown else "",
        village=place_name(house, kept.region, t) if "village" in shown else "",
        policy=title_of(policy, t.language) if "policy" in shown else "",
        decided_on=beijing_day(decided.at) if "decided_on" in shown else None,
        basis=str(template["basis"]),
    )


def _place(house: House, region: str, t: Words) -> tuple[str, str]:
    pack = house.regions
    try:
        code = pack.get(region or pack.code).code
    except (Invalid, NotFound):
        code = pack.get(pack.code).code
    return code, pack.path_name(code, t.language)


@cache
def _templates() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
