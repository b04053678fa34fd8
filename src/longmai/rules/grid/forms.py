"""The forms a decision table comes in, told apart by how they begin: grid, workbook, DMN."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from longmai.kernel.errors import Invalid
from longmai.kernel.spreadsheets import ZIP
from longmai.rules.dmn.model import DecisionTable, Model
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.writing import write_model
from longmai.rules.grid.checking import check_table
from longmai.rules.grid.editor_xml import with_annotations, with_descriptions
from longmai.rules.grid.layout import Language
from longmai.rules.grid.models import model_of, scope_of, table_in, with_table
from longmai.rules.grid.normal import normal
from longmai.rules.grid.places import CellInvalid
from longmai.rules.grid.policies import letters_of
from longmai.rules.grid.reading import survey_grid
from longmai.rules.grid.scope import Scope
from longmai.rules.grid.sheet_reading import survey_sheet
from longmai.rules.grid.sheet_writing import write_sheet
from longmai.rules.grid.writing import write_grid

Form = Literal["grid", "xlsx", "dmn", "json"]
ENDINGS = {"grid": "md", "xlsx": "xlsx", "dmn": "dmn", "json": "json"}
_ROW = re.compile(r"[ \t]*[|｜]")


@dataclass(frozen=True)
class Opened:
    """A table that was read.

    Attributes:
        table: in its normal form.
        findings: what is wrong in its cells.
        form: it came in.
        name: of the decision; empty where the form has none.
        model: that it stands in; None where it stands alone.
    """

    table: DecisionTable
    findings: Sequence[CellInvalid]
    form: Form
    name: str = ""
    model: Model | None = None

    @property
    def scope(self) -> Scope:
        """Return the names and types around the table."""
        return scope_of(self.model) if self.model else Scope()


def open_table(
    data: bytes,
    place: str = "",
    decision: str = "",
    scope: Scope | None = None,
    *,
    edited: bool = False,
) -> Opened:
    """Read a table from a file of any form.

    Args:
        data: of the file.
        place: its name, for errors.
        decision: whose table is read, of a model with several.
        scope: names and types around a table that stands alone.
        edited: whether it is a table from the editor in the browser, whose model is only its
            wrapping; see ``editor_xml``.

    Raises:
        Invalid: it is no table, or has not the form it begins with.
        NotFound: the model has no such decision.
        TooLarge: it is more than we take.
    """
    if data.startswith(ZIP):
        return Opened(*survey_sheet(data, place, scope), "xlsx")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        model = read_model(data, place)
        name, found = table_in(model, decision)
        table = normal(with_annotations(found, edited=edited))
        if edited:
            return Opened(table, check_table(table, scope), "dmn", name)
        return Opened(table, check_table(table, scope_of(model)), "dmn", name, model)
    text, first_line = _block(_decoded(data, place), place)
    return Opened(*survey_grid(text, place, first_line, scope=scope), "grid")


def _decoded(data: bytes, place: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(
        "the file is neither a grid of text nor a workbook nor a DMN model",
        code="table.form",
        place=place or None,
        mend="send .md, .xlsx or .dmn",
    )


def _block(text: str, place: str) -> tuple[str, int]:
    """Return the lines of the one grid of a document, and the number of the first."""
    lines = text.replace("\r\n", "\n").split("\n")
    rows = [i for i, line in enumerate(lines) if _ROW.match(line)]
    starts = [i for at, i in enumerate(rows) if not at or rows[at - 1] != i - 1]
    if len(starts) > 1:
        raise Invalid(
            "the file has several grids",
            code="table.grids",
            place=place or None,
            value=", ".join(f"line {i + 1}" for i in starts),
            mend="keep one of them in a file",
        )
    if not starts:
        return text, 1
    return "\n".join(lines[rows[0] : rows[-1] + 1]), rows[0] + 1


def write_table(
    table: DecisionTable,
    form: Form,
    name: str = "",
    model: Model | None = None,
    language: Language = "zh",
) -> bytes:
    """Return a table in a form.

    Args:
        table: to write.
        form: to write it in.
        name: of its decision, in DMN.
        model: in which, in DMN, it takes the place of that decision's table; None: it stands alone.
        language: of the words in a grid or a workbook.

    Raises:
        Invalid: the form cannot hold it.
        NotFound: the model has no such decision.
    """
    if form == "grid":
        return write_grid(table, language).encode()
    if form == "xlsx":
        return write_sheet(table, language)
    if form == "dmn":
        table = with_descriptions(table)
        return write_model(with_table(model, name, table) if model else model_of(table, name))
    return (json.dumps(plain(normal(table)), ensure_ascii=False, indent=2) + "\n").encode()


def plain(table: DecisionTable) -> dict[str, Any]:
    """Return a table as JSON has it; its hit policy in letters."""
    return {
        "hit_policy": letters_of(table.hit_policy, table.aggregation),
        "type": table.type,
        "inputs": [
            {"expression": each.expression, "type": each.type, "values": each.values}
            for each in table.inputs
        ],
        "outputs": [
            {
                "name": each.name,
                "type": each.type,
                "values": each.values,
                "default": each.default,
            }
            for each in table.outputs
        ],
        "annotations": list(table.annotations),
        "rules": [
            {
                "tests": list(rule.tests),
                "conclusions": list(rule.conclusions),
                "annotations": list(rule.annotations),
            }
            for rule in table.rules
        ],
    }
