"""The made-up county, and the commands of the assets domain, as a part of it."""

from pathlib import Path

from longmai.domains.assets.county.commands import app
from longmai.domains.assets.county.generating import load_sample
from longmai.portal.domain import Domain

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records={},
    projections=(),
    tables=(),
    commands=app,
    load_sample=load_sample,
)
