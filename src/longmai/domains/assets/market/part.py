"""The transfer market as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.market import api, desk_pages, pages
from longmai.domains.assets.market.commands import app
from longmai.domains.assets.market.deeds import AUDIENCE, BID, RUN
from longmai.domains.assets.market.finding import search, work
from longmai.domains.assets.market.sample import load_sample
from longmai.domains.assets.market.tables import PROJECTIONS, TABLES
from longmai.domains.assets.members.part import CLERKS
from longmai.portal.domain import Domain, Entrance
from longmai.portal.rights.model import Post

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records=AUDIENCE,
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(desk_pages.router, pages.router),
    api=(api.router,),
    commands=app,
    permissions={RUN: CLERKS, BID: (Post("citizen", "own"), Post("enterprise", "own"))},
    load_sample=load_sample,
    search=search,
    work=work,
    doors={RUN: pages.HOME, BID: pages.HOME},
    entrances=(
        Entrance("market.title", "market.lead", pages.HOME),
        Entrance("market.needs.title", "market.needs.lead", f"{pages.HOME}/needs"),
    ),
)
