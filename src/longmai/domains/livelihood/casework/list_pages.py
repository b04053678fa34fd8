"""The work lists of a township: what the finding asks to be done, and what is being done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection

from longmai.domains.livelihood.casework.kinds import DECIDE, READ, WORK
from longmai.domains.livelihood.casework.model.case import Standing
from longmai.domains.livelihood.casework.opening import WAYS, take_on
from longmai.domains.livelihood.casework.people import Person, people_of
from longmai.domains.livelihood.casework.queries import (
    LEADS,
    Lead,
    ShownCase,
    cases,
    laid_on,
    lead_choices,
    lead_counts,
    leads,
    leads_named,
    standing_counts,
)
from longmai.domains.livelihood.casework.service import Desk
from longmai.domains.livelihood.finding import nightly
from longmai.domains.livelihood.province.id_numbers import is_sample
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.kernel.money import fen_to_yuan
from longmai.portal.export import Format, table_file
from longmai.portal.failures import worded
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.policies.said import title_of
from longmai.portal.rendering import Page, Words, local_time, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.explanation import plain_number
from longmai.store.table_window import Window

router = APIRouter(include_in_schema=False)

GROUPS: Mapping[str, tuple[Standing, ...]] = {
    "open": (Standing.OPEN,),
    "hearing": (Standing.CUT_PROPOSED, Standing.HEARD),
    "objected": (Standing.OBJECTED,),
    "granted": (Standing.GRANTED,),
    "over": (Standing.REFUSED, Standing.ENDED, Standing.CLOSED),
}
"""Lists of cases, by where they stand."""
MOST_AT_ONCE = 200
_EXPORTED = 10_000
SEE_OTHER = 303
_MOST_CHARACTERS = 100


@dataclass(frozen=True)
class LeadRow:
    """A lead as the list shows it."""

    lead: Lead
    person: Person
    policy: str
    place: str
    amount: str
    why: str


@dataclass(frozen=True)
class CaseRow:
    """A case as the list shows it."""

    case: ShownCase
    policy: str
    place: str
    last: str


@dataclass(frozen=True)
class ListContext:
    """Variables of ``livelihood/cases.html``."""

    chosen: str
    lead_tabs: Sequence[tuple[str, int]]
    case_tabs: Sequence[tuple[str, int]]
    leads: Sequence[LeadRow]
    cases: Sequence[CaseRow]
    paging: Paging
    search: str
    policy: str
    holder: str
    policies: Sequence[tuple[str, str]]
    holders: Sequence[tuple[str, str]]
    ways: Sequence[str]
    done: int
    refused: Sequence[str]
    sort: str
    descending: bool
    found_on: date | None


@router.get("/livelihood/cases")
def case_list(request: Request, visitor: Annotated[Visitor, needs(READ)]) -> HTMLResponse:
    """Show one of the work lists."""
    return _page(request, visitor, _wish_of(request))


@router.post("/livelihood/cases/take")
async def leads_taken(request: Request, visitor: Annotated[Visitor, needs(WORK)]) -> Response:
    """Take on the leads that were ticked; tell the people, or confirm, where that is asked for."""
    house, t = house_of(request), words_of(request)
    form = await request.form(max_files=0, max_fields=MOST_AT_ONCE + 20)
    ids = [_uuid(text) for text in form.getlist("lead") if isinstance(text, str)]
    way = str(form.get("way", ""))
    if way not in WAYS or not ids:
        raise Invalid(
            "tick at least one line", code="case.none", place="lead", mend="and choose what to do"
        )
    if way == "confirm":
        visitor.require(DECIDE)
    with house.store.begin() as work:
        found = leads_named(work.connection, visitor.scope(READ), ids[:MOST_AT_ONCE])
        desk = Desk(work, visitor, house.clock.now())
        opened, refused = take_on(house, desk, found, way, t)
    wish = _Wish(str(form.get("list", "")), done=len(opened), refused=_said(refused, t))
    if refused:
        return _page(request, visitor, wish)
    query = urlencode({"list": wish.chosen, "done": len(opened)})
    return RedirectResponse(f"/livelihood/cases?{query}", SEE_OTHER)


@router.post("/livelihood/cases/find")
def found_anew(request: Request, visitor: Annotated[Visitor, needs(DECIDE)]) -> RedirectResponse:
    """Have everybody judged anew now, with what departments' files have brought since the night."""
    job_id = nightly.enqueue(house_of(request), visitor.actor)
    return RedirectResponse(f"/jobs/{job_id}", SEE_OTHER)


@router.get("/livelihood/cases.{kind}")
def case_file(request: Request, kind: Format, visitor: Annotated[Visitor, needs(READ)]) -> Response:
    """Export a list as CSV or as a spreadsheet."""
    t, wish = words_of(request), _wish_of(request)
    with house_of(request).store.read() as connection:
        scope = visitor.scope(READ)
        if wish.list in LEADS:
            columns = ("person", "policy", "place", "why", "due")
            _, found = leads(
                connection, scope, Window("due", size=_EXPORTED, descending=False),
                lead=wish.list, policy=wish.policy, holder=wish.holder,
            )  # fmt: skip
            rows = [
                (row.person.name, row.policy, row.place, row.why, row.lead.due)
                for row in _lead_rows(house_of(request), found, t)
            ]
        else:
            columns = ("person", "policy", "place", "standing", "due")
            _, shown = cases(
                connection, scope, Window("last", size=_EXPORTED), standings=GROUPS[wish.list],
                policy=wish.policy, text=wish.q,
            )  # fmt: skip
            rows = [
                (row.case.name, row.policy, row.place,
                 t(f"casework.standing.{row.case.standing}"), row.case.due)
                for row in _case_rows(house_of(request), shown, t)
            ]  # fmt: skip
    return table_file(kind, "cases", [t(f"casework.column.{name}") for name in columns], rows)


@dataclass(frozen=True)
class _Wish:
    chosen: str
    q: str = ""
    policy: str = ""
    holder: str = ""
    sort: str = ""
    order: str = ""
    done: int = 0
    refused: tuple[str, ...] = ()

    @property
    def list(self) -> str:
        known = self.chosen in LEADS or self.chosen in GROUPS
        return self.chosen if known else LEADS[0]


def _wish_of(request: Request) -> _Wish:
    asked = request.query_params
    chosen, q, policy, holder, sort, order = (
        asked.get(name, "")[:_MOST_CHARACTERS]
        for name in ("list", "q", "policy", "holder", "sort", "order")
    )
    return _Wish(chosen, q, policy, holder, sort, order)


def _page(request: Request, visitor: Visitor, wish: _Wish) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    scope = visitor.scope(READ)
    lead_rows: Sequence[LeadRow] = ()
    case_rows: Sequence[CaseRow] = ()
    descending = wish.order == "desc"
    with house.store.read() as connection:
        counts, standing = lead_counts(connection, scope), standing_counts(connection, scope)
        laid = laid_on(connection)
        if wish.list in LEADS:
            narrowed = {"lead": wish.list, "policy": wish.policy, "holder": wish.holder}
            total, _ = leads(connection, scope, Window(size=0), **narrowed)
            paging = paging_of(request, total)
            window = Window("due", paging.offset, paging.size, descending=False)
            _, found = leads(connection, scope, window, **narrowed)
            lead_rows = list(_lead_rows(house, found, t))
            policies, holders = lead_choices(connection, scope, wish.list)
        else:
            total, _ = _cases(connection, visitor, wish, Window(size=0))
            paging = paging_of(request, total)
            window = Window(
                wish.sort or "last", paging.offset, paging.size,
                descending=descending or not wish.sort,
            )  # fmt: skip
            _, shown = _cases(connection, visitor, wish, window)
            case_rows = list(_case_rows(house, shown, t))
            policies, holders = sorted({*house.policies.by_id}), ()
    done = request.query_params.get("done", "")
    context = ListContext(
        wish.list,
        [(kind, counts[kind]) for kind in LEADS],
        [(name, sum(standing.get(each, 0) for each in group)) for name, group in GROUPS.items()],
        lead_rows,
        case_rows,
        paging,
        wish.q,
        wish.policy,
        wish.holder,
        [("", t("casework.every_policy")), *_titles(house, policies, t)],
        [("", t("casework.every_holder")), *((each, each) for each in holders)],
        _ways(visitor, wish.list),
        wish.done or (int(done) if done.isascii() and done.isdigit() and len(done) < 6 else 0),  # noqa: PLR2004 - a page's lines
        wish.refused,
        wish.sort,
        descending,
        laid,
    )
    sample = any(row.case.sample for row in case_rows) or any(
        is_sample(row.person.id_number) for row in lead_rows
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.livelihood"), "/livelihood/ask"),
        (t("casework.title"), None),
    )
    page = Page(t("casework.title"), crumbs, sample=sample)
    return render(request, "livelihood/cases.html", page, context)


def _cases(
    connection: Connection, visitor: Visitor, wish: _Wish, window: Window
) -> tuple[int, list[ShownCase]]:
    return cases(
        connection, visitor.scope(READ), window, standings=GROUPS[wish.list],
        policy=wish.policy, text=wish.q,
    )  # fmt: skip


def _ways(visitor: Visitor, chosen: str) -> tuple[str, ...]:
    if not visitor.may(WORK) or chosen not in LEADS:
        return ()
    if chosen == "eligible" and visitor.may(DECIDE):
        return ("notify", "take", "confirm")
    return ("take",) if chosen == "losing" else ("notify", "take")


def _titles(house: House, policies: Sequence[str], t: Words) -> Iterator[tuple[str, str]]:
    for own in policies:
        versions = house.policies.by_id.get(own)
        if versions and versions[0].field == "livelihood":
            yield own, title_of(versions[0], t.language)


def _title(house: House, own: str, t: Words) -> str:
    versions = house.policies.by_id.get(own)
    return title_of(versions[0], t.language) if versions else own


def _lead_rows(house: House, found: Sequence[Lead], t: Words) -> Iterator[LeadRow]:
    people = people_of(house, {each.person_id: each.region for each in found})
    for each in found:
        yield LeadRow(
            each,
            people.get(each.person_id, Person(each.person_id)),
            _title(house, each.policy_id, t),
            place_name(house, each.region, t),
            _amount(house, each),
            _why(house, each, t),
        )


def _case_rows(house: House, found: Sequence[ShownCase], t: Words) -> Iterator[CaseRow]:
    for each in found:
        yield CaseRow(
            each,
            _title(house, each.policy_id, t),
            place_name(house, each.region, t),
            local_time(each.last_at, "%Y-%m-%d"),
        )


def place_name(house: House, region: str, t: Words) -> str:
    """Return the township and village of a region; of one not in the pack, its code."""
    try:
        here = house.regions.get(region)
        above = house.regions.ancestors(region)[-1:] if here.parent else ()
    except LongmaiError:
        return region
    names = [each.name if t.language == "zh" else each.name_en for each in (*above, here)]
    return "".join(dict.fromkeys(names)) if t.language == "zh" else ", ".join(reversed(names))


def _amount(house: House, lead: Lead) -> str:
    if lead.amount_fen is None:
        return ""
    policy = house.policies.version(lead.policy_id, lead.version)
    unit = "" if policy.amount is None else policy.amount.unit
    return f"{plain_number(fen_to_yuan(lead.amount_fen))} {unit}"


def _why(house: House, lead: Lead, t: Words) -> str:
    if lead.datum:
        return t("casework.why.datum", datum=lead.datum, holder=lead.holder)
    if lead.clause:
        policy = house.policies.version(lead.policy_id, lead.version)
        condition = policy.rules.get(lead.clause)
        if condition is not None:
            name = condition.en if t.language == "en" and condition.en else condition.name
            return t("casework.why.clause", clause=name)
    return t(f"casework.why.{lead.lead}")


def _said(refused: Sequence[LongmaiError], t: Words) -> tuple[str, ...]:
    return tuple(dict.fromkeys(worded(t, each).what for each in refused))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("no ID of a line", code="case.none", place="lead", value=text) from None
