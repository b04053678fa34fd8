"""Meetings as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.meetings import api, desk_pages, pages
from longmai.domains.assets.meetings.commands import app
from longmai.domains.assets.meetings.convening import RUN
from longmai.domains.assets.meetings.finding import search, work
from longmai.domains.assets.meetings.service import VOTE
from longmai.domains.assets.meetings.tables import (
    CONVENED_KIND,
    DECISION_KIND,
    DEED_KIND,
    FOLLOW_KIND,
    PAPER_KIND,
    PROJECTIONS,
    STRUCK_KIND,
    TABLES,
    TICKET_KIND,
    VOTE_KIND,
)
from longmai.domains.assets.members.part import CLERKS
from longmai.domains.assets.members.service import READ
from longmai.portal.domain import PUBLIC, Domain, Entrance
from longmai.portal.rights.model import Post

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    # Decisions and counts are public; who came, and how each voted, is for who may read the roll.
    records={
        CONVENED_KIND: PUBLIC,
        DEED_KIND: PUBLIC,
        PAPER_KIND: PUBLIC,
        DECISION_KIND: PUBLIC,
        FOLLOW_KIND: PUBLIC,
        TICKET_KIND: READ,
        VOTE_KIND: READ,
        STRUCK_KIND: READ,
    },
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router, desk_pages.router),
    api=(api.router,),
    commands=app,
    permissions={RUN: CLERKS, VOTE: (Post("citizen", "own"),)},
    search=search,
    work=work,
    doors={RUN: "/assets/meetings/new", VOTE: "/assets/meetings"},
    entrances=(Entrance("meetings.title", "meetings.lead", "/assets/meetings"),),
)
