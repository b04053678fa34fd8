"""What a domain hands to the house: one frozen value, registered in ``longmai.registry``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from fastapi import APIRouter
from sqlalchemy import Table

from longmai.store.projection import Projection
from longmai.store.worker import Task

if TYPE_CHECKING:
    from longmai.portal.house import House

VERBS = ("ledger", "sense", "rules", "match", "allocate", "evaluate")
FIELDS = ("innovation", "tourism", "livelihood", "assets", "brand")


@dataclass(frozen=True)
class Domain:
    """A field of public life: words, rules, pages and sample data over the engines.

    Attributes:
        slug: one of ``FIELDS``; its folder, its address and the prefix of its words.
        folder: where ``templates/`` and ``locales/`` lie.
        records: kinds of ledger records it writes.
        projections: how those records fill its tables.
        tables: all its tables.
        pages: routers of HTML pages.
        api: routers of its HTTP interface.
        commands: its sub-commands of the command line.
        permissions: names of rights it asks for.
        policies: policy files it ships.
        works: what its jobs do, by kind.
        load_sample: puts the sample data into a store that has none, telling its progress.
        cells: address of the page behind each verb it fills.
    """

    slug: str
    folder: Path
    records: Sequence[str]
    projections: Sequence[Projection]
    tables: Sequence[Table]
    pages: Sequence[APIRouter] = ()
    api: Sequence[APIRouter] = ()
    commands: typer.Typer | None = None
    permissions: Sequence[str] = ()
    policies: Sequence[Path] = ()
    works: Mapping[str, Callable[["House", Task], Mapping[str, Any]]] = field(default_factory=dict)
    load_sample: Callable[["House", Callable[[str], None]], None] | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
