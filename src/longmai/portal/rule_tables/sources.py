"""What people and programs send as a table, and what is said about it in their language."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from longmai.kernel.errors import Invalid, InvalidMany, LongmaiError
from longmai.portal.failures import worded
from longmai.portal.rendering import Words
from longmai.rules.dmn.model import DecisionTable, Model
from longmai.rules.dmn.reading import read_model
from longmai.rules.grid.checking import check_table
from longmai.rules.grid.constants import constants_of
from longmai.rules.grid.forms import open_table
from longmai.rules.grid.layout import Language
from longmai.rules.grid.models import needed, scope_of
from longmai.rules.grid.places import Cell, CellInvalid, column_name
from longmai.rules.grid.scope import Scope

_ADDRESS = re.compile(r"(?:.* )?([A-Z]{1,3}\d+) \(")
_LINE = re.compile(r"line (\d+)(?:, column (\d+))?")
SourceForm = Literal["grid", "xlsx", "dmn", "editor"]
MAX_CHARACTERS = 1_000_000
_SHOWN = 120


@dataclass(frozen=True)
class Told:
    """A finding in the words of a language.

    Attributes:
        what: is wrong.
        place: where; empty where nothing says it.
        mend: what to do; empty where nothing says it.
        cell: of the table; None where it is about the whole.
        code: of the error.
        value: the offending text, shortened.
        advice: whether the table can be used all the same.
    """

    what: str
    place: str
    mend: str
    cell: Cell | None
    code: str
    value: str
    advice: bool = False


@dataclass(frozen=True)
class Need:
    """A name a table needs a value of.

    Attributes:
        name: of it.
        type: as the condition says; empty if none does.
        choices: the allowed values, as FEEL; none where they are more than constants.
    """

    name: str
    type: str
    choices: Sequence[str]


@dataclass(frozen=True)
class Source:
    """A table as it was sent.

    Attributes:
        form: of the text; a workbook is base64.
        text: of the table.
        decision: whose table is meant, of a model with several.
        name: of a table that stands alone.
        within: DMN model around it, whose names, types and functions it may use; empty: none.
    """

    form: SourceForm
    text: str
    decision: str = ""
    name: str = ""
    within: str = ""


@dataclass(frozen=True)
class Read:
    """A table that was read: what is wrong in it, its name, and the model around it."""

    table: DecisionTable
    findings: Sequence[CellInvalid]
    name: str
    model: Model | None


def read_source(source: Source, place: str = "") -> Read:
    """Read what was sent.

    Raises:
        Invalid: it is no table.
        NotFound: the model has no such decision.
        TooLarge: it is more than we take.
    """
    within = read_model(_bytes(source.within)) if source.within else None
    data = _decoded(source.text) if source.form == "xlsx" else _bytes(source.text)
    scope = scope_of(within) if within else None
    opened = open_table(data, place, source.decision, scope, edited=source.form == "editor")
    model = opened.model or within
    findings = list(opened.findings)
    if model is None:
        findings += _advice_on(opened.table)
    return Read(opened.table, findings, opened.name or source.name, model)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Invalid(
            "the workbook is not base64", code="table.base64", mend="send its bytes as base64"
        ) from None


def _advice_on(table: DecisionTable) -> list[CellInvalid]:
    """Return what a table that stands alone probably got wrong: names that only look like others.

    A name in no heading may be meant; one that is nearly a heading, or stands where a text is due,
    is shown. A type may be one of a model.
    """
    heads = [each.expression for each in table.inputs]
    found = check_table(table, Scope(heads, ()))
    columns = [*table.inputs, *table.outputs]
    return [
        _as_advice(each)
        for each in found
        if each.code in {"table.name.near", "table.type"}
        or (each.code == "table.name" and _wants_text(columns, each.cell))
    ]


def _wants_text(columns: Sequence[object], cell: Cell) -> bool:
    if not 0 <= cell.column < len(columns) or cell.part not in {"rule", "default"}:
        return False
    return getattr(columns[cell.column], "type", "") == "string"


def _as_advice(finding: CellInvalid) -> CellInvalid:
    finding.advice = True
    return finding


def told(
    t: Words, errors: Iterable[LongmaiError], table: DecisionTable | None = None
) -> list[Told]:
    """Return findings in the words of a language; one that holds several is taken apart.

    Args:
        t: the words.
        errors: to say.
        table: whose cells they are about.
    """
    found: list[Told] = []
    for error in errors:
        if isinstance(error, InvalidMany):
            found.extend(told(t, error.findings, table))
        else:
            found.append(_told(t, error, table))
    return found


def _placed(t: Words, error: LongmaiError, table: DecisionTable | None) -> str:
    place = error.place or ""
    if isinstance(error, CellInvalid) and table is not None:
        cell = error.cell
        column = column_name(table, cell.column) if cell.column >= 0 else ""
        named = t(f"table_editor.at.{cell.part}", column=column, rule=cell.rule)
        address = _ADDRESS.match(place)
        return f"{address[1]} {named}" if address else named
    line = _LINE.fullmatch(place)
    if line is None:
        return place
    if line[2] is None:
        return t("table_editor.at.line", line=line[1])
    return t("table_editor.at.line_column", line=line[1], column=line[2])


def _told(t: Words, error: LongmaiError, table: DecisionTable | None) -> Told:
    words = error.words if isinstance(error, CellInvalid) else {}
    said = worded(t, error)
    known = t.house.catalogue.has(f"error.{error.code}.what")
    what = t(f"error.{error.code}.what", **words) if known and words else said.what
    mend = said.mend or ""
    if known and words and t.house.catalogue.has(f"error.{error.code}.mend"):
        mend = t(f"error.{error.code}.mend", **words)
    return Told(
        what,
        _placed(t, error, table),
        mend,
        error.cell if isinstance(error, CellInvalid) else None,
        error.code,
        _shortened(error.value),
        isinstance(error, CellInvalid) and error.advice,
    )


def _shortened(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def needs_of(read: Read) -> list[Need]:
    """Return the names that a table needs values of, for a form to ask."""
    choices = {each.expression: constants_of(each.values) for each in read.table.inputs}
    return [
        Need(each.name, each.type, choices.get(each.name, ()))
        for each in needed(read.table, read.model)
    ]


def language_in(t: Words) -> Language:
    """Return the language of words, for what is written in it."""
    return "en" if t.language == "en" else "zh"
