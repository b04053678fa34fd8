"""Pages of the roll: households, one household, the sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Row

from longmai.domains.assets.members.desks import day_of, desk_of
from longmai.domains.assets.members.importing import HEADINGS, Imported, import_roll
from longmai.domains.assets.members.model import Household, years_between
from longmai.domains.assets.members.queries import (
    SORTS,
    Organisation,
    history_of,
    household_of,
    households,
    organisations,
)
from longmai.domains.assets.members.service import KEEP, READ
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.export import Format, table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.masking import masked
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES, MAX_ROWS
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/members", include_in_schema=False)

Reader = Annotated[Visitor, needs(READ)]
Keeper = Annotated[Visitor, needs(KEEP)]
_EXPORTED = 20_000


@dataclass(frozen=True)
class RollContext:
    """Variables of ``assets/roll.html``."""

    rows: Sequence[Household]
    organisations: Sequence[Organisation]
    region: str
    search: str
    sort: str
    descending: bool
    paging: Paging
    may_keep: bool


@dataclass(frozen=True)
class HouseholdContext:
    """Variables of ``assets/household.html``; the account number is masked."""

    home: Household
    region: str
    account: str
    ages: Sequence[int | None]
    competent: Sequence[bool]
    history: Sequence[Row[Any]]


@dataclass(frozen=True)
class SheetContext:
    """Variables of ``assets/roll_import.html``."""

    form: Typed
    findings: Sequence[Worded]
    wrong: int
    taken: Imported | None
    file: str
    region: str
    max_rows: int


@router.get("")
def roll(
    request: Request,
    visitor: Reader,
    q: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=12)] = "",
    sort: Annotated[str, Query(max_length=10)] = "number",
    order: Annotated[str, Query(max_length=4)] = "asc",
) -> HTMLResponse:
    """List households of the visitor's villages."""
    t, scope = words_of(request), visitor.scope(READ)
    chosen, descending = sort if sort in SORTS else "number", order == "desc"
    with house_of(request).store.read() as connection:
        total, _ = households(connection, scope, q.strip(), Window(size=0), region)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, rows = households(connection, scope, q.strip(), window, region)
        known = organisations(connection, scope)
    context = RollContext(rows, known, region, q, chosen, descending, paging, visitor.may(KEEP))
    sample = any(row.sample for row in rows)
    return render(
        request, "assets/roll.html", Page(t("members.title"), _crumbs(t), sample), context
    )


@router.get(".{kind}")
def roll_file(
    request: Request,
    visitor: Reader,
    kind: Format,
    q: Annotated[str, Query(max_length=40)] = "",
    region: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """Export the roll in the form of the sheet that is imported; account numbers are masked."""
    window = Window("number", size=_EXPORTED, descending=False)
    with house_of(request).store.read() as connection:
        _, rows = households(connection, visitor.scope(READ), q.strip(), window, region)
    cells = (line for home in rows for line in _lines(home))
    return table_file(kind, "roll", HEADINGS, cells)


def _lines(home: Household) -> Iterator[Sequence[str]]:
    for position, each in enumerate(home.members):
        yield (
            home.number,
            each.name,
            {"male": "男", "female": "女"}.get(each.sex, ""),
            each.born_on.isoformat() if each.born_on else "",
            {"full": "完全", "limited": "限制", "none": "无"}.get(each.capacity, ""),
            "是" if each.belongs else "否",
            "是" if each.villager else "否",
            "是" if each.head else "",
            str(each.shares),
            str(home.shares) if position == 0 else "",
            "",
            "",
            each.login,
            home.payee if position == 0 else "",
            masked(home.account, 0, 4) if position == 0 else "",
        )


@router.get("/template.{kind}")
def template(visitor: Keeper, kind: Literal["csv", "xlsx"]) -> Response:
    """Return an empty sheet with the headings."""
    del visitor
    return table_file(kind, "roll-template", HEADINGS, [])


@router.get("/import")
def sheet_form(request: Request, visitor: Keeper) -> HTMLResponse:
    """Ask for a sheet."""
    return _sheet(request, Typed({"region": _own_village(visitor), "since": _today(request)}))


@router.post("/import")
def sheet_taken(
    request: Request,
    visitor: Keeper,
    file: UploadFile,
    region: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Take a sheet whole, or say what is wrong in each row."""
    house, t = house_of(request), words_of(request)
    values = {"region": region, "name": name, "since": since}
    try:
        code = house.regions.get(region.strip()).code
        day, data = day_of(since, "since"), file.file.read(MAX_FILE_BYTES + 1)
        with house.store.begin() as work:
            taken = import_roll(desk_of(request, work, visitor), code, name.strip(), data, day)
    except InvalidMany as error:
        findings = [worded(t, each) for each in error.findings]
        return _sheet(request, Typed(values), findings, file=file.filename or "", status=422)
    except (Conflict, Forbidden, Invalid) as error:
        return _sheet(request, refused(t, error, values, tuple(values)), status=error.status)
    return _sheet(request, Typed(values), taken=taken, file=file.filename or "", region=code)


@router.get("/households/{household_id}")
def household(request: Request, visitor: Reader, household_id: UUID) -> HTMLResponse:
    """Show a household: people, capacity, shares, how it came to be so."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        region, home = household_of(connection, household_id)
        visitor.require(READ, region)
        history = history_of(connection, household_id)
    today = beijing_day(house.clock.now())
    ages = [years_between(each.born_on, today) if each.born_on else None for each in home.members]
    context = HouseholdContext(
        home,
        region,
        masked(home.account, 0, 4),
        ages,
        [each.is_competent(today) for each in home.members],
        history,
    )
    title = t("members.household", number=home.number)
    page = Page(title, (*_crumbs(t, "/assets/members"), (title, None)), home.sample)
    return render(request, "assets/household.html", page, context)


_SHOWN = 200


def _sheet(
    request: Request,
    form: Typed,
    findings: Sequence[Worded] = (),
    *,
    taken: Imported | None = None,
    file: str = "",
    region: str = "",
    status: int = 200,
) -> HTMLResponse:
    t = words_of(request)
    shown = (findings or form.findings)[:_SHOWN]
    context = SheetContext(form, shown, len(findings), taken, file, region, MAX_ROWS)
    title = t("members.import")
    page = Page(title, (*_crumbs(t, "/assets/members"), (title, None)))
    return render(request, "assets/roll_import.html", page, context, status)


def _own_village(visitor: Visitor) -> str:
    regions = sorted(visitor.scope(KEEP).regions)
    return regions[0] if len(regions) == 1 else ""


def _today(request: Request) -> str:
    day: date = beijing_day(house_of(request).clock.now())
    return day.isoformat()


def _crumbs(t: Words, href: str | None = None) -> tuple[tuple[str, str | None], ...]:
    return (t("nav.home"), "/"), (t("field.assets"), "/assets/meetings"), (t("members.title"), href)
