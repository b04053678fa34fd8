"""Decision tables over HTTP: checked, written in other forms, tried out. Nothing is stored."""

import base64
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from longmai.kernel.errors import LongmaiError
from longmai.portal.language import language_of
from longmai.portal.rendering import words_of
from longmai.portal.rights.gates import OPEN
from longmai.portal.rule_tables.sources import (
    MAX_CHARACTERS,
    Need,
    Read,
    Source,
    SourceForm,
    Told,
    language_in,
    needs_of,
    read_source,
    told,
)
from longmai.rules.dmn.reading import read_model
from longmai.rules.feel.values import text_of
from longmai.rules.grid.editor_xml import to_editor
from longmai.rules.grid.forms import ENDINGS, Form, plain, write_table
from longmai.rules.grid.models import table_names
from longmai.rules.grid.trying import given_of, try_table
from longmai.rules.grid.writing import write_grid

router = APIRouter(prefix="/api/v1/rules/tables", tags=["rules"], dependencies=[OPEN])

Text = Annotated[str, Field(max_length=MAX_CHARACTERS)]
Name = Annotated[str, Field(max_length=500)]


class TableSource(BaseModel):
    """A table in one of its forms.

    `xlsx` is base64. `editor` is the XML of the editor in the browser (DMN 1.3, notes as
    descriptions). `decision` names one of a model with several tables, `name` a table that stands
    alone. `within` is a DMN model around it, whose names, types and functions it may use.
    """

    form: SourceForm
    text: Text
    decision: Name = ""
    name: Name = ""
    within: Text = ""

    def read(self) -> Read:
        """Read the table; see ``sources.read_source``."""
        return read_source(Source(**self.model_dump()))


class CellPlace(BaseModel):
    """A cell: `part` of the table, `column` from 0 (-1: none), `rule` from 1 (0: none)."""

    part: str
    column: int
    rule: int


class TableFinding(BaseModel):
    """What is wrong, in the words of the asker's language; `advice` does not forbid its use."""

    code: str
    what: str
    place: str
    value: str
    mend: str
    advice: bool
    cell: CellPlace | None


class TableInput(BaseModel):
    """A column of conditions; `values` are unary tests of what it may hold."""

    expression: str
    type: str
    values: str


class TableOutput(BaseModel):
    """A column of conclusions."""

    name: str
    type: str
    values: str
    default: str


class TableRule(BaseModel):
    """A row."""

    tests: list[str]
    conclusions: list[str]
    annotations: list[str]


class Table(BaseModel):
    """A decision table; `hit_policy` is U, F, P, A, R, O, C, C+, C<, C> or C#."""

    hit_policy: str
    type: str
    inputs: list[TableInput]
    outputs: list[TableOutput]
    annotations: list[str]
    rules: list[TableRule]


class NeededName(BaseModel):
    """A name that the table needs a value of; `choices` are FEEL."""

    name: str
    type: str
    choices: list[str]


class CheckedTable(BaseModel):
    """A table with its findings; without a table it could not be read at all.

    `grid` is its text, `xml` what the editor in the browser takes, `decisions` the names of the
    tables of a model.
    """

    table: Table | None = None
    findings: list[TableFinding]
    name: str = ""
    grid: str = ""
    xml: str = ""
    needs: list[NeededName] = Field(default_factory=list)
    decisions: list[str] = Field(default_factory=list)


class Conversion(BaseModel):
    """A table and the form to write it in.

    As DMN a table keeps the model it came in, or takes the place of the decision `name` in the
    model `within`.
    """

    source: TableSource
    to: Form


class ConvertedTable(BaseModel):
    """The table; `xlsx` is base64. `file` is a name for it."""

    form: Form
    text: str
    file: str


class TrialQuestion(BaseModel):
    """A table and values by name, as text: `3000`, `A` where a text is due, else FEEL."""

    source: TableSource
    given: dict[Name, Text] = Field(default_factory=dict, max_length=500)


class TrialAnswer(BaseModel):
    """What the table concludes, as FEEL; which rules hold, and of each rule which tests do."""

    value: str
    inputs: list[str]
    hits: list[int]
    holds: list[list[bool]]
    problems: list[str]


@router.post("/check")
def check(request: Request, source: TableSource) -> CheckedTable:
    """Check a decision table; what is wrong is answered, not refused."""
    t = words_of(request)
    try:
        read = source.read()
        found = told(t, read.findings, read.table)
        grid, xml = write_grid(read.table, language_in(t)), to_editor(read.table, read.name)
    except LongmaiError as error:
        findings = [_finding(each) for each in told(t, [error])]
        return CheckedTable(findings=findings, decisions=_decisions(source))
    return CheckedTable(
        table=Table.model_validate(plain(read.table)),
        findings=[_finding(each) for each in found],
        name=read.name,
        grid=grid,
        xml=xml,
        needs=[_need(each) for each in needs_of(read)],
        decisions=table_names(read.model) if read.model else [],
    )


@router.post("/convert")
def convert(request: Request, wanted: Conversion) -> ConvertedTable:
    """Write a decision table as a grid, a workbook, DMN or JSON."""
    read = wanted.source.read()
    data = write_table(read.table, wanted.to, read.name, read.model, language_of(request))
    return ConvertedTable(
        form=wanted.to,
        text=base64.b64encode(data).decode() if wanted.to == "xlsx" else data.decode(),
        file=f"{read.name or 'table'}.{ENDINGS[wanted.to]}",
    )


@router.post("/evaluate")
def evaluate(question: TrialQuestion) -> TrialAnswer:
    """Try a decision table out on given values."""
    read = question.source.read()
    given = given_of(read.table, question.given, read.model)
    trial = try_table(read.table, given, read.model)
    return TrialAnswer(
        value=text_of(trial.value, inside=True),
        inputs=[text_of(each, inside=True) for each in trial.inputs],
        hits=list(trial.hits),
        holds=[list(each) for each in trial.holds],
        problems=list(trial.problems),
    )


def _decisions(source: TableSource) -> list[str]:
    if source.form != "dmn":
        return []
    try:
        return table_names(read_model(source.text.encode("utf-8", "surrogatepass")))
    except LongmaiError:
        return []


def _finding(each: Told) -> TableFinding:
    cell = each.cell
    return TableFinding(
        code=each.code,
        what=each.what,
        place=each.place,
        value=each.value,
        mend=each.mend,
        advice=each.advice,
        cell=None
        if cell is None
        else CellPlace(part=cell.part, column=cell.column, rule=cell.rule),
    )


def _need(each: Need) -> NeededName:
    return NeededName(name=each.name, type=each.type, choices=list(each.choices))
