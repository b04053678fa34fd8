"""Risk as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.contracts.deeds import READ
from longmai.domains.assets.risk import pages, reserve_pages
from longmai.domains.assets.risk.tables import DEED_KIND, PROJECTIONS, TABLES
from longmai.portal.domain import Domain, Entrance

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records={DEED_KIND: READ},
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router, reserve_pages.router),
    api=(pages.api,),
    commands=pages.app,
    entrances=(
        Entrance("risk.title", "risk.lead", "/assets/warnings"),
        Entrance("reserve.title", "reserve.lead", "/assets/reserve"),
    ),
)
