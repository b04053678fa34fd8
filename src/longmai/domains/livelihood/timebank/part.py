"""The time bank as one value."""

from pathlib import Path

from longmai.domains.livelihood.timebank import (
    api,
    bank_pages,
    book_pages,
    keeping_pages,
    member_pages,
    own_pages,
)
from longmai.domains.livelihood.timebank.commands import app
from longmai.domains.livelihood.timebank.desk import GOVERN, KEEP, REPORT
from longmai.domains.livelihood.timebank.finding import search, work
from longmai.domains.livelihood.timebank.sample.season import load_sample
from longmai.domains.livelihood.timebank.showing import HOME
from longmai.domains.livelihood.timebank.tables import (
    BANK_KIND,
    CANCELLED_KIND,
    CERTIFICATE_KIND,
    ENTRY_KIND,
    KIN_KIND,
    LINK_KIND,
    MEMBER_KIND,
    MONEY_KIND,
    NOTICE_CLOSED_KIND,
    NOTICE_KIND,
    PRESENCE_KIND,
    PROJECTIONS,
    RULES_KIND,
    SERVICE_KIND,
    TABLES,
    TRAIT_KIND,
)
from longmai.portal.domain import PUBLIC, Domain, Entrance
from longmai.portal.rights.model import Post

PERSONAL = (
    MEMBER_KIND,
    LINK_KIND,
    TRAIT_KIND,
    KIN_KIND,
    ENTRY_KIND,
    NOTICE_KIND,
    NOTICE_CLOSED_KIND,
    SERVICE_KIND,
    CANCELLED_KIND,
    PRESENCE_KIND,
    CERTIFICATE_KIND,
)
"""Records about single people: read by who keeps the bank, and by whom they are about."""

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records={
        **dict.fromkeys(PERSONAL, KEEP),
        **dict.fromkeys((BANK_KIND, RULES_KIND, MONEY_KIND), PUBLIC),
    },
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(
        own_pages.router,
        keeping_pages.router,
        member_pages.router,
        book_pages.router,
        bank_pages.router,
    ),
    api=(api.router,),
    commands=app,
    load_sample=load_sample,
    search=search,
    work=work,
    doors={KEEP: f"{HOME}/desk", REPORT: f"{HOME}/reports", GOVERN: f"{HOME}/new"},
    permissions={
        KEEP: (Post("village_accountant", "service"), Post("official", "service")),
        GOVERN: (Post("official", "service"),),
        REPORT: (
            Post("village_accountant", "service"),
            Post("official", "service"),
            Post("official", "supervision"),
            Post("leader", "supervision"),
            Post("analyst", "statistics"),
        ),
    },
    # The public page behind the cell; people's files are for posts only.
    cells={"ledger": HOME},
    entrances=(Entrance("hours.title", "hours.lead", HOME),),
)
