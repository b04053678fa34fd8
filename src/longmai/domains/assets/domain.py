"""The assets domain as one value."""

from pathlib import Path

from longmai.portal.domain import Domain

FOLDER = Path(__file__).parent

ASSETS = Domain(
    slug="assets",
    folder=FOLDER,
    records={},
    projections=(),
    tables=(),
    policies=(FOLDER / "policies",),
    cells={"rules": "/assets/rules"},
)
