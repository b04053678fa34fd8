"""What is sent from a page elsewhere is refused (CSRF), whoever is signed in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import opened_house
from tests.visitor import TestClient, holder, token_for, visitor

from longmai.portal import guard
from longmai.portal.house import House

WRITE = "/ledger/audit"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


def status(client: TestClient, **headers: str) -> int:
    """Try to write."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return int(client.post(WRITE, headers=named, follow_redirects=False).status_code)


@pytest.mark.parametrize(
    "headers", [{}, {"Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "none"}]
)
def test_pages_of_this_house_may(house: House, headers: dict[str, str]) -> None:
    """A browser says that the form came from here."""
    assert status(holder(house, "admin_system"), **headers) == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "rebound.example"},
    ],
)
def test_a_page_elsewhere_may_not(house: House, headers: dict[str, str]) -> None:
    """Not even in the browser of who may."""
    client = holder(house, "admin_system")
    assert status(client, **headers) == 403
    assert house.jobs.jobs(0, 1)[1] == 0


def test_a_session_must_say_where_it_writes_from(house: House) -> None:
    """A browser that says nothing is too old to be trusted with a session."""
    client = holder(house, "admin_system")
    del client.headers["Origin"]
    assert status(client) == 403


def test_a_house_behind_a_proxy_knows_its_public_name(tmp_path: Path) -> None:
    """The proxy may hand on another host."""
    with opened_house(tmp_path, public_url="https://county.example") as house:
        client = holder(house, "admin_system", Origin="https://county.example")
        client.base_url = "https://127.0.0.1"
        assert status(client) == 303


def test_programs_send_a_token_from_anywhere(house: House) -> None:
    """Nothing that a page elsewhere can make a browser send."""
    token = token_for(house, "ledger.audit", "admin_system")
    far = visitor(house, "192.0.2.7")
    assert status(far, Authorization=f"Bearer {token}", Origin="https://evil.example") == 303
    for given in (token, f"Basic {token}", "Bearer", "Bearer lm_other"):
        assert status(far, Authorization=given) == 401
    assert status(far) == 401


def test_a_token_is_not_helped_by_a_cookie(house: House) -> None:
    """Who sends a wrong token is nobody, whatever the cookie says."""
    client = holder(house, "admin_system")
    assert status(client, Authorization="Bearer lm_wrong") == 401


def test_only_a_path_that_asked_for_room_takes_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Announced or not; elsewhere the same body is refused before it is read."""
    monkeypatch.setattr(guard, "MAX_BODY_BYTES", 1000)
    client = visitor(house)
    body, headers = b" " * 1001, {"Content-Type": "application/json"}
    for path, answers in (("/epcis/capture", {401}), ("/epcis/events", {413}), ("/sign-in", {413})):
        assert client.post(path, content=body, headers=headers).status_code in answers
