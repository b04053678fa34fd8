"""The first page: the table of six verbs and five fields; live cells are doors."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from longmai.portal.domain import FIELDS, VERBS
from longmai.portal.house import house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN

router = APIRouter(include_in_schema=False, dependencies=[OPEN])


@dataclass(frozen=True)
class Verb:
    """A column: one engine."""

    slug: str
    title: str
    hint: str


@dataclass(frozen=True)
class HomeCell:
    """A cell: what the engine does for the field; ``href`` is None where nothing is built yet."""

    title: str
    href: str | None
    verb: str


@dataclass(frozen=True)
class Field:
    """A row: one domain."""

    slug: str
    title: str
    cells: tuple[HomeCell, ...]


@dataclass(frozen=True)
class HomeContext:
    """Variables of ``home.html``."""

    verbs: tuple[Verb, ...]
    fields: tuple[Field, ...]


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Show the table of what there is and what is still to come."""
    t = words_of(request)
    doors = {domain.slug: domain.cells for domain in house_of(request).domains}
    verbs = tuple(Verb(verb, t(f"verb.{verb}"), t(f"verb.{verb}.hint")) for verb in VERBS)
    rows = tuple(
        Field(
            slug,
            t(f"field.{slug}"),
            tuple(
                HomeCell(t(f"cell.{slug}.{verb}"), doors.get(slug, {}).get(verb), t(f"verb.{verb}"))
                for verb in VERBS
            ),
        )
        for slug in FIELDS
    )
    return render(request, "home.html", Page(t("home.title")), HomeContext(verbs, rows))
