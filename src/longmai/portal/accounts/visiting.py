"""Who sends a request: by its API token, else by the session its cookie names."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.kernel.settings import Settings
from longmai.portal.accounts.acts import subject_of
from longmai.portal.accounts.credentials import Secret
from longmai.portal.accounts.queries import account
from longmai.portal.accounts.sessions import SESSION_HOLDS, Caller, Session, session_of
from longmai.portal.accounts.tokens import token_of
from longmai.portal.house import House, house_of
from longmai.portal.rates import is_loopback
from longmai.portal.rights.model import ADMINISTRATORS, EVERYWHERE, Grant
from longmai.portal.rights.visitor import SignInNeeded, Visitor

SAMPLE_ACTOR = "sample"
"""The actor under which domains load their sample data."""


@dataclass(frozen=True)
class Shown:
    """What a request showed of its sender."""

    account_id: UUID
    strong: bool
    limited_to: frozenset[str] | None = None
    session: bytes | None = None


def find_visitor(request: Request) -> Visitor:
    """Return who sends a request.

    Raises:
        SignInNeeded: it carries a token that does not hold.
    """
    house = house_of(request)
    shown = _shown(request, house)
    return nobody(house) if shown is None else visitor_for(house, shown)


def nobody(house: House) -> Visitor:
    """Return the visitor of whom nothing is known."""
    return Visitor("visitor", house.policy, beijing_day(house.clock.now()))


def operator(house: House) -> Visitor:
    """Return who runs commands at the machine itself, and holds its files."""
    return Visitor("operator", house.policy, beijing_day(house.clock.now()), everything=EVERYWHERE)


def sampler(house: House, mark: str = "", name: str = "", at: datetime | None = None) -> Visitor:
    """Return who loads sample data: records made by it are sample records, and say so.

    Args:
        house: that is given a sample.
        mark: tells one made-up official from another, where an act takes two.
        name: shown of it.
        at: when it acts; None: now.
    """
    return Visitor(
        SAMPLE_ACTOR + mark,
        house.policy,
        beijing_day(at or house.clock.now()),
        name=name,
        everything=EVERYWHERE,
    )


def is_sampler(actor: object) -> bool:
    """Tell whether an actor of a record loaded it as sample data.

    >>> is_sampler("sample"), is_sampler("sample-2"), is_sampler("operator")
    (True, True, False)
    """
    return str(actor).partition("-")[0] == SAMPLE_ACTOR


def visitor_for(house: House, shown: Shown) -> Visitor:
    """Return the visitor of an account; nobody, if it is closed or may not be used here."""
    try:
        with house.store.read() as connection:
            found = account(connection, shown.account_id, EVERYWHERE)
    except NotFound:  # erased by law, while a session of it was open
        return nobody(house)
    if not found.open or (found.sample and not samples_may_enter(house.settings)):
        return nobody(house)
    grants = [held.grant for held in found.posts]
    waiting = [] if shown.strong or found.sample else _waiting(grants, house.settings)
    return Visitor(
        actor=subject_of(found.id),
        policy=house.policy,
        day=beijing_day(house.clock.now()),
        grants=[grant for grant in grants if grant not in waiting],
        account_id=found.id,
        login=found.login,
        name=found.name,
        limited_to=shown.limited_to,
        withheld=waiting,
        strong=shown.strong,
        session=shown.session,
    )


def samples_may_enter(settings: Settings) -> bool:
    """Tell whether sample accounts can be used: only where the house shows itself to no others."""
    host = urlsplit(settings.public_url).hostname or ""
    return host == "localhost" or is_loopback(host)


def _waiting(grants: list[Grant], settings: Settings) -> list[Grant]:
    # An administrator's posts count only with a second factor.
    match settings.second_factor:
        case "everyone":
            return grants
        case "administrators":
            return [grant for grant in grants if grant.role in ADMINISTRATORS]
    return []


def _shown(request: Request, house: House) -> Shown | None:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme:
        # Who sends a token is never also known by a cookie: a page elsewhere cannot add one.
        token = token_of(house.store, text.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise SignInNeeded(
                "the token does not hold", code="token.wrong", mend="make a new one in your account"
            )
        return Shown(token.account_id, token.strong, frozenset(token.scopes))
    session = session_here(request)
    if session is None or not session.complete:
        return None
    return Shown(session.account_id, session.strong, session=session.digest)


def session_here(request: Request) -> Session | None:
    """Return the session that a request's cookie names, half-open ones too."""
    house = house_of(request)
    text = request.cookies.get(cookie_name(house.settings))
    return session_of(house.store, text) if text else None


def caller_of(request: Request) -> Caller:
    """Return from where a request comes."""
    peer = request.client.host if request.client else ""
    return Caller(peer, request.headers.get("user-agent", ""))


def cookie_name(settings: Settings) -> str:
    """Return the name of the session's cookie: one that browsers protect where there is TLS."""
    return "__Host-longmai" if _secure(settings) else "longmai_session"


def set_session(response: Response, settings: Settings, secret: Secret) -> None:
    """Have a browser remember a session."""
    response.set_cookie(
        cookie_name(settings),
        secret.text,
        max_age=int(SESSION_HOLDS.total_seconds()),
        path="/",
        secure=_secure(settings),
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, settings: Settings) -> None:
    """Have a browser forget its session, and what it kept of pages."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=_secure(settings), httponly=True, samesite="lax"
    )
    response.headers["Clear-Site-Data"] = '"cache"'


def _secure(settings: Settings) -> bool:
    return urlsplit(settings.public_url).scheme == "https"
