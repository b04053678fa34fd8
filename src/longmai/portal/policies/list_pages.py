"""The list of policies: of the whole house, and of one field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from longmai.portal.domain import FIELDS
from longmai.portal.export import Format, table_file
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.policies.finding import matches
from longmai.portal.policies.said import Said, title_of, today
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.rules.policy.keys import STATUSES, UNITS, shown
from longmai.rules.policy.literals import read_date
from longmai.rules.policy.model import Policy

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

SORTS = ("title", "start")
Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class PolicyRow:
    """A policy in the list: the version that counts on the day, and how many there are.

    Attributes:
        state: ``holds``, ``over`` or ``to come`` on that day.
    """

    policy: Policy
    versions: int
    state: str


@dataclass(frozen=True)
class ListContext:
    """Variables of ``policies/list.html``."""

    rows: Sequence[PolicyRow]
    paging: Paging
    field: str
    chosen_field: str
    search: str
    fields: Sequence[tuple[str, str]]
    statuses: Sequence[tuple[str, str]]
    status: str
    sort: str
    descending: bool
    day: date
    address: str
    guides: Sequence[tuple[str, str]]
    said: Said


@router.get("/rules")
def all_policies(
    request: Request, q: Text = "", field: Text = "", status: Text = "", sort: Text = "title",
    order: Text = "asc", day: Text = "",
) -> HTMLResponse:  # fmt: skip
    """List the policies; search by title, number, issuer or words of the summary."""
    return _page(request, _Wish(q, field, status, sort, order == "desc", day), "")


@router.get("/rules.{kind}")
def policies_file(
    request: Request, kind: Format, q: Text = "", field: Text = "", status: Text = "",
    day: Text = "",
) -> Response:  # fmt: skip
    """Export the list as CSV or as a spreadsheet."""
    house, t = house_of(request), words_of(request)
    wish = _Wish(q, field, status, "title", descending=False, day=day)
    names = (
        "id",
        "title",
        "version",
        "field",
        "unit",
        "issuer",
        "number",
        "start",
        "end",
        "status",
    )
    rows = [
        (
            row.policy.id,
            title_of(row.policy, t.language),
            row.policy.version,
            t(f"field.{row.policy.field}") if row.policy.field in FIELDS else row.policy.field,
            shown(UNITS, row.policy.applies_to, t.language),
            row.policy.issuer,
            row.policy.number,
            row.policy.start,
            row.policy.end,
            shown(STATUSES, row.policy.status, t.language),
        )
        for row in _rows(house, wish)
    ]
    return table_file(kind, "policies", [t(f"rules.{name}") for name in names], rows)


def _of_field(field: str) -> None:
    @router.get(f"/{field}/rules", name=f"{field}_rules")
    def policies_of_field(
        request: Request, q: Text = "", status: Text = "", sort: Text = "title",
        order: Text = "asc", day: Text = "",
    ) -> HTMLResponse:  # fmt: skip
        """List the policies of a field."""
        return _page(request, _Wish(q, field, status, sort, order == "desc", day), field)


for _field in FIELDS:
    _of_field(_field)


@dataclass(frozen=True)
class _Wish:
    q: str
    field: str
    status: str
    sort: str
    descending: bool
    day: str


def _page(request: Request, wish: _Wish, field: str) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    rows = _rows(house, wish)
    paging = paging_of(request, len(rows))
    title = t(f"cell.{field}.rules") if field else t("rules.title")
    context = ListContext(
        rows[paging.offset : paging.offset + paging.size],
        paging,
        field,
        wish.field,
        wish.q,
        [("", t("rules.every_field")), *((each, t(f"field.{each}")) for each in FIELDS)],
        [
            ("", t("rules.every_status")),
            *((value, shown(STATUSES, value, t.language)) for _, value in STATUSES),
        ],
        wish.status,
        wish.sort if wish.sort in SORTS else "title",
        wish.descending,
        read_date(wish.day) or today(house),
        "/rules",
        [
            (t(word), href)
            for domain in house.domains
            if field in {"", domain.slug}
            for word, href in domain.guides.items()
        ],
        Said(t),
    )
    crumbs: tuple[tuple[str, str | None], ...] = ((t("nav.home"), "/"),)
    crumbs += ((t(f"field.{field}"), None),) if field else ((t("rules.title"), None),)
    return render(request, "policies/list.html", Page(title, crumbs), context)


def _rows(house: House, wish: _Wish) -> list[PolicyRow]:
    day = read_date(wish.day) or today(house)
    found = [_row(versions, day) for versions in house.policies.by_id.values()]
    kept = [
        row
        for row in found
        if (not wish.field or row.policy.field == wish.field)
        and (not wish.status or row.policy.status == wish.status)
        and matches(row.policy, wish.q)
    ]
    key = (lambda row: row.policy.start) if wish.sort == "start" else (lambda row: row.policy.title)
    return sorted(kept, key=key, reverse=wish.descending)


def _row(versions: Sequence[Policy], day: date) -> PolicyRow:
    """Take the version of the day; else the next to come; else the last that was."""
    for each in versions:
        if each.holds_on(day):
            return PolicyRow(each, len(versions), "holds")
    later = [each for each in versions if each.start > day]
    if later:
        return PolicyRow(later[-1], len(versions), "to come")
    return PolicyRow(versions[0], len(versions), "over")
