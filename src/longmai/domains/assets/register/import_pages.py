"""Pages of an import: send a workbook, see what it holds and what is wrong, take it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.assets.register.action_pages import SEE_OTHER
from longmai.domains.assets.register.deeds import KEEP
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.importing.drafts import (
    OUTCOMES,
    WRONG,
    Draft,
    Plan,
    Planned,
    draft_of,
    keep_draft,
    planned_draft,
    take_in,
)
from longmai.domains.assets.register.importing.grid import MAX_FILE_BYTES, MAX_ROWS
from longmai.domains.assets.register.importing.reading import Fault, Note
from longmai.domains.assets.register.importing.workbooks import (
    HEADINGS,
    faulty_workbook,
    ledger_cells,
    template,
)
from longmai.domains.assets.register.model.asset import Asset
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.kernel.region_codes import prefix
from longmai.portal.export import XLSX_MEDIA
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/import", include_in_schema=False)

Keeper = Annotated[Visitor, needs(KEEP)]
_MEBIBYTE = 1024 * 1024
_UNITS = {"": 0, "yuan": 100, "wan": 1_000_000}


@dataclass(frozen=True)
class SendContext:
    """Variables of ``assets/register-import.html``."""

    regions: Sequence[tuple[str, str]]
    region: str
    findings: Sequence[Worded]
    max_rows: int
    max_mebibytes: int


@dataclass(frozen=True)
class RowView:
    """A row of the preview."""

    sheet: str
    number: int
    code: str
    name: str
    outcome: str
    said: Sequence[str]


@dataclass(frozen=True)
class PreviewContext:
    """Variables of ``assets/register-import-preview.html``.

    Attributes:
        counts: rows by outcome.
        notes: what is said of sheets, in words.
        taken: rows by outcome, once it was taken in.
    """

    draft: Draft
    counts: Mapping[str, int]
    notes: Sequence[str]
    rows: Sequence[RowView]
    paging: Paging
    shown: str
    findings: Sequence[Worded]
    taken: Mapping[str, int] | None


@router.get("")
def send(request: Request, visitor: Keeper) -> HTMLResponse:
    """Ask for a workbook."""
    return _send(request, visitor)


def _send(
    request: Request,
    visitor: Visitor,
    region: str = "",
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    own = [code for code in sorted(visitor.scope(KEEP).regions) if code]
    options = [
        (prefix(each.code), house.regions.path_name(each.code, t.language))
        for code in own
        for each in (house.regions.get(code), *house.regions.children(code))
    ]
    context = SendContext(
        options,
        region or (own[0] if own else ""),
        [] if error is None else [worded(t, error)],
        MAX_ROWS,
        MAX_FILE_BYTES // _MEBIBYTE,
    )
    status = 200 if error is None else error.status
    return render(request, "assets/register-import.html", _page(request), context, status)


def _page(request: Request) -> Page:
    t = words_of(request)
    title = t("register.import.title")
    crumbs = ((t("nav.home"), "/"), (t("field.assets"), "/assets/register"), (title, None))
    return Page(title, crumbs)


@router.get("/template.xlsx")
def empty(request: Request, visitor: Keeper) -> Response:
    """Return the empty workbook."""
    del request, visitor
    return _workbook(template(), "ledger-template")


def _workbook(body: bytes, name: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(body, media_type=XLSX_MEDIA, headers=named)


@router.post("")
def sent(
    request: Request,
    visitor: Keeper,
    file: UploadFile,
    region: Annotated[str, Form(max_length=12)] = "",
    unit: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """Keep a workbook, and show what is in it; nothing is written into the ledger."""
    house, body = house_of(request), file.file.read(MAX_FILE_BYTES + 1)
    try:
        with house.store.begin() as work:
            desk = Desk.of(house, work, visitor)
            draft_id = keep_draft(desk, body, file.filename or "", region, _UNITS.get(unit, 0))
            planned_draft(desk, draft_of(work.connection, draft_id, visitor.actor))
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _send(request, visitor, region, error)
    return RedirectResponse(f"/assets/import/{draft_id}", SEE_OTHER)


@router.get("/{draft_id}")
def preview(
    request: Request,
    draft_id: UUID,
    visitor: Keeper,
    show: Annotated[str, Query(max_length=8)] = "",
) -> HTMLResponse:
    """Show what a workbook holds, row by row, and what is wrong with it."""
    return _preview(request, draft_id, visitor, show)


def _preview(
    request: Request,
    draft_id: UUID,
    visitor: Visitor,
    show: str = "",
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
) -> HTMLResponse:
    t = words_of(request)
    draft, plan = _planned(request, draft_id, visitor)
    shown = show if show in OUTCOMES else (WRONG if plan.counts[WRONG] else "")
    rows = [each for each in plan.rows if not shown or each.outcome == shown]
    paging = paging_of(request, len(rows))
    window = rows[paging.offset : paging.offset + paging.size]
    context = PreviewContext(
        draft=draft,
        counts=plan.counts,
        notes=[
            t(f"register.import.note.{each.code}", sheet=each.sheet, value=_note_value(each))
            for each in plan.notes
        ],
        rows=[_row(t, each) for each in window],
        paging=paging,
        shown=shown,
        findings=[] if error is None else [worded(t, error)],
        taken=draft.taken,
    )
    status = 200 if error is None else error.status
    return render(request, "assets/register-import-preview.html", _page(request), context, status)


def _note_value(note: Note) -> str:
    if note.code != "missing":
        return str(note.value)
    return "、".join(HEADINGS.get(name, name) for name in note.value.split())


def _planned(request: Request, draft_id: UUID, visitor: Visitor) -> tuple[Draft, Plan]:
    house = house_of(request)
    with house.store.begin() as work:
        draft = draft_of(work.connection, draft_id, visitor.actor)
        return draft, planned_draft(Desk.of(house, work, visitor), draft)


def _row(t: Words, planned: Planned) -> RowView:
    row = planned.row
    if planned.outcome == WRONG:
        said = [fault_words(t, each) for each in row.faults]
    else:
        said = [HEADINGS.get(name, name) for name in planned.changed]
    shown = row.shown
    return RowView(
        row.sheet, row.number, shown.get("code", ""), shown.get("name", ""), planned.outcome, said
    )


def fault_words(t: Words, fault: Fault) -> str:
    """Say what is wrong in a row: where, what stands there, why, and what to do."""
    said = worded(t, Invalid("", code=fault.code))
    where = (
        f"{fault.column} {fault.heading}".strip() if fault.column else _column_words(fault.value)
    )
    value = t("register.import.got", value=fault.value) if fault.column and fault.value else ""
    mend = said.mend or ""
    return " ".join(filter(None, (f"{where}：" if where else "", said.what, value, mend)))


def _column_words(name: str) -> str:
    return HEADINGS.get(name, "" if name.isascii() else name)


@router.get("/{draft_id}/wrong.xlsx")
def to_mend(request: Request, draft_id: UUID, visitor: Keeper) -> Response:
    """Return the rows that are refused as a workbook to mend and send again."""
    t = words_of(request)
    _, plan = _planned(request, draft_id, visitor)
    rows = [
        (each.row.sheet, each.row.number, _said(each), each.row.faults) for each in plan.of(WRONG)
    ]
    return _workbook(faulty_workbook(rows, lambda fault: fault_words(t, fault)), "to-mend")


def _said(planned: Planned) -> Mapping[str, Any]:
    return {**_written(planned.row.given), **planned.row.wrong}


def _written(given: Mapping[str, Any]) -> Mapping[str, Any]:
    blank: dict[str, Any] = {
        "code": "", "name": "", "asset_class": "", "level": "", "region": "", "cost_fen": 0,
    }  # fmt: skip
    cells = ledger_cells(Asset(**(blank | dict(given))))
    return {
        name: value
        for name, value in cells.items()
        if name in given or (name not in blank and name != "condition")
    }


@router.post("/{draft_id}/take")
def take(request: Request, draft_id: UUID, visitor: Keeper) -> Response:
    """Write the good rows into the ledger, all in one."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            draft = draft_of(work.connection, draft_id, visitor.actor)
            take_in(Desk.of(house, work, visitor), draft)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _preview(request, draft_id, visitor, error=error)
    return RedirectResponse(f"/assets/import/{draft_id}", SEE_OTHER)
