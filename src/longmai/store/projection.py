"""Projections: how records of one kind fill a domain's tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as projections see it; ``payload`` is None once it was erased."""

    record_id: UUID
    header: Mapping[str, Any]
    payload: Mapping[str, Any] | None


@dataclass(frozen=True)
class Projection:
    """Fills tables from records of one kind.

    What ``apply`` writes may depend on the entries alone, not on what the tables hold or on the
    order of calls: a rebuild must give the same rows. Each table has the column ``record_id``, by
    which the rows of an erased record are found.
    """

    kind: str
    tables: Sequence[Table]
    apply: Callable[[Connection, Sequence[Entry]], None]
