"""Many accounts at once: a sheet is read, shown with what is wrong in it, and then opened whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request, UploadFile
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, Response

from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.portal.accounts.admin_pages import desk_of
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.accounts.queries import account_of_login
from longmai.portal.accounts.service import (
    Desk,
    NewAccount,
    checked_account,
    make_link,
    open_account,
)
from longmai.portal.export import csv_of, table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import House, house_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES, MAX_ROWS, SheetRow, read_sheet
from longmai.store.unit_of_work import UnitOfWork

router = APIRouter(prefix="/admin/accounts/import", include_in_schema=False)

Manager = Annotated[Visitor, needs("account.manage")]
_COLUMNS = ("login", "name", "region", "phone")
_SHOWN = 200
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """A row of the sheet, and what is wrong with it; nothing, if ``error`` is None."""

    number: int
    wanted: NewAccount
    error: Worded | None


@dataclass(frozen=True)
class ImportContext:
    """Variables of ``accounts/import.html``.

    Attributes:
        rows: of the sheet, faulty ones first; at most so many as a page shows.
        wrong: how many have a fault.
        total: how many there are.
        sheet: the sheet itself, to send again; empty where it has faults.
    """

    form: Form
    file: str
    rows: Sequence[Checked]
    wrong: int
    total: int
    sheet: str
    max_rows: int
    max_mebibytes: int


@router.get("")
def form(request: Request, visitor: Manager) -> HTMLResponse:
    """Ask for a sheet."""
    del visitor
    return _page(request, Form())


@router.get("/template.{kind}")
def template(request: Request, visitor: Manager, kind: Literal["csv", "xlsx"]) -> Response:
    """Return an empty sheet with the headings."""
    del visitor
    return table_file(kind, "accounts-template", _headings(words_of(request)), [])


@router.post("")
def preview(request: Request, visitor: Manager, file: UploadFile) -> HTMLResponse:
    """Show what a sheet holds, and what is wrong with it; nothing is written."""
    t, data = words_of(request), file.file.read(MAX_FILE_BYTES + 1)
    try:
        checked = _checked(house_of(request), visitor, t, _rows(data, t))
    except Invalid as error:
        return _page(request, refused(t, error, {}), status=error.status)
    return _page(request, Form(), checked, file.filename or "")


@router.post("/open")
def opening(
    request: Request, visitor: Manager, sheet: Annotated[str, FormField()] = ""
) -> Response:
    """Open all accounts of a sheet or none; return their one-time links as a sheet, this once."""
    house, t = house_of(request), words_of(request)
    try:
        rows = _rows(sheet.encode(), t)
        with house.store.begin() as work:
            opened = [_open(request, work, visitor, row, t) for row in rows]
    except (Conflict, Forbidden, Invalid) as error:
        return _page(request, refused(t, error, {}), status=error.status)
    headings = [*(t(f"account.{name}") for name in ("login", "name")), t("link.title")]
    response = table_file("xlsx", "account-links", headings, opened)
    response.headers["Cache-Control"] = "no-store"
    return response


def _open(
    request: Request, work: UnitOfWork, visitor: Visitor, row: SheetRow, t: Words
) -> tuple[str, str, str]:
    desk, wanted = desk_of(request, work, visitor), _wanted(row, t)
    try:
        secret = make_link(desk, open_account(desk, wanted))
    except (Conflict, Forbidden, Invalid) as error:
        error.place = f"{row.number}"
        raise
    address = house_of(request).settings.public_url
    return wanted.login, wanted.name, f"{address}/welcome/{secret.text}"


def _rows(data: bytes, t: Words) -> list[SheetRow]:
    rows = read_sheet(data, _headings(t))
    if not rows:
        raise Invalid("the sheet has no rows", code="sheet.empty")
    return rows


def _checked(house: House, visitor: Visitor, t: Words, rows: Sequence[SheetRow]) -> list[Checked]:
    with house.store.begin() as work:
        desk = Desk(work, visitor, house.regions, house.clock.now())
        seen: dict[str, int] = {}
        return [_check(desk, seen, row, t) for row in rows]


def _check(desk: Desk, seen: dict[str, int], row: SheetRow, t: Words) -> Checked:
    wanted = _wanted(row, t)
    try:
        checked = checked_account(wanted, desk.regions)
        desk.visitor.require("account.manage", checked.region)
        _refuse_taken(desk, seen, checked.login)
    except (Conflict, Forbidden, Invalid) as error:
        return Checked(row.number, wanted, worded(t, error))
    seen[checked.login] = row.number
    return Checked(row.number, wanted, None)


def _refuse_taken(desk: Desk, seen: Mapping[str, int], login: str) -> None:
    if login in seen:
        place = f"row {seen[login]}"
        raise Conflict("the login stands in another row", code="account.login_twice", place=place)
    if account_of_login(desk.work.connection, login) is not None:
        raise Conflict("this login is taken", code="account.login_taken")


def _wanted(row: SheetRow, t: Words) -> NewAccount:
    login, name, region, phone = (row.cells[t(f"account.{column}")] for column in _COLUMNS)
    return NewAccount(login, name, region, phone)


def _headings(t: Words) -> list[str]:
    return [t(f"account.{column}") for column in _COLUMNS]


def _page(
    request: Request,
    form: Form,
    checked: Sequence[Checked] = (),
    file: str = "",
    status: int = 200,
) -> HTMLResponse:
    t = words_of(request)
    wrong = sum(each.error is not None for each in checked)
    shown = sorted(checked, key=lambda each: each.error is None)[:_SHOWN]
    sound = [each.wanted for each in checked] if not wrong else []
    rows = [(each.login, each.name, each.region, each.phone) for each in sound]
    sheet = csv_of(_headings(t), rows).decode("utf-8-sig") if rows else ""
    context = ImportContext(
        form, file, shown, wrong, len(checked), sheet, MAX_ROWS, MAX_FILE_BYTES // _MEBIBYTE
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("accounts.title"), "/admin/accounts"),
        (t("import.title"), None),
    )
    page = Page(t("import.title"), crumbs)
    return render(request, "accounts/import.html", page, context, status)
