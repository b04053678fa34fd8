"""Bought services as one value."""

from pathlib import Path

from longmai.domains.livelihood.services import api, contract_pages, listing_pages
from longmai.domains.livelihood.services.finding import search, work
from longmai.domains.livelihood.services.sample.year import load_sample
from longmai.domains.livelihood.services.service import APPROVE, BUY
from longmai.domains.livelihood.services.showing import HOME
from longmai.domains.livelihood.services.tables import (
    ACCEPTANCE_KIND,
    CONTRACT_KIND,
    CREDIT_KIND,
    DECISION_KIND,
    DELIVERY_KIND,
    ITEM_KIND,
    ORG_KIND,
    PAID_KIND,
    PROJECTIONS,
    REQUEST_KIND,
    SIGNATURE_KIND,
    TABLES,
)
from longmai.portal.domain import PUBLIC, Domain, Entrance
from longmai.portal.rights.model import Post

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records={
        # What public money buys is public; who was served, and what they signed, is not.
        **dict.fromkeys((ITEM_KIND, ORG_KIND, CREDIT_KIND, CONTRACT_KIND, ACCEPTANCE_KIND), PUBLIC),
        **dict.fromkeys((REQUEST_KIND, DECISION_KIND, PAID_KIND), PUBLIC),
        **dict.fromkeys((DELIVERY_KIND, SIGNATURE_KIND), BUY),
    },
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(listing_pages.router, contract_pages.router),
    api=(api.router,),
    load_sample=load_sample,
    search=search,
    work=work,
    permissions={
        BUY: (Post("official", "service"),),
        APPROVE: (Post("official", "service"), Post("leader", "supervision")),
    },
    doors={BUY: f"{HOME}/contracts", APPROVE: f"{HOME}/contracts"},
    entrances=(Entrance("bought.title", "bought.lead", HOME),),
)
