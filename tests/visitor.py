"""A client that talks to the application in this process."""

import warnings

from starlette.exceptions import StarletteDeprecationWarning

from longmai.app import create_app
from longmai.portal.house import House

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
