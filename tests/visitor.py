"""A client that talks to the application in this process."""

import warnings

from starlette.exceptions import StarletteDeprecationWarning

from longmai.app import create_app
from longmai.portal.accounts.first import desk_of_operator
from longmai.portal.accounts.queries import Account, account
from longmai.portal.accounts.service import NewAccount, give_post, open_account
from longmai.portal.accounts.sessions import Caller, enter
from longmai.portal.accounts.tokens import TokenWish, make_token
from longmai.portal.accounts.visiting import Shown, cookie_name, visitor_for
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE, PURPOSES_OF, Grant

with warnings.catch_warnings():
    # Starlette asks for httpx's successor, which is not in the lock; httpx works.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient as TestClient  # noqa: PLC0414 - for others to import

LOOPBACK = "127.0.0.1"


def visitor(house: House, peer: str = LOOPBACK, **headers: str) -> TestClient:
    """Return a client of a house; the server sees the peer's address and the headers."""
    app = create_app(house)
    base = f"http://{LOOPBACK}"
    return TestClient(
        app,
        base_url=base,
        client=(peer, 5000),
        headers=headers,
        raise_server_exceptions=False,
    )


def account_with(
    house: House, *grants: Grant, login: str = "somebody", region: str = ""
) -> Account:
    """Open an account that holds these grants; it is signed in to by ``signed_in``."""
    with house.store.begin() as work:
        desk = desk_of_operator(house, work)
        opened = open_account(
            desk, NewAccount(login, f"某人 {login}", region or house.regions.code)
        )
        for grant in grants:
            give_post(desk, opened, grant)
        return account(work.connection, opened, EVERYWHERE)


def signed_in(house: House, who: Account, *, strong: bool = True, **headers: str) -> TestClient:
    """Return a client with a session of an account, as its browser would come back."""
    told = {"Origin": f"http://{LOOPBACK}", "Accept": "text/html"} | headers
    client = visitor(house, **told)
    entered = enter(house.store, who, Caller(LOOPBACK, "test"), strong=strong)
    client.cookies.set(cookie_name(house.settings), entered.secret.text)
    return client


def holder(
    house: House, role: str, region: str = "", login: str = "somebody", **headers: str
) -> TestClient:
    """Return a client signed in as somebody who holds a role, for its first purpose."""
    where = region or house.regions.code
    grant = Grant(role, where, PURPOSES_OF[role][0])
    return signed_in(house, account_with(house, grant, login=login), strong=True, **headers)


def token_for(house: House, scope: str, role: str, login: str = "program") -> str:
    """Return an API token of an account that holds a role, limited to permissions."""
    who = account_with(house, Grant(role, house.regions.code, PURPOSES_OF[role][0]), login=login)
    with house.store.begin() as work:
        known = visitor_for(house, Shown(who.id, strong=True))
        return make_token(
            work, known, TokenWish("a test", scope.split(), 30), house.clock.now()
        ).text
