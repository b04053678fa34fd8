"""Co-operatives as a part of the brand domain."""

from pathlib import Path

from longmai.domains.brand.coop import pages, register_pages
from longmai.domains.brand.coop.desk import HELP, KEEP
from longmai.domains.brand.coop.sample import load_sample
from longmai.domains.brand.coop.tables import (
    BUYER_KIND,
    COOP_KIND,
    PLOT_KIND,
    PRODUCT_KIND,
    PROJECTIONS,
    TABLES,
)
from longmai.portal.domain import Domain, Entrance
from longmai.portal.rights.model import Post

PART = Domain(
    slug="brand",
    folder=Path(__file__).parent,
    # What is public stands in master data and events; this is the co-operative's own.
    records=dict.fromkeys((COOP_KIND, PLOT_KIND, PRODUCT_KIND, BUYER_KIND), HELP),
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(register_pages.router, pages.router),
    load_sample=load_sample,
    permissions={
        KEEP: (
            Post("enterprise", "own"),
            Post("village_accountant", "service"),
            Post("official", "service"),
        ),
        HELP: (Post("village_accountant", "service"), Post("official", "service")),
    },
    doors={KEEP: "/brand/coop"},
    entrances=(Entrance("coop.entrance", "coop.entrance_lead", register_pages.HOME),),
)
