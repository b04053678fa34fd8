"""The life of assets as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.life import pages
from longmai.domains.assets.life.deeds import AUDIENCE
from longmai.domains.assets.life.tables import PROJECTIONS, TABLES
from longmai.portal.domain import Domain, Entrance

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records=AUDIENCE,
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    entrances=(Entrance("life.inventories.title", "life.inventories.lead", "/assets/inventories"),),
)
