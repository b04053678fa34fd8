"""Pages of who watches: acts around accounts, tries to sign in, looks at personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection, func, select

from longmai.kernel.clock import from_text
from longmai.ledger.record import Record
from longmai.portal.accounts.acts import AUDIENCE
from longmai.portal.accounts.queries import Look, SignIn, looks, names_of, sign_ins
from longmai.portal.export import MAX_ROWS, Cell, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import RECORD
from longmai.store.table_window import Window

router = APIRouter(prefix="/admin/watch", include_in_schema=False)

Watcher = Annotated[Visitor, needs("account.audit")]
Kind = Literal["acts", "sign-ins", "looks"]


@dataclass(frozen=True)
class Watched:
    """An act around accounts; logins stand for accounts where they are known."""

    record_id: UUID
    kind: str
    by: str
    about: str
    at: datetime


@dataclass(frozen=True)
class WatchContext:
    """Variables of ``accounts/watch.html``: one of the three lists."""

    kind: Kind
    acts: Sequence[Watched]
    sign_ins: Sequence[SignIn]
    looks: Sequence[Look]
    names: dict[str, str]
    paging: Paging


# The files first: the page would take their endings for part of the kind.
@router.get("/{kind}.csv", name="watch_csv")
def watch_csv(request: Request, visitor: Watcher, kind: Kind) -> Response:
    """Export one of the lists as CSV."""
    del visitor
    return _file(request, kind, "csv")


@router.get("/{kind}.xlsx", name="watch_xlsx")
def watch_xlsx(request: Request, visitor: Watcher, kind: Kind) -> Response:
    """Export one of the lists as a spreadsheet."""
    del visitor
    return _file(request, kind, "xlsx")


@router.get("/{kind}")
def watch(request: Request, visitor: Watcher, kind: Kind) -> HTMLResponse:
    """Show one of the lists, newest first."""
    del visitor
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        total, _ = _list(connection, kind, Window(size=0))
        paging = paging_of(request, total)
        _, found = _list(connection, kind, Window("at", paging.offset, paging.size))
        names = _names(connection, found)
    context = WatchContext(
        kind,
        [each for each in found if isinstance(each, Watched)],
        [each for each in found if isinstance(each, SignIn)],
        [each for each in found if isinstance(each, Look)],
        names,
        paging,
    )
    crumbs = ((t("nav.home"), "/"), (t("watch.title"), None))
    return render(request, "accounts/watch.html", Page(t(f"watch.{kind}"), crumbs), context)


def _file(request: Request, kind: Kind, form: Literal["csv", "xlsx"]) -> Response:
    t = words_of(request)
    with house_of(request).store.read() as connection:
        _, found = _list(connection, kind, Window("at", size=MAX_ROWS))
        names = _names(connection, found)
    rows = [_cells(each, names, t) for each in found]
    return table_file(form, kind, _headings(kind, t), rows)


def _headings(kind: Kind, t: Words) -> list[str]:
    columns = {
        "acts": ("watch.at", "watch.act", "watch.by", "watch.about"),
        "sign-ins": ("watch.at", "account.login", "watch.outcome", "watch.address"),
        "looks": ("watch.at", "watch.by", "watch.about", "post.purpose", "looks.reason"),
    }
    return [t(name) for name in columns[kind]]


def _cells(each: Watched | SignIn | Look, names: dict[str, str], t: Words) -> Sequence[Cell]:
    match each:
        case Watched():
            return (
                each.at,
                t(f"kind.{each.kind}"),
                names.get(each.by, each.by),
                names.get(each.about, each.about),
            )
        case SignIn():
            return each.at, each.login, t(f"outcome.{each.outcome}"), each.address
    return (
        each.at,
        names.get(each.by, each.by),
        names.get(each.subject, each.subject),
        t(f"purpose.{each.purpose}"),
        each.reason,
    )


def _list(
    connection: Connection, kind: Kind, window: Window
) -> tuple[int, Sequence[Watched] | Sequence[SignIn] | Sequence[Look]]:
    if kind == "sign-ins":
        return sign_ins(connection, window)
    if kind == "looks":
        return looks(connection, window)
    return _acts(connection, window)


def _acts(connection: Connection, window: Window) -> tuple[int, list[Watched]]:
    ours = RECORD.c.kind.in_(AUDIENCE)
    total = connection.scalar(select(func.count()).select_from(RECORD).where(ours)) or 0
    query = window.of(
        select(RECORD.c.id, RECORD.c.kind, RECORD.c.header).where(ours),
        {"at": RECORD.c.id},
        RECORD.c.id,
    )
    return total, [_watched(*row) for row in connection.execute(query)]


def _watched(record_id: UUID, kind: str, header: bytes) -> Watched:
    told = Record(record_id, header, None, None).fields()
    about = next(iter(told.get("subjects", ())), "")
    return Watched(record_id, kind, told["actor"], about, from_text(told["occurred_at"]))


def _names(
    connection: Connection, found: Sequence[Watched] | Sequence[SignIn] | Sequence[Look]
) -> dict[str, str]:
    actors: set[str] = set()
    for each in found:
        if isinstance(each, Watched):
            actors |= {each.by, each.about}
        elif isinstance(each, Look):
            actors |= {each.by, each.subject}
    return names_of(connection, actors)
