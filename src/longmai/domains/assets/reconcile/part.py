"""Reconciliation as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.reconcile import pages
from longmai.portal.domain import Domain, Entrance

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records={},
    projections=(),
    tables=(),
    pages=(pages.router,),
    api=(pages.api,),
    commands=pages.app,
    entrances=(Entrance("reconcile.title", "reconcile.lead", "/assets/reconcile"),),
)
