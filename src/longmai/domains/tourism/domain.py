"""The tourism domain as one value."""

from pathlib import Path

from longmai.portal.domain import Domain

FOLDER = Path(__file__).parent

TOURISM = Domain(
    slug="tourism",
    folder=FOLDER,
    records={},
    projections=(),
    tables=(),
    cells={"rules": "/tourism/rules"},
)
