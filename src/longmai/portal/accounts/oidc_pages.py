"""Signing in with an outside provider: off to it, and back."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from longmai.kernel.errors import Forbidden, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.accounts.credentials import account_of_identity, tie_identity
from longmai.portal.accounts.oidc import FLOW_HOLDS, Identity, begin, finish
from longmai.portal.accounts.own_pages import Person
from longmai.portal.accounts.queries import Account, account
from longmai.portal.accounts.service import Desk, NewAccount, give_post, open_account
from longmai.portal.accounts.sessions import enter
from longmai.portal.accounts.sign_in_pages import SEE_OTHER, entered_with, safe_next
from longmai.portal.accounts.visiting import caller_of, operator
from longmai.portal.house import House, house_of
from longmai.portal.rights.gates import OPEN
from longmai.portal.rights.model import EVERYWHERE, PURPOSES_OF, Grant

router = APIRouter(include_in_schema=False)

_COOKIE = "longmai_oidc"
_BACK = "/sign-in/oidc/back"


@router.get("/sign-in/oidc", dependencies=[OPEN])
def leave(request: Request) -> Response:
    """Send the browser to the provider."""
    return _begin(request, safe_next(request.query_params.get("next", "")))


@router.get("/account/identity")
def tie(request: Request, visitor: Person) -> Response:
    """Send the browser to the provider, to tie who comes back to the account signed in."""
    del visitor
    return _begin(request, "/account", tying=True)


def _begin(request: Request, back: str, *, tying: bool = False) -> Response:
    house = house_of(request)
    if not house.settings.oidc_issuer:
        raise NotFound("this house has no sign-in provider", code="signin.no_provider")
    account_id = request.state.visitor.account_id if tying else None
    begun = begin(house, back, _redirect(house), account_id)
    response = RedirectResponse(begun.address, SEE_OTHER)
    # The state must come back in the browser it was given to (login CSRF).
    response.set_cookie(
        _COOKIE,
        begun.state,
        max_age=int(FLOW_HOLDS.total_seconds()),
        path=_BACK,
        secure=house.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(_BACK, dependencies=[OPEN])
def back(request: Request, state: str = "", code: str = "") -> Response:
    """Take who comes back, and sign them in."""
    house = house_of(request)
    if not state or not code or request.cookies.get(_COOKIE) != state:
        raise Forbidden(
            "the sign-in did not begin in this browser",
            code="signin.oidc",
            mend="begin to sign in again",
        )
    identity = finish(house, state, code, _redirect(house))
    owner = _owner(house, identity)
    entered = enter(house.store, owner, caller_of(request), strong=identity.second_factor)
    response = entered_with(request, entered, identity.back)
    response.delete_cookie(_COOKIE, path=_BACK)
    return response


def _redirect(house: House) -> str:
    return f"{house.settings.public_url}{_BACK}"


def _owner(house: House, identity: Identity) -> Account:
    with house.store.begin() as work:
        known = account_of_identity(work.connection, identity.issuer, identity.subject)
        wanted = identity.account_id
        if wanted is not None and known not in {None, wanted}:
            raise Forbidden("this identity belongs to another account", code="signin.tied")
        owner = wanted or known
        if owner is None:
            if not house.settings.oidc_opens:
                raise Forbidden(
                    "nobody here is known by this identity",
                    code="signin.unknown",
                    mend="ask the administrator for an account, sign in with its password, "
                    "and tie the identity under 'My account'",
                )
            desk = Desk(work, operator(house), house.regions, house.clock.now())
            owner = open_account(
                desk, NewAccount(f"u-{new_id().hex[-12:]}", identity.name, house.regions.code)
            )
            role = house.settings.oidc_opens
            give_post(desk, owner, Grant(role, house.regions.code, PURPOSES_OF[role][0]))
        tie_identity(work.connection, owner, identity.issuer, identity.subject)
        found = account(work.connection, owner, EVERYWHERE)
        if not found.open:
            raise Forbidden("the account is closed", code="signin.closed")
    return found
