"""Shoppers' reports as a part of the brand domain."""

from pathlib import Path

from longmai.domains.brand.shopper import pages
from longmai.domains.brand.shopper.service import work
from longmai.domains.brand.shopper.tables import ANSWERED, FILED, PROJECTIONS, REPORTS, TABLES
from longmai.portal.domain import Domain
from longmai.portal.rights.model import Post

PART = Domain(
    slug="brand",
    folder=Path(__file__).parent,
    # Says who complained and how they are reached.
    records={FILED: REPORTS, ANSWERED: REPORTS},
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    permissions={REPORTS: (Post("official", "supervision"),)},
    doors={REPORTS: "/work"},
    work=work,
)
