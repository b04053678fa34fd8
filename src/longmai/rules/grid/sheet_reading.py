"""Reads a decision table from a workbook; what is wrong is said with the address of its cell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl.utils import get_column_letter

from longmai.kernel.errors import Invalid, TooLarge
from longmai.kernel.spreadsheets import open_workbook, unreadable
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.grid.checking import MAX_CELLS, check_table
from longmai.rules.grid.layout import KINDS, RESULT_TYPE, ROWS
from longmai.rules.grid.normal import normal
from longmai.rules.grid.places import Cell, CellInvalid, refuse
from longmai.rules.grid.policies import POLICIES
from longmai.rules.grid.scope import Scope

MAX_FILE_BYTES = 2 * 1024 * 1024
_MAX_COLUMNS = 100
_MAX_ROWS = 20_000
_WORDS = {word: row for row, names in ROWS.items() for word in names}
_KINDS = {word: kind for kind, names in KINDS.items() for word in names}


def read_sheet(data: bytes, place: str = "", scope: Scope | None = None) -> DecisionTable:
    """Read a table from a workbook laid out as ``write_sheet`` does.

    Numbers, dates and truths typed as such are FEEL values; columns may stand in any order.

    Args:
        data: of an XLSX file.
        place: its name, for errors.
        scope: names and types around the table; with names, unknown ones are errors.

    Raises:
        TooLarge: the file, or its table, is more than we take.
        Invalid: it is no workbook, not laid out so, or a cell is wrong; ``place`` says which.
    """
    table, findings = survey_sheet(data, place, scope)
    refuse(findings, place)
    return table


def survey_sheet(
    data: bytes, place: str = "", scope: Scope | None = None
) -> tuple[DecisionTable, list[CellInvalid]]:
    """Return a table with what is wrong in its cells; see ``read_sheet``.

    Raises:
        TooLarge: the file, or its table, is more than we take.
        Invalid: it is no workbook, or not laid out so.
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(
            f"a sheet has at most {MAX_FILE_BYTES // 1024 // 1024} MiB",
            code="sheet.size",
            place=place,
        )
    sheet = _Sheet(place)
    sheet.take(_rows(data))
    table = normal(sheet.table())
    findings = [*sheet.findings, *check_table(table, scope)]
    for each in findings:
        sheet.locate(each)
    return table, findings


@dataclass(frozen=True)
class _Value:
    value: Any
    address: str
    formula: bool = False

    @property
    def text(self) -> str:
        return _plain(self.value)


@dataclass(frozen=True)
class _Row:
    number: int
    cells: Sequence[Any]

    def at(self, column: int) -> _Value:
        address = f"{get_column_letter(column + 1)}{self.number}"
        cell = self.cells[column] if column < len(self.cells) else None
        if cell is None or cell.value is None:
            return _Value(None, address)
        return _Value(cell.value, address, cell.data_type == "f")


def _rows(data: bytes) -> list[_Row]:
    book = open_workbook(data, formulas=True)
    try:
        sheets = [list(_filled(each)) for each in book.worksheets]
    except TooLarge:
        raise
    # openpyxl lets whatever its parsers raise pass: KeyError, ValueError, ParseError, OSError, …
    except Exception as error:
        raise unreadable(type(error).__name__) from error
    if not sheets:
        raise unreadable("no sheet")
    return next((rows for rows in sheets if _is_table(rows)), sheets[0])


def _filled(sheet: Any) -> Iterator[_Row]:
    """Yield the rows that hold anything, each up to its last cell that does."""
    count = 0
    for number, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), 1):
        cells = list(row)
        while cells and cells[-1].value is None:
            cells.pop()
        count += len(cells)
        if count > MAX_CELLS or number > _MAX_ROWS:
            raise TooLarge(
                f"a table has at most {MAX_CELLS} cells and {_MAX_ROWS} rows", code="table.size"
            )
        if cells:
            yield _Row(number, cells)


def _is_table(rows: Sequence[_Row]) -> bool:
    return {"kind", "head"} <= {_WORDS.get(row.at(0).text) for row in rows}


@dataclass
class _Sheet:
    place: str
    heads: dict[str, _Row] = field(default_factory=dict)
    rules: list[_Row] = field(default_factory=list)
    kinds: dict[str, list[int]] = field(default_factory=dict)
    addresses: dict[Cell, str] = field(default_factory=dict)
    findings: list[CellInvalid] = field(default_factory=list)

    def take(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            mark = row.at(0)
            if mark.text in _WORDS:
                if _WORDS[mark.text] in self.heads:
                    raise self._wrong(
                        "this row stands twice", mark, "row_twice", "keep one of them"
                    )
                self.heads[_WORDS[mark.text]] = row
            elif len(row.cells) > 1:
                if mark.text and not mark.text.isdecimal():
                    raise self._wrong(
                        "the first cell of a row is its number", mark, "mark", "write a number"
                    )
                self.rules.append(row)
        absent = [
            names[0] for row, names in ROWS.items() if row in {"kind", "head"} - self.heads.keys()
        ]
        if absent:
            raise Invalid(
                "the sheet is not laid out as a decision table",
                code="table.layout",
                place=self.place or None,
                value=", ".join(absent),
                mend="take a table that was written here, and fill it in",
            )
        self._columns()

    def _columns(self) -> None:
        self.kinds = {kind: [] for kind in KINDS}
        used = [self.heads["kind"], self.heads["head"], *self.rules]
        for i in range(1, max(len(row.cells) for row in used)):
            cell = self.heads["kind"].at(i)
            if cell.text in _KINDS:
                self.kinds[_KINDS[cell.text]].append(i)
            elif any(row.at(i).text for row in used):
                raise self._wrong(
                    "a column is a condition, a conclusion or a note",
                    cell,
                    "kind",
                    f"write {', '.join(names[0] for names in KINDS.values())}",
                )

    def _wrong(self, what: str, cell: _Value, code: str, mend: str) -> Invalid:
        return Invalid(
            what, code=f"table.{code}", place=self._at(cell.address), value=cell.value, mend=mend
        )

    def _at(self, address: str) -> str:
        return f"{self.place} {address}".strip()

    def table(self) -> DecisionTable:
        hit_policy, aggregation, type_ = self._policy()
        inputs, outputs, notes = (self.kinds[kind] for kind in KINDS)
        order = [*inputs, *outputs, *notes]
        heads: dict[str, list[str]] = {
            part: [
                self._text(
                    self.heads.get(part), column, Cell(part, i), note=part in {"head", "type"}
                )
                for i, column in enumerate(order)
            ]
            for part in ("head", "type", "values", "default")
        }
        columns = list(
            zip(heads["head"], heads["type"], heads["values"], heads["default"], strict=True)
        )
        n, m = len(inputs), len(inputs) + len(outputs)
        rules = [
            [
                self._text(row, column, Cell("rule", i, number), note=i >= m)
                for i, column in enumerate(order)
            ]
            for number, row in enumerate(self.rules, 1)
        ]
        return DecisionTable(
            [Input(*each[:3]) for each in columns[:n]],
            [Output(*each) for each in columns[n:m]],
            [Rule(row[:n], row[n:m], row[m:]) for row in rules],
            hit_policy,
            aggregation,
            type_,
            annotations=heads["head"][m:],
        )

    def _policy(self) -> tuple[str, str, str]:
        row = self.heads.get("policy")
        if row is None:
            return *POLICIES["U"], ""
        cell = row.at(1)
        self.addresses[Cell("policy")] = cell.address
        letters = cell.text.split(" ")[0] or "U"
        if letters not in POLICIES:
            raise self._wrong(
                "this is no hit policy", cell, "policy", f"choose one of {' '.join(POLICIES)}"
            )
        texts = [row.at(i).text for i in range(len(row.cells))]
        typed = next((i for i, text in enumerate(texts) if text in RESULT_TYPE), None)
        type_ = "" if typed is None or typed + 1 >= len(texts) else texts[typed + 1]
        return *POLICIES[letters], type_

    def _text(self, row: _Row | None, column: int, cell: Cell, *, note: bool) -> str:
        if row is None:
            return ""
        found = row.at(column)
        self.addresses[cell] = found.address
        if found.formula:
            self.findings.append(
                CellInvalid(
                    "a formula of the spreadsheet is no FEEL",
                    cell,
                    code="table.formula",
                    place=found.address,
                    value=found.value,
                    mend="write the value, or an expression without =",
                )
            )
            return ""
        return found.text if note else feel_of(found.value)

    def locate(self, finding: CellInvalid) -> None:
        """Say the address of the cell of a finding."""
        address = self.addresses.get(finding.cell)
        if address is not None:
            told = "" if finding.place == address else f" ({finding.place})"
            finding.place = f"{self._at(address)}{told}"


def feel_of(value: Any) -> str:
    """Return a spreadsheet's value as FEEL; text is FEEL already.

    >>> feel_of(0.1), feel_of(date(2026, 1, 31)), feel_of(True), feel_of(' "A" ')
    ('0.1', '@"2026-01-31"', 'true', '"A"')
    """
    return _FEEL.get(type(value), lambda each: str(each).strip())(value)


def _moment(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.time() == time(0):
        value = value.date()
    return f'@"{value.isoformat()}"'


_FEEL: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _value: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: f"{Decimal(repr(value)).normalize():f}",
    datetime: _moment,
    date: _moment,
    time: _moment,
    timedelta: lambda value: f'@"PT{Decimal(str(value.total_seconds())).normalize():f}S"',
}


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time(0):
            return value.date().isoformat()
    return str(value).strip()
