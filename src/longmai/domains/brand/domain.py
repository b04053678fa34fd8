"""The brand domain as one value."""

from pathlib import Path

from longmai.domains.brand import api, pages
from longmai.domains.brand.commands import app
from longmai.domains.brand.finding import search, work
from longmai.domains.brand.season import load_sample
from longmai.domains.brand.service import CAPTURE
from longmai.domains.brand.tables import EVENT_KIND, PROJECTIONS, TABLES, VOCABULARY_KIND
from longmai.portal.domain import PUBLIC, Domain
from longmai.portal.rights.model import Post

FOLDER = Path(__file__).parent

BRAND = Domain(
    slug="brand",
    folder=FOLDER,
    # Traceability is public: who scans a code reads what was recorded.
    records={EVENT_KIND: PUBLIC, VOCABULARY_KIND: PUBLIC},
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    api=(api.epcis, api.brand),
    commands=app,
    load_sample=load_sample,
    permissions={CAPTURE: (Post("enterprise", "own"), Post("official", "service"))},
    search=search,
    work=work,
    doors={CAPTURE: "/brand/capture"},
    policies=(FOLDER / "policies",),
    cells={"ledger": "/brand/batches", "rules": "/brand/rules"},
)
