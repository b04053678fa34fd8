"""Pages of the administrators: accounts, posts, recovery."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.portal.accounts.acts import subject_of
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.accounts.looks import look
from longmai.portal.accounts.queries import SORTS, Account, account, accounts
from longmai.portal.accounts.service import (
    Desk,
    NewAccount,
    close_account,
    end_post,
    give_post,
    make_link,
    open_account,
    unlock,
)
from longmai.portal.accounts.sign_in_pages import SEE_OTHER, Text
from longmai.portal.export import MAX_ROWS, Cell, table_file
from longmai.portal.house import House, house_of
from longmai.portal.masking import masked_phone
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.model import PURPOSES_OF, ROLES, Grant
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window
from longmai.store.unit_of_work import UnitOfWork

router = APIRouter(prefix="/admin/accounts", include_in_schema=False)

Reader = Annotated[Visitor, needs("account.read")]
Manager = Annotated[Visitor, needs("account.manage")]
Looker = Annotated[Visitor, needs("account.look")]
Search = Annotated[str, Query(max_length=100)]
Short = Annotated[str, Query(max_length=20)]
_FIELDS = ("login", "name", "region", "phone")


@dataclass(frozen=True)
class AccountsContext:
    """Variables of ``accounts/list.html``; phones are masked."""

    rows: Sequence[Account]
    paging: Paging
    search: str
    role: str
    roles: Sequence[str]
    sort: str
    descending: bool


@dataclass(frozen=True)
class NewContext:
    """Variables of ``accounts/new.html``."""

    form: Form
    regions: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class AccountShown:
    """What an account's page shows this once, after an act."""

    link: str = ""
    revealed: bool = False
    look_form: Form = field(default_factory=Form)
    post_form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class AccountContext:
    """Variables of ``accounts/account.html``.

    Attributes:
        phone: masked, unless a look was just recorded.
        link: a one-time link just made, shown once.
        posts: that can be given: (role, purposes).
    """

    account: Account
    phone: str
    revealed: bool
    link: str
    look_form: Form
    post_form: Form
    posts: Sequence[tuple[str, Sequence[str]]]
    regions: Sequence[tuple[str, str]]


def desk_of(request: Request, work: UnitOfWork, visitor: Visitor) -> Desk:
    """Return the desk where a request's acts are carried out."""
    house = house_of(request)
    return Desk(work, visitor, house.regions, house.clock.now())


@router.get("")
def account_list(
    request: Request,
    visitor: Reader,
    q: Search = "",
    role: Short = "",
    sort: Short = "login",
    order: Short = "asc",
) -> HTMLResponse:
    """List the accounts in the visitor's regions."""
    house, t, scope = house_of(request), words_of(request), visitor.scope("account.read")
    chosen, descending = sort if sort in SORTS else "login", order == "desc"
    wanted = role if role in ROLES else ""
    with house.store.read() as connection:
        total, _ = accounts(connection, scope, q, Window(size=0), wanted)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, found = accounts(connection, scope, q, window, wanted)
    context = AccountsContext(found, paging, q, wanted, ROLES, chosen, descending)
    crumbs = ((t("nav.home"), "/"), (t("accounts.title"), None))
    sample = any(each.sample for each in found)
    return render(request, "accounts/list.html", Page(t("accounts.title"), crumbs, sample), context)


@router.get(".csv")
def account_csv(request: Request, visitor: Reader, q: Search = "", role: Short = "") -> Response:
    """Export the list as CSV, phones masked."""
    return table_file("csv", "accounts", _headings(request), _rows(request, visitor, q, role))


@router.get(".xlsx")
def account_xlsx(request: Request, visitor: Reader, q: Search = "", role: Short = "") -> Response:
    """Export the list as a spreadsheet, phones masked."""
    return table_file("xlsx", "accounts", _headings(request), _rows(request, visitor, q, role))


def _headings(request: Request) -> list[str]:
    t = words_of(request)
    names = ("login", "name", "region", "region_code", "phone", "posts", "opened_at")
    return [t(f"account.{name}") for name in names]


def _rows(request: Request, visitor: Visitor, q: str, role: str) -> list[Sequence[Cell]]:
    house, t = house_of(request), words_of(request)
    window = Window("login", size=MAX_ROWS, descending=False)
    with house.store.read() as connection:
        scope = visitor.scope("account.read")
        _, found = accounts(connection, scope, q, window, role if role in ROLES else "")
    return [
        (
            each.login,
            each.name,
            house.regions.path_name(each.region, t.language),
            each.region,
            masked_phone(each.phone),
            ", ".join(t(f"role.{name}") for name in each.roles),
            each.opened_at,
        )
        for each in found
    ]


@router.get("/new")
def new_form(request: Request, visitor: Manager) -> HTMLResponse:
    """Ask for a new account's data."""
    del visitor
    return _new_page(request, Form())


@router.post("/new")
def opening(
    request: Request,
    visitor: Manager,
    login: Text = "",
    name: Text = "",
    region: Text = "",
    phone: Text = "",
) -> Response:
    """Open an account."""
    house, t = house_of(request), words_of(request)
    try:
        with house.store.begin() as work:
            wanted = NewAccount(login, name, region, phone)
            account_id = open_account(desk_of(request, work, visitor), wanted)
    except (Conflict, Forbidden, Invalid) as error:
        typed = {"login": login, "name": name, "region": region, "phone": phone}
        return _new_page(request, refused(t, error, typed, _FIELDS), error.status)
    return RedirectResponse(f"/admin/accounts/{account_id}", SEE_OTHER)


def _new_page(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    t = words_of(request)
    crumbs = (
        (t("nav.home"), "/"),
        (t("accounts.title"), "/admin/accounts"),
        (t("accounts.new"), None),
    )
    context = NewContext(form, region_choices(house_of(request), t.language))
    return render(request, "accounts/new.html", Page(t("accounts.new"), crumbs), context, status)


def region_choices(house: House, language: str) -> list[tuple[str, str]]:
    """Return the regions down to counties, as (code, name); smaller ones are typed."""
    pack = house.regions
    cities = pack.children(pack.code)
    counties = [county for city in cities for county in pack.children(city.code)]
    known = [pack.code, *(each.code for each in (*cities, *counties))]
    return [(code, pack.path_name(code, language)) for code in known]


@router.get("/{account_id}")
def one(request: Request, visitor: Reader, account_id: UUID) -> HTMLResponse:
    """Show an account."""
    return _account_page(request, visitor, account_id)


def _account_page(
    request: Request,
    visitor: Visitor,
    account_id: UUID,
    shown: AccountShown = AccountShown(),
    status: int = 200,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = account(connection, account_id, visitor.scope("account.read"))
    context = AccountContext(
        account=found,
        phone=found.phone if shown.revealed else masked_phone(found.phone),
        revealed=shown.revealed,
        link=shown.link,
        look_form=shown.look_form,
        post_form=shown.post_form,
        posts=tuple(PURPOSES_OF.items()),
        regions=region_choices(house, t.language),
    )
    crumbs = ((t("nav.home"), "/"), (t("accounts.title"), "/admin/accounts"), (found.login, None))
    page = Page(found.login, crumbs, sample=found.sample)
    response = render(request, "accounts/account.html", page, context, status)
    if shown.link or shown.revealed:
        response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/{account_id}/link")
def linking(request: Request, visitor: Manager, account_id: UUID) -> HTMLResponse:
    """Make a one-time link for who cannot sign in, and show it this once."""
    house = house_of(request)
    with house.store.begin() as work:
        secret = make_link(desk_of(request, work, visitor), account_id)
    link = f"{house.settings.public_url}/welcome/{secret.text}"
    return _account_page(request, visitor, account_id, AccountShown(link=link))


@router.post("/{account_id}/unlock")
def unlocking(request: Request, visitor: Manager, account_id: UUID) -> Response:
    """Let somebody try again who was locked out."""
    with house_of(request).store.begin() as work:
        unlock(desk_of(request, work, visitor), account_id)
    return RedirectResponse(f"/admin/accounts/{account_id}", SEE_OTHER)


@router.post("/{account_id}/close")
def closing(request: Request, visitor: Manager, account_id: UUID) -> Response:
    """Close an account."""
    with house_of(request).store.begin() as work:
        close_account(desk_of(request, work, visitor), account_id)
    return RedirectResponse(f"/admin/accounts/{account_id}", SEE_OTHER)


@router.post("/{account_id}/look")
def looking(request: Request, visitor: Looker, account_id: UUID, reason: Text = "") -> HTMLResponse:
    """Show personal fields in full, once the look is recorded."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = account(connection, account_id, visitor.scope("account.look"))
    try:
        look(
            house.store,
            visitor,
            permission="account.look",
            subject=subject_of(account_id),
            region=found.region,
            fields=["phone"],
            reason=reason,
        )
    except Invalid as error:
        form = refused(t, error, {"reason": reason}, ["reason"])
        return _account_page(
            request, visitor, account_id, AccountShown(look_form=form), error.status
        )
    return _account_page(request, visitor, account_id, AccountShown(revealed=True))


@router.post("/{account_id}/posts")
def giving(
    request: Request,
    visitor: Reader,
    account_id: UUID,
    post: Text = "",
    region: Text = "",
    until: Text = "",
) -> Response:
    """Give a post; who may is decided by the service, as the first administrators need it."""
    house, t = house_of(request), words_of(request)
    role, _, purpose = post.partition(" ")
    try:
        grant = Grant(role, region, purpose, _day(until))
        with house.store.begin() as work:
            give_post(desk_of(request, work, visitor), account_id, grant)
    except (Conflict, Forbidden, Invalid) as error:
        typed = {"post": post, "region": region, "until": until}
        form = refused(t, error, typed, ["region", "until"])
        return _account_page(
            request, visitor, account_id, AccountShown(post_form=form), error.status
        )
    return RedirectResponse(f"/admin/accounts/{account_id}", SEE_OTHER)


@router.post("/{account_id}/posts/{given_id}/end")
def ending(
    request: Request,
    visitor: Annotated[Visitor, needs("account.grant")],
    account_id: UUID,
    given_id: UUID,
) -> Response:
    """End a post."""
    with house_of(request).store.begin() as work:
        end_post(desk_of(request, work, visitor), given_id)
    return RedirectResponse(f"/admin/accounts/{account_id}", SEE_OTHER)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            "not a day", code="post.day", place="until", value=text, mend="write it like 2026-12-31"
        ) from None
