"""Pages to sign in and out: password, second factor, one-time link."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.accounts.credentials import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    check_new_password,
    set_password,
    set_second_factor,
)
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.accounts.queries import Account, account
from longmai.portal.accounts.sessions import (
    Entered,
    Session,
    end_session,
    enter,
    enter_code,
    link_owner,
    note_sign_in,
    sign_in,
    use_link,
)
from longmai.portal.accounts.visiting import (
    caller_of,
    drop_session,
    samples_may_enter,
    session_here,
    set_session,
)
from longmai.portal.house import House, house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.portal.rights.model import EVERYWHERE

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

SEE_OTHER = 303
_MAX_FIELD = 1_000
Text = Annotated[str, FormField(max_length=_MAX_FIELD)]


@dataclass(frozen=True)
class SignInContext:
    """Variables of ``accounts/sign_in.html``.

    Attributes:
        next: where to go after.
        oidc: name of the outside provider; empty if there is none.
        samples: the file with the sample accounts; empty where there are none.
    """

    form: Form
    next: str
    oidc: str
    samples: str


@dataclass(frozen=True)
class CodeContext:
    """Variables of ``accounts/code.html``."""

    form: Form
    next: str


@dataclass(frozen=True)
class WelcomeContext:
    """Variables of ``accounts/welcome.html``."""

    form: Form
    login: str
    min_password: int
    max_password: int


def safe_next(address: str) -> str:
    r"""Return an address within this house to go on to; anything else becomes the work list.

    >>> safe_next("/brand/batches?q=1"), safe_next("//evil.example"), safe_next("/\\evil.example")
    ('/brand/batches?q=1', '/work', '/work')
    """
    parts = urlsplit(address)
    strange = parts.scheme or parts.netloc or "\\" in address or not address.isprintable()
    if strange or not address.startswith("/") or address.startswith("//"):
        return "/work"
    return address


@router.get("/sign-in")
def sign_in_form(request: Request) -> HTMLResponse:
    """Ask for login and password."""
    return _sign_in_page(request, Form(), request.query_params.get("next", ""))


@router.post("/sign-in")
def signing_in(
    request: Request,
    login: Text = "",
    password: Text = "",
    next: Text = "",  # noqa: A002 - the field's name
) -> Response:
    """Sign in, and go on."""
    house, t = house_of(request), words_of(request)
    try:
        entered = sign_in(house.store, login, password, caller_of(request))
    except Invalid as error:
        form = refused(t, error, {"login": login})
        return _sign_in_page(request, form, next, error.status)
    return entered_with(request, entered, next)


def entered_with(request: Request, entered: Entered, address: str) -> Response:
    """Send a browser on with its new session; its old one ends."""
    house, old = house_of(request), session_here(request)
    if old is not None:
        end_session(house.store, old.digest)
    on = safe_next(address)
    response = RedirectResponse(on, SEE_OTHER)
    if not entered.complete:
        url = request.url_for("code_form").include_query_params(next=on)
        response = RedirectResponse(f"{url.path}?{url.query}", SEE_OTHER)
    set_session(response, house.settings, entered.secret)
    return response


def _sign_in_page(request: Request, form: Form, next_: str, status: int = 200) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    oidc = house.settings.oidc_name or urlsplit(house.settings.oidc_issuer).hostname or ""
    file = house.settings.data / "sample-accounts.txt"
    samples = str(file) if samples_may_enter(house.settings) and file.is_file() else ""
    context = SignInContext(form, safe_next(next_), oidc, samples)
    return render(request, "accounts/sign_in.html", Page(t("signin.title")), context, status)


@router.get("/sign-in/code")
def code_form(request: Request) -> Response:
    """Ask for the code of the second factor."""
    if _half_of(request) is None:
        return RedirectResponse("/sign-in", SEE_OTHER)
    return _code_page(request, Form(), request.query_params.get("next", ""))


@router.post("/sign-in/code")
def entering_code(request: Request, code: Text = "", next: Text = "") -> Response:  # noqa: A002 - the field's name
    """Take the code, and go on."""
    house, t, half = house_of(request), words_of(request), _half_of(request)
    if half is None:
        return RedirectResponse("/sign-in", SEE_OTHER)
    try:
        owner = _owner(house, half)
        secret = enter_code(house.store, half, owner, code, caller_of(request))
    except Invalid as error:
        return _code_page(request, refused(t, error, {}, ["code"]), next, error.status)
    response = RedirectResponse(safe_next(next), SEE_OTHER)
    set_session(response, house.settings, secret)
    return response


def _half_of(request: Request) -> Session | None:
    session = session_here(request)
    return session if session is not None and not session.complete else None


def _owner(house: House, session: Session) -> Account:
    with house.store.read() as connection:
        return account(connection, session.account_id, EVERYWHERE)


def _code_page(request: Request, form: Form, next_: str, status: int = 200) -> HTMLResponse:
    page = Page(words_of(request)("signin.code_title"))
    context = CodeContext(form, safe_next(next_))
    return render(request, "accounts/code.html", page, context, status)


@router.post("/sign-out")
def signing_out(request: Request) -> Response:
    """End the session."""
    house, session = house_of(request), session_here(request)
    if session is not None:
        end_session(house.store, session.digest)
    response = RedirectResponse("/", SEE_OTHER)
    drop_session(response, house.settings)
    return response


@router.get("/welcome/{token}")
def welcome(request: Request, token: str) -> HTMLResponse:
    """Ask who has a one-time link for a password."""
    return _welcome_page(request, token, Form())


@router.post("/welcome/{token}")
def welcoming(request: Request, token: str, password: Text = "", again: Text = "") -> Response:
    """Set the password, use the link up, and sign in."""
    house, t = house_of(request), words_of(request)
    owner = _of_link(house, token)
    try:
        check_new_password(password, again, owner.login, owner.name)
    except Invalid as error:
        form = refused(t, error, {}, ["again"])
        return _welcome_page(request, token, form, error.status)
    now = house.clock.now()
    with house.store.begin() as work:
        if not use_link(work.connection, token):
            raise NotFound("this link was used, or is too old", code="signin.link")
        set_password(work.connection, owner.id, password, now)
        # Who lost the phone gets in with the link, and sets up a new second factor.
        set_second_factor(work.connection, owner.id, None)
    fresh = _of_account(house, owner)
    note_sign_in(house.store, fresh, "link", caller_of(request))
    return entered_with(request, enter(house.store, fresh, caller_of(request)), "/account")


def _of_link(house: House, token: str) -> Account:
    account_id = link_owner(house.store, token)
    with house.store.read() as connection:
        return account(connection, account_id, EVERYWHERE)


def _of_account(house: House, owner: Account) -> Account:
    with house.store.read() as connection:
        return account(connection, owner.id, EVERYWHERE)


def _welcome_page(request: Request, token: str, form: Form, status: int = 200) -> HTMLResponse:
    owner = _of_link(house_of(request), token)
    context = WelcomeContext(form, owner.login, MIN_PASSWORD, MAX_PASSWORD)
    page = Page(words_of(request)("welcome.title"))
    return render(request, "accounts/welcome.html", page, context, status)
