"""Sheets of a co-operative: a template out, rows in, all of them or none, and never twice.

A row's number is made of what it says, so the same sheet sent again adds nothing, and one that
grew adds what is new. Rows that say the same are told apart by their order.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from longmai.domains.brand.coop.desk import Desk
from longmai.domains.brand.coop.model.forms import EVENTS, FORMS, Told
from longmai.domains.brand.coop.queries import Coop, plots_of, products_of
from longmai.domains.brand.coop.recording import record
from longmai.domains.brand.coop.registering import register_plot, register_product
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, TooLarge
from longmai.portal.export import xlsx_of
from longmai.portal.rendering import Words
from longmai.portal.sheets import SheetRow, read_sheet

MAX_ROWS = 500
_NOT_IN_SHEETS = {"outline"}


@dataclass(frozen=True)
class Taken:
    """What came of a sheet: rows that were new, and rows known from before."""

    new: int
    before: int


def columns_of(kind: str, t: Words) -> dict[str, str]:
    """Return the headings of a sheet, by field."""
    names = [each.name for each in FORMS[kind] if each.name not in _NOT_IN_SHEETS]
    return {name: t(f"coop.field.{name}") for name in names}


def template(kind: str, t: Words) -> bytes:
    """Return an empty sheet to fill in."""
    return xlsx_of(list(columns_of(kind, t).values()), [])


def take_sheet(desk: Desk, coop: Coop, kind: str, data: bytes, t: Words) -> Taken:
    """Take the rows of a sheet in, in their order.

    Raises:
        InvalidMany: what is wrong, row by row; nothing was taken.
        Invalid: it cannot be read as a sheet, or has no rows.
        TooLarge: it is more than we take.
    """
    columns = columns_of(kind, t)
    rows = read_sheet(data, list(columns.values()))
    if not rows:
        raise Invalid("the sheet has no rows", code="coop.sheet_empty")
    if len(rows) > MAX_ROWS:
        # Each row is held against what is left of its lots.
        raise TooLarge("too many rows at once", code="coop.sheet_long", value=len(rows))
    seen: Counter[str] = Counter()
    faults: list[Invalid] = []
    before = 0
    for row in rows:
        told = _told(coop, kind, row, columns, seen)
        try:
            before += not _take(desk, coop, kind, told, t)
        except (Invalid, Conflict, Forbidden) as error:
            faults.append(_at(row, error, columns))
    if faults:
        raise InvalidMany(f"{len(faults)} rows are wrong", faults, code="coop.rows")
    return Taken(len(rows) - before, before)


def _told(
    coop: Coop, kind: str, row: SheetRow, columns: Mapping[str, str], seen: Counter[str]
) -> Told:
    values = {name: row.cells[heading] for name, heading in columns.items()}
    says = "\x1f".join([str(coop.coop_id), kind, *values.values()])
    seen[says] += 1
    return Told(values | {"form": str(uuid5(NAMESPACE_URL, f"{says}\x1f{seen[says]}"))})


def _at(
    row: SheetRow, error: Invalid | Conflict | Forbidden, columns: Mapping[str, str]
) -> Invalid:
    where = columns.get(error.place or "", error.place or "")
    return Invalid(
        error.what, code=error.code, value=error.value, mend=error.mend,
        place=f"{row.number} · {where}".removesuffix(" · "),
    )  # fmt: skip


def _take(desk: Desk, coop: Coop, kind: str, told: Told, t: Words) -> bool:
    """Take a row in; tell whether it is new."""
    if kind in EVENTS:
        return not record(desk, coop, kind, _chosen(told, t)).before
    known: Callable[[], int] = (
        (lambda: len(plots_of(desk.work.connection, coop.coop_id)))
        if kind == "plot"
        else (lambda: len(products_of(desk.work.connection, coop.coop_id)))
    )
    before = known()
    (register_plot if kind == "plot" else register_product)(desk, coop, told)
    return known() > before


def _chosen(told: Told, t: Words) -> Told:
    """Return a row with the words of a choice made its values."""
    values = dict(told.values)
    for kind in FORMS["sale"]:
        if kind.name == "buyer_kind" and kind.name in values:
            said = {t(f"coop.buyer.{each}"): each for each in kind.options}
            values[kind.name] = said.get(values[kind.name].strip(), values[kind.name])
    return Told(values)
