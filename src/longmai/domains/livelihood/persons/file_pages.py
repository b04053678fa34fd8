"""Pages of departments' files: sent, columns chosen, what is wrong, taken, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, UploadFile
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.livelihood.persons import importing
from longmai.domains.livelihood.persons.importing import IMPORT, Sent
from longmai.domains.livelihood.persons.jobs import desk_of, enqueue_take
from longmai.domains.livelihood.persons.model.fields import FACT, LEFT_OUT, catalogue
from longmai.domains.livelihood.persons.queries import (
    ListedFile,
    file,
    files,
    linked_counts,
    uploads,
)
from longmai.domains.livelihood.persons.reading import MAX_UPLOAD_BYTES, DepartmentFile
from longmai.domains.livelihood.persons.refreshing import refresh
from longmai.domains.livelihood.persons.tables import LINK, is_current
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.accounts.admin_pages import region_choices
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.accounts.sign_in_pages import SEE_OTHER
from longmai.portal.export import table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.reading import chunks
from longmai.store.table_window import Window

router = APIRouter(prefix="/livelihood/persons", include_in_schema=False)

Importer = Annotated[Visitor, needs(IMPORT)]
Text = Annotated[str, FormField(max_length=200)]
DEPARTMENTS = ("公安", "民政", "残联", "医保", "人社", "教育", "卫健", "村（社区）")
_FIELDS = ("department", "region", "as_of", "title")
_SHOWN_FAULTS = 100
_SHOWN_ROWS = 3
_FAULT_COLUMNS = ("row", "column", "value", "what", "mend", "stops")


@dataclass(frozen=True)
class FilesContext:
    """Variables of ``livelihood/person_files.html``."""

    files: Sequence[ListedFile]
    uploads: Sequence[Any]
    paging: Paging


@dataclass(frozen=True)
class NewFileContext:
    """Variables of ``livelihood/person_file_new.html``."""

    form: Form
    departments: Sequence[str]
    regions: Sequence[tuple[str, str]]
    today: date
    max_mebibytes: int


@dataclass(frozen=True)
class Column:
    """A column of a sent file: its heading, what it means, its first values."""

    index: int
    heading: str
    chosen: str
    examples: Sequence[str]


@dataclass(frozen=True)
class ShownFault:
    """A fault in words."""

    row: int
    column: str
    value: str
    what: str
    mend: str
    stops: bool


@dataclass(frozen=True)
class UploadContext:
    """Variables of ``livelihood/person_upload.html``.

    Attributes:
        sent: the file.
        columns_of_file: of it.
        choices: (value, label) of what a column may mean.
        faults: the first of them, in words.
        stopped: how many rows cannot be taken.
        form: what was wrong with the choice of columns.
        kept: the meaning of the columns is known from an earlier file.
    """

    sent: Any
    columns_of_file: Sequence[Column]
    choices: Sequence[tuple[str, str]]
    faults: Sequence[ShownFault]
    stopped: int
    form: Form
    kept: bool


@dataclass(frozen=True)
class FileContext:
    """Variables of ``livelihood/person_file.html``."""

    file: ListedFile
    linked: Mapping[str, int]


@router.get("/files")
def file_list(request: Request, visitor: Importer) -> HTMLResponse:
    """List the files that were taken, and those that wait."""
    house, t = house_of(request), words_of(request)
    scope = visitor.scope(IMPORT)
    with house.store.read() as connection:
        total, _ = files(connection, scope, Window(size=0))
        paging = paging_of(request, total)
        _, found = files(connection, scope, Window("at", paging.offset, paging.size))
        context = FilesContext(found, uploads(connection, scope), paging)
    page = Page(t("persons.files"), _crumbs(t, "files"), sample=any(f.sample for f in found))
    return render(request, "livelihood/person_files.html", page, context)


@router.get("/files/new")
def new_file(request: Request, visitor: Importer) -> HTMLResponse:
    """Ask for a file, and whose it is."""
    own = next((grant.region for grant in visitor.grants), "")
    return _new_page(request, Form({"region": own, "department": ""}))


@router.post("/files/new")
def send_file(  # noqa: PLR0913 - the fields of the form
    request: Request,
    visitor: Importer,
    file: UploadFile,
    *,
    department: Text = "",
    region: Text = "",
    as_of: Text = "",
    title: Text = "",
    whole: Text = "",
) -> Response:
    """Keep a file that is sent, and show what its columns mean."""
    house, t = house_of(request), words_of(request)
    typed = {"department": department, "region": region, "as_of": as_of, "title": title}
    sent_file = DepartmentFile(file.filename or "", file.file.read(MAX_UPLOAD_BYTES + 1))
    try:
        code = _region_code(request, region)
        sent = Sent(department, code, _day(as_of), title, whole=whole != "part")
        with house.store.begin() as work:
            upload_id = importing.send(work, desk_of(house, visitor), sent_file, sent)
    except (Invalid, NotFound) as error:
        return _new_page(request, refused(t, error, typed, _FIELDS), error.status)
    return RedirectResponse(f"/livelihood/persons/uploads/{upload_id}", SEE_OTHER)


@router.get("/uploads/{upload_id}")
def show_upload(request: Request, visitor: Importer, upload_id: UUID) -> HTMLResponse:
    """Show a file that was sent: what its columns mean, or what is wrong with its rows."""
    return _upload_page(request, visitor, upload_id, Form())


@router.post("/uploads/{upload_id}")
async def choose_columns(request: Request, visitor: Importer, upload_id: UUID) -> Response:
    """Keep what the columns mean, and have the rows checked and taken."""
    told = {name: str(value) for name, value in (await request.form()).items()}
    house, t = house_of(request), words_of(request)
    try:
        with house.store.begin() as work:
            desk = desk_of(house, visitor)
            headings = importing.upload(work.connection, visitor, upload_id).headings
            chosen = ((each, told.get(f"column-{i}")) for i, each in enumerate(headings))
            columns = {each: key for each, key in chosen if key}
            importing.choose(work, desk, upload_id, columns, told.get("title", ""))
    except Invalid as error:
        return _upload_page(request, visitor, upload_id, refused(t, error, told), error.status)
    return _taking(request, visitor, upload_id, leave_faulty=False)


@router.post("/uploads/{upload_id}/leave-faulty")
def leave_faulty(request: Request, visitor: Importer, upload_id: UUID) -> Response:
    """Have the file taken without the rows that cannot be."""
    return _taking(request, visitor, upload_id, leave_faulty=True)


def _taking(request: Request, visitor: Visitor, upload_id: UUID, *, leave_faulty: bool) -> Response:
    job = enqueue_take(house_of(request), visitor, upload_id, leave_faulty=leave_faulty)
    return RedirectResponse(f"/jobs/{job}", SEE_OTHER)


@router.post("/uploads/{upload_id}/drop")
def drop_upload(request: Request, visitor: Importer, upload_id: UUID) -> Response:
    """Throw a sent file away."""
    with house_of(request).store.begin() as work:
        importing.drop(work, visitor, upload_id)
    return RedirectResponse("/livelihood/persons/files", SEE_OTHER)


@router.get("/uploads/{upload_id}/report.{kind}")
def report(
    request: Request, visitor: Importer, upload_id: UUID, kind: Literal["csv", "xlsx"]
) -> Response:
    """Return what is wrong with a sent file as a sheet: row, column, value, what to do."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        sent = importing.upload(connection, visitor, upload_id)
    rows = [
        (
            f.row,
            f.column,
            f.value,
            f.what,
            f.mend,
            t(f"persons.report.{'stop' if f.stops else 'note'}"),
        )
        for f in _faults(t, sent.faults)
    ]
    headings = [t(f"persons.report.{name}") for name in _FAULT_COLUMNS]
    response = table_file(kind, "import-report", headings, rows)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/files/{file_id}")
def show_file(request: Request, visitor: Importer, file_id: UUID) -> HTMLResponse:
    """Show a file that was taken."""
    return _file_page(request, visitor, file_id)


@router.post("/files/{file_id}/withdraw")
def withdraw_file(request: Request, visitor: Importer, file_id: UUID) -> Response:
    """Take a file back: what it said counts no longer."""
    house = house_of(request)
    with house.store.begin() as work:
        rows = importing.withdraw(work, desk_of(house, visitor), file_id)
        persons: set[UUID] = set()
        for chunk in chunks(rows):
            query = LINK.select().where(LINK.c.row_id.in_(chunk), is_current())
            persons |= {row.person_id for row in work.connection.execute(query)}
        refresh(work.connection, persons)
    return RedirectResponse(f"/livelihood/persons/files/{file_id}", SEE_OTHER)


def _new_page(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    context = NewFileContext(
        form,
        DEPARTMENTS,
        region_choices(house, t.language),
        beijing_day(house.clock.now()),
        MAX_UPLOAD_BYTES // 1024 // 1024,
    )
    page = Page(t("persons.file_new"), _crumbs(t, "files", t("persons.file_new")))
    return render(request, "livelihood/person_file_new.html", page, context, status)


def _upload_page(
    request: Request, visitor: Visitor, upload_id: UUID, form: Form, status: int = 200
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        sent = importing.upload(connection, visitor, upload_id)
        kept = importing.mapping_of(connection, sent.department, sent.headings)
    first = list(islice(DepartmentFile(sent.name, sent.data).rows(), _SHOWN_ROWS))
    columns = [
        Column(
            i,
            heading,
            form.value(f"column-{i}") or sent.columns[heading],
            [cells[i] for _, cells in first if i < len(cells) and cells[i]],
        )
        for i, heading in enumerate(sent.headings)
    ]
    choices = [
        *((key, t(f"persons.field.{key}")) for key in catalogue().fields),
        (FACT, t("persons.column_fact")),
        (LEFT_OUT, t("persons.column_left_out")),
    ]
    faults = _faults(t, sent.faults)
    stopped = len({each.row for each in faults if each.stops})
    ordered = sorted(faults, key=lambda each: (not each.stops, each.row))[:_SHOWN_FAULTS]
    context = UploadContext(sent, columns, choices, ordered, stopped, form, kept is not None)
    page = Page(sent.name, _crumbs(t, "files", sent.name), sample=sent.sample)
    response = render(request, "livelihood/person_upload.html", page, context, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _file_page(request: Request, visitor: Visitor, file_id: UUID) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = file(connection, file_id, visitor.scope(IMPORT))
        context = FileContext(found, linked_counts(connection, file_id))
    page = Page(found.name, _crumbs(t, "files", found.name), sample=found.sample)
    return render(request, "livelihood/person_file.html", page, context)


def _faults(t: Words, faults: Sequence[Sequence[Any]]) -> list[ShownFault]:
    return [
        ShownFault(
            row,
            column,
            value,
            t(f"persons.fault.{code}.what"),
            t(f"persons.fault.{code}.mend"),
            stops,
        )
        for row, column, value, code, stops in faults
    ]


def _region_code(request: Request, text: str) -> str:
    pack = house_of(request).regions
    found = pack.find(text.strip())
    if found:
        return found[0].code
    try:
        return pack.get(text.strip()).code
    except (Invalid, NotFound):
        raise Invalid("no such region", code="persons.region", place="region", value=text) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            "not a day", code="persons.as_of", place="as_of", value=text, mend="like 2026-08-31"
        ) from None


def _crumbs(t: Words, room: str, last: str = "") -> tuple[tuple[str, str | None], ...]:
    own = (t(f"persons.{room}"), f"/livelihood/persons/{room}" if last else None)
    crumbs: list[tuple[str, str | None]] = [
        (t("nav.home"), "/"),
        (t("field.livelihood"), "/livelihood/persons"),
        own,
    ]
    return tuple([*crumbs, (last, None)] if last else crumbs)
