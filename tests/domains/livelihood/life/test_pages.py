"""The citizen's pages over HTTP: nothing of an answer stays anywhere."""

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select
from tests.house import opened_house
from tests.visitor import TestClient, visitor

from longmai.portal.house import House
from longmai.store.database import metadata

ASK = "/livelihood/ask"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A visitor without an account."""
    return visitor(house)


def fields(text: str) -> list[tuple[str, str]]:
    """Return the hidden fields of a page."""
    return re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)


def rows(house: House) -> dict[str, int]:
    """Count the rows of every table."""
    with house.store.read() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def answered(client: TestClient, text: str, **more: str) -> str:
    """Send a page's form back with answers."""
    data: dict[str, list[str]] = {}
    for name, value in [*fields(text), *more.items()]:
        data.setdefault(name, []).append(value)
    response = client.post(ASK, data=data)
    assert str(response.url).endswith(ASK)
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.text)


def test_nothing_of_an_answer_is_kept(
    house: House, client: TestClient, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """No row, no cookie, no log line, no file, no address."""
    before = rows(house)
    caplog.set_level(logging.DEBUG)
    text = client.post(ASK, data={"members": "2", "region": "620102"}).text
    mark = "1987-06-05"
    text = answered(client, text, **{"a.1.出生日期": mark, "a.2.出生日期": mark, "n.1": "陇标记"})
    assert mark in text
    for _ in range(30):
        if "ask-title" not in text:
            break
        text = answered(client, text, skip="1")
    assert "陇标记" in text
    pdf = client.post(f"{ASK}/answer.pdf", data=dict(fields(text)))
    assert len(PdfReader(BytesIO(pdf.content)).pages) >= 1
    assert rows(house) == before
    assert client.cookies.get("longmai_session") is None
    assert all(mark not in each.getMessage() for each in caplog.records)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            assert mark.encode() not in body
            assert "陇标记".encode() not in body


def test_an_answer_that_does_not_fit_is_asked_again_beside_the_others(client: TestClient) -> None:
    """With words at its field; what was right is kept."""
    text = client.post(ASK, data={"members": "2"}).text
    data = dict(fields(text)) | {"a.1.出生日期": "1990-01-01", "a.2.出生日期": "去年"}
    response = client.post(ASK, data=data)
    assert response.status_code == 422
    assert "日期写得不对" in response.text
    assert 'value="1990-01-01"' in response.text


def test_one_can_go_back_and_change(client: TestClient) -> None:
    """The question before is put again; a change from the answer page, too."""
    first = client.post(ASK, data={"members": "1"}).text
    second = answered(client, first, **{"a.1.出生日期": "1990-01-01"})
    assert "出生" not in second.split("ask-title")[1][:60]
    back = answered(client, second, back="1")
    assert "哪天出生" in back
    end = answered(client, second, end="1")
    assert "您答的情况" in end
    assert "哪天出生" in answered(client, end, change="出生日期")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", [ASK, "/livelihood/life", "/livelihood/life?region=620100000000"])
def test_the_pages_open_without_an_account(client: TestClient, path: str, language: str) -> None:
    """In both languages."""
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    assert "<h1" in response.text


def test_odd_forms_are_read_as_far_as_they_go(client: TestClient) -> None:
    """Whatever a browser sends, the page comes, or says what is wrong."""
    for data in (
        {"members": "999"},
        {"members": "x", "a.9.出生日期": "1990-01-01"},
        {"asked": "?"},
    ):
        assert client.post(ASK, data=data).status_code == 200
    assert client.post(ASK, data={"members": "1", "region": "abc"}).status_code == 422
