"""What a domain hands to the house: one frozen value, registered in ``longmai.registry``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer
from fastapi import APIRouter
from sqlalchemy import Connection, Table

from longmai.portal.rights.model import Post
from longmai.portal.rights.visitor import Visitor
from longmai.store.projection import Projection
from longmai.store.worker import Task

if TYPE_CHECKING:
    from longmai.portal.house import House

VERBS = ("ledger", "sense", "rules", "match", "allocate", "evaluate")
PUBLIC = "public"
"""The audience of records whose content everybody may read."""
FIELDS = ("innovation", "tourism", "livelihood", "assets", "brand")


@dataclass(frozen=True)
class Found:
    """A thing that a search found.

    Attributes:
        kind: of thing; the word ``search.kind.<kind>`` names it.
        title: its name.
        code: its number or key.
        href: its page.
    """

    kind: str
    title: str
    code: str
    href: str


@dataclass(frozen=True)
class Waiting:
    """A piece of work that waits for somebody.

    Attributes:
        kind: of work; the word ``work.kind.<kind>`` says what to do.
        title: what it is about.
        href: the page where it is done.
        due: the day by which; None if there is none.
    """

    kind: str
    title: str
    href: str
    due: date | None = None


@dataclass(frozen=True)
class Entrance:
    """A room of a field, as its page lists it.

    Attributes:
        title: word for its name.
        lead: word for the sentence that says what is done there.
        href: its page.
    """

    title: str
    lead: str
    href: str


class Search(Protocol):
    """Finds things whose name, code or pinyin initials a text is part of."""

    def __call__(
        self, connection: Connection, visitor: Visitor, text: str, language: str, /
    ) -> Iterable[Found]:
        """Return what the visitor may see of it, best first; as many as fit on a page."""
        ...


class WorkList(Protocol):
    """Finds what waits for a visitor."""

    def __call__(
        self, connection: Connection, visitor: Visitor, now: datetime, /
    ) -> Iterable[Waiting]:
        """Return it, in any order; as much as fits on a page."""
        ...


class Behind(Protocol):
    """Something that runs behind the requests."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End."""
        ...


@dataclass(frozen=True)
class Domain:
    """A field of public life: words, rules, pages and sample data over the engines.

    Attributes:
        slug: one of ``FIELDS``; its folder, its address and the prefix of its words.
        folder: where ``templates/`` and ``locales/`` lie, if it has any; a part of it (a folder in
            it) may have its own.
        records: kinds of ledger records it writes, and who may read their content: ``PUBLIC``, or
            the name of a permission.
        projections: how those records fill its tables.
        tables: all its tables.
        pages: routers of HTML pages.
        api: routers of its HTTP interface.
        commands: its sub-commands of the command line.
        permissions: the rights it asks for, and the posts that hold each.
        policies: folders of the policy files it ships; a region pack has more.
        works: what its jobs do, by kind.
        nightly: kinds of jobs that are done once a night, and whether there is anything to do for a
            day.
        load_sample: puts the sample data into a store that has none, telling its progress.
        search: finds things by name, code or initials, for who may see them.
        work: what waits for a visitor.
        doors: address of the page that each of its permissions opens.
        cells: address of the page behind each verb it fills.
        entrances: its rooms, as the page of the field lists them.
        guides: address of the pages its list of policies leads to, by the word for each.
        behind: makes what runs behind the requests, in one process of the house.
        schemas: shapes its descriptions of operations refer to, by name.
        roomy: bytes a body may have, by path, where that is more than elsewhere.
    """

    slug: str
    folder: Path
    records: Mapping[str, str]
    projections: Sequence[Projection]
    tables: Sequence[Table]
    pages: Sequence[APIRouter] = ()
    api: Sequence[APIRouter] = ()
    commands: typer.Typer | None = None
    permissions: Mapping[str, Sequence[Post]] = field(default_factory=dict)
    policies: Sequence[Path] = ()
    works: Mapping[str, Callable[["House", Task], Mapping[str, Any]]] = field(default_factory=dict)
    nightly: Mapping[str, Callable[["House", date], bool]] = field(default_factory=dict)
    load_sample: Callable[["House", Callable[[str], None]], None] | None = None
    search: Search | None = None
    work: WorkList | None = None
    doors: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    entrances: Sequence[Entrance] = ()
    guides: Mapping[str, str] = field(default_factory=dict)
    behind: Sequence[Callable[["House"], Behind]] = ()
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    roomy: Mapping[str, int] = field(default_factory=dict)

    def rooms(self, name: str) -> tuple[Path, ...]:
        """Return the folders of a name in it and in its parts: ``templates`` or ``locales``."""
        return tuple(sorted(each for each in self.folder.glob(f"**/{name}") if each.is_dir()))
