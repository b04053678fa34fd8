"""Recalls as a part of the brand domain."""

from functools import partial
from pathlib import Path

from longmai.domains.brand.recall import pages
from longmai.domains.brand.recall.commands import app
from longmai.domains.brand.recall.kinds import AUDIENCE, RECALL
from longmai.domains.brand.recall.sample import load_sample
from longmai.domains.brand.recall.tables import PROJECTIONS, SHELF, TABLES
from longmai.portal.domain import Domain, Entrance
from longmai.portal.outbox import Postman
from longmai.portal.rights.model import Post

PART = Domain(
    slug="brand",
    folder=Path(__file__).parent,
    records=AUDIENCE,
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pages.router,),
    commands=app,
    # Who made it may recall it; who supervises may recall anything of the region.
    permissions={
        RECALL: (
            Post("enterprise", "own"),
            Post("official", "supervision"),
            Post("leader", "supervision"),
        )
    },
    behind=(partial(Postman, shelf=SHELF),),
    doors={RECALL: "/brand/recalls/new"},
    load_sample=load_sample,
    entrances=(Entrance("recall.list.title", "recall.list.lead", "/brand/recalls"),),
)
