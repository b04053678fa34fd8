"""The journal as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.members.part import CLERKS, WATCHERS
from longmai.domains.assets.vouchers import api, pages
from longmai.domains.assets.vouchers.commands import app
from longmai.domains.assets.vouchers.service import READ
from longmai.domains.assets.vouchers.tables import (
    BOOKED_KIND,
    DIVIDEND_KIND,
    PROJECTIONS,
    TABLES,
)
from longmai.portal.domain import Domain, Entrance

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records={BOOKED_KIND: READ, DIVIDEND_KIND: READ},
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    api=(api.router,),
    commands=app,
    permissions={READ: (*CLERKS, *WATCHERS)},
    doors={READ: "/assets/vouchers"},
    entrances=(Entrance("vouchers.title", "vouchers.lead", "/assets/vouchers"),),
)
