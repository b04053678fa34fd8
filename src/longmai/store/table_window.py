"""A window on a long list: which rows, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Select


@dataclass(frozen=True)
class Window:
    """Which part of a list to return, in which order; what the sort names is the query's own."""

    sort: str = ""
    offset: int = 0
    size: int = 20
    descending: bool = True

    def of(
        self,
        query: Select[Any],
        sorts: Mapping[str, ColumnElement[Any] | Column[Any]],
        then: ColumnElement[Any] | Column[Any],
    ) -> Select[Any]:
        """Order and cut a query.

        Args:
            query: to cut.
            sorts: what may be sorted by; the first where the window names none of them.
            then: decides between equals, so that no row is on two pages.
        """
        chosen = sorts.get(self.sort, next(iter(sorts.values())))
        ordered = query.order_by(chosen.desc() if self.descending else chosen, then)
        return ordered.offset(self.offset).limit(self.size)
