"""Reads a decision table from a grid of text, the form in which it stands in a policy file.

::

    | U    | 人均年收入      | 类别          || 月补助 (number) || 说明   |
    |------|-----------------|---------------||-----------------||--------|
    | 取值 |                 | "A", "B", "C" ||                 ||        |
    | 1    | < 3000          | "A", "B"      || 800             || 第一档 |
    | 2    | [3000..5000)    | -             || 500             ||        |
    | 默认 |                 |               || 0               ||        |

The corner has the letters of the hit policy. Conditions, conclusions and notes are parted by two
bars; notes may be left out. A heading may name a type. The rows of allowed values (``取值`` or
``values``) and of default conclusions (``默认`` or ``default``) may be left out, and so may the
numbers of the rules.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from longmai.kernel.errors import TooLarge
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.grid.checking import MAX_CELLS, check_table
from longmai.rules.grid.headings import split_heading
from longmai.rules.grid.normal import normal
from longmai.rules.grid.places import Cell, CellInvalid, GridInvalid, Part, refuse
from longmai.rules.grid.policies import POLICIES
from longmai.rules.grid.rows import NotARow, RawCell, split_row
from longmai.rules.grid.scope import Scope

MAX_CHARACTERS = 1_000_000
ALLOWED = ("取值", "values")
DEFAULT = ("默认", "default")
_DASHES = re.compile(r":?-+:?")
_CORNER = re.compile(r"(\S*)(?:\s+\(([^()]*)\))?")
_LEAST_GROUPS, _MOST_GROUPS = 2, 3

Groups = Sequence[Sequence[RawCell]]


def read_grid(
    text: str,
    place: str = "",
    first_line: int = 1,
    *,
    first_column: int = 1,
    scope: Scope | None = None,
) -> DecisionTable:
    r"""Read a table; every cell is parsed as FEEL.

    >>> table = read_grid("| U | 年龄 || 金额 |\n|---|---||---|\n| 1 | >= 80 || 100 |")
    >>> *table.rules[0].tests, *table.rules[0].conclusions
    ('>= 80', '100')

    Args:
        text: of the grid.
        place: name of the file, or the path in it, for errors.
        first_line: of the text in the file.
        first_column: of the text in the file, where it is indented.
        scope: names and types around the table; with names, unknown ones are errors.

    Raises:
        Invalid: it is no grid, or a cell is wrong; several errors come as ``InvalidMany``.
        TooLarge: it has too many characters or cells.
    """
    table, findings = survey_grid(text, place, first_line, first_column=first_column, scope=scope)
    refuse(findings, place)
    return table


def survey_grid(
    text: str,
    place: str = "",
    first_line: int = 1,
    *,
    first_column: int = 1,
    scope: Scope | None = None,
) -> tuple[DecisionTable, list[CellInvalid]]:
    """Return a table with what is wrong in its cells; see ``read_grid``.

    Raises:
        Invalid: it has not the form of a grid.
        TooLarge: it has too many characters or cells.
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(
            f"a grid has at most {MAX_CHARACTERS} characters", code="table.size", place=place
        )
    grid = _Grid(place, first_column)
    grid.take(text, first_line)
    table = normal(grid.table())
    findings = check_table(table, scope)
    for each in findings:
        grid.locate(each)
    return table, findings


@dataclass
class _Grid:
    place: str
    first_column: int
    rows: list[Groups] = field(default_factory=list)
    cells: dict[Cell, RawCell] = field(default_factory=dict)

    def take(self, text: str, first_line: int) -> None:
        count = 0
        for number, line in enumerate(text.split("\n"), first_line):
            if not line.strip():
                continue
            self.rows.append(self._row(line, number))
            count += sum(map(len, self.rows[-1]))
            if count > MAX_CELLS:
                raise TooLarge(
                    f"a table has at most {MAX_CELLS} cells", code="table.size", place=self.place
                )
        if len(self.rows) < 2:  # noqa: PLR2004 - heading and dashes
            raise self._no(
                "a decision table begins with a heading and a line of dashes",
                "empty",
                first_line,
                mend="write | U | condition || conclusion | and below it |---|---||---|",
            )
        self._check_shape()

    def _row(self, line: str, number: int) -> Groups:
        try:
            return split_row(line, number, self.first_column)
        except NotARow as error:
            mend, value = error.mend, line.strip()
            if "｜" in line:
                mend = "write | for the full-width ｜"
            raise self._no(
                error.what, error.code, number, error.column, value=value, mend=mend
            ) from None

    def _at(self, line: int, column: int = 0) -> str:
        named = f"line {line}, column {column}" if column else f"line {line}"
        return f"{self.place}, {named}" if self.place else named

    def _no(self, what: str, code: str, line: int, column: int = 0, **more: Any) -> GridInvalid:
        place = self._at(line, column)
        code = f"grid.{code}"
        return GridInvalid(what, line=line, column=column, code=code, place=place, **more)

    def _check_shape(self) -> None:
        head, dashes, *_ = self.rows
        if not _LEAST_GROUPS <= len(head) <= _MOST_GROUPS:
            raise self._wrong(
                head,
                "the heading does not part conditions from conclusions",
                "groups",
                "write || between them, and once more before notes",
            )
        if not all(_DASHES.fullmatch(cell.raw) for group in dashes for cell in group):
            raise self._wrong(
                dashes,
                "a line of dashes must stand below the heading",
                "dashes",
                "|---|---||---|",
            )
        shape = list(map(len, head))
        for row in self.rows[1:]:
            if list(map(len, row)) != shape:
                raise self._misshapen(row, shape)

    def _misshapen(self, row: Groups, shape: Sequence[int]) -> GridInvalid:
        wide = any("｜" in cell.raw for group in row for cell in group)
        told = [" || ".join(str(count) for count in each) for each in (map(len, row), shape)]
        return self._wrong(
            row,
            f"the row has cells {told[0]}, and the heading {told[1]}",
            "shape",
            "write | for the full-width ｜"
            if wide
            else r"write a cell for each column; a bar inside a text is \|",
        )

    def _wrong(self, row: Groups, what: str, code: str, mend: str) -> GridInvalid:
        first = row[0][0]
        shown = " || ".join(" | ".join(cell.raw for cell in group) for group in row)
        return self._no(what, code, first.line, value=shown, mend=mend)

    def table(self) -> DecisionTable:
        head = self.rows[0]
        hit_policy, aggregation, type_ = self._corner(head[0][0])
        columns = [*head[0][1:], *(cell for group in head[1:] for cell in group)]
        for part in ("head", "type"):
            self.cells |= {Cell(part, i): cell for i, cell in enumerate(columns)}
        values, default, rules = self._below(columns)
        n = len(head[0]) - 1
        inputs = [
            Input(*split_heading(cell.text, output=False), value)
            for cell, value in zip(head[0][1:], values, strict=False)
        ]
        outputs = [
            Output(*split_heading(cell.text, output=True), value, other)
            for cell, value, other in zip(head[1], values[n:], default[n:], strict=False)
        ]
        notes = [cell.text for group in head[2:] for cell in group]
        return DecisionTable(
            inputs,
            outputs,
            [Rule(row[:n], row[n : n + len(outputs)], row[n + len(outputs) :]) for row in rules],
            hit_policy,
            aggregation,
            type_,
            annotations=notes,
        )

    def _corner(self, cell: RawCell) -> tuple[str, str, str]:
        self.cells[Cell("policy")] = cell
        found = _CORNER.fullmatch(cell.text)
        if found is None or found[1] not in POLICIES:
            raise self._no(
                "the corner has no hit policy",
                "policy",
                cell.line,
                cell.column,
                value=cell.text,
                mend=f"write one of {' '.join(POLICIES)}",
            )
        return (*POLICIES[found[1]], (found[2] or "").strip())

    def _below(self, columns: Sequence[RawCell]) -> tuple[list[str], list[str], list[list[str]]]:
        once: dict[str, list[str]] = {}
        rules: list[list[str]] = []
        for row in self.rows[2:]:
            mark, *cells = (cell for group in row for cell in group)
            texts = [cell.text for cell in cells]
            part = self._part(mark)
            if part != "rule" and part in once:
                raise self._wrong(row, "this row stands twice", "twice", "keep one of them")
            if part == "rule":
                rules.append(texts)
            else:
                once[part] = texts
            number = len(rules) if part == "rule" else 0
            self.cells |= {Cell(part, i, number): cell for i, cell in enumerate(cells)}
        if "default" in once:
            self._check_default()
        nothing = [""] * len(columns)
        return once.get("values", nothing), once.get("default", nothing), rules

    def _part(self, mark: RawCell) -> Part:
        text = mark.text
        if text in ALLOWED:
            return "values"
        if text in DEFAULT:
            return "default"
        if text and not (text.isascii() and text.isdecimal()):
            raise self._no(
                "the first cell of a row is its number",
                "mark",
                mark.line,
                mark.column,
                value=text,
                mend=f"write a number, nothing, {ALLOWED[0]} or {DEFAULT[0]}",
            )
        return "rule"

    def _check_default(self) -> None:
        for i in range(len(self.rows[0][0]) - 1):
            cell = self.cells[Cell("default", i)]
            if cell.text not in {"", "-"}:
                raise self._no(
                    "the default has conclusions alone",
                    "default",
                    cell.line,
                    cell.column,
                    value=cell.text,
                    mend="leave its conditions empty",
                )

    def locate(self, finding: CellInvalid) -> None:
        """Say where in the text a finding is."""
        cell = self.cells.get(finding.cell)
        if cell is not None:
            finding.line, finding.column = cell.line, cell.column_at(finding.at)
            finding.place = f"{self._at(finding.line, finding.column)} ({finding.place})"
