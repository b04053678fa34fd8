"""The brand domain as one value."""

from pathlib import Path

from longmai.domains.brand import api, pages
from longmai.domains.brand.commands import app
from longmai.domains.brand.season import load_sample
from longmai.domains.brand.tables import EVENT_KIND, PROJECTIONS, TABLES, VOCABULARY_KIND
from longmai.portal.domain import Domain

BRAND = Domain(
    slug="brand",
    folder=Path(__file__).parent,
    records=(EVENT_KIND, VOCABULARY_KIND),
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    api=(api.epcis, api.brand),
    commands=app,
    load_sample=load_sample,
    cells={"ledger": "/brand/batches"},
)
