"""My work, and the search over all that a visitor may see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from longmai.kernel.clock import beijing_day
from longmai.portal.accounts.queries import accounts, unposted
from longmai.portal.domain import Found, Waiting
from longmai.portal.house import House, house_of
from longmai.portal.policies.finding import policies_found
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, SIGNED_IN, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import RECORD
from longmai.store.table_window import Window

router = APIRouter(include_in_schema=False)

MOST_FOUND = 30
MOST_WAITING = 100
# A new account waits three days at most for its first post.
_POST_DUE = timedelta(days=3)


@dataclass(frozen=True)
class WorkContext:
    """Variables of ``work.html``.

    Attributes:
        waiting: what waits for the visitor, by due date; what has none comes last.
        today: in Beijing.
        doors: (label, address) of what the visitor's posts open.
    """

    waiting: Sequence[Waiting]
    today: date
    doors: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SearchContext:
    """Variables of ``search.html``."""

    text: str
    found: Sequence[Found]


@router.get("/work")
def work(request: Request, visitor: Annotated[Visitor, SIGNED_IN]) -> HTMLResponse:
    """Show what waits for the visitor."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = list(_waiting(house, connection, visitor))
    found.sort(key=lambda each: (each.due is None, each.due or date.max, each.title))
    today = beijing_day(house.clock.now())
    context = WorkContext(found[:MOST_WAITING], today, tuple(_doors(visitor, t)))
    crumbs = ((t("nav.home"), "/"), (t("work.title"), None))
    return render(request, "work.html", Page(t("work.title"), crumbs), context)


@router.get("/search", dependencies=[OPEN])
def search(request: Request, q: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
    """Find things by name, code or pinyin initials."""
    house, t, text = house_of(request), words_of(request), q.strip()
    found: list[Found] = []
    if text:
        with house.store.read() as connection:
            found = list(_found(house, connection, visitor_of(request), text, t))
    crumbs = ((t("nav.home"), "/"), (t("search.title"), None))
    context = SearchContext(text, found)
    return render(request, "search.html", Page(t("search.title"), crumbs), context)


def _waiting(house: House, connection: Connection, visitor: Visitor) -> Iterator[Waiting]:
    if visitor.withheld:
        yield Waiting("factor", "", "/account/second-factor", visitor.day)
    for each in unposted(connection, visitor.scope("account.grant"), MOST_WAITING):
        due = beijing_day(each.opened_at) + _POST_DUE
        yield Waiting("post", f"{each.name} ({each.login})", f"/admin/accounts/{each.id}", due)
    for job in house.jobs.failed(visitor.actor, MOST_WAITING):
        yield Waiting("job", job.kind, f"/jobs/{job.id}")
    for domain in house.domains:
        if domain.work is not None:
            yield from domain.work(connection, visitor, house.clock.now())


def _doors(visitor: Visitor, t: Words) -> Iterator[tuple[str, str]]:
    doors = (
        ("account.read", t("accounts.title"), "/admin/accounts"),
        ("account.audit", t("watch.title"), "/admin/watch/acts"),
        ("job.read", t("jobs.title"), "/jobs"),
        ("ledger.audit", t("nav.ledger"), "/ledger"),
    )
    yield from ((label, href) for permission, label, href in doors if visitor.may(permission))
    for domain in t.house.domains:
        for permission, href in domain.doors.items():
            if visitor.may(permission):
                yield t(f"permission.{permission}"), href


def _found(
    house: House, connection: Connection, visitor: Visitor, text: str, t: Words
) -> Iterator[Found]:
    if record_id := _uuid(text):
        kind = connection.scalar(select(RECORD.c.kind).where(RECORD.c.id == record_id))
        if kind is not None:
            name = t(f"kind.{kind}") if house.catalogue.has(f"kind.{kind}") else kind
            yield Found("record", name, text, f"/ledger/records/{record_id}")
    for domain in house.domains:
        if domain.search is not None:
            yield from islice(domain.search(connection, visitor, text, t.language), MOST_FOUND)
    yield from islice(policies_found(house, text, t.language), MOST_FOUND)
    scope = visitor.scope("account.read")
    if scope:
        _, people = accounts(connection, scope, text, Window("login", size=MOST_FOUND))
        for each in people:
            yield Found("account", each.name, each.login, f"/admin/accounts/{each.id}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
