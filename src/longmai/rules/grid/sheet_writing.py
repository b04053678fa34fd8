"""Writes a decision table as a workbook that people edit: drop-downs, colours, a sheet of help."""

import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.grid import layout
from longmai.rules.grid.constants import constants_of
from longmai.rules.grid.layout import FIRST_RULE, KINDS, ROWS, SPARE_ROWS, Language
from longmai.rules.grid.normal import normal
from longmai.rules.grid.policies import letters_of
from longmai.rules.grid.rows import width
from longmai.rules.grid.scope import TYPES

_MOST_CHARACTERS = 32_767
_WHOLE = re.compile(r"0|-?[1-9]\d{0,14}")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,9})\.\d{0,4}[1-9]")
_DATE = re.compile(r'@"(\d{4}-\d\d-\d\d)"')
# Before that day spreadsheets do not agree on the calendar.
_FIRST_DATE = date(1900, 3, 1)
_FILLS = {"input": "DFE9EC", "output": "DFEADF", "note": "F6E3C1", "": "EBDFC8"}
_EDGE = Side(style="thin", color="D9C7A5")
_BORDER = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_NARROWEST, _WIDEST = 12, 48


def write_sheet(table: DecisionTable, language: Language = "zh") -> bytes:
    """Return a table as an XLSX workbook; ``read_sheet`` gives it back.

    Raises:
        Invalid: a text is longer than a spreadsheet takes, or has signs that it cannot hold; a rule
            has more cells than the table has columns.
    """
    book = Workbook()
    _Sheet(book, normal(table), ("zh", "en").index(language)).write()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Sheet:
    def __init__(self, book: Workbook, table: DecisionTable, word: int) -> None:
        self.book, self.table, self.word = book, table, word
        self.sheet: Worksheet = book.active
        self.sheet.title = layout.SHEETS[word]
        self.kinds = [
            *["input"] * len(table.inputs),
            *["output"] * len(table.outputs),
            *["note"] * len(table.annotations),
        ]

    def write(self) -> None:
        self._policy()
        self._headings()
        for number, rule in enumerate(self.table.rules, 1):
            cells = [*rule.tests, *rule.conclusions, *rule.annotations]
            self._row(FIRST_RULE + number - 1, str(number), cells)
        self._drop_downs()
        self._look()
        self._help()

    def _policy(self) -> None:
        table, word = self.table, self.word
        letters = letters_of(table.hit_policy, table.aggregation)
        named = {key: f"{key} {names[word]}" for key, names in layout.POLICY_NAMES.items()}
        self._put(1, 1, ROWS["policy"][word], "", head=True)
        self._put(1, 2, named[letters], "")
        if table.type:
            self._put(1, 3, layout.RESULT_TYPE[word], "", head=True)
            self._put(1, 4, table.type, "")
        self._list("B1", ",".join(named.values()))

    def _headings(self) -> None:
        inputs, outputs = self.table.inputs, self.table.outputs
        lines = {
            "kind": [KINDS[kind][self.word] for kind in self.kinds],
            "head": [
                *(each.expression for each in inputs),
                *(each.name for each in outputs),
                *self.table.annotations,
            ],
            "type": [*(each.type for each in inputs), *(each.type for each in outputs)],
            "values": [*(each.values for each in inputs), *(each.values for each in outputs)],
            "default": [*[""] * len(inputs), *(each.default for each in outputs)],
        }
        for number, (row, names) in enumerate(ROWS.items(), 1):
            if row == "policy":
                continue
            self._put(number, 1, names[self.word], "", head=True)
            for i, kind in enumerate(self.kinds):
                text = lines[row][i] if i < len(lines[row]) else ""
                if row == "default":
                    self._put(number, i + 2, text, kind, native=True)
                else:
                    self._put(number, i + 2, text, kind, head=row in {"kind", "head"})

    def _row(self, number: int, mark: str, cells: Sequence[str]) -> None:
        self._put(number, 1, mark, "", native=True)
        for i, (text, kind) in enumerate(zip(cells, self.kinds, strict=True)):
            self._put(number, i + 2, text, kind, native=kind != "note")

    def _put(
        self,
        row: int,
        column: int,
        text: str,
        kind: str,
        *,
        head: bool = False,
        native: bool = False,
    ) -> None:
        cell: SheetCell = self.sheet.cell(row, column)
        value = _native(text) if native else text
        if value != "":
            _fill(cell, value)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = _BORDER
        if row < FIRST_RULE or column == 1:
            cell.fill = PatternFill("solid", start_color=_FILLS[kind])
        if head:
            cell.font = Font(bold=True)

    def _drop_downs(self) -> None:
        last = get_column_letter(max(len(self.kinds) + 1, 2))
        rows = {row: number for number, row in enumerate(ROWS, 1)}
        kinds = ",".join(names[self.word] for names in KINDS.values())
        self._list(f"B{rows['kind']}:{last}{rows['kind']}", kinds)
        self._list(f"B{rows['type']}:{last}{rows['type']}", ",".join(TYPES), strict=False)
        bottom = FIRST_RULE + len(self.table.rules) + SPARE_ROWS
        lists: Worksheet | None = None
        inputs, outputs = self.table.inputs, self.table.outputs
        values = [*(each.values for each in inputs), *(each.values for each in outputs)]
        for i, each in enumerate(values):
            constants = constants_of(each)
            if not constants:
                continue
            lists = lists or self.book.create_sheet(layout.LISTS_SHEET)
            letter = get_column_letter(i + 1)
            shown = [*constants, "-"] if i < len(self.table.inputs) else constants
            for row, text in enumerate(shown, 1):
                _fill(lists.cell(row, i + 1), _native(text))
            source = f"={layout.LISTS_SHEET}!${letter}$1:${letter}${len(shown)}"
            own = get_column_letter(i + 2)
            self._list(f"{own}{FIRST_RULE}:{own}{bottom}", source, strict=False)
        if lists is not None:
            lists.sheet_state = "hidden"

    def _list(self, cells: str, source: str, *, strict: bool = True) -> None:
        formula = source if source.startswith("=") else f'"{source}"'
        made = DataValidation("list", formula1=formula, allow_blank=True)
        # Several values, ranges and expressions may stand there, too.
        made.showErrorMessage = strict
        made.add(cells)
        self.sheet.add_data_validation(made)

    def _look(self) -> None:
        self.sheet.freeze_panes = f"B{FIRST_RULE}"
        for column in range(1, len(self.kinds) + 2):
            widest = max(
                width(line)
                for (cell,) in self.sheet.iter_rows(min_col=column, max_col=column)
                for line in str(cell.value or "").split("\n")
            )
            wide = min(max(widest + 2, _NARROWEST), _WIDEST)
            self.sheet.column_dimensions[get_column_letter(column)].width = wide

    def _help(self) -> None:
        sheet: Worksheet = self.book.create_sheet(layout.HELP_SHEETS[self.word])
        lines = layout.help_lines()
        languages = ("en", "zh") if self.word else ("zh", "en")
        for number, texts in enumerate(zip(*(lines[each] for each in languages), strict=True), 1):
            for column, text in enumerate(texts, 1):
                cell = sheet.cell(number, column)
                _fill(cell, text)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.font = Font(bold=number == 1)
        sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 60


def _fill(cell: SheetCell, value: Any) -> None:
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return
    if len(value) > _MOST_CHARACTERS or ILLEGAL_CHARACTERS_RE.search(value):
        raise Invalid(
            "a spreadsheet cannot hold this text",
            code="table.character",
            place=cell.coordinate,
            value=value,
            mend="take control characters out, and make it shorter than 32,767 characters",
        )
    cell.value = value
    cell.data_type = "s"  # whatever it looks like
    # So that it stays text when somebody edits the cell.
    cell.quotePrefix = value.startswith(("=", "-", "+", "@"))


def _native(text: str) -> Any:
    """Return the value a spreadsheet has for FEEL text; the text itself where it has none."""
    if text in {"true", "false"}:
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    found = _DATE.fullmatch(text)
    if found is not None:
        try:
            day = date.fromisoformat(found[1])
        except ValueError:
            return text
        return day if day >= _FIRST_DATE else text
    return text
