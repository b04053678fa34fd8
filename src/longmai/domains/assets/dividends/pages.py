"""Pages of distributions: the list, a plan with its arithmetic, charter, draft, payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection, Row

from longmai.domains.assets.dividends.charter import BARRED, COVERED, EARNED
from longmai.domains.assets.dividends.model import fen_of
from longmai.domains.assets.dividends.queries import (
    SORTS,
    Drafted,
    charter_by_digest,
    charter_in,
    charter_of,
    model_of,
    plan_of,
    plans,
)
from longmai.domains.assets.dividends.service import (
    KEEP,
    READ,
    adopt_charter,
    approve,
    draft,
    give_back,
    pay,
)
from longmai.domains.assets.dividends.sheet import HEADINGS, kinds, read_plan
from longmai.domains.assets.dividends.what_if import parameters_of
from longmai.domains.assets.meetings.queries import Decided, decision_of, decisions_about
from longmai.domains.assets.members.desks import day_of, desk_of
from longmai.domains.assets.members.queries import organisation_of, roll_of
from longmai.domains.assets.vouchers.queries import vouchers_of
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, LongmaiError, NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.export import table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES
from longmai.rules.policy.evaluation import Decision, case_of, evaluate
from longmai.rules.policy.explanation import Explanation, explain
from longmai.rules.policy.literals import read_date
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets/dividends", include_in_schema=False)

Keeper = Annotated[Visitor, needs(KEEP)]
Reader = Annotated[Visitor, needs(READ)]


@dataclass(frozen=True)
class PlansContext:
    """Variables of ``assets/dividends.html``."""

    rows: Sequence[Row[Any]]
    paging: Paging
    sort: str
    descending: bool


@dataclass(frozen=True)
class HomeRow:
    """What a household gets, named."""

    household_id: UUID
    number: str
    name: str
    shares: str
    floor_fen: int
    dividend_fen: int
    labour_fen: int
    total_fen: int
    returned: bool


@dataclass(frozen=True)
class PlanContext:
    """Variables of ``assets/dividend.html``.

    Attributes:
        told: the charter's arithmetic, step by step, with its articles.
        rows: of the households, to who may read them.
        decisions: of meetings about this version.
    """

    drafted: Drafted
    organisation: str
    told: Explanation
    amounts: Mapping[str, int]
    rows: Sequence[HomeRow]
    paging: Paging
    decisions: Sequence[Decided]
    decided: Decided | None
    vouchers: Sequence[Row[Any]]
    form: Typed
    may_keep: bool
    may_read: bool


@dataclass(frozen=True)
class CharterContext:
    """Variables of ``assets/charter.html``: (name, unit, clause, note) of each number."""

    form: Typed
    numbers: Sequence[tuple[str, str, str, str]]
    findings: Sequence[Worded]


@dataclass(frozen=True)
class DraftContext:
    """Variables of ``assets/dividend_new.html``."""

    form: Typed
    findings: Sequence[Worded]
    kinds: Sequence[str]


@router.get("", dependencies=[OPEN])
def plan_list(
    request: Request,
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    sort: Annotated[str, Query(max_length=10)] = "year",
    order: Annotated[str, Query(max_length=4)] = "desc",
) -> HTMLResponse:
    """List the plans of distribution with their sums, which are public."""
    t = words_of(request)
    chosen, descending = sort if sort in SORTS else "year", order != "asc"
    with house_of(request).store.read() as connection:
        total, _ = plans(connection, Window(size=0), region)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, rows = plans(connection, window, region)
    context = PlansContext(rows, paging, chosen, descending)
    page = Page(t("dividends.title"), crumbs(t, None), any(row.sample for row in rows))
    return render(request, "assets/dividends.html", page, context)


@router.get("/charter")
def charter_form(
    request: Request,
    visitor: Keeper,
    region: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    """Ask for the numbers of a charter; what holds stands in the form."""
    own = region or _own_village(visitor)
    values = {"region": own, "since": _today(request)}
    with house_of(request).store.read() as connection:
        found = charter_of(connection, own)
    if found is not None:
        values |= {name: value for name, (value, _) in parameters_of(found.policy).items()}
    return _charter_page(request, Typed(values))


@router.post("/charter")
async def charter_taken(request: Request, visitor: Keeper) -> Response:
    """Adopt the numbers of a charter."""
    typed = await request.form(max_files=0, max_fields=40)
    values = {name: str(value) for name, value in typed.multi_items()}
    house, t = house_of(request), words_of(request)
    fields = ("region", "since", "article", *model_of(house.policies).parameters)
    try:
        region = house.regions.get(values.get("region", "").strip()).code
        since = day_of(values.get("since", ""), "since")
        numbers = {name: values.get(name, "") for name in model_of(house.policies).parameters}
        with house.store.begin() as work:
            desk = desk_of(request, work, visitor)
            adopt_charter(desk, region, numbers, since, values.get("article", ""))
    except InvalidMany as error:
        return _charter_page(request, Typed(values), [worded(t, e) for e in error.findings], 422)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _charter_page(request, refused(t, error, values, fields), status=error.status)
    return RedirectResponse(f"/assets/dividends/new?region={region}", 303)


@router.get("/new")
def draft_form(
    request: Request,
    visitor: Keeper,
    region: Annotated[str, Query(max_length=12)] = "",
    plan: Annotated[str, Query(max_length=36)] = "",
) -> HTMLResponse:
    """Ask for the sheet of a plan."""
    year = beijing_day(house_of(request).clock.now()).year - 1
    own = region or _own_village(visitor)
    values = {"region": own, "year": str(year), "as_of": f"{year}-12-31", "plan": plan}
    return _draft_page(request, Typed(values))


@router.get("/template.{kind}")
def template(visitor: Keeper, kind: Literal["csv", "xlsx"]) -> Response:
    """Return an empty sheet of a plan."""
    del visitor
    return table_file(kind, "distribution-template", HEADINGS, [])


@router.post("/new")
def drafted(
    request: Request,
    visitor: Keeper,
    file: UploadFile,
    region: Annotated[str, Form()] = "",
    year: Annotated[str, Form()] = "",
    as_of: Annotated[str, Form()] = "",
    plan: Annotated[str, Form()] = "",
) -> Response:
    """Work a plan out from its sheet, or say what is wrong in each row."""
    house, t = house_of(request), words_of(request)
    values = {"region": region, "year": year, "as_of": as_of, "plan": plan}
    data = file.file.read(MAX_FILE_BYTES + 1)
    try:
        code = house.regions.get(region.strip()).code
        with house.store.begin() as work:
            policy = charter_in(work.connection, code).policy
            day = day_of(as_of, "as_of")
            roll = roll_of(work.connection, code, day)
            wanted = read_plan(data, policy, roll, _year(year), day)
            own = draft(desk_of(request, work, visitor), wanted, UUID(plan) if plan else None)
    except InvalidMany as error:
        return _draft_page(request, Typed(values), [worded(t, e) for e in error.findings], 422)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        return _draft_page(request, refused(t, error, values, tuple(values)), status=error.status)
    return RedirectResponse(f"/assets/dividends/{own}", 303)


@router.get("/{plan_id}", dependencies=[OPEN])
def plan_page(request: Request, plan_id: UUID) -> HTMLResponse:
    """Show a plan: its sums and their arithmetic to everybody, its households to who may."""
    return _plan_page(request, plan_id, Typed())


@router.post("/{plan_id}/{deed}")
async def deed_done(request: Request, plan_id: UUID, deed: str, visitor: Keeper) -> Response:
    """Take a meeting's decision, record the payment, or one that came back."""
    typed = await request.form(max_files=0, max_fields=20)
    values = {name: str(value) for name, value in typed.multi_items()}
    house, t = house_of(request), words_of(request)
    try:
        with house.store.begin() as work:
            desk = desk_of(request, work, visitor)
            match deed:
                case "approve":
                    approve(desk, plan_id, _id(values, "decision"))
                case "pay":
                    day = day_of(values.get("on", ""), "on")
                    pay(desk, plan_id, day, values.get("basis", ""))
                case "return":
                    day = day_of(values.get("on", ""), "on")
                    own = _id(values, "household")
                    give_back(desk, plan_id, own, day, values.get("why", ""))
                case _:
                    raise NotFound("no such thing can be done here", value=deed)
    except LongmaiError as error:
        return _plan_page(request, plan_id, refused(t, error, values), error.status)
    return RedirectResponse(f"/assets/dividends/{plan_id}", 303)


def _plan_page(request: Request, plan_id: UUID, form: Typed, status: int = 200) -> HTMLResponse:
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    with house.store.read() as connection:
        found = plan_of(connection, plan_id)
        region = found.plan.region
        may_read = visitor.may(READ, region)
        decision = _again(connection, found)
        rows = rows_of(connection, found) if may_read else []
        decided = decision_of(connection, found.decided_by) if found.decided_by else None
        waiting = decisions_about(connection, found.refers) if found.state == "drafted" else []
        vouchers = vouchers_of(connection, plan_id) if may_read else []
        name = organisation_of(connection, region).name
    paging = paging_of(request, len(rows))
    context = PlanContext(
        drafted=found,
        organisation=name,
        told=explain(decision, t.language),
        amounts={step: fen_of(decision, step) for step in (EARNED, COVERED, BARRED)},
        rows=rows[paging.offset : paging.offset + paging.size],
        paging=paging,
        decisions=waiting,
        decided=decided,
        vouchers=vouchers,
        form=form if form.values else Typed({"on": _today(request)}, form.errors),
        may_keep=visitor.may(KEEP, region),
        may_read=may_read,
    )
    title = t("dividends.plan_title", year=found.plan.year)
    page = Page(title, crumbs(t, title), found.sample)
    return render(request, "assets/dividend.html", page, context, status)


def _again(connection: Connection, found: Drafted) -> Decision:
    """Judge again what was recorded, by the charter it was worked out by."""
    told = found.decision
    policy = charter_by_digest(connection, found.charter)
    day = read_date(told["day"])
    if day is None:
        raise TypeError("a recorded decision has a day")
    return evaluate(policy, case_of(policy, told["given"], day, told["region"]))


def rows_of(connection: Connection, found: Drafted) -> list[HomeRow]:
    """Return what each household gets, by number."""
    roll = roll_of(connection, found.plan.region, found.plan.as_of)
    rows = [
        HomeRow(
            own,
            home.number if (home := roll.homes.get(own)) else "–",
            home.head.name if home and home.head else "–",
            str(part.shares),
            part.floor_fen,
            part.dividend_fen,
            part.labour_fen,
            part.total_fen,
            own in found.returned,
        )
        for own, part in found.parts.items()
    ]
    return sorted(rows, key=lambda row: row.number)


def yuan(amount_fen: int) -> str:
    """Write an amount in yuan with two decimals and separators.

    >>> yuan(1234567)
    '12,345.67'
    """
    return f"{fen_to_yuan(amount_fen):,}"


def _charter_page(
    request: Request, form: Typed, findings: Sequence[Worded] = (), status: int = 200
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    numbers = [
        (each.name, each.unit, each.clause, each.note)
        for each in model_of(house.policies).parameters.values()
    ]
    context = CharterContext(form, numbers, findings or form.findings)
    title = t("dividends.charter")
    return render(request, "assets/charter.html", Page(title, crumbs(t, title)), context, status)


def _draft_page(
    request: Request, form: Typed, findings: Sequence[Worded] = (), status: int = 200
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    context = DraftContext(form, findings or form.findings, kinds(_policy(house, form)))
    title = t("dividends.new")
    return render(
        request, "assets/dividend_new.html", Page(title, crumbs(t, title)), context, status
    )


def _policy(house: House, form: Typed) -> Any:
    with house.store.read() as connection:
        found = charter_of(connection, form.value("region"))
    return found.policy if found else model_of(house.policies)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):  # noqa: PLR2004 - a year
        raise Invalid("this is no year", code="assets.dividend.year", place="year", value=text)
    return int(text)


def _id(values: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(values.get(name, ""))
    except ValueError:
        raise Invalid("choose one", code="assets.meeting.who", place=name) from None


def _own_village(visitor: Visitor) -> str:
    regions = sorted(visitor.scope(KEEP).regions)
    return regions[0] if len(regions) == 1 else ""


def _today(request: Request) -> str:
    return beijing_day(house_of(request).clock.now()).isoformat()


def crumbs(
    t: Words, title: str | None, href: str | None = None
) -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page of distributions."""
    start: tuple[tuple[str, str | None], ...] = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/meetings"),
    )
    if title is None:
        return (*start, (t("dividends.title"), None))
    return (*start, (t("dividends.title"), "/assets/dividends"), (title, href))
