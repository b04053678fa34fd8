"""My account: posts, password, second factor, sessions, tokens, and who looked at my data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.kernel.errors import Forbidden, Invalid, NotFound
from longmai.portal import qr
from longmai.portal.accounts.acts import subject_of
from longmai.portal.accounts.credentials import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    check_new_password,
    code_step,
    credential_of,
    new_second_factor,
    password_matches,
    second_factor_address,
    set_password,
    set_second_factor,
)
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.accounts.queries import Account, Look, account, looks
from longmai.portal.accounts.service import end_sessions
from longmai.portal.accounts.sessions import Session, end_session, sessions, strengthen
from longmai.portal.accounts.sign_in_pages import SEE_OTHER, Text
from longmai.portal.accounts.tokens import (
    MAX_DAYS,
    ApiToken,
    TokenWish,
    end_token,
    make_token,
    tokens,
)
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import SIGNED_IN
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/account", include_in_schema=False)

Person = Annotated[Visitor, SIGNED_IN]
_SECRET = re.compile(r"[A-Z2-7]{32}")
_DIGEST = r"^[0-9a-f]{64}$"


@dataclass(frozen=True)
class OwnContext:
    """Variables of ``accounts/own.html``.

    Attributes:
        waiting: posts that count only with a second factor.
        token: the text of a token just made, shown once.
    """

    account: Account
    waiting: bool
    sessions: Sequence[Session]
    here: bytes | None
    tokens: Sequence[ApiToken]
    scopes: Sequence[str]
    max_days: int
    min_password: int
    max_password: int
    password_form: Form
    token_form: Form
    token: str
    oidc: bool


@dataclass(frozen=True)
class FactorContext:
    """Variables of ``accounts/factor.html``."""

    form: Form
    secret: str
    qr: str


@dataclass(frozen=True)
class LooksContext:
    """Variables of ``accounts/looks.html``."""

    looks: Sequence[Look]
    paging: Paging


def _id_of(visitor: Visitor) -> UUID:
    if visitor.account_id is None:  # pragma: no cover - the gate lets in accounts alone
        raise NotFound("no account", code="account.unknown")
    return visitor.account_id


@router.get("")
def own(request: Request, visitor: Person) -> HTMLResponse:
    """Show my account."""
    return _page(request, visitor)


def _page(
    request: Request,
    visitor: Visitor,
    password_form: Form | None = None,
    token_form: Form | None = None,
    token: str = "",
    status: int = 200,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    own_id = _id_of(visitor)
    with house.store.read() as connection:
        context = OwnContext(
            account=account(connection, own_id, EVERYWHERE),
            waiting=bool(visitor.withheld),
            sessions=sessions(connection, own_id, house.clock.now()),
            here=visitor.session,
            tokens=tokens(connection, own_id),
            scopes=sorted(visitor.permissions),
            max_days=MAX_DAYS,
            min_password=MIN_PASSWORD,
            max_password=MAX_PASSWORD,
            password_form=password_form or Form(),
            token_form=token_form or Form(),
            token=token,
            oidc=bool(house.settings.oidc_issuer),
        )
    crumbs = ((t("nav.home"), "/"), (t("account.title"), None))
    page = Page(t("account.title"), crumbs, sample=context.account.sample)
    return render(request, "accounts/own.html", page, context, status)


@router.post("/password")
def change_password(
    request: Request, visitor: Person, old: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """Change my password; all other sessions end."""
    house, t, own_id = house_of(request), words_of(request), _id_of(visitor)
    try:
        _prove(request, own_id, old)
        check_new_password(password, again, visitor.login, visitor.name)
    except Invalid as error:
        form = refused(t, error, {}, ["password", "again"])
        return _page(request, visitor, password_form=form, status=error.status)
    with house.store.begin() as work:
        set_password(work.connection, own_id, password, house.clock.now())
        end_sessions(work, own_id, but=visitor.session)
    return RedirectResponse("/account?done=password", SEE_OTHER)


@router.get("/second-factor")
def factor_form(request: Request, visitor: Person) -> HTMLResponse:
    """Show the secret of a new second factor, to scan."""
    return _factor_page(request, visitor, new_second_factor(), Form())


@router.post("/second-factor")
def set_factor(
    request: Request, visitor: Person, secret: Text = "", code: Text = "", password: Text = ""
) -> Response:
    """Set up a second factor once its code was shown, and the password again."""
    house, t, own_id = house_of(request), words_of(request), _id_of(visitor)
    if not _SECRET.fullmatch(secret):
        return RedirectResponse("/account/second-factor", SEE_OTHER)
    try:
        _prove(request, own_id, password)
        step = _step_of(secret, code, house)
    except Invalid as error:
        form = refused(t, error, {}, ["code", "password"])
        return _factor_page(request, visitor, secret, form, error.status)
    with house.store.begin() as work:
        set_second_factor(work.connection, own_id, secret, step)
        end_sessions(work, own_id, but=visitor.session)
    if visitor.session is not None:
        strengthen(house.store, visitor.session)
    return RedirectResponse("/account?done=factor", SEE_OTHER)


def _step_of(secret: str, code: str, house: House) -> int:
    step = code_step(secret, code, house.clock.now())
    if step is None:
        raise Invalid(
            "the code is wrong", code="signin.code", place="code", mend="take the next one"
        )
    return step


def _prove(request: Request, own_id: UUID, password: str) -> None:
    # Who finds an open browser must not change what the account is proven by.
    with house_of(request).store.read() as connection:
        known = credential_of(connection, own_id)
    if known is not None and known.password_hash is None and known.subject is not None:
        return  # signed in at an outside provider, which holds the password
    if not password_matches(known.password_hash if known else None, password):
        raise Invalid("this is not your password", code="password.old", place="password")


def _factor_page(
    request: Request, visitor: Visitor, secret: str, form: Form, status: int = 200
) -> HTMLResponse:
    t = words_of(request)
    picture = qr.qr_svg(second_factor_address(secret, visitor.login))
    crumbs = ((t("nav.home"), "/"), (t("account.title"), "/account"), (t("factor.title"), None))
    context = FactorContext(form, secret, picture)
    response = render(
        request, "accounts/factor.html", Page(t("factor.title"), crumbs), context, status
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/sessions/{digest}/end")
def end_one(
    request: Request, visitor: Person, digest: Annotated[str, Path(pattern=_DIGEST)]
) -> Response:
    """End one of my sessions."""
    end_session(house_of(request).store, bytes.fromhex(digest), _id_of(visitor))
    return RedirectResponse("/account", SEE_OTHER)


@router.post("/tokens")
def new_token(
    request: Request,
    visitor: Person,
    label: Text = "",
    scopes: Annotated[list[str], FormField()] = [],  # noqa: B006 - FastAPI copies it
    days: Annotated[str, FormField(max_length=8)] = "",
) -> Response:
    """Make an API token, and show its text this once."""
    house, t = house_of(request), words_of(request)
    wish = TokenWish(label, scopes, int(days) if days.isascii() and days.isdigit() else 0)
    if visitor.limited_to is not None:
        raise Forbidden("a token makes no tokens", code="token.token")
    try:
        with house.store.begin() as work:
            secret = make_token(work, visitor, wish, house.clock.now())
    except Invalid as error:
        form = refused(t, error, {"label": label, "days": days}, ["label", "scopes", "days"])
        return _page(request, visitor, token_form=form, status=error.status)
    response = _page(request, visitor, token=secret.text)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/tokens/{token_id}/end")
def end_one_token(request: Request, visitor: Person, token_id: UUID) -> Response:
    """End one of my tokens."""
    with house_of(request).store.begin() as work:
        end_token(work, _id_of(visitor), token_id)
    return RedirectResponse("/account", SEE_OTHER)


@router.get("/looks")
def own_looks(request: Request, visitor: Person) -> HTMLResponse:
    """Show who looked at my personal data, when, and why."""
    house, t = house_of(request), words_of(request)
    subject = subject_of(_id_of(visitor))
    with house.store.read() as connection:
        total, _ = looks(connection, Window(size=0), subject)
        paging = paging_of(request, total)
        _, found = looks(connection, Window("at", paging.offset, paging.size), subject)
    crumbs = ((t("nav.home"), "/"), (t("account.title"), "/account"), (t("looks.title"), None))
    context = LooksContext(found, paging)
    return render(request, "accounts/looks.html", Page(t("looks.title"), crumbs), context)
