"""The coordinator's pages of members: the list, joining, one member, grants and kin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import Row

from longmai.domains.livelihood.timebank.booking import grant
from longmai.domains.livelihood.timebank.books import (
    PERSON,
    Bank,
    facts_of,
    member_of,
)
from longmai.domains.livelihood.timebank.desk import Desk, words
from longmai.domains.livelihood.timebank.members import NewMember, join, link, note_kin, note_trait
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.rules import RELATIONS
from longmai.domains.livelihood.timebank.own_pages import Mine, mine_of
from longmai.domains.livelihood.timebank.queries import (
    MemberRow,
    StatementRow,
    members,
    statement,
    traits,
)
from longmai.domains.livelihood.timebank.showing import (
    HOME,
    SEE_OTHER,
    Keeper,
    Short,
    Text,
    Typed,
    attempt,
    crumbs_of,
    day_in,
    id_in,
    kept_bank,
    names_of,
    today_of,
)
from longmai.kernel.errors import Invalid
from longmai.portal.accounts.forms import Form
from longmai.portal.accounts.queries import account_of_login
from longmai.portal.accounts.service import known_region
from longmai.portal.export import MAX_ROWS, Format, table_file
from longmai.portal.house import house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)

MOST_CHOICES = 300


@dataclass(frozen=True)
class MembersContext:
    """Variables of ``hours_members.html``."""

    bank: Bank
    rows: Sequence[MemberRow]
    paging: Paging
    search: str
    form: Form
    clock: Callable[[int], str] = clock_text


@router.get("/banks/{bank_id}/members")
def member_list(request: Request, visitor: Keeper, bank_id: UUID, q: Short = "") -> HTMLResponse:
    """List the members of a bank."""
    return _members_page(request, visitor, bank_id, q.strip())


def _members_page(
    request: Request, visitor: Visitor, bank_id: UUID, text: str, form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    t = words_of(request)
    with house_of(request).store.read() as connection:
        bank = kept_bank(connection, visitor, bank_id)
        total, _ = members(connection, bank_id, text, Window(size=0))
        paging = paging_of(request, total)
        _, rows = members(connection, bank_id, text, Window(offset=paging.offset, size=paging.size))
    title = t("hours.members.title")
    crumbs = crumbs_of(request, (bank.name, f"{HOME}/banks/{bank_id}"), (title, None))
    context = MembersContext(bank, rows, paging, text, form or Form())
    page = Page(title, crumbs, bank.sample)
    return render(request, "livelihood/hours_members.html", page, context, status)


@router.get("/banks/{bank_id}/members.{kind}")
def member_file(
    request: Request, visitor: Keeper, bank_id: UUID, kind: Format, q: Short = ""
) -> Response:
    """Export the members of a bank."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        kept_bank(connection, visitor, bank_id)
        _, rows = members(connection, bank_id, q.strip(), Window(size=MAX_ROWS))
    heads = [t(f"hours.members.{name}") for name in ("name", "kind", "born", "region", "balance")]
    cells = [
        (
            row.member.name,
            t(f"hours.kind.{row.member.kind}"),
            row.member.born,
            row.member.region,
            row.balance,
        )
        for row in rows
    ]
    return table_file(kind, "members", heads, cells)


class JoinForm(BaseModel):
    """Somebody who joins; all as it was typed."""

    name: Typed = ""
    kind: Typed = PERSON
    born: Typed = ""
    region: Typed = ""
    guardian: Typed = ""
    login: Typed = ""


@router.post("/banks/{bank_id}/members")
def joining(
    request: Request, visitor: Keeper, bank_id: UUID, typed: Annotated[JoinForm, FormField()]
) -> Response:
    """Take somebody into a bank."""

    def act(desk: Desk) -> UUID:
        wish = NewMember(
            typed.name,
            known_region(typed.region, house_of(request).regions),
            typed.kind,
            day_in(typed.born, "born") if typed.born.strip() else None,
            typed.guardian,
            _account_of(desk, typed.login.strip()),
        )
        return join(desk, bank_id, wish)

    values = typed.model_dump()
    tried = attempt(request, visitor, values, act)
    if tried.form is not None:
        return _members_page(request, visitor, bank_id, "", tried.form, tried.status)
    return RedirectResponse(f"{HOME}/members/{tried.result}", SEE_OTHER)


def _account_of(desk: Desk, login: str) -> UUID | None:
    if not login:
        return None
    known = account_of_login(desk.connection, login)
    if known is None:
        raise Invalid("nobody has this login", code="hours.login", place="login", value=login)
    return known.id


@dataclass(frozen=True)
class MemberContext:
    """Variables of ``hours_member.html``."""

    mine: Mine
    traits: Sequence[Row[Any]]
    rows: Sequence[StatementRow]
    paging: Paging
    grants: Sequence[tuple[str, str, int | None, bool]]
    relations: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    form: Form
    names: Mapping[str, str]
    clock: Callable[[int], str] = clock_text


@router.get("/members/{member}")
def member_page(request: Request, visitor: Keeper, member: UUID) -> HTMLResponse:
    """Show a member to the coordinator."""
    return _member_page(request, visitor, member)


def _member_page(
    request: Request, visitor: Visitor, member_id: UUID, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    t, day = words_of(request), today_of(request)
    with house_of(request).store.read() as connection:
        found = member_of(connection, member_id)
        bank = kept_bank(connection, visitor, found.bank_id)
        total, _ = statement(connection, found, Window(size=0))
        paging = paging_of(request, total)
        _, rows = statement(connection, found, Window(offset=paging.offset, size=paging.size))
        facts = facts_of(connection, found, day)
        mine = mine_of(request, connection, found, [])
        _, people = members(connection, bank.id, "", Window(size=MOST_CHOICES))
        context = MemberContext(
            mine, traits(connection, member_id), rows, paging,
            [
                (each.code, each.name if t.language == "zh" else each.name_en, each.minutes,
                 mine.rules.holds(each.when, facts))
                for each in mine.rules.grants.values()
            ],
            [(each, t(f"hours.relation.{each}")) for each in RELATIONS],
            [
                (str(each.member.id), each.member.name)
                for each in people
                if each.member.id != member_id
            ],
            form or Form(),
            names_of(mine.rules, t.language),
        )  # fmt: skip
    crumbs = crumbs_of(
        request, (bank.name, f"{HOME}/banks/{bank.id}"),
        (t("hours.members.title"), f"{HOME}/banks/{bank.id}/members"), (found.name, None),
    )  # fmt: skip
    page = Page(found.name, crumbs, bank.sample)
    return render(request, "livelihood/hours_member.html", page, context, status)


def _at_member(
    request: Request, visitor: Visitor, member: UUID, values: Mapping[str, str],
    act: Callable[[Desk], object],
) -> Response:  # fmt: skip
    tried = attempt(request, visitor, values, act)
    if tried.form is not None:
        return _member_page(request, visitor, member, tried.form, tried.status)
    return RedirectResponse(f"{HOME}/members/{member}", SEE_OTHER)


@router.post("/members/{member}/traits")
def new_trait(
    request: Request,
    visitor: Keeper,
    member: UUID,
    trait: Text = "",
    basis: Text = "",
    until: Text = "",
) -> Response:
    """Record something that the rules ask about a member."""
    values = {"trait": trait, "basis": basis, "until": until}
    return _at_member(
        request, visitor, member, values,
        lambda desk: note_trait(
            desk, member, trait, basis, day_in(until, "until") if until else None
        ),
    )  # fmt: skip


@router.post("/members/{member}/account")
def linking(request: Request, visitor: Keeper, member: UUID, login: Text = "") -> Response:
    """Let an account act for a member."""

    def act(desk: Desk) -> UUID:
        account = _account_of(desk, words(login, "login"))
        if account is None:
            raise Invalid("nobody has this login", code="hours.login", place="login", value=login)
        return link(desk, member, account)

    return _at_member(request, visitor, member, {"login": login}, act)


@router.post("/members/{member}/kin")
def new_kin(
    request: Request,
    visitor: Keeper,
    member: UUID,
    other: Text = "",
    relation: Text = "",
    basis: Text = "",
) -> Response:
    """Record a member's kin."""
    return _at_member(
        request, visitor, member, {"basis": basis},
        lambda desk: note_kin(desk, member, id_in(other, "other"), relation, basis),
    )  # fmt: skip


@router.post("/members/{member}/grants/{code}")
def granting(request: Request, visitor: Keeper, member: UUID, code: str) -> Response:
    """Let the fund give the month's hours."""
    return _at_member(request, visitor, member, {}, lambda desk: grant(desk, member, code))
