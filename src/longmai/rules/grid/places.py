"""Places in a decision table, and what is wrong there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.rules.dmn.model import DecisionTable

Part = Literal["policy", "head", "type", "values", "default", "rule"]


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        part: the hit policy, or what a column says of itself, or a rule.
        column: from 0, over inputs, outputs and annotations; -1: none.
        rule: from 1; 0: none.
    """

    part: Part
    column: int = -1
    rule: int = 0

    def named(self, table: DecisionTable) -> str:
        """Return the words for it: ``row 2, column "income"``."""
        if self.part == "policy":
            return "hit policy"
        column = f'column "{column_name(table, self.column)}"' if self.column >= 0 else ""
        row = f"row {self.rule}" if self.part == "rule" else _ROWS[self.part]
        return ", ".join(filter(None, (row, column)))


_ROWS: Mapping[str, str] = {
    "head": "heading",
    "type": "type",
    "values": "allowed values",
    "default": "default",
}


def column_name(table: DecisionTable, column: int) -> str:
    """Return what a column is called; its number where it has no name."""
    names = [
        *(each.expression for each in table.inputs),
        *(each.name for each in table.outputs),
        *table.annotations,
    ]
    return (names[column] if column < len(names) else "") or str(column + 1)


class GridInvalid(Invalid):
    """A finding in a text.

    Args:
        what: is wrong.
        line: of the file, from 1; 0: none.
        column: of the file, from 1; 0: the whole line.
        more: as of ``Invalid``.
    """

    def __init__(self, what: str, *, line: int = 0, column: int = 0, **more: Any) -> None:
        super().__init__(what, **more)
        self.line, self.column = line, column


class CellInvalid(GridInvalid):
    """A finding in a cell; of a grid it has a line and a column, too.

    Args:
        what: is wrong.
        cell: where.
        words: for the sentence in other languages, by the names its text has.
        at: which character of the cell's text, from 0.
        advice: whether the table can be used all the same.
        more: as of ``Invalid``.
    """

    def __init__(
        self,
        what: str,
        cell: Cell,
        words: Mapping[str, str] | None = None,
        *,
        at: int = 0,
        advice: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(what, **more)
        self.at = at
        self.cell = cell
        self.words = dict(words or {})
        self.advice = advice

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the API sends it, with its ``cell``."""
        cell = {"part": self.cell.part, "column": self.cell.column, "rule": self.cell.rule}
        return super().as_dict() | {"cell": cell, "advice": self.advice}


def refuse(findings: list[CellInvalid], place: str) -> None:
    """Raise what was found, one error or many; advice is left aside.

    Raises:
        Invalid: there is an error.
    """
    errors = [each for each in findings if not each.advice]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        where = f"{place}: " if place else ""
        what = f"{where}the decision table has {len(errors)} errors"
        raise InvalidMany(what, errors, code="table.cells")
