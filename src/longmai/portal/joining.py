"""Joins the parts of a field, each a ``Domain`` of its own, into the one the house registers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from sqlalchemy import Connection

from longmai.portal.domain import Domain, Found, Search, Waiting, WorkList
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor


def joined(slug: str, folder: Path, parts: Sequence[Domain], help_text: str = "") -> Domain:
    """Return one domain made of parts.

    Args:
        slug: of the domain.
        folder: of the domain; the parts lie in it.
        parts: in the order in which their sample data are loaded.
        help_text: of the command group.

    Raises:
        ValueError: two parts claim the same name.
    """
    return Domain(
        slug=slug,
        folder=folder,
        records=_merged(part.records for part in parts),
        projections=tuple(each for part in parts for each in part.projections),
        tables=tuple(each for part in parts for each in part.tables),
        pages=tuple(each for part in parts for each in part.pages),
        api=tuple(each for part in parts for each in part.api),
        commands=_commands(slug, help_text, parts),
        permissions=_merged(part.permissions for part in parts),
        policies=tuple(each for part in parts for each in part.policies),
        works=_merged(part.works for part in parts),
        nightly=_merged(part.nightly for part in parts),
        load_sample=_samples(parts),
        search=_search(parts),
        work=_work(parts),
        doors=_merged(part.doors for part in parts),
        cells=_merged(part.cells for part in parts),
        entrances=tuple(each for part in parts for each in part.entrances),
        guides=_merged(part.guides for part in parts),
        behind=tuple(each for part in parts for each in part.behind),
        schemas=_merged(part.schemas for part in parts),
        roomy=_merged(part.roomy for part in parts),
    )


def _merged(maps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in maps:
        twice = found.keys() & each.keys()
        if twice:
            raise ValueError(f"two parts claim {', '.join(sorted(twice))}")
        found |= each
    return found


def _commands(slug: str, help_text: str, parts: Sequence[Domain]) -> typer.Typer | None:
    own = [part.commands for part in parts if part.commands is not None]
    if not own:
        return None
    app = typer.Typer(name=slug, help=help_text, no_args_is_help=True)
    for each in own:
        app.add_typer(each)
    return app


def _samples(parts: Sequence[Domain]) -> Callable[[House, Callable[[str], None]], None]:
    def load(house: House, tell: Callable[[str], None]) -> None:
        for part in parts:
            if part.load_sample is not None:
                part.load_sample(house, tell)

    return load


def _search(parts: Sequence[Domain]) -> Search:
    def search(
        connection: Connection, visitor: Visitor, text: str, language: str, /
    ) -> Iterator[Found]:
        for part in parts:
            if part.search is not None:
                yield from part.search(connection, visitor, text, language)

    return search


def _work(parts: Sequence[Domain]) -> WorkList:
    def work(connection: Connection, visitor: Visitor, now: datetime, /) -> Iterator[Waiting]:
        for part in parts:
            if part.work is not None:
                yield from part.work(connection, visitor, now)

    return work
