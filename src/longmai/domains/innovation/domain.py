"""The innovation domain as one value."""

from pathlib import Path

from longmai.portal.domain import Domain

FOLDER = Path(__file__).parent

INNOVATION = Domain(
    slug="innovation",
    folder=FOLDER,
    records={},
    projections=(),
    tables=(),
    policies=(FOLDER / "policies",),
    cells={"rules": "/innovation/rules"},
)
