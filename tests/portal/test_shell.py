"""The portal's shell: languages, errors, headers, doors and static files."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from tests.house import opened_house
from tests.visitor import TestClient, visitor

from longmai.portal.guard import MAX_BODY_BYTES
from longmai.portal.house import House
from longmai.portal.paging import MAX_SIZE, paging_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A visitor without wishes."""
    return visitor(house)


def test_the_language_is_kept_in_a_cookie(client: TestClient) -> None:
    """By query, then by cookie; the browser's wish comes last."""
    assert client.get("/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "en"
    assert client.get("/").headers["Content-Language"] == "zh-CN"
    assert client.get("/?lang=en").headers["Content-Language"] == "en"
    wish = {"Accept-Language": "zh"}
    assert client.get("/", headers=wish).headers["Content-Language"] == "en"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/nowhere", 404), ("POST", "/", 405), ("GET", "/01/1", 422)],
)
def test_errors_are_pages(
    client: TestClient, language: str, method: str, address: str, status: int
) -> None:
    """In words of the language, with the status and the security headers."""
    answer = client.request(method, address, params={"lang": language})
    assert answer.status_code == status
    assert "<h1" in answer.text
    assert answer.headers["Content-Language"].startswith(language)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "address", ["/", "/ledger", "/brand/batches", "/sign-in", "/api/v1/ledger/key"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, address: str) -> None:
    """No inline script, no frame, no guessing of types."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_live_cells_are_doors_that_open(client: TestClient, house: House) -> None:
    """Every cell's address answers 200 and stands on the first page."""
    text = client.get("/").text
    for domain in house.domains:
        for address in domain.cells.values():
            assert f'href="{address}"' in text
            assert client.get(address).status_code == 200


@given(st.text(max_size=12), st.text(max_size=12), st.integers(0, 10**6))
def test_paging_stays_in_bounds(page: str, size: str, total: int) -> None:
    """Whatever is asked for, the page lies within the list."""
    query = urlencode({"page": page, "size": size}, errors="replace").encode()
    found = paging_of(Request({"type": "http", "query_string": query, "headers": []}), total)
    assert 1 <= found.size <= MAX_SIZE
    assert 1 <= found.page <= found.pages
    assert 0 <= found.offset <= total


@pytest.mark.parametrize("address", ["/brand/capture", "/api/v1/epcis/capture"])
def test_a_body_that_announces_too_much_is_refused_unread(client: TestClient, address: str) -> None:
    """413, before a byte of it is kept."""
    announced = {"Content-Length": str(MAX_BODY_BYTES + 1)}
    answer = client.post(address, content=b"{}", headers=announced)
    assert answer.status_code == 413


def test_a_field_lists_its_rooms(client: TestClient) -> None:
    """Each room has its name, what is done there and a way in; a field without any has no page."""
    for slug, rooms in (
        ("livelihood", ("/livelihood/hours", "/livelihood/cases")),
        ("assets", ("/assets/meetings",)),
    ):
        assert f'href="/fields/{slug}"' in client.get("/").text
        shown = client.get(f"/fields/{slug}").text
        assert all(f'href="{room}"' in shown for room in rooms)
    assert client.get("/fields/nowhere").status_code == 404
