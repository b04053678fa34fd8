"""The finding as a part of its domain: commands, and the nightly job."""

from pathlib import Path

from longmai.domains.livelihood.finding import nightly
from longmai.domains.livelihood.finding.commands import app
from longmai.portal.domain import Domain

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records={},
    projections=(),
    tables=(),
    commands=app,
    works={nightly.KIND: nightly.work},
    nightly={nightly.KIND: nightly.wanted},
    load_sample=nightly.load_sample,
)
