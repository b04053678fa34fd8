"""Contracts as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.contracts import api, entry_pages, pages
from longmai.domains.assets.contracts.commands import app
from longmai.domains.assets.contracts.deeds import AUDIENCE, KEEP, READ
from longmai.domains.assets.contracts.finding import search, work
from longmai.domains.assets.contracts.sample import load_sample
from longmai.domains.assets.contracts.tables import PROJECTIONS, TABLES
from longmai.domains.assets.members.part import CLERKS, WATCHERS
from longmai.portal.domain import Domain, Entrance

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records=AUDIENCE,
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(entry_pages.router, pages.router),
    api=(api.router,),
    commands=app,
    permissions={KEEP: CLERKS, READ: (*CLERKS, *WATCHERS)},
    load_sample=load_sample,
    search=search,
    work=work,
    doors={KEEP: "/assets/contracts"},
    entrances=(Entrance("contracts.title", "contracts.lead", "/assets/contracts"),),
)
