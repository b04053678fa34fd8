"""The page where a decision table is edited: with dmn-js, or as text without scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from longmai.kernel.errors import LongmaiError
from longmai.portal.guard import CONTENT_POLICY
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.portal.rule_tables.sources import (
    Need,
    Read,
    Source,
    Told,
    language_in,
    needs_of,
    read_source,
    told,
)
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.dmn.reading import read_model
from longmai.rules.feel.values import text_of
from longmai.rules.grid.forms import ENDINGS, Form, open_table, write_table
from longmai.rules.grid.models import table_names
from longmai.rules.grid.policies import letters_of
from longmai.rules.grid.sheet_reading import MAX_FILE_BYTES
from longmai.rules.grid.trying import Trial, given_of, try_table
from longmai.rules.grid.writing import write_grid

router = APIRouter(prefix="/rules/tables", include_in_schema=False, dependencies=[OPEN])

EDITOR_POLICY = f"{CONTENT_POLICY}; style-src 'self' 'unsafe-inline'"
"""Of pages that hold the editor: CodeMirror, within dmn-js, writes its styles into the page and has
no way to sign them. Scripts stay as strict as everywhere."""

DOWNLOADS: tuple[Form, ...] = ("grid", "xlsx", "dmn")
_TYPES: Mapping[Form, str] = {
    "grid": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "dmn": "application/xml",
}
_MAX_FIELDS = 500
_MAX_FIELD_BYTES = 2 * 1024 * 1024
_GIVEN = "given:"


@dataclass(frozen=True)
class Sent:
    """What the form holds.

    Attributes:
        action: of the button that was pressed.
        grid: text of the table.
        name: of its decision.
        model: DMN that it came in; empty where it stands alone.
        decision: that was chosen from the model.
        file: name of a file that was chosen; ``data``: what it holds.
        given: values by name, to try the table out with.
    """

    action: str
    grid: str
    name: str = ""
    model: str = ""
    decision: str = ""
    file: str = ""
    data: bytes = b""
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EditContext:
    """Variables of ``rule_tables/edit.html``.

    Attributes:
        sent: what stands in the form.
        table: that it is; None where it cannot be read.
        letters: of its hit policy.
        findings: what is wrong, in words.
        of_cell: what is wrong in a cell, by (part, column, rule).
        decisions: names of the tables of its model.
        needs: names the table needs values of.
        trial: what came of them; None before they are tried.
        value: that the table concluded, as FEEL.
    """

    sent: Sent
    table: DecisionTable | None = None
    letters: str = "U"
    findings: Sequence[Told] = ()
    of_cell: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    decisions: Sequence[str] = ()
    needs: Sequence[Need] = ()
    trial: Trial | None = None
    value: str = ""


async def sent_form(request: Request) -> Sent:
    """Read the form: besides its own fields it has one for each name the table needs."""
    async with request.form(
        max_files=1, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES
    ) as form:
        texts = {key: value for key, value in form.items() if isinstance(value, str)}
        file, data = form.get("file"), b""
        if file is not None and not isinstance(file, str):
            data = await file.read(MAX_FILE_BYTES + 1)
        return Sent(
            action=texts.get("action", "check"),
            grid=texts.get("grid", "").replace("\r\n", "\n"),
            name=texts.get("name", ""),
            model=texts.get("model", ""),
            decision=texts.get("decision", ""),
            file="" if file is None or isinstance(file, str) else file.filename or "",
            data=data,
            given={
                key.removeprefix(_GIVEN): value
                for key, value in texts.items()
                if key.startswith(_GIVEN)
            },
        )


@router.get("/edit")
def edit(request: Request) -> HTMLResponse:
    """Show the editor with a small table to begin from."""
    t = words_of(request)
    sent = Sent("open", t("table_editor.start_grid"), t("table_editor.start_name"))
    return _page(request, _context(t, sent))


@router.post("/edit")
def edited(request: Request, sent: Annotated[Sent, Depends(sent_form)]) -> Response:
    """Check, try out or download what the form holds; nothing is kept."""
    t = words_of(request)
    if sent.action in DOWNLOADS:
        try:
            return _download(t, sent)
        except LongmaiError as error:
            return _page(request, _refused(t, sent, error), error.status)
    return _page(request, _context(t, sent))


def _context(t: Words, sent: Sent) -> EditContext:
    try:
        sent = _with_file(t, sent)
        read = read_source(Source("grid", sent.grid, name=sent.name, within=sent.model))
    except LongmaiError as error:
        return _refused(t, sent, error)
    context = _shown(t, sent, read)
    if sent.action != "try":
        return context
    try:
        given = given_of(read.table, sent.given, read.model)
        trial = try_table(read.table, given, read.model)
    except LongmaiError as error:
        findings = [*context.findings, *told(t, [error])]
        return replace(context, findings=findings)
    return replace(context, trial=trial, value=text_of(trial.value, inside=True))


def _with_file(t: Words, sent: Sent) -> Sent:
    """Return what the form holds after a file, or a decision of its model, was opened."""
    if sent.data:
        opened = open_table(sent.data, sent.file, sent.decision)
        fits = opened.form == "dmn" and len(sent.data) < _MAX_FIELD_BYTES
        name = opened.name or sent.file.rpartition(".")[0] or sent.name
        model = _text(sent.data) if fits else ""
    elif sent.model and sent.action == "open":
        opened = open_table(sent.model.encode(), sent.file, sent.decision)
        name, model = opened.name, sent.model
    else:
        return sent
    grid = write_grid(opened.table, language_in(t))
    return replace(sent, grid=grid, name=name, model=model, data=b"", given={})


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _shown(t: Words, sent: Sent, read: Read) -> EditContext:
    findings = told(t, read.findings, read.table)
    of_cell: dict[tuple[str, int, int], str] = {}
    for each in findings:
        if each.cell is not None:
            key = (each.cell.part, each.cell.column, each.cell.rule)
            said = t("table_editor.colon").join(filter(None, (each.what, each.mend)))
            of_cell[key] = " ".join(filter(None, (of_cell.get(key), said)))
    return EditContext(
        sent,
        read.table,
        letters_of(read.table.hit_policy, read.table.aggregation),
        findings,
        of_cell,
        _decisions(sent),
        needs_of(read),
    )


def _refused(t: Words, sent: Sent, error: LongmaiError) -> EditContext:
    # Of several decisions one is chosen next, so the model stays.
    several = sent.data and error.code == "table.several"
    kept = replace(sent, model=_text(sent.data) if several else sent.model, data=b"")
    return EditContext(kept, findings=told(t, [error]), decisions=_decisions(kept))


def _decisions(sent: Sent) -> list[str]:
    if not sent.model:
        return []
    try:
        return table_names(read_model(sent.model.encode()))
    except LongmaiError:
        return []


def _download(t: Words, sent: Sent) -> Response:
    read = read_source(Source("grid", sent.grid, name=sent.name, within=sent.model))
    form = next(each for each in DOWNLOADS if each == sent.action)
    name = sent.name or t("table_editor.file")
    data = write_table(read.table, form, name, read.model, language_in(t))
    file = f"{name}.{ENDINGS[form]}"
    named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file, safe='')}"}
    return Response(data, media_type=_TYPES[form], headers=named)


def _page(request: Request, context: EditContext, status: int = 200) -> HTMLResponse:
    t = words_of(request)
    crumbs = (
        (t("nav.home"), "/"),
        (t("rules.title"), "/rules"),
        (t("table_editor.title"), None),
    )
    page = Page(t("table_editor.title"), crumbs)
    response = render(request, "rule_tables/edit.html", page, context, status)
    response.headers["Content-Security-Policy"] = EDITOR_POLICY
    return response
