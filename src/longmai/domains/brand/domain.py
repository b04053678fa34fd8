"""The brand domain as one value."""

from pathlib import Path

from longmai.domains.brand import api, code_pages, pages, resolver
from longmai.domains.brand.commands import app
from longmai.domains.brand.coop import part as coop
from longmai.domains.brand.epcis import (
    capture_jobs,
    capture_routes,
    event_routes,
    query_routes,
    sockets,
)
from longmai.domains.brand.epcis.discovery import PREFIX, options_router
from longmai.domains.brand.epcis.reporter import Reporter
from longmai.domains.brand.epcis.shapes import SCHEMAS
from longmai.domains.brand.epcis.tables import TABLES as EPCIS_TABLES
from longmai.domains.brand.epcis.wire import MAX_UPLOAD_BYTES
from longmai.domains.brand.finding import search, work
from longmai.domains.brand.recall import part as recall
from longmai.domains.brand.season import load_sample
from longmai.domains.brand.service import CAPTURE, QUERY
from longmai.domains.brand.shopper import part as shopper
from longmai.domains.brand.tables import EVENT_KIND, PROJECTIONS, TABLES, VOCABULARY_KIND
from longmai.portal.domain import PUBLIC, Domain, Entrance
from longmai.portal.joining import joined
from longmai.portal.rights.model import Post

FOLDER = Path(__file__).parent

_EVENTS = Domain(
    slug="brand",
    folder=FOLDER,
    # Traceability is public: who scans a code reads what was recorded.
    records={EVENT_KIND: PUBLIC, VOCABULARY_KIND: PUBLIC},
    projections=PROJECTIONS,
    tables=(*TABLES, *EPCIS_TABLES),
    pages=(pages.router, code_pages.router, resolver.router),
    api=(
        api.epcis,
        api.brand,
        capture_routes.router,
        event_routes.router,
        query_routes.router,
        sockets.router,
        options_router(),
    ),
    commands=app,
    load_sample=load_sample,
    permissions={
        CAPTURE: (Post("enterprise", "own"), Post("official", "service")),
        # Who scans a code reads one thing's way; to ask for all things of a region is a right.
        QUERY: (
            Post("enterprise", "own"),
            Post("official", "service"),
            Post("official", "supervision"),
            Post("leader", "supervision"),
            Post("analyst", "statistics"),
        ),
    },
    works={capture_jobs.KIND: capture_jobs.work},
    behind=(Reporter,),
    schemas=SCHEMAS,
    roomy={f"{PREFIX}/capture": MAX_UPLOAD_BYTES},
    search=search,
    work=work,
    doors={CAPTURE: "/brand/capture"},
    policies=(FOLDER / "policies",),
    cells={"ledger": "/brand/batches", "rules": "/brand/rules"},
    entrances=(
        Entrance("brand.batches.title", "brand.batches.lead", "/brand/batches"),
        Entrance("brand.capture.title", "brand.capture.lead", "/brand/capture"),
    ),
)

PARTS = (_EVENTS, recall.PART, coop.PART, shopper.PART)
"""The events and what stands on them, each a ``Domain`` of its own, as their samples are loaded."""

BRAND = joined("brand", FOLDER, PARTS, "甘味: capture EPCIS events, trace things, recall them.")
