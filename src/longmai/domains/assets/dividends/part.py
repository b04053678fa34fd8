"""Distributions as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.dividends import api, file_pages, pages, statement_pages
from longmai.domains.assets.dividends.commands import app
from longmai.domains.assets.dividends.finding import work
from longmai.domains.assets.dividends.sample import load_sample
from longmai.domains.assets.dividends.service import KEEP, READ
from longmai.domains.assets.dividends.tables import (
    CHARTER_KIND,
    DEED_KIND,
    DRAFT_KIND,
    PROJECTIONS,
    STATEMENT_KIND,
    TABLES,
)
from longmai.domains.assets.members.part import CLERKS, WATCHERS
from longmai.portal.domain import PUBLIC, Domain, Entrance

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    # A draft names who worked and who has a floor; the charter and what was done are public.
    records={
        CHARTER_KIND: PUBLIC,
        DEED_KIND: PUBLIC,
        DRAFT_KIND: READ,
        STATEMENT_KIND: READ,
    },
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(statement_pages.router, file_pages.router, pages.router),
    api=(statement_pages.api, api.router),
    commands=app,
    permissions={KEEP: CLERKS, READ: (*CLERKS, *WATCHERS)},
    load_sample=load_sample,
    work=work,
    doors={KEEP: "/assets/dividends"},
    cells={"allocate": "/assets/dividends"},
    entrances=(Entrance("dividends.title", "dividends.lead", "/assets/dividends"),),
)
