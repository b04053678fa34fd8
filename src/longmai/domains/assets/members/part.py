"""The roll as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.members import api, pages
from longmai.domains.assets.members.commands import app
from longmai.domains.assets.members.finding import search
from longmai.domains.assets.members.service import KEEP, READ
from longmai.domains.assets.members.tables import (
    HOUSEHOLD_KIND,
    KIN_KIND,
    OFFICE_END_KIND,
    OFFICE_KIND,
    ORGANISATION_KIND,
    PROJECTIONS,
    TABLES,
)
from longmai.portal.domain import PUBLIC, Domain, Entrance
from longmai.portal.rights.model import Post

CLERKS = (Post("village_accountant", "service"), Post("official", "service"))
WATCHERS = (Post("official", "supervision"),)

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records={
        ORGANISATION_KIND: PUBLIC,
        HOUSEHOLD_KIND: READ,
        OFFICE_KIND: READ,
        OFFICE_END_KIND: READ,
        KIN_KIND: READ,
    },
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    api=(api.router,),
    commands=app,
    permissions={KEEP: CLERKS, READ: (*CLERKS, *WATCHERS)},
    search=search,
    doors={READ: "/assets/members"},
    entrances=(Entrance("members.title", "members.lead", "/assets/members"),),
)
