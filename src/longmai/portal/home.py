"""The first page, a table of six verbs and five fields with live cells as doors; a page a field."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from longmai.kernel.errors import NotFound
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
    href: str | None


@dataclass(frozen=True)
class HomeContext:
    """Variables of ``home.html``."""

    verbs: tuple[Verb, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Room:
    """A room of a field."""

    title: str
    lead: str
    href: str


@dataclass(frozen=True)
class FieldContext:
    """Variables of ``field.html``."""

    slug: str
    rooms: tuple[Room, ...]


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Show the table of what there is and what is still to come."""
    t = words_of(request)
    domains = house_of(request).domains
    doors = {domain.slug: domain.cells for domain in domains}
    roomy = {domain.slug for domain in domains if domain.entrances}
    verbs = tuple(Verb(verb, t(f"verb.{verb}"), t(f"verb.{verb}.hint")) for verb in VERBS)
    rows = tuple(
        Field(
            slug,
            t(f"field.{slug}"),
            tuple(
                HomeCell(t(f"cell.{slug}.{verb}"), doors.get(slug, {}).get(verb), t(f"verb.{verb}"))
                for verb in VERBS
            ),
            f"/fields/{slug}" if slug in roomy else None,
        )
        for slug in FIELDS
    )
    return render(request, "home.html", Page(t("home.title")), HomeContext(verbs, rows))


@router.get("/fields/{slug}")
def field(request: Request, slug: str) -> HTMLResponse:
    """Show the rooms of a field, each with what is done there."""
    t = words_of(request)
    rooms = tuple(
        Room(t(each.title), t(each.lead), each.href)
        for domain in house_of(request).domains
        if domain.slug == slug
        for each in domain.entrances
    )
    if not rooms:
        raise NotFound("no field with rooms has this name", code="portal.field", value=slug)
    title = t(f"field.{slug}")
    home = ((t("home.title"), "/"), (title, None))
    return render(request, "field.html", Page(title, breadcrumbs=home), FieldContext(slug, rooms))
