"""Reads a ledger workbook: each row becomes the columns of an asset, or says why it does not."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from longmai.domains.assets.register.importing import values
from longmai.domains.assets.register.importing.grid import (
    Cell,
    Grid,
    GridRow,
    column_name,
    read_grids,
    text_of,
)
from longmai.domains.assets.register.importing.headings import (
    Column,
    Headings,
    find_headings,
    plain,
)
from longmai.domains.assets.register.importing.places import LEVELS, Places
from longmai.domains.assets.register.model.asset import Asset, Funding, Lease
from longmai.kernel.errors import Invalid
from longmai.kernel.regions import RegionPack

_TOTALS = ("合计", "小计", "总计", "累计", "共计", "本页小计", "本页合计", "全县合计", "全乡合计")
_UNNAMED_SOURCE = "未注明"
_WAN = 1_000_000
_MONEY = ("funding", "cost_fen", "net_fen", "rent_fen", "due_fen", "received_fen")
# Where the template has what a ledger may have in a column of another kind.
_MENDED = {"lease_term": "lease_start", "point": "lon", "township": "region"}
# What stands under a table and is no row of it: who filled it in, remarks.
_REMARK = re.compile(
    r"(填表|填报|制表|审核|复核|审批|负责|单位负责|经办|联系)?(人|单位|日期|电话|时间|注|备注|说明)\s*[:：]"
)


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row.

    Attributes:
        column: letters of the column; empty: the row as a whole.
        heading: over it.
        code: of the error, for which there are words.
        value: as it stands there.
    """

    column: str
    heading: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class BookRow:
    """A row of a ledger.

    Attributes:
        sheet: its name; ``number``: as the spreadsheet counts.
        given: columns of the asset that the row gives, by name.
        faults: why it cannot be taken; none: it can.
        shown: what it says, by column of the ledger, for people.
        wrong: what stands in the faulty cells, by column of the template, to be mended.
    """

    sheet: str
    number: int
    given: Mapping[str, Any]
    faults: tuple[Fault, ...]
    shown: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Something about a sheet that whoever sent it should know; ``code`` names the words."""

    sheet: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class Book:
    """What a workbook holds."""

    rows: tuple[BookRow, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Reading:
    """How a workbook is to be read.

    Attributes:
        regions: the pack.
        within: code of the region that the ledger is of.
        today: of the import.
        unit_fen: fen of the unit of money where no heading names one; 0: such amounts are refused.
    """

    regions: RegionPack
    within: str
    today: date
    unit_fen: int = 0


def read_book(data: bytes, how: Reading) -> Book:
    """Read a workbook, row by row.

    Raises:
        TooLarge, Invalid: it cannot be read at all, or no sheet has the headings of a ledger.
    """
    rows: list[BookRow] = []
    notes: list[Note] = []
    places = Places(how.regions, how.within)
    for grid in read_grids(data):
        if grid.hidden:
            notes.append(Note(grid.name, "hidden_sheet"))
            continue
        headings = find_headings(grid)
        if headings is None:
            if any(not row.empty for row in grid.rows):
                notes.append(Note(grid.name, "no_headings"))
            continue
        notes += _notes(grid, headings)
        if not headings.missing and not headings.twice:
            rows += _Sheet(grid, headings, how, places).rows()
    if not rows and not any(each.code in {"missing", "twice"} for each in notes):
        raise Invalid(
            "no sheet has the headings of a ledger",
            code="ledgerbook.headings",
            mend="take the template, or put its headings over the columns",
        )
    return Book(tuple(_twice(rows)), tuple(notes))


def _notes(grid: Grid, headings: Headings) -> Iterator[Note]:
    if headings.missing:
        yield Note(grid.name, "missing", " ".join(headings.missing))
    if headings.twice:
        yield Note(grid.name, "twice", "、".join(headings.twice))
    if headings.unknown:
        yield Note(grid.name, "unknown", "、".join(headings.unknown))


def _twice(rows: Sequence[BookRow]) -> Iterator[BookRow]:
    seen: dict[tuple[str, str], BookRow] = {}
    for row in rows:
        code, region = row.given.get("code"), row.given.get("region", "")
        key = (str(region)[:6], str(code))
        first = seen.setdefault(key, row) if code else row
        if first is not row:
            where = f"{first.sheet} {first.number}".strip()
            yield replace(row, faults=(*row.faults, Fault("", "", "ledgerbook.code_again", where)))
        else:
            yield row


@dataclass(frozen=True)
class _Sheet:
    grid: Grid
    headings: Headings
    how: Reading
    places: Places

    def rows(self) -> Iterator[BookRow]:
        for row in self.grid.rows:
            if row.number > self.headings.last and not self._aside(row):
                yield self._read(row)

    def _aside(self, row: GridRow) -> bool:
        """Tell whether a row is none of the table: empty, a sum, a note, or headings again."""
        if row.empty:
            return True
        texts = [text_of(cell) for cell in row.cells]
        said = [plain(each) for each in texts if each]
        if any(each.startswith(_TOTALS) for each in said[:3]):
            return True
        cells = {column.name: text_of(self._cell(row, column)) for column in self.headings.columns}
        if len(set(said)) == 1 and not cells.get("code"):
            return True
        again = [column for column in self.headings.columns if column.name in {"code", "name"}]
        if all(plain(text_of(self._cell(row, each))) in plain(each.heading) for each in again):
            return not all(text_of(self._cell(row, each)).isdigit() for each in again)
        first = next(each for each in texts if each)
        return not cells.get("cost_fen") and _REMARK.match(first) is not None

    def _cell(self, row: GridRow, column: Column) -> Cell:
        return row.cells[column.index] if column.index < len(row.cells) else None

    def _read(self, row: GridRow) -> BookRow:
        read = _Row(self, row)
        shown = {
            name: text_of(self._cell(row, column))
            for column in self.headings.columns
            if (name := column.name) in {"code", "name", "asset_class", "region", "cost_fen"}
        }
        given = read.given()
        hidden = [Fault("", "", "ledgerbook.hidden_row")] if row.hidden else []
        faults = (*hidden, *sorted(read.faults, key=lambda each: (len(each.column), each.column)))
        return BookRow(self.grid.name, row.number, given, faults, shown, read.wrong)


_PLAIN: Mapping[str, Callable[[Cell], Any]] = {
    "code": values.code,
    "asset_class": values.asset_class,
    "level": values.level,
    "year": values.year,
    "built_on": values.day,
    "handed_on": values.day,
    "counted_on": values.day,
    "lon": values.degrees,
    "lat": values.degrees,
    "condition": values.condition,
    "households": values.count,
    "life_months": values.months,
    "residual_permille": values.permille,
    **dict.fromkeys(
        ("name", "project", "place", "unit", "spec", "owner", "operator", "beneficiary",
         "caretaker", "regulator", "certificate", "depreciation_basis", "note"),
        values.prose,
    ),
}  # fmt: skip


class _Row:
    """One row while it is read: values by name, and faults by column."""

    def __init__(self, sheet: _Sheet, row: GridRow) -> None:
        self._sheet, self._row = sheet, row
        self.faults: list[Fault] = []
        self.wrong: dict[str, str] = {}
        self._columns = {column.name: column for column in sheet.headings.columns}

    def given(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name, read in _PLAIN.items():
            value = self._take(name, read)
            if value not in (None, ""):
                told[name] = value
        for name in ("cost_fen", "net_fen"):
            amount = self._money(name)
            if amount is not None:
                told[name] = amount
        for name in ("code", "name", "asset_class", "cost_fen"):
            self._require(name, told)
        told |= self._quantity() | self._point() | self._lease() | self._funding()
        return told | self._where(told)

    def _require(self, name: str, told: Mapping[str, Any]) -> None:
        column = self._columns[name]
        wrong = any(each.column == column_name(column.index) for each in self.faults)
        if name not in told and not wrong:
            self._fault(column, Invalid("empty", code="ledgerbook.empty_cell"))

    def _cell(self, name: str) -> Cell:
        column = self._columns.get(name)
        return None if column is None else self._sheet._cell(self._row, column)  # noqa: SLF001 - its own row

    def _take(self, name: str, read: Callable[[Cell], Any]) -> Any:
        column = self._columns.get(name)
        if column is None:
            return None
        try:
            cell = self._cell(name)
            return None if values.is_nothing(cell) else read(cell)
        except Invalid as error:
            self._fault(column, error)
            return None

    def _fault(self, column: Column, error: Invalid) -> None:
        value = "" if error.value is None else str(error.value)
        heading = column.heading.replace("\n", "")
        self.faults.append(Fault(column_name(column.index), heading, error.code, value))
        said = text_of(self._sheet._cell(self._row, column))  # noqa: SLF001 - its own row
        # The workbook to be mended is in yuan: an amount of another unit takes it along.
        unit = "" if self._unit(column) != _WAN or column.name not in _MONEY else "万元"
        self.wrong[_MENDED.get(column.name, column.name)] = said + unit if said else ""

    def _unit(self, column: Column) -> int:
        return column.fen or self._sheet.headings.fen or self._sheet.how.unit_fen

    def _money(self, name: str) -> int | None:
        column = self._columns.get(name)
        unit = self._unit(column) if column else 0
        amount: int | None = self._take(name, lambda cell: values.fen(cell, unit))
        return amount

    def _quantity(self) -> dict[str, Any]:
        found = self._take("quantity", values.quantity)
        if found is None:
            return {}
        amount, unit = found
        return {"quantity": amount, **({"unit": unit} if unit and not self._cell("unit") else {})}

    def _point(self) -> dict[str, Any]:
        found = self._take("point", values.point)
        return {} if found is None else {"lon": found[0], "lat": found[1]}

    def _lease(self) -> dict[str, Any]:
        start, end = (self._take(name, values.day) for name in ("lease_start", "lease_end"))
        term = self._take("lease_term", values.span)
        if term is not None:
            start, end = term
        sums = {name: self._money(name) for name in ("rent_fen", "due_fen", "received_fen")}
        lease = Lease(start, end, **sums)
        return {} if lease == Lease() else {"lease": lease}

    def _funding(self) -> dict[str, Any]:
        named = self._take("funding_source", values.prose) or ""
        told = self._take("funding_source", values.sums) or []
        found = [Funding(source, amount) for source, amount in told]
        for column in self._sheet.headings.columns:
            if column.name != "funding":
                continue
            try:
                cell = self._sheet._cell(self._row, column)  # noqa: SLF001 - its own row
                if not values.is_nothing(cell):
                    amount = values.fen(cell, self._unit(column))
                    found.append(Funding(column.source or named or _UNNAMED_SOURCE, amount))
            except Invalid as error:
                self._fault(column, error)
        return {"funding": tuple(found)} if found else {}

    def _where(self, told: Mapping[str, Any]) -> dict[str, Any]:
        how = self._sheet.how
        try:
            region = self._sheet.places.find(self._cell("region"), self._cell("township"))
        except Invalid as error:
            column = self._columns.get("region") or self._columns["township"]
            self._fault(column, error)
            return {}
        of_place = how.regions.get(region).level
        level = "household" if told.get("asset_class") == "household" else LEVELS.get(of_place)
        found: dict[str, Any] = {"region": region}
        if "level" not in told and level:
            found["level"] = level
        if of_place not in LEVELS:
            self.faults.append(Fault("", "", "ledgerbook.place_needed", how.regions.name))
        elif (told.get("level") or level) in {"village", "household"} and of_place != "village":
            self.faults.append(Fault("", "", "ledgerbook.village_needed"))
        return found


def asset_of(row: BookRow, before: Asset | None) -> Asset:
    """Return the asset of a row without faults; what the row does not give stays as it was."""
    given = dict(row.given)
    if before is not None:
        return replace(before, **given)
    return Asset(**given)
