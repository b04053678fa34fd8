"""The sample province as a part of its domain."""

from pathlib import Path

from longmai.domains.livelihood.province.commands import app
from longmai.portal.domain import Domain

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records={},
    projections=(),
    tables=(),
    commands=app,
)
