"""Questions for a family, and the course of a life, as a part of the livelihood domain."""

from pathlib import Path

from longmai.domains.livelihood.life import ask_pages, life_pages
from longmai.portal.domain import Domain, Entrance

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records={},
    projections=(),
    tables=(),
    pages=(ask_pages.router, life_pages.router),
    cells={"match": "/livelihood/ask"},
    guides={"life.ask.title": "/livelihood/ask", "life.course.title": "/livelihood/life"},
    entrances=(
        Entrance("life.ask.title", "life.ask.entrance", "/livelihood/ask"),
        Entrance("life.course.title", "life.course.entrance", "/livelihood/life"),
    ),
)
