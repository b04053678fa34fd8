"""The livelihood domain as one value."""

from pathlib import Path

from longmai.portal.domain import Domain

FOLDER = Path(__file__).parent

LIVELIHOOD = Domain(
    slug="livelihood",
    folder=FOLDER,
    records={},
    projections=(),
    tables=(),
    cells={"rules": "/livelihood/rules"},
)
