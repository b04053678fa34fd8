"""Who may write before accounts exist: this machine, or who has the token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import opened_house
from tests.visitor import TestClient, visitor

from longmai.portal.house import House

WRITE = "/ledger/audit"
TOKEN = "a-token-of-the-test"  # noqa: S105 - of the test


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house with a token."""
    with opened_house(tmp_path, capture_token=TOKEN) as opened:
        yield opened


def status(client: TestClient, **headers: str) -> int:
    """Try to write."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return int(client.post(WRITE, headers=named, follow_redirects=False).status_code)


def test_this_machine_may(house: House) -> None:
    """A person at it, and its own pages."""
    assert status(visitor(house)) == 303
    assert status(visitor(house), Sec_Fetch_Site="same-origin") == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Host": "rebound.example"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X_Real_IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X_Forwarded_Host": "public.example"},
        {"X_Forwarded_Proto": "https"},
    ],
)
def test_a_strange_page_or_a_proxy_may_not(house: House, headers: dict[str, str]) -> None:
    """CSRF, DNS rebinding, and guests of a proxy on this machine."""
    assert status(visitor(house), **headers) == 403


def test_a_house_with_a_public_address_asks_for_the_token(tmp_path: Path) -> None:
    """A proxy that marks nothing would make everybody look local."""
    with opened_house(tmp_path, public_url="https://county.example", capture_token=TOKEN) as house:
        assert status(visitor(house)) == 403
        assert status(visitor(house), Authorization=f"Bearer {TOKEN}") == 303
    with opened_house(tmp_path, host="0.0.0.0", capture_token=TOKEN) as house:  # noqa: S104 - not bound
        assert status(visitor(house)) == 303


@pytest.mark.parametrize("given", [TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer ", "Bearer other"])
def test_the_token_is_a_bearer_token(house: House, given: str) -> None:
    """As it is, in its scheme, from anywhere."""
    far = visitor(house, "192.0.2.7")
    assert status(far, Authorization=given) == 403
    assert status(far, Authorization=f"Bearer {TOKEN}") == 303


def test_without_a_token_nobody_far_may(tmp_path: Path) -> None:
    """An empty setting is no password."""
    with opened_house(tmp_path) as house:
        assert status(visitor(house, "192.0.2.7"), Authorization="Bearer ") == 403
